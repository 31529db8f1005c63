"""Names and descriptions of `enum` values, from the extensions that other generators read.

| extension                                 | holds                                            | described in                   |
|-------------------------------------------|--------------------------------------------------|--------------------------------|
| `x-enum-varnames`, `x-enumNames`          | names, in the order of the values                | OpenAPI Generator; NSwag       |
| `x-enum-descriptions`, `x-enumDescriptions` | prose, in that order, or by the values         | OpenAPI Generator; Redocly CLI |
| `x-ms-enum`                               | `values`: `{value, name, description}` of each   | AutoRest, Extensions: x-ms-enum |

Of two that say the same the one further up is heard. A list that is longer or shorter than `enum` says of no value what it
means: it is not read, which the ledger holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..text import prose, seen
from .source import Node

NAMES, TEXTS = ("x-enum-varnames", "x-enumNames"), ("x-enum-descriptions", "x-enumDescriptions")
MICROSOFT = "x-ms-enum"
KEYWORDS = frozenset((*NAMES, *TEXTS, MICROSOFT))
LONGEST = 500
"""Characters of the description of one value."""
_Lose = Callable[[Node, Any, str], Any]


def notes(node: Node, lose: _Lose) -> dict[str, str]:
    """value, as JSON -> its name and its description, as far as a schema gives either."""
    listed = node.value.get("enum")
    if not isinstance(listed, list) or not KEYWORDS & node.value.keys():
        return {}
    names, texts = _microsoft(node, listed, lose)
    for result, keywords in ((names, NAMES), (texts, TEXTS)):
        for keyword in reversed(keywords):
            if (written := node.get(keyword)) is not None:
                result |= _read(keyword, written, listed, lose)
    shown = ((value, _shown(value, names.get(key(value), ""), texts.get(key(value), ""))) for value in listed)
    return {key(value): text for value, text in shown if text}


def key(value: Any) -> str:
    """The same for values that are the same JSON."""
    return json.dumps(value, sort_keys=True)


def _read(keyword: str, written: Node, listed: list[Any], lose: _Lose) -> dict[str, str]:
    content = written.value
    if isinstance(content, dict) and keyword in TEXTS:
        unknown = [each for each in content if each not in map(_plain, listed)]
        if unknown:
            lose(written, "degraded", f"`{keyword}` describes {unknown[0][:80]!r}, which is not a value of `enum`")
        return {key(value): _text(content.get(_plain(value))) for value in listed}
    if not isinstance(content, list):
        lose(written, "degraded", f"`{keyword}` is not a list, and is not read")
        return {}
    if len(content) != len(listed):
        what = f"`{keyword}` has {len(content)} entries, and `enum` {len(listed)}; it is not read"
        lose(written, "degraded", what)
        return {}
    return {key(value): _text(each) for value, each in zip(listed, content)}


def _microsoft(node: Node, listed: list[Any], lose: _Lose) -> tuple[dict[str, str], dict[str, str]]:
    written = node.get(MICROSOFT)
    valid = written.value.get("values") if written is not None and isinstance(written.value, dict) else None
    entries = [each for each in valid if isinstance(each, dict) and "value" in each] if isinstance(valid, list) else []
    known = set(map(key, listed))
    unknown = [each["value"] for each in entries if key(each["value"]) not in known]
    if written is not None and unknown:
        lose(written, "degraded", f"`{MICROSOFT}` describes {str(unknown[0])[:80]!r}, which is not a value of `enum`")
    return (
        {key(each["value"]): _text(each.get("name")) for each in entries},
        {key(each["value"]): _text(each.get("description")) for each in entries},
    )


def _plain(value: Any) -> str:
    """A value as the key of an object."""
    return value if isinstance(value, str) else json.dumps(value)


def _text(content: Any) -> str:
    return seen(prose(content)[:LONGEST]) if isinstance(content, str) else ""


def _shown(value: Any, name: str, text: str) -> str:
    """`NAME: text`, without a part that only repeats the value or the other part."""
    plain = _plain(value)
    if text.lower().startswith(f"{plain}:".lower()):
        text = text[len(plain) + 1 :].strip()
    parts = dict.fromkeys(each for each in (name, text) if each and each.lower() != plain.lower())
    if len(parts) == 2 and name.lower() == text.lower():
        return text
    return ": ".join(parts)
