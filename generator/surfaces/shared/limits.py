"""The default and the limits of a type, in words."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...ir import Json, Type
from ...text import prose

_LIMITS = (
    ("minimum", "at least"),
    ("exclusive_minimum", "more than"),
    ("maximum", "at most"),
    ("exclusive_maximum", "less than"),
    ("min_length", "characters: at least"),
    ("max_length", "characters: at most"),
    ("min_items", "items: at least"),
    ("max_items", "items: at most"),
)
FEW = 12
"""Values that code lists where it takes them; more stand under their name alone."""
_MOST = 400
"""Characters of the description of values."""
_LONGEST = 80
"""Characters of a default that are shown."""


def constraints(type_: Type) -> Iterator[str]:
    """A sentence for the default, and one for the limits."""
    if type_.has_default and type_.default is not None:
        text = json.dumps(type_.default, ensure_ascii=False)
        yield f"Default: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}."
    limits = [f"{word} {limit:g}" for name, word in _LIMITS if (limit := getattr(type_, name)) is not None]
    if limits:
        output = ", ".join(limits)
        yield output[:1].upper() + output[1:] + "."


def meanings(type_: Type) -> str:
    """A sentence for what its values mean, those of a list's items as well; empty where the document does not say."""
    results = [f"{_shown(value)}: {note.rstrip('.')}" for value, note in _noted(type_) if note]
    lines: list[str] = []
    size = 0
    for each in results:
        size += len(each) + 2
        if lines and size > _MOST:
            lines.append("…")
            break
        lines.append(each)
    return "; ".join(lines) + "." * (lines[-1] != "…") if lines else ""


def _noted(type_: Type) -> Iterator[tuple[Json, str]]:
    yield from zip(type_.values, type_.notes)
    for part in (*type_.members, *((type_.items,) if type_.kind == "array" and type_.items else ())):
        yield from _noted(part)


def _shown(value: Json) -> str:
    return value if isinstance(value, str) and value and prose(value) == value else json.dumps(value)
