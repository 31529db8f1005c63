"""Functions that a catalog makes of others: the whole catalog of `whole/lab.catalog.yaml`, changed in one place at a time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from plain_ir import plain

from generator import link
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

WHOLE = Path(__file__).parent / "whole"
CATALOG = (WHOLE / "lab.catalog.yaml").read_text("utf-8")
SCHEMA = json.loads((WHOLE / "models/ann/paint.json").read_text("utf-8"))
DERIVATIONS = CATALOG[CATALOG.index("derivations:") : CATALOG.index("derived:")]
ENTRY = CATALOG[CATALOG.index("  lab_paint:") :]
HOOK = ', fixed: {hook: "https://x.example/{version}"}'
NAMED = '    named: {function: lab_run, fixed: {owner: "{owner}", name: "{name}"}}\n'
BY_VERSION = '    versioned: {function: lab_run, fixed: {owner: o, name: "{version}"}}\n'
Json = Any


@pytest.fixture
def lab(tmp_path: Path) -> Path:
    shutil.copy(WHOLE / "lab.yaml", tmp_path)
    (tmp_path / "models/ann").mkdir(parents=True)
    return tmp_path


def read(folder: Path, *changes: tuple[str, str], note: Json = None, schema: Json = None) -> Api:
    """changes: of the catalog; note: of what was fetched with the schema; schema: of its document."""
    text = CATALOG
    for before, after in changes:
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    (folder / "catalog.yaml").write_text(text, "utf-8")
    kept = {**SCHEMA, "x-snapshot": {**SCHEMA["x-snapshot"], **(note or {})}, **(schema or {})}
    (folder / "models/ann/paint.json").write_text(json.dumps({k: v for k, v in kept.items() if v is not None}), "utf-8")
    return link.load(documents.read(folder / "lab.yaml", folder / "catalog.yaml"))


def said(more: str) -> tuple[str, str]:
    return "brief: Paints.,", f"brief: Paints., {more},"


SILENT: Json = {"note": {"description": ""}}
BARE: Json = {"openapi": None, "info": None, "paths": None, "description": "A schema. Of it."}
OWN = "lab_paint: {schema: models/ann/paint.json, base: lab_run, argument: input, fixed: {owner: a, name: b}}\n"
NO_FETCH = (CATALOG[CATALOG.index("    fetch:") : CATALOG.index("derived:")], "")
UNNAMED: Json = {"note": {"named": False}}
ROWS: list[tuple[list[tuple[str, str]], Json, Json]] = [
    # what is said of it
    ([], SILENT, {"summary": "Runs ann/paint.", "description": None}),
    ([], {**SILENT, "schema": {"description": "Of all."}}, {"summary": "Runs ann/paint.", "description": None}),
    ([], {**SILENT, "schema": BARE}, {"summary": "A schema.", "description": "A schema. Of it."}),
    ([], {"schema": BARE}, {"summary": "Paints pictures.", "description": "Paints pictures. Quickly."}),
    ([said("title: T, summary: S., description: S., verb: draw_it, group: a.b")], {},
     {"title": "T", "summary": "S.", "description": None, "verb": ["draw", "it"], "group": "a.b"}),
    ([said("summary: S., description: D.")], {}, {"title": "ann/paint", "summary": "S.", "description": "D."}),
    ([("    group: models.{owner}\n", "")], {}, {"group": "runs"}),
    ([("models.{owner}", "models.{owner}.{nobody}")], {}, {"group": "models.ann.{nobody}"}),
    # whether the job is followed
    ([said("follow: false")], {}, {"follow": False, "web": "page", "files_out": ["output"], "notes": None, "joined": False,
                                   "result": "base"}),
    ([("    argument: input\n", "    argument: input\n    follow: false\n")], {}, {"follow": False}),
    ([("    argument: input\n", "    argument: input\n    follow: false\n"), said("follow: true")], {}, {"follow": True}),
    ([("    argument: input\n", "    argument: input\n    follow: true\n"), said("follow: false")], {}, {"follow": False}),
    ([("    job: run\n", "")], {}, {"follow": False}),
    # what it calls
    ([("source: ann/paint,", "source: ann/paint, version: v3,")], {},
     {"version": "v3", "fixed": {"owner": "ann", "name": "paint", "hook": "https://x.example/v3"}}),
    ([(NAMED, NAMED + BY_VERSION)], {}, {"fixed": {"owner": "ann", "name": "paint", "hook": "https://x.example/v9"}}),
    ([(NAMED, NAMED + BY_VERSION), ("source: ann/paint,", "source: ann/paint, version: v3,"), (HOOK, "")], {},
     {"fixed": {"owner": "o", "name": "v3"}}),
    ([(NAMED, NAMED + BY_VERSION), (HOOK, "")], UNNAMED, {"fixed": {"owner": "o", "name": "v9"}}),
    ([(NAMED, BY_VERSION), (HOOK, "")], {}, {"fixed": {"owner": "o", "name": "v9"}}),
    ([(NAMED, NAMED + BY_VERSION), (HOOK, "")], {"note": {"named": False, "version": ""}},
     {"fixed": {"owner": "ann", "name": "paint"}, "version": None}),
    ([(HOOK, ", base: lab_run, fixed: {owner: '{owner}', name: 'a{version}'}")], {}, {"fixed": {"owner": "ann", "name": "av9"}}),
    ([(HOOK, ", argument: input, fixed: {Old-Name: x}".replace("Old-Name", "new_name"))], {},
     {"fixed": {"owner": "ann", "name": "paint", "new_name": "x"}, "argument": "input"}),
    ([(DERIVATIONS, ""), (ENTRY, "  " + OWN)], {},
     {"source": "ann/paint", "answered_at": None, "fixed": {"owner": "a", "name": "b"}, "keywords": ["ann/paint"], "params": None,
      "open": True, "group": "runs", "title": "ann/paint"}),
    ([(DERIVATIONS, ""), (ENTRY, "  " + OWN)], {"note": {"source": "", "description": ""}},
     {"source": None, "title": "lab_paint", "summary": "Runs lab_paint.", "keywords": None}),
    # what it is an answer of, and its examples
    ([NO_FETCH], {}, {"answered_at": None, "answer": None}),
    ([("description: text, named: official", "named: official")], {}, {"answered_at": "/models/ann/paint"}),
    ([("fetch: {function: lab_get_model, arguments: {owner: \"{owner}\"", "fetch: {function: lab_get_model, arguments: {owner: \"a/{version}\"")], {},
     {"answered_at": "/models/a%2Fv9/paint"}),
    ([said("examples: [{title: E, arguments: {prompt: x}, result: null}, {title: F, arguments: {}}]")], {},
     {"examples": [{"title": "E", "arguments": {"prompt": "x"}, "has_result": True}, {"title": "F", "arguments": {}}]}),
]  # fmt: skip


def test_each_key_of_a_derived_function(lab: Path) -> None:
    """None: as it is by default."""
    wrong = []
    for changes, files, expected in ROWS:
        api = read(lab, *changes, **files)
        (function,) = api.derived
        found = {**plain(function), **plain(function.derived)}
        want = {**expected, **({"result": plain(api.function("lab_run").result)} if "result" in expected else {})}
        if (got := {key: found.get(key, False if want[key] is False else None) for key in want}) != want:
            wrong.append((changes, files, want, got))
    assert not wrong, wrong[0]


ERRORS: list[tuple[list[tuple[str, str]], Json, str]] = [
    ([(DERIVATIONS, ""), (ENTRY, "  " + OWN.replace("base: lab_run, ", ""))], {},
     "catalog.yaml:50:3: lacks a `base`, and no derivation sets one\n  fix: set `base:` to the function that it calls"),
    ([(NAMED, BY_VERSION), (HOOK, "")], {"note": {"version": ""}},
     "catalog.yaml:63:3: lacks a version, which its derivation needs\n  fix: write `version:`, or fetch its schema again"),
    ([('form: "{owner}/{name}"\n', 'form: "{owner}:{name}"\n')], {},
     "catalog.yaml:63:15: 'ann/paint' does not have the form {owner}:{name}\n  fix: use that form, without a version"),
    ([("source: ann/paint, keywords", "source: ann/paint, argument: inptu, keywords")], {}, "there is no argument of lab_run 'inptu'"),
]  # fmt: skip


def test_each_mistake_of_a_derived_function(lab: Path) -> None:
    for changes, files, expected in ERRORS:
        with pytest.raises(SpecError) as caught:
            read(lab, *changes, **files)
        assert expected in str(caught.value), str(caught.value)


def inputs(schema: Json, **others: Json) -> Json:
    return {"schema": {"components": {"schemas": {**SCHEMA["components"]["schemas"], "In": schema, **others}}}}


def objects(**properties: Json) -> Json:
    return inputs({"properties": properties})


def folded(levels: int) -> Json:
    return {"allOf": [folded(levels - 1)]} if levels else {"properties": {"a": {}}}


REF = {"$ref": "#/components/schemas/Size"}
MARK = {"x-secret": True}
PET: Json = {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}, "s": REF}}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


FREE = "its arguments are free-form, and are not checked"
NOTHING = {"params": [], "open": True}
SCHEMAS: list[tuple[list[tuple[str, str]], Json, Json, list[tuple[str, str, str]]]] = [
    # what is read, what becomes of it, and what is lost: (pointer, kind, reason)
    ([("/components/schemas/In", "/nix")], {}, NOTHING, [("-", "degraded", f"there is nothing at '/nix': {FREE}")]),
    ([], inputs(5), NOTHING, [("", "degraded", f"is not a schema: {FREE}")]),
    ([], inputs({"properties": [1]}), NOTHING, [("/properties", "degraded", "`properties` is not an object: no argument is checked")]),
    ([], inputs({}), NOTHING, []),
    ([], inputs({"additionalProperties": False}), {"open": False}, []),
    ([], inputs({"properties": {}, "additionalProperties": {}}), {"open": True}, []),
    ([], objects(a={}), {"names": ["a"], "open": False}, []),
    ([], inputs({"allOf": [{"properties": {"a": {}}}], "properties": {"b": {}}}), {"names": ["b"]}, []),
    ([], inputs(folded(12)), {"names": ["a"]}, []),
    ([], inputs(folded(13)), {"names": []}, []),
    ([], objects(**{f"p{n}": {} for n in range(500)}), {"open": False, "last": "p499"}, []),
    ([], objects(**{f"p{n}": {} for n in range(501)}), {"open": True, "last": "p499"},
     [("", "degraded", "has 501 properties; 500 become arguments")]),
    ([], objects(**{"x" * 100: {}, "y" * 101: {}}), {"names": ["x" * 100], "open": True},
     [(f"/properties/{'y' * 101}", "dropped", f"the property {'y' * 100!r} has a name that an argument cannot have")]),
    ([], objects(a={"x-order": 1.5}, b={"x-order": 1}, c={}, d={"x-order": True}, e={"x-order": 0}), {"names": [*"ebacd"]}, []),
    ([], objects(a={"title": "A"}, b_c={"title": "B C"}, d={"title": "Dee"}, e={"title": "Dee", "description": "E."}),
     {"told": [None, None, "Dee", "E."]}, []),
    ([], objects(A={}, a={}, a_2={}), {"words": ["a", "a 2", "a 2 2"]},
     [("/properties/a", "degraded", "the property 'a' has the same spelling as another one: in Python it is 'a_2'"),
      ("/properties/a_2", "degraded", "the property 'a_2' has the same spelling as another one: in Python it is 'a_2_2'")]),
    # what contradicts itself
    ([], objects(a={"type": "number", "minimum": 2.5, "maximum": 1}), {"types": [{"kind": "number"}]},
     [("/properties/a", "degraded", "'a' is at least 2.5 and at most 1: neither is checked")]),
    ([], objects(a={"type": "integer", "minimum": 1, "maximum": 1}), {"types": [{"kind": "integer", "minimum": 1, "maximum": 1}]}, []),
    ([], objects(a={"type": "string", "minLength": -1, "maxLength": 0}, b={"type": "string", "minLength": 0, "maxLength": -2},
                 c={"type": "array", "minItems": 1, "maxItems": -1}),
     {"types": [{"kind": "string", "max_length": 0}, {"kind": "string", "min_length": 0}, {"kind": "array", "items": {"kind": "any"}, "min_items": 1}]},
     [(f"/properties/{name}", "degraded", f"'{name}' has a length below zero: it is not checked") for name in "abc"]),
    ([], objects(a={"type": "string", "default": None}, b={"default": None}, c={"type": "string", "nullable": True, "default": None}),
     {"types": [{"kind": "string"}, {"kind": "any", "has_default": True}, {"kind": "string", "nullable": True, "has_default": True}]}, []),
    ([], objects(a={"type": "integer", "default": "x"}, b={"type": "object", "properties": {"x": {"type": "integer"}}, "default": {"x": "y"}}),
     {"defaults": [None, {"x": "y"}]}, [("/properties/a", "kept", "the default of 'a' does not match its schema, and is not shown")]),
    # secrets: a mark on it, or on what it is made of
    ([], inputs({"properties": {
        "a": MARK, "b": {"items": MARK}, "c": {"additionalProperties": MARK}, "d": {"anyOf": [{}, MARK]}, "e": {"oneOf": [MARK]},
        "f": {"allOf": [{}, MARK]}, "g": {"properties": {"x": {"items": MARK}}}, "h": {"$ref": "#/components/schemas/Key"},
        "i": {"x-secret": False}, "j": {"items": {"format": "password", "type": "string"}}, "k": {"type": "string", "format": "password", "default": "p"},
        "l": {"$ref": "#/components/schemas/Self"}, "m": True, "n": {"additionalProperties": {"properties": {"x": {}}, "additionalProperties": {"format": "password", "type": "string"}}},
     }}, Key=MARK, Self={"properties": {"me": {"$ref": "#/components/schemas/Self"}}}), {"secrets": [*"abcdefghjkn"]},
     [("/properties/k", "kept", "'k' is a secret: its default is not shown")]),
    # rules that refer to others, and what cannot be read
    ([], objects(a={"type": "array", "contains": REF}, b={"type": "array", "contains": {"const": 1}}),
     {"types": [{"kind": "array", "items": {"kind": "any"}}, {"kind": "array", "items": {"kind": "any"}, "rules": [{"contains": {"const": 1}}]}]},
     [("-", "degraded", "one of its rules references other schemas, and is not checked")]),
    ([], objects(a={"$ref": "#/nix"}), {"types": [{"kind": "any"}]}, [("/properties/a", "degraded", "; a is read as any JSON value")]),
    ([], inputs({"$ref": "#/nix"}), NOTHING, [("", "degraded", "cannot be followed (")]),
    ([], inputs({"required": ["a", "!", 5, "b"], "properties": {"b": {"type": "string"}}}), {"names": ["b", "a"], "must": [True, True]},
     [("", "degraded", "'a' is required and has no schema: it accepts any JSON value"),
      ("", "degraded", "'!' is required and has no schema: it accepts any JSON value")]),
    ([], inputs({"properties": {
        "a": {"type": "array", "items": {"type": "object", "properties": {"x": {}}}},
        "b": {"oneOf": [ref("Cat"), ref("Dog")], "discriminator": {"propertyName": "k", "mapping": {"c": "#/components/schemas/Cat"}}},
        "c": {"type": "object", "properties": {"x": {}, "y": {}}, "anyOf": [{"required": ["x"]}, {"required": ["y"]}], "not": REF,
              "additionalProperties": ref("Cat")},
        "d": {"oneOf": [{"type": "string"}, ref("Tree")]}, "e": {"type": "object", "additionalProperties": PET},
     }}, Cat=PET, Dog=PET, Tree={"type": "array", "items": ref("Tree")}),
     {"types": [
        {"kind": "array", "items": {"kind": "model", "model": "lab_paint.a.item"}},
        {"kind": "union", "exclusive": True, "members": [{"kind": "model", "model": f"lab_paint.{name}"} for name in ("Cat", "Dog")],
         "discriminator": {"wire_name": "k", "mapping": [["c", "lab_paint.Cat"], ["Cat", "lab_paint.Cat"], ["Dog", "lab_paint.Dog"]]}},
        {"kind": "model", "model": "lab_paint.c"},
        {"kind": "union", "exclusive": True, "members": [{"kind": "string"}, {"kind": "named", "name": "lab_paint.Tree"}]},
        {"kind": "map", "items": {"kind": "model", "model": "lab_paint.e.value"}},
     ]}, [("/properties/c", "degraded", "one of its rules references other schemas, and is not checked")]),
    # what it puts out
    ([("/components/schemas/Out", "/nix")], objects(), {"result": {"kind": "any"}, "joined": None},
     [("-", "degraded", "there is nothing at '/nix': its output is any JSON value")]),
    ([("    output: /components/schemas/Out\n", "")], objects(), {"result": {"kind": "any"}, "notes": None}, []),
    ([], inputs({"properties": {}}, Out={"type": "array", "items": {"type": "string"}, "x-join": False, "x-type": 1}),
     {"joined": None, "notes": {"x-join": False, "x-type": 1}}, []),
    ([], inputs({"properties": {}}, Out={"type": "string", "x-join": True}), {"joined": None, "notes": {"x-join": True}}, []),
    ([], inputs({"properties": {}}, Out={"type": "array", "items": {"type": "integer"}, "x-join": True}), {"joined": None}, []),
    ([("    joined: {x-join: true}\n", "")], objects(), {"joined": None}, []),
    ([("    secret: {x-secret: true}\n", "")], objects(a=MARK), {"secrets": None}, []),
]  # fmt: skip


def test_each_schema_of_a_derived_function(lab: Path) -> None:
    """JSON Schema and OpenAPI 3.0.3 as Cog writes them: what is wrong with a schema is left free, and in the ledger."""
    at = "models/ann/paint.json#"
    for changes, files, expected, lost in SCHEMAS:
        api = read(lab, *changes, **files)
        (function,) = api.derived
        params = plain(function.params)
        parts = {
            "params": params,
            "names": [each["wire_name"] for each in params],
            "last": params[-1]["wire_name"] if params else "",
            "words": [" ".join(each["words"]) for each in params],
            "told": [each.get("description") for each in params],
            "types": [each["type"] for each in params],
            "defaults": [each["type"].get("default") for each in params],
            "must": [each.get("required", False) for each in params],
            "result": plain(function.result.type),
            **{key: plain(function.derived).get(key) for key in ("secrets", "notes", "joined")},
            "open": function.derived is not None and function.derived.open,
        }
        assert {key: parts[key] for key in expected} == expected, (changes, files)
        found = sorted(
            (each.pointer.removeprefix(at), each.kind, each.reason)
            for each in api.losses
            if each.pointer.startswith(at)
        )
        wanted = sorted(lost)
        assert len(found) == len(wanted), (wanted, found)
        for (pointer, kind, reason), (there, how, told) in zip(wanted, found, strict=True):
            assert pointer == "-" or there == f"/components/schemas/In{pointer}", (changes, found)
            assert kind == how and told.startswith("lab_paint: ") and reason in told, (reason, told)
