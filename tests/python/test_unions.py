"""What an answer that may be one of several objects is: by OpenAPI's Discriminator Object, else by JSON Schema."""

from __future__ import annotations

import copy
import importlib
import json
import pickle
import random
import subprocess
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import type_checks
import yaml
from scripted import Scripted, of, scripted

from generator import pipeline

Json = dict[str, Any]
ROOT = Path(__file__).parents[2]
FIGMA = ROOT / "tests/npm/node_modules/@figma/rest-api-spec/openapi/openapi.yaml"
TEXT = {"type": "string"}


def ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def obj(*required: str, **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": {name: TEXT for name in required} | properties}


def lists(of: Json) -> Json:
    return {"type": "array", "items": of}


def maps(of: Json) -> Json:
    return {"type": "object", "additionalProperties": of}


PERSON = ref("Person")
SCHEMAS = {
    "Cat": obj("petType", claws={"type": "integer"}),
    "Dog": obj("petType", friend=ref("Pet")),
    "Lizard": obj("petType"),
    "Pet": {
        "oneOf": [ref("Cat"), ref("Dog"), ref("Lizard")],
        "discriminator": {
            "propertyName": "petType",
            "mapping": {"kitty": "#/components/schemas/Cat", "hound": "Dog"},
        },
    },
    "Other": {
        "anyOf": [ref("Cat"), ref("Lizard")],
        "discriminator": {"propertyName": "petType", "defaultMapping": "Lizard"},
    },
    "Circle": obj("r", kind={"const": "circle"}),
    "Square": obj("a", kind={"type": "string", "enum": ["square"]}),
    "Person": obj("name", "born", born={"type": "string", "format": "date"}, note=TEXT),
    "Firm": obj("name", "vat"),
    "Who": {"oneOf": [PERSON, ref("Firm")]},
    "Tree": {"oneOf": [ref("Leaf"), lists(ref("Tree"))]},
    "Leaf": obj("leaf"),
    "Holder": obj("id", pet=ref("Pet"), rows=lists(lists(PERSON)), free={"anyOf": [PERSON, maps({})]}),
}
RESULTS = {
    "pet": ref("Pet"),
    "other": ref("Other"),
    "shapes": lists({"anyOf": [ref("Circle"), ref("Square")]}),
    "who": ref("Who"),
    "grid": lists(lists(ref("Pet"))),
    "people": maps(lists(PERSON)),
    "days": maps(lists({"type": "string", "format": "date-time"})),
    "tree": ref("Tree"),
    "either": {"anyOf": [PERSON, lists(ref("Firm")), TEXT, {"type": "null"}]},
    "maybe": {"type": ["array", "null"], "items": PERSON},
    "holder": ref("Holder"),
    "rows": lists(maps(PERSON)),
}


def document() -> Json:
    paths: Json = {
        f"/{name}": {
            "get": {
                "operationId": name,
                "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}},
            }
        }
        for name, schema in RESULTS.items()
    }
    body = {"required": True, "content": {"application/json": {"schema": ref("Pet")}}}
    paths["/pet"]["post"] = {"operationId": "send", "requestBody": body, "responses": {"204": {"description": ""}}}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Zoo", "version": "1"},
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unions")
    (folder / "zoo.json").write_text(json.dumps(document()), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "zoo.json"), folder / "out", surfaces=["python"])
    return folder / "out/python"


@pytest.fixture(scope="module")
def zoo(made: Path) -> Iterator[Any]:
    sys.path.insert(0, str(made))
    try:
        yield importlib.import_module("zoo_kit")
    finally:
        sys.path.remove(str(made))
        for name in [name for name in sys.modules if name.split(".")[0] == "zoo_kit"]:
            del sys.modules[name]


@pytest.fixture
def server() -> Iterator[Scripted]:
    with scripted() as found:
        yield found


def asked(package: Any, server: Scripted, name: str, answer: Any) -> Any:
    """What the client gives for an answer of the server."""
    server.answers[f"/v1/{name}"] = [of(answer)]
    with package.Zoo("secret", base_url=server.base_url) as client:
        group = getattr(client, name)
        return group.list() if hasattr(group, "list") else group.get()


CAT, MIMI = {"petType": "Cat", "claws": 18}, {"name": "Mimi", "born": "1990-02-03"}
FIRM = {"name": "ACME", "vat": "1"}
# OpenAPI 3.2, 4.25.1 to 4.25.4: the name of a component means it unless it is mapped; a mapped value is a name or a URI.
DISCRIMINATED = [
    ("pet", "Cat", "Cat"),
    ("pet", "Dog", "Dog"),
    ("pet", "kitty", "Cat"),
    ("pet", "hound", "Dog"),
    ("pet", "Lizard", "Lizard"),
    ("pet", "Snake", "View"),
    ("pet", 3, "View"),
    ("pet", None, "View"),
    ("other", "Cat", "Cat"),
    ("other", "Snake", "Lizard"),
]


@pytest.mark.parametrize(("name", "value", "expected"), DISCRIMINATED)
def test_the_discriminator_tells(zoo: Any, server: Scripted, name: str, value: Any, expected: str) -> None:
    found = asked(zoo, server, name, {"petType": value, "more": 1})
    assert type(found).__name__ == expected
    assert found.to_dict() == {"petType": value, "more": 1} and found["more"] == 1


