"""Every session of the README is run, as it is written, against the mock."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import demo
import pytest
from cli_harness import SERVING
from hanging import HANGS

ROOT = Path(__file__).parents[2]
BLOCKS = re.findall(
    r"^```(\S+)( setup)?\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
)
SESSIONS = [(language, text) for language, setup, text in BLOCKS if not setup and "make " not in text]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The mock's, with `replikit` on the path as an installation would move it there."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "replikit").write_text(f'#!/bin/sh\nexec {shlex.join(SERVING.shim())} "$@"\n')
    (folder / "python").write_text(f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    for name in ("replikit", "python"):
        (folder / name).chmod(0o755)
    with demo.mock() as environment:
        path, config = f"{folder}{os.pathsep}{environment['PATH']}", str(folder / "config" / "config.json")
        yield {**environment, "PATH": path, "REPLIKIT_CONFIG": config}


def test_there_are_sessions() -> None:
    assert sorted({language for language, _ in SESSIONS}) == ["lua", "python", "sh"]


def test_the_set_up_is_as_it_says() -> None:
    """An environment, the package in it with extras that there are, and a mock that prints what is told of it."""
    made, entered, installed, mock = next(text for _, setup, text in BLOCKS if setup).splitlines()
    folder = made.removeprefix("python3 -m venv ")
    assert entered == f". {folder}/bin/activate" and installed.startswith("pip install './generated/python[")
    ignored = subprocess.run(["git", "check-ignore", "-q", f"{folder}/"], cwd=ROOT, check=False).returncode == 0
    assert ignored or not (ROOT / ".git").exists()
    project = tomllib.loads((ROOT / "generated/python/pyproject.toml").read_text("utf-8"))["project"]
    assert set(re.findall(r"\w+", installed.partition("[")[2])) <= set(project["optional-dependencies"])
    command, _, said = mock.partition("  ")
    assert command == "replikit mock" and "its address and two lines that begin with export" in said
    with subprocess.Popen(
        [sys.executable, "-m", *command.split()],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "generated/python"), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
        lines += process.stdout.read().splitlines()
    assert lines[0].startswith("http://127.0.0.1:") and len(lines) == 3
    assert all(line.startswith("export ") for line in lines[1:])


@pytest.mark.parametrize(("language", "text"), SESSIONS, ids=[text.split("\n")[0][:40] for _, text in SESSIONS])
def test_session(language: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    if language == "lua":
        lua = next((name for name in ("lua5.4", "luajit", "lua5.1") if demo.usable(name)), None)
        if lua is None:
            pytest.skip("no Lua interpreter with luasocket and dkjson is installed")
        command = [lua, "-e", text]
    elif language == "python":
        command = [sys.executable, "-W", "error", "-c", text]
    else:
        text = text.replace(".venv/bin/python", sys.executable).replace("/tmp/another", str(tmp_path / "another"))
        command = [shutil.which("bash") or "bash", "-euc", text]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=HANGS, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "a session that shows nothing"
    assert "Traceback" not in done.stderr
