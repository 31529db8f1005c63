"""Derived functions as they are linked: from models' schemas, written as Cog writes them, to the IR.

What is expected is worked out by hand from the schemas and from Cog's own words for them: `x-order` is the order of
arguments, an enumeration stands behind `allOf`, `nullable` is OpenAPI 3.0's (Schema Object, 3.0.3).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator import ir_json
from generator.errors import SpecError
from generator.evolve.diff import diff
from generator.evolve.releases import frozen
from generator.inputs import digest
from generator.ir import Api, Derived, Function
from generator.loading import load
from tests.support.derivations import NAMES, OWNER, function, pinned, project, version


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Api:
    return load(project(tmp_path_factory.mktemp("models")))


def of(api: Api, name: str) -> tuple[Function, Derived]:
    found = next(each for each in api.derived if each.name == function(name))
    assert found.derived is not None
    return found, found.derived


def test_derived_functions_stand_beside_the_operations(api: Api) -> None:
    assert len(api.functions) == 37
    assert {f.name for f in api.derived} == {function(name) for name in NAMES} | {"replicate_train_trainer"}
    assert {f.group for f in api.derived} == {"models.octo_labs"}


def test_a_model_that_runs_by_its_name(api: Api) -> None:
    found, how = of(api, "image")
    assert (how.base, how.fixed) == (
        "replicate_create_model_prediction",
        {"model_owner": OWNER, "model_name": "image"},
    )
    assert (how.argument, how.follow, how.source, how.version) == ("input", True, f"{OWNER}/image", version("image"))
    # What the mock answers for the model: the document that its schema was taken from, as the API gives it.
    assert how.answered_at == f"/models/{OWNER}/image"
    latest = how.answer["latest_version"]
    assert latest["id"] == version("image") and "x-order" in json.dumps(latest["openapi_schema"]["components"])
    assert found.classes == ("write", "billed") and not found.idempotent
    assert found.summary == "Shows what image takes."
    assert [p.wire_name for p in found.params] == [
        *("prompt", "aspect_ratio", "num_outputs", "num_inference_steps", "seed"),
        *("output_format", "output_quality", "disable_safety_checker", "go_fast", "megapixels"),
    ]
    assert [p.wire_name for p in found.params if p.required] == ["prompt"]
    given = {p.wire_name: p.type for p in found.params}
    assert given["output_format"].values == ("webp", "jpg", "png") and given["output_format"].default == "webp"
    assert (given["num_outputs"].minimum, given["num_outputs"].maximum, given["num_outputs"].default) == (1, 4, 1)
    assert not given["seed"].has_default
    assert found.files_out == ("",) and found.files_in == ()


def test_a_model_that_needs_a_version(api: Api) -> None:
    _, how = of(api, "upscaling")
    assert (how.base, how.fixed) == ("replicate_create_prediction", {"version": pinned("upscaling")})


def test_a_trainer_gives_its_job(api: Api) -> None:
    found, how = of(api, "train-trainer")
    assert how.base == "replicate_create_training" and not how.follow
    assert how.fixed["destination"] == f"{OWNER}/trained"
    assert found.result == api.function("replicate_create_training").result
    token = next(p for p in found.params if p.wire_name == "hf_token")
    assert token.type.format == "password" and not token.type.has_default


@pytest.mark.parametrize(
    ("name", "files_in", "files_out", "joined"),
    [
        ("text", (), (), True),
        ("secrets", (), (), True),
        ("iterated-files", (), ("",), False),
        ("several-outputs", ("image",), ("",), False),
        ("lists-of-files", ("image_input",), ("",), False),
        ("video", ("image", "last_image"), ("",), False),
        ("embeddings", (), (), False),
        ("no-inputs", (), (), False),
    ],
)
def test_files_and_texts(
    api: Api, name: str, files_in: tuple[str, ...], files_out: tuple[str, ...], joined: bool
) -> None:
    found, how = of(api, name)
    assert (found.files_in, found.files_out, how.joined) == (files_in, files_out, joined)


def test_null_numbers_and_objects(api: Api) -> None:
    found, _ = of(api, "nullable")
    assert all(p.type.nullable for p in found.params) and found.result.type is not None and found.result.type.nullable
    scale = next(p for p in of(api, "integer-enum")[0].params if p.wire_name == "scale")
    assert (scale.type.kind, scale.type.values) == ("integer", (2, 4, 8))
    options = next(p for p in of(api, "nested-object")[0].params if p.wire_name == "options")
    assert [f.wire_name for f in api.models[options.type.model].fields] == ["temperature", "seed", "format"]
    assert len(of(api, "forty-inputs")[0].params) == 40
    assert of(api, "no-inputs")[0].params == ()


def test_what_is_wrong_with_a_schema_is_left_free_and_told(api: Api) -> None:
    found, how = of(api, "broken")
    kinds = {p.wire_name: p.type.kind for p in found.params}
    free = dict.fromkeys(("size", "odd", "no", "loop", "missing"), "any")
    assert kinds == {"prompt": "string", "count": "integer", "list": "array", "spaces in it": "string"} | free
    count = next(p.type for p in found.params if p.wire_name == "count")
    assert (count.minimum, count.maximum, count.has_default) == (None, None, False)
    assert found.result.type is not None and found.result.type.kind == "any" and how.open
    lost = {loss.pointer.rpartition("/")[2]: loss for loss in api.losses if "broken.json#" in loss.pointer}
    assert {*lost} == {"size", "odd", "no", "loop", "count", "Input", "", "Output"}
    assert all("replicate_broken: " in loss.reason for loss in lost.values())
    others = [loss for loss in api.losses if f"{OWNER}/" in loss.pointer and "broken" not in loss.pointer]
    # Optional choices are written as Cog writes them: null is taken, though OpenAPI 3.0.3 adds it to a `type` alone.
    assert {(loss.pointer.rpartition("#")[2], loss.kind) for loss in others} == {
        ("/components/schemas/Input/properties/style", "kept")
    }


def test_a_schema_without_input_is_of_free_form(tmp_path: Path) -> None:
    inputs = project(tmp_path, ("text",))
    place = tmp_path / "models" / OWNER / "text.json"
    written = json.loads(place.read_text("utf-8"))
    del written["components"]["schemas"]["Input"]
    place.write_text(json.dumps(written), "utf-8")
    api = load(inputs)
    found, how = of(api, "text")
    assert how.open and found.params == ()
    assert [loss.kind for loss in api.losses if "text.json" in loss.pointer] == ["degraded"]


def test_the_ir_is_written_and_read_back(api: Api) -> None:
    assert ir_json.loads(ir_json.dumps(api)) == api


def test_another_schema_is_another_input(tmp_path: Path) -> None:
    inputs = project(tmp_path, ("text",))
    before, api = digest(inputs), load(inputs)
    place = tmp_path / "models" / OWNER / "text.json"
    place.write_text(place.read_text("utf-8").replace("4096", "8192"), "utf-8")
    after, changed = digest(inputs), load(inputs)
    assert {part for part in after if after[part] != before.get(part)} == {"models"}
    assert api.digest != changed.digest


MISTAKES = {
    "no schema": ("    source: octo-labs/nobody\n", "the schema 'models/octo-labs/nobody.json'"),
    "outside": ("    schema: models/../../text.json\n", "is not below the folder 'models'"),
    "form": ("    source: text\n    schema: models/octo-labs/text.json\n", "does not have the form {owner}/{name}"),
    "derivation": ("    derivation: modle\n", "there is no derivation 'modle'"),
    "base": ("    base: replicate_create_predicton\n", "there is no function 'replicate_create_predicton'"),
    "fixed": ("    fixed: {modelowner: x}\n", "'modelowner'"),
    "fixed value": ("    fixed: {webhook: 7}\n", "7 is not a value of 'webhook'"),
    "argument": ("    argument: webhook\n", "does not take an object"),
    "placeholder": ("    fixed: {webhook: 'https://x.test/{nothing}'}\n", "nothing sets it"),
    "key": ("    nmae: x\n", "'nmae' is not a valid key here"),
    "needed": ("    base: replicate_create_training\n", "replicate_create_training needs 'model_owner'"),
    "verb": ("    group: models\n    verb: list\n", "would be named 'models.list', as is replicate_list_models"),
    "group": ("    group: models\n    verb: versions\n", "as is the group versions"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_of_the_catalog_are_cited(tmp_path: Path, mistake: str) -> None:
    inputs = project(tmp_path, ("text",))
    assert inputs.catalog is not None
    written, expected = MISTAKES[mistake]
    text, head = inputs.catalog.read_text("utf-8"), "  replicate_text: "
    kept = text[: text.index(head)] + "  replicate_text:\n"
    for key, value in (("derivation", "model"), ("source", f"{OWNER}/text")):
        if f"    {key}:" not in written:
            kept += f"    {key}: {value}\n"
    inputs.catalog.write_text(kept + written, "utf-8")
    first = len(kept.splitlines()) - 3
    with pytest.raises(SpecError) as raised:
        load(inputs)
    told = [str(finding) for finding in raised.value.findings]
    assert any(expected in each for each in told), told
    lines = [int(each.split(":")[1]) for each in told if "catalog.yaml:" in each]
    assert lines and all(first <= line <= first + 6 for line in lines), told


def test_a_broken_file_is_cited_where_it_breaks(tmp_path: Path) -> None:
    inputs = project(tmp_path, ("text",))
    place = tmp_path / "models" / OWNER / "text.json"
    place.write_text('{"openapi": "3.0.2",\n "components": }', "utf-8")
    with pytest.raises(SpecError, match=r"text\.json:2:16"):
        load(inputs)


CHANGES: dict[str, tuple[Callable[[Any], None], str, bool]] = {
    "a value goes": (lambda s: s["output_format"]["enum"].remove("jpg"), "parameter narrowed", True),
    "a value comes": (lambda s: s["output_format"]["enum"].append("avif"), "parameter widened", False),
    "a limit falls": (lambda s: s["Input"]["properties"]["num_outputs"].update(maximum=2), "parameter narrowed", True),
    "an argument goes": (lambda s: s["Input"]["properties"].pop("seed"), "parameter removed", True),
    "an argument comes": (
        lambda s: s["Input"]["properties"].update(new={"type": "string"}),
        "optional parameter added",
        False,
    ),
    "one is needed": (lambda s: s["Input"]["required"].append("seed"), "parameter became required", True),
    "a default moves": (
        lambda s: s["Input"]["properties"]["go_fast"].update(default=False),
        "parameter default",
        True,
    ),
    "one file, not several": (lambda s: s.update(Output={"type": "string", "format": "uri"}), "result retyped", True),
}


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Api]:
    folder = tmp_path_factory.mktemp("image")
    return folder, load(project(folder, ("image",)))


@pytest.mark.parametrize("change", CHANGES)
def test_a_newer_schema_has_the_verdicts_of_a_newer_document(image: tuple[Path, Api], change: str) -> None:
    folder, before = image
    alter, kind, breaking = CHANGES[change]
    inputs = project(folder, ("image",))
    place = folder / "models" / OWNER / "image.json"
    written = json.loads(place.read_text("utf-8"))
    alter(written["components"]["schemas"])
    place.write_text(json.dumps(written), "utf-8")
    found = [each for each in diff(before, load(inputs)).changes if each.action != "prose"]
    assert [(each.kind, each.breaking) for each in found] == [(kind, breaking)]
    assert found[0].subject == "models.octo_labs.image"


def test_a_release_keeps_the_schemas(image: tuple[Path, Api]) -> None:
    folder, api = image
    inputs = project(folder, ("image",))
    history = folder / "history"
    files = frozen(replace(inputs, history=history), api)
    assert history / "models" / OWNER / "image.json" in files
