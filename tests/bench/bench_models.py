"""From `models add` to a typed call on every surface: the README's session, timed against the mock.

    python tests/bench/bench_models.py [ROUNDS]

Each round begins with nothing added. What is timed is all of the session, a process a line, as a shell runs it.
"""

from __future__ import annotations

import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests"))

import demo

GOAL = 60
"""Seconds that the session may take."""


def session() -> str:
    """The block of the README that adds a model."""
    blocks = re.findall(r"^```sh\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if block.startswith("replikit models add "))


def main() -> int:
    """Prints how long it took; 1 when a goal was missed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    script, taken = session(), []
    with demo.mock() as environment, tempfile.TemporaryDirectory() as folder:
        for name, command in (("replikit", "-m replikit "), ("python", "")):
            place = Path(folder) / name
            place.write_text(f'#!/bin/sh\nexec {sys.executable} {command}"$@"\n')
            place.chmod(0o755)
        for number in range(rounds):
            told = {
                **environment,
                "PATH": f"{folder}{os.pathsep}{environment['PATH']}",
                "REPLIKIT_CONFIG": str(Path(folder) / str(number) / "config.json"),
            }
            start = time.perf_counter()
            done = subprocess.run(
                [shutil.which("bash") or "bash", "-euc", script], env=told, capture_output=True, text=True, check=False
            )
            taken.append(time.perf_counter() - start)
            if done.returncode:
                sys.exit(f"the session failed:\n{done.stderr}")
    lines = len([line for line in script.splitlines() if line.strip()])
    middle = statistics.median(taken)
    print(f"from `models add` to a typed call on every surface: {middle:.1f} s, {lines} commands, median of {rounds}")
    print("all goals met" if middle <= GOAL else f"missed: it takes more than {GOAL} s")
    return 1 if middle > GOAL else 0


if __name__ == "__main__":
    sys.exit(main())
