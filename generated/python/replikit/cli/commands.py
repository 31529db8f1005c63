"""Every command: the index of them is read at once, what one takes when it is asked for.

The tables beside this file are JSON: one of a thousand commands is read faster than as many lines of Python.
"""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from .. import about
from .table import Command, Flag, Place, Row, Runner


def _read(name: str) -> Any:
    # importlib.resources would cost a tenth of what --help takes.
    with open(os.path.join(os.path.dirname(__file__), "tables", f"{name}.json"), encoding="utf-8") as file:
        return json.load(file)


_INDEX = _read("index")

GROUPS: dict[tuple[str, ...], str] = {tuple(words): summary for words, summary in _INDEX["groups"]}
ALIASES: dict[tuple[str, ...], tuple[str, ...]] = {tuple(words): tuple(meant) for words, meant in _INDEX["aliases"]}
COMMANDS: tuple[Row, ...] = tuple(Row(tuple(words), *rest) for words, *rest in _INDEX["commands"])
RUNNERS: tuple[Runner, ...] = tuple(Runner(**{**row, "named": tuple(row["named"])}) for row in _INDEX["runners"])
if ADDED := str(getattr(about, "ADDED", "")):
    GROUPS.setdefault((ADDED,), "Functions that you added.")
JOB_COMMANDS: tuple[str, ...] = tuple(_INDEX["job_commands"])
"""The commands about jobs that this API has: its jobs tell what those need."""


def command(row: Row) -> Command:
    """All of a command, from its table."""
    entry = _table(row.table)[row.function]
    places = tuple(Place(shown, tuple((name, after) for name, after in parts)) for shown, parts in entry["places"])
    flags = tuple(Flag(**{**flag, "choices": tuple(flag.get("choices", ()))}) for flag in entry["flags"])
    return Command(row.words, row.function, row.summary, **{**entry, "places": places, "flags": flags})


def of_function(name: str) -> Command | None:
    """The command of a function; None where it is reached by `call` alone."""
    return next((command(row) for row in COMMANDS if row.function == name), None)


@cache
def _table(name: str) -> dict[str, Any]:
    rows: dict[str, Any] = _read(name)
    return rows
