"""The constraints of a schema that a type cannot express: kept as JSON Schema 2020-12, for validation.

A type describes the form of a value; a rule restricts the allowed values. Whatever version of OpenAPI a rule
was written for, it comes out as one dialect, without notes, and refers to other schemas by `#/$defs/KEY`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from ..ir import Loss
from . import allof
from .openapi import Document, Key, key_of
from .patterns import checked
from .source import Node
from .values import step

Json = dict[str, Any]

KINDS = ("null", "boolean", "integer", "number", "string", "array", "object")
_OF_ONE = frozenset(
    ["not", "if", "then", "else", "items", "additionalProperties", "contains", "propertyNames"]
    + ["unevaluatedItems", "unevaluatedProperties"]
)
_OF_MANY = frozenset(["allOf", "anyOf", "oneOf", "prefixItems"])
_OF_NAMES = frozenset(["properties", "patternProperties", "dependentSchemas"])
_COUNTS = frozenset(
    ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "minContains", "maxContains"]
)
_NUMBERS = frozenset(["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"])


class Rules:
    """The rules of one document, and the schemas that they refer to."""

    def __init__(self, document: Document, losses: list[Loss]) -> None:
        self.definitions: dict[str, Any] = {}
        """By key; each stands under the same in `$defs`."""
        self._document = document
        self._losses = losses
        self._keys: dict[Key, str] = {}
        self._waiting: deque[tuple[str, Node]] = deque()

    def of(self, node: Node, keywords: Iterable[str] | None = None) -> Json:
        """What these keywords of a schema demand; all of them, where none are named."""
        matches = self._schema(node, frozenset(keywords) if keywords is not None else None)
        while self._waiting:
            key, target = self._waiting.popleft()
            self.definitions[key] = self._schema(target, None)
        return matches if isinstance(matches, dict) else {} if matches else {"not": {}}

    def _schema(self, node: Node, only: frozenset[str] | None) -> Any:
        value = node.value
        if not isinstance(value, dict):
            return value if isinstance(value, bool) else True
        result: Json = {}
        if allof.refers(node) and (only is None or "$ref" in only):
            result["$ref"] = f"#/$defs/{quote(self._referred(node).replace('~', '~0').replace('/', '~1'), safe='~')}"
        siblings = not allof.ignores(self._document, node)
        for keyword, part in node.items():
            if (only is None or keyword in only) and siblings:
                made = self._keyword(node, keyword, part)
                if made is not None or keyword == "const":  # which may demand null
                    result[keyword] = made
        for low, other in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            # 3.0 writes `exclusiveMinimum: true` beside `minimum`; 3.1 writes the number itself.
            if value.get(other) is True and low in result:
                result[other] = result.pop(low)
        return self._nullable(result) if value.get("nullable") is True and only is None else result

    def _lost(self, node: Node, reason: str) -> None:
        self._losses.append(Loss(pointer=self._document.pointer(node), surface="*", kind="degraded", reason=reason))

    def _referred(self, node: Node) -> str:
        self._document.follow(node)  # reports references that only point to one another
        target = self._document.target(node)
        here = key_of(target)
        if here not in self._keys:
            name = target.pointer.rpartition("/")[2].replace("~1", "/").replace("~0", "~")
            key, number = f"rule.{name}", 2
            while key in self.definitions:
                key, number = f"rule.{name}.{number}", number + 1
            self._keys[here] = key
            self.definitions[key] = True
            self._waiting.append((key, target))
        return self._keys[here]

    def _keyword(self, node: Node, keyword: str, part: Node) -> Any:
        """A keyword as it is checked; None if it demands nothing, or is not valid JSON Schema."""
        written = part.value
        if keyword in _OF_ONE and isinstance(written, (dict, bool)):
            return self._schema(part, None)
        if keyword in _OF_MANY and isinstance(written, list) and written:
            return [self._schema(each, None) for each in part.elements()]
        if keyword in _OF_NAMES and isinstance(written, dict):
            for name in written if keyword == "patternProperties" else ():
                if not checked(name):
                    self._lost(
                        part, f"the names that {name[:80]!r} describes are not checked: no supported engine can read it"
                    )
            return {name: self._schema(each, None) for name, each in part.items()}
        if keyword == "type":
            kinds = written if isinstance(written, list) else [written]
            known = [kind for kind in kinds if kind in KINDS]
            return (known[0] if len(known) == 1 else known) if known else None
        if keyword == "required" and isinstance(written, list):
            return [name for name in written if isinstance(name, str) and not self._is_read_only(node, name)] or None
        if keyword == "dependentRequired" and isinstance(written, dict):
            return {k: [*filter(_is_text, v)] for k, v in written.items() if isinstance(v, list)}
        if keyword == "multipleOf":
            return step(node, lambda at, _, reason: self._lost(at, reason))
        usual = not isinstance(written, bool) and isinstance(written, (int, float))
        if (keyword in _NUMBERS or keyword in _COUNTS) and usual:
            return written
        if (keyword == "uniqueItems" and written is True) or (keyword == "pattern" and isinstance(written, str)):
            return written
        if keyword == "const" or (keyword == "enum" and isinstance(written, list) and written):
            return written
        return "binary" if keyword == "format" and written == "binary" else None

    def _is_read_only(self, node: Node, name: str) -> bool:
        """Whether a property is one that requests do not hold: then `required` is about answers alone."""
        properties = node.get("properties")
        matches = properties.get(name) if properties is not None else None
        if matches is not None and allof.refers(matches) and not matches.flag("readOnly"):
            matches = self._document.follow(matches)
        return matches is not None and matches.flag("readOnly")

    @staticmethod
    def _nullable(schema: Json) -> Json:
        """3.0's `nullable`, as authors mean it: null is allowed as well as the other values."""
        if isinstance(schema.get("type"), str) and not {"enum", "const", "$ref", *_OF_MANY} & schema.keys():
            return {**schema, "type": [schema["type"], "null"]}
        return {"anyOf": [schema, {"type": "null"}]} if schema else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def applied(rule: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """A rule and the rules within it that apply to the same value, references left alone."""
    todo: list[Any] = [rule]
    while todo:
        part = todo.pop()
        if isinstance(part, Mapping):
            yield part
            for keyword in ("allOf", "anyOf", "oneOf"):
                todo += part.get(keyword, ())
            todo += [part[keyword] for keyword in ("not", "if", "then", "else") if keyword in part]
            todo += part.get("dependentSchemas", {}).values()
