"""What a type says of its values beside their kind, in words: the default, and how far they go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ...ir import Type

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
_LONGEST = 80
"""Characters of a default that are shown."""


def told(type_: Type) -> Iterator[str]:
    """A sentence for the default, and one for the limits."""
    if type_.has_default and type_.default is not None:
        text = json.dumps(type_.default, ensure_ascii=False)
        yield f"Default: {text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}."
    limits = [f"{word} {limit:g}" for name, word in _LIMITS if (limit := getattr(type_, name)) is not None]
    if limits:
        said = ", ".join(limits)
        yield said[:1].upper() + said[1:] + "."
