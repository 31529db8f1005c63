"""Every fixed field of OpenAPI 3.2.0's objects is held to the kind that its table gives: 4.1 to 4.30."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import SpecError
from generator.read import openapi

STRING, BOOLEAN, NUMBER, COUNT, LIST, OBJECT, SCHEMA = (
    "string",
    "boolean",
    "number",
    "count",
    "list",
    "object",
    "schema",
)
RIGHT: dict[str, Any] = {STRING: "x", BOOLEAN: True, NUMBER: 1.5, COUNT: 2, LIST: [], OBJECT: {}, SCHEMA: {}}
WRONG: dict[str, list[Any]] = {
    STRING: [3, {}], BOOLEAN: ["true", 1], NUMBER: ["1", True], COUNT: [-1, 1.5, "1"], LIST: ["x", {}],
    OBJECT: ["x", []], SCHEMA: ["x", []],
}  # fmt: skip

OPERATION = ("paths", "/a", "get")
MEDIA = ("components", "requestBodies", "a", "content", "a/b")
FLOWS = ("components", "securitySchemes", "a", "flows")
DESCRIBED = {STRING: "summary description"}
VALUED = {STRING: "description style", BOOLEAN: "required deprecated allowEmptyValue explode allowReserved", OBJECT: "content", SCHEMA: "schema"}  # fmt: skip
OBJECTS: list[tuple[tuple[str, ...], dict[str, str]]] = [
    ((), {STRING: "$self jsonSchemaDialect", LIST: "servers security tags", OBJECT: "webhooks components externalDocs"}),
    (("info",), {STRING: "title version summary description termsOfService", OBJECT: "contact license"}),
    (("info", "contact"), {STRING: "name url email"}),
    (("info", "license"), {STRING: "name url identifier"}),
    (("servers", "0"), {STRING: "url description name", OBJECT: "variables"}),
    (("servers", "0", "variables", "a"), {STRING: "default description", LIST: "enum"}),
    (("components",), {OBJECT: "schemas responses parameters examples requestBodies headers securitySchemes links callbacks pathItems mediaTypes"}),
    (("paths", "/a"), {**DESCRIBED, OBJECT: "get put post delete options head patch trace query additionalOperations", LIST: "servers parameters"}),
    (OPERATION, {STRING: "summary description operationId", BOOLEAN: "deprecated", LIST: "tags parameters security servers", OBJECT: "externalDocs requestBody responses callbacks"}),
    (("externalDocs",), {STRING: "description url"}),
    (("components", "parameters", "a"), {**VALUED, STRING: "name in description style"}),
    (("components", "headers", "a"), VALUED),
    (("components", "requestBodies", "a"), {STRING: "description", OBJECT: "content", BOOLEAN: "required"}),
    (MEDIA, {SCHEMA: "schema itemSchema", OBJECT: "encoding itemEncoding", LIST: "prefixEncoding"}),
    ((*MEDIA, "encoding", "x"), {STRING: "contentType style", BOOLEAN: "explode allowReserved", OBJECT: "headers"}),
    (("components", "responses", "a"), {**DESCRIBED, OBJECT: "headers content links"}),
    (("components", "examples", "a"), {STRING: "summary description externalValue serializedValue"}),
    (("components", "links", "a"), {STRING: "operationRef operationId description", OBJECT: "parameters server"}),
    (("tags", "0"), {STRING: "name summary description parent kind", OBJECT: "externalDocs"}),
    (("components", "schemas", "a", "discriminator"), {STRING: "propertyName defaultMapping", OBJECT: "mapping"}),
    (("components", "securitySchemes", "a"), {STRING: "type description name in scheme bearerFormat openIdConnectUrl oauth2MetadataUrl", BOOLEAN: "deprecated", OBJECT: "flows"}),
    (FLOWS, {OBJECT: "implicit password clientCredentials authorizationCode deviceAuthorization"}),
    ((*FLOWS, "implicit"), {STRING: "authorizationUrl deviceAuthorizationUrl tokenUrl refreshUrl", OBJECT: "scopes"}),
    # JSON Schema 2020-12, and what OpenAPI adds to it.
    (("components", "schemas", "a"), {
        STRING: "title description format pattern contentMediaType contentEncoding $comment",
        BOOLEAN: "readOnly writeOnly deprecated nullable uniqueItems",
        COUNT: "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains",
        NUMBER: "minimum maximum multipleOf",
        LIST: "required enum allOf oneOf anyOf prefixItems",
        OBJECT: "properties patternProperties dependentSchemas dependentRequired $defs discriminator xml externalDocs",
        SCHEMA: "items additionalProperties not if then else contains propertyNames unevaluatedItems unevaluatedProperties contentSchema",
    }),
]  # fmt: skip


def problems(folder: Path, place: tuple[str, ...], field: str, value: Any) -> list[str]:
    """What is said of a document in which one field has a value, by the pointers of what is said."""
    document: Any = {field: value}
    for step in reversed(place):
        document = [document] if step == "0" else {step: document}
    document = {"openapi": "3.2.0", "paths": {}, **document}
    document["info"] = {"title": "A", "version": "1", **document.get("info", {})}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    try:
        return [loss.pointer for loss in openapi.read(folder / "api.json").losses]
    except SpecError as error:
        return [str(error)]


@pytest.mark.parametrize(("place", "kinds"), OBJECTS, ids=["/".join(place) or "document" for place, _ in OBJECTS])
def test_fixed_fields(tmp_path: Path, place: tuple[str, ...], kinds: dict[str, str]) -> None:
    wrong = []
    for kind, field in ((kind, field) for kind, fields in kinds.items() for field in fields.split()):
        if said := problems(tmp_path, place, field, RIGHT[kind]):
            wrong.append((field, RIGHT[kind], said))
        for value in WRONG[kind]:
            said = problems(tmp_path, place, field, value)
            if not any(each.endswith(f"/{field}") or f"`{field}` is" in each for each in said):
                wrong.append((field, value, said))
    assert not wrong


def test_limits_of_both_versions(tmp_path: Path) -> None:
    """A number in 3.1, true or false in 3.0."""
    schema = ("components", "schemas", "a")
    for field in ("exclusiveMinimum", "exclusiveMaximum"):
        assert [problems(tmp_path, schema, field, value) for value in (True, 1, 1.5)] == [[], [], []]
        assert problems(tmp_path, schema, field, "1")
    assert not problems(tmp_path, schema, "type", "string") and not problems(tmp_path, schema, "type", ["string"])
    assert problems(tmp_path, schema, "type", 3) and problems(tmp_path, schema, "type", {})
    for value in (True, False, {}):
        assert not problems(tmp_path, schema, "additionalProperties", value)
