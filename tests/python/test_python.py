"""The generated Python client of the real API: all functions there, importable, clean, and every example sendable."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
INPUTS = pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml", ROOT / "spec/extensions")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    pipeline.generate(INPUTS, out, ("python",))
    return out / "python"


@pytest.fixture(scope="module")
def package(folder: Path) -> Iterator[Any]:
    former = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "replikit"}
    for name in former:
        del sys.modules[name]
    sys.path.insert(0, str(folder))
    yield importlib.import_module("replikit")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.split(".")[0] == "replikit"]:
        del sys.modules[name]
    sys.modules.update(former)


def test_every_function_is_a_method_of_both_clients(package: Any) -> None:
    api = pipeline.load(INPUTS)
    assert len(api.functions) == 37
    for made in (package.Replicate("t"), package.AsyncReplicate("t")):
        for function in api.functions:
            at = made
            for step in function.group.split(".") if function.group else ():
                at = getattr(at, step)
            assert callable(getattr(at, "_".join(function.verb)))


def test_every_example_can_be_sent(package: Any) -> None:
    operations = importlib.import_module("replikit.operations").OPERATIONS
    client = package.Replicate("t", base_url="http://127.0.0.1:1")
    api = pipeline.load(INPUTS)
    assert set(operations) == {function.name for function in api.functions}
    for function in api.functions:
        for example in function.examples:
            prepared = client.prepare(operations[function.name], example.arguments)
            assert prepared.method == function.method and prepared.url.startswith("http://127.0.0.1:1/")


def test_importing_the_package_imports_no_http_library(folder: Path) -> None:
    code = "import sys, replikit; assert 'httpx' not in sys.modules and 'ssl' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=folder, check=True)


@pytest.mark.parametrize(
    "command",
    [("mypy", "--strict", "--no-error-summary"), ("pyright", "--pythonpath", sys.executable), ("ruff", "check", "-q")],
    ids=lambda command: command[0],
)
def test_our_code_is_clean(command: tuple[str, ...]) -> None:
    """What is generated, the runtime under it, and the generator itself."""
    parts = ["generator", "generated/python/replikit"]
    done = subprocess.run([sys.executable, "-m", *command, *parts], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_whole_and_streamed_answers_of_every_function(package: Any) -> None:
    api = pipeline.load(INPUTS)
    for made in (package.Replicate("t"), package.AsyncReplicate("t")):
        for function in api.functions:
            at = made
            for step in function.group.split(".") if function.group else ():
                at = getattr(at, step)
            for same in (at.with_raw_response, at.with_streaming_response):
                assert callable(getattr(same, "_".join(function.verb)))
