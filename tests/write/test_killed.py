"""What is left when a run is killed, or its disk is full: no half of a commit, a clear error."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hanging import HANGS

from generator.write import manifest, writer
from generator.write.folder import File

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}

BEFORE = {"a": "1", "d/b": "2", "d/gone": "3", "same": "4"}
AFTER = {"a": "other", "d/b": "2", "e/f/new": "5", "same": "4", "z": "6"}
COMMITTING = """
import os, signal, sys
from pathlib import Path
from generator.write import folder, manifest, writer
out, last, files = Path(sys.argv[1]), int(sys.argv[2]), eval(sys.argv[3])
seen = 0
def note(event, args):
    global seen
    if event in ("os.rename", "os.link", "os.remove", "os.mkdir", "os.rmdir", "shutil.rmtree"):
        seen += 1
        if seen == last:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(note)
with writer.staging(out) as stage:
    for path, text in files.items():
        stage.take(folder.File(path, text.encode(), "s", "s"))
    stage.commit(stage.plan({"s": {"document": "2"}}))
"""


def tree(folder: Path) -> dict[str, str]:
    found = {p.relative_to(folder).as_posix(): p.read_text() for p in sorted(folder.rglob("*")) if p.is_file()}
    return {path: text for path, text in found.items() if path != manifest.MANIFEST}


def write(out: Path, contents: dict[str, str], document: str) -> None:
    with writer.staging(out) as stage:
        for path, text in contents.items():
            stage.take(File(path, text.encode(), "s", "s"))
        stage.commit(stage.plan({"s": {"document": document}}))


def test_a_commit_that_is_killed_at_any_step(tmp_path: Path) -> None:
    """Whatever it had changed, the next run finds the folder as it was, or as it was to be, and goes on."""
    steps, ends = 0, set()
    while True:
        steps += 1
        out = tmp_path / str(steps)
        write(out, BEFORE, "1")
        (out / "notes").write_text("mine")
        command = [sys.executable, "-c", COMMITTING, str(out), str(steps), repr(AFTER)]
        done = subprocess.run(command, env=ENVIRONMENT, timeout=HANGS, check=False)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
        writer.recover(out)
        there = {path: text for path, text in tree(out).items() if not path.startswith(".surfacegen-")}
        assert there.pop("notes") == "mine"
        assert there in (BEFORE, AFTER)
        assert manifest.untouched(out, manifest.read_manifest(out).files)
        ends.add("before" if there == BEFORE else "after")
        other = {"a": "third", "e/f/new": "changed"}
        write(out, other, "3")
        assert tree(out) == {**other, "notes": "mine"}
    assert steps > 10 and ends == {"before", "after"}


def test_a_journal_that_is_not_ours_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "out" / ".surfacegen-x").mkdir(parents=True)
    (tmp_path / "mine").write_text("mine")
    for journal in ('{"../mine": false}', "[]", '{"a": 1', '{"a": 3}', "null"):
        (tmp_path / "out" / ".surfacegen-x").mkdir(exist_ok=True)
        (tmp_path / "out" / ".surfacegen-x" / "journal.json").write_text(journal)
        (tmp_path / "out" / "a").write_text("mine")
        writer.recover(tmp_path / "out")
        assert tree(tmp_path) == {"mine": "mine", "out/a": "mine"}


ZOO = "openapi: 3.1.0\ninfo: {title: Zoo, version: '1'}\npaths: {/a: {get: {responses: {'200': {description: ok}}}}}\n"


def generate(folder: Path, redirect: str = "", most: int = 0) -> subprocess.CompletedProcess[str]:
    def limited() -> None:
        if most:
            resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    (folder / "openapi.yaml").write_text(ZOO)
    command = f"exec {sys.executable} -m generator generate --openapi openapi.yaml --out out --surface lua {redirect}"
    return subprocess.run(
        ["bash", "-c", command], env=ENVIRONMENT, cwd=folder, preexec_fn=limited, capture_output=True, text=True,
        timeout=HANGS, check=False,
    )  # fmt: skip


def test_a_disk_that_is_full_at_any_size(tmp_path: Path) -> None:
    """By the limit on the size of a file, which the same calls meet as a full disk."""
    for most in (1, 500, 5_000):
        done = generate(tmp_path, most=most)
        assert (done.returncode, done.stdout) == (1, "")
        assert "out: cannot be written: File too large" in done.stderr and "fix: " in done.stderr
        assert [path.name for path in tmp_path.iterdir()] == ["openapi.yaml"]
    assert generate(tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("redirect", "message"),
    [(">/dev/full", "error: No space left on device"), (">&-", "error: standard output is closed")],
)
def test_output_that_cannot_be_written(redirect: str, message: str, tmp_path: Path) -> None:
    done = generate(tmp_path, redirect)
    assert done.returncode == 1 and done.stderr.startswith(message) and "Traceback" not in done.stderr
