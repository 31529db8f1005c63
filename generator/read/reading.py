"""What a reader of a format gives: a value, and where in the text each part of it begins."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any, Union

from . import bounds

Entry = tuple[int, Union["Places", None]]
"""Where a member's key or an element begins, counted in characters; for an object or list the places in it."""
Places = dict[str, Entry] | list[Entry]


class Unreadable(Exception):
    """The text cannot be read: where, why, and how to mend it."""

    def __init__(self, offset: int, what: str, hint: str, *, syntax: bool = False) -> None:
        super().__init__(what)
        self.offset = offset
        self.what = what
        self.hint = hint
        self.syntax = syntax
        """It is no text of this format at all: perhaps it is one of another."""


@dataclass
class Reading:
    """A text as it was read."""

    value: Any
    places: Places | None
    start: int
    """Where the value begins."""
    degraded: list[tuple[str, str]] = field(default_factory=list)
    """JSON pointers of what could not be read as it is written, with the reason."""


def number(written: str, offset: int, *, whole: bool) -> int | float:
    """The number written. Unreadable for one that a double, and so most readers of JSON, cannot hold."""
    if whole and len(written) < 300:
        return int(written)
    value: int | float = 0
    try:
        value = int(written) if whole and len(written) < 400 else float(written)
        finite = abs(float(value)) <= sys.float_info.max
    except OverflowError:
        finite = False
    if not finite:
        shown = written if len(written) <= 24 else f"{written[:20]}… ({len(written):,} characters)"
        what = f"the number {shown} is too large for a double"
        raise Unreadable(offset, what, f"use one of at most {sys.float_info.max:.1e}")
    return value


def too_deep(offset: int, most: int) -> Unreadable:
    """For what stands inside more objects and lists than are read."""
    return Unreadable(offset, f"is nested more deeply than {most} levels", bounds.DEPTH.hint("flatten it"))


def too_many(offset: int, most: int, counted: str = "") -> Unreadable:
    """For a value beyond the last that is read."""
    hint = bounds.VALUES.hint("split it, use fewer aliases")
    return Unreadable(offset, f"has more than {most:,} values{counted}", hint)


def repeated(offset: int, key: str) -> Unreadable:
    """For a key that its object has already."""
    return Unreadable(offset, f"the key {key!r} is here more than once", "keep one of the two")
