"""What a schema is called that stands somewhere in a document: after the place, by a table of places."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.read import schema_names
from generator.read.source import Node, Source, parse

CONTENT = {
    "application/json": {"schema": {}},
    "text/csv": {"schema": {}},
    "*/*": {"schema": {}},
    "application/vnd.api+json": {"schema": {}},
}
DOCUMENT: dict[str, Any] = {
    "components": {
        "responses": {"NotFound": {"content": CONTENT}},
        "requestBodies": {"Odd": {"content": 3}},
        "parameters": {"schema": {}, "PageSize": {"schema": {}, "content": CONTENT}},
        "headers": {"Odd": 3},
    }
}


def source() -> Source:
    return parse(json.dumps(DOCUMENT), "petStore.json", Path("petStore.json"))


@pytest.mark.parametrize(
    ("pointer", "key", "words"),
    [
        ("", "petStore", "pet store"),
        ("/components/schemas/Pet", "Pet", "animal"),  # the catalog's word for it
        ("/components/schemas/Pet/properties/ownerName", "Pet.ownerName", "animal owner name"),
        ("/components/schemas/Cat/properties/items/items", "Cat.items.item", "cat items item"),
        ("/components/schemas/Cat/additionalProperties/items", "Cat.value.item", "cat value item"),
        ("/components/schemas/Cat/anyOf/0", "Cat.0", "cat option 1"),
        ("/components/schemas/Cat/oneOf/11/properties/a", "Cat.11.a", "cat option 12 a"),
        ("/components/schemas/Cat/prefixItems/1", "Cat.1", "cat option 2"),
        ("/components/schemas/Cat/oneOf", "Cat.0", "cat option 1"),
        ("/components/schemas/Cat/oneOf/x", "Cat.x", "cat option x"),
        ("/components/schemas/Cat/allOf/3/properties/a", "Cat.a", "cat a"),
        ("/components/schemas/Cat/allOf", "Cat", "cat"),
        ("/components/schemas/Cat/properties", "Cat.properties", "cat properties"),
        ("/components/schemas/Cat/$defs/Claw", "Cat.Claw", "cat claw"),
        ("/components/schemas/Cat/definitions/Claw/not", "Cat.Claw.not", "cat claw not"),
        ("/components/schemas/Cat/patternProperties/^a", "Cat.patternProperties.^a", "cat pattern properties a"),
        ("/components/responses/NotFound/content/application~1json/schema", "responses.NotFound", "not found"),
        ("/components/responses/NotFound/content/text~1csv/schema/items", "responses.NotFound.csv.item", "not found csv item"),
        ("/components/responses/NotFound/content/*~1*/schema", "responses.NotFound.any", "not found any"),
        ("/components/responses/NotFound/content", "responses.NotFound", "not found"),
        ("/components/responses/NotFound", "responses.NotFound", "not found"),
        ("/components/requestBodies/Odd/content/text~1csv/schema", "requestBodies.Odd", "odd"),
        ("/components/parameters/PageSize/schema/properties/a", "parameters.PageSize.a", "page size a"),
        ("/components/parameters/PageSize/other/text~1csv/schema", "parameters.PageSize", "page size"),
        ("/components/parameters/schema/schema/items", "parameters.schema.item", "schema item"),
        ("/components/headers/Odd/schema/items", "headers.Odd.item", "odd item"),
        ("/components/headers/Odd/x/y", "headers.Odd.x.y", "odd x y"),
        ("/components/schemas", "schemas", "schemas"),
        ("/definitions/Cat/properties/a", "Cat.a", "cat a"),
        ("/$defs/Cat", "Cat", "cat"),
        ("/$defs/Cat/not", "Cat.not", "cat not"),
        ("/definitions/Cat/not", "Cat.not", "cat not"),
        ("/schemas/Cat/not", "Cat.not", "cat not"),
        ("/schemas/Cat/items", "Cat.item", "cat item"),
        ("/definitions", "definitions", "definitions"),
        ("/Cat", "Cat", "cat"),
        ("/Cat/properties/a", "Cat.a", "cat a"),
        ("/x/y/Cat", "Cat", "cat"),
        ("/x/Cat/oneOf/1/items", "Cat.1.item", "cat option 2 item"),
        ("/x/Cat/prefixItems/1", "Cat.1", "cat option 2"),
        ("/x/Cat/anyOf/1", "Cat.1", "cat option 2"),
        ("/x/Cat/additionalProperties", "Cat.value", "cat value"),
        ("/x/Cat/items", "Cat.item", "cat item"),
        ("/x/Cat/allOf/0", "Cat", "cat"),
        ("/paths/~1a", "/a", "a"),
        ("/paths/~1a/get", "/a_get", "get a"),
        ("/paths/~1a~1{b}/get/responses/200/content/text~1csv/schema/items",
         "/a/{b}_get.responses.200.text/csv.item", "get a b responses 200 text csv item"),
    ],
)  # fmt: skip
def test_what_a_reference_leads_to(pointer: str, key: str, words: str) -> None:
    assert schema_names.called(Node(source(), pointer, {}), {"Pet": "Animal"}) == (key, tuple(words.split()))


@pytest.mark.parametrize(
    ("pointer", "key", "words"),
    [
        ("/components/parameters/PageSize/schema", "parameters.PageSize", "page size"),
        ("/components/responses/NotFound/content/application~1json/schema", "responses.NotFound", "not found"),
        ("/components/responses/NotFound/content/text~1csv/schema", "responses.NotFound.csv", "not found csv"),
        ("/components/responses/NotFound/content/text~1csv", "responses.NotFound.csv", "not found csv"),
        (
            "/components/responses/NotFound/content/application~1vnd.api+json/schema",
            "responses.NotFound.vnd_api_json",
            "not found vnd api json",
        ),
        ("/components/responses/NotFound", "op.theSize", "as given"),
        ("/components/schemas/Pet/properties/a", "op.theSize", "as given"),
        ("/paths/~1a~1{b}/parameters/0/schema", "a_b.theSize", "a b the size"),
        ("/paths/~1a~1{b}/parameters", "op.theSize", "as given"),
        ("/paths/~1a~1{b}/get/parameters/0/schema", "op.theSize", "as given"),
        ("/x/~1a/parameters/0/schema", "op.theSize", "as given"),
        ("", "op.theSize", "as given"),
    ],
)
def test_what_several_operations_share(pointer: str, key: str, words: str) -> None:
    found = schema_names.shared(Node(source(), pointer, {}), ("op.theSize", ("as", "given")))
    assert found == (key, tuple(words.split()))


def test_words_of_media_types_and_places() -> None:
    for media, words in (
        ("application/vnd.api+json; version=1", "vnd api json"),
        ("text/csv;header=present", "csv"),
        ("json", "json"),
        ("*/*", "any"),
    ):
        assert schema_names.medium(media) == tuple(words.split())
    for pointer, words in (
        ("/components/schemas/Cat/properties/theClaw", "cat the claw"),
        ("/paths/~1a~1{b}/get/responses/200/content/text~1csv/schema", "a b get responses 200 text csv schema"),
    ):
        assert schema_names.place(pointer) == tuple(words.split())
