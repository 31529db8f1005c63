"""Schemas of OpenAPI 3.0 and 3.1 as JSON Schema 2020-12, values drawn from them, and values judged by them.

It imports nothing of the generator nor of what it makes: `jsonschema` judges, `rstr` writes texts for patterns.
"""

from __future__ import annotations

import ipaddress
import math
import random
import re
import string
import sys
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import jsonschema
import rstr
from oracle_documents import pointed
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

Way = Literal["request", "response"]
_TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
_COUNTS = ("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties")
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")
_FORMATS = jsonschema.FormatChecker(formats=["date", "email", "ipv4", "ipv6", "uuid"])
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DEEPEST = 5
_ATTEMPTS = 12
_NULLS = 0.7
"""How often null is drawn where it is looked for."""


class NoValue(Exception):
    """No value was found that the schema takes."""


@_FORMATS.checks("date-time")
def _is_time(value: object) -> bool:
    """RFC 3339, 5.6."""
    if not isinstance(value, str):
        return True
    if not _TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value[:19])
    except ValueError:
        return value[17:19] == "60"
    return True


def json_schema(schema: Any, direction: Way, old: bool, document: dict[str, Any]) -> Any:
    """One of a document's schemas as JSON Schema; what is no schema says nothing. old: OpenAPI 3.0."""
    if isinstance(schema, bool):
        return schema
    if not isinstance(schema, dict):
        return {}
    if "$ref" in schema and old:
        return {"$ref": schema["$ref"]}
    translated: dict[str, Any] = {}
    if "$ref" in schema:
        translated["$ref"] = schema["$ref"]
    kinds = [
        k for k in (schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]) if k in _TYPES
    ]
    for key in _COUNTS:
        if isinstance(schema.get(key), int) and not isinstance(schema[key], bool) and schema[key] >= 0:
            translated[key] = schema[key]
    for key in _NUMBERS:
        value = schema.get(key)
        if isinstance(value, (int, float)) and not isinstance(value, bool) and (key != "multipleOf" or value > 0):
            translated[key] = value
    for side in ("Minimum", "Maximum"):  # 3.0: a boolean that makes the other exclusive
        if schema.get(f"exclusive{side}") is True and side.lower() in translated:
            translated[f"exclusive{side}"] = translated.pop(side.lower())
    if isinstance(schema.get("pattern"), str) and _compiles(schema["pattern"]):
        translated["pattern"] = schema["pattern"]
    if isinstance(schema.get("format"), str):
        translated["format"] = schema["format"]
    if schema.get("uniqueItems") is True:
        translated["uniqueItems"] = True
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        translated["enum"] = schema["enum"]
    if "const" in schema and not old:
        translated["const"] = schema["const"]
    if isinstance(schema.get("properties"), dict):
        dropped = "readOnly" if direction == "request" else "writeOnly"
        kept = {name: inner for name, inner in schema["properties"].items() if not _says(document, inner, dropped)}
        translated["properties"] = {name: json_schema(inner, direction, old, document) for name, inner in kept.items()}
        gone = {*schema["properties"]} - {*kept}
    else:
        gone = set()
    if isinstance(schema.get("required"), list):
        translated["required"] = [name for name in schema["required"] if isinstance(name, str) and name not in gone]
    for key in ("items", "additionalProperties", "not", "contains", "propertyNames"):
        if isinstance(schema.get(key), (dict, bool)):
            translated[key] = json_schema(schema[key], direction, old, document)
    for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
        if isinstance(schema.get(key), list) and schema[key]:
            translated[key] = [json_schema(inner, direction, old, document) for inner in schema[key]]
    if (
        kinds
        and "enum" in translated
        and not any(jsonschema.Draft202012Validator({"type": kinds}).is_valid(each) for each in translated["enum"])
    ):
        # As it is written it takes nothing, and nothing could be judged: what the author lists is what is meant.
        kinds = []
        translated.pop("format", None)
    if schema.get("nullable") is True and kinds and old:
        kinds.append("null")
        if "enum" in translated and None not in translated["enum"]:
            translated["enum"] = [*translated["enum"], None]
    if kinds:
        translated["type"] = kinds if len(kinds) > 1 else kinds[0]
    return translated


def _says(document: dict[str, Any], schema: Any, flag: str, turn: int = 0) -> bool:
    """Whether a schema, or what it refers to or is made of, is marked so."""
    if not isinstance(schema, dict) or turn > 8:
        return False
    inner = [pointed(document, schema["$ref"])] if isinstance(schema.get("$ref"), str) else []
    inner += schema["allOf"] if isinstance(schema.get("allOf"), list) else []
    return schema.get(flag) is True or any(_says(document, each, flag, turn + 1) for each in inner)


