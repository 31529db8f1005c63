"""Hand-written files for any document: what the client inherits, a guide, a seed; no catalog is needed for it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from generator import cli
from generator.errors import SpecError
from generator.read import hand_written

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Pets", "version": "1"},
    "servers": [{"url": "https://pets.example"}],
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "ok"}}}}},
}
INIT = """
from .aio.greeting import Greeting as AsyncClientExtensions
from .sync.greeting import Greeting as ClientExtensions

__all__ = ["AsyncClientExtensions", "ClientExtensions", "GREETING"]

GREETING = "hello"
SHARED = ("greet",)
"""
GREETING = '''"""Greets."""

from __future__ import annotations


class Greeting:
    """What both clients have."""

    async def greet(self, name: str) -> str:
        """Greets."""
        return "hello " + name
'''


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "api.json").write_text(json.dumps(DOCUMENT))
    for path, text in {
        "own/__init__.py": INIT,
        "own/aio/__init__.py": "",
        "own/aio/greeting.py": GREETING,
        "own/docs/moving.md": "# Moving in\n\nSee [it](#list_pets).\n",
    }.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def generate(*more: str) -> int:
    return cli.main(["generate", "--openapi", "api.json", "--extensions", "own", "--out", "out", *more])


def test_a_document_alone_has_them_too(folder: Path) -> None:
    surfaces = ("--surface", "docs", "--surface", "python")
    assert generate(*surfaces) == 0
    assert (folder / "out/docs/pages/guides/moving.md").read_text().count("Moving in")
    script = (
        "import asyncio, pets_kit as pets\n"
        "print(pets.Pets().greet('Ada'), asyncio.run(pets.AsyncPets().greet('Bob')), pets.GREETING, pets.greet('Eve'))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=False, cwd=folder / "out/python", capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("hello Ada hello Bob hello hello Eve\n", "")


def test_they_are_part_of_the_digest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert generate("--surface", "python") == 0
    assert generate("--surface", "python") == 0
    assert "nothing to do" in capsys.readouterr().out
    (folder / "own/aio/greeting.py").write_text(GREETING.replace("hello", "goodbye"))
    assert generate("--surface", "python") == 0
    assert "nothing to do" not in capsys.readouterr().out
    assert "goodbye" in (folder / "out/python/pets_kit/extensions/sync/greeting.py").read_text()


def test_guides_alone_need_no_code(folder: Path) -> None:
    (folder / "own/__init__.py").unlink()
    assert generate("--surface", "python") == 0
    assert "Extensions" not in (folder / "out/python/pets_kit/client.py").read_text()


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        (
            "own/__init__.py",
            "class ClientExtensions: ...\n",
            "own/__init__.py:1:1: does not define AsyncClientExtensions",
        ),
        ("own/__init__.py", "x = (\n", "own/__init__.py:1:5: is not Python: "),
        ("own/docs/moving.md", "no title\n", "own/docs/moving.md:1:1: a guide must begin with a title"),
    ],
)
def test_what_is_wrong_with_them_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], path: str, content: str, message: str
) -> None:
    (folder / path).write_text(content)
    assert generate() == 1
    assert message in capsys.readouterr().err
    assert not (folder / "out").exists()


def test_modules_without_a_first_one_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "own/__init__.py").rename(folder / "own/more.py")
    assert generate() == 1
    assert "own: contains modules but no __init__.py" in capsys.readouterr().err


def test_no_such_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate", "--openapi", "api.json", "--extensions", "none", "--out", "out"]) == 1
    assert "--extensions: none is not a folder" in capsys.readouterr().err


def test_the_first_module_is_read_and_never_run(tmp_path: Path) -> None:
    """Whichever way Python binds a name, and each list as it is written; what is none is told at its place."""
    first = tmp_path / "__init__.py"
    for text in (
        "class ClientExtensions: ...\nclass AsyncClientExtensions: ...",
        "import a as ClientExtensions, b as AsyncClientExtensions",
        "from a import ClientExtensions, b as AsyncClientExtensions",
        "ClientExtensions = AsyncClientExtensions = object",
        "(ClientExtensions, [AsyncClientExtensions]) = 1, [2]",
        "ClientExtensions: type = object\nAsyncClientExtensions: type = object",
    ):
        first.write_text(text, "utf-8")
        hand_written.check(tmp_path, ("__init__.py",))
    hand_written.check(tmp_path, ())
    for text, message in (
        ("class ClientExtensions: ...", "__init__.py:1:1: does not define AsyncClientExtensions"),
        ("x = 1", "__init__.py:1:1: does not define AsyncClientExtensions or ClientExtensions"),
        ("x = 1\nif x", "__init__.py:2:5: is not Python"),
        ("x = 1\n\0", "__init__.py:1:1: is not Python: source code string cannot contain null bytes"),
    ):
        first.write_text(text, "utf-8")
        with pytest.raises(SpecError) as caught:
            hand_written.check(tmp_path, ("__init__.py",))
        assert message in str(caught.value)
    with pytest.raises(SpecError, match=r"contains modules but no __init__\.py"):
        hand_written.check(tmp_path, ("other.py",))
    first.write_text('__all__ = ["b", "a"]\nSHARED = ("c",)\nelse_ = [1]\na.b = 2', "utf-8")
    assert hand_written.names(first) == {"__all__": ("b", "a"), "SHARED": ("c",)}
    for value in ("names()", "3", "[1]", '["a b"]', '{"a"}'):
        first.write_text(f"x = 1\n__all__ = {value}", "utf-8")
        with pytest.raises(SpecError, match=r"__init__\.py:2:11: __all__ must be a list of names"):
            hand_written.names(first)
