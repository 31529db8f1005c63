"""Paths with gaps, `/things/{id}`: which values stand in the gaps of a path."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

_UNSENT = re.compile(r"""%[0-9A-Fa-f]{2}|[^!-~]|["<>\\^`|]""")
"""What a URL holds escaped (RFC 3986, 2), and triplets, whose letters are small or not (6.2.2.1)."""


def escaped(text: str) -> str:
    """A path as it is sent, whether or not what no URL holds is escaped in it."""
    return _UNSENT.sub(lambda match: match[0].upper() if len(match[0]) > 1 else quote(match[0]), text)


@lru_cache(maxsize=4096)
def gaps(template: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The fixed texts of a template, as they are sent, and the names of the gaps between them."""
    fixed, names = [], []
    text, brace, rest = template.partition("{")
    while brace:
        name, _, rest = rest.partition("}")
        fixed.append(escaped(text))
        names.append(name)
        text, brace, rest = rest.partition("{")
    return (*fixed, escaped(text)), tuple(names)


def filled(template: str, values: Mapping[str, str]) -> str:
    """The path with a value in each gap."""
    fixed, names = gaps(template)
    return "".join(text + values[name] for text, name in zip(fixed, names)) + fixed[-1]


def match(template: str, path: str) -> dict[str, str] | None:
    """The values in the gaps of a template, as they stand in the path, which is `escaped`; None where it is another.

    A gap holds at least one character and no slash. Where it could end in several places it takes what it can get.
    """
    fixed, names = gaps(template)
    if not names:
        return {} if path == fixed[0] else None
    if len(path) < len(fixed[0]) or not path.startswith(fixed[0]) or not path.endswith(fixed[-1]):
        return None
    start, end = len(fixed[0]), len(path) - len(fixed[-1])
    values: list[str] = []
    # From the end: each gap but the first takes as little as it can, and nothing is tried twice.
    for text in reversed(fixed[1:-1]):
        position = path.rfind(text, start + 1, end - 1) if end - 1 >= start + 1 else -1
        if position < 0:
            return None
        values.append(path[position + len(text) : end])
        end = position
    values.append(path[start:end])
    if any(not value or "/" in value for value in values):
        return None
    return dict(zip(names, reversed(values)))
