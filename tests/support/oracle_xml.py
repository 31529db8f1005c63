"""A value as XML, by the XML Objects of the document as it is written (OAS 3.0.4, 4.7.26; XML 1.0).

It imports nothing of the generator nor of what it makes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from oracle_documents import pointed

_DEEPEST = 8
_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document holds (XML 1.0, 2.2)."""
_SPACES = {"\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}


def document_of(document: dict[str, Any], schema: Any, value: Any) -> str | None:
    """The document that a value is; None for one that XML cannot write."""
    if _REFUSED.search(json.dumps(value, ensure_ascii=False)):
        return None
    name = schema["$ref"].rpartition("/")[2] if isinstance(schema, dict) and "$ref" in schema else "root"
    name = _xml(document, schema).get("name") or (name if re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII) else "root")
    if isinstance(value, list):
        items = _found(document, schema, "items")
        inner = _xml(document, items).get("name") or "item"
        return f"<{name}>{''.join(_element(document, inner, items, item) for item in value)}</{name}>"
    return _element(document, name, schema, value)


def _facts(document: dict[str, Any], schema: Any, turn: int = 0) -> Iterator[dict[str, Any]]:
    """What a schema says itself, then what it refers to or is made of."""
    if not isinstance(schema, dict) or turn > _DEEPEST:
        return
    yield schema
    inner = [pointed(document, schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    for key in ("allOf", "oneOf", "anyOf"):
        inner += schema[key] if isinstance(schema.get(key), list) else []
    for each in inner:
        yield from _facts(document, each, turn + 1)


def _xml(document: dict[str, Any], schema: Any) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for each in _facts(document, schema):
        merged = {**each.get("xml", {}), **merged} if isinstance(each.get("xml", {}), dict) else merged
    return merged


def _found(document: dict[str, Any], schema: Any, *keys: str) -> Any:
    for each in _facts(document, schema):
        for key in keys:
            each = each.get(key) if isinstance(each, dict) else None
        if each is not None:
            return each
    return {}


def _element(document: dict[str, Any], name: str, schema: Any, value: Any) -> str:
    tag, spaces = _tag(_xml(document, schema), name)
    if not isinstance(value, dict):
        return f"<{tag}{spaces}>{escape(_text(value), _SPACES)}</{tag}>"
    attributes, inside = spaces, ""
    for key, item in value.items():
        inner = _found(document, schema, "properties", key) or _found(document, schema, "additionalProperties")
        xml = _xml(document, inner)
        if item is None:
            continue
        if xml.get("attribute") is True and not isinstance(item, (dict, list)):
            own, more = _tag(xml, xml.get("name") or key)
            attributes += (more if ":" in own else "") + f" {own}={quoteattr(_text(item), _SPACES)}"
        elif isinstance(item, list):
            items = _found(document, inner, "items")
            called = _xml(document, items).get("name")
            if xml.get("wrapped") is True:
                outer, more = _tag(xml, xml.get("name") or key)
                listed = (_element(document, called or xml.get("name") or key, items, each) for each in item)
                inside += f"<{outer}{more}>{''.join(listed)}</{outer}>"
            else:
                inside += "".join(_element(document, called or key, items, each) for each in item)
        else:
            inside += _element(document, xml.get("name") or key, inner, item)
    return f"<{tag}{attributes}>{inside}</{tag}>"


def _tag(xml: dict[str, Any], name: str) -> tuple[str, str]:
    """The name with its prefix, and the namespace that it is declared with."""
    namespace, prefix = xml.get("namespace"), xml.get("prefix")
    if not isinstance(namespace, str) or not namespace:
        return name, ""
    if prefix:
        return f"{prefix}:{name}", f" xmlns:{prefix}={quoteattr(namespace)}"
    return name, f" xmlns={quoteattr(namespace)}"


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
