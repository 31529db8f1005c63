"""What templates were compiled to is kept for the next run, and never decides what comes out."""

from __future__ import annotations

import sys
from pathlib import Path

import jinja2
import pytest

from generator.write.compiled import Compiled


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    (tmp_path / "a.jinja").write_text("one {{ x }}")
    return tmp_path


def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, int]:
    """What a run of its own renders, and how many templates it compiles."""
    compiled = Compiled()
    compiled.read(folder)
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(folder), bytecode_cache=compiled)
    compile_, count = environment.compile, []
    monkeypatch.setattr(environment, "compile", lambda *args, **named: count.append(1) or compile_(*args, **named))
    text = environment.get_template("a.jinja").render(x=3)
    compiled.write(folder)
    return text, len(count)


def kept(folder: Path) -> Path:
    [found] = (folder / "__pycache__").iterdir()
    return found


def test_the_next_run_compiles_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [run(folder, monkeypatch) for _ in range(2)] == [("one 3", 1), ("one 3", 0)]


def test_a_template_that_changed_is_compiled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, monkeypatch)
    (folder / "a.jinja").write_text("two {{ x }}")
    assert [run(folder, monkeypatch) for _ in range(2)] == [("two 3", 1), ("two 3", 0)]


@pytest.mark.parametrize("length", [0, 10, 32, 100, -1])
def test_half_a_file_is_left(length: int, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, monkeypatch)
    kept(folder).write_bytes(kept(folder).read_bytes()[:length])
    assert [run(folder, monkeypatch) for _ in range(2)] == [("one 3", 1), ("one 3", 0)]


def test_of_another_version_is_left(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(folder, monkeypatch)
    monkeypatch.setattr(jinja2, "__version__", "0")
    assert run(folder, monkeypatch) == ("one 3", 1)


def test_nothing_is_kept_where_python_keeps_nothing(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert [run(folder, monkeypatch) for _ in range(2)] == [("one 3", 1)] * 2
    assert [path.name for path in folder.iterdir()] == ["a.jinja"]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(sys, "pycache_prefix", str(elsewhere))
    assert [run(folder, monkeypatch) for _ in range(2)] == [("one 3", 1), ("one 3", 0)]
    assert [path.name for path in folder.iterdir()] == ["a.jinja"]


def test_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "__pycache__").write_text("a file")
    assert [run(folder, monkeypatch) for _ in range(2)] == [("one 3", 1)] * 2
