"""A port that another program has: each server of ours says so before it does anything else, and what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import ROOT, Cli
from hanging import HANGS


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_the_mock_and_the_mcp_server_name_the_port(tmp_path: Path, taken: int) -> None:
    cli = Cli(tmp_path)
    for words in (("mock", "--port", str(taken)), ("mcp", "serve", "--http", f"127.0.0.1:{taken}")):
        error = cli.error(2, *words)
        assert f"cannot listen on 127.0.0.1:{taken}: another program listens there" in error["message"]
        assert "0 for a free one" in error["message"] and "doctor" not in error["hint"]
    assert "no address of this machine" in cli.error(2, "mock", "--host", "192.0.2.1")["message"]


def test_the_docs_name_it_before_they_are_built(taken: int) -> None:
    command = [sys.executable, str(ROOT / "generated/docs/build.py"), "--serve", str(taken)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    assert done.returncode == 2 and done.stdout == ""
    assert f"cannot listen on 127.0.0.1:{taken}" in done.stderr and "Traceback" not in done.stderr
