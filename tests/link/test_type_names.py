"""What models and other named types are called: each choice of the module's list, in its order."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

Json = dict[str, Any]
ENUM: Json = {"type": "string", "enum": ["p", "q"]}


def shape(**more: Json) -> Json:
    return {"type": "object", "properties": {"x": {"type": "string"}}, **more}


def body(schema: Json) -> Json:
    return {"content": {"application/json": {"schema": schema}}}


def answer(schema: Json) -> Json:
    return {"200": {"description": "ok", **body(schema)}}


def ref(name: str, kind: str = "schemas") -> Json:
    return {"$ref": f"#/components/{kind}/{name}"}


def post(key: str, schema: Json, result: Json | None = None) -> Json:
    return {
        "post": {"operationId": key, "requestBody": body(schema), "responses": answer(result or {"type": "integer"})}
    }


SCHEMAS: dict[str, Json] = {
    "Pet": shape(), "pet": shape(title="House pet"), "PET": shape(), "a-b": shape(), "aB": shape(), "A_B": shape(title="A b"),
    "one": shape(), "ONE": shape(), "Box": shape(), "box": shape(), "BOX": shape(title="!"), "Kind": ENUM,
    "CreatePetRequest": shape(), "UseAllRequestStatus": shape(), "Sort": shape(), "Yard_Plan": shape(), "yardPlan": shape(),
    "Twice": shape(), "twice": shape(title="box"), "x y": shape(), "x  y": shape(),
}  # fmt: skip
UNUSED = ("CreatePetRequest", "UseAllRequestStatus", "Yard_Plan")
"""A component keeps its name whether or not a function uses it."""


def made(folder: Path, catalog: str = "") -> Api:
    used = {name: ref(name) for name in SCHEMAS if name not in UNUSED}
    again = {"kind": ENUM, "status": ENUM, "deep": shape(), "Deep": shape()}
    parts = {"requestBody": ref("Pet", "requestBodies"), "parameters": [ref("Sort", "parameters")]}
    paths = {
        "/pets": post("createPet", shape(), shape()),
        "/all": post("useAll", {"type": "object", "properties": {**used, **again}}),
        "/parts": {"post": {"operationId": "useParts", **parts, "responses": {"200": ref("Ok", "responses")}}},
    }
    components: Json = {"schemas": SCHEMAS, "requestBodies": {"Pet": body(shape())}}
    components["parameters"] = {"Sort": {"name": "sort", "in": "query", "schema": ENUM}}
    components["responses"] = {"Ok": {"description": "ok", **body(shape())}}
    document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": paths, "components": components}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    (folder / "catalog.yaml").write_text(catalog, "utf-8")
    return link.load(documents.read(folder / "api.json", folder / "catalog.yaml" if catalog else None))


def test_each_type_has_a_name_of_its_own(tmp_path: Path) -> None:
    api = made(tmp_path)
    request = "use_all.request"
    named = {
        # as it is written; else the words of its title, its signs and capital letters
        "Pet": "pet", "pet": "house pet", "PET": "capital pet", "A_B": "a underscore b", "a-b": "a dash b", "aB": "a capital b",
        "ONE": "capital one", "one": "one lower", "Box": "box", "box": "box lower", "BOX": "capital box", "Kind": "kind",
        "yardPlan": "yard capital plan", "Twice": "twice", "twice": "twice box", "x y": "components schemas x y", "x  y": "components schemas x y 2", "Sort": "sort",
        # what is written in place, and other components: what they are
        "create_pet.request": "create pet request body", "create_pet.result": "create pet result",
        "requestBodies.Pet": "pet body", "parameters.Sort": "sort parameter", "responses.Ok": "ok",
        request: "use all request", f"{request}.kind": "use all request kind", f"{request}.status": "use all request status field",
        f"{request}.Deep": "use all request capital deep", f"{request}.deep": "use all request deep lower",
    }  # fmt: skip
    assert {key: " ".join(each.words) for key, each in (api.models | api.types).items()} == named
    classes = {
        "pet": "HousePet", "PET": "CapitalPet", "A_B": "AUnderscoreB", "a-b": "ADashB", "aB": "ACapitalB", "ONE": "CapitalOne",
        "one": "OneLower", "box": "BoxLower", "BOX": "CapitalBox", "yardPlan": "YardCapitalPlan", "twice": "TwiceBox", "x y": "ComponentsSchemasXY", "x  y": "ComponentsSchemasXY2",
        "create_pet.request": "CreatePetRequestBody", "requestBodies.Pet": "PetBody", "parameters.Sort": "SortParameter",
        f"{request}.status": "UseAllRequestStatusField", f"{request}.Deep": "UseAllRequestCapitalDeep", f"{request}.deep": "UseAllRequestDeepLower",
    }  # fmt: skip
    told = {loss.reason for loss in api.losses if "its class is" in loss.reason}
    assert told == {f"the name {key!r} is taken; its class is {spelled}" for key, spelled in classes.items()}
    at = {loss.pointer for loss in api.losses if "'yardPlan'" in loss.reason and "class" in loss.reason}
    assert at == {"/components/schemas/yardPlan"}


def test_with_a_catalog_two_components_of_one_name_are_told(tmp_path: Path) -> None:
    """Where the catalog names one of them: both places are cited."""
    with pytest.raises(SpecError) as caught:
        made(tmp_path, "catalog: 1\ntypes: {Sort: Box}\n")
    told = str(caught.value)
    assert "'Sort' is spelled 'Box', as is 'Box' at api.json:1:" in told
    assert "fix: give one of them another name under `types` in the catalog" in told and told.count("is spelled") == 1
