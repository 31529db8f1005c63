"""From document and catalog to the IR: each construct as meant, each mistake at its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator import link
from generator.errors import SpecError
from generator.ir import Api
from generator.read import documents

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared/upstream/replicate-openapi.json"
HEAD = 'openapi: 3.1.0\ninfo: {title: Pets API, version: "1"}\n'


def api(folder: Path, text: str, catalog: str | None = None) -> Api:
    document = folder / "api.yaml"
    document.write_text(HEAD + text, "utf-8")
    if catalog is None:
        return link.load(documents.read(document))
    (folder / "catalog.yaml").write_text(catalog, "utf-8")
    return link.load(documents.read(document, folder / "catalog.yaml"))


def refusal(folder: Path, text: str, catalog: str | None = None) -> str:
    with pytest.raises(SpecError) as caught:
        api(folder, text, catalog)
    return str(caught.value)


def test_replicate_has_37_functions() -> None:
    found = link.load(documents.read(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml", ROOT / "spec/extensions"))
    assert len(found.functions) == 37
    create = found.function("replicate_create_prediction")
    assert [("_".join(p.words), p.location) for p in create.params if p.required] == [
        ("version", "field"),
        ("input", "field"),
    ]
    assert create.classes == ("write", "billed")
    assert found.jobs[create.job].terminal == ("succeeded", "failed", "canceled", "aborted")
    wait = next(p for p in create.params if p.words == ("wait",))
    assert (wait.wire_name, wait.encoding, wait.type.minimum, wait.type.maximum) == ("Prefer", "wait", 1, 60)
    assert all(f.examples for f in found.functions)
    assert not [loss for loss in found.losses if loss.kind != "kept"]


@pytest.mark.skipif(not UPSTREAM.exists(), reason="the upstream document is not beside this checkout")
def test_a_catalog_is_derived() -> None:
    found = link.load(documents.read(UPSTREAM))
    assert len(found.functions) == 37
    search = next(f for f in found.functions if f.operation_id == "models.search")
    assert (search.method, search.access, search.result.kind) == ("QUERY", "read", "json")
    assert search.body is not None and search.body.kind == "text"


def test_recursion_and_all_of(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
paths:
  /tree: {get: {operationId: getTree, responses: {'200': {description: ok, content: {application/json:
    {schema: {$ref: '#/components/schemas/Leaf'}}}}}}}
components:
  schemas:
    Node: {type: object, required: [name], properties: {name: {type: string}, children: {type: array, items: {$ref: '#/components/schemas/Node'}}}}
    Leaf: {allOf: [{$ref: '#/components/schemas/Node'}, {properties: {colour: {enum: [red, null, red]}}}]}
""",
    )
    leaf, node = found.models["Leaf"], found.models["Node"]
    assert {f.wire_name for f in leaf.fields} == {"name", "children", "colour"}
    children = next(f for f in node.fields if f.wire_name == "children")
    assert children.type.items is not None and children.type.items.model == "Node"
    colour = next(f for f in leaf.fields if f.wire_name == "colour")
    assert (colour.type.kind, colour.type.values, colour.type.nullable) == ("string", ("red",), True)
    assert any("twice" in loss.reason for loss in found.losses)


def test_path_parameters_are_shared_and_overridden(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
paths:
  /a/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: string}}, {name: q, in: query, schema: {type: string}}]
    get: {operationId: a, parameters: [{name: q, in: query, schema: {type: integer}}], responses: {}}
""",
    )
    assert [(p.wire_name, p.type.kind) for p in found.functions[0].params] == [("id", "string"), ("q", "integer")]


def test_one_name_in_two_places_is_told_apart(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
paths: {'/a/{id}': {post: {operationId: a, parameters: [{name: id, in: path, required: true, schema: {type: string}}],
  requestBody: {content: {application/json: {schema: {type: object, properties: {id: {type: string}}}}}}, responses: {}}}}
""",
    )
    assert ["_".join(p.words) for p in found.functions[0].params] == ["id", "field_id"]
    assert any("taken" in loss.reason for loss in found.losses)


def test_other_files_are_followed_but_not_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "parts.yaml").write_text("Pet: {type: object, properties: {name: {type: string}}}", "utf-8")
    text = (
        "paths: {{/a: {{get: {{operationId: a, responses: {{'200': {{description: ok, content:"
        " {{application/json: {{schema: {{$ref: '{}'}}}}}}}}}}}}}}}}"
    )
    found = api(tmp_path, text.format("parts.yaml#/Pet"))
    assert "Pet" in found.models
    assert found.documents == ("api.yaml", "parts.yaml"), "what is published is what was followed, and nothing else"
    assert "outside the folder" in refusal(tmp_path, text.format("../../etc/passwd"))
    assert "outside the folder" in refusal(tmp_path, text.format("https://example.com/x.yaml"))
    assert "points to nothing" in refusal(tmp_path, text.format("parts.yaml#/Cat"))


