"""Deprecation notices, in the same words on every surface."""

from __future__ import annotations

from ...ir import Function, Param
from ...text import prose


def notice(thing: Function | Param) -> str:
    """Since when it is deprecated, when it goes and what to use; empty for what stays."""
    if not thing.deprecated:
        return ""
    said = thing.deprecation
    text = "Deprecated"
    if said and said.since:
        text += f" since {prose(said.since)}"
    if said and said.removed:
        when = prose(said.removed)
        text += f", removed on {when}" if when.count("-") == 2 else f", removed in {when}"
    return f"{text}: use {prose(said.use).removesuffix('.')}." if said and said.use else f"{text}."
