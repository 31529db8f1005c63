"""The generator's commands as processes, each from a fork of one that has been used before."""

from __future__ import annotations

import atexit
import os
import subprocess
from pathlib import Path

from forking import Forked, Forking
from hanging import HANGS

ROOT = Path(__file__).parents[2]
FORKING = Forking("warm_generator", f"{ROOT}{os.pathsep}{ROOT / 'tests/support'}", shared=True)
atexit.register(FORKING.close)


def surfacegen(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """One command, to its end."""
    pipe = subprocess.PIPE
    with Forked(FORKING, list(words), cwd=cwd, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe) as process:
        try:
            stdout, stderr = process.communicate(timeout=HANGS)
        except BaseException:
            process.kill()
            raise
    return subprocess.CompletedProcess(["surfacegen", *words], process.returncode, stdout.decode(), stderr.decode())