def test_without_the_discriminator_the_default_or_nothing_is_told(zoo: Any, server: Scripted) -> None:
    assert type(asked(zoo, server, "pet", {"a": 1})).__name__ == "View"
    assert type(asked(zoo, server, "other", {"a": 1})).__name__ == "Lizard"


def test_constants_and_what_must_be_there_tell(zoo: Any, server: Scripted) -> None:
    shapes = [{"kind": "circle", "r": "1"}, {"kind": "square", "a": "1"}, {"kind": "star", "r": "1", "a": "1"}, 7]
    found = asked(zoo, server, "shapes", shapes)
    assert [type(each).__name__ for each in found] == ["Circle", "Square", "View", "int"]
    assert found.to_list() == shapes
    assert type(asked(zoo, server, "who", MIMI)).__name__ == "Person"
    assert type(asked(zoo, server, "who", FIRM)).__name__ == "Firm"
    assert type(asked(zoo, server, "who", {"name": "x"})).__name__ == "View"
    assert type(asked(zoo, server, "who", {**MIMI, **FIRM})).__name__ == "View"  # fits both, so it is neither


def test_within_lists_and_maps_however_deep(zoo: Any, server: Scripted) -> None:
    grid = asked(zoo, server, "grid", [[CAT, {"petType": "hound", "friend": CAT}], []])
    assert [[type(pet).__name__ for pet in row] for row in grid] == [["Cat", "Dog"], []]
    assert grid[0][1].friend.claws == 18
    people = asked(zoo, server, "people", {"a": [MIMI]})
    assert people["a"][0].born == date(1990, 2, 3)
    days = asked(zoo, server, "days", {"x": ["2024-01-02T03:04:05Z", "soon"]})
    assert list(days["x"]) == [datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC), "soon"]
    rows = asked(zoo, server, "rows", [{"a": MIMI, "b": None}])
    assert rows[0]["a"].name == "Mimi" and rows[0]["b"] is None
    tree = asked(zoo, server, "tree", [[{"leaf": "x"}], {"leaf": "y"}])
    assert tree[0][0].leaf == "x" and tree[1].leaf == "y"
    holder = asked(zoo, server, "holder", {"id": "1", "pet": CAT, "rows": [[MIMI]], "free": {"other": 1}})
    assert holder.pet.claws == 18 and holder.rows[0][0].born == date(1990, 2, 3) and holder.free == {"other": 1}


def test_other_kinds_of_values_and_null_stay(zoo: Any, server: Scripted) -> None:
    assert asked(zoo, server, "either", "text") == "text"
    assert asked(zoo, server, "either", None) is None
    assert asked(zoo, server, "either", [FIRM])[0].vat == "1"
    assert asked(zoo, server, "either", MIMI).name == "Mimi"
    assert asked(zoo, server, "maybe", None) is None
    assert asked(zoo, server, "maybe", [MIMI])[0].name == "Mimi"


def test_lists_are_copied_and_pickled(zoo: Any, server: Scripted) -> None:
    for name, answer in (("grid", [[CAT]]), ("shapes", [{"kind": "circle", "r": "1"}])):
        found = asked(zoo, server, name, answer)
        assert pickle.loads(pickle.dumps(found)) == found == copy.deepcopy(found)


PROGRAM = """
from collections.abc import Mapping
from datetime import date, datetime
from typing import assert_type

from zoo_kit import Zoo, types
from zoo_kit.runtime.views import Items, View


def program(client: Zoo) -> str | None:
    pet = client.pet.get()
    assert_type(pet, types.Cat | types.Dog | types.Lizard | View)
    if isinstance(pet, types.Cat):
        assert_type(pet.claws, int | None)
    match pet:
        case types.Dog():
            assert_type(pet.friend, types.Cat | types.Dog | types.Lizard | View | None)
        case View():
            print(pet["petType"])
    for row in client.grid.get():
        for each in row:
            if isinstance(each, types.Dog):
                return each.pet_type
    assert_type(client.days.list(), Mapping[str, Items[datetime]])
    assert_type(client.rows.list()[0]["a"].born, date)
    assert_type(client.maybe.get(), Items[types.Person] | None)
    for shape in client.shapes.list():
        if isinstance(shape, types.Circle):
            return shape.r
    cat: types.CatInput = {"petType": "Cat", "claws": 1}
    client.pet.send(body=cat)
    client.pet.send(body={"petType": "Dog", "friend": cat})
    client.pet.send(body={"petType": 1})  # wrong
    client.holder.get().pet.claws  # wrong
    return None
"""


