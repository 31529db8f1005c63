"""What one script may use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """What one script may use. Values beyond the ceilings are brought down to them; ValueError for what is no limit."""

    wall: float = 120.0
    """Seconds from start to end, waiting for the API included."""
    cpu: float = 10.0
    """Seconds of processor time."""
    memory: int = 64 << 20
    """Bytes of Lua's own memory."""
    output: int = 256 << 10
    """Bytes printed and logged, and bytes of the result."""
    calls: int = 200
    """Calls of functions, each page of a list and each wait included."""
    concurrency: int = 8
    """Calls on their way at one time."""
    call_bytes: int = 4 << 20
    """Bytes of one call's arguments."""

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
                raise ValueError(f"the limit {field.name} must be a number above 0, not {value!r}")

    def bounded(self) -> Limits:
        """These limits, none of them beyond its ceiling."""
        return replace(self, **{name: min(getattr(self, name), top) for name, top in CEILINGS.items()})

    def remedy(self, limit: str) -> str:
        """What a script did that was stopped by a limit."""
        return _REASONS[limit].format(**{field.name: getattr(self, field.name) for field in fields(self)})


CEILINGS: Mapping[str, float] = {
    "wall": 3600.0,
    "cpu": 300.0,
    "memory": 1 << 30,
    "output": 16 << 20,
    "calls": 10_000,
    "concurrency": 32,
    "call_bytes": 32 << 20,
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
    "cpu": "it used more than {cpu:g} s of processor time",
    "memory": "it used more than {memory} bytes of memory",
    "output": "it printed, or its result has, more than {output} bytes",
    "calls": "it made more than {calls} calls",
    "call_bytes": "the arguments of one call were larger than {call_bytes} bytes",
}
