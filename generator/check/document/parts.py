"""The objects of a document by kind, found in one pass by the tables of the specification, and how advice about them is made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...errors import Finding, SpecError
from ...read.openapi import Document
from ...read.shape import OBJECTS
from ...read.source import Node, steps
from ..advised import Advice, Fix
from ..catalogue import BY_ID


@dataclass
class Parts:
    """The objects of a document and of the files it refers to."""

    document: Document
    of: dict[str, list[Node]] = field(default_factory=dict)
    """By the kind that `read.shape` gives them."""
    references: list[Node] = field(default_factory=list)
    """Those that are a `$ref`."""

    def __post_init__(self) -> None:
        seen: set[tuple[str, str, str]] = set()
        todo: list[tuple[Node, str]] = [(self.document.root, "document")]
        while todo:
            node, kind = todo.pop()
            if kind.startswith("[]"):
                todo += [(each, kind[2:]) for each in node.elements()]
            elif kind.startswith(("map ", "patterned ")):
                form, _, inner = kind.partition(" ")
                todo += [(e, inner) for key, e in node.items() if not (form == "patterned" and key.startswith("x-"))]
            elif (
                kind in OBJECTS
                and isinstance(node.value, dict)
                and (here := (node.source.file, node.pointer, kind)) not in seen
            ):
                seen.add(here)
                self.of.setdefault(kind, []).append(node)
                todo += self._inside(node, kind)

    def _inside(self, node: Node, kind: str) -> list[tuple[Node, str]]:
        nodes: list[tuple[Node, str]] = []
        ref = node.value.get("$ref")
        if isinstance(ref, str):
            self.references.append(node)
            if not ref.startswith("#"):
                try:
                    nodes.append((self.document.target(node), kind))
                except SpecError:
                    pass  # reported as an unresolved reference
        if kind == "callback":
            nodes.append((node, "patterned path item"))
        for key in OBJECTS[kind].keys() & node.value.keys():
            inner = node.get(key)
            assert inner is not None
            for wanted in OBJECTS[kind][key].removeprefix("!").split("|"):
                if isinstance(inner.value, list) is wanted.startswith("[]"):
                    nodes.append((inner, wanted))
        return nodes

    def followed(self, node: Node) -> Node | None:
        """The node itself, or the target if it is a `$ref`; None if that does not resolve."""
        try:
            return self.document.follow(node)
        except SpecError:
            return None

    def fixed(self, node: Node, **action: Any) -> Fix | None:
        """An action at a node; None where an overlay does not reach it: in another file, in what 2.0 writes otherwise."""
        if self.document.swagger is not None or node.source is not self.document.root.source:
            return None
        target, value = "$", self.document.root.value
        for step in steps(node.pointer):
            target += f"[{step}]" if isinstance(value, list) else f"[{_quoted(step)}]"
            value = value[int(step)] if isinstance(value, list) else value[step]
        return Fix(target, **action)


def _quoted(key: str) -> str:
    """A key as a JSONPath writes it (RFC 9535, 2.7)."""
    marks = {"'": "\\'", "\\": "\\\\"}
    return "'" + "".join(marks.get(c, c if c >= " " else f"\\u{ord(c):04x}") for c in key) + "'"


def advice(rule: str, at: Node, what: str, hint: str, fix: Fix | None = None) -> Advice:
    """Advice by a rule of the catalogue."""
    return Advice(Finding(at.place, what, hint), BY_ID[rule].severity, rule, fix)
