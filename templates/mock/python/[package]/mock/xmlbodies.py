"""A body of XML as the value that it stands for, by the XML Objects of its schema: what `xmltext` writes, read back.

OpenAPI 3.0.4, 4.7.26; 3.2.0, 4.26. Entities are never expanded, and nothing is fetched; depth and number are bounded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from .problems import Problem
from .schema import Schema, Schemas
from .texts import DEEPEST, plain, typed
from .xmltext import described

MOST = 100_000
"""Elements and attributes of a body; more are answered with 400."""
_FORMS = 4
"""Deepest nesting of unions whose members are tried."""
_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
Named = tuple[str, str]
"""A namespace, which may be empty, and a local name."""


@dataclass
class Element:
    """An element: its name, and its content."""

    name: Named
    attributes: dict[Named, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""


def is_xml(media: str) -> bool:
    """Whether a media type is one of XML (RFC 7303)."""
    return media in ("application/xml", "text/xml") or media.endswith("+xml")


def read(content: bytes, charset: str | None, schema: Schema, schemas: Schemas) -> tuple[Any, list[tuple[str, str]]]:
    """The value, and what is wrong with the document beside what its schema says of the value: places and reasons.

    charset: of the Content-Type, which goes before what the document says of itself (RFC 7303, 3).
    """
    root = parsed(content, charset)
    reading = _Reading(schemas)
    called = described(schema, schemas).get("name")
    if called and root.name[1] != called:
        reading.wrong.append((root.name[1], f"must be called {called}, as the root of the document"))
    return reading.value(root, schema, "", _FORMS), reading.wrong


def parsed(content: bytes, charset: str | None) -> Element:
    """The root of a document. Raises Problem if it is malformed or too large."""
    outside = Element(("", ""), {})
    path, count = [outside], 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1 + len(attributes)
        if len(path) > DEEPEST or count > MOST:
            raise Problem(400, f"The body has more than {DEEPEST} levels, or more than {MOST} elements and attributes.")
        element = Element(_named(name), {_named(each): text for each, text in attributes.items()})
        path[-1].children.append(element)
        path.append(element)

    def declared(*_: Any) -> None:
        raise Problem(400, "The body declares an entity: it is not expanded.")

    def characters(text: str) -> None:
        path[-1].text += text

    try:
        parser = expat.ParserCreate(charset, namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = start, lambda _: path.pop()
        parser.CharacterDataHandler, parser.EntityDeclHandler = characters, declared
        parser.Parse(content, True)
    except (expat.ExpatError, LookupError, ValueError) as error:
        raise Problem(400, f"The body is not XML: {error}.") from None
    return outside.children[0]


def _named(name: str) -> Named:
    namespace, _, local = name.rpartition(" ")
    return namespace, local


class _Reading:
    """One reading of one document."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas
        self.wrong: list[tuple[str, str]] = []

    def value(self, element: Element, schema: Schema, where: str, forms: int) -> Any:
        """The value of an element; an invalid value if the element is malformed."""
        if element.attributes.get((_INSTANCE, "nil")) in ("true", "1"):
            return None
        meant = plain(schema, self._schemas)
        if "anyOf" in meant and forms:
            return self._one_of(element, meant, where, forms - 1)
        kind = meant.get("type")
        if kind == "array":
            items = meant.get("items", {})
            inner = described(items, self._schemas).get("name", "")
            return [self.value(each, items, where, forms) for each in self._called(element, inner, where)]
        if kind == "object":
            return self._object(element, meant, where, forms)
        if element.children:
            return _open(element)
        if kind != "string":
            return typed(element.text.strip(), schema, self._schemas)
        return typed(element.text, schema, self._schemas)

    def _one_of(self, element: Element, schema: Schema, where: str, forms: int) -> Any:
        """The value as the first form that it fits."""
        value_ = None
        for member in schema["anyOf"]:
            before = len(self.wrong)
            value_ = self.value(element, member, where, forms)
            if len(self.wrong) == before and self._schemas.valid(value_, member):
                return value_
            del self.wrong[before:]
        return value_

    def _object(self, element: Element, schema: Schema, where: str, forms: int) -> Any:
        value: dict[str, Any] = {}
        known: set[Named] = set()
        for key, inner in self._schemas.properties(schema).items():
            xml = described(inner, self._schemas)
            name, place = xml.get("name") or key, f"{where}.{key}".lstrip(".")
            if xml.get("node") == "attribute":
                named = (xml.get("namespace", "") if xml.get("prefix") else "", name)
                if named in element.attributes:
                    value[key] = typed(element.attributes[named], inner, self._schemas)
                known.add(named)
                continue
            if xml.get("node") == "text":
                value[key] = typed(element.text, inner, self._schemas)
                continue
            meant = plain(inner, self._schemas)
            listed, wrapped = meant.get("type") == "array", xml.get("node") == "element"
            items = meant.get("items", {}) if listed else inner
            # The name of a list is that of what is around its items, and theirs where they have none.
            item = described(items, self._schemas)
            if listed and not wrapped:
                name, xml = item.get("name") or key, item
            children = [each for each in element.children if _is(each, name, xml.get("namespace", ""))]
            known |= {each.name for each in children}
            if listed and children:
                inside = item.get("name") or name
                within = (
                    [each for outer in children for each in self._called(outer, inside, place)] if wrapped else children
                )
                value[key] = [self.value(each, items, place, forms) for each in within]
            elif children:
                values = [self.value(each, inner, place, forms) for each in children]
                value[key] = values[0] if len(values) == 1 else values
            elif listed and key in self._schemas.required(schema) and self._schemas.valid([], inner):
                value[key] = []  # which has no element where nothing is around its items
        return self._with_others(element, value, schema, known, where)

    def _with_others(
        self, element: Element, value: dict[str, Any], schema: Schema, known: set[Named], where: str
    ) -> Any:
        """The value with what stands in the element beside its properties: to check is what the schema says of that."""
        more = schema.get("additionalProperties")
        inner = more if isinstance(more, dict) else {}
        properties = self._schemas.properties(schema)
        for each in element.children:
            place = f"{where}.{each.name[1]}".lstrip(".")
            if each.name in known:
                continue
            if each.name[1] in properties:
                self.wrong.append(
                    (place, "is not as its XML Object says: its name, its namespace, or that it is an attribute")
                )
                continue
            item = self.value(each, inner, place, 0) if inner else _open(each)
            value[each.name[1]] = [value[each.name[1]], item] if each.name[1] in value else item
        for named, text in element.attributes.items():
            if named not in known and named[0] != _INSTANCE:
                value.setdefault(named[1], typed(text, inner, self._schemas))
        if not value and element.text.strip():
            return element.text  # which is no object
        return value

    def _called(self, element: Element, name: str, where: str) -> Iterator[Element]:
        """The items of a list, which are all called alike."""
        for each in element.children:
            if name and each.name[1] != name:
                self.wrong.append(
                    (f"{where}.{each.name[1]}".lstrip("."), f"must be called {name}, as an item of its list")
                )
            else:
                yield each


def _is(element: Element, name: str, namespace: str) -> bool:
    return element.name[1] == name and (not namespace or element.name[0] == namespace)


def _open(element: Element) -> Any:
    """The value of an element without a schema: its text, or its content by name."""
    if not element.children:
        return element.text
    forms: dict[str, Any] = {}
    for each in element.children:
        forms.setdefault(each.name[1], []).append(_open(each))
    return {name: values[0] if len(values) == 1 else values for name, values in forms.items()}
