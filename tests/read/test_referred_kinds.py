"""A reference leads to an object of the kind that stands where it does: OpenAPI 3.1.1, 4.8.23, at every place for one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator.errors import SpecError
from generator.read import openapi, source

GET = ("paths", "/a", "get")
PLACES: list[tuple[tuple[str, ...], str]] = [
    (("paths", "/a"), "a path item object"),
    ((*GET, "parameters", "0"), "a parameter object"),
    ((*GET, "requestBody"), "a request body object"),
    ((*GET, "responses", "200"), "a response object"),
    ((*GET, "callbacks", "a"), "a callback object"),
    ((*GET, "responses", "200", "headers", "a"), "a header object"),
    ((*GET, "responses", "200", "links", "a"), "a link object"),
    ((*GET, "responses", "200", "content", "a/b", "schema"), "a schema"),
    ((*GET, "responses", "200", "content", "a/b", "examples", "a"), "an example object"),
    (("components", "schemas", "a"), "a schema"),
    (("components", "responses", "a"), "a response object"),
    (("components", "parameters", "a"), "a parameter object"),
    (("components", "examples", "a"), "an example object"),
    (("components", "requestBodies", "a"), "a request body object"),
    (("components", "headers", "a"), "a header object"),
    (("components", "securitySchemes", "a"), "a security scheme object"),
    (("components", "links", "a"), "a link object"),
    (("components", "callbacks", "a"), "a callback object"),
    (("components", "pathItems", "a"), "a path item object"),
    (("components", "schemas", "a", "properties", "b"), "a schema"),
    (("components", "schemas", "a", "items"), "a schema"),
    (("components", "schemas", "a", "allOf", "0"), "a schema"),
    (("components", "schemas", "a", "additionalProperties"), "a schema"),
]


def read(folder: Path, place: tuple[str, ...], target: Any) -> openapi.Document:
    value: Any = {"$ref": "#/x-here"}
    for step in reversed(place):
        value = [value] if step == "0" else {step: value}
    document = {"openapi": "3.1.1", "info": {"title": "A", "version": "1"}, "paths": {}, **value, "x-here": target}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return openapi.read(folder / "api.json")


@pytest.mark.parametrize(("place", "kind"), PLACES, ids=lambda each: "/".join(each) if isinstance(each, tuple) else "")
def test_references(tmp_path: Path, place: tuple[str, ...], kind: str) -> None:
    assert not read(tmp_path, place, {}).losses
    for target, shown in ([], "a list"), ("x", "the text 'x'"), (3, "the number 3"), (None, "null"):
        with pytest.raises(SpecError) as caught:
            read(tmp_path, place, target)
        assert f"$ref '#/x-here' refers to {shown}, not to {kind}" in str(caught.value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("x" * 39, repr("x" * 39)),
        ("x" * 40, repr("x" * 40 + "…")),
        ("x" * 4000, repr("x" * 40 + "…")),
        (10**38, str(10**38)),
        (10**39, str(10**39) + "…"),
        (True, "true"),
        (False, "false"),
    ],
)
def test_what_is_there_is_shown_in_part(tmp_path: Path, value: Any, shown: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(tmp_path, ("paths", "/a"), value)
    assert f"refers to {shown}," in str(caught.value).replace("the text ", "").replace("the number ", "")


def test_a_name_that_looks_like_an_index(tmp_path: Path) -> None:
    """RFC 6901, 4: a step is an index only where a list stands."""
    names = {
        "0": {"$ref": "#/components/schemas/1"},
        "1": {"type": "string", "maxLength": 1},
        "2": {"$ref": "#/x-list/1"},
    }
    document = {
        "openapi": "3.1.1",
        "info": {"title": "A", "version": "1"},
        "paths": {},
        "components": {"schemas": names},
    }
    (tmp_path / "api.json").write_text(json.dumps({**document, "x-list": [{}, {"type": "boolean"}]}), "utf-8")
    found = openapi.read(tmp_path / "api.json")
    schemas = found.root.value["components"]["schemas"]
    listed = source.Node(found.root.source, "/components/schemas", schemas)
    told = [found.follow(node).value for _, node in listed.items()]
    assert told == [schemas["1"], schemas["1"], {"type": "boolean"}]
