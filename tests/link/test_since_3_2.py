"""What OpenAPI 3.2.0 has beyond 3.1: each row is a field of its tables, and where it is seen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.ir import Api
from generator.read import documents


def api(folder: Path, operation: dict[str, Any], **more: Any) -> Api:
    document = {
        "openapi": "3.2.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/a": {"get": operation}},
        **more,
    }
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def test_a_tag_has_a_summary_which_is_shown(tmp_path: Path) -> None:
    """4.22, Tag Object: `summary` is a short summary of the tag, used for display; `parent` and `kind` nest and sort."""
    tags = [{"name": "partner", "summary": "Partners", "parent": "external", "kind": "audience"}]
    found = api(tmp_path, {"operationId": "partner.list", "tags": ["partner"], "responses": {}}, tags=tags)
    assert [group.title for group in found.groups] == ["Partners"]
    assert [(loss.kind, loss.pointer) for loss in found.losses] == [
        ("kept", "/tags/0/kind"),
        ("kept", "/tags/0/parent"),
    ]


@pytest.mark.parametrize(
    ("media", "example", "shown"),
    [  # 4.19, Example Object: dataValue is the value as data, serializedValue as it is sent
        ("application/json", {"dataValue": {"a": 1}}, [{"a": 1}]),
        ("application/json", {"serializedValue": '{"a": 2}'}, [{"a": 2}]),
        ("application/json", {"dataValue": {"a": 1}, "serializedValue": '{ "a" : 1 }'}, [{"a": 1}]),
        ("application/json", {"serializedValue": "{"}, []),
        ("text/plain", {"serializedValue": "{"}, ["{"]),
        ("image/png", {"serializedValue": "{"}, []),
    ],
)
def test_examples(media: str, example: dict[str, Any], shown: list[Any], tmp_path: Path) -> None:
    answer = {"description": ".", "content": {media: {"schema": {}, "examples": {"one": example}}}}
    found = api(tmp_path, {"operationId": "one", "responses": {"200": answer}})
    assert list(found.functions[0].responses[0].contents[0].examples) == shown


def test_media_types_are_components(tmp_path: Path) -> None:
    """4.7, Components Object: `mediaTypes` holds reusable Media Type Objects, referred to from `content`."""
    answer = {"description": ".", "content": {"application/json": {"$ref": "#/components/mediaTypes/Pet"}}}
    schema = {"type": "object", "properties": {"name": {"type": "string"}}}
    components = {"mediaTypes": {"Pet": {"schema": schema}}}
    found = api(tmp_path, {"operationId": "one", "responses": {"200": answer}}, components=components)
    result = found.functions[0].result.type
    assert result is not None and [f.wire_name for f in found.models[result.model].fields] == ["name"]


def test_additional_operations_and_query(tmp_path: Path) -> None:
    """4.9, Path Item Object: `query` is a fixed field, and `additionalOperations` holds every other method."""
    item = {
        "query": {"operationId": "q", "responses": {}},
        "additionalOperations": {"COPY": {"operationId": "c", "responses": {}}},
    }
    found = api(tmp_path, {"operationId": "one", "responses": {}}, paths={"/a": item})
    assert sorted(function.method for function in found.functions) == ["COPY", "QUERY"]


def test_a_server_has_a_name(tmp_path: Path) -> None:
    """4.5, Server Object: `name` refers to the host."""
    servers = [{"url": "https://a.example", "name": "prod"}]
    assert [
        server.name for server in api(tmp_path, {"operationId": "one", "responses": {}}, servers=servers).servers
    ] == ["prod"]
