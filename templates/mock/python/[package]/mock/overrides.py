"""Answers that differ from the usual one, as a request or a scenario selects them: their options and checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .faults import FAULTS

LONGEST_DELAY = 60.0
"""Seconds that an answer can be kept back."""
_LONGEST_NAME = 200


class OverrideError(ValueError):
    """An invalid option; the message lists the valid ones."""


@dataclass(frozen=True)
class Override:
    """What differs from the usual answer."""

    code: int = 0
    """The status; 0: the usual one."""
    example: str = ""
    """The name of the example of the document that is answered."""
    dynamic: bool = False
    """Whether the body is made of its schema, another one each time."""
    delay: float = 0.0
    """Seconds until the answer; with the fault `drip`, those that it takes."""
    fault: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes | None = None
    """A body as it is."""

    @property
    def chooses(self) -> bool:
        """Whether it says what the answer is, and not only how it arrives."""
        return bool(self.code or self.example or self.dynamic or self.body is not None)

    @property
    def arrival(self) -> Override:
        """The part of it that says how the answer arrives, whatever that is."""
        return Override(delay=self.delay, fault=self.fault)


USUAL = Override()


def checked(name: str, value: Any) -> Any:
    """The value of an option, from its text or JSON. Raises OverrideError if it is invalid."""
    return _CHECKS[name](value)


def merged(override: Override, more: Mapping[str, Any]) -> Override:
    """The override with fields that were checked."""
    return replace(override, **more)


def names() -> tuple[str, ...]:
    """The options with a name and a plain value."""
    return tuple(_CHECKS)


def nearest(name: str, known: Iterable[str]) -> str:
    """A question that suggests the most similar known name; empty if none is similar."""
    from difflib import get_close_matches  # only where something is wrong

    near = get_close_matches(name[:_LONGEST_NAME], list(known), 1)
    return f" Did you mean {near[0]}?" if near else ""


def shown(value: Any) -> str:
    """A value inside a message, cut."""
    text = repr(value)
    return text if len(text) <= _LONGEST_NAME else text[:_LONGEST_NAME] + "…"


def _code(value: Any) -> int:
    number = int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4 else value
    if isinstance(number, bool) or not isinstance(number, int) or not 200 <= number <= 599:
        raise OverrideError(f"code must be a status from 200 to 599, not {shown(value)}.")
    return number


def _example(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise OverrideError("example must be the name of an example.")
    return value


def _dynamic(value: Any) -> bool:
    dynamic = {"": True, "true": True, "false": False}.get(value.lower()) if isinstance(value, str) else value
    if not isinstance(dynamic, bool):
        raise OverrideError(f"dynamic must be true or false, not {shown(value)}.")
    return dynamic


def _delay(value: Any) -> float:
    try:
        number = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not 0 <= number <= LONGEST_DELAY:
        raise OverrideError(f"delay must be a number of seconds from 0 to {LONGEST_DELAY:g}, not {shown(value)}.")
    return number


def _fault(value: Any) -> str:
    if value not in FAULTS:
        near = nearest(value, FAULTS) if isinstance(value, str) else ""
        raise OverrideError(f"fault must be {', '.join(FAULTS[:-1])} or {FAULTS[-1]}, not {shown(value)}.{near}")
    return str(value)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "code": _code,
    "example": _example,
    "dynamic": _dynamic,
    "delay": _delay,
    "fault": _fault,
}

assert set(_CHECKS) <= {each.name for each in fields(Override)}
