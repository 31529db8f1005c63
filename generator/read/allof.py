"""Resolves `allOf` and the keys next to a `$ref`: to a reference with its own notes, or to several schemas merged.

A value fits all of them, so limits are the tighter ones, values and kinds those that all of them have, and a property
that several describe is an `allOf` of its own (see `intersection`). Nothing is copied: whatever only one of them says is
the node at which it is written, so that what stands at one place is one type however many schemas inherit it, and a
schema that inherits itself is no special case. What cannot be laid together is a rule beside the result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import intersection
from .intersection import Meeting, is_note
from .openapi import Document, Joined, Key, Listed, key_of
from .schema_names import Called, called
from .source import Node


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
    unions: tuple[tuple[str, Node], ...] = ()
    """Each `oneOf` and `anyOf`: the keyword and the schema that it stands in."""
    rules: tuple[tuple[Node, tuple[str, ...]], ...] = ()
    """Keywords that are checked as they are written, with the schema that they stand in."""
    clashes: tuple[tuple[Node, str], ...] = ()
    """What cannot be one, and which of it is read."""
    empty: str = ""
    """Why nothing fits it."""
    inherited: int = 0
    """The schemas and properties that it inherits."""
    cut: bool = False
    """Whether there was no room for all of them."""


def refers(node: Node) -> bool:
    """Whether the node is a `$ref`."""
    return isinstance(node.value, dict) and isinstance(node.value.get("$ref"), str)


def reference(document: Document, node: Node) -> Reference | None:
    """The reference that a schema consists of; None if it has keywords next to it that are more than notes."""
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
    """Whether only notes are read next to a `$ref`: 3.0 allows nothing there."""
    return document.is_3_0 and refers(node)


def more(node: Node, known: Any) -> Iterator[str]:
    """The keywords of a schema that are more than notes, and that differ from those of the schema it refers to."""
    there = known if isinstance(known, dict) else {}
    if not isinstance(node.value, dict):
        yield from () if node.value is True else ("not",)
        return
    for keyword, written in node.value.items():
        repeated = keyword in there and there[keyword] == written
        if keyword not in ("$ref", "allOf") and not is_note(keyword) and not repeated:
            yield keyword


def lay(document: Document, node: Node, own: Called, names: Mapping[str, str], room: int) -> Laid:
    """The schema merged with all parts of its `allOf`, as far as there is room for what it inherits.

    Its own keywords take precedence over inherited ones, and earlier parts over later ones;
    properties are in the order in which they are inherited.
    """
    layers: list[_Layer] = []
    taken, cut = 0, False
    for layer in _layers(document, node, own, names):
        taken += 1 + len(layer.properties) if layer.inherited else 0
        if cut := taken > room:
            break
        layers.append(layer)
    meeting = Meeting()
    properties: dict[str, list[Node]] = {}
    keywords: dict[str, Called] = {}
    fields: dict[str, Called] = {}
    unions: list[tuple[str, Node]] = []
    rules: list[tuple[Node, tuple[str, ...]]] = []
    for layer in sorted(layers, key=lambda layer: layer.inherited):
        part = _noted(layer.node) if layer.words_only else layer.node
        unions += [(keyword, part) for keyword in ("oneOf", "anyOf") if keyword in part.value]
        rules += [(part, group) for group in intersection.checked(part)]
        for wire, schema in _properties(part):
            known = properties.setdefault(wire, [])
            fields |= {wire: layer.called} if layer.inherited and not known else {}
            known += [schema] if all(schema.value != each.value for each in known) else []
        for keyword in part.value.keys() - meeting.merged.keys() - meeting.schemas.keys() if layer.inherited else ():
            keywords[keyword] = layer.called
        meeting.add(part)
    meeting.align()
    merged = meeting.merged
    if properties:
        order = dict.fromkeys(wire for layer in reversed(layers) for wire in layer.properties)
        merged["properties"] = Joined.of(
            node, {wire: _all(node, f"/properties/{wire}", properties[wire]) for wire in order}
        )
    merged |= {keyword: _all(node, f"/{keyword}", several) for keyword, several in meeting.schemas.items()}
    for part in meeting.closing:
        others = properties.keys() - {wire for wire, _ in _properties(part)}
        if (others or "patternProperties" in merged) and "patternProperties" not in part.value:
            rules.append((part, ("properties", "additionalProperties")))
    empty = next(meeting.empties(), "")
    laid = Joined.of(node, merged)
    if "prefixItems" in merged and "items" in merged:
        rules.append((laid, ("items",)))
    return Laid(
        laid, own, keywords, fields, tuple(unions), (*rules, *meeting.rules), tuple(meeting.clashes), empty,
        min(taken, room), cut,
    )  # fmt: skip


def alone(node: Node, own: Called) -> Laid:
    """A schema without `allOf` and `$ref`, unchanged."""
    unions = tuple((keyword, node) for keyword in ("oneOf", "anyOf") if keyword in node.value)
    return Laid(node, own, unions=unions, rules=tuple((node, group) for group in intersection.checked(node)))


def member(node: Node, mark: str, parts: list[Node]) -> Node:
    """An `allOf` of schemas, which stands at a node under a name of its own."""
    return Joined.of(node, {"allOf": Listed.of(node, parts)}, f"/allOf{mark}")


def _all(node: Node, mark: str, parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else member(node, mark, parts)


def _properties(node: Node) -> Iterator[tuple[str, Node]]:
    properties = node.get("properties")
    yield from properties.items() if properties is not None else ()


def _noted(node: Node) -> Node:
    """What stands beside a `$ref` in 3.0: words alone."""
    return Joined.of(node, {keyword: part for keyword, part in node.items() if is_note(keyword)})


@dataclass(frozen=True)
class _Layer:
    node: Node
    called: Called
    inherited: bool
    """Whether a `$ref` points to it."""
    words_only: bool

    @property
    def properties(self) -> list[str]:
        return [wire for wire, _ in _properties(self.node)] if not self.words_only else []


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
            raise part.error("a schema must be an object or a boolean", "use a schema")
        only = ignores(document, part)
        yield _Layer(part, whose, inherited, only)
        parts = part.get("allOf") if not only else None
        below = [(each, whose, inherited) for each in parts.elements()] if parts else []
        if refers(part):
            target = document.target(part)
            below.insert(0, (target, called(target, names), True))
        todo += reversed(below)
