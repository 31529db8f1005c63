"""The lint command: each rule on the smallest spec that breaks it; warnings apart from errors; the real spec."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from generator import cli, pipeline
from generator.check.advice import advise

ROOT = Path(__file__).parents[2]
CLEAN = """\
openapi: 3.1.0
info:
  title: Zoo
  version: "1"
  description: Animals.
  contact: {url: "https://zoo.test"}
  license: {name: MIT, identifier: MIT}
servers: [{url: "https://zoo.test"}]
security: []
tags: [{name: zoo, description: Animals.}]
paths:
  /pets:
    post:
      operationId: pets.create
      tags: [zoo]
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                tags: {type: array, maxItems: 9, items: {type: string}, description: Words for it.}
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: integer, description: Its number.}}}
        '404': {description: none}
"""
CATALOG = """\
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
groups:
  pets: {title: Pets, summary: Animals.}
functions:
  zoo_create_pet:
    operation: pets.create
    type: write
    title: Create a pet
    summary: Create a pet.
    description: Creates one.
    examples:
      - {title: One, arguments: {tags: [small]}, result: {id: 7}}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(CLEAN)
    (folder / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "surfacegen.yaml").write_text("document: spec/openapi.yaml\ncatalog: spec/catalog.yaml\n")
    monkeypatch.chdir(tmp_path)
    return folder


def test_nothing_to_mend(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["lint", "--strict"]) == 0
    assert capsys.readouterr().out == "0 errors, 0 warnings\n"


@pytest.mark.parametrize(
    ("before", "after", "rule", "what", "where"),
    [
        ("summary: Create a pet.", "summary: POST /pets", "summary", "has no summary", "openapi.yaml:13:5"),
        ("    description: Creates one.\n", "", "description", "has no description", "openapi.yaml:13:5"),
        ("summary: Animals.", "summary: ''", "summary", "the group pets has no summary", "openapi.yaml:13:5"),
        (", description: Words for it.", "", "description", "tags of zoo_create_pet has no", "openapi.yaml:22:17"),
        (", description: Its number.", "", "description", "1 of 1 fields", "openapi.yaml:28:"),
        ("tags: [small]", "tags: small", "example", "the arguments of zoo_create_pet's example 'One' are invalid at tags", "openapi.yaml:13:5"),
        ("{id: 7}", "{id: seven}", "example", "the result of zoo_create_pet's example", "openapi.yaml:13:5"),
        ("  zoo_create_pet:", "  zoo_pet_pet:", "name", "zoo_pet_pet repeats 'pet'", "openapi.yaml:13:5"),
        ("maxItems: 9, ", "", "unbounded", "tags of zoo_create_pet is a list without a limit", "openapi.yaml:22:17"),
        ("        '404': {description: none}\n", "", "errors", "documents no error", "openapi.yaml:13:5"),
        ("                tags:", "                data: {type: string, description: It.}\n                tags:", "name", "is not meaningful", "openapi.yaml:22:17"),
        ("                tags:", "                from: {type: string, description: It.}\n                tags:", "name", "is spelled `from_` in Python", "openapi.yaml:22:17"),
        ("                tags:", "                日本: {type: string, description: It.}\n                tags:", "name", "have no ASCII spelling", "openapi.yaml:22:17"),
        ("operationId: pets.create", "operationId: pets.create\n      deprecated: true", "deprecation", "without a replacement", "openapi.yaml:13:5"),
        ("description: Words for it.", "description: Words for it." + " and more" * 190, "tool", "bytes", "openapi.yaml:13:5"),
    ],
)  # fmt: skip
def test_each_rule(spec: Path, before: str, after: str, rule: str, what: str, where: str) -> None:
    edited = 0
    for name in ("openapi.yaml", "catalog.yaml"):
        text = (spec / name).read_text()
        edited += before in text
        (spec / name).write_text(text.replace(before, after, 1))
    assert edited == 1
    found = advise(pipeline.load(pipeline.Inputs(spec / "openapi.yaml", spec / "catalog.yaml")))
    [mine] = [advice for advice in found if advice.rule == rule and what in advice.finding.what]
    assert where in str(mine.finding.where)
    assert mine.finding.hint
    assert mine.severity == ("error" if rule == "example" else "warning")


