"""The one entry by name: metadata, validation, policy, envelope."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import demo_api
import jsonschema
import pytest

from generator import link
from generator.read import documents
from generator.surfaces.shared import metadata


@pytest.fixture(scope="module")
def functions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModuleType]:
    where = demo_api.build(tmp_path_factory.mktemp("functions")).parent
    sys.path.insert(0, str(where))
    try:
        yield importlib.import_module("demopkg.functions")
    finally:
        sys.path.remove(str(where))
        for name in [name for name in sys.modules if name.split(".")[0] == "demopkg"]:
            del sys.modules[name]


@pytest.fixture
def client(functions: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("DEMO_TOKEN", "secret")
    return importlib.import_module("demopkg.client").Demo()


def _walk(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
        for key, value in node.items():
            for child in value.values() if key == "properties" else [value]:
                yield from _walk(child)
    elif isinstance(node, list):
        for item in node:
            yield from _walk(item)


def test_schemas_keep_to_what_hosts_accept() -> None:
    made = metadata.metadata(demo_api.api())
    for entry in made.entries:
        schema = entry["input_schema"]
        assert schema["type"] == "object" and schema["additionalProperties"] is False
        assert not {"anyOf", "oneOf", "allOf"} & set(schema)
        for node in _walk(schema):
            assert not isinstance(node.get("type"), list)
            assert node.get("type") != "array" or "items" in node
        jsonschema.Draft202012Validator.check_schema(made.closed(schema))
        jsonschema.Draft202012Validator.check_schema(entry["output_schema"])


def test_recursion_is_a_reference() -> None:
    made = metadata.metadata(demo_api.api())
    create = next(entry for entry in made.entries if entry["name"] == "demo_create_job")
    node = {"$ref": "#/$defs/input.Node"}
    assert create["input_schema"]["properties"]["node"] == {**node, "description": "The node."}
    assert made.definitions["input.Node"]["properties"]["next"] == {"anyOf": [node, {"type": "null"}]}


def test_read_only_fields_are_no_input_and_result_enums_are_open() -> None:
    create = metadata.metadata(demo_api.api()).entries[0]
    assert "enum" not in create["output_schema"]["properties"]["status"]
    assert create["input_schema"]["properties"]["color"]["enum"] == ["red", "green"]
    assert create["input_schema"]["properties"]["color"]["description"] == "The color."


@pytest.mark.parametrize("name", ["demo_get_job", "get_job", "demo.get_job", "demo.demo_get_job", "jobs.get"])
def test_every_alias_finds_its_function(functions: ModuleType, name: str) -> None:
    assert functions.find(name).name == "demo_get_job"


def test_an_unknown_name_is_answered_with_the_nearest(functions: ModuleType) -> None:
    with pytest.raises(functions.UnknownFunctionError) as caught:
        functions.find("demo_get_jub")
    assert caught.value.nearest[0] == "demo_get_job"
    envelope = functions.call(None, "get_jub", {})
    assert envelope["success"] is False and envelope["error"]["type"] == "unknown_function"


def test_an_entry_survives_the_round_trip(functions: ModuleType) -> None:
    made = metadata.metadata(demo_api.api())
    wanted = []
    for row, entry in zip(made.index(), made.entries, strict=True):
        schemas = {part: made.closed(entry[part]) for part in ("input_schema", "output_schema")}
        wanted.append({**row, **entry, **schemas})
    assert [info.to_dict() for info in functions.all_functions().values()] == wanted


def test_only_the_schemas_that_a_call_needs_are_read(functions: ModuleType) -> None:
    schemas, info, finding, compiled = (
        importlib.import_module(f"demopkg.functions.{name}") for name in ("schemas", "info", "finding", "compiled")
    )
    for cached in (schemas._file, info.all_functions, finding._by_any_name, compiled._validator):
        cached.cache_clear()
    assert functions.search("create a job", functions.all_functions().values())
    assert functions.find("create_job").required == ("version", "input")
    assert schemas._file("schemas.json")._decoded == {}

    def call(last: Any) -> Any:
        node = {"name": "a", "next": {"name": "b", "next": last}}
        arguments = {"version": "v", "input": {}, "node": node}
        return functions.call(None, "create_job", arguments, policy=functions.Policy.everything(), dry_run=True)

    assert call(None)["success"]
    assert schemas._file("schemas.json")._decoded.keys() == {"demo_create_job"}
    assert schemas._file("types.json")._decoded.keys() == {"input.Node"}
    assert call(1)["error"]["parameter"] == "node.next.next"


def test_success(functions: ModuleType, client: Any) -> None:
    envelope = functions.call(client, "get_job", {"job_id": "x"})
    assert list(envelope) == ["function", "success", "data", "error", "meta", "duration_ms"]
    assert envelope["function"] == "demo_get_job" and envelope["success"] and envelope["error"] is None
    assert envelope["data"]["got"] == {"job_id": "x"}
    assert envelope["meta"] == {"dry_run": False, "operation": "read", "classes": ["read"], "status": 200}


def test_binary_is_base64(functions: ModuleType, client: Any) -> None:
    data = functions.call(client, "download", {"id": "bytes"})["data"]
    assert data == {"content_type": "application/octet-stream", "size": 2, "data": "AP8="}


@pytest.mark.parametrize(
    ("arguments", "parameter", "words"),
    [
        ({}, "version", "required"),
        ({"version": "v", "input": {}, "colour": "red"}, "colour", "did you mean color?"),
        ({"version": "v", "input": {}, "color": "rad"}, "color", "not one of"),
        ({"version": "v", "input": []}, "input", "expected an object, got array"),
        ({"version": "v", "input": {}, "wait": 61}, "wait", "at most 60"),
        ({"version": "v", "input": {}, "wait": True}, "wait", "expected an integer, got boolean"),
        ({"version": "v", "input": {}, "tags": ["a", 1]}, "tags[1]", "expected a string"),
        ({"version": "v", "input": {}, "node": {"next": None}}, "node.name", "required"),
        ({"version": "v", "input": {}, "node": {"name": "a", "next": 1}}, "node.next", "none of the 2"),
    ],
)
def test_bad_arguments_name_the_argument(
    functions: ModuleType, arguments: dict[str, Any], parameter: str, words: str
) -> None:
    error = functions.call(None, "create_job", arguments, policy=functions.Policy.everything())["error"]
    assert (error["type"], error["parameter"]) == ("invalid_arguments", parameter)
    assert words in error["message"] and error["expected"] is not None
    assert error["example"] == {"version": "v1", "input": {"a": 1}}


def test_policy_names_the_flag(functions: ModuleType) -> None:
    def refusal(policy: Any, name: str = "delete_job") -> Any:
        return functions.call(None, name, {"job_id": "x"}, policy=policy)["error"]

    assert refusal(functions.Policy())["hint"] == "start it with --write=allow --allow destructive"
    assert "--allow destructive" in refusal(functions.Policy.gateway(write=True))["hint"]
    assert functions.Policy.gateway(write=True, allow=["billed,secret"]).allowed == {
        "read",
        "write",
        "billed",
        "secret",
    }
    assert functions.Policy.gateway(allow=["all"]).allowed == {"read", "billed", "destructive", "secret"}
    with pytest.raises(ValueError, match="no policy class is called 'paid'"):
        functions.Policy.gateway(allow=["paid"])
    info = functions.find("delete_job")
    assert not functions.Policy().lists(info) and functions.Policy.gateway(write=True).lists(info)


@pytest.mark.parametrize(
    ("given", "kind", "retryable"),
    [
        ("404", "not_found", False),
        ("401", "authentication", False),
        ("429", "rate_limited", True),
        ("503", "server_error", True),
        ("418", "api_error", False),
        ("offline", "connection", True),
        ("slow", "timeout", True),
    ],
)
def test_errors_are_data(functions: ModuleType, client: Any, given: str, kind: str, retryable: bool) -> None:
    error = functions.call(client, "get_job", {"job_id": given})["error"]
    assert (error["type"], error["retryable"]) == (kind, retryable)
    assert set(error) >= {"type", "status", "message", "parameter", "retryable", "hint", "request_id", "expected"}


def test_dry_run_shows_the_request_and_no_secret(functions: ModuleType) -> None:
    arguments = {"version": "v", "input": {"a": 1}}
    envelope = functions.call(None, "create_job", arguments, policy=functions.Policy.everything(), dry_run=True)
    assert envelope["meta"]["dry_run"] is True
    assert envelope["data"] == {
        "method": "POST",
        "url": "http://127.0.0.1:1/jobs",
        "headers": {"Accept": "application/json", "Authorization": "Bearer $DEMO_TOKEN"},
        "body": arguments,
    }


def test_the_program_s_own_mistakes_are_not_hidden(functions: ModuleType) -> None:
    with pytest.raises(AttributeError):
        functions.call(None, "get_job", {"job_id": "x"})


def test_where_validation_disagrees_with_jsonschema(functions: ModuleType) -> None:
    made = metadata.metadata(demo_api.api())
    schema = made.closed(made.entries[0]["input_schema"])
    judge = jsonschema.Draft202012Validator(schema)
    values: list[Any] = [None, True, 0, 1.0, 61, 1.5, "", "red", [], ["a"], [None], {}, {"name": "a"}]
    for name in schema["properties"]:
        for value in values:
            arguments = {"version": "v", "input": {}, name: value}
            assert (functions.check(arguments, schema) is None) == judge.is_valid(arguments), (name, value)


def test_paths_are_files_of_the_package(functions: ModuleType) -> None:
    assert functions.__file__ is not None
    assert (Path(functions.__file__).parent / "functions.json").is_file()


SPEC = demo_api.ROOT / "spec"


@pytest.fixture(scope="module")
def real() -> list[Any]:
    return list(metadata.metadata(link.load(documents.read(SPEC / "openapi.yaml", SPEC / "catalog.yaml"))).entries)


def test_every_example_of_the_catalog_fits_its_schemas(functions: ModuleType, real: list[Any]) -> None:
    assert len(real) == 37
    for entry in real:
        fits(functions, entry)


def fits(functions: ModuleType, entry: dict[str, Any]) -> None:
    size = len(json.dumps(entry["input_schema"], separators=(",", ":")))
    assert size <= 1000, "a tool may be 1,500 bytes with its name, description and annotations"
    assert entry["examples"], entry["name"]
    for example in entry["examples"]:
        assert functions.check(example["arguments"], entry["input_schema"]) is None
        jsonschema.validate(example["arguments"], entry["input_schema"])
        if "result" in example and entry["result_kind"] == "json":
            assert functions.check(example["result"], entry["output_schema"]) is None
            jsonschema.validate(example["result"], entry["output_schema"])