@pytest.mark.long
def test_type_checkers_narrow_them(made: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM, "utf-8")
    wrong = [n for n, line in enumerate(PROGRAM.split("\n"), 1) if "# wrong" in line]
    done = type_checks.mypy(tmp_path_factory, program, cwd=made, path=made)
    found = sorted({int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line})
    assert found == wrong, done.stdout + done.stderr
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", program],
        cwd=made, capture_output=True, text=True, check=False, env={"PYTHONPATH": str(made), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    told = json.loads(done.stdout)["generalDiagnostics"]
    found = sorted({each["range"]["start"]["line"] + 1 for each in told if each["severity"] == "error"})
    assert found == wrong, done.stdout + done.stderr


# ── a real document, read by nothing of ours ────────────────────────────────────────────────────────────────────


class Maker:
    """Random answers by a schema; remembers which component the discriminator says that each object of a union is."""

    def __init__(self, document: Json, seed: int) -> None:
        self.document = document
        self.random = random.Random(seed)
        self.meant: dict[int, str] = {}
        self.kept: list[Any] = []

    def made(self, schema: Json, depth: int = 0) -> Any:
        if "$ref" in schema:
            return self.made(self.component(schema["$ref"]), depth)
        if "oneOf" in schema or "anyOf" in schema:
            return self.union(schema, depth)
        if "allOf" in schema or "properties" in schema:
            return self.object(schema, depth)
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        match schema.get("type"):
            case "array":
                return [self.made(schema["items"], depth + 1) for _ in range(2 if depth < 5 else 0)]
            case "object":
                inner = schema.get("additionalProperties")
                return {"k": self.made(inner, depth + 1)} if isinstance(inner, dict) and depth < 9 else {}
            case "boolean":
                return True
            case "integer" | "number":
                return 1
        return "x"

    def union(self, schema: Json, depth: int) -> Any:
        member = self.random.choice(schema.get("oneOf") or schema["anyOf"])
        made = self.made(member, depth)
        mark = schema.get("discriminator")
        if mark is not None and isinstance(made, dict):
            told = {value: target for value, target in mark["mapping"].items() if target == member["$ref"]}
            made[mark["propertyName"]] = self.random.choice(sorted(told))
        if "$ref" in member and (mark is not None or self.constant(schema)):
            self.meant.setdefault(id(made), member["$ref"].rpartition("/")[2])
            self.kept.append(made)
        return made

    def constant(self, schema: Json) -> bool:
        """Whether a property of each member has one value, another one in each."""
        told: list[Json] = []
        members = schema.get("oneOf") or schema["anyOf"]
        for member in members if all("$ref" in each for each in members) else ():
            parts = self.component(member["$ref"]).get("allOf", [self.component(member["$ref"])])
            own = {k: v["enum"] for part in parts for k, v in part.get("properties", {}).items() if "enum" in v}
            told.append({name: values[0] for name, values in own.items() if len(values) == 1})
        return any(len({each.get(name) for each in told}) == len(told) for name in (told or [{}])[0])

    def object(self, schema: Json, depth: int) -> Json:
        found: Json = {}
        for part in schema.get("allOf", ()):
            found |= self.object(self.component(part["$ref"]) if "$ref" in part else part, depth)
        for name, inner in schema.get("properties", {}).items():
            if name in schema.get("required", ()) or depth < 6:
                found[name] = self.made(inner, depth + 1)
        return found

    def component(self, pointer: str) -> Json:
        found: Any = self.document
        for step in pointer.removeprefix("#/").split("/"):
            found = found[step]
        assert isinstance(found, dict)
        return found


def seen(value: Any, view: Any) -> Iterator[tuple[Any, Any]]:
    """Every object that came, with the view that it is looked at by."""
    if isinstance(value, list):
        for one, other in zip(value, view, strict=True):
            yield from seen(one, other)
    elif isinstance(value, dict):
        yield value, view
        for name, inner in value.items():
            if isinstance(view, Mapping):
                yield from seen(inner, view[name])
            elif (attribute := _attribute(view, name)) is not None:
                yield from seen(inner, getattr(view, attribute))


def _attribute(view: Any, wire: str) -> str | None:
    names = [name for cls in type(view).__mro__ for name in vars(cls).get("__annotations__", ())]
    return next((name for name in names if view._wire.get(name, name) == wire), None)


def test_a_real_document_of_unions_within_unions(tmp_path: Path) -> None:
    if not FIGMA.is_file():
        pytest.skip("Figma's document is not installed: npm ci --prefix tests/npm")
    document = yaml.load(FIGMA.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    pipeline.generate(pipeline.Inputs(FIGMA), tmp_path, surfaces=["python"])
    found: list[tuple[str, str]] = []
    package = next(each.parent.name for each in (tmp_path / "python").glob("*/types.py"))
    sys.path.insert(0, str(tmp_path / "python"))
    types = importlib.import_module(f"{package}.types")
    reader = importlib.import_module(f"{package}.runtime.views").reader
    for seed in range(60):
        maker = Maker(document, seed)
        answer = maker.made({"$ref": "#/components/schemas/Node"})
        for value, view in seen(answer, reader(types.__name__, "Node")(answer)):
            if id(value) in maker.meant:
                found.append((maker.meant[id(value)], type(view).__name__))
    sys.path.remove(str(tmp_path / "python"))
    print(f"{len(found)} objects of unions, of {len({one for one, _ in found})} classes")
    assert len({one for one, _ in found}) > 30
    assert [pair for pair in found if pair[0] != pair[1]] == []
