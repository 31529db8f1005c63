"""Deprecation notices, in the same words on every surface."""

from __future__ import annotations

from ...ir import Function, Param
from ...text import prose


def notice(thing: Function | Param) -> str:
    """Since when it is deprecated, when it goes and what to use; empty for what stays."""
    if not thing.deprecated:
        return ""
    declared = thing.deprecation
    text = "Deprecated"
    if declared and declared.since:
        text += f" since {prose(declared.since)}"
    if declared and declared.removed:
        when = prose(declared.removed)
        text += f", removed on {when}" if when.count("-") == 2 else f", removed in {when}"
    return f"{text}: use {prose(declared.use).removesuffix('.')}." if declared and declared.use else f"{text}."
