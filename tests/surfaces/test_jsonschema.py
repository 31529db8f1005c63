"""JSON Schemas are written once a document, whatever uses them, and say the same with references as without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from generator import link
from generator.ir import Api
from generator.read import documents
from generator.surfaces import mcp
from generator.surfaces.docs import agents
from generator.surfaces.docs.site import Site
from generator.surfaces.mcp import tools
from generator.surfaces.shared import metadata
from generator.surfaces.shared.subschemas import referred, size, standalone, subschemas

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))
from replikit.functions import schemas as runtime  # type: ignore[import-not-found]
from replikit.functions.validate import DEEPEST_TYPED, check  # type: ignore[import-not-found]

TEXT = {"type": "string"}
FEW = 30


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def objects() -> dict[str, Any]:
    """Kubernetes' ways: a deep object that every operation sends and gets, and a schema of schemas that contains itself."""
    probe = {f"seconds{n:02}": {"type": "integer", "minimum": n, "description": f"Seconds {n}."} for n in range(30)}
    return {
        "Meta": obj(name={**TEXT, "maxLength": 63}, labels={"type": "object", "additionalProperties": TEXT}),
        "Probe": obj(**probe, path={**TEXT, "enum": ["/live", "/ready"]}),
        "Container": {
            **obj(image=TEXT, live=ref("Probe"), ready=ref("Probe"), start=ref("Probe")),
            "required": ["image"],
        },
        "Spec": obj(
            containers={"type": "array", "items": ref("Container"), "minItems": 1},
            first={"type": "array", "items": ref("Container")},
            rules={"anyOf": [ref("Rule"), ref("Meta")]},
        ),
        "Rule": {
            **obj(all={"type": "array", "items": ref("Rule")}, not_=ref("Rule"), value=TEXT),
            "required": ["value"],
        },
        "a/b~c %d": obj(inner={"type": "array", "items": ref("a~1b~0c %25d")}, text=TEXT),
        "Thing": {
            **obj(metadata=ref("Meta"), spec=ref("Spec"), odd=ref("a~1b~0c %25d"), uid={**TEXT, "readOnly": True}),
            "required": ["spec"],
        },
    }


def api(folder: Path, count: int) -> Api:
    body = {"required": True, "content": {"application/json": {"schema": ref("Thing")}}}
    answer = {"200": {"description": "OK", "content": {"application/json": {"schema": ref("Thing")}}}}
    paths = {
        f"/things{n:03}": {"post": {"operationId": f"create_thing_{n:03}", "requestBody": body, "responses": answer}}
        for n in range(count)
    }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "1"},
        "servers": [{"url": "https://things.example"}],
        "paths": paths,
        "components": {"schemas": objects()},
    }
    path = folder / f"things{count}.json"
    path.write_text(json.dumps(document))
    return link.load(documents.read(path))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Api:
    return api(tmp_path_factory.mktemp("few"), FEW)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Api:
    return api(tmp_path_factory.mktemp("many"), 3 * FEW)


def written(made: Api) -> dict[str, str]:
    """The files that hold schemas, by their names."""
    pages = [*metadata.pages(made), *mcp.SURFACE.render(made).pages]
    found = {
        page.template.removesuffix(".jinja"): str(page.view.document)
        for page in pages
        if hasattr(page.view, "document")
    }
    return {**found, "catalog.json": str(agents.catalog(Site(made)).document)}


def test_an_operation_costs_the_same_however_large_what_it_uses_is(few: Api, many: Api) -> None:
    small, large = written(few), written(many)
    deep = size(metadata.metadata(few).definitions)
    assert deep > 5_000
    assert len([name for name in small if name.endswith(("functions.json", "schemas.json", "catalog.json"))]) == 3
    for name in small:
        each = (len(large[name]) - len(small[name])) / (2 * FEW)
        most = 2 * tools.ROOM if name.endswith("tools.json") else 2_500
        assert each <= most, f"{name} grows by {each} characters an operation"
    types = next(name for name in small if name.endswith("/types.json"))
    # Two small types of few uses, which were copies before, have become definitions.
    assert len(large[types]) - len(small[types]) <= 1_000, "a type is written once a document, not once a use"


def test_every_reference_resolves(few: Api) -> None:
    files = {name.rpartition("/")[2]: json.loads(text) for name, text in written(few).items() if name.endswith(".json")}
    catalog, types = files["catalog.json"], files["types.json"]
    assert catalog["$defs"] == types
    shards = [part for each in files["schemas.json"].values() for part in (each["input_schema"], each["output_schema"])]
    told = [part for each in catalog["functions"] for part in (each["input_schema"], each["output_schema"])]
    found = [
        part["$ref"] for schema in (*shards, *told, *types.values()) for _, part in subschemas(schema) if "$ref" in part
    ]
    assert len(found) > 4 * FEW
    resolver = Registry().resolver_with_root(Resource.from_contents(catalog, DRAFT202012))
    for pointer in found:
        assert resolver.lookup(pointer).contents == types[referred({"$ref": pointer})]
    assert "input.a/b~c %d" in types
    for tool in files["tools.json"]["tools"]:
        assert not any("$ref" in part for _, part in subschemas(tool["inputSchema"]))


