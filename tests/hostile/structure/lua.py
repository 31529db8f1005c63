"""Lua: the tokens by kind as the language's manual has them, and whether each Lua there is compiles it."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import lupa.lua51
import lupa.lua54

_TOKENS = re.compile(
    r"""(?P<comment>--(?!\[=*\[)[^\n]*)
    |(?P<long>(?:--)?\[(?P<level>=*)\[.*?\](?P=level)\])
    |(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark>\.\.\.|\.\.|[=~<>]=|[-+*/%^\#=<>(){}\[\];:,.])
    |(?P<space>[ \t\n]+)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_TAG = re.compile(r"---\s*(@\w+|\|)?")
_COMPILE = [lua.LuaRuntime(register_eval=False).eval("loadstring or load") for lua in (lupa.lua51, lupa.lua54)]


def read(text: str) -> Counter[str]:
    """Tokens; of comments those that annotate, by their tag. A key in brackets is a key."""
    for compiled in _COMPILE:
        found: Any = compiled(text, "=x")
        assert not isinstance(found, tuple), found[1]
    kinds: Counter[str] = Counter()
    former = ""
    for token in _TOKENS.finditer(text):
        kind = token.lastgroup or ""
        if kind == "level":
            kind = "long"
        if kind == "comment":
            tag = _TAG.match(token.group())
            kind += f" {tag[1] or ''}" if tag else ""
        elif kind in ("mark", "other"):
            kind = token.group()
        if kind == "space":
            continue
        if kind == "}" and former == ",":
            kinds[","] -= 1  # the last one of a table that takes several lines
        kinds[kind] += 1
        former = kind
    _keys(kinds, text)
    return kinds


def _keys(kinds: Counter[str], text: str) -> None:
    """`["name"] =` and `name =` are two spellings of one thing."""
    spelled = len(re.findall(r'\["(?:[^"\\\n]|\\.)*"\] =', text))
    kinds.subtract({"[": spelled, "]": spelled, "string": spelled})
    kinds["word"] += spelled
