"""Long results on a terminal, read with the pager of whoever sits there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from .streams import Shown

_NOT_RUN = (126, 127)
"""Exit codes of a shell that cannot start the command."""


def show(text: Shown) -> bool:
    """Show the text, and wait until it was read. Gives False where there is no pager that can be started."""
    pager = os.environ.get("PAGER") or ("less" if shutil.which("less") else "")
    if pager in ("", "cat") or os.environ.get("TERM") == "dumb":
        return False
    # Ctrl-C is the pager's: `less` stops searching by it, and goes on. The shell between us would die of it.
    command = f"trap : INT; {pager}" if os.name == "posix" else pager
    sys.stdout.flush()
    with _uninterrupted(), _terminal_kept():
        process = subprocess.Popen(command, shell=True, stdin=subprocess.PIPE, env={"LESS": "FRX", **os.environ})
        try:
            process.communicate(text.encode("utf-8", "backslashreplace"))  # a pager that is left early is no error
        except BaseException:
            process.terminate()
            process.wait()
            raise
    return process.returncode not in _NOT_RUN


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C does nothing to us. A handler and not SIG_IGN, which the pager would inherit."""
    try:
        former = signal.signal(signal.SIGINT, lambda *_: None)
    except ValueError:  # not the main thread, which is the one that is interrupted
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, former)


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """The terminal is left as it was, even by a pager that was killed."""
    try:
        termios: Any = import_module("termios")
    except ImportError:  # no such terminals on this system
        yield
        return
    try:
        before = termios.tcgetattr(sys.stdin.fileno())
    except (OSError, ValueError, termios.error):
        yield
        return
    try:
        yield
    finally:
        termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, before)