def test_a_catalog_that_names_an_operation_id_of_two_cites_both(tmp_path: Path) -> None:
    text = "paths:\n  /a: {get: {operationId: x, responses: {}}}\n  /b: {get: {operationId: x, responses: {}}}\n"
    message = refusal(tmp_path, text, CATALOG.replace("listPets", "x"))
    assert "catalog.yaml:4:" in message and "api.yaml:4:" in message and "api.yaml:5:" in message
    found = api(tmp_path, text, CATALOG.replace("listPets", "get_b"))
    assert found.function("pets_list").path == "/b" and {f.path for f in found.functions} == {"/a", "/b"}


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("a: [1", "is not valid YAML"),
        ("swagger: '1.2'", "Swagger '1.2' is not supported"),
        ("swagger: '2.0'", "has no `paths`"),
        ("a: 1", "is not an OpenAPI document"),
        ("openapi: '4.0'", "'4.0' is not supported"),
        ("a: 1\na: 2", "more than once"),
        ("a: &x [*x]", "contains itself"),
        ("", "is empty"),
    ],
)
def test_what_is_not_openapi(tmp_path: Path, text: str, part: str) -> None:
    (tmp_path / "x.yaml").write_text(text, "utf-8")
    with pytest.raises(SpecError, match=part):
        link.load(documents.read(tmp_path / "x.yaml"))


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"none\.yaml: cannot be read"):
        link.load(documents.read(tmp_path / "none.yaml"))


CATALOG = """catalog: 1
api: {name: pets, title: Pets, package: pets, client: Pets, version: 1.0.0}
functions:
  pets_list: {operation: listPets, type: read, title: List, summary: List pets.}
"""
PETS = "paths: {/pets: {get: {operationId: listPets, responses: {}}}}"


@pytest.mark.parametrize(
    ("old", "new", "where", "part"),
    [
        ("type: read", "type: raed", "4:36", "did you mean 'read'?"),
        ("title: List,", "titel: List,", "4:48", "did you mean 'title'?"),
        ("operation: listPets", "operation: listPet", "4:15", "did you mean 'listPets'?"),
        ("summary: List pets.", "summary: List pets., page: cursor", "4:", "no page behaviour 'cursor'"),
        ("version: 1.0.0", "version: 1.0", "2:", "is not a string"),
    ],
)
def test_catalog_mistakes(tmp_path: Path, old: str, new: str, where: str, part: str) -> None:
    assert api(tmp_path, PETS, CATALOG).functions[0].name == "pets_list"
    message = refusal(tmp_path, PETS, CATALOG.replace(old, new))
    assert part in message
    assert f"catalog.yaml:{where}" in message


def test_alike_models_are_told_apart_by_words(tmp_path: Path) -> None:
    found = api(
        tmp_path,
        """
paths: {/a: {get: {operationId: a, responses: {'200': {description: ok, content: {application/json: {schema:
  {type: object, properties: {a: {$ref: '#/components/schemas/PetToy'}, b: {$ref: '#/components/schemas/pet_toy'}}}}}}}}}}
components: {schemas: {PetToy: {type: object, properties: {x: {}}}, pet_toy: {type: object, properties: {y: {}}}}}
""",
    )
    assert found.models["PetToy"].words == ("pet", "toy")
    assert found.models["pet_toy"].words == ("pet", "underscore", "toy")
    assert any("'pet_toy' is taken" in loss.reason for loss in found.losses)


def test_arguments_of_a_path_that_are_written_as_one() -> None:
    found = link.load(documents.read(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml", ROOT / "spec/extensions"))
    version = found.function("replicate_get_model_version").reference
    assert version is not None
    assert version.parts == (("model_owner", "/"), ("model_name", ":"), ("version_id", ""))
    model = found.function("replicate_list_model_versions").reference
    assert model is not None and model.shown == "OWNER/NAME"
    assert found.function("replicate_get_prediction").reference is None
    assert (found.whoami, [runner.key for runner in found.runners]) == (
        "replicate_get_account",
        ["run", "stream", "train"],
    )
    pages = {name: found.function(f"replicate_{name}").web for name in ("get_model", "get_prediction", "get_training")}
    assert pages == {"get_model": "url", "get_prediction": "urls.web", "get_training": ""}


def test_commands_of_functions_that_are_not_there(tmp_path: Path) -> None:
    catalog = (
        "catalog: 1\napi: {name: pets, title: Pets, package: pets, client: Pets, version: 1.0.0, whoami: pets_gett}\n"
        "runners: {run: {function: pets_gat, summary: Runs., shown: NAME}}\n"
        "aliases: {show: gat, start: run --detach}\n"
        "functions: {pets_get: {operation: get, type: read, title: Get, summary: Gets., web: url}}\n"
    )
    said = refusal(
        tmp_path, 'paths: {/pets: {get: {operationId: get, responses: {"200": {description: ok}}}}}\n', catalog
    )
    assert "there is no function 'pets_gett'" in said and "there is no function 'pets_gat'" in said
    assert said.count("did you mean 'pets_get'?") == 2
    assert "there is no command 'gat'" in said and "'run" not in said
    assert "the result has no string 'url'" in said
