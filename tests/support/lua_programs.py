"""Programs that answer a line with a line, for as long as they are asked."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def interpreter(*command: str) -> Iterator[Callable[[str], str]]:
    """Hands a program a line, and gives the line that it says to it."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdin and program.stdout
        said, heard = program.stdin, program.stdout

        def ask(line: str) -> str:
            said.write(line)
            said.flush()
            return heard.readline()

        yield ask
