"""The page for those who move names every public call of both official clients, and only calls that ours has."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from replikit_package import imported

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "spec/extensions/docs/moving.md"
NAME = re.compile(r"`((?:client|[A-Z]\w*)\.[\w.]+)`")


def rows(anchor: str) -> list[tuple[set[str], set[str]]]:
    """The names in the first two cells of a section's table."""
    section = PAGE.read_text("utf-8").split(f"{{ #{anchor} }}")[1].split("\n## ")[0]
    cells = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return [(set(NAME.findall(first)), set(NAME.findall(second))) for first, second, *_ in cells]


@pytest.mark.parametrize(
    ("anchor", "venv"), [("from-1", ".venv-bench-replicate1"), ("from-2", ".venv-bench-replicate2")]
)
def test_every_call_of_the_official_client_is_named(anchor: str, venv: str) -> None:
    python = ROOT / venv / "bin/python"
    if not python.exists():
        pytest.skip(f"the official client is not running: make {venv}/installed")
    done = subprocess.run(
        [python, ROOT / "tests/peers/dropin_names.py"],
        capture_output=True,
        text=True,
        check=True,
        timeout=HANGS,
        cwd=ROOT,
    )
    theirs = {re.sub(r"\.async_(\w+)$", r".\1", name) for name in done.stdout.split()}
    assert len(theirs) > 40
    named = {name for first, _ in rows(anchor) for name in first}
    assert theirs - named == set(), "the table lacks them"
    assert {re.sub(r"\.aread$", ".read", name) for name in named} - theirs == set(), "it has no such calls"


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.mark.parametrize(
    "name", sorted({name for anchor in ("from-1", "from-2") for _, ours in rows(anchor) for name in ours})
)
def test_every_call_of_ours_is_there(package: Any, name: str) -> None:
    first, *steps = name.split(".")
    for asynchronous in ("", "Async"):
        if first == "client":
            found = getattr(package, f"{asynchronous}Replicate")("t")
        elif first == "Model":
            assert steps == ["owner"] and isinstance(package.types.Model.owner, property)
            return
        elif first == "Prediction":
            found = getattr(package.types, f"{asynchronous}Prediction")
        else:
            found = getattr(package, f"{asynchronous}{first}")
        for step in steps:
            found = getattr(found, step)
        assert callable(found) or isinstance(found, property)


def test_all_functions_are_named() -> None:
    api = import_module("generator.pipeline").load(
        import_module("generator.pipeline").Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml")
    )
    ours = {name for _, names in rows("from-2") for name in names}
    assert {f"client.{f.operation_id}" for f in api.functions} <= ours
