"""mypy, which begins with what it knows of the checked-in package.

To understand the package and what that imports takes it far longer than any program; so that is done once in a run of
the tests. What has another text than it had then, in whatever folder it lies, is checked anew.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hanging import HANGS
from shared import shared

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated/python/replikit"


def mypy(
    factory: pytest.TempPathFactory, *words: str | Path, cwd: Path, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A run of `mypy --strict` with these words. path: where it looks for modules beside its own folder."""
    known = shared(factory, "mypy", lambda folder: _run(folder, PACKAGE, cwd=ROOT))
    cache = factory.mktemp("mypy") / "cache"
    shutil.copytree(known, cache, copy_function=os.link)  # mypy replaces files, and writes into none
    return _run(cache, *words, cwd=cwd, path=path)


def _run(cache: Path, *words: str | Path, cwd: Path, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--cache-dir", cache, *words],
        cwd=cwd, env={**os.environ, "MYPYPATH": str(path or "")}, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
