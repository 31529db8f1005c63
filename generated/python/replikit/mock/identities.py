"""The ids and names by which records are known: new ones, and what speaks of them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

_SORTS = ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ")


def identity(seed: str, like: Any) -> Any:
    """A new id that looks like another: as long, and of the same letters."""
    digest = hashlib.sha256(seed.encode()).digest()
    if isinstance(like, int):
        return int.from_bytes(digest[:4], "big") >> 1
    text = like if isinstance(like, str) and like else "x" * 26
    if set(text) <= set("0123456789abcdef"):
        return (digest.hex() * (len(text) // 64 + 1))[: len(text)]
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    made = "".join(letters[byte % 32] for byte in digest * (len(text) // 32 + 1))
    return "".join(char if char in "-_" else made[index] for index, char in enumerate(text))


def varied(seed: str, like: str) -> str:
    """A text with other letters and digits in the places of a text's own, of the same sort: what a pattern may take, too."""
    digest = hashlib.sha256(seed.encode()).digest()
    made = []
    for place, char in enumerate(like):
        drawn = digest[place % len(digest)]
        sort = next((each for each in _SORTS if char in each), "")
        made.append(sort[drawn % len(sort)] if sort else char)
    return "".join(made)


def within(number: int, schema: Mapping[str, Any]) -> int:
    """The number brought between the limits of a schema."""
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema))
    most = schema.get("maximum", schema.get("exclusiveMaximum", 1 << 31) - 1)
    low, high = math.ceil(least), math.floor(most)
    return number if low <= number <= high else low + number % max(1, high - low + 1)


def replaced(data: dict[str, Any], old: Any, new: Any) -> dict[str, Any]:
    """The data with one text in place of another, inside longer texts too: as a whole word, and in no URL's host."""
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        return dict(data)

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            scheme, mark, rest = value.partition("://")
            if not mark or " " in scheme:
                return _swapped(value, old, new)
            host, slash, path = rest.partition("/")
            return scheme + mark + host + slash + _swapped(path, old, new)
        if isinstance(value, list):
            return [walk(item) for item in value]
        return {name: walk(item) for name, item in value.items()} if isinstance(value, dict) else value

    return {name: walk(value) for name, value in data.items()}


def _swapped(text: str, old: str, new: str) -> str:
    """The text with one word replaced by another, wherever it occurs as a whole word."""
    made, rest = "", text
    while True:
        before, match, after = rest.partition(old)
        if not match:
            return made + before
        alone = not (before or made)[-1:].isalnum() and not after[:1].isalnum()
        made, rest = made + before + (new if alone else old), after


def words_of(value: Any) -> set[str]:
    """The names and longer texts of a value, cut where ids are joined."""
    text = json.dumps(value, ensure_ascii=False)
    for mark in '"{}[],: ':
        text = text.replace(mark, "\n")
    return {word for word in text.split("\n") if len(word) > 3}
