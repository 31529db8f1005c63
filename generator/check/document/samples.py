"""Rules for examples: how they are written, and whether their schemas allow them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...read.patterns import Keyword
from ...read.source import Node, steps
from ..advised import Advice
from .parts import Parts, advice

_HOME = "urn:surfacegen:document"
_SCHEMAS = "#/components/schemas/"
_NO_SCHEMA = frozenset(
    {"example", "examples", "discriminator", "xml", "externalDocs", "description", "title", "default", "$id", "$schema"}
    | {"$defs", "definitions"}
)
"""Keywords that decide nothing, those that would lead elsewhere, and schemas that no reference is followed to."""
_VALUES = frozenset({"enum", "const", "required", "dependentRequired", "type"})
"""Keywords whose values are no schemas."""
_NAMED = frozenset({"properties", "patternProperties", "dependentSchemas"})
_BOUNDS = {"exclusiveMinimum": "minimum", "exclusiveMaximum": "maximum"}
_LONGEST = 160


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of them."""
    for kind in ("parameter", "header", "media type"):
        for node in parts.of.get(kind, ()):
            if "example" in node.value and "examples" in node.value:
                what = "`example` and `examples` exclude each other"
                yield advice("example-and-examples", node.get("example") or node, what, "keep `examples`")
    for node in parts.of.get("example", ()):
        if "$ref" in node.value:
            continue
        if "value" in node.value and "externalValue" in node.value:
            what = "an example has `value` and `externalValue`"
            yield advice("oas3-examples-value-or-externalValue", node, what, "keep one of the two")
        elif not node.value.keys() & {"value", "externalValue", "dataValue", "serializedValue"}:
            what = "an example has neither `value` nor `externalValue`"
            yield advice("oas3-examples-value-or-externalValue", node, what, "write its value")
    yield from _wrong(parts)


def _wrong(parts: Parts) -> Iterator[Advice]:
    validators = _Validators(parts)
    for kind in ("media type", "parameter", "header"):
        for node in parts.of.get(kind, ()):
            schema = node.get("schema")
            if schema is None:
                continue
            text = kind == "media type" and "json" not in steps(node.pointer)[-1].lower()
            for sample in _samples(parts, node):
                if not (text and isinstance(sample.value, str)):  # serialized, which no schema describes
                    yield from _matched(validators, "oas3-valid-media-example", schema, sample)
    for schema in parts.of.get("schema", ()):
        if "$ref" in schema.value:
            continue
        listed = schema.get("examples")
        shown = [*([one] if (one := schema.get("example")) else []), *(listed.elements() if listed else ())]
        for sample in shown:
            yield from _matched(validators, "oas3-valid-schema-example", schema, sample)


def _samples(parts: Parts, node: Node) -> Iterator[Node]:
    example, examples = node.get("example"), node.get("examples")
    if example is not None:
        yield example
    for _, each in examples.items() if examples else ():
        followed = parts.followed(each)
        if followed is not None and (value := followed.get("value")) is not None:
            yield value


def _matched(validators: _Validators, rule: str, schema: Node, sample: Node) -> Iterator[Advice]:
    error = validators.error(schema, sample.value)
    if error is not None:
        at = "".join(f"/{step}" for step in error.instance_path)
        message = error.message if len(error.message) <= _LONGEST else f"{error.message[:_LONGEST]}…"
        what = f"the example does not match its schema{f' at {at}' if at else ''}: {message}"
        yield advice(rule, sample, what, "correct the example, or the schema")


class _Validators:
    """Validators of the schemas of one document, each made once."""

    def __init__(self, parts: Parts) -> None:
        self._old = parts.document.is_3_0
        self._known: dict[str, Any] = {}
        components = parts.document.root.get("components")
        schemas = components.get("schemas") if components else None
        named = {name: self._plain(each.value) for name, each in schemas.items()} if schemas else {}
        self._whole = {"components": {"schemas": named}}
        self._registry: Any = None

    def error(self, schema: Node, value: Any) -> Any:
        """The first error of a value against a schema; None if there is none, or it cannot be checked."""
        ref = schema.value.get("$ref") if isinstance(schema.value, dict) else None
        key = ref if isinstance(ref, str) and ref.startswith("#") else f"{schema.source.file}{schema.pointer}"
        if key not in self._known:
            self._known[key] = self._made(schema.value)
        validator = self._known[key]
        if validator is None:
            return None
        return min(validator.iter_errors(value), key=lambda error: [*map(str, error.instance_path)], default=None)

    def _made(self, schema: Any) -> Any:
        from jsonschema_rs import Draft202012Validator, Registry

        keywords: Any = {"pattern": Keyword}
        try:
            if self._registry is None:
                self._registry = Registry([(_HOME, self._whole)])
            return Draft202012Validator(
                self._plain(schema), registry=self._registry, keywords=keywords, validate_formats=True
            )
        except (ValueError, TypeError):  # the schema is invalid, which another rule reports
            return None

    def _plain(self, schema: Any) -> Any:
        """A schema in JSON Schema 2020-12; a reference to anything outside the schemas allows any value."""
        if not isinstance(schema, dict):
            return schema if isinstance(schema, bool) else {}
        ref = schema.get("$ref")
        made: dict[str, Any] = {}
        if isinstance(ref, str):
            if ref.startswith(_SCHEMAS):
                made["$ref"] = f"{_HOME}{ref}"
            if self._old:
                return made
        for key, value in schema.items():
            if key in _NO_SCHEMA or key == "$ref" or key.startswith("x-"):
                continue
            if key in _BOUNDS and isinstance(value, bool):
                if value and _BOUNDS[key] in schema:
                    made[key] = schema[_BOUNDS[key]]
            elif key in _NAMED and isinstance(value, dict):
                made[key] = {name: self._plain(each) for name, each in value.items()}
            elif isinstance(value, dict) and key not in _VALUES:
                made[key] = self._plain(value)
            elif isinstance(value, list) and key not in _VALUES:
                made[key] = [self._plain(each) for each in value]
            else:
                made[key] = value
        if schema.get("nullable") is True and "type" in made:
            made["type"] = [made["type"], "null"] if isinstance(made["type"], str) else made["type"]
            if isinstance(made.get("enum"), list) and None not in made["enum"]:
                made["enum"] = [*made["enum"], None]
        return made
