"""States of a job over time: the outcome is fixed when it starts, and the clock decides how far it has come."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass
class Job:
    """A record that changes by itself."""

    rules: Mapping[str, Any]
    initial: dict[str, Any]
    final: dict[str, Any]
    created: float
    seconds: float
    """How long it takes; its first pending state takes a fifth of it."""
    deadline: float | None = None
    shift: float = 0.0
    """Seconds from the times that it goes by to those that it shows."""

    @property
    def begins(self) -> float:
        """When its work begins."""
        return self.created + self.seconds / 5

    @property
    def ends(self) -> float:
        """The time at which it ends, whatever the outcome."""
        done = self.created + self.seconds
        return done if self.deadline is None else min(done, self.deadline)

    def at(self, now: float) -> dict[str, Any]:
        """The job at that time."""
        if self.deadline is not None and now >= self.deadline and self.deadline < self.created + self.seconds:
            return self.stopped(self.deadline)
        if now >= self.created + self.seconds:
            return self._stamped(self.final, self.begins, self.created + self.seconds)
        pending = self.rules["pending"]
        share = (now - self.begins) / max(self.ends - self.begins, 1e-9)
        state = pending[0]
        if now >= self.begins and len(pending) > 1:
            state = pending[1 + min(int(share * (len(pending) - 1)), len(pending) - 2)]
        value = put(self.initial, self.rules["status"], state)
        return self._stamped(value, self.begins if now >= self.begins else None, None)

    def stopped(self, now: float) -> dict[str, Any]:
        """The job as it is for ever when it is stopped at that time."""
        began = now >= self.begins
        state = self.rules["canceled"] if began or not self.rules["aborted"] else self.rules["aborted"]
        value = put(self.initial, self.rules["status"], state)
        return self._stamped(value, self.begins if began else None, now)

    def _stamped(self, value: Mapping[str, Any], began: float | None, ended: float | None) -> dict[str, Any]:
        if not self.shift:
            return stamp(value, self.final, self.created, began, ended)
        # Rounded, for the sum of two clocks is off by some tenths of a microsecond, and by others in each run.
        times = (None if each is None else round(each + self.shift, 3) for each in (began, ended))
        return stamp(value, self.final, round(self.created + self.shift, 3), *times)


def clock(now: float) -> str:
    """A time in the format of results."""
    return datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def stamp(
    value: Mapping[str, Any], known: Mapping[str, Any], created: float, began: float | None, ended: float | None
) -> dict[str, Any]:
    """The value with its times, where a job of this kind has such fields by their usual names."""
    stamped = dict(value)
    for name, time in (("created_at", created), ("started_at", began), ("completed_at", ended)):
        if name in known and time is not None:
            stamped[name] = clock(time)
        elif stamped.get(name) is not None:
            del stamped[name]
    return stamped


def at(value: Any, path: str) -> Any:
    """The value at a dotted path; None if there is none."""
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def put(value: Mapping[str, Any], path: str, item: Any) -> dict[str, Any]:
    """The value with something else at a dotted path; a name that is there may hold dots itself."""
    step, _, rest = (path, "", "") if path in value else path.partition(".")
    inner = value.get(step)
    return {**value, step: put(inner if isinstance(inner, Mapping) else {}, rest, item) if rest else item}


def seconds(text: str) -> float | None:
    """A duration in seconds, from a text such as `90`, `30s`, `5m` or `1h30m45s`; None if it is malformed."""
    match = re.fullmatch(r"(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s?)?", text.strip())
    if match is None or not any(match.groups()):
        return None
    hours, minutes, rest = (int(group or 0) for group in match.groups())
    return float(hours * 3600 + minutes * 60 + rest)


def wait(text: str) -> float | None:
    """The seconds of a header `Prefer: wait=N`, 60 without N; None where it asks for something else."""
    for preference in text.split(","):
        name, equals, value = preference.partition("=")
        if name.strip() == "wait":
            seconds = value.strip().removeprefix('"').removesuffix('"')
            if not equals or (seconds.isdecimal() and len(seconds) < 5):
                return float(seconds or 60)
    return None
