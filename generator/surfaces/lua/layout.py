"""Lua tables as a formatter lays them: on one line where they fit, else an entry a line."""

from __future__ import annotations

import re
from typing import Any

from ... import names, text
from ...text import Code

WIDTH = 120
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def layout(value: Any, depth: int = 0, before: int = 0, width: int = WIDTH) -> Code:
    """A Lua expression for a JSON value.

    depth: how many levels its line is indented. before: characters that stand on the line already, and after it.
    """
    if not isinstance(value, (dict, list, tuple)) or not value:
        return text.lua_literal(value)
    entries = list(value.items()) if isinstance(value, dict) else [(None, item) for item in value]
    flat = "{ " + ", ".join(_entry(key, layout(item, 0, 0, 1 << 30)) for key, item in entries) + " }"
    if 2 * depth + before + len(flat) <= width:
        return Code(flat)
    pad = "  " * (depth + 1)
    lines = [
        f"{pad}{_entry(key, layout(item, depth + 1, len(_entry(key, '')) + 1, width))},\n" for key, item in entries
    ]
    return Code("{\n" + "".join(lines) + "  " * depth + "}")


def _entry(key: str | None, value: str) -> str:
    if key is None:
        return value
    plain = _PLAIN.match(key) and key not in names.LUA.reserved
    return f"{key} = {value}" if plain else f"[{text.lua_literal(key)}] = {value}"
