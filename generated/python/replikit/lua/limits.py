"""What one script may use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one script. Values above the ceilings are lowered to them; ValueError for a value that is no limit."""

    wall: float = 120.0
    """Seconds from start to end, waiting for the API included."""
    cpu: float = 10.0
    """Seconds of processor time in its own process; the work done for it in this process may take as many again."""
    memory: int = 64 << 20
    """Bytes of Lua's own memory."""
    code: int = 1 << 20
    """Bytes of the script itself."""
    output: int = 256 << 10
    """Bytes printed and logged; bytes of the result; bytes of an error."""
    events: int = 20_000
    """Lines printed and logged, and reports of progress."""
    calls: int = 200
    """Calls of functions, each page of a list and each wait included, and questions about functions."""
    concurrency: int = 8
    """Pending calls at one time; further ones wait."""
    call_bytes: int = 4 << 20
    """Bytes of one call's arguments."""
    answer_bytes: int = 8 << 20
    """Bytes of one call's answer."""
    values: int = 100_000
    """Values in one call's arguments or in the result: each text, number, list, object, …"""
    query: int = 1_000
    """Longest search text for the documentation, in characters."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise ValueError(f"the limit {field.name} must be a number above 0, not {value!r}")

    def bounded(self) -> Limits:
        """These limits, none of them beyond its ceiling."""
        return replace(self, **{name: min(getattr(self, name), top) for name, top in CEILINGS.items()})

    def changed(self, settings: Iterable[str]) -> Limits:
        """These limits with some set anew, each as `NAME=NUMBER`, such as `cpu=2.5` or `memory=128M`.

        ValueError for what is none.
        """
        changes: dict[str, Any] = dict(map(_setting, settings))
        return replace(self, **changes)

    def reached(self, limit: str) -> str:
        """What a script did that was stopped by a limit."""
        return _REASONS[limit].format(**{field.name: getattr(self, field.name) for field in fields(self)})


def remedy(limit: str) -> str:
    """How a limit is raised, by whoever runs scripts."""
    return f"raise it with --limit {limit}=NUMBER, or Limits({limit}=NUMBER)"


def _setting(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    if name not in CEILINGS:
        raise ValueError(f"there is no limit {name[:80]!r}: the limits are {', '.join(CEILINGS)}")
    number = re.fullmatch(r"(\d{1,15})(\.\d{1,6})?([KMG]?)", value)
    whole = name not in ("wall", "cpu")
    if number is None or (whole and number[2]):
        like = "64, 64K or 64M" if whole else "2.5"
        raise ValueError(f"the limit {name} takes a number such as {like}, not {value[:80]!r}")
    size = int(number[1]) if whole else float(number[1] + (number[2] or ""))
    return name, size << {"": 0, "K": 10, "M": 20, "G": 30}[number[3]] if isinstance(size, int) else size


CEILINGS: Mapping[str, float] = {
    "wall": 3600.0,
    "cpu": 300.0,
    "memory": 1 << 30,
    "code": 16 << 20,
    "output": 16 << 20,
    "events": 1_000_000,
    "calls": 10_000,
    "concurrency": 32,
    "call_bytes": 32 << 20,
    "answer_bytes": 64 << 20,
    "values": 1_000_000,
    "query": 10_000,
}

BOUNDS: Mapping[str, str] = {
    "RLIMIT_CPU": "processor time",
    "RLIMIT_AS": "memory",
    "RLIMIT_NOFILE": "files and sockets",
    "RLIMIT_FSIZE": "writing",
    "RLIMIT_NPROC": "processes",
}
"""What the operating system bounds where it can, and what of a script that is."""

_REASONS = {
    "wall": "it ran longer than {wall:g} s",
    "cpu": "it used more than {cpu:g} s of CPU time",
    "memory": "it used more than {memory} bytes of memory",
    "code": "the script is larger than {code} bytes",
    "output": "it printed, or its result has, more than {output} bytes",
    "events": "it printed, logged or reported progress more than {events} times",
    "calls": "it made more than {calls} calls",
    "call_bytes": "the arguments of one call were larger than {call_bytes} bytes",
    "values": "the arguments of one call, or the result, held more than {values} values",
}

STOPS = frozenset(_REASONS)
"""The limits that end a script; what goes beyond the others is an error that it can catch."""
