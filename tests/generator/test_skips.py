"""What is not installed skips a test on somebody's machine, and fails it under CI, which installs all of it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 failed"), ("", "1 skipped")])
def test_a_program_that_is_missing(ci: str, outcome: str, tmp_path: Path) -> None:
    test = "tests/hostile/test_literals.py::test_yaml_is_the_same_for_a_reader_of_1_2"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", test],
        cwd=ROOT, env={**os.environ, "CI": ci, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.splitlines()[-1].startswith(outcome), done.stdout
