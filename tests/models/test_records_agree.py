"""What the generator makes of a model's schema, and what a package makes of the same document while it runs: one record.

`spellings` is a document of its own: each property is a way of writing that the others do not have, with what it means by
hand from JSON Schema 2020-12 (validation) and OpenAPI 3.0.3 (4.7.24, where the exclusive limits are flags).
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from generator.pipeline import generate
from tests.support.derivations import MODELS, NAMED, NAMES, OWNER, function, project, snapshot, version

KIND = {"enum": ["a", "b"], "type": "string", "title": "kind", "description": "An enumeration."}
REF = {"$ref": "#/components/schemas/kind"}
FILE, SECRET = {"type": "string", "format": "uri"}, {"type": "string", "format": "password"}

# Each property as it is written, and what its record says of it; None where it is no argument.
SPELLINGS: dict[str, tuple[Any, Any]] = {
    "last": ({"type": "string"}, {"type": "string"}),
    "half": ({"type": "string", "minLength": 2, "x-order": 0.5}, {"type": "string", "minLength": 2}),
    "first": ({"type": "integer", "multipleOf": 8, "x-order": -1}, {"type": "integer", "multipleOf": 8}),
    "flag": ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, {"type": "number", "exclusiveMinimum": 0}),
    "no_flag": ({"type": "number", "maximum": 1, "exclusiveMaximum": False}, {"type": "number", "maximum": 1}),
    "strict": ({"type": "number", "exclusiveMaximum": 1}, {"type": "number", "exclusiveMaximum": 1}),
    "constant": ({"type": "string", "const": "x"}, {"type": "string", "enum": ["x"]}),
    "folded": ({"allOf": [REF], "default": "a"}, {"type": "string", "enum": ["a", "b"], "default": "a"}),
    "misfit": ({"allOf": [REF], "default": "c"}, {"type": "string", "enum": ["a", "b"]}),
    "no_default": ({"type": "string", "default": None}, {"type": "string"}),
    "kinds": ({"type": "array", "items": REF}, {"type": "array", "items": {"type": "string", "enum": ["a", "b"]}}),
    "null": ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
    "two": ({"type": ["string", "integer"]}, {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
    "files": ({"type": "array", "items": FILE, "maxItems": 4}, {"type": "array", "items": FILE, "maxItems": 4}),
    "nested": (
        {"type": "object", "properties": {"file": FILE}, "required": ["file"]},
        {"type": "object", "properties": {"file": FILE}, "required": ["file"]},
    ),
    "token": ({"type": "string", "x-cog-secret": True, "default": "hunter2"}, {**SECRET, "writeOnly": True}),
    "": ({"type": "string"}, None),
    "--": ({"type": "string"}, None),
    "n" * 101: ({"type": "string"}, None),
    "two words": ({"type": "string"}, {"type": "string"}),
}
ORDER = ["first", "half", "last", *list(SPELLINGS)[3:16], "two words", "missing"]
SECRETS = {
    "plain": SECRET,
    "nullable": {**SECRET, "nullable": True},
    "marked": {"type": "string", "nullable": True, "x-cog-secret": True},
    "listed": {"type": "array", "items": SECRET, "default": ["hunter2"]},
    "held": {"type": "object", "properties": {"key": SECRET}},
    "open": {"type": "string"},
}
TEXTS = {"type": "array", "items": {"type": "string"}, "x-cog-array-display": "concatenate"}


def document(given: Any, output: Any) -> dict[str, Any]:
    return {"openapi": "3.0.2", "components": {"schemas": {"Input": given, "Output": output, "kind": KIND}}}


def taking(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required], **more}


ONE = {"a": {"type": "string"}}
WRITTEN = {
    "spellings": document(taking({n: w for n, (w, _) in SPELLINGS.items()}, "missing", "last", "last", ""), TEXTS),
    "hidden": document(taking(SECRETS), {**TEXTS, "items": {}}),
    "silent": document({"type": "object"}, {}),
    "nothing": document({"type": "object", "additionalProperties": False}, {"type": "string", "format": "uri"}),
    "more": document(taking(ONE, additionalProperties=True), {"anyOf": [FILE, {"type": "array", "items": FILE}]}),
    "inside": document({"allOf": [taking(ONE, "a")]}, {"type": "string", "x-cog-array-display": "concatenate"}),
    "large": document(taking({f"p{n}": {"type": "string"} for n in range(501)}), {"type": "boolean"}),
}
WORKER = """
import dataclasses, json, sys
task = json.load(sys.stdin)
sys.path.insert(0, task["package"])
from replikit.extensions.runners import RUNNERS
from replikit.functions import added, derived
from replikit.functions.info import all_functions

class Answering:
    def __init__(self, answer):
        self._call = lambda name, arguments: answer

def record(info):
    found = {each: getattr(info, each) for each in task["facts"]}
    return {**found, "secrets": sorted(derived.secrets(info)), "input": info.input_schema, "output": info.output_schema}

