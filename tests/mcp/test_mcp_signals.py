"""What ends a server over standard input and output while its host keeps them open."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from hanging import HANGS

ROOT = Path(__file__).parents[2]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}},
}


def ended(sent: signal.Signals, *before: str) -> int:
    environment = os.environ | {"PYTHONPATH": str(ROOT / "generated/python"), "REPLICATE_API_TOKEN": "x"}
    command = [*before, sys.executable, "-m", "replikit", "mcp", "serve"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment) as process:
        try:
            assert process.stdin is not None and process.stdout is not None
            process.stdin.write(json.dumps(HELLO).encode() + b"\n")
            process.stdin.flush()
            assert b"serverInfo" in process.stdout.readline()
            which = process.pid
            if before:
                (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
                which = int(child)
            os.kill(which, sent)
            return process.wait(HANGS)
        finally:
            process.kill()


def test_an_interrupt_ends_it() -> None:
    assert ended(signal.SIGINT) == 130


def test_sigterm_ends_it_also_as_process_1() -> None:
    # Linux delivers no signal to process 1 of a namespace that it has no handler for: pid_namespaces(7).
    unshare = shutil.which("unshare")
    own = [unshare or "", "--pid", "--fork", "--kill-child"]
    if unshare is None or subprocess.run([*own, "true"], capture_output=True, check=False).returncode:
        own = []
    assert ended(signal.SIGTERM, *own) == 130
