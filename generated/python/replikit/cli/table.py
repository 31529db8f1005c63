"""What the table of commands is made of."""

from __future__ import annotations

from typing import NamedTuple


class Flag(NamedTuple):
    """One argument: its name in JSON, how it is typed, how its text is read."""

    name: str
    flag: str
    kind: str
    """string, integer, number, boolean, binary, object, or any (JSON where it is, else text)."""
    help: str
    facts: str
    required: bool
    positional: bool
    """May be given without its flag, in this order."""
    repeat: bool
    """An array: given once for each item, or as one JSON array."""
    choices: tuple[str, ...]


class Command(NamedTuple):
    """One function as words and flags."""

    words: tuple[str, ...]
    function: str
    summary: str
    help: str
    deprecated: bool
    destructive: bool
    result: str
    """json, text, binary, events or empty."""
    job: bool
    """It starts a job, which may end badly though the call went well."""
    flags: tuple[Flag, ...]
