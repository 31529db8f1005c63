"""The arguments and options of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from .transport import Timeout

Arguments = Mapping[str, Any]
Headers = Mapping[str, str]


class Options(NamedTuple):
    """The options of a single call."""

    timeout: Timeout | None = None
    headers: Headers | None = None
    cursor: str | None = None
    """The URL of the page to begin with, of an operation that gives pages."""
    deadline: float | None = None
    """Seconds until the whole answer is there, in place of the client's own limit."""
    patience: float | None = None
    """Seconds that a call which starts a job may wait for its turn, where fewer than its deadline."""

    def __repr__(self) -> str:
        names = list(self.headers or ())  # a value may be a key to something
        return f"Options(timeout={self.timeout!r}, headers={names}, cursor={self.cursor!r})"


DEFAULTS = Options()
