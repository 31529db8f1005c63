"""What an MCP host is told: the lint of the tools, the list, its size, and the manifest of a registry."""

from __future__ import annotations

import itertools
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from cli_harness import run
from mcp_harness import API, ROOT, environment, held, listening, over_http, stdio
from recorder import recorder

from generator.ir import Place
from generator.surfaces import mcp as surface
from generator.surfaces.mcp import tools

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
        "job": None,
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
    many = [entry(f"long{number:02}", output_schema=LONG) for number in range(room - 1)]
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
    found = tools.lint([tool], {tool["name"]: Place("api.yaml", 7, 1, "")})
    assert any(message in finding.what and str(finding.where) == "api.yaml:7:1" for finding in found), found


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
    assert tools.size({"tools": reading}) <= 9_500
    assert max(map(tools.size, LISTED)) <= 1_500


def test_listed_schemas_allow_what_the_functions_take() -> None:
    """Every example of every function is a valid call by the schema that the host sees."""
    for tool, function in zip(LISTED, API.functions, strict=True):
        for example in function.examples:
            jsonschema.validate(dict(example.arguments), tool["inputSchema"])


INPUT = {
    "description": {"type": "string"},
    "isRequired": {"type": "boolean"},
    "isSecret": {"type": "boolean"},
    "format": {"enum": ["string", "number", "boolean", "filepath"]},
    "value": {"type": "string"},
    "default": {"type": "string"},
    "placeholder": {"type": "string"},
    "choices": {"type": "array", "items": {"type": "string"}, "minItems": 1},
    "isRepeated": {"type": "boolean"},
}
"""What the registry lets a publisher say of an argument or a variable (its document of 2025-12-11)."""


def an_input(required: list[str], **more: Any) -> dict[str, Any]:
    properties = {**INPUT, **more}
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


NAMED = an_input(["type", "name"], type={"const": "named"}, name={"pattern": "^--[a-z-]+$"})
POSITIONAL = an_input(["type", "value"], type={"const": "positional"})
VARIABLE = an_input(["name", "description"], name={"pattern": "^[A-Z][A-Z0-9_]*$"})
ARGUMENTS_OF = {"type": "array", "items": {"anyOf": [NAMED, POSITIONAL]}}
PACKAGE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["registryType", "identifier", "version", "transport"],
    "properties": {
        "registryType": {"const": "pypi"},
        "identifier": {"type": "string"},
        "version": {"type": "string", "not": {"const": "latest"}},
        "runtimeHint": {"type": "string"},
        "runtimeArguments": ARGUMENTS_OF,
        "packageArguments": ARGUMENTS_OF,
        "environmentVariables": {"type": "array", "items": VARIABLE},
        "transport": {"const": {"type": "stdio"}},
    },
}
MANIFEST = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "description", "version"],
    "properties": {
        "$schema": {"const": surface.MANIFEST_SCHEMA},
        "name": {"pattern": "^[a-zA-Z0-9.-]+/[a-zA-Z0-9._-]+$", "minLength": 3, "maxLength": 200},
        "title": {"type": "string", "minLength": 1, "maxLength": 100},
        "description": {"type": "string", "minLength": 1, "maxLength": 100},
        "version": {"type": "string", "maxLength": 255},
        "websiteUrl": {"type": "string", "format": "uri"},
        "packages": {"type": "array", "items": PACKAGE},
    },
}


def test_manifest_is_what_a_registry_takes() -> None:
    manifest = json.loads((ROOT / "generated/mcp/server.json").read_text("utf-8"))
    assert manifest == surface.manifest(API)
    jsonschema.validate(manifest, MANIFEST)
    (package,) = manifest["packages"]
    assert package["identifier"] == API.package
    assert [each["name"] for each in package["environmentVariables"] if each["isSecret"]] == [API.token_env]


def test_manifest_starts_a_server_whatever_its_user_chooses(tmp_path: Path) -> None:
    """Every flag that it offers is one of the command, with each of its choices; every variable is read."""
    (package,) = surface.manifest(API)["packages"]
    arguments = package["packageArguments"]
    start = [each["value"] for each in arguments if each["type"] == "positional"]
    flags = [each for each in arguments if each["type"] == "named"]
    values = {"--functions": ["models.*"], "--groups": ["models"], "--exclude": ["*delete*"], "--account": ["work"]}
    chosen: list[list[str]] = [[f"{each['name']}={each.get('default', '')}" for each in flags if "default" in each]]
    offered = [[f"{each['name']}={value}" for value in each.get("choices") or values[each["name"]]] for each in flags]
    # A class is either allowed or asked for, so these stand alone.
    alone = [row for row in offered if row[0].startswith("--ask=")]
    offered = [row for row in offered if row not in alone]
    assert sum(map(len, offered)) > 12
    # Each value once, with values of other flags beside it.
    chosen += [list(filter(None, row)) for row in itertools.zip_longest(*offered)]
    chosen += [[each] for row in alone for each in row]
    config = tmp_path / "config.json"
    config.touch(0o600)
    config.write_text('{"account": "home", "accounts": {"home": {"token": "a"}, "work": {"token": "b"}}}')
    env = environment({f"{API.package.upper()}_CONFIG": str(config)})
    for more in chosen:
        done = run(*start, *more, env=env, input=b"")
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), more


def test_one_account_only_where_it_is_named_at_the_start(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.touch(0o600)
    with recorder() as server:
        accounts = {name: {"token": f"of-{name}", "base_url": server.base_url} for name in ("home", "work")}
        config.write_text(json.dumps({"account": "home", "accounts": accounts}))
        env = {f"{API.package.upper()}_CONFIG": str(config)}
        account = f"{API.name}_get_account"
        with held(stdio(env, "--account=work")) as client:
            assert all("account" not in each.input_schema["properties"] for each in client.list_tools().tools)
            client.call_tool(account, {})
            assert server.one().headers["authorization"] == "Bearer of-work"
            assert client.call_tool(account, {"account": "home"}).is_error
        with listening(env, "--account=work", "--mode=code") as url, held(over_http(url)) as client:
            client.call_tool("execute_lua", {"code": f"return app.integrations.{API.name}.get_account{{}}"})
            assert server.one().headers["authorization"] == "Bearer of-work"
            client.call_tool("call_read", {"function": account})
            assert server.one().headers["authorization"] == "Bearer of-work"
        own = {**env, API.base_url_env: server.base_url}
        with listening(own, "--account=work") as url, held(over_http(url, token="mine")) as client:
            client.call_tool(account, {})
            assert server.one().headers["authorization"] == "Bearer mine"
    for before, after, told in (
        ([], ["--account=wrok"], "there are home, work"),
        (["--account=wrok"], [], "there are home, work"),
        ([], ["--account=work", "--http=127.0.0.1:0", "--auth=caller"], "carries"),
        (["--base-url=http://127.0.0.1:1"], [], "--base-url"),
        (["--account=work", "--dry-run"], [], "--dry-run"),
    ):
        done = run(*before, "mcp", "serve", *after, env=environment(env), input="", text=True)
        assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr
