"""Examples that a document names: those of requests are calls of their own, each with the answer of its name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from named_documents import load

from generator import pipeline
from generator.ir import Api
from generator.write.rendering import Renderer

PET = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "kind": {"type": "string"}}}
FIELDS = {f"field_{number}": {"type": "string", "description": "What it says. " * 20} for number in range(100)}


def document(body: dict[str, Any], answer: dict[str, Any], **schemas: Any) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {
            "/pets": {
                "post": {
                    "operationId": "create",
                    "requestBody": {"content": {"application/json": body}},
                    "responses": {"200": {"description": "ok", "content": {"application/json": answer}}},
                }
            }
        },
        "components": {"schemas": schemas},
    }


def page(api: Api, folder: Path, template: str) -> str:
    renderer = Renderer(pipeline.Inputs(folder / "api.json").templates)
    found = next(page for page in pipeline.surface("docs").render(api).pages if page.template.endswith(template))
    return renderer.render("docs", found)


def test_each_is_a_call_with_the_answer_of_its_name(tmp_path: Path) -> None:
    asked = {"cat": {"summary": "A cat", "value": {"name": "Tom", "kind": "cat"}}, "dog": {"value": {"name": "Rex"}}}
    given = {"dog": {"value": {"id": "r1"}}, "cat": {"summary": "A cat", "value": {"id": "t1"}}}
    api = load(document({"schema": PET, "examples": asked}, {"schema": {}, "examples": given}), tmp_path)
    written = [(e.title, e.arguments, e.result) for e in api.functions[0].examples]
    assert written == [
        ("A cat", {"name": "Tom", "kind": "cat"}, {"id": "t1"}),
        ("dog", {"name": "Rex"}, {"id": "r1"}),
    ]
    shown = page(api, tmp_path, "[function].md.jinja")
    calls = re.findall(r'^\*\*(.+)\*\*$|client\.pets\.create\((.*)\)$|^ +"id": "(\w+)"$', shown, re.MULTILINE)
    assert ["".join(found) for found in calls][:8] == [
        *("A cat", 'name="Tom", kind="cat"', 'name="Tom", kind="cat"', "t1"),
        *("dog", 'name="Rex"', 'name="Rex"', "r1"),
    ]


def test_a_body_that_is_one_argument_and_more_examples_than_are_shown(tmp_path: Path) -> None:
    many = {f"e{number}": {"value": [number]} for number in range(30)}
    body = {"schema": {"type": "array", "items": {"type": "integer"}}, "examples": many}
    api = load(document(body, {"schema": {}, "example": {"id": "x"}}), tmp_path)
    examples = api.functions[0].examples
    assert [(e.title, e.arguments) for e in examples] == [(f"e{n}", {"body": [n]}) for n in range(10)]
    assert [e.has_result for e in examples] == [True] + [False] * 9


def test_what_a_page_has_no_room_for_is_led_to(tmp_path: Path) -> None:
    answer = {"schema": {"$ref": "#/components/schemas/Pet"}}
    api = load(document({"schema": PET}, answer, Pet={"type": "object", "properties": FIELDS}), tmp_path)
    shown = page(api, tmp_path, "[function].md.jinja")
    assert "its fields under [Pet](../types/pet.md)" in shown
    assert json.dumps("field_99") in page(api, tmp_path, "catalog.json.jinja")
    assert any(each.fill.get("type") == "pet" for each in pipeline.surface("docs").render(api).pages)