found = {}
for name, answer in task["answers"].items():
    run = RUNNERS["run"](Answering(answer), f"octo-labs/{name}")
    made = added.info_of(added.made(added.spelled(name), f"octo-labs/{name}", run))
    found[name] = [record(all_functions()[task["functions"][name]]), record(made)]
json.dump(found, sys.stdout)
"""
FACTS = ["arguments", "required", "result_kind", "files_in", "files_out", "type", "classes", "method", "path", "job"]
LOOSE = {"title", "description", "x-order", "$defs", "x-cog-array-type", "x-cog-array-display"}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("records")
    inputs = project(folder)
    answers = {}
    with (folder / "catalog.yaml").open("a", encoding="utf-8") as catalog:
        for name, written in WRITTEN.items():
            note = {"source": f"{OWNER}/{name}", "version": "1" * 64}
            (folder / "models" / OWNER / f"{name}.json").write_text(
                json.dumps({"x-snapshot": note, **written}), "utf-8"
            )
            catalog.write(f"  {function(name)}: {{derivation: model, source: {OWNER}/{name}}}\n")
            answers[name] = {"latest_version": {"id": "1" * 64, "openapi_schema": written}}
    for name in NAMES:
        told: Any = {
            "id": version(name),
            "openapi_schema": json.loads((MODELS / "schemas" / f"{name}.json").read_text()),
        }
        answers[name] = {"latest_version": told, "is_official": name in NAMED}
        assert {**snapshot(name), **told["openapi_schema"]} == snapshot(name)
    generate(inputs, folder / "out", ("python",))
    names = {name: function(name) for name in answers}
    task = {"package": str(folder / "out" / "python"), "answers": answers, "functions": names, "facts": FACTS}
    done = subprocess.run(
        [sys.executable, "-c", WORKER], input=json.dumps(task), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    return answer


def meant(schema: Any, known: dict[str, Any], output: bool = False) -> Any:
    """A schema by what it takes: without texts and references, and without what says nothing. Results take other values,
    and limits that a server may change, as they come."""
    if isinstance(schema, list):
        return [meant(each, known, output) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = {**known[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
    left = LOOSE | ({"enum", "minimum", "maximum"} if output else set())
    made = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: meant(each, known, output) for name, each in value.items()}
        elif key == "required":
            made[key] = sorted(value)
        elif key not in left and (key, value) not in [("items", {}), ("additionalProperties", True), ("default", None)]:
            made[key] = meant(value, known, output)
    return made


@pytest.mark.parametrize("name", sorted([*NAMES, *WRITTEN]))
def test_they_agree(found: dict[str, list[dict[str, Any]]], name: str) -> None:
    made, read = ({key: one[key] for key in (*FACTS, "secrets")} for one in found[name])
    assert made == read
    for key in ("input", "output"):
        made, read = (meant(one[key], one[key].get("$defs", {}), key == "output") for one in found[name])
        if name == "hidden" and key == "input":  # where in the schema a password is written is each one's own
            made, read = (sorted(one["properties"]) for one in (made, read))
        assert made == read
        if key == "input" and "properties" in made:
            assert list(made["properties"]) == list(read["properties"])


@pytest.mark.parametrize("which", [0, 1], ids=["generated", "while it runs"])
class TestBoth:
    def test_say_what_each_spelling_means(self, found: dict[str, list[dict[str, Any]]], which: int) -> None:
        record = found["spellings"][which]
        schema = record["input"]
        assert record["arguments"] == ORDER
        assert record["required"] == ["last", "missing"]
        assert schema["additionalProperties"] is True  # three arguments cannot be named
        for name, (_, expected) in SPELLINGS.items():
            if expected is None:
                assert name not in schema["properties"]
            else:
                assert meant(schema["properties"][name], schema.get("$defs", {})) == expected, name
        assert record["files_in"] == ["files", "nested"]
        assert record["secrets"] == ["token"]
        assert "hunter2" not in json.dumps(record)
        assert record["result_kind"] == "text"

    def test_know_every_secret(self, found: dict[str, list[dict[str, Any]]], which: int) -> None:
        record = found["hidden"][which]
        assert record["secrets"] == sorted(set(SECRETS) - {"open"})
        assert "hunter2" not in json.dumps(record)
        assert record["result_kind"] == "json"  # pieces that need not be texts

    def test_take_what_the_schema_leaves_open(self, found: dict[str, list[dict[str, Any]]], which: int) -> None:
        schemas = {name: found[name][which]["input"] for name in WRITTEN}
        assert schemas["silent"] == {"type": "object"}
        assert (schemas["nothing"]["properties"], schemas["nothing"]["additionalProperties"]) == ({}, False)
        assert schemas["more"]["additionalProperties"] is True
        assert (schemas["inside"]["required"], schemas["inside"]["additionalProperties"]) == (["a"], False)
        assert (len(schemas["large"]["properties"]), schemas["large"]["additionalProperties"]) == (500, True)
        assert found["nothing"][which]["files_out"] == found["more"][which]["files_out"] == [""]
        assert found["inside"][which]["result_kind"] == "json"
