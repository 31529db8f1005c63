"""Stoplight's Prism, a mock server by others, of a document."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hanging import HANGS

PRISM = Path(__file__).parents[1] / "npm/node_modules/.bin/prism"
_TRIES = 20
"""Ports that are taken by somebody else between their choice and their use."""


@contextmanager
def prism(document: Path) -> Iterator[str]:
    """Its base URL. Skips the test where it is not installed."""
    if not PRISM.is_file() or not shutil.which("node"):
        pytest.skip("Prism is not installed: npm ci --prefix tests/npm")
    for _ in range(_TRIES):
        with socket.socket() as free:  # Prism takes no port 0
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        command = [str(PRISM), "mock", "--port", str(port), "--verboseLevel", "silent", str(document)]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                if _answers(process, port):
                    yield f"http://127.0.0.1:{port}"
                    return
            finally:
                process.terminate()
    pytest.fail(f"Prism ended at once {_TRIES} times")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    """Whether it listens, as soon as it does; not where it has ended before."""
    until = time.monotonic() + HANGS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return process.poll() is None
        time.sleep(0.1)
    return False
