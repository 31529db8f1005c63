"""The plain Lua module inside this process, in each Lua that lupa brings."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

LUAS = ("lua51", "lua52", "lua53", "lua54", "lua55", "luajit20", "luajit21")


def start(version: str, made: Path) -> Any:
    """A Lua state that finds the module."""
    lua = importlib.import_module(f"lupa.{version}").LuaRuntime(encoding="latin-1")
    lua.globals().package.path = f"{made}/lua/?.lua"
    lua.execute("api = require('replikit')")
    return lua
