"""Unions, lists and maps with a name, above all those that hold themselves: what each surface makes of them."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
import type_checks
from hanging import HANGS
from replikit_package import imported

from generator import pipeline
from generator.evolve.diff import diff
from generator.ir import Type
from generator.pipeline import Inputs
from generator.surfaces.shared.jsonschema import Writer
from generator.write.rendering import Renderer

Json = dict[str, Any]
TEXT, NUMBER = {"type": "string"}, {"type": "integer"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def lists(of: Json) -> Json:
    return {"type": "array", "items": of}


FILTER = {"oneOf": [TEXT, lists(ref("Filter")), {"type": "object", "additionalProperties": ref("Filter")}]}


def document(folder: Path, filter_: Json, field: Json | None = None) -> Inputs:
    """A function that takes a filter in a field of its body, and gives one."""
    body = {"type": "object", "required": ["filter"], "properties": {"filter": field or ref("Filter")}}
    content = {"application/json": {"schema": body}}
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": ref("Filter")}}}}
    operation = {"operationId": "apply", "requestBody": {"required": True, "content": content}, "responses": answer}
    written = {
        "openapi": "3.1.0",
        "info": {"title": "Filters", "version": "1"},
        "paths": {"/a": {"post": operation}},
        "components": {"schemas": {"Filter": filter_}},
    }
    folder.mkdir(exist_ok=True)
    (folder / "api.json").write_text(json.dumps(written), "utf-8")
    return Inputs(folder / "api.json")


def rendered(inputs: Inputs, surface: str, template: str) -> str:
    rendition = pipeline.surface(surface).render(pipeline.load(inputs))
    page = next(page for page in rendition.pages if page.template.endswith(template))
    return Renderer(inputs.templates).render(surface, page)


# What each of the two aliases takes; an `error` is one that a type checker must tell.
USES = """
taken: FilterInput = ["a", ["b", {"c": ["d"]}]]
given: Filter = taken
wrong_inside: FilterInput = ["a", [1]]  # error
wrong: Filter = 1  # error
if not isinstance(given, (str, Mapping)):
    again: Filter = given[0]
    wrong_item: int = given[0]  # error
