"""The IR as JSON: what is written is read back as it was, fits its own schema, and is refused where it is something else."""

from __future__ import annotations

import dataclasses
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest

from generator import cli, ir, ir_json, pipeline, settings

ROOT = Path(__file__).parents[2]
CASES = sorted(path for path in (ROOT / "tests/surfaces/cases").iterdir() if path.is_dir())
SPEC = ROOT / "spec"


@cache
def replicate() -> ir.Api:
    return pipeline.load(pipeline.Inputs(SPEC / "openapi.yaml", SPEC / "catalog.yaml", SPEC / "extensions"))


@cache
def validator() -> Any:
    jsonschema.Draft202012Validator.check_schema(ir_json.schema())
    return jsonschema_rs.Draft202012Validator(ir_json.schema())


def test_replicate_comes_back() -> None:
    written = ir_json.dumps(replicate())
    assert ir_json.loads(written) == replicate()
    assert written.isascii()
    validator().validate(json.loads(written))


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_each_construct_comes_back(case: Path) -> None:
    api = pipeline.load(pipeline.Inputs(case / "openapi.yaml"))
    written = ir_json.dumps(api)
    found = ir_json.loads(written)
    assert found == api
    assert ir_json.dumps(found) == written, "1 and 1.0 are equal and not the same"
    assert json.loads(ir_json.dumps(api, indent=1)) == json.loads(written)
    assert validator().is_valid(json.loads(written))


def made(**more: Any) -> ir.Type:
    return dataclasses.replace(ir.Type(kind="any"), **more)


PLACE = ir.Place("a.yaml", 1, 2, "#/a")


@pytest.mark.parametrize(
    "part",
    [
        made(),
        made(values=(False, 0, 0.0, "", None, [], {})),
        made(has_default=True, default=False),
        made(has_default=True, default={"a": [1, 1.0, None, "\ud800", "é\u2028"]}),
        made(minimum=0, maximum=0.0, min_length=0, items=made(items=made(kind="model", model="a/b~c"))),
        made(kind="union", members=(made(), made(nullable=True)), rules=({"$ref": "#/$defs/x"},)),
        ir.Discriminator(wire_name="", mapping=(("", "A"), ("b", "B"))),
        ir.Model(key="A", words=("a",), fields=(), additional=None, place=PLACE),
        ir.Model(key="A", words=("a",), fields=(), additional=made(), place=PLACE),
        ir.Example(title="", arguments={"a": {"b": [1, 2]}}, has_result=True, result=None),
        ir.Server(url="/", variables=(("v", "", ()), ("w", "1", ("1", "2")))),
        ir.Scheme(key="k", words=("k",), kind="oauth2", flows=(ir.Flow(kind="implicit", scopes=(("a", ""),)),)),
    ],
    ids=lambda part: type(part).__name__,
)
def test_each_shape_of_field_comes_back(part: Any) -> None:
    text = json.dumps(ir_json.plain(part))
    found = ir_json.read(type(part), json.loads(text))
    assert found == part
    assert repr(found) == repr(part), "False, 0 and 0.0 are told apart"


def test_what_is_left_out_is_the_default() -> None:
    assert ir_json.plain(made()) == {"kind": "any"}
    assert ir_json.plain(made(default=0)) == {"kind": "any", "default": 0}
    properties = ir_json.schema()["$defs"]["Type"]["properties"]
    assert properties["nullable"] == {"type": "boolean", "default": False}
    assert properties["members"]["items"] == {"$ref": "#/$defs/Type"}
    assert properties["members"]["default"] == []
    assert properties["pattern"] == {"type": "string", "default": ""}
    assert properties["unique_items"]["default"] is False
    assert "default" not in properties["kind"]
    assert properties["exclusive"]["description"] == "Of a union: a value is exactly one of the members."


def test_the_schema_names_every_class_and_field() -> None:
    classes = {name: cls for name, cls in vars(ir).items() if isinstance(cls, type) and dataclasses.is_dataclass(cls)}
    definitions = ir_json.schema()["$defs"]
    assert definitions.keys() == classes.keys()
    for name, cls in classes.items():
        assert list(definitions[name]["properties"]) == [field.name for field in dataclasses.fields(cls)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda d: d.update(ir=2), 'is not {"ir": 1, "api": …}'),
        (lambda d: d.update(more=1), 'is not {"ir": 1, "api": …}'),
        (lambda d: d["api"].pop("name"), "#/: 'name' is missing"),
        (lambda d: d["api"].update(nmae=""), "#/: 'nmae' is not known"),
        (lambda d: d["api"].update(title=1), "#/title: is not a string"),
        (lambda d: d["api"]["functions"][0].update(access="own"), "#/functions/0/access: is none of 'read', 'write'"),
        (lambda d: d["api"]["functions"][0].update(access=[]), "#/functions/0/access: is none of 'read', 'write'"),
        (lambda d: d["api"]["functions"][0].update(billed=1), "#/functions/0/billed: is not a boolean"),
        (lambda d: d["api"]["functions"][0]["place"].update(line=True), "#/functions/0/place/line: is not an integer"),
        (lambda d: d["api"]["schemes"][0].update(parts=[["a"]]), "#/schemes/0/parts/0: is not an array of 2"),
        (lambda d: d["api"].update(models=[]), "#/models: is not an object"),
        (lambda d: d["api"].update(functions={}), "#/functions: is not an array"),
        (lambda d: d["api"]["models"].update({"a/b~": 1}), "#/models/a~1b~0: is not an object"),
    ],
)
def test_something_else_is_refused(change: Any, message: str) -> None:
    document = json.loads(ir_json.dumps(replicate()))
    change(document)
    with pytest.raises(ir_json.Unreadable) as caught:
        ir_json.loads(json.dumps(document))
    assert str(caught.value) == message
    assert not validator().is_valid(document)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "[" * 100_000, b"\xff"])
def test_what_is_no_document_is_refused(text: str | bytes) -> None:
    with pytest.raises(ir_json.Unreadable):
        ir_json.loads(text)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    case = next(path for path in CASES)
    assert cli.main(["ir", "--openapi", str(case / "openapi.yaml")]) == 0
    project = settings.load(ROOT / "pyproject.toml").of_another_document.project
    inputs = pipeline.Inputs(case / "openapi.yaml", root=ROOT, project=project)
    assert ir_json.loads(capsys.readouterr().out) == pipeline.load(inputs)
    assert cli.main(["ir", "--schema"]) == 0
    assert json.loads(capsys.readouterr().out) == ir_json.schema()
