"""A value as XML, by the XML Objects of its schema (OpenAPI 3.0.4, 4.7.26; 3.2.0, 4.26)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import escape
from typing import Any

from .definitions import Definitions, Schema

_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_ROOT = "root"
_MOST_MEMBERS = 12
"""Members of a union that are looked at."""


def document(value: Any, schema: Schema, schemas: Definitions) -> str:
    """A document of one element: a named schema's name, unless its XML Object gives one."""
    named = str(schema.get("$ref", "")).rpartition("/")[2]
    name = named if _NAME.fullmatch(named) and "." not in named else _ROOT
    if isinstance(value, list) and described(schema, schemas).get("node") != "element":
        items = schemas.resolve(schema).get("items", {})
        inner = "".join(text for item in value for text in _elements("item", item, items, schemas))
        return f'<?xml version="1.0" encoding="UTF-8"?><{name}>{inner}</{name}>'
    return '<?xml version="1.0" encoding="UTF-8"?>' + "".join(_elements(name, value, schema, schemas))


def described(schema: Schema, schemas: Definitions) -> dict[str, str]:
    """The XML Object of a schema: what is said at a use of a schema goes before what the schema says itself."""
    return {**schemas.resolve(schema).get("xml", {}), **schema.get("xml", {})}


def _elements(name: str, value: Any, schema: Schema, schemas: Definitions) -> Iterator[str]:
    """One element, or one for each item of a list."""
    xml = described(schema, schemas)
    known = _member(schemas.resolve(schema), value, schemas)
    if isinstance(value, list):
        items = known.get("items", {})
        wrapped = xml.get("node") == "element"
        name = name if _NAME.fullmatch(name) else "item"
        # The name of an array is that of what is around its items, and theirs where they have none.
        inner = (xml.get("name") if wrapped else "") or name
        texts = [text for item in value for text in _elements(inner, item, items, schemas)]
        yield from [_element({"name": name, **xml}, [], "".join(texts))] if wrapped else texts
        return
    attributes: list[str] = []
    content = ""
    if isinstance(value, dict):
        properties = schemas.properties(known)
        for key, item in value.items():
            inside = properties.get(key, {})
            own = described(inside, schemas)
            if own.get("node") == "attribute" and item is not None and not isinstance(item, dict):
                attributes += _attribute(own, own.get("name") or key, item)
            elif own.get("node") == "text" and not isinstance(item, (dict, list)):
                content += _text(item)
            else:
                content += "".join(_elements(key, item, inside, schemas))
    else:
        content = _text(value)
    yield _element({"name": name, **xml}, attributes, content)


def _member(schema: Schema, value: Any, schemas: Definitions) -> Schema:
    """The member of a union that an object or a list is: the first of its type."""
    kind = "array" if isinstance(value, list) else "object" if isinstance(value, dict) else ""
    members = [schemas.resolve(each) for each in schema.get("anyOf", ())[:_MOST_MEMBERS]]
    return next((each for each in members if kind and each.get("type") == kind), schema)


def _element(xml: dict[str, str], attributes: list[str], content: str) -> str:
    name = xml["name"] if _NAME.fullmatch(xml["name"]) else "item"
    tag = f"{prefix}:{name}" if (prefix := _prefix(xml)) else name
    return f"<{' '.join([tag, *_namespace(xml), *attributes])}>{content}</{tag}>"


def _attribute(xml: dict[str, str], name: str, value: Any) -> list[str]:
    """An attribute, and its namespace; nothing where it can have no such name."""
    if not _NAME.fullmatch(name):
        return []
    prefix = _prefix(xml)
    named = f"{prefix}:{name}" if prefix else name
    return [*(_namespace(xml) if prefix else []), f'{named}="{escape(_plain(value), quote=True)}"']


def _prefix(xml: dict[str, str]) -> str:
    """A prefix counts with its namespace: without one, no reader takes the document."""
    prefix = xml.get("prefix", "")
    return prefix if xml.get("namespace") and _NAME.fullmatch(prefix) else ""


def _namespace(xml: dict[str, str]) -> list[str]:
    namespace = xml.get("namespace", "")
    if not namespace or not namespace.isprintable():
        return []
    name = f"xmlns:{prefix}" if (prefix := _prefix(xml)) else "xmlns"
    return [f'{name}="{escape(namespace, quote=True)}"']


def _text(value: Any) -> str:
    return escape(_plain(value), quote=False)


def _plain(value: Any) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value)
    return "".join(each for each in text if each.isprintable() or each in "\t\n\r")


def is_document(text: str) -> bool:
    """Whether a text is an XML document as it is, and so no value that an element is to hold."""
    if "<!ENTITY" in text:
        return True  # what it declares is its reader's to expand
    from xml.parsers import expat

    try:
        expat.ParserCreate().Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError:
        return False
    return True