def _compiles(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError):
        return False
    return True


class Schemas:
    """The schemas of a document, one way."""

    def __init__(self, document: dict[str, Any], direction: Way) -> None:
        self.way: Way = direction
        self.old = not str(document.get("openapi", "")).startswith("3.1")
        self.document = document
        named = (document.get("components") or {}).get("schemas") or {}
        self._whole: dict[str, Any] = {"components": {"schemas": {}}, "elsewhere": {}}
        for name, each in named.items():
            self._whole["components"]["schemas"][name] = self.read(each)
        resource = Resource(contents=self._whole, specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource("urn:document", resource)

    def read(self, schema: Any) -> Any:
        """A schema of the document, as JSON Schema."""
        return self._bundled(json_schema(schema, self.way, self.old, self.document))

    def _bundled(self, schema: Any) -> Any:
        """The schema with references to what is held here: the components, and whatever else is referred to."""
        if isinstance(schema, list):
            return [self._bundled(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        bundled = {key: value if key in ("enum", "const") else self._bundled(value) for key, value in schema.items()}
        reference = schema.get("$ref")
        if isinstance(reference, str) and not re.fullmatch("#/components/schemas/[^/]+", reference):
            key = reference.encode().hex()
            if key not in self._whole["elsewhere"]:
                self._whole["elsewhere"][key] = {}
                self._whole["elsewhere"][key] = self.read(pointed(self.document, reference))
            bundled["$ref"] = f"#/elsewhere/{key}"
        return bundled

    def wrong(self, value: Any, schema: Any) -> str:
        """What the schema has against a value; empty where it takes it."""
        anchored = _anchored(schema)
        validator = jsonschema.Draft202012Validator(anchored, registry=self._registry, format_checker=_FORMATS)
        error = jsonschema.exceptions.best_match(validator.iter_errors(value))
        return "" if error is None else f"{error.json_path}: {error.validator}: {error.message[:160]}"

    def may_be_null(self, schema: Any) -> bool:
        """Whether a schema says that it takes null: one that says nothing does not."""
        schema = self.follow(schema)
        inner = (each for key in ("allOf", "anyOf", "oneOf") for each in schema.get(key, ()))
        return (_may_be_null(schema) or any(map(_may_be_null, map(self.follow, inner)))) and not self.wrong(
            None, schema
        )

    def follow(self, schema: Any) -> Any:
        """What a reference leads to."""
        for _ in range(20):
            if not (isinstance(schema, dict) and "$ref" in schema):
                return schema
            target = pointed(self._whole, schema["$ref"])
            more = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {"allOf": [target, more]} if more else target
        return {}

    def draw(self, schema: Any, chance: random.Random, flat: bool = False, nulls: bool = False) -> Any:
        """A value that the schema takes. flat: no lists nor objects inside it, and neither null nor empty.

        nulls: null more often than not where it may be; of what is flat, in lists and objects.
        """
        for attempt in range(_ATTEMPTS):
            value = _Drawing(self, chance, flat, attempt / _ATTEMPTS, nulls).value(schema, 0)
            if flat and (not _is_flat(value, nulls) or value in ("", [], {}, None)):
                continue
            if not self.wrong(value, schema):
                return value
            apart = None if flat else self._of_one(value, schema)
            if apart is not None:
                return apart
        raise NoValue

    def _of_one(self, value: Any, schema: Any) -> Any:
        """An object that fits several of the open ones of which it must fit one, as one of those alone: with a null
        for what only another describes."""
        members = [self.follow(each) for each in self.follow(schema).get("oneOf", ())]
        fitting = [each for each in members if isinstance(each, dict) and not self.wrong(value, each)]
        if not isinstance(value, dict) or len(fitting) < 2:
            return None
        for kept in fitting:
            made = dict(value)
            for other in fitting:
                own = (name for name in other.get("properties", {}) if name not in kept.get("properties", {}))
                for name in own if other is not kept else ():
                    if not self.wrong(made, other):
                        made[name] = None
            if not self.wrong(made, schema):
                return made
        return None


def _xeger(made: rstr.Rstr, pattern: str) -> str:
    """A text for a pattern, in which little is repeated more often than it must be."""
    for most in (4, 100):  # stars inside stars multiply
        sys.modules["rstr.xeger"].STAR_PLUS_LIMIT = most  # type: ignore[attr-defined]
        try:
            return str(made.xeger(pattern))
        except ValueError:  # it must be repeated more often
            continue
    return ""


def _is_flat(value: Any, nulls: bool) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if inner and all(each is None for each in inner):
        return False
    return not any(isinstance(each, (dict, list)) or each == "" or (each is None and not nulls) for each in inner)


def _may_be_null(schema: Any) -> bool:
    """Whether a schema names null among what it takes."""
    return isinstance(schema, dict) and ("null" in schema.get("type", ()) or None in schema.get("enum", ()))


def _anchored(schema: Any) -> Any:
    """The schema with references into the document that the registry knows."""
    if isinstance(schema, dict):
        return {
            key: (
                f"urn:document{value}"
                if key == "$ref" and isinstance(value, str) and value[:1] == "#"
                else _anchored(value)
            )
            for key, value in schema.items()
        }
    return [_anchored(each) for each in schema] if isinstance(schema, list) else schema


def merged(schemas: list[Any]) -> dict[str, Any]:
    """What all of these ask for, as far as one schema can say it."""
    result: dict[str, Any] = {}
    for schema in schemas:
        if not isinstance(schema, dict):
            continue
        for key, value in schema.items():
            if key not in result:
                result[key] = value
            elif key == "properties":
                both = {name: {"allOf": [result[key][name], value[name]]} for name in result[key] if name in value}
                result[key] = {**result[key], **value, **both}
            elif key == "required":
                result[key] = [*result[key], *(name for name in value if name not in result[key])]
            elif key.startswith("min") or key == "exclusiveMinimum":
                result[key] = max(result[key], value)
            elif key.startswith("max") or key == "exclusiveMaximum":
                result[key] = min(result[key], value)
            elif key == "enum":
                result[key] = [each for each in result[key] if each in value] or result[key]
            elif key in ("items", "additionalProperties") and isinstance(value, dict) and isinstance(result[key], dict):
                result[key] = {"allOf": [result[key], value]}
            elif key == "type":
                one, other = (each if isinstance(each, list) else [each] for each in (result[key], value))
                both_kinds = [each for each in one if each in other]
                result[key] = both_kinds or result[key]
    return result


class _Drawing:
    def __init__(self, schemas: Schemas, chance: random.Random, flat: bool, narrow: float, nulls: bool) -> None:
        self._schemas, self._chance, self._flat, self._nulls = schemas, chance, flat, nulls
        self._narrow = narrow
        """How far to leave out what may be left out: more with each attempt."""

    def value(self, schema: Any, depth: int) -> Any:
        schema = self._opened(schema, 0)
        if self._nulls and depth and _may_be_null(schema) and self._chance.random() < _NULLS:
            return None
        if "const" in schema:
            return schema["const"]
        if schema.get("enum"):
            options = [each for each in schema["enum"] if each is not None] or schema["enum"]
            return self._chance.choice(options)
        kinds = schema.get("type") or self._kind(schema)
        options = [kinds] if isinstance(kinds, str) else [each for each in kinds if each != "null"] or ["null"]
        if isinstance(kinds, list) and "null" in kinds and not self._flat and self._chance.random() < 0.1:
            return None
        return getattr(self, f"_{self._chance.choice(options)}")(schema, depth)

    def _kind(self, schema: Mapping[str, Any]) -> str:
        if "properties" in schema or "additionalProperties" in schema or "required" in schema:
            return "object"
        if "items" in schema:
            return "array"
        if {*schema} & {"minimum", "maximum", "multipleOf"}:
            return "number"
        return "string"

    def _opened(self, schema: Any, turn: int) -> dict[str, Any]:
        schema = self._schemas.follow(schema)
        if not isinstance(schema, dict) or turn > 12:
            return {}
        parts = [{key: value for key, value in schema.items() if key not in ("allOf", "anyOf", "oneOf")}]
        parts += [self._opened(each, turn + 1) for each in schema.get("allOf", ())]
        for key in ("anyOf", "oneOf"):
            if schema.get(key):
                members = schema[key]
                if self._nulls and self._chance.random() < _NULLS:
                    members = [each for each in members if _may_be_null(self._schemas.follow(each))] or members
                parts.append(self._opened(self._chance.choice(members), turn + 1))
        return parts[0] if len(parts) == 1 else merged(parts)

    def _null(self, schema: Mapping[str, Any], depth: int) -> None:
        return None

    def _boolean(self, schema: Mapping[str, Any], depth: int) -> bool:
        return self._chance.random() < 0.5

    def _integer(self, schema: Mapping[str, Any], depth: int) -> int:
        step = schema.get("multipleOf", 1)
        step = step if step >= 1 and step == int(step) else 1
        low, high = self._bounds(schema, 1)
        first, last = math.ceil(low / step), math.floor(high / step)
        return int(step) * self._chance.randint(first, max(first, last))

    def _number(self, schema: Mapping[str, Any], depth: int) -> float:
        step = schema.get("multipleOf", 0.25)
        low, high = self._bounds(schema, step)
        first, last = math.ceil(low / step), math.floor(high / step)
        value = float(round(step * self._chance.randint(first, max(first, last)), 10))
        return value if first <= last else (low + high) / 2

    def _bounds(self, schema: Mapping[str, Any], step: float) -> tuple[float, float]:
        low = schema.get("minimum", -math.inf)
        high = schema.get("maximum", math.inf)
        if "exclusiveMinimum" in schema:
            low = max(low, schema["exclusiveMinimum"] + min(step, 1e-3 if step < 1 else 1))
        if "exclusiveMaximum" in schema:
            high = min(high, schema["exclusiveMaximum"] - min(step, 1e-3 if step < 1 else 1))
        if low == -math.inf:
            low = min(0, high - 100) if high < math.inf else 0
        if high == math.inf:
            high = low + 1000
        return low, high

    def _string(self, schema: Mapping[str, Any], depth: int) -> str:
        kind, chance = schema.get("format"), self._chance
        if "pattern" in schema:
            most = schema.get("maxLength", 200)
            made = rstr.Rstr(chance)
            for _ in range(10):
                text = _xeger(made, schema["pattern"])
                # A pattern need not describe all of a text.
                for _ in range(len(text), schema.get("minLength", 0)):
                    text += text[-1:] or "x"
                if schema.get("minLength", 0) <= len(text) <= most and re.search(schema["pattern"], text):
                    return str(text)
            return "no text is found"
        match kind:
            case "date-time":
                return f"20{chance.randint(10, 40)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}T0{chance.randint(0, 9)}:30:00Z"
            case "date":
                return f"20{chance.randint(10, 40)}-0{chance.randint(1, 9)}-1{chance.randint(0, 9)}"
            case "uuid":
                return str(uuid.UUID(int=chance.getrandbits(128), version=4))
            case "email":
                return f"{self._letters(6)}@example.com"
            case "uri" | "url":
                return f"https://example.com/{self._letters(6)}?a=b"
            case "ipv4":
                return str(ipaddress.IPv4Address(chance.getrandbits(32)))
            case "ipv6":
                return str(ipaddress.IPv6Address(chance.getrandbits(128)))
            case "byte":
                return "aGVsbG8="
        least = max(schema.get("minLength", 0), 1)
        most = min(schema.get("maxLength", least + 12), least + 12)
        text = self._letters(max(0, chance.randint(least, max(least, most))))
        if self._narrow < 0.5 and len(text) > 3:
            text = f"{text[0]}{chance.choice(' /?&=+%,;:#é')}{text[2:]}"
        return text[: schema.get("maxLength", len(text))]

    def _letters(self, count: int) -> str:
        return "".join(self._chance.choice(string.ascii_letters + string.digits) for _ in range(count))

    def _array(self, schema: Mapping[str, Any], depth: int) -> list[Any]:
        least = schema.get("minItems", 0)
        most = min(schema.get("maxItems", least + 3), least + 3)
        count = (
            least if depth > _DEEPEST else self._chance.randint(max(least, 1 if self._flat else 0), max(most, least))
        )
        items: list[Any] = []
        for _ in range(count * 4):
            if len(items) == count:
                break
            item = self.value(schema.get("items", {}), depth + 1)
            if not schema.get("uniqueItems") or item not in items:
                items.append(item)
        return items

    def _object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        required = schema.get("required", ())
        chosen = (0.9 if self._nulls else 0.6) * (1 - self._narrow) if depth <= _DEEPEST else 0
        drawn = {}
        for name, inner in schema.get("properties", {}).items():
            if inner is not False and (name in required or self._chance.random() < chosen / (depth + 1)):
                drawn[name] = self.value(inner, depth + 1)
        more = schema.get("additionalProperties")
        for name in required:
            if name not in drawn:
                drawn[name] = self.value(more if isinstance(more, dict) else {}, depth + 1)
        wanted = max(schema.get("minProperties", 0), 1 if self._flat or (isinstance(more, dict) and depth < 2) else 0)
        if more is False:
            for name, inner in schema.get("properties", {}).items():
                if len(drawn) < wanted and name not in drawn:
                    drawn[name] = self.value(inner, depth + 1)
            return drawn
        while len(drawn) < wanted:
            drawn[self._letters(5)] = self.value(more if isinstance(more, dict) else {}, depth + 1)
        return drawn
