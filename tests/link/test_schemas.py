"""Schemas that refer to themselves and to each other in every way, and those that double with each level."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import link
from generator.check.rules import lint
from generator.ir import Api, Field, Type
from generator.read import bounds, documents

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
LONG = HANGS
"""Seconds; what doubles with each of forty levels takes years."""
Json = dict[str, Any]


def ref(name: str) -> Json:
    return {"$ref": name if "#" in name else f"#/components/schemas/{name}"}


def written(schemas: Json, schema: Any = None, version: str = "3.1.0") -> Json:
    """A document with one function that takes and gives a schema: the first, where none is named."""
    content = {"application/json": {"schema": schema if schema is not None else ref(next(iter(schemas)))}}
    answers = {"200": {"description": "ok", "content": content}}
    paths = {"/a": {"post": {"operationId": "a", "requestBody": {"content": content}, "responses": answers}}}
    info = {"title": "Pets", "version": "1"}
    return {"openapi": version, "info": info, "paths": paths, "components": {"schemas": schemas}}


def api(folder: Path, schemas: Json, schema: Any = None, version: str = "3.1.0") -> Api:
    (folder / "api.json").write_text(json.dumps(written(schemas, schema, version)), "utf-8")
    found = link.load(documents.read(folder / "api.json"))
    assert not lint(found)
    return found


def shown(type_: Type | None) -> str:
    """A type in a few signs."""
    if type_ is None:
        return "-"
    inner = {
        "array": f"[{shown(type_.items)}]",
        "map": "{" + shown(type_.items) + "}",
        "model": type_.model,
        "named": type_.name,
    }
    text = inner.get(type_.kind) or "|".join(map(shown, type_.members)) or type_.kind
    return text + ("?" if type_.nullable else "")


# ── what refers to itself ───────────────────────────────────────────────────────────────────────────────────────

SELF = ref("A")
OTHER = {"description": "other"}


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (SELF, "A"),
        ({"allOf": [SELF]}, "A"),
        ({"allOf": [SELF, OTHER]}, "A"),
        ({"allOf": [OTHER, SELF]}, "A"),
        ({"allOf": [SELF], **OTHER, "readOnly": True, "x-note": 1, "example": {}, "xml": {"name": "a"}}, "A"),
        ({"allOf": [{"allOf": [SELF]}, OTHER]}, "A"),
        ({"allOf": [SELF, SELF]}, "A"),
        ({"type": "object", "allOf": [SELF]}, "A"),
        ({"allOf": [SELF], "nullable": True}, "A?"),
        ({"oneOf": [{"type": "null"}, {"allOf": [SELF, OTHER]}]}, "A?"),
        ({"anyOf": [{"allOf": [SELF]}, {"type": "string"}]}, "A|string"),
        ({"type": "array", "items": {"allOf": [SELF]}}, "[A]"),
        ({"type": "array", "items": {"type": "array", "items": {"allOf": [SELF, OTHER]}}}, "[[A]]"),
        ({"type": "object", "additionalProperties": {"allOf": [SELF]}}, "{A}"),
        ({"allOf": [SELF, {"properties": {"more": {"type": "string"}}}]}, "A.one"),
        ({"allOf": [SELF], "properties": {"more": {"allOf": [SELF, {"required": ["one"]}]}}}, "A.one"),
        ({"$ref": "#/components/schemas/A", "properties": {"more": {"type": "string"}}}, "A.one"),
        (ref("#/components/schemas/A/properties/two"), "A"),
    ],
)
def test_a_property_that_refers_to_its_own_object(tmp_path: Path, one: Json, expected: str) -> None:
    found = api(tmp_path, {"A": {"type": "object", "properties": {"one": one, "two": {"allOf": [SELF]}}}})
    fields = {field.wire_name: field.type for field in found.models["A"].fields}
    assert (shown(fields["one"]), shown(fields["two"])) == (expected, "A")
    if expected == "A.one":  # what it inherits is what stands in A, read once
        own = {field.wire_name: field.type for field in found.models["A.one"].fields}
        assert own.keys() >= {"one", "two", "more"} and own["one"] == fields["one"]
    assert not [loss for loss in found.losses if loss.kind != "kept"]


@pytest.mark.parametrize(
    ("schemas", "expected"),
    [
        ({"A": {"allOf": [SELF, {"properties": {"b": {"type": "string"}}}]}}, "A(b:string)"),
        ({"A": {"allOf": [ref("B")], "properties": {"b": SELF}}, "B": {"allOf": [SELF], "properties": {"a": SELF}}}, "A(a:A,b:A)"),
        ({"A": {"properties": {"b": {"allOf": [ref("B")]}}}, "B": {"properties": {"a": {"allOf": [SELF]}}}}, "A(b:B)"),
        ({"A": {"allOf": [ref("B"), {"properties": {"a": SELF}}]}, "B": {"properties": {"c": {"allOf": [SELF, OTHER]}}}}, "A(a:A,c:A)"),
        ({"A": {"type": "array", "items": {"allOf": [SELF]}}}, "[A]"),
        ({"A": {"additionalProperties": SELF}}, "{A}"),
        ({"A": {"allOf": [SELF]}}, "any"),
        ({"A": {"oneOf": [SELF, {"type": "string"}]}}, "any|string"),
        ({"A": {"anyOf": [{"type": "array", "items": SELF}, {"additionalProperties": SELF}, {"type": "string"}]}}, "[A]|{A}|string"),
        ({"A": {"type": "array", "items": ref("B")}, "B": {"type": "array", "items": SELF}}, "[[A]]"),
        ({"A": {"properties": {"a": {"properties": {"b": {"allOf": [SELF, {"properties": {"c": {}}}]}}}}}}, "A(a:A.a)"),
    ],
)  # fmt: skip
def test_schemas_that_hold_themselves(tmp_path: Path, schemas: Json, expected: str) -> None:
    found = api(tmp_path, schemas)
    type_ = found.functions[0].result.type
    fields = found.models[type_.model].fields if type_ and type_.kind == "model" else ()
    text = shown(type_) + (f"({','.join(sorted(f'{f.wire_name}:{shown(f.type)}' for f in fields))})" if fields else "")
    assert text == expected
    assert ("any" in expected) == any("a schema that contains only itself" in loss.reason for loss in found.losses)


def test_through_two_files(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    b = {
        "type": "object",
        "properties": {"a": {"allOf": [ref("../api.json#/components/schemas/A"), OTHER]}, "b": ref("#/B")},
    }
    inherits = {"allOf": [ref("#/B"), {"properties": {"c": ref("#/C")}}]}
    (tmp_path / "deep/parts.yaml").write_text(json.dumps({"B": b, "C": inherits}), "utf-8")
    found = api(
        tmp_path, {"A": {"properties": {"b": ref("deep/parts.yaml#/B"), "c": {"allOf": [ref("deep/parts.yaml#/C")]}}}}
    )
    fields = {(key, f.wire_name): f.type.model for key, model in found.models.items() for f in model.fields}
    assert fields == {
        ("A", "b"): "B", ("A", "c"): "C", ("B", "a"): "A", ("B", "b"): "B", ("C", "a"): "A", ("C", "b"): "B", ("C", "c"): "C"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("place", "model"),
    [
        ("definitions/Cat", "Cat"),
        ("$defs/Cat", "Cat"),
        ("zoo/animals/Cat", "Cat"),  # what holds it has no say
        ("zoo/Keeper/properties/cat", "Keeper.cat"),
        ("definitions/Keeper/properties/cat", "Keeper.cat"),
        ("definitions/Keeper/oneOf/1", "Keeper.1"),
        ("schemas/components/items", "components.item"),
    ],
)
def test_a_schema_of_another_file_is_called_after_what_names_it(place: str, model: str, tmp_path: Path) -> None:
    value: Json = {"type": "object", "properties": {"name": {"type": "string"}}}
    for step in reversed(place.split("/")):
        value = [{"type": "null"}, value] if step == "1" else {step: value}
    (tmp_path / "parts.json").write_text(json.dumps(value), "utf-8")
    found = api(tmp_path, {}, ref(f"parts.json#/{place}"))
    assert list(found.models) == [model]


def test_a_schema_in_a_component_is_called_after_it(tmp_path: Path) -> None:
    """Of several media types, the first has the plain name; a header's schema, and one that is referred to from outside of
    its component, are called as those that stand in it.
    """
    pet: Json = {
        "type": "object",
        "properties": {"name": {"type": "string"}, "home": {"type": "object", "properties": {"a": {}}}},
    }
    media = {
        "application/json": {"schema": pet},
        "application/vnd.zoo+json": {"schema": pet},
        "text/csv": {"schema": pet},
    }
    document = written({"Far": {"$ref": "#/components/responses/Pet/content/application~1json/schema/properties/home"}})
    document["components"]["responses"] = {"Pet": {"description": ".", "content": media}}
    document["components"]["parameters"] = {
        "Where": {"name": "at", "in": "query", "style": "deepObject", "schema": pet}
    }
    post = document["paths"]["/a"]["post"]
    post["responses"] = {"200": {"$ref": "#/components/responses/Pet"}}
    post["parameters"] = [{"$ref": "#/components/parameters/Where"}]
    document["paths"]["/a/{id}"] = {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"enum": ["x", "y"]}}],
        "get": {"operationId": "b", "responses": {"204": {"description": "."}}},
    }
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    found = link.load(documents.read(tmp_path / "api.json"))
    assert {key: " ".join(model.words) for key, model in found.models.items()} == {
        "responses.Pet": "pet",
        "responses.Pet.home": "pet home",
        "responses.Pet.vnd_zoo_json": "pet vnd zoo json",
        "responses.Pet.vnd_zoo_json.home": "pet vnd zoo json home",
        "responses.Pet.csv": "pet csv",
        "responses.Pet.csv.home": "pet csv home",
        "parameters.Where": "where",
        "parameters.Where.home": "where home",
    }
    assert {key: " ".join(named.words) for key, named in found.types.items()} == {"a_id.id": "a id id"}


# ── words of a reference ────────────────────────────────────────────────────────────────────────────────────────

WORDS = {"description": "near", "deprecated": True, "readOnly": True, "default": {"a": 1}}
PLACES: list[Callable[[Json], Json]] = [
    lambda words: {**SELF, **words},
    lambda words: {"allOf": [SELF], **words},
    lambda words: {"allOf": [SELF, words]},
    lambda words: {"allOf": [words, SELF]},
    lambda words: {"allOf": [{**SELF, **words}]},
    lambda words: {"allOf": [{"allOf": [SELF]}, words]},
    lambda words: ref("Named") if words else SELF,
]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_words_count_wherever_they_stand(tmp_path: Path, place: Callable[[Json], Json], version: str) -> None:
    far = {"type": "object", "description": "far", "properties": {"a": {"type": "integer"}}}
    holder = {"properties": {"said": place(WORDS), "plain": place({})}}
    found = api(tmp_path, {"B": holder, "A": far, "Named": {"allOf": [SELF], **WORDS}}, version=version)
    said, plain = found.models["B"].fields

    def told(field: Field) -> tuple[Any, ...]:
        return field.type.model, field.description, field.deprecated, field.read_only, field.type.default

    assert told(said) == ("A", "near", True, True, {"a": 1})
    assert told(plain) == ("A", "far", False, False, None)


def test_rules_beside_a_reference(tmp_path: Path) -> None:
    schemas = {"B": {"properties": {"a": {**ref("S"), "maxLength": 3}}}, "S": {"type": "string", "minLength": 1}}
    (field,) = api(tmp_path, schemas).models["B"].fields
    assert (field.type.min_length, field.type.max_length) == (1, 3)
    old = api(tmp_path, schemas, version="3.0.3")
    (field,) = old.models["B"].fields
    assert (field.type.min_length, field.type.max_length) == (1, None)
    assert [loss.reason for loss in old.losses] == ["`maxLength` next to a `$ref` has no effect in 3.0; it is not read"]


def test_what_is_inherited_is_read_once_and_holds_with_what_is_added(tmp_path: Path) -> None:
    base = {
        "properties": {"kind": {"type": "string"}, "inner": {"properties": {"x": {"type": "string"}}}},
        "minProperties": 1,
    }
    cat = {"allOf": [ref("Base"), {"properties": {"kind": {"enum": ["cat"]}}, "minProperties": 2}]}
    dog = {"allOf": [{"properties": {"bark": {}}}, ref("Base")]}
    found = api(tmp_path, {"All": {"oneOf": [ref("Cat"), ref("Dog")]}, "Cat": cat, "Dog": dog, "Base": base})
    assert sorted(found.models) == ["Base.inner", "Cat", "Dog"]
    fields = {(key, f.wire_name): f.type for key, model in found.models.items() for f in model.fields}
    assert (fields["Cat", "kind"].kind, fields["Cat", "kind"].values) == ("string", ("cat",)), "both hold"
    assert fields["Cat", "inner"].model == fields["Dog", "inner"].model == "Base.inner"
    assert (found.models["Cat"].rules, found.models["Dog"].rules) == (({"minProperties": 2},), ({"minProperties": 1},))
    assert not found.losses


# ── what doubles with each level ────────────────────────────────────────────────────────────────────────────────

TEXT = {"type": "string"}
THING = {"type": "object", "properties": {"a": TEXT}}


def lists(of: Json) -> Json:
    return {"type": "array", "items": of}


def maps(of: Json) -> Json:
    return {"type": "object", "additionalProperties": of}


LEVELS: dict[str, Callable[[Json, int], Json]] = {
    "one of two": lambda next_, _: {"oneOf": [next_, next_]},
    "any of two": lambda next_, _: {"anyOf": [next_, lists(next_)]},
    "all of two": lambda next_, _: {"allOf": [next_, next_]},
    "all of two, and more": lambda next_, n: {"allOf": [next_, next_], "properties": {f"p{n}": next_}},
    "list or map": lambda next_, _: {"oneOf": [lists(next_), maps(next_)]},
    "list of map": lambda next_, _: lists(maps(next_)),
    "list or map, in place": lambda next_, _: {"oneOf": [lists({"oneOf": [next_, maps(next_)]}), maps(lists(next_))]},
    "properties": lambda next_, _: {"properties": {"a": next_, "b": next_, "c": lists(next_)}},
    "properties and more of them": lambda next_, _: {"properties": {"a": next_}, "additionalProperties": next_},
    "discriminated": lambda next_, n: {"oneOf": [next_, maps(next_)], "discriminator": {"propertyName": "a", "mapping": {f"v{n}": next_["$ref"]}}},
    "words only": lambda next_, n: {"allOf": [next_, {"description": f"{n}"}]},
}  # fmt: skip


def doubling(kind: str, levels: int) -> Json:
    schemas = {f"C{n}": LEVELS[kind](ref(f"C{n + 1}"), n) for n in range(levels)}
    ends = {"list or map": {"oneOf": [THING, TEXT]}, "properties": TEXT}
    return written({**schemas, f"C{levels}": ends.get(kind, THING)})


LOADS = """
import sys
from pathlib import Path
from generator import link
from generator.read import documents
for path in sys.argv[1:]:
    found = link.load(documents.read(Path(path)))
    print(len(found.models), sum(len(model.fields) for model in found.models.values()), len(found.losses))
