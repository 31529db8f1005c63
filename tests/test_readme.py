"""Every session of the README is run, as it is written, against the mock."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import demo

ROOT = Path(__file__).parents[1]
BLOCKS = re.findall(r"^```(\S+)( setup)?\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.M | re.S)
SESSIONS = [(language, text) for language, setup, text in BLOCKS if not setup and "make " not in text]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The mock's, with `replikit` on the path as an installation would put it there."""
    folder = tmp_path_factory.mktemp("bin")
    (folder / "replikit").write_text(f'#!/bin/sh\nexec {sys.executable} -m replikit "$@"\n')
    (folder / "replikit").chmod(0o755)
    with demo.mock() as environment:
        yield {**environment, "PATH": f"{folder}{os.pathsep}{environment['PATH']}"}


def test_there_are_sessions() -> None:
    assert sorted({language for language, _ in SESSIONS}) == ["lua", "python", "sh"]


@pytest.mark.parametrize(("language", "text"), SESSIONS, ids=[text.split("\n")[0][:40] for _, text in SESSIONS])
def test_session(language: str, text: str, environment: dict[str, str], tmp_path: Path) -> None:
    if language == "lua":
        lua = next((name for name in ("lua5.4", "luajit", "lua5.1") if demo.usable(name)), None)
        if lua is None and not os.environ.get("CI"):
            pytest.skip("no Lua interpreter with luasocket and dkjson is installed")
        assert lua is not None
        command = [lua, "-e", text]
    elif language == "python":
        command = [sys.executable, "-W", "error", "-c", text]
    else:
        text = text.replace(".venv/bin/python", sys.executable).replace("/tmp/another", str(tmp_path / "another"))
        command = [shutil.which("bash") or "bash", "-euc", text]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip(), "a session that shows nothing"
    assert "Traceback" not in done.stderr
