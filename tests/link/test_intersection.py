"""What is read of a schema allows what the schema allows: each random value is accepted by both, or by neither.

The schemas are random, out of every keyword that lays schemas together; the judge of what they allow is `jsonschema`.
"""

from __future__ import annotations

import importlib
import json
import random
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from generator import link
from generator.ir import Api
from generator.read import documents
from generator.surfaces.shared.metadata import metadata

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
SCHEMAS, VALUES = 250, 30
NAMES = ("a", "b", "c", "d1")
SHARED: Json = {
    "Named": {"type": "object", "properties": {"a": {"type": "string", "minLength": 1}}, "required": ["a"]},
    "Closed": {"type": "object", "properties": {"a": {}, "b": {"type": "integer"}}, "additionalProperties": False},
    "Small": {"type": "integer", "maximum": 3},
    "Either": {"oneOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}]},
    "Kinds": {
        "oneOf": [
            {"type": "object", "properties": {"a": {"const": "x"}, "b": {"type": "integer"}}, "required": ["a"]},
            {"type": "object", "properties": {"a": {"const": "y"}, "c": {"type": "string"}}, "required": ["a"]},
        ]
    },
}
OF_KIND: dict[str, tuple[str, ...]] = {
    "object": ("Named", "Closed", "Kinds"),
    "integer": ("Small", "Either"),
    "string": ("Either",),
}


class Maker:
    """Random schemas, and values that are near to what they allow."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def schema(self, depth: int = 2) -> Json:
        """A schema that says of which kind its values are, somewhere."""
        kind = self.random.choice(("object", "object", "object", "array", "integer", "number", "string"))
        made: Json = {"type": kind, **self.limits(kind, depth)}
        if self.random.random() < 0.2:
            made["type"] = [kind, "null"]
        if kind in OF_KIND and self.random.random() < 0.2:
            made = {"$ref": f"#/components/schemas/{self.random.choice(OF_KIND[kind])}"}
            made |= self.limits(kind, depth) if self.random.random() < 0.5 else {}
        if depth and self.random.random() < 0.5:
            more = [self.part(kind, depth - 1) for _ in range(self.random.randint(1, 3))]
            made = {"allOf": [made, *more]} if self.random.random() < 0.5 else {**made, "allOf": more}
        if depth and self.random.random() < 0.25:
            made[self.random.choice(("oneOf", "anyOf"))] = self.forms(lambda: self.part(kind, depth - 1))
        return made

    def part(self, kind: str, depth: int) -> Json:
        """A schema that limits values of a kind, and may not say which."""
        found = self.random.choice(
            [
                lambda: self.limits(kind, depth),
                lambda: {"type": kind, **self.limits(kind, depth)},
                lambda: {"$ref": f"#/components/schemas/{self.random.choice(OF_KIND.get(kind, ('Either',)))}"},
                lambda: {"oneOf": self.forms(lambda: {"type": kind, **self.limits(kind, depth)})},
                lambda: {"anyOf": [{"type": kind, **self.limits(kind, depth)}, {"type": "null"}]},
                lambda: {"allOf": [self.limits(kind, depth), self.limits(kind, depth)]},
            ]
        )
        made: Json = found()
        return made

    def forms(self, form: Callable[[], Json]) -> list[Json]:
        """Two that are not alike: where they are, a `oneOf` is taken for an `anyOf`, which the ledger says."""
        while (one := form()) == (other := form()):
            pass
        return [one, other]

    def limits(self, kind: str, depth: int) -> Json:
        number = self.random.randint
        # One of the kind is among them: where none is, the values are used for what is meant, which the ledger says.
        own = {"string": "ab", "array": [], "object": {"a": "x"}}.get(kind, 1)
        others = [each for each in (1, 2.0, 3, "ab", "xyz", None, [], {"a": "x"}) if each != own]
        limits: list[Json] = [{"enum": self.random.sample([own, *self.random.sample(others, 4)], 5)}]
        if kind in ("integer", "number"):
            limits += [{"minimum": number(-2, 3)}, {"maximum": number(1, 6)}, {"exclusiveMinimum": number(-2, 2)}]
            limits += [{"exclusiveMaximum": number(3, 7)}, {"multipleOf": self.random.choice([1, 2, 3, 0.5, 0.01])}]
            limits += [{"not": {"const": number(0, 4)}}, {"minimum": 1, "maximum": 4}]
        elif kind == "string":
            limits += [{"minLength": number(0, 2)}, {"maxLength": number(1, 4)}, {"pattern": self.random.choice("ax^")}]
            limits += [{"not": {"maxLength": 1}}]
        elif kind == "array":
            inner = self.schema(depth - 1) if depth > 0 else {"type": self.random.choice(["integer", "string"])}
            limits += [{"items": inner}, {"minItems": number(0, 2)}, {"maxItems": number(1, 3)}, {"uniqueItems": True}]
            limits += [
                {"contains": {"type": "integer"}, "maxContains": 2},
                {"prefixItems": [inner, {"type": "string"}]},
            ]
        else:
            inner = self.schema(depth - 1) if depth > 0 else {"type": self.random.choice(["integer", "string"])}
            name, other = self.random.sample(NAMES, 2)
            limits += [
                {"properties": {name: inner}},
                {"properties": {name: inner, other: {"type": "string"}}, "additionalProperties": False},
                {"properties": {name: {"type": "integer"}}, "additionalProperties": {"type": ["string", "null"]}},
                {"required": [name]},
                {"properties": {name: inner}, "required": [name, other]},
                {"oneOf": [{"required": [name]}, {"required": [other]}]},
                {"patternProperties": {"^[ab]": inner}},
                {"patternProperties": {"1$": {"type": "integer"}}, "additionalProperties": False},
                {"propertyNames": {"maxLength": 1}},
                {"minProperties": 1},
                {"maxProperties": 2},
                {"dependentRequired": {name: [other]}},
                {"dependentSchemas": {name: {"properties": {other: {"type": "integer"}}}}},
                {"if": {"required": [name]}, "then": {"required": [other]}, "else": {"maxProperties": 1}},
                {"properties": {name: inner}, "unevaluatedProperties": False},
                {"allOf": [{"properties": {name: {}}}], "unevaluatedProperties": {"type": "string"}},
            ]
        found: Json = {}
        for each in self.random.sample(limits, self.random.randint(1, 2)):
            found |= each
        return found

    def value(self, depth: int = 3) -> Any:
        choose = self.random.random()
        if choose < 0.55 and depth:
            names = self.random.sample([*NAMES, "x"], self.random.randint(0, 3))
            return {name: self.value(depth - 1) for name in names}
        if choose < 0.65 and depth:
            return [self.value(0) for _ in range(self.random.randint(0, 3))]
        return self.random.choice([0, 1, 2, 3, 4, 1.5, 2.0, "", "a", "ab", "xyz", "x", "y", None, True, 5])


def near(schema: Any, maker: Maker, depth: int = 0) -> Any:
    """A value that has what the schema speaks of, so that not nearly every value is refused."""
    if not isinstance(schema, dict) or depth > 4 or maker.random.random() < 0.1:
        return maker.value(2)
    if "$ref" in schema:
        return near(SHARED[schema["$ref"].rpartition("/")[2]], maker, depth)
    if "enum" in schema and maker.random.random() < 0.7:
        return maker.random.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    parts = [schema, *schema.get("allOf", ())]
    for keyword in ("oneOf", "anyOf"):
        parts += [maker.random.choice(schema[keyword])] if keyword in schema else []
    found = [near(part, maker, depth + 1) for part in parts[1:]]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object" or "properties" in schema or (found and all(isinstance(each, dict) for each in found)):
        made: Json = {}
        for each in found:
            made |= each if isinstance(each, dict) else {}
        made |= {
            name: near(inner, maker, depth + 1)
            for name, inner in schema.get("properties", {}).items()
            if maker.random.random() < 0.8
        }
        for name in schema.get("required", ()):
            made.setdefault(name, maker.value(0))
        return made
    if kind == "array":
        return [near(schema.get("items", {}), maker, depth + 1) for _ in range(maker.random.randint(0, 3))]
    if kind in ("integer", "number"):
        return maker.random.choice([0, 1, 2, 3, 4, 6, 1.5])
    return found[0] if found else maker.random.choice(["", "a", "ab", "xyz", "ax"])


@pytest.fixture(scope="module")
def schemas() -> list[Json]:
    return [Maker(seed).schema() for seed in range(SCHEMAS)]


@pytest.fixture(scope="module")
def made(schemas: list[Json], tmp_path_factory: pytest.TempPathFactory) -> Api:
    paths: Json = {}
    for number, schema in enumerate(schemas):
        body = {"type": "object", "properties": {"v": schema}, "required": ["v"]}
        paths[f"/p{number}"] = {
            "post": {
                "operationId": f"p{number}",
                "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
                "responses": {"204": {"description": ""}},
            }
        }
    document = {"openapi": "3.1.0", "info": {"title": "Met", "version": "1"}, "paths": paths}
    file = tmp_path_factory.mktemp("met") / "met.json"
    file.write_text(json.dumps({**document, "components": {"schemas": SHARED}}), "utf-8")
    return link.load(documents.read(file))


@pytest.fixture(scope="module")
def check() -> Iterator[Any]:
    sys.path.insert(0, str(ROOT / "generated/python"))
    yield importlib.import_module("replikit.functions").check
    sys.path.remove(str(ROOT / "generated/python"))


def test_both_accept_a_value_or_neither_does(schemas: list[Json], made: Api, check: Any) -> None:
    written = metadata(made)
    by_id = {entry["operation_id"]: entry["input_schema"] for entry in written.entries}
    counted: Counter[bool] = Counter()
    wrong: list[str] = []
    for number, schema in enumerate(schemas):
        maker = Maker(-number - 1)
        ours = written.closed(by_id[f"p{number}"])
        judge = jsonschema.Draft202012Validator({**schema, "components": {"schemas": SHARED}})
        other = jsonschema.Draft202012Validator(ours)
        for _ in range(VALUES):
            value = near(schema, maker)
            allowed = judge.is_valid(value)
            counted[allowed] += 1
            for name, verdict in (
                ("check", check({"v": value}, ours) is None),
                ("schema", other.is_valid({"v": value})),
            ):
                if verdict != allowed:
                    wrong.append(f"{number} {name}: {json.dumps(value)} {allowed} by {json.dumps(schema)}")
    print(
        f"{SCHEMAS} schemas: {counted[True]} values are accepted by both, {counted[False]} by neither; {len(wrong)} differ"
    )
    assert min(counted.values()) > SCHEMAS
    assert wrong == []
