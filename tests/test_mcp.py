"""What an MCP host is told: the lint of the tools, the list, its size, and the manifest of a registry."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from mcp_harness import API, ROOT

from generator.surfaces import mcp as surface
from generator.surfaces import tools

READ = {"type": "read", "classes": ["read"]}
WRITE = {"type": "write", "classes": ["write", "billed", "destructive"]}


def entry(name: str, kind: dict[str, Any] = READ, **more: Any) -> dict[str, Any]:
    """A function as functions.json has it, as far as MCP looks."""
    schema = {"type": "object", "properties": {"text": {"type": "string"}}, "additionalProperties": False}
    return {
        "name": name,
        "title": "Say it",
        "summary": "Says it.",
        "description": "",
        "output_schema": {},
        "result_kind": "json",
        "page": None,
        "idempotent": False,
        "deprecation": "",
        "input_schema": schema,
        "files_out": [],
        **kind,
        **more,
    }


ARGUMENTS = {
    "model_name": {"type": "string", "description": "Name of the model."},
    "content": {"type": "string", "format": "binary", "description": "The content."},
    "wait": {"type": "integer", "minimum": 1, "default": 5, "description": "Seconds to wait, 1 to 60."},
}
SCHEMA = {"type": "object", "properties": ARGUMENTS, "additionalProperties": False}


def test_listed_schema_is_the_function_s_without_idle_words() -> None:
    assert tools.tool(entry("remove", WRITE, input_schema=SCHEMA))["inputSchema"]["properties"] == {
        "model_name": {"type": "string"},
        "content": {"type": "string", "description": "The content: a `data:` URL, or text"},
        "wait": {"type": "integer", "minimum": 1, "description": "Seconds to wait"},
        "dry_run": {"type": "boolean"},
    }


def test_what_only_reads_is_listed_without_prose() -> None:
    body = {"body": {"type": "string", "description": "Text to search for."}}
    properties = tools.tool(entry("find", input_schema={**SCHEMA, "properties": {**ARGUMENTS, **body}}))["inputSchema"]
    assert properties["properties"]["wait"] == {"type": "integer"}
    assert properties["properties"]["body"]["description"] == "Text to search for"


@pytest.mark.parametrize(
    ("sentence", "kind", "told"),
    [
        ("Show a run's status and output.", READ, "Status and output"),
        ("List your files.", READ, "Your files"),
        ("Show whose token this is.", READ, "Whose token this is"),
        ("Listen to a run.", READ, "Listen to a run"),
        ("Get", READ, "Get"),
        ("Show a picture to everyone.", WRITE, "Show a picture to everyone"),
    ],
)
def test_name_says_already_that_it_reads(sentence: str, kind: dict[str, Any], told: str) -> None:
    assert tools.tool(entry("any", kind, summary=sentence))["description"] == told


LONG = {"type": "object", "properties": {"a": {"type": "array", "items": {}}, "b": {"type": "object"}}}
SHORT = {"type": "object", "properties": {"a": {"type": "string"}}}


def picking(entries: list[dict[str, Any]]) -> list[str]:
    listed = tools.listed(entries)
    assert [each["name"] for each in listed] == [each["name"] for each in entries]
    return [each["name"] for each in listed if "fields" in each["inputSchema"]["properties"]]


def test_fields_go_where_results_get_long_as_far_as_there_is_room() -> None:
    few = [
        entry("long", output_schema=LONG),
        entry("short", output_schema=SHORT),
        entry("write", WRITE, output_schema=LONG),
        entry("text", output_schema=LONG, result_kind="text"),
        entry("taken", output_schema=LONG, input_schema={**SCHEMA, "properties": {"fields": {"type": "integer"}}}),
    ]
    assert picking(few) == ["long", "taken"]
    weight = tools.size(tools.tool(few[0])) + 1
    room = tools.MAX_READ_ONLY_BYTES // weight
    many = [entry(f"long{number:02}", output_schema=LONG) for number in range(room)]
    assert 0 < len(picking(many)) < room
    listed = tools.listed([*many[:-1], entry("longest", output_schema={**LONG, "properties": {"x": LONG, "y": LONG}})])
    assert "fields" in listed[-1]["inputSchema"]["properties"]
    assert tools.size({"tools": listed}) <= tools.MAX_READ_ONLY_BYTES


def test_own_arguments_give_way_to_the_function_s() -> None:
    schema = {"type": "object", "properties": {"dry_run": {"type": "string"}}, "additionalProperties": False}
    listed = tools.tool(entry("try", WRITE, input_schema=schema))["inputSchema"]
    assert listed["properties"] == {"dry_run": {"type": "string"}}


def broken(**schema: Any) -> dict[str, Any]:
    """A tool whose input schema breaks a rule."""
    return tools.tool(entry("broken", WRITE, input_schema={"type": "object", "additionalProperties": False, **schema}))


@pytest.mark.parametrize(
    ("tool", "message"),
    [
        (broken(oneOf=[{}]), "oneOf at the root"),
        (broken(anyOf=[{}]), "anyOf at the root"),
        (broken(properties={"a": {"$ref": "#/x"}}), "$ref at /properties/a"),
        (broken(properties={"a": {"type": ["string", "null"]}}), "list of types at /properties/a"),
        (broken(properties={"a": {"anyOf": [{"type": "array"}]}}), "without items at /properties/a/anyOf/0"),
        (broken(additionalProperties=True), "additionalProperties false"),
        (broken(type="string"), "of type object"),
        (broken(properties={"a": {"description": "a\u202eb"}}), "invisible characters"),
        (broken(properties={"a": {"description": "x" * 1001}}), "1001 characters"),
        (broken(properties={f"p{i}": {"type": "string", "description": "word " * 20} for i in range(20)}), "1500 are"),
        (tools.tool(entry("a" * 41)), "its name must be"),
        (tools.tool(entry("a.b")), "its name must be"),
        (tools.tool(entry("quiet", summary="", title="")), "no description"),
    ],
)
def test_lint_finds(tool: dict[str, Any], message: str) -> None:
    found = tools.lint([tool], {tool["name"]: "api.yaml:7:1"})
    assert any(message in finding.what and finding.where == "api.yaml:7:1" for finding in found), found


def test_lint_passes_over_names_and_data() -> None:
    """A property called $ref or a default that looks like a schema breaks no rule."""
    properties = {"$ref": {"type": "string"}, "type": {"type": "object", "default": {"type": ["a"], "$ref": "b"}}}
    assert tools.lint([broken(properties=properties)], {}) == []


def test_lint_weighs_the_whole_list() -> None:
    many = [tools.tool(entry(f"tool_{i}", summary="word " * 150)) for i in range(30)]
    assert [finding for finding in tools.lint(many, {}) if "the list of tools takes" in finding.what]


LISTED = json.loads((ROOT / "generated/mcp/tools.json").read_text("utf-8"))["tools"]


def test_real_tools_keep_to_the_rules() -> None:
    assert surface.listed(API) == LISTED
    assert len(LISTED) == 37
    assert surface.lint(API) == []


def test_real_list_is_as_small_as_it_has_to_be() -> None:
    reading = [tool for tool in LISTED if tool["annotations"]["readOnlyHint"]]
    assert len(reading) == 22
    assert tools.size({"tools": LISTED}) <= 20_000
    assert tools.size({"tools": reading}) <= 8_000
    assert max(map(tools.size, LISTED)) <= 1_500


def test_listed_schemas_allow_what_the_functions_take() -> None:
    """Every example of every function is a valid call by the schema that the host sees."""
    for tool, function in zip(LISTED, API.functions, strict=True):
        for example in function.examples:
            jsonschema.validate(dict(example.arguments), tool["inputSchema"])


def test_manifest_is_what_a_registry_takes() -> None:
    manifest = surface.manifest(API)
    assert manifest["name"].count("/") == 1
    assert len(manifest["description"]) <= 100
    (package,) = manifest["packages"]
    assert package["identifier"] == API.package
    assert [each["name"] for each in package["environmentVariables"] if each["isSecret"]] == [API.token_env]