PROBE = {"seconds05": 7, "path": "/live"}
RULE = {"value": "a", "all": [{"value": "b", "not_": {"value": "c"}}]}
FITTING: list[Any] = [
    {"spec": {}},
    {"spec": {"containers": [{"image": "x", "live": PROBE}], "rules": RULE}},
    {"metadata": {"name": "x", "labels": {"a": "b"}}, "spec": {"first": []}},
    {"spec": {"rules": {"name": "m"}}, "odd": {"inner": [{"inner": [{"text": "t"}]}]}},
]
WRONG: list[Any] = [
    {},
    {"spec": 1},
    {"spec": {"containers": []}},
    {"spec": {"containers": [{"live": PROBE}]}},
    {"spec": {"containers": [{"image": "x", "ready": {**PROBE, "path": "/other"}}]}},
    {"spec": {"first": [{"image": "x", "start": {"seconds09": 8}}]}},
    {"metadata": {"name": "x" * 64}, "spec": {}},
    {"metadata": {"labels": {"a": 1}}, "spec": {}},
    {"spec": {}, "odd": {"inner": [{"inner": [{"text": 1}]}]}},
    {"spec": {"rules": {"value": "a", "all": [{"value": "b", "not_": {"value": 1}}], "name": 1}}},
]


@pytest.fixture(scope="module")
def entry(few: Api) -> dict[str, Any]:
    return metadata.metadata(few).entries[0]


def alike(few: Api, entry: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """The schema by references, and as a host gets it that has room for all but what contains itself."""
    known = metadata.metadata(few)
    for part in ("input_schema", "output_schema"):
        alone = standalone(entry[part], known.definitions, 10**9, "cut")
        assert {key.partition(".")[2] for key in alone.cut} == {"Rule", "a/b~c %d"}, "only these hold themselves"
        yield known.closed(entry[part]), alone.schema


def test_independent_validators_judge_alike_with_references_and_without(few: Api, entry: dict[str, Any]) -> None:
    known = metadata.metadata(few)
    closed = known.closed(entry["input_schema"])
    alone = standalone(entry["input_schema"], known.definitions, 10**9, "cut").schema
    plain, compiled = jsonschema.Draft202012Validator, jsonschema_rs.Draft202012Validator
    cut = [WRONG[-1], WRONG[-2]]  # wrong in the inside of what contains itself, which is cut without references
    for value, fits in [*((value, True) for value in FITTING), *((value, False) for value in WRONG)]:
        assert plain(closed).is_valid(value) is fits, value
        assert compiled(closed).is_valid(value) is fits, value
        assert (check(value, closed) is None) is fits, value
        if value not in cut:
            assert plain(alone).is_valid(value) is fits, value
            assert (check(value, alone) is None) is fits, value


def test_the_package_fills_in_references_as_the_generator_does(few: Api, entry: dict[str, Any]) -> None:
    known = metadata.metadata(few)
    for part in ("input_schema", "output_schema"):
        closed = known.closed(entry[part])
        for room in (0, 2_000, 4_000, 10**9):
            assert (
                runtime.standalone(closed, room, "cut")
                == standalone(entry[part], known.definitions, room, "cut").schema
            )
    for closed, alone in alike(few, entry):
        assert runtime.standalone(closed, 10**9, "cut") == alone


def test_a_tool_has_its_bytes_and_a_cut_type_one_entry_of_the_ledger(many: Api) -> None:
    made = mcp.SURFACE.render(many)
    assert all(size(tool) <= tools.ROOM for tool in mcp.listed(many))
    cut = [loss for loss in made.losses if "is cut to any object" in loss.reason]
    assert cut and len({loss.pointer for loss in cut}) == len(cut)
    assert all(f"{3 * FEW} tools" in loss.reason for loss in cut)
    shown = [part for tool in mcp.listed(many) for _, part in subschemas(tool["inputSchema"])]
    assert any("docs/schemas/" in part.get("description", "") for part in shown)


def test_a_union_that_holds_itself_twice_is_checked_once_a_place() -> None:
    """Without that each level doubles the work: 2**60 checks never end."""
    either = {"anyOf": [obj(x={"$ref": "#/$defs/A"}, y={"type": "integer"}), obj(x={"$ref": "#/$defs/A"}, z=TEXT)]}
    schema = {"$ref": "#/$defs/A", "$defs": {"A": either}}
    value: Any = {"y": "no", "z": 1}
    for _ in range(DEEPEST_TYPED - 2):
        value = {"x": value}
    found = check(value, schema)
    assert found is not None and found.parameter.endswith(("x.y", "x.z"))
    assert "levels deep" in check({"x": {"x": {"x": value}}}, schema).message


@pytest.mark.parametrize(
    "types",
    [
        {"A": {"$ref": "#/$defs/A"}},
        {"A": {"anyOf": [{"$ref": "#/$defs/B"}]}, "B": {"allOf": [{"$ref": "#/$defs/A"}]}},
        {f"{'A' if n == 0 else n}": {"$ref": f"#/$defs/{n + 1}"} for n in range(5_000)},
        {"A": {"$ref": "#/$defs/none"}},
        {"A": {"$ref": 7}},
    ],
    ids=["itself", "each-other", "chain", "nothing", "no-text"],
)
def test_references_that_lead_nowhere_end(types: dict[str, Any]) -> None:
    """Schemas come from servers too: such a one says nothing, and no check fails over it."""
    assert check({"a": [1]}, {"properties": {"a": {"items": {"$ref": "#/$defs/A"}}}, "$defs": types}) is None
