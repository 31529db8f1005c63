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
LONG = [f"voice-{number}" for number in range(1_500)]
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
    "never": (False, {"not": {}}),
    "anything": (True, {}),
    "number": (3, {}),
    "many": ({"type": "string", "enum": LONG}, {"type": "string", "enum": LONG}),
    "twice": ({"type": "string", "enum": ["a", "b", "a"]}, {"type": "string", "enum": ["a", "b"]}),
    "no_values": ({"type": "string", "enum": []}, {"type": "string"}),
    "untyped": ({"enum": ["a", "b"]}, {"type": "string", "enum": ["a", "b"]}),
    "or_null": ({"enum": ["a", None]}, {"anyOf": [{"type": "string", "enum": ["a"]}, {"type": "null"}]}),
    "mixed": ({"enum": ["a", 1, True]}, {"enum": ["a", 1, True]}),
    "objects": ({"enum": [{"a": 1}, {"a": 2}]}, {"enum": [{"a": 1}, {"a": 2}]}),
    "only_null": ({"const": None}, {"type": "null"}),
    "no_items": ({"type": "array", "items": False}, {"type": "array", "items": {"not": {}}}),
    "any_items": ({"type": "array", "items": True}, {"type": "array"}),
    "inside": (
        {"type": "object", "properties": {"a": True, "b": False}, "required": ["a", "c"]},
        {"type": "object", "properties": {"a": {}, "b": {"not": {}}, "c": {}}, "required": ["a", "c"]},
    ),
    "implied": ({"properties": {"a": {"type": "string"}}}, {"type": "object", "properties": {"a": {"type": "string"}}}),
    "listed": ({"items": {"type": "string"}}, {"type": "array", "items": {"type": "string"}}),
    "bounded": ({"minimum": 1, "maximum": 3}, {"minimum": 1, "maximum": 3}),
    "one_of_one": ({"anyOf": [{"type": "string"}]}, {"type": "string"}),
    "one_of_any": ({"anyOf": [True, {"type": "string"}]}, {}),
    "both": ({"allOf": [{"type": "string"}, {"minLength": 2}]}, {"type": "string", "minLength": 2}),
    "null_or_any": ({"nullable": True}, {}),
    "null_alone": ({"type": "null"}, {"type": "null"}),
    "null_default": (
        {"type": "string", "nullable": True, "default": "a"},
        {"anyOf": [{"type": "string"}, {"type": "null"}], "default": "a"},
    ),
    "refused": ({"type": "string", "not": {"minLength": 3}}, {"type": "string", "not": {"minLength": 3}}),
    "placed": (
        {"type": "array", "prefixItems": [{"type": "string"}]},
        {"type": "array", "prefixItems": [{"type": "string"}]},
    ),
    "no_step": ({"type": "number", "multipleOf": 0}, {"type": "number"}),
    "no_length": ({"type": "string", "minLength": -1}, {"type": "string"}),
    "some_fields": ({"type": "object", "minProperties": 1}, {"type": "object", "minProperties": 1}),
    "no_text_form": ({"type": "integer", "format": "int32"}, {"type": "integer"}),
    "own_form": ({"type": "string", "format": "markdown"}, {"type": "string"}),
    "form_of_any": ({"format": "uri"}, {}),
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
UNNAMED = [name for name, (_, meaning) in SPELLINGS.items() if meaning is None]
ORDER = ["first", "half", "last", *[name for name in list(SPELLINGS)[3:] if name not in UNNAMED], "missing"]
SECRETS = {
    "plain": SECRET,
    "nullable": {**SECRET, "nullable": True},
    "marked": {"type": "string", "nullable": True, "x-cog-secret": True},
    "listed": {"type": "array", "items": SECRET, "default": ["hunter2"]},
    "held": {"type": "object", "properties": {"key": SECRET}},
    "marked_inside": {"type": "object", "properties": {"key": {"type": "string", "x-cog-secret": True}}},
    "marked_items": {"type": "array", "items": {"type": "string", "x-cog-secret": True}},
    "open": {"type": "string"},
}
TEXTS = {"type": "array", "items": {"type": "string"}, "x-cog-array-display": "concatenate"}


def document(given: Any, output: Any) -> dict[str, Any]:
    return {"openapi": "3.0.2", "components": {"schemas": {"Input": given, "Output": output, "kind": KIND}}}


