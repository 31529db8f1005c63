"""Default bounds on the time and memory that a server may take of a client.

Each bound is an argument of the client, of its `with_options`, and a variable of the environment; the error names
both.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from math import isnan
from typing import Any

from .. import about
from .errors import ConfigError

DEADLINE = 600.0
MAX_RESPONSE_BYTES = 64 << 20
MAX_FILE_BYTES = 1 << 30
"""Bytes of a file that is read into memory, where `max_response_bytes` was not set: a file is not decoded any further,
and so costs no more than its size. One that is saved takes no memory and has no bound but `max_bytes` of `download`."""
MAX_PAGES = 100_000
MAX_EMPTY_PAGES = 100
MAX_INPUT_BYTES = 128 << 20
"""Bytes of a file or of standard input that the command line holds in memory: arguments, JSON, a batch."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of one client; None where nothing was set."""

    deadline: float | None = None
    """Seconds for one call from its beginning to the end of its answer, with its retries."""
    max_response_bytes: int | None = None
    """Bytes of one answer, and of one event or line of a stream, after decompression."""
    max_depth: int | None = None
    """Levels of arrays and objects inside of one another; without it, as many as Python's parser takes."""
    max_pages: int | None = None
    """Pages of one list that are walked."""
    max_empty_pages: int | None = None
    """Pages in a row that hold no items and name a next one."""

    @property
    def pages(self) -> int:
        """Pages of one list."""
        return self.max_pages or MAX_PAGES

    @property
    def empty_pages(self) -> int:
        """Empty pages in a row."""
        return self.max_empty_pages or MAX_EMPTY_PAGES

    def response_bytes(self, result: str = "json") -> int:
        """Bytes of an answer with this kind of result."""
        return self.max_response_bytes or (MAX_FILE_BYTES if result == "binary" else MAX_RESPONSE_BYTES)

    def changed(
        self,
        deadline: float | None = None,
        max_response_bytes: int | None = None,
        max_depth: int | None = None,
        max_pages: int | None = None,
        max_empty_pages: int | None = None,
    ) -> Bounds:
        """These bounds with some replaced. Raises ConfigError for an invalid one."""
        values: dict[str, float | None] = {
            "deadline": deadline,
            "max_response_bytes": max_response_bytes,
            "max_depth": max_depth,
            "max_pages": max_pages,
            "max_empty_pages": max_empty_pages,
        }
        changes: dict[str, Any] = {
            name: _checked(name, value, name) for name, value in values.items() if value is not None
        }
        return replace(self, **changes) if changes else self


def from_environment() -> Bounds:
    """The bounds that the environment sets. Raises ConfigError for an invalid one."""
    values: dict[str, Any] = {}
    for name in Bounds.__slots__:
        text = os.environ.get(variable(name), "").strip()
        if text:
            try:
                value = float(text) if name == "deadline" else int(text)
            except ValueError:
                value = 0
            values[name] = _checked(name, value, f"{variable(name)}={text[:40]}")
    return Bounds(**values)


def input_bytes() -> int:
    """MAX_INPUT_BYTES, or its value in the environment. Raises ConfigError for an invalid one."""
    text = os.environ.get(variable("max_input_bytes"), "").strip()
    if not text:
        return MAX_INPUT_BYTES
    source = f"{variable('max_input_bytes')}={text[:40]}"
    return int(_checked("max_input_bytes", int(text) if text.isdecimal() and len(text) < 19 else 0, source))


def variable(name: str) -> str:
    """The variable of the environment that sets a bound."""
    return f"{about.PACKAGE.upper()}_{name.upper()}"


def option(name: str) -> str:
    """How to set a bound, for the error message of a call that exceeds it."""
    return f"{name} (in the environment {variable(name)})"


def _checked(name: str, value: float, source: str) -> float:
    seconds = name == "deadline"
    good = isinstance(value, (int, float) if seconds else int) and not isinstance(value, bool) and value > 0
    if not good or isnan(value):  # infinity is no deadline
        what = "a number of seconds" if seconds else "a whole number"
        shown = source if source != name else f"{name}={value!r}"[:80]
        raise ConfigError(f"{shown}: must be {what} above 0")
    return value
