"""Lua tables as a formatter lays them: on one line where they fit, else an entry a line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ... import names, text
from ...text import Code

WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def layout(value: Any, depth: int = 0, before: int = 0, width: int = WIDTH) -> Code:
    """A Lua expression for a JSON value.

    depth: how many levels its line is indented. before: characters that stand on the line already, and after it.
    """
    flat = _flat(value, width - 2 * depth - before)
    if flat is not None or not isinstance(value, (dict, list, tuple)):
        return Code(flat if flat is not None else text.lua_literal(value))
    pad = "  " * (depth + 1)
    if isinstance(value, dict):
        begun = [(_begun(key), item) for key, item in value.items()]
        lines = [f"{pad}{key}{layout(item, depth + 1, len(key) + 1, width)},\n" for key, item in begun]
    else:
        lines = [f"{pad}{_element(json.dumps(item), depth + 1, width)},\n" for item in value]
    return Code("{\n" + "".join(lines) + "  " * depth + "}")


@lru_cache(maxsize=4096)
def _element(item: str, depth: int, width: int) -> Code:
    """An element of a list: the arguments of many operations are alike."""
    return layout(json.loads(item), depth, 1, width)


def _flat(value: Any, room: int) -> str | None:
    """The value on one line; None once it is longer than there is room, so that no table is read twice."""
    if not isinstance(value, (dict, list, tuple)) or not value:
        return text.lua_literal(value)
    lines = []
    room -= len("{  }")
    for key, item in _entries(value):
        flat = _flat(item, room)
        if flat is None:
            return None
        lines.append(_begun(key) + flat)
        room -= len(lines[-1]) + len(", ") * (len(lines) > 1)
        if room < 0:
            return None
    return "{ " + ", ".join(lines) + " }"


def _entries(value: Any) -> Iterable[tuple[str | None, Any]]:
    return value.items() if isinstance(value, dict) else ((None, item) for item in value)


@lru_cache(maxsize=4096)
def _begun(key: str | None) -> str:
    """What stands before the value of an entry; nothing in a list."""
    if key is None:
        return ""
    plain = _PLAIN.match(key) and key not in names.LUA.reserved
    return f"{key} = " if plain else f"[{text.lua_literal(key)}] = "