def taking(properties: dict[str, Any], *required: str, **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": [*required], **more}


ONE = {"a": {"type": "string", "description": "Says <b>what</b> to do.\nAt length. And more."}}
NEEDED: dict[str, Any] = {
    "text": {"type": "string", "minLength": 6},
    "image": FILE,
    "size": {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 64},
    "scale": {"type": "number", "maximum": 0.5},
    "mode": REF,
    "given": {"type": "integer", "default": 7},
    "tags": {"type": "array", "items": {"type": "string"}, "minItems": 2},
    "either": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "parts": {"type": "object", "properties": {"a": {"type": "boolean"}, "b": {"type": "string"}}, "required": ["a"]},
}
SAMPLES = {
    "text": "textxx",
    "image": "https://example.com/",
    "size": 64,
    "scale": 0,
    "mode": "a",
    "given": 7,
    "tags": ["tags", "tags"],
    "either": 1,
    "parts": {"a": True},
}
TOLD = {
    "more": ("Draws pictures.", "Draws pictures. It is nobody's. Really"),
    "inside": ("Makes noise", ""),
    "nothing": ("First.", "# First. Then the rest."),
}
"""What the API says of some models comes to: a sentence, and all of it where that is more."""
SAID = {
    "more": "Draws pictures. It is nobody's.\n\nReally",
    "inside": "Makes noise",
    "nothing": "# First.\nThen the rest.",
}
WRITTEN = {
    "spellings": document(taking({n: w for n, (w, _) in SPELLINGS.items()}, "missing", "last", "last", ""), TEXTS),
    "hidden": document(taking(SECRETS), {**TEXTS, "items": {}}),
    "silent": document({"type": "object"}, {}),
    "nothing": document({"type": "object", "additionalProperties": False}, {"type": "string", "format": "uri"}),
    "more": document(taking(ONE, additionalProperties=True), {"anyOf": [FILE, {"type": "array", "items": FILE}]}),
    "inside": document({"allOf": [taking(ONE, "a")]}, {"type": "string", "x-cog-array-display": "concatenate"}),
    "needs": document(taking(ONE, "a", 3), False),
    "samples": document(taking(NEEDED, *NEEDED), {"type": "string"}),
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
    return {**found, "description": info.description, "secrets": sorted(derived.secrets(info)), "input": info.input_schema, "output": info.output_schema}

found = {}
for name, answer in task["answers"].items():
    run = RUNNERS["run"](Answering(answer), f"octo-labs/{name}")
    made = added.info_of(added.made(added.spelled(name), f"octo-labs/{name}", run))
    found[name] = [record(all_functions()[task["functions"][name]]), record(made)]
json.dump(found, sys.stdout)
"""
FACTS = [
    *("aliases", "arguments", "classes", "deprecated", "derived", "examples", "files_in", "files_out", "group"),
    *("idempotent", "job", "keywords", "method", "operation_id", "page", "path", "required", "result_kind"),
    *("result_media_type", "stream", "summary", "title", "type", "verb"),
]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    folder = tmp_path_factory.mktemp("records")
    inputs = project(folder)
    answers = {}
    with (folder / "catalog.yaml").open("a", encoding="utf-8") as catalog:
        for name, written in WRITTEN.items():
            note = {"source": f"{OWNER}/{name}", "version": "1" * 64, "description": SAID.get(name, "")}
            (folder / "models" / OWNER / f"{name}.json").write_text(
                json.dumps({"x-snapshot": note, **written}), "utf-8"
            )
            catalog.write(f"  {function(name)}: {{derivation: model, source: {OWNER}/{name}}}\n")
            answers[name] = {
                "description": SAID.get(name, ""),
                "latest_version": {"id": "1" * 64, "openapi_schema": written},
            }
    for name in NAMES:
        told: Any = {
            "id": version(name),
            "openapi_schema": json.loads((MODELS / "schemas" / f"{name}.json").read_text()),
        }
        described = snapshot(name)["x-snapshot"]["description"]  # type: ignore[index]
        answers[name] = {"description": described, "latest_version": told, "is_official": name in NAMED}
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


def meant(schema: Any, known: dict[str, Any], output: bool = False, texts: bool = False) -> Any:
    """A schema by what it takes: without references, without what says nothing, and with what stands in `allOf` beside
    the rest. Results take other values, and limits that a server may change, as they come. texts: with what is told of it.
    """
    if isinstance(schema, list):
        return [meant(each, known, output, texts) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = {**known[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
    left = {"$defs"} | ({"enum", "minimum", "maximum"} if output else set()) | (set() if texts else {"description"})
    made: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            made[key] = {name: meant(each, known, output, texts) for name, each in value.items()}
        elif key == "required":
            made[key] = sorted(value)
        elif key == "allOf":
            for option in meant(value, known, output, texts):
                assert all(made.setdefault(name, part) == part for name, part in option.items()), schema
        elif key not in left and (key, value) not in [("items", {}), ("additionalProperties", True), ("default", None)]:
            made[key] = meant(value, known, output, texts)
    return made


@pytest.mark.parametrize("name", sorted([*NAMES, *WRITTEN]))
def test_they_agree(found: dict[str, list[dict[str, Any]]], name: str) -> None:
    made, read = ({key: one[key] for key in (*FACTS, "secrets")} for one in found[name])
    if name == "trainer":  # its source means two functions of the catalog, and so neither
        read["aliases"].remove(f"{OWNER}/{name}")
    assert made == read
    whole, noted = (one["description"] for one in found[name])
    assert noted == whole or noted.startswith(f"{whole}\n".lstrip("\n"))  # what its schema lacks is told beside
    for key in ("input", "output"):
        made, read = (
            meant(one[key], one[key].get("$defs", {}), key == "output", key == "input") for one in found[name]
        )
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
        assert found["needs"][which]["required"] == ["a"] and found["needs"][which]["output"] == {}

    def test_say_in_a_sentence_what_it_is_for(self, found: dict[str, list[dict[str, Any]]], which: int) -> None:
        for name, (summary, whole) in TOLD.items():
            record = found[name][which]
            assert record["summary"] == summary
            assert record["description"].partition("\nmore: ")[0] == whole
            assert record["title"] == f"{OWNER}/{name}"
        assert found["silent"][which]["summary"] == f"Runs {OWNER}/silent."
        assert found["more"][which]["input"]["properties"]["a"]["description"] == "Says what to do."

    def test_call_a_version_by_the_model_that_it_is_of(
        self, found: dict[str, list[dict[str, Any]]], which: int
    ) -> None:
        facts = found["more"][which]["derived"]
        assert facts["fixed"] == {"version": f"{OWNER}/more:{'1' * 64}"} and facts["version"] == "1" * 64

    def test_show_a_call_that_can_be_made(self, found: dict[str, list[dict[str, Any]]], which: int) -> None:
        assert [each["arguments"] for each in found["samples"][which]["examples"]] == [SAMPLES]
