"""What openapi-spec-validator says of a document, with our places: what is found, what is never fetched, what never ends.

Each mistake is one by the specification named; its place was counted by hand.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator import cli
from generator.check.validity import by_kind, invalid
from generator.read.amending import amended
from generator.read.source import parse

DOCUMENT = """\
openapi: 3.0.3
info: {title: Zoo, version: "1"}
paths:
  /a/{b}:
    get:
      operationId: getA
      parameters:
        - {name: b, in: path, required: true, schema: {type: string}}
        - {name: n, in: query, schema: {type: integer, default: 3}}
      responses: {"200": {description: OK}}
"""


def told(text: str, folder: Path, name: str = "d.yaml") -> list[tuple[str, str, str]]:
    found = invalid(parse(text, name, folder / name))
    return [(each.rule, str(each.place), each.what) for each in found]


def test_a_document_that_keeps_to_its_schema(tmp_path: Path) -> None:
    assert told(DOCUMENT, tmp_path) == []


@pytest.mark.parametrize(
    ("before", "after", "rule", "place", "what"),
    [
        # OpenAPI 3.0.4: 4.7.2.1 Info Object, `version` is required
        ('title: Zoo, version: "1"', "title: Zoo", "oas3-schema", "d.yaml:2:1", '"version" is a required property'),
        # 4.7.17.1 Response Object, `description` is required: told for the response, not as "no alternative fits"
        ("{description: OK}", "{descripton: OK}", "oas3-schema", "d.yaml:10:19", '"description" is a required property'),
        # 4.7.24 Schema Object, `type`
        ("{type: string}", "{type: strin}", "oas3-schema", "d.yaml:8:56", '"strin" is not one of'),
        # 4.7.24 `default` must conform to the type
        ("default: 3", "default: three", "oas3-schema", "d.yaml:9:56", "is not of type 'integer'"),
        # 4.7.12.1 Parameter Object, `name`: each path parameter corresponds to a template expression
        ("{name: b,", "{name: c,", "path-params", "d.yaml:5:5", "Path parameter 'b' for 'get'"),
    ],
)  # fmt: skip
def test_each_mistake_where_it_stands(
    before: str, after: str, rule: str, place: str, what: str, tmp_path: Path
) -> None:
    found = told(DOCUMENT.replace(before, after), tmp_path)
    assert [(r, p) for r, p, w in found if what in w] == [(rule, place)], found


@pytest.mark.parametrize("version", ["3.1.1", "3.2.0"])
def test_schemas_since_3_1(version: str, tmp_path: Path) -> None:
    """They are JSON Schema 2020-12 (OpenAPI 3.1.1, 4.8.24), but for a dialect that they name themselves."""
    text = DOCUMENT.replace("3.0.3", version)
    assert told(text, tmp_path) == []
    wrong = text.replace("{type: integer, default: 3}", "{properties: {a: {type: integre}}}")
    assert [(rule, place) for rule, place, _ in told(wrong, tmp_path)] == [("oas3-schema", "d.yaml:9:58")]
    named = text.replace("{type: integer, default: 3}", "{$schema: 'urn:unknown', default: 3}")
    [(_, _, what)] = told(named, tmp_path)
    assert "dialect" in what


def test_the_place_of_what_an_overlay_adds(tmp_path: Path) -> None:
    (tmp_path / "o.yaml").write_text(
        'overlay: 1.1.0\ninfo: {title: T, version: "1"}\nactions:\n'
        "  - target: $.paths['/a/{b}'].get.parameters[1].schema\n    update: {type: strin}\n"
    )
    source = amended(parse(DOCUMENT, "d.yaml", tmp_path / "d.yaml"), [tmp_path / "o.yaml"]).source
    assert [
        str(each.place).rpartition("/")[2]
        for each in invalid(source)
        if "strin" in each.what and "not one of" in each.what
    ] == ["o.yaml:5:14"]


def test_mistakes_of_one_kind_are_one_entry(tmp_path: Path) -> None:
    responses = {str(code): {} for code in range(200, 209)}
    document = {"openapi": "3.0.0", "info": {"title": "T"}, "paths": {"/a": {"get": {"responses": responses}}}}
    found = list(by_kind(invalid(parse(json.dumps(document, indent=1), "d.json", tmp_path / "d.json"))))
    shown = [finding.what for _, finding in found]
    assert shown == [
        '"version" is a required property',
        '"description" is a required property (9 of this kind: d.json:11:6, d.json:12:6, …)',
    ]


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    asked: list[Any] = []

    def refuse(*arguments: Any, **_: Any) -> Any:
        asked.append(arguments)
        raise OSError("no network")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    yield asked


@pytest.mark.parametrize(
    "ref",
    ["https://a.example/x.json", "http://a.example/x.json", "ftp://a.example/x", "file:///etc/hostname", "../x.json", "data:,{}"],
)  # fmt: skip
def test_nothing_is_fetched(ref: str, tmp_path: Path, offline: list[Any]) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "x.json").write_text('{"type": "nonsense"}')
    text = DOCUMENT.replace("{type: string}", f"{{$ref: '{ref}'}}")
    found = told(text, tmp_path / "in")
    assert offline == []
    assert len(found) == 1 and "could not be checked" in found[0][2]


def test_files_that_the_document_was_read_from_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("type: integer\ndefault: three\n")
    source = parse(DOCUMENT.replace("{type: string}", "{$ref: x.yaml}"), "d.yaml", tmp_path / "d.yaml")
    found = invalid(source, [tmp_path / "x.yaml"])
    assert [(Path(each.place.file).name, each.place.line) for each in found] == [("x.yaml", 2)]


@pytest.mark.parametrize(
    "schemas",
    [
        {"A": {"$ref": "#/components/schemas/A"}},
        {"A": {"allOf": [{"$ref": "#/components/schemas/B"}]}, "B": {"allOf": [{"$ref": "#/components/schemas/A"}]}},
        {"A": {"properties": {"a": {"$ref": "#/components/schemas/A"}}, "default": {"a": {"a": {}}}}},
        {f"S{i}": {"allOf": [{"$ref": f"#/components/schemas/S{i + 1}"}] * 2} for i in range(40)} | {"S40": {}},
        {"A": {"type": "string", "pattern": "^(a+)+$", "default": "a" * 60 + "!"}},
    ],
    ids=["itself", "in turn", "properties", "forty times two", "a pattern that backtracks"],
)  # fmt: skip
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_what_goes_round_ends(schemas: dict[str, Any], version: str, tmp_path: Path) -> None:
    document = {
        "openapi": version,
        "info": {"title": "T", "version": "1"},
        "paths": {},
        "components": {"schemas": schemas},
    }
    invalid(parse(json.dumps(document), "d.json", tmp_path / "d.json"))


@pytest.mark.parametrize(
    "text",
    [
        '{"swagger": "2.0", "info": {"title": "T", "version": "1"}, "paths": {"/a": 5}}',
        '{"openapi": "3.2.0", "info": 3, "paths": [], "components": "x", "tags": {}}',
        '{"openapi": "3.1.0", "info": {}, "paths": {"/a/{": {"get": {"responses": {"200": null}}}}}',
        '{"openapi": "3.0.0", "paths": {"/a": {"get": {"parameters": [{}, 5], "responses": []}}}}',
        '{"openapi": "3.0.0", "paths": {"$ref": "#/nowhere"}, "tags": {"$ref": "http://[x"}, "components": {"$ref": "#/components"}}',
        '{"openapi": "4.0.0"}', '{"openapi": 3}', "[]",
    ],
)  # fmt: skip
def test_no_document_makes_it_raise(text: str, tmp_path: Path) -> None:
    found = told(text, tmp_path, "d.json")
    assert bool(found) is any(known in text for known in ('"2.0"', '"3.0', '"3.1', '"3.2'))


def test_what_is_of_3_2_in_a_document_of_3_1(tmp_path: Path) -> None:
    """It is read as 3.2 has it; so it is held against 3.2, and told once."""
    text = DOCUMENT.replace("3.0.3", "3.1.0").replace("    get:", "    query:")
    assert told(text, tmp_path) == [
        ("openapi-version", "d.yaml:5:5", "`query` is from OpenAPI 3.2 and is read as such, but the document declares 3.1")
    ]  # fmt: skip


def test_the_place_of_what_a_reference_leads_to(tmp_path: Path) -> None:
    """A rule speaks of the way that it took; the mistake stands where the references lead."""
    text = DOCUMENT.replace(
        "{name: n, in: query, schema: {type: integer, default: 3}}", "{$ref: '#/components/parameters/N~1'}"
    )
    text += "components:\n  parameters:\n    N/: {name: n, in: query, schema: {type: integer, default: three}}\n"
    assert [place for _, place, what in told(text, tmp_path) if "is not of type" in what] == ["d.yaml:13:54"]


@pytest.mark.parametrize(("version", "told_of"), [("3.0.3", 1), ("3.2.0", 0)])
def test_what_is_of_3_2_in_other_versions(version: str, told_of: int, tmp_path: Path) -> None:
    text = DOCUMENT.replace("3.0.3", version).replace("    get:", "    query:")
    found = told(text, tmp_path)
    assert len(found) == told_of and all(rule == "oas3-schema" for rule, _, _ in found), found


def test_a_default_that_looks_like_a_reference_is_data(tmp_path: Path) -> None:
    """In lists as well; and a property that is called `default` is none."""
    schema = "{allOf: [{default: {$ref: '#/nowhere'}}], properties: {default: {$ref: '#/components/schemas/A'}}}"
    text = DOCUMENT.replace("{type: string}", schema) + "components: {schemas: {A: {type: string}}}\n"
    assert told(text, tmp_path) == []
    wrong = text.replace("'#/components/schemas/A'", "'#/components/schemas/B'")
    assert len(told(wrong, tmp_path)) == 1


def test_generate_tells_of_the_schema_once_and_check_of_the_rules_always(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("d.yaml").write_text(DOCUMENT.replace("default: 3", "default: three").replace("description:", "descripton:"))
    command = ["--openapi", "d.yaml", "--out", "out", "--surface", "lua"]
    schema = 'warning: d.yaml:10:19: "description" is a required property'
    rule = "warning: d.yaml:9:56: 'three' is not of type 'integer'"

    def run(name: str, *more: str) -> str:
        assert cli.main([name, *command, *more]) == 0
        return capsys.readouterr().err

    assert schema not in run("generate", "--no-validate")
    assert "validated" not in json.loads(Path("out/manifest.json").read_text())
    assert schema not in run("check", "--no-validate")
    told = run("generate", "--surface", "cli")
    assert schema in told
    assert rule not in told
    assert schema not in run("generate", "--surface", "mcp")
    for _ in range(2):
        told = run("check", "--surface", "cli", "--surface", "mcp")
        assert schema in told
        assert rule in told
    Path("d.yaml").write_text(Path("d.yaml").read_text().replace("getA", "getB"))
    monkeypatch.setenv("SURFACEGEN_MAX_VALIDATED", "100")
    assert schema not in run("generate")
    assert "validated" not in json.loads(Path("out/manifest.json").read_text())
    monkeypatch.delenv("SURFACEGEN_MAX_VALIDATED")
    assert rule in run("check")


def test_generate_does_without_the_library(tmp_path: Path) -> None:
    """What it is made of takes as long to import as a small API to render."""
    (tmp_path / "d.yaml").write_text(DOCUMENT.replace("description:", "descripton:"))
    program = (
        "import sys; from generator import cli; "
        "code = cli.main(['generate', '--openapi', 'd.yaml', '--out', 'out', '--surface', 'lua']); "
        "sys.exit(code or bool({'openapi_spec_validator', 'pydantic', 'requests'} & {*sys.modules}))"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert '"description" is a required property' in run.stderr
