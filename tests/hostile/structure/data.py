"""Data: what is in what, without the texts and the keys that are texts."""

from __future__ import annotations

import json
import re
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml

_SAID = ("description", "fields", "title")
"""What a list of tools leaves out where it says nothing new, or where there is no room."""


def json_(text: str) -> Counter[str]:
    """JSON by the rules, which know neither NaN nor a key twice. What nothing can be seen of has no description."""
    document = json.loads(text, parse_constant=_refused, object_pairs_hook=_pairs)
    return Counter(_shapes(_without(document, ("description",))))


def tools(text: str) -> Counter[str]:
    """A list of tools."""
    document = json.loads(text, parse_constant=_refused, object_pairs_hook=_pairs)
    return Counter(_shapes(_without(document, _SAID)))


def toml(text: str) -> Counter[str]:
    return Counter(_shapes(tomllib.loads(text)))


def yaml_(text: str) -> Counter[str]:
    return Counter(_shapes(yaml.load(text, yaml.CSafeLoader)))


def xml(text: str) -> Counter[str]:
    """Elements with their attributes, and the marks' classes; but for what is written where there is room."""
    marks = ((each.tag, sorted(each.keys()), each.get("class", "")) for each in ET.fromstring(text).iter())
    return Counter(str(mark) for mark in marks if mark[2] != "small")


def lines(text: str) -> Counter[str]:
    """Text of a line an item: how each begins. Nothing in it stands for itself that a terminal obeys."""
    assert not re.search("[\0-\x08\x0b-\x1f\x7f-\x9f]", text)
    return Counter(re.sub(r"[^-#>*`\[{\s].*", "", line) for line in text.split("\n"))


def script(text: str) -> Counter[str]:
    """JavaScript: the same whatever a document says."""
    return Counter([text])


def _shapes(value: Any, at: str = "") -> Iterator[str]:
    """The kind of each value, and what it stands in."""
    if isinstance(value, dict):
        yield f"{at}{{{len(value)}}}"
        for each in value.values():
            yield from _shapes(each, f"{at}.")
    elif isinstance(value, list):
        yield f"{at}[{len(value)}]"
        for each in value:
            yield from _shapes(each, f"{at}#")
    else:
        yield f"{at}{type(value).__name__}"


def _without(value: Any, keys: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _without(each, keys) for key, each in value.items() if key not in keys}
    return [_without(each, keys) for each in value] if isinstance(value, list) else value


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    assert len(dict(pairs)) == len(pairs), f"a key stands twice: {sorted(key for key, _ in pairs)}"
    return dict(pairs)


def _refused(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")
