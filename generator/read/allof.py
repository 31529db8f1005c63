"""What `allOf` and the keys beside a `$ref` make of a schema: a reference with other words, or several laid together.

Nothing is copied: every keyword and every property of the result is the node at which it is written, so that what
stands at one place is one type however many schemas inherit it, and a schema that inherits itself is no special case.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .openapi import Document, Joined, Key, key_of
from .schema_names import Called, called
from .source import Node

_NOTES = frozenset(
    ["title", "summary", "description", "default", "nullable", "deprecated", "readOnly", "writeOnly", "example"]
    + ["examples", "externalDocs", "xml", "discriminator", "$comment", "$id", "$schema", "$anchor", "$defs"]
)
"""Keywords that change nothing of which values a schema allows, but for null."""


@dataclass(frozen=True)
class Reference:
    """A schema that means another one: by a `$ref`, or by an `allOf` of it and words."""

    target: Node
    notes: tuple[Node, ...]
    """Where words of its own stand, the nearest first."""


@dataclass(frozen=True)
class Laid:
    """A schema laid together."""

    node: Node
    called: Called
    keywords: Mapping[str, Called] = field(default_factory=dict)
    """The schema that a keyword is inherited from."""
    fields: Mapping[str, Called] = field(default_factory=dict)
    """The schema that a property is inherited from."""
    clashes: tuple[tuple[Node, str], ...] = ()
    """What is written twice, differently; the first is read."""
    inherited: int = 0
    """The schemas and properties that it inherits."""
    cut: bool = False
    """Whether there was no room for all of them."""


def is_note(keyword: str) -> bool:
    """Whether a keyword only says something of the schema."""
    return keyword in _NOTES or keyword.startswith("x-")


def refers(node: Node) -> bool:
    """Whether the node is a `$ref`."""
    return isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str)


def reference(document: Document, node: Node) -> Reference | None:
    """The one reference that a schema comes to; None where it says more than words beside it."""
    if "$ref" not in node.value and "allOf" not in node.value:
        return None
    targets = [document.target(node)] if refers(node) else []
    notes = [node]
    parts = node.get("allOf") if not ignores(document, node) else None
    for part in parts.elements() if parts else ():
        if refers(part) or part.get("allOf") is not None:
            inner = reference(document, part)
            if inner is None:
                return None
            targets.append(inner.target)
            notes += inner.notes
        else:
            notes.append(part)
    if len({key_of(target) for target in targets}) != 1:
        return None
    known = document.follow(targets[0]).value
    for each in notes:
        if any(True for _ in more(each, known)) and not ignores(document, each):
            return None
    return Reference(targets[0], tuple(notes))


def ignores(document: Document, node: Node) -> bool:
    """Whether nothing but words is read beside a `$ref`: 3.0 allows nothing there."""
    return document.is_3_0 and refers(node)


def more(node: Node, known: Any) -> Iterator[str]:
    """The keywords of a schema that are more than words, and that the one it refers to does not have alike."""
    there = known if isinstance(known, dict) else {}
    if not isinstance(node.value, dict):
        yield from () if node.value is True else ("not",)
        return
    for keyword, written in node.value.items():
        told = keyword in there and there[keyword] == written
        if keyword not in ("$ref", "allOf") and not is_note(keyword) and not told:
            yield keyword


def lay(document: Document, node: Node, own: Called, names: Mapping[str, str], room: int) -> Laid:
    """The schema and all that its `allOf` leads to as one, as far as there is room for what it inherits.

    What the schema says itself stands before what it refers to, and what is written first before what comes later;
    properties stand in the order in which they are inherited.
    """
    layers: list[_Layer] = []
    taken, cut = 0, False
    for layer in _layers(document, node, own, names):
        taken += 1 + len(layer.properties) if layer.inherited else 0
        if cut := taken > room:
            break
        layers.append(layer)
    found: dict[str, Node] = {}
    properties: dict[str, Node] = {}
    keywords: dict[str, Called] = {}
    fields: dict[str, Called] = {}
    needed: dict[str, None] = {}
    clashes: list[tuple[Node, str]] = []
    for layer in sorted(layers, key=lambda layer: layer.inherited):
        for keyword, written in layer.node.items():
            if keyword in ("$ref", "allOf") or (layer.words_only and not is_note(keyword)):
                continue
            if keyword == "required" and isinstance(written.value, list):
                needed |= dict.fromkeys(map(str, written.value))
            if keyword == "properties":
                for wire, schema in written.items():
                    if properties.setdefault(wire, schema) is schema:
                        fields |= {wire: layer.called} if layer.inherited else {}
                    elif properties[wire].value != schema.value:
                        clashes.append((schema, f"the property {wire!r}"))
            if found.setdefault(keyword, written) is written:
                keywords |= {keyword: layer.called} if layer.inherited else {}
            elif keyword not in ("required", "properties") and found[keyword].value != written.value:
                clashes += [(written, f"`{keyword}`")] if not is_note(keyword) else []
    if needed:
        found["required"] = Node(found["required"].source, found["required"].pointer, list(needed))
    if properties:
        order = dict.fromkeys(wire for layer in reversed(layers) for wire in layer.properties)
        found["properties"] = Joined.of(node, {wire: properties[wire] for wire in order})
    return Laid(Joined.of(node, found), own, keywords, fields, tuple(clashes), min(taken, room), cut)


@dataclass(frozen=True)
class _Layer:
    node: Node
    called: Called
    inherited: bool
    """Whether a `$ref` leads to it."""
    words_only: bool

    @property
    def properties(self) -> list[str]:
        listed = self.node.get("properties") if not self.words_only else None
        return [wire for wire, _ in listed.items()] if listed else []


def _layers(document: Document, node: Node, own: Called, names: Mapping[str, str]) -> Iterator[_Layer]:
    """The schema and the parts of its `allOf`, and theirs, each once; a `$ref` before what stands beside it."""
    todo = [(node, own, False)]
    seen: set[Key] = set()
    while todo:
        part, whose, inherited = todo.pop()
        if key_of(part) in seen or part.value is True:
            continue
        seen.add(key_of(part))
        if part.value is False:
            part = Node(part.source, part.pointer, {"not": {}})
        if not isinstance(part.value, dict):
            raise part.error("a schema is an object or a boolean", "write a schema there")
        only = ignores(document, part)
        yield _Layer(part, whose, inherited, only)
        parts = part.get("allOf") if not only else None
        below = [(each, whose, inherited) for each in parts.elements()] if parts else []
        if refers(part):
            target = document.target(part)
            below.insert(0, (target, called(target, names), True))
        todo += reversed(below)
