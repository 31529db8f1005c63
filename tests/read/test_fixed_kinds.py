"""The fields of each object by the tables of OpenAPI 3.2.0 and JSON Schema 2020-12: of another kind, each is told at its place.

What an operation would be lost with is a mistake; whatever else is left out, which the ledger holds.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import SpecError
from generator.read import shape
from generator.read.source import Node, parse

_EMPTY: dict[str, Any] = {}
_MEDIA = {"schema": {"discriminator": {"propertyName": "a"}}, "encoding": {"e": {}}}
_OPERATION: dict[str, Any] = {
    "parameters": [{"name": "p", "in": "query"}],
    "requestBody": {"content": {"m": _MEDIA}},
    "responses": {"200": {"headers": {"h": {}}, "links": {"l": {"server": {}}}}},
}
FLOWS = ("implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization")
DOCUMENT: dict[str, Any] = {
    "openapi": "3.2.0",
    "info": {"contact": {}, "license": {}},
    "externalDocs": {},
    "tags": [{"externalDocs": {}}],
    "servers": [{"variables": {"v": {}}}],
    "paths": {"/a": {"get": _OPERATION}},
    "components": {
        "securitySchemes": {"s": {"flows": {flow: {} for flow in FLOWS}}},
        "examples": {"x": {}},
    },
}
TEXTS = "summary description"
FIELDS: dict[str, dict[str, str]] = {
    "": {"string": "openapi $self jsonSchemaDialect", "refused": "info servers paths webhooks components security",
         "other": "externalDocs tags"},
    "/info": {"string": f"title version termsOfService {TEXTS}", "other": "contact license"},
    "/info/contact": {"string": "name url email"},
    "/info/license": {"string": "name url identifier"},
    "/externalDocs": {"string": "url description"},
    "/tags/0": {"string": f"name parent kind {TEXTS}", "other": "externalDocs"},
    "/servers/0": {"string": "url description name", "refused": "variables"},
    "/servers/0/variables/v": {"string": "default description", "other": "enum"},
    "/components": {
        "refused": "schemas responses parameters requestBodies headers securitySchemes callbacks pathItems mediaTypes",
        "other": "examples links"},
    "/paths/~1a": {"string": f"$ref {TEXTS}", "refused":
                   "get put post delete options head patch trace query additionalOperations servers parameters"},
    "/paths/~1a/get": {"string": f"operationId {TEXTS}", "boolean": "deprecated", "other": "tags externalDocs",
                       "refused": "parameters requestBody responses callbacks security servers"},
    "/paths/~1a/get/parameters/0": {
        "string": "name in description style", "refused": "content",
        "boolean": "required deprecated allowEmptyValue explode allowReserved", "other": "schema examples"},
    "/paths/~1a/get/requestBody": {"string": "description", "boolean": "required", "refused": "content"},
    "/paths/~1a/get/requestBody/content/m": {
        "refused": "encoding prefixEncoding itemEncoding", "other": "schema itemSchema examples"},
    "/paths/~1a/get/requestBody/content/m/encoding/e": {
        "string": "contentType style", "boolean": "explode allowReserved", "refused": "headers"},
    "/paths/~1a/get/responses/200": {"string": f"$ref {TEXTS}", "refused": "headers content", "other": "links"},
    "/paths/~1a/get/responses/200/headers/h": {
        "string": "description style", "refused": "content",
        "boolean": "required deprecated explode", "other": "schema examples"},
    "/paths/~1a/get/responses/200/links/l": {
        "string": "operationRef operationId description", "other": "parameters server"},
    "/components/examples/x": {"string": f"externalValue serializedValue {TEXTS}"},
    "/components/securitySchemes/s": {
        "string": "type description name in scheme bearerFormat openIdConnectUrl oauth2MetadataUrl",
        "boolean": "deprecated", "refused": "flows"},
    "/components/securitySchemes/s/flows": {"refused": " ".join(FLOWS)},
    "/components/securitySchemes/s/flows/implicit": {
        "string": "authorizationUrl deviceAuthorizationUrl tokenUrl refreshUrl", "other": "scopes"},
    "/paths/~1a/get/requestBody/content/m/schema": {
        "string": "$id $schema $anchor $dynamicRef $dynamicAnchor $comment title description format pattern"
                  " contentMediaType contentEncoding",
        "boolean": "readOnly writeOnly deprecated nullable uniqueItems",
        "count": "minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains",
        "number": "multipleOf minimum maximum", "other": "exclusiveMinimum exclusiveMaximum items additionalProperties"
        " not if then else contains propertyNames unevaluatedItems unevaluatedProperties contentSchema allOf oneOf anyOf"
        " prefixItems properties patternProperties dependentSchemas $defs definitions required dependentRequired enum"
        " discriminator xml externalDocs"},
    "/paths/~1a/get/requestBody/content/m/schema/discriminator": {
        "string": "propertyName defaultMapping", "other": "mapping"},
}  # fmt: skip
WRONG: dict[str, tuple[Any, ...]] = {
    "string": (7, True, []),
    "boolean": ("true", 0, {}),
    "count": ("1", -1, 1.5, True),
    "number": ("1", False, []),
    "other": ("x",),
    "refused": ("x", 1.5),
}
"""`refused` and `other` are objects and lists."""


def at(document: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        step = step.replace("~1", "/")
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


def checked(document: Any) -> list[tuple[str, str]]:
    root = Node(source := parse(json.dumps(document), "api.json", Path("api.json")), "", source.value)
    return [(node.pointer, reason) for node, reason in shape.check(root, lambda node: node)]


def test_the_document_itself_is_right() -> None:
    assert checked(copy.deepcopy(DOCUMENT)) == []


@pytest.mark.parametrize("refused", [False, True])
def test_each_field_is_of_its_kind(refused: bool) -> None:
    wrong = []
    for pointer, fields in FIELDS.items():
        for turn in range(4):
            written = {
                name: WRONG[kind][turn % len(WRONG[kind])]
                for kind, names in fields.items()
                if (kind == "refused") == refused
                for name in names.split()
            }
            document = copy.deepcopy(DOCUMENT)
            at(document, pointer).update(written)
            expected = {f"{pointer}/{name}" for name in written}
            try:
                found = {place for place, _ in checked(document)}
            except SpecError as error:
                found = {str(finding.where.pointer) for finding in error.findings}
                assert refused, error
            if found != expected:
                wrong.append((pointer, found ^ expected))
    assert not wrong, wrong


def test_null_is_as_if_it_were_not_written() -> None:
    for pointer, fields in FIELDS.items():
        names = [name for names in fields.values() for name in names.split()]
        methods = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}
        left_out = dict.fromkeys(set(names) - methods)
        document = copy.deepcopy(DOCUMENT)
        at(document, pointer).update(left_out)
        assert {place for place, _ in checked(document)} == {f"{pointer}/{name}" for name in left_out}, pointer
