"""What the table of commands is made of."""

from __future__ import annotations

from typing import NamedTuple


class Flag(NamedTuple):
    """One argument: its name in JSON, how it is typed, how its text is read."""

    name: str
    flag: str
    kind: str
    """string, integer, number, boolean, binary, object, any (JSON where it is, else text), or upload (any, or a file)."""
    help: str
    facts: str = ""
    required: bool = False
    hidden: bool = False
    """It has a place, and help shows that instead."""
    repeat: bool = False
    """An array: given once for each item, or as one JSON array."""
    choices: tuple[str, ...] = ()


class Place(NamedTuple):
    """A positional argument: one, or several written as one word."""

    shown: str
    parts: tuple[tuple[str, str], ...]
    """(argument, the separator that follows it; empty after the last)"""


class Row(NamedTuple):
    """A line of the index: enough to find a command and show its summary."""

    words: tuple[str, ...]
    function: str
    summary: str
    table: str
    """The file that holds the rest of it."""


class Command(NamedTuple):
    """One function as words and flags."""

    words: tuple[str, ...]
    function: str
    summary: str
    help: str
    deprecated: str
    """Since when, until when, and what to use instead; empty for what stays."""
    result: str
    """json, text, binary, events or empty."""
    page: bool
    """The result is a page of a list."""
    job: bool
    """The result is a job, which may continue after the call."""
    starts: bool
    """It starts the job, which may end badly though the call went well."""
    files: bool
    """The result may hold URLs of files."""
    web: str
    """Where in the result the URL of its page for people is; empty where it has none."""
    places: tuple[Place, ...]
    flags: tuple[Flag, ...]


class Runner(NamedTuple):
    """A command with inputs described by the thing it runs; an extension resolves the reference."""

    word: str
    function: str
    """Its other arguments may be given as well."""
    summary: str
    help: str
    shown: str
    named: tuple[str, ...]
    """Arguments of the function that the reference resolves to."""
    stream: bool
    adds: str
    """The word for additions of users; empty if none may be added."""
