"""The two distributions, each built and installed alone in an empty environment, used outside the checkout."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from hanging import HANGS

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
DOCUMENT = """openapi: 3.1.0
info: {title: Pets API, version: "1"}
paths: {/pets: {get: {operationId: pets.list, responses: {"200": {description: ok}}}}}
"""


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=HANGS, check=False)


def installed(source: Path, folder: Path) -> Path:
    """The `bin` of a new environment that holds the wheel of a source folder and what it requires, nothing else."""
    copy = folder / "source"
    shutil.copytree(
        source, copy, ignore=shutil.ignore_patterns(".git", ".venv*", ".*_cache", "__pycache__", "generated", "tests")
    )
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist", cwd=copy)
    assert built.returncode == 0, built.stderr
    shutil.rmtree(copy)
    venv.create(folder / "env")
    (wheel,) = (folder / "dist").iterdir()
    pip = (sys.executable, "-m", "pip", "--python", folder / "env/bin/python", "--disable-pip-version-check")
    done = run(*pip, "install", "--quiet", "--no-compile", wheel, cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "env/bin"


@pytest.fixture(scope="module")
def replikit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(ROOT / "generated/python", tmp_path_factory.mktemp("replikit"))


@pytest.fixture(scope="module")
def surfacegen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installed(ROOT, tmp_path_factory.mktemp("surfacegen"))


def test_the_client_stands_alone(replikit: Path, tmp_path: Path) -> None:
    imported = run(replikit / "python", "-W", "error", "-c", "import replikit; print(replikit.Replicate)", cwd=tmp_path)
    assert (imported.returncode, imported.stdout) == (0, "<class 'replikit.client.Replicate'>\n"), imported.stderr
    version = run(replikit / "replikit", "--version", cwd=tmp_path)
    assert version.returncode == 0, version.stderr
    assert version.stdout.startswith("replikit"), version.stdout


@pytest.mark.parametrize(
    ("words", "extra"),
    [
        (["models", "list"], "cli"),
        (["mcp", "serve"], "mcp"),
        (["lua", "run", "-e", "return 1"], "lua"),
    ],
)
def test_a_missing_extra_is_named(replikit: Path, tmp_path: Path, words: list[str], extra: str) -> None:
    done = run(replikit / "replikit", *words, cwd=tmp_path)
    assert done.returncode != 0
    assert f"pip install 'replikit[{extra}]'" in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_generator_stands_alone(surfacegen: Path, tmp_path: Path) -> None:
    (tmp_path / "pets.yaml").write_text(DOCUMENT, "utf-8")
    done = run(surfacegen / "surfacegen", "generate", "--openapi", "pets.yaml", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    imported = run(surfacegen / "python", "-c", "import surfacegen; print(surfacegen.__name__)", cwd=tmp_path)
    assert imported.stdout == "surfacegen\n", imported.stderr
    assert (tmp_path / "out/python/pets_kit/client.py").is_file()
    assert (tmp_path / "out/docs/pages/functions/list_pets.md").is_file()
