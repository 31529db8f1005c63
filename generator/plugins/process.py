"""One run of a program: without a shell, bounded in time and in what it writes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from typing import IO

from ..errors import SpecError
from ..read import bounds
from .program import Program

_SHOWN = 400
"""Characters of its standard error that are shown, the last ones."""


def run(program: Program, request: bytes) -> bytes:
    """What it writes to standard output. SpecError where it fails, takes too long or writes too much."""
    first = program.command[0]
    # Where it is named by a path, that is one in the folder; the system would look for it from where we stand.
    place = str(program.folder / first) if os.sep in first or "/" in first else first
    try:
        process = subprocess.Popen(
            [os.path.abspath(place) if place != first else first, *program.command[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=program.folder,
            start_new_session=True,  # so that what it starts ends with it
        )
    except (OSError, ValueError) as error:
        what = f"cannot be started: {getattr(error, 'strerror', None) or error}"
        raise _wrong(program, what, f"install {first!r}, or correct the command") from None
    assert process.stdin and process.stdout and process.stderr
    late = threading.Event()

    def end() -> None:
        late.set()
        _kill(process)

    timer = threading.Timer(bounds.SECONDS.value, end)
    errors: list[bytes] = []
    beside = [
        threading.Thread(target=_feed, args=(process.stdin, request), daemon=True),
        threading.Thread(target=_last, args=(process.stderr, errors), daemon=True),
    ]
    try:
        for each in (timer, *beside):
            each.start()
        output = _read(process.stdout, limit := bounds.BYTES.value)
        if len(output) > limit:
            raise _wrong(program, f"wrote more than {limit:,} bytes", bounds.BYTES.hint("write less"))
        _ended(process)
    finally:
        timer.cancel()
        _kill(process)
        code = process.wait()
        for each in beside:
            each.join(5)
        for stream in (process.stdout, process.stderr):
            stream.close()
    if late.is_set():
        what = f"took longer than {bounds.SECONDS.value:,} seconds"
        raise _wrong(program, what, bounds.SECONDS.hint("make it faster"))
    if code != 0:
        text = b"".join(errors).decode("utf-8", "replace").strip()
        ended = f"was terminated by signal {-code}" if code < 0 else f"exited with {code}"
        raise _wrong(program, f"{ended}: {text[-_SHOWN:] or 'it said nothing'}", "see its error on standard error")
    return output


def _read(stream: IO[bytes], limit: int) -> bytes:
    parts, size = [], 0
    while size <= limit and (part := stream.read(64 * 1024)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _feed(stream: IO[bytes], request: bytes) -> None:
    try:
        with stream:
            stream.write(request)
    except OSError:
        pass  # it did not want all of it, which is its right


def _last(stream: IO[bytes], kept: list[bytes]) -> None:
    """Keeps the end of what is written; all of it is read, or the program would wait for us."""
    tail = b""
    try:
        while part := stream.read1(64 * 1024):  # type: ignore[attr-defined]
            tail = (tail + part)[-4 * _SHOWN :]  # in bytes
    except (OSError, ValueError):
        pass
    kept.append(tail)


def _ended(process: subprocess.Popen[bytes]) -> None:
    """Waits for its end without reaping it: its id still identifies the processes that it started."""
    if hasattr(os, "waitid"):
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    else:
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    try:
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    except (ProcessLookupError, PermissionError):
        pass


def _wrong(program: Program, what: str, hint: str) -> SpecError:
    return SpecError(program.shown, what, hint)
