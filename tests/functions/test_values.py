"""Values of any size, depth and strangeness are checked in linear time and never end in a traceback."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

SECONDS = 60
"""Of a processor, for all of them."""


def test_large_deep_and_strange_values() -> None:
    from values_worker import ONLY_CLIENTS, ROWS  # some of them are large: they are made when they are needed

    done = subprocess.run(
        [sys.executable, str(Path(__file__).parent / "values_worker.py")],
        capture_output=True, text=True, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    expected = {name: [fits, fits] for name, (_, _, fits) in ROWS.items()}
    expected |= {name: [fits] for name, (_, _, fits) in ONLY_CLIENTS.items()}
    assert json.loads(done.stdout) == expected
