"""What `make demo` shows is true."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import demo
from hanging import HANGS


def test_every_surface_answers() -> None:
    done = subprocess.run(
        [sys.executable, str(Path(demo.__file__))],
        capture_output=True,
        text=True,
        timeout=HANGS,
        env={**os.environ},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    # Python, async Python, both of the CLI's, MCP, code mode; plain Lua where it is installed.
    answers = [line for line in done.stdout.splitlines() if line.startswith("  > ")]
    plain = any(demo.usable(name) for name in ("lua5.4", "luajit", "lua5.1"))
    assert sum("hello Ada" in line for line in answers) == (6 if plain else 5)
    assert sum('"username"' in line for line in answers) == 1
