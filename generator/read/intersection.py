"""Schemas that a value has to fit at once, keyword by keyword, as JSON Schema 2020-12 means each of them.

minimum, maxLength …   the tighter of two
enum, const            the values that all have
type                   the kinds that all have; an integer is a number
required               all of them
items, additionalProperties, properties   an `allOf` of the description of the same value
everything else        checked as it is written, beside the rest
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from . import enums
from .source import Node

_NOTES = frozenset(
    ["title", "summary", "description", "default", "nullable", "deprecated", "readOnly", "writeOnly", "example"]
    + ["examples", "externalDocs", "xml", "discriminator", "$comment", "$id", "$schema", "$anchor", "$defs"]
)
"""Keywords that change nothing of which values a schema allows, but for null."""
_TIGHTER: dict[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"], max),
    **dict.fromkeys(["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"], min),
    "uniqueItems": lambda one, other: one is True or other is True,
}
_GROUPS = (
    ("not",),
    ("if", "then", "else"),
    ("contains", "minContains", "maxContains"),
    ("prefixItems", "items"),
    ("propertyNames",),
    ("dependentRequired",),
    ("dependentSchemas",),
    ("patternProperties", "properties", "additionalProperties"),
)
"""What no type holds; the first of each is what it is about, the others say how."""
_RANGES = (
    ("minimum", "maximum", {"integer", "number"}),
    ("minLength", "maxLength", {"string"}),
    ("minItems", "maxItems", {"array"}),
)


def is_note(keyword: str) -> bool:
    """Whether a keyword only annotates the schema."""
    return keyword in _NOTES or keyword.startswith("x-")


def checked(node: Node) -> Iterator[tuple[str, ...]]:
    """The keywords of a schema that are checked as they are written, those together that mean something together."""
    if "unevaluatedProperties" in node.value or "unevaluatedItems" in node.value:
        yield tuple(keyword for keyword in node.value if not is_note(keyword))  # they ask what the others look at
        return
    for group in _GROUPS:
        if group[0] in node.value:
            yield tuple(keyword for keyword in group if keyword in node.value)


class Meeting:
    """What several schemas come to; of words, those that stand first."""

    def __init__(self) -> None:
        self.merged: dict[str, Node] = {}
        self.schemas: dict[str, list[Node]] = {}
        """`items` and `additionalProperties`: the description of them, `false` alone where it is."""
        self.closing: list[Node] = []
        """The schemas that say what properties beyond their own are."""
        self.rules: list[tuple[Node, tuple[str, ...]]] = []
        self.clashes: list[tuple[Node, str]] = []
        self.empty: list[str] = []
        self._kinds: list[str] | None = None
        self._met = 0
        self._told: dict[str, list[Any] | None] = {}
        """Of the description of the values of an `enum`: those that its schema lists."""

    def add(self, part: Node) -> None:
        """Meets one more schema."""
        patterned, first = "patternProperties" in part.value, self._met == 0
        self._met += 1
        for keyword, written in _plain(part).items():
            if keyword == "type":
                self._type(part, written)
            elif keyword in ("enum", "const"):
                self._values(written if keyword == "enum" else Node(written.source, written.pointer, [written.value]))
            elif keyword == "additionalProperties":
                if written.value is not True and not patterned:
                    self.closing.append(part)
                    self._schema(keyword, written)
            elif keyword == "items":
                if "prefixItems" not in part.value:  # else it is about what follows those
                    self._schema(keyword, written)
            elif keyword in ("$ref", "allOf", "properties"):
                continue
            elif keyword == "nullable" and ("type" in part.value or not first):
                continue  # it is one of the kinds; where no kind stands beside it, it is about the whole
            elif keyword not in self.merged:
                self.merged[keyword] = written
                if keyword in enums.KEYWORDS:
                    self._told[keyword] = part.value.get("enum")
            elif written.value != self.merged[keyword].value and not is_note(keyword):
                self._again(part, keyword, written)

    def align(self) -> None:
        """Puts the description of values in the order of those that all have: each schema lists its own in its own order."""
        listed = self.merged.get("enum")
        for keyword, own in self._told.items():
            written = self.merged[keyword]
            if listed is None or own is None or own == listed.value or not isinstance(written.value, list):
                continue
            if len(own) == len(written.value):
                entry = {_key(value): each for value, each in zip(own, written.value)}
                aligned = [entry.get(_key(value)) for value in listed.value]
                self.merged[keyword] = Node(written.source, written.pointer, aligned)
            else:
                del self.merged[keyword]
                what = f"`{keyword}` of {len(written.value)} entries for an `enum` of {len(own)}; it is not read"
                self.clashes.append((written, what))

    def empties(self) -> Iterator[str]:
        """Why nothing fits all of them, as far as two keywords show it."""
        yield from self.empty
        for low, high, kinds in _RANGES:
            least, most = self.merged.get(low), self.merged.get(high)
            about = self._kinds and set(self._kinds) <= kinds
            if about and least and most and _number(least) and _number(most) and least.value > most.value:
                yield f"`{low}` is {least.value} and `{high}` {most.value}"

    def _again(self, part: Node, keyword: str, written: Node) -> None:
        known = self.merged[keyword]
        if keyword in _TIGHTER and _number(known) and _number(written):
            value = _TIGHTER[keyword](known.value, written.value)
            self.merged[keyword] = written if value == written.value else known
        elif keyword == "required" and isinstance(known.value, list) and isinstance(written.value, list):
            both = [*known.value, *(name for name in written.value if name not in known.value)]
            self.merged[keyword] = Node(known.source, known.pointer, both)
        elif keyword in ("pattern", "multipleOf"):
            self.rules.append((part, (keyword,)))
        elif keyword == "format":
            what = f"the format {known.value!r} and the format {written.value!r}; the first one is used"
            self.clashes.append((written, what))

    def _schema(self, keyword: str, written: Node) -> None:
        """Another schema of the same values."""
        known = self.schemas.setdefault(keyword, [])
        if all(written.value != each.value for each in known):
            known.append(written)
        self.schemas[keyword] = [each for each in known if each.value is False] or known

    def _type(self, part: Node, written: Node) -> None:
        kinds = written.value if isinstance(written.value, list) else [written.value]
        own = [kind for kind in kinds if isinstance(kind, str)]
        own += ["null"] if part.flag("nullable") and "null" not in own else []
        own += ["integer"] if "number" in own and "integer" not in own else []
        kept = own if self._kinds is None else [kind for kind in self._kinds if kind in own]
        if self._kinds and not kept:
            self.empty.append(f"no value is {_listed(self._kinds)} and {_listed(own)} too")
        self._kinds = kept
        shown = [kind for kind in kept if kind != "integer" or "number" not in kept]
        self.merged["type"] = Node(written.source, written.pointer, shown[0] if len(shown) == 1 else shown)

    def _values(self, written: Node) -> None:
        if "enum" in self.merged:
            allowed = {_key(value) for value in written.value}
            both = [value for value in self.merged["enum"].value if _key(value) in allowed]
            if not both:
                self.empty.append("no value is in every `enum`")
            written = Node(written.source, written.pointer, both)
        self.merged["enum"] = written


def _plain(part: Node) -> dict[str, Node]:
    """The keywords of a schema; limits of 3.0, which are open by a flag, as 3.1 writes them."""
    result = dict(part.items())
    for low, flag in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if flag in result and isinstance(result[flag].value, bool) and result.pop(flag).value and low in result:
            result[flag] = result.pop(low)
    return result


def _number(node: Node) -> bool:
    return isinstance(node.value, (int, float))


def _key(value: Any) -> str:
    """The same for values that are equal in JSON, where 1 is 1.0."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _listed(kinds: list[str]) -> str:
    return " or ".join(kind for kind in kinds if kind != "integer" or "number" not in kinds)