def test_errors_fail_and_warnings_only_when_strict(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (spec / "openapi.yaml").read_text()
    (spec / "openapi.yaml").write_text(text.replace("maxItems: 9, ", ""))
    assert cli.main(["lint"]) == 0
    assert cli.main(["lint", "--strict"]) == 1
    assert capsys.readouterr().out.endswith("0 errors, 1 warnings\n")
    (spec / "catalog.yaml").write_text(CATALOG.replace("{id: 7}", "{}"))
    assert cli.main(["lint", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert {(each["severity"], each["rule"]) for each in found} == {("error", "example"), ("warning", "unbounded")}
    assert all(each["where"].startswith("spec/openapi.yaml:") and each["hint"] for each in found)


def test_what_cannot_be_rendered_comes_first(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (spec / "catalog.yaml").write_text(CATALOG.replace("operation: pets.create", "operation: pets.creat"))
    assert cli.main(["lint"]) == 1
    assert "error [spec] there is no operation 'pets.creat'" in capsys.readouterr().out


def test_the_real_spec_has_no_error() -> None:
    api = pipeline.load(pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml"))
    found = advise(api)
    assert not [advice for advice in found if advice.severity == "error"]
    # What the document leaves open, it leaves open upstream as well: these are for its owner to mend.
    assert {advice.rule for advice in found} <= {"errors", "unbounded"}


NEGLECTED = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets/pets:
    post:
      operationId: pets_list_list
      parameters:
        - {name: q, in: query, description: Text., schema: {type: string}}
        - {name: value, in: query, description: One., schema: {type: string}}
        - {name: data, in: query, description: One., schema: {type: string}}
        - {name: item, in: query, description: One., schema: {type: string}}
        - {name: object, in: query, description: One., schema: {type: string}}
        - {name: params, in: query, description: One., schema: {type: string}}
        - {name: arg, in: query, description: One., schema: {type: string}}
        - {name: obj, in: query, description: One., schema: {type: string}}
        - {name: val, in: query, description: One., schema: {type: string}}
        - {name: tmp, in: query, description: One., schema: {type: string}}
        - {name: class, in: query, description: Its class., schema: {type: string}}
        - {name: the_longest_name_of_an_argument, in: query, description: Long., schema: {type: string}}
        - {name: exactly_thirty_characters_long, in: query, description: Long., schema: {type: string}}
        - {name: bare, in: query, schema: {type: integer}}
        - {name: told, in: query, schema: {type: integer, description: By its type.}}
        - {name: several, in: query, description: Some., schema: {type: array, items: {type: string}}}
        - {name: nested, in: query, description: Some., schema: {type: array, maxItems: 1, items: {type: array, items: {}}}}
        - {name: either, in: query, description: Some., schema: {anyOf: [{type: string}, {type: array, items: {}}]}}
        - {name: going, in: query, description: Goes., deprecated: true, schema: {type: string}}
        - {name: late, in: query, description: Goes., deprecated: true, x-sunset: "2027-01-01", schema: {type: string}}
        - {name: wrong, in: query, description: Shown., schema: {type: integer}, example: none}
      responses: {"200": {description: OK}, 3XX: {description: elsewhere}}
  /told:
    get:
      operationId: told
      summary: Tells.
      description: Tells all.
      deprecated: true
      parameters: [{name: many, in: query, description: Some., schema: {type: array, maxItems: 2, items: {type: string}}}]
      responses:
        "200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}, example: {a: 1, b: x, c: {d: 2}}}}}
        default: {description: bad}
components:
  schemas:
    Pet:
      type: object
      properties: {a: {type: string}, b: {type: string}, c: {type: object, description: C., properties: {d: {type: string, description: D.}}}, e: {}, f: {}, g: {}, h: {}}
"""
# The rule, what stands where it is told, and what is said.
NEGLECT = [
    ("summary", "post:", "zoo_list_pet_list has no summary"),
    ("description", "post:", "zoo_list_pet_list has no description"),
    ("description", "- {name: bare", "bare of zoo_list_pet_list has no description"),
    ("description", "a: {type", "6 of 7 fields of Pet have no description: a, b, e, f, g, …"),
    (
        "example",
        "get:",
        "the result of zoo_get_told's example 'As in the document' is invalid at a: 1 is not of type",
    ),
    (
        "example",
        "get:",
        "the result of zoo_get_told's example 'As in the document' is invalid at c.d: 2 is not of type",
    ),
    ("example", "post:", "the arguments of zoo_list_pet_list's example 'As in the document' are invalid at wrong"),
    ("unbounded", "- {name: several", "several of zoo_list_pet_list is a list without a limit"),
    ("unbounded", "- {name: nested", "nested of zoo_list_pet_list is a list without a limit"),
    ("unbounded", "- {name: either", "either of zoo_list_pet_list is a list without a limit"),
    ("errors", "post:", "zoo_list_pet_list documents no error"),
    ("summary", "post:", "the group pets has no summary"),
    ("summary", "get:", "the group told has no summary"),
    ("name", "- {name: q", "q of zoo_list_pet_list is not meaningful"),
    *(
        ("name", f"- {{name: {word},", f"{word} of zoo_list_pet_list is not meaningful")
        for word in ("value", "data", "item", "object", "params", "arg", "obj", "val", "tmp")
    ),
    ("name", "- {name: class", "class of zoo_list_pet_list is spelled `class_` in Python"),
    ("name", "- {name: the_longest", "the_longest_name_of_an_argument of zoo_list_pet_list has 31 characters"),
    ("deprecation", "- {name: going", "going of zoo_list_pet_list is deprecated without a replacement"),
    ("deprecation", "- {name: late", "late of zoo_list_pet_list is deprecated without a replacement"),
    ("deprecation", "get:", "zoo_get_told is deprecated without a replacement"),
]


def test_all_advice_of_a_neglected_document(tmp_path: Path) -> None:
    """Each rule at its edge: what it tells, what it does not, and where."""
    (tmp_path / "api.yaml").write_text(NEGLECTED, "utf-8")
    found = advise(pipeline.load(pipeline.Inputs(tmp_path / "api.yaml")))
    lines = NEGLECTED.splitlines()
    shown = [
        (each.rule, lines[each.finding.where.line - 1][each.finding.where.column - 1 :], each.finding.what)
        for each in found
    ]
    left = [
        row
        for row in shown
        if not any(
            rule == row[0] and row[1].startswith(at.lstrip("- ")) and what in row[2] for rule, at, what in NEGLECT
        )
    ]
    missing = [
        row
        for row in NEGLECT
        if not any(rule == row[0] and at.startswith(row[1].lstrip("- ")) and row[2] in what for rule, at, what in shown)
    ]
    assert (missing, [row for row in left if row[0] != "tool"]) == ([], [])
    assert {each.severity for each in found if each.rule == "example"} == {"error"}
    assert {each.severity for each in found if each.rule != "example"} == {"warning"}
    assert [each.finding.where.line for each in found] == sorted(each.finding.where.line for each in found)


def test_a_function_without_an_example(spec: Path) -> None:
    api = pipeline.load(pipeline.Inputs(spec / "openapi.yaml", spec / "catalog.yaml"))
    [function] = api.functions
    [found] = advise(replace(api, functions=(replace(function, examples=()),)))
    assert (found.rule, found.severity) == ("example", "warning")
    assert found.finding.what == "zoo_create_pet has no example"
    assert found.finding.hint.startswith("write functions.zoo_create_pet.examples in the catalog: ")