"""


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_type_that_holds_itself_is_checked_within(
    tmp_path: Path, checker: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    source = rendered(document(tmp_path, FILTER), "python", "types.py.jinja")
    aliases = re.findall(r"^\w+: TypeAlias = .*$", source, re.MULTILINE)
    assert [line.partition(":")[0] for line in aliases] == ["Filter", "FilterInput"]
    heads = "from __future__ import annotations\nfrom collections.abc import Mapping, Sequence\nfrom typing import TypeAlias\n"
    text = heads + "\n".join(aliases) + USES
    (tmp_path / "uses.py").write_text(text, "utf-8")
    if checker == "mypy":
        done = type_checks.mypy(tmp_path_factory, "uses.py", cwd=tmp_path)
    else:
        command = [sys.executable, "-m", "pyright", "--pythonversion", "3.11", "uses.py"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=HANGS)
    expected = {number for number, line in enumerate(text.splitlines(), 1) if line.endswith("# error")}
    told = {int(number) for number in re.findall(r"uses\.py:(\d+):.*error:", done.stdout)}
    assert told == expected, done.stdout + done.stderr


def test_the_mock_checks_a_type_that_holds_itself(tmp_path: Path) -> None:
    api = json.loads(rendered(document(tmp_path, FILTER), "mock", "api.json.jinja"))
    schema = {"$ref": "#/$defs/Filter"}
    with imported():
        schemas = importlib.import_module("replikit.mock.schema").Schemas(api["$defs"])
        for value, valid in (("a", True), (["a", {"b": ["c"]}], True), (1, False), (["a", {"b": [1]}], False)):
            assert schemas.valid(value, schema) is valid, value
        assert schemas.valid(schemas.sample(schema), schema)


def test_annotations_for_lua_name_it(tmp_path: Path) -> None:
    source = rendered(document(tmp_path, FILTER), "lua", "library/[package].lua.jinja")
    named = "filters_kit.types.Filter"
    assert f"---@alias {named} string|{named}[]|table<string, {named}>" in source.splitlines()
    assert f"---@field filter {named}" in source.splitlines()


def test_its_page_says_what_it_is(tmp_path: Path) -> None:
    source = rendered(document(tmp_path, FILTER), "docs", "types/[type].md.jinja")
    assert "Type: string or array of [Filter](../types/filter.md) or object of [Filter](../types/filter.md)" in source


def changes(old: Inputs, new: Inputs) -> list[tuple[str, str]]:
    found = diff(pipeline.load(old), pipeline.load(new))
    return sorted((change.kind, change.subject) for change in found.changes if change.action != "prose")


def test_what_changes_within_it_is_told_once(tmp_path: Path) -> None:
    """The field and the result are lists of it; it contains itself twice."""
    more = {"oneOf": [*FILTER["oneOf"], NUMBER]}
    old, new = (document(tmp_path / name, of, lists(ref("Filter"))) for name, of in (("a", FILTER), ("b", more)))
    assert changes(old, new) == [("field widened", "Filter"), ("result widened", "a.apply")]


def test_a_schema_that_gets_a_name_is_the_same_schema(tmp_path: Path) -> None:
    union = {"oneOf": [TEXT, lists(TEXT)]}
    inline, named = document(tmp_path / "a", union, field=union), document(tmp_path / "b", union)
    in_list, in_named = (document(tmp_path / n, union, field=lists(f)) for n, f in (("c", union), ("d", ref("Filter"))))
    assert changes(inline, named) == changes(named, inline) == []
    assert changes(in_list, in_named) == changes(in_named, in_list) == []


def test_an_enumeration_has_a_name_wherever_it_is_written(tmp_path: Path) -> None:
    """Python's own `get_args` reads the aliases; the docs give one that the document names a page, and in no signature
    does a name stand for values that fit there."""
    zones = [f"Zone/{number}" for number in range(150)]
    pet = {
        "type": "object",
        "properties": {
            "status": {"type": "string", "enum": ["sold", "lost"]},
            "size": {"type": ["integer", "null"], "enum": [1, 2, None]},
            "marks": {"type": "array", "items": {"enum": ["a", "b"], "description": "Its marks."}},
            "zone": ref("Zone"),
            "home": {"allOf": [ref("Zone")], "description": "Where it lives."},
            "kind": {"const": "pet"},
        },
    }
    query = [
        {"name": "order", "in": "query", "schema": {"enum": ["up", "down"]}},
        {"name": "zone", "in": "query", "schema": ref("Zone")},
    ]
    content = {"application/json": {"schema": ref("Pet")}}
    answer = {"200": {"description": "ok", "content": content}}
    operations = {
        "get": {"operationId": "findPet", "parameters": query, "responses": answer},
        "post": {"operationId": "addPet", "requestBody": {"required": True, "content": content}, "responses": answer},
    }
    written = {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pets": operations},
        "components": {"schemas": {"Pet": pet, "Zone": {"type": "string", "enum": zones, "description": "A zone."}}},
    }
    (tmp_path / "api.json").write_text(json.dumps(written), "utf-8")
    inputs = Inputs(tmp_path / "api.json")
    source = rendered(inputs, "python", "types.py.jinja")
    aliases = re.findall(r"^(\w+): TypeAlias = (.*)$", source, re.MULTILINE)
    values = {name: get_args(eval(meaning, {"Literal": Literal})) for name, meaning in aliases}
    expected = {
        "PetStatus": ("sold", "lost"),
        "PetSize": (1, 2),
        "PetMarksItem": ("a", "b"),
        "Zone": tuple(zones),
        "FindPetOrder": ("up", "down"),
    }
    assert values == expected
    fields = dict(
        re.findall(r"^    ([a-z]+): (.+)$", source.partition("class Pet(View)")[2].partition("class ")[0], re.MULTILINE)
    )
    assert fields == {
        "status": "PetStatus | str | None",
        "size": "PetSize | int | None",
        "marks": "Sequence[PetMarksItem | str] | None",
        "zone": "Zone | str | None",
        "home": "Zone | str | None",
        "kind": 'Literal["pet"] | str | None',
    }
    functions = rendered(inputs, "python", "resources/[group].py.jinja")
    assert 'order: Literal["up", "down"] | None = None' in functions and "zone: _types.Zone | None = None" in functions
    lua = rendered(inputs, "lua", "library/[package].lua.jinja")
    assert (
        '---@alias pets_kit.types.PetStatus "sold"|"lost"' in lua
        and "---@field status? pets_kit.types.PetStatus" in lua
    )
    assert "One of: `Zone/0`, `Zone/1`" in rendered(inputs, "docs", "types/[type].md.jinja")
    writer = Writer(pipeline.load(inputs), output=False)
    schema = writer.write(Type(kind="model", model="Pet"))
    assert writer.definitions == {"input.Zone": {"type": "string", "enum": zones}}
    assert schema["properties"]["zone"] == {"$ref": "#/$defs/input.Zone", "description": "A zone."}
    assert schema["properties"]["status"] == {"type": "string", "enum": ["sold", "lost"]}
