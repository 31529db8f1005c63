"""What reaches the disk: all of a run or nothing, and never a file that is not ours."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from generator.write import comparison, manifest, writer
from generator.write.folder import File, OutputError


def files(**contents: str) -> list[File]:
    return [File(path.replace("__", "/"), text.encode(), "s", f"s/{path}.jinja") for path, text in contents.items()]


def run(out: Path, surfaces: tuple[str, ...] = ("s",), **contents: str) -> writer.Plan:
    return written(out, files(**contents), surfaces)


def written(out: Path, made: list[File], surfaces: tuple[str, ...]) -> writer.Plan:
    with writer.staging(out) as stage:
        for file in made:
            stage.take(file)
        todo = stage.plan({name: {"document": "1"} for name in surfaces})
        stage.commit(todo)
    return todo


def tree(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_writes_compares_and_prunes(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    first = run(out, a="1", d__b="2", d__e__c="3")
    assert [f.path for f in first.write] == ["a", "d/b", "d/e/c"]
    second = run(out, a="1", d__b="other")
    assert ([f.path for f in second.write], [f.path for f in second.unchanged], second.prune) == (
        ["d/b"],
        ["a"],
        (("s", "d/e/c"),),
    )
    assert not (out / "d" / "e").exists(), "a folder that pruning emptied goes too"
    assert set(tree(out)) == {"a", "d/b", "manifest.json"}


def test_the_same_files_leave_the_disk_alone(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    before = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    inode = (tmp_path / "manifest.json").stat().st_ino
    run(tmp_path, a="1")
    assert before == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*")}
    assert inode == (tmp_path / "manifest.json").stat().st_ino


def test_a_file_that_is_not_ours_survives(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    run(tmp_path, a="1", d__b="2")
    (tmp_path / "d" / "own").write_text("mine")
    run(tmp_path, a="1")
    assert (tmp_path / "notes").read_text() == "mine"
    assert (tmp_path / "d" / "own").read_text() == "mine"


def test_a_foreign_file_in_the_way_stops_the_run_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("mine")
    before = tree(tmp_path)
    with pytest.raises(OutputError, match=r"b: was not made by surfacegen.*\n.*--out"):
        run(tmp_path, a="1", b="2")
    assert tree(tmp_path) == before


def test_a_foreign_file_with_the_same_content_is_taken_over(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    run(tmp_path, a="1")
    run(tmp_path)
    assert not (tmp_path / "a").exists()


def test_a_file_made_by_us_and_edited_is_made_again(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    (tmp_path / "a").write_text("edited")
    run(tmp_path, a="1")
    assert (tmp_path / "a").read_text() == "1"


def test_an_edited_file_is_not_pruned(tmp_path: Path) -> None:
    run(tmp_path, a="1", b="2")
    (tmp_path / "b").write_text("edited")
    assert run(tmp_path, a="1").edited == ("b",)
    assert (tmp_path / "b").read_text() == "edited"


def test_pruning_stays_within_the_surfaces_of_the_run(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    other = [File("b", b"2", "other", "other/b")]
    written(tmp_path, other, ("other",))
    assert set(tree(tmp_path)) == {"a", "b", "manifest.json"}
    assert set(manifest.read_manifest(tmp_path).files) == {"a", "b"}


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_parent_that_is_no_folder_of_ours(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    outside = tmp_path / "outside"
    outside.mkdir()
    if kind == "file":
        (out / "d").write_text("mine")
    else:
        (out / "d").symlink_to(outside)
    with pytest.raises(OutputError, match="is not a folder"):
        run(out, d__b="1")
    assert not list(outside.iterdir())


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_a_place_that_is_no_file(tmp_path: Path, kind: str) -> None:
    if kind == "folder":
        (tmp_path / "a").mkdir()
    else:
        (tmp_path / "a").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(OutputError, match="is not a file"):
        run(tmp_path, a="1")
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"surfaces": {"s": {"inputs": "", "files": {"../x": "0"}}}}', "\x00"]
)
def test_a_manifest_that_is_not_ours(tmp_path: Path, manifest: str) -> None:
    (tmp_path / "manifest.json").write_text(manifest)
    with pytest.raises(OutputError, match=r"manifest\.json: is not a manifest of surfacegen"):
        run(tmp_path, a="1")
    assert (tmp_path / "manifest.json").read_text() == manifest


def test_a_rename_that_fails_is_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path, a="1", b="2", d__c="3")
    before = tree(tmp_path)
    replace = os.replace

    def failing(source: Path, target: Path) -> None:
        if "new-" in str(source) and target.name == "manifest.json":
            raise OSError(28, "No space left on device", str(target))
        replace(source, target)

    monkeypatch.setattr(os, "replace", failing)
    with pytest.raises(OutputError, match="No space left on device"):
        run(tmp_path, a="changed", n__new="4")
    assert tree(tmp_path) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "b", "d", "manifest.json"]


def test_an_interrupted_run_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(tmp_path / "out", a="1")
    before = tree(tmp_path)

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(writer, "_commit", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "out", a="2")
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path / "x" / "fresh", a="2")
    assert tree(tmp_path) == before
    assert not (tmp_path / "x").exists()


def test_what_a_killed_run_left_is_swept_up(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    (tmp_path / ".surfacegen-dead").mkdir()
    (tmp_path / ".surfacegen-dead" / "new-0").write_text("")
    run(tmp_path, a="2")
    assert set(tree(tmp_path)) == {"a", "manifest.json"}


def test_two_runs_at_once(tmp_path: Path) -> None:
    run(tmp_path, a="1")
    descriptor = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        with pytest.raises(OutputError, match="is being written by another run"):
            run(tmp_path, a="2")
    finally:
        os.close(descriptor)
    assert (tmp_path / "a").read_text() == "1"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written: Not a directory") as caught:
        run(tmp_path / "file" / "out", a="1")
    assert len(caught.value.findings) == 1


def test_compare_names_missing_changed_and_extra(tmp_path: Path) -> None:
    run(tmp_path, a="1\n", b="2\n", c="3\n")
    (tmp_path / "a").unlink()
    (tmp_path / "b").write_text("two\n")
    (tmp_path / "x").write_text("")
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "__pycache__" / "m.pyc").write_text("")
    drift = comparison.compare(tmp_path, files(a="1\n", b="2\n", c="3\n"))
    assert [(d.kind, d.path) for d in drift] == [("missing", "a"), ("changed", "b"), ("extra", "x")]
    assert "-two\n+2" in drift[1].diff


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("\n".join("ab"))
    drift = comparison.compare(tmp_path, files(a="\n".join(map(str, range(99)))), lines=5)
    assert len(drift[0].diff.splitlines()) == 6
    assert "more lines" in drift[0].diff
