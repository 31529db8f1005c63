"""Shell: commands as bash runs them, with nothing on the path: what it would have started, and with which words."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from hanging import HANGS

_SETUP = """
PATH=/nonexistent
recorded() { printf '%s\\0' "$#" "$@" >&9; }
command_not_found_handle() { recorded "$@"; }
curl() { recorded curl "$@"; }
base64() { [ "$*" = --decode ] || recorded base64 "$@"; }
pip() { recorded pip "$@"; }
set +H -f
"""


def run(commands: Sequence[str], folder: Path) -> list[list[str]]:
    """The words of each program that any of the commands starts. The folder must be, and stay, empty."""
    for index, command in enumerate(commands):
        (folder.parent / f"{folder.name}-{index}.sh").write_text(command, "utf-8", "surrogatepass")
    script = _SETUP + "".join(
        f'printf "%s\\0" 1 -- >&9; (. "{folder.parent}/{folder.name}-{index}.sh") </dev/null\n'
        for index in range(len(commands))
    )
    log = folder.parent / f"{folder.name}.log"
    with log.open("wb") as kept:
        done = subprocess.run(
            ["/bin/bash", "--norc", "-c", f"exec 9>&{kept.fileno()}; {script}"],
            cwd=folder, pass_fds=[kept.fileno()], capture_output=True, timeout=HANGS, check=False, env={"LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    assert not list(folder.iterdir()), f"files were made: {list(folder.iterdir())}"
    assert b"syntax error" not in done.stderr and b"unexpected" not in done.stderr, done.stderr.decode()
    return _words(log.read_bytes())


def _words(log: bytes) -> list[list[str]]:
    parts = [part.decode("utf-8", "surrogateescape") for part in log.split(b"\0")[:-1]]
    found: list[list[str]] = []
    while parts:
        count = int(parts.pop(0))
        found.append(parts[:count])
        del parts[:count]
    return found