"""


def test_a_schema_is_read_once_however_often_it_is_referred_to(tmp_path: Path) -> None:
    """Forty and twelve hundred levels of each, more than Python calls itself: as many models as there are objects, and no end of memory or time."""
    paths = []
    for kind in LEVELS:
        for levels in (40, 400 if "and more" == kind[-8:] else 1_200):
            paths.append(tmp_path / f"{kind} {levels}.json")
            paths[-1].write_text(json.dumps(doubling(kind, levels)), "utf-8")
    done = run("-c", LOADS, *map(str, paths))
    for path, line in zip(paths, done.splitlines(), strict=True):
        kind, levels = path.stem.rsplit(" ", 1)
        models, _, losses = map(int, line.split())
        assert models <= int(levels) + 1, kind
        # What `allOf` inherits is bounded; of two forms that are alike any may fit; a body of arguments has no others.
        told = {"all of two, and more": int(levels), "one of two": int(levels), "properties and more of them": 1}
        assert losses <= told.get(kind, 0), kind


def run(*arguments: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=LONG,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize("kind", ["list or map", "properties"])
def test_all_surfaces_stay_small(tmp_path: Path, kind: str) -> None:
    """The same functions for a document of ten times as many levels come to hardly more."""
    sizes = []
    for levels in (10, 100):
        (tmp_path / "api.json").write_text(json.dumps(doubling(kind, levels)), "utf-8")
        out = tmp_path / str(levels)
        run("-m", "generator", "generate", "--openapi", str(tmp_path / "api.json"), "--out", str(out))
        made = [path for path in out.rglob("*") if path.is_file() and path.name not in ("api.json", "ledger.json")]
        sizes.append(sum(path.stat().st_size for path in made))
    each = 60_000 if kind == "properties" else 10_000  # a level is a model with fields, or a name for a list or map
    assert sizes[1] - sizes[0] < 200_000 + 90 * each


@pytest.mark.parametrize(
    ("bound", "schemas", "reason"),
    [
        (bounds.REPEATED, {"A": {"allOf": [ref("B")], "properties": {"z": TEXT}}, "B": {"properties": dict.fromkeys("abcde", TEXT)}}, "`allOf` repeats more than the limit"),
    ],
)  # fmt: skip
def test_each_bound_is_met_where_it_is_set_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bound: bounds.Bound, schemas: Json, reason: str
) -> None:
    for value, met in (("5", True), ("6", False)):
        monkeypatch.setenv(bound.variable, value)
        found = api(tmp_path, schemas)
        losses = [loss for loss in found.losses if reason in loss.reason]
        assert [(loss.kind, loss.pointer) for loss in losses] == [("degraded", "/components/schemas/A")] * met
        assert all(bound.variable in loss.reason for loss in losses)
        if bound is bounds.REPEATED:
            assert len(found.models["A"].fields) == (1 if met else 6)
    monkeypatch.setenv(bound.variable, "6")
    assert f"{bound.variable}=6" in bounds.shaping(), "a run with another bound is not taken for the same"
