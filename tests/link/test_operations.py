"""No operation is lost: each is a function or an entry of the ledger, whatever way a document writes it."""

from __future__ import annotations

import itertools
import json
import random
import re
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import link, pipeline
from generator.check.rules import lint
from generator.errors import GeneratorBug
from generator.ir import Api
from generator.link.identity import apart
from generator.read import documents, openapi

TESTS = Path(__file__).parents[1]
NPM = TESTS / "npm/node_modules"
PACKAGES = ("@figma/rest-api-spec", "@readme/oas-examples")
"""Packages of npm that hold documents nobody here wrote."""
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace", "query"}


# ── an independent count ────────────────────────────────────────────────────────────────────────────────────────


def counted(path: Path) -> list[str]:
    """The pointer of every operation below `paths`, by the specification and nothing of ours."""
    load = lambda at: yaml.load(at.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))

    def whole(node: Any, at: Path) -> dict[str, Any]:
        if not isinstance(node, dict) or "$ref" not in node:
            return node if isinstance(node, dict) else {}
        file, _, pointer = node["$ref"].partition("#")
        at = at.parent / file if file else at
        found = load(at)
        for step in pointer.split("/")[1:]:
            found = found[step.replace("~1", "/").replace("~0", "~")]
        return {**whole(found, at), **{key: value for key, value in node.items() if key != "$ref"}}

    found = []
    for name, written in (load(path).get("paths") or {}).items():
        item = whole(written, path) if not name.startswith("x-") else {}
        place = "/paths/" + name.replace("~", "~0").replace("/", "~1")
        found += [f"{place}/{method}" for method in item if method in METHODS]
        found += [f"{place}/additionalOperations/{method}" for method in item.get("additionalOperations") or {}]
    return found


def check(path: Path, found: Api) -> int:
    """The numbers of a document: what it declares is what functions and ledger hold, each once."""
    declared = counted(path)
    entered = {loss.pointer for loss in found.losses if loss.kind == "dropped"} & {*declared}
    assert len(found.functions) + len(entered) == len(declared), path
    assert len({function.name for function in found.functions}) == len(found.functions)
    assert not lint(found)
    return len(declared)


OWN = sorted(
    [
        TESTS.parent / "spec/openapi.yaml",
        *TESTS.glob("surfaces/cases/*/openapi.yaml"),
        *TESTS.glob("link/accounted/*/openapi.yaml"),
    ]
)


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.parent.name)
def test_documents_written_here(path: Path) -> None:
    catalog = path.with_name("catalog.yaml")
    check(path, link.load(documents.read(path, catalog if catalog.exists() else None)))


@pytest.mark.parametrize("package", PACKAGES)
def test_documents_nobody_here_wrote(package: str) -> None:
    folder = NPM / package
    if not folder.is_dir():
        pytest.skip(f"{package} is not installed (npm ci --prefix tests/npm)")
    paths = [path for path in sorted(folder.rglob("*")) if path.suffix in (".json", ".yaml") and is_openapi(path)]
    assert paths
    assert sum(check(path, link.load(documents.read(path))) for path in paths) > 40


def is_openapi(path: Path) -> bool:
    return re.search(r"""^\s*["']?openapi["']?: *["']?3\.""", path.read_text("utf-8"), re.MULTILINE) is not None


def test_files_of_a_run_hold_what_the_document_declares(tmp_path: Path) -> None:
    path = TESTS / "link/accounted/signs/openapi.yaml"
    pipeline.generate(pipeline.Inputs(path), tmp_path)
    (functions,) = tmp_path.glob("python/*/functions/functions.json")
    tools = json.loads((tmp_path / "mcp/tools.json").read_text("utf-8"))["tools"]
    ledger = json.loads((tmp_path / "ledger.json").read_text("utf-8"))["losses"]
    entered = {loss["pointer"] for loss in ledger if loss["kind"] == "dropped"} & {*counted(path)}
    listed = json.loads(functions.read_text("utf-8"))["functions"]
    assert len(listed) == len(tools) == len(counted(path)) - len(entered) == 16


def test_a_run_that_loses_one_says_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true = openapi.Document.operations
    lossy = lambda document: (each for each in true(document) if each.method != "POST")
    monkeypatch.setattr(openapi.Document, "operations", lossy)
    with pytest.raises(GeneratorBug, match=r"3 operations, 2 functions and 0 ledger entries .*: POST /b is lost"):
        api(tmp_path, {"/a": {"get": {}}, "/b": {"get": {}, "post": {}}})


# ── names ───────────────────────────────────────────────────────────────────────────────────────────────────────


def api(folder: Path, paths: Any, version: str = "3.1.0", **more: Any) -> Api:
    document = {"openapi": version, "info": {"title": "Pets", "version": "1"}, "paths": paths, **more}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def op(key: str = "", **more: Any) -> dict[str, Any]:
    return {**({"operationId": key} if key else {}), "responses": {}, **more}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"/users": "", "/users/~": ""}, ["get_users", "get_users_tilde"]),
        ({"/jobs": "", "/jobs/": ""}, ["get_jobs", "get_jobs_slash"]),
        ({"/aliases/{id}": "", "/aliases/id": ""}, ["get_alias", "get_alias_id"]),
        ({"/a-b": "", "/a_b": ""}, ["get_a_dash_b", "get_a_underscore_b"]),
        ({"/Users": "", "/users": ""}, ["get_slash_capital_users", "get_slash_users"]),
        ({"/a": "list", "/b": "list"}, ["list_a", "list_b"]),
        ({"/c": "wash", "/a": "list", "/b": "list"}, ["wash", "list_a", "list_b"]),
        ({"/rules/sms/{id}": "list", "/rules/email/{id}": "list"}, ["list_rules_sms", "list_rules_email"]),
        ({"/rules": "list", "/rules/email": "list"}, ["list_rules", "list_rules_email"]),
        ({"/rules": "list", "/rules/{id}": "list"}, ["list_rules", "list_rules_id"]),
        ({"/a": "getPet", "/b": "get_pet", "/c": "GETPET"}, ["get_pet_a", "get_pet_b", "getpet"]),
        ({"/a": "get_users", "/users": ""}, ["get_users", "list_users"]),
        ({"/a": "list_users", "/users": ""}, ["list_users_a", "list_users_users"]),
        ({"/a": "pets.toys", "/b": "pets.toys.list"}, ["toys", "list_toys"]),
        ({"/v1/users": "", "/v2/users": ""}, ["list_users_v1", "list_users_v2"]),
        ({"/日": "", "/本": ""}, ["get_u65e5", "get_u672c"]),
        ({"/~": "", "/tilde": "", "/": ""}, None),
        ({"/a/b": "", "/A/b": "", "/a/B": "", "/a-b": "", "/a/b/": "", "/a//b": "", "//a/b": "", "/{a}/b": ""}, None),
        ({f"/{'very/long/' * 9}{end}": "" for end in ("a", "b", "c")}, None),
        ({f"/{'x' * 90}{end}": "" for end in ("a", "b", "c")}, None),
    ],
)  # fmt: skip
def test_operations_that_are_spelled_alike_are_told_apart(
    tmp_path: Path, written: dict[str, str], expected: list[str] | None
) -> None:
    """By words, the same whatever order they stand in; each that is not called as it is written is in the ledger."""
    named: Counter[tuple[tuple[str, str], ...]] = Counter()
    for order in itertools.islice(itertools.permutations(written), 24):
        found = api(tmp_path, {path: {"get": op(written[path])} for path in order})
        assert not lint(found)
        assert all(
            len(function.name) <= 40 and not re.search("[0-9a-f]{8}", function.name) for function in found.functions
        )
        assert len({function.operation_id for function in found.functions}) == len(written)
        named[tuple(sorted((function.path, function.name) for function in found.functions))] += 1
    assert len(named) == 1
    (names,) = map(dict, named)
    if expected is not None:
        assert names == {path: f"pets_{name}" for path, name in zip(written, expected, strict=True)}
    for path, name in names.items():
        told = any(loss.kind == "degraded" and f"named {name!r}" in loss.reason for loss in found.losses)
        (alone,) = api(tmp_path, {path: {"get": op(written[path])}}).functions
        assert told == (name != alone.name) or "too long" in str(found.losses)


def test_no_two_choices_claim_the_same() -> None:
    """Whoever has to give way, in any order: as many choices as items, few to choose from, whole ones and cut ones."""
    for seed in range(200):
        choose(random.Random(seed))


def choose(drawn: random.Random) -> None:
    lists = [
        [(drawn.choice("abcdef"), drawn.random() < 0.3, 0) for _ in range(drawn.randint(1, 5))]
        for _ in range(drawn.randint(2, 12))
    ]

    def chosen(order: list[int]) -> list[tuple[str, bool, int]]:
        return apart(
            [iter(lists[index]) for index in order],
            lambda _, choice: [(choice[0], choice[2])],
            set(),
            sorted(range(len(order)), key=lambda place: order[place]),
            lambda choice, number: (choice[0], False, number),
            lambda choice: (choice[1],),
        )

    order = list(range(len(lists)))
    plain = chosen(order)
    assert len({(name, number) for name, _, number in plain}) == len(lists)
    drawn.shuffle(order)
    assert [plain[index] for index in order] == chosen(order)


def test_every_pair_of_signs_is_told_apart_by_words(tmp_path: Path) -> None:
    signs = [chr(code) for code in range(33, 127) if chr(code) not in "{}/#?"]
    found = api(tmp_path, {f"/x{sign}": {"get": op()} for sign in signs})
    assert len(found.functions) == len(signs) and not lint(found)
    assert not [
        function.name
        for function in found.functions
        if re.search(r"_[0-9]+$", function.name) and function.path[-1] not in "0123456789"
    ]


def test_hundreds_that_have_no_word_left_are_numbered_in_the_order_of_their_paths(tmp_path: Path) -> None:
    paths = ["/" + "".join(each) for each in itertools.product(("~", " tilde "), repeat=8)]
    found = api(tmp_path, {path: {"get": op()} for path in paths})
    assert len(found.functions) == 256 and not lint(found)
    again = api(tmp_path, {path: {"get": op()} for path in reversed(paths)})
    assert {f.path: f.name for f in found.functions} == {f.path: f.name for f in again.functions}


# ── references ──────────────────────────────────────────────────────────────────────────────────────────────────

LIMIT = {"name": "limit", "in": "query", "schema": {"type": "integer"}}
BODY = {
    "required": True,
    "content": {"application/json": {"schema": {"type": "object", "properties": {"name": {"type": "string"}}}}},
}
ANSWER = {
    "description": "ok",
    "headers": {"X-Left": {"schema": {"type": "integer"}}},
    "content": {
        "application/json": {
            "schema": {"type": "object", "properties": {"id": {"type": "string"}}},
            "examples": {"one": {"value": {"id": "a"}}},
        }
    },
}
CALLBACK = {"{$request.body#/url}": {"post": op()}}
MAKE = op("makePet", parameters=[LIMIT], requestBody=BODY, callbacks={"made": CALLBACK})
MAKE["responses"] = {"200": {**ANSWER, "links": {"next": {"operationId": "makePet"}}}}
WRITTEN_OUT = {
    "/pets/{id}": {
        "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
        "post": MAKE,
    }
}


def test_every_part_of_an_operation_may_be_a_reference(tmp_path: Path) -> None:
    expected = api(tmp_path, WRITTEN_OUT)
    (tmp_path / "parts").mkdir()
    parts = {
        "make": {
            **MAKE,
            "parameters": [{"$ref": "../api.json#/components/parameters/limit"}],
            "requestBody": {"$ref": "#/body"},
            "responses": {"200": {"$ref": "#/answer"}},
            "callbacks": {"made": {"$ref": "more.yaml#/callback"}},
        },
        "body": {"required": True, "content": {"application/json": {"$ref": "#/media"}}},
        "media": BODY["content"]["application/json"],  # type: ignore[index]
        "answer": {
            **ANSWER,
            "headers": {"X-Left": {"$ref": "more.yaml#/header"}},
            "content": {"application/json": {
                **ANSWER["content"]["application/json"], "examples": {"one": {"$ref": "more.yaml#/example"}},  # type: ignore[index]
            }},
            "links": {"next": {"$ref": "more.yaml#/link"}},
        },
    }  # fmt: skip
    more = {
        "callback": CALLBACK, "header": ANSWER["headers"]["X-Left"], "link": {"operationId": "makePet"},  # type: ignore[index]
        "example": {"value": {"id": "a"}}, "id": WRITTEN_OUT["/pets/{id}"]["parameters"],
    }  # fmt: skip
    (tmp_path / "parts/pets.json").write_text(json.dumps(parts), "utf-8")
    (tmp_path / "parts/more.yaml").write_text(json.dumps(more), "utf-8")
    components = {
        "parameters": {"limit": LIMIT, "id": {"$ref": "parts/more.yaml#/id/0"}},
        "pathItems": {"pet": {"post": {"$ref": "parts/pets.json#/make"}}},
    }
    item = {"$ref": "#/components/pathItems/pet", "parameters": [{"$ref": "#/components/parameters/id"}]}
    found = api(tmp_path, {"/pets/{id}": item}, components=components)
    assert bare(found.functions) == bare(expected.functions)
    assert bare(found.models) == bare(expected.models)
    assert Counter(loss.kind for loss in found.losses) == Counter(loss.kind for loss in expected.losses)
    assert any(
        loss.pointer.startswith("parts/more.yaml#/") for loss in found.losses
    ), "a place in another file names it"


def bare(value: Any) -> Any:
    """The IR without the places in it."""
    if isinstance(value, (list, tuple)):
        return [bare(each) for each in value]
    if isinstance(value, dict):
        return {key: bare(each) for key, each in value.items() if key != "place"}
    return bare(asdict(value)) if hasattr(value, "__dataclass_fields__") else value


def test_what_stands_beside_a_reference_counts(tmp_path: Path) -> None:
    components = {
        "pathItems": {"pet": {"get": op("read"), "put": op("write", summary="far")}},
        "parameters": {"limit": {**LIMIT, "description": "far"}},
    }
    item = {
        "$ref": "#/components/pathItems/pet",
        "get": op("near", parameters=[{"$ref": "#/components/parameters/limit", "description": "near"}]),
        "delete": op("remove"),
        "patch": {"$ref": "#/components/pathItems/pet/put", "operationId": "change", "summary": "near"},
    }
    found = api(tmp_path, {"/pets": item}, components=components)
    assert {(f.operation_id, f.method, f.summary) for f in found.functions} == {
        ("near", "GET", "GET /pets"), ("write", "PUT", "far"), ("remove", "DELETE", "DELETE /pets"), ("change", "PATCH", "near")
    }  # fmt: skip
    assert [p.description for p in next(f for f in found.functions if f.method == "GET").params] == ["near"]
    assert [(loss.kind, loss.pointer) for loss in found.losses] == [("dropped", "/components/pathItems/pet/get")]


def test_a_schema_may_be_named_by_its_anchor(tmp_path: Path) -> None:
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": "#pet"}}}}}
    schemas = {"Pet": {"$anchor": "pet", "type": "object", "properties": {"name": {"type": "string"}}}}
    found = api(tmp_path, {"/pets": {"get": op("read", responses=answer)}}, components={"schemas": schemas})
    assert found.functions[0].result.type is not None and found.functions[0].result.type.model == "Pet"


# ── methods ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("item", "functions", "entries"),
    [
        ({method: op() for method in METHODS}, {method.upper() for method in METHODS}, {}),
        ({"additionalOperations": {"COPY": op(), "copy": op()}}, {"COPY", "copy"}, {}),
        ({"get": op(), "additionalOperations": {"GET": op()}}, {"GET"}, {"additionalOperations/GET": "is also declared as 'get'"}),
        ({"additionalOperations": {"A\r\nHost: x": op()}}, set(), {"additionalOperations/A\r\nHost: x": "not a valid HTTP method"}),
        ({"GET": op(), "purge": op()}, set(), {"GET": "write the method as 'get'", "purge": "not a method of OpenAPI"}),
        ({"get": op(), "x-get": op(), "x-note": {"a": 1}}, {"GET"}, {"x-get": "looks like an operation"}),
        ({"summary": "a", "description": "b", "servers": [], "parameters": []}, set(), {}),
    ],
)  # fmt: skip
def test_each_key_of_a_path_item_is_a_function_or_an_entry(
    tmp_path: Path, item: dict[str, Any], functions: set[str], entries: dict[str, str]
) -> None:
    found = api(tmp_path, {"/a": item}, version="3.2.0")
    assert {function.method for function in found.functions} == functions
    dropped = {loss.pointer.removeprefix("/paths/~1a/"): loss.reason for loss in found.losses if loss.kind == "dropped"}
    assert dropped.keys() == entries.keys()
    assert all(entries[key] in dropped[key] for key in entries)


def test_each_request_that_the_api_makes_is_an_entry(tmp_path: Path) -> None:
    hooks = {"made": {"post": op("a"), "put": op("b")}, "gone": {"$ref": "#/components/pathItems/gone"}, "empty": {}}
    calls = {
        "done": {"{$url}/a": {"post": op()}, "{$url}/b": {"$ref": "#/components/pathItems/gone"}},
        "other": {"$ref": "#/components/callbacks/other"},
    }
    components = {"pathItems": {"gone": {"delete": op()}}, "callbacks": {"other": {"{$url}": {"get": op()}}}}
    found = api(
        tmp_path,
        {"/a": {"post": op("start", callbacks=calls)}, "/b": {"post": op("again", callbacks=calls)}},
        webhooks=hooks,
        components=components,
    )
    reasons = sorted(loss.reason for loss in found.losses)
    assert [reason.split(" of ")[1].split(" is not")[0] for reason in reasons if "webhook" in reason and " of " in reason] == [
        "the webhook 'gone'", "the webhook 'made'", "the webhook 'made'"
    ]  # fmt: skip
    assert "the webhook 'empty' is not rendered" in reasons
    assert sum("callback" in reason for reason in reasons) == 6, "three requests of each of two operations"


# ── placeholders ────────────────────────────────────────────────────────────────────────────────────────────────


def declared(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}, **more}


@pytest.mark.parametrize(
    ("path", "params", "sent", "arguments", "entry"),
    [
        ("/a/{id}", [declared("id")], "/a/{id}", {"id": "integer"}, ""),
        ("/a/{id}", [], "/a/{id}", {"id": "string"}, "degraded: `{id}` of the path has no parameter"),
        ("/a/{id}.json", [], "/a/{id}.json", {"id": "string"}, "degraded: `{id}`"),
        ("/a/{x}-{y}", [declared("x")], "/a/{x}-{y}", {"x": "integer", "y": "string"}, "degraded: `{y}`"),
        ("/a/{id}/b/{id}", [declared("id")], "/a/{id}/b/{id}", {"id": "integer"}, "kept: `{id}` is more than once"),
        ("/a/{id}/{ID}", [declared("id")], "/a/{id}/{ID}", {"id": "integer", "capital_id": "string"}, "degraded: `{ID}`"),
        ("/a/{userId}", [declared("user_id")], "/a/{userId}", {"user_id": "integer"}, "kept: the parameter 'user_id' fills"),
        ("/a", [declared("id")], "/a", {}, "dropped: the parameter 'id' has no placeholder in /a"),
        ("/a/{+path}", [declared("path")], "/a/{path}", {"path": "integer"}, "degraded: `{+path}` in the path is filled as `{path}`"),
        ("/a/{ids*}", [declared("ids")], "/a/{ids}", {"ids": "integer"}, "degraded: `{ids*}`"),
        ("/a/{id:3}", [declared("id")], "/a/{id}", {"id": "integer"}, "degraded: `{id:3}`"),
        ("/a{/x,y}", [], "/a/{x}/{y}", {"x": "string", "y": "string"}, "degraded: `{/x,y}`"),
        ("/a/x{.format}", [], "/a/x{format}", {"format": "string"}, "degraded: `{.format}`"),
        ("/a{;m}", [], "/a{m}", {"m": "string"}, "degraded: `{;m}`"),
        ("/a{?q,p*}", [], "/a", {"q": "string", "p": "array"}, "degraded: `{?q,p*}` in the path is read as parameters of the query"),
        ("/a{?q}", [{**declared("q"), "in": "query", "required": False}], "/a", {"q": "integer"}, "degraded: `{?q}`"),
        ("/a{#part}", [], "/a", {}, "degraded: `{#part}` in the path is a fragment"),
        ("/a#b", [], "/a", {}, "degraded: the part of the path after `#`"),
        ("/a/{}", [], "/a/{value}", {"value": "string"}, "degraded: `{}`"),
        ("/a/{id", [], "/a/{id", {}, "degraded: a brace"),
        ("/a/{+id}", [declared("+id")], "/a/{+id}", {"id": "integer"}, ""),
    ],
)  # fmt: skip
def test_every_placeholder_has_a_parameter(
    tmp_path: Path, path: str, params: list[Any], sent: str, arguments: dict[str, str], entry: str
) -> None:
    found = api(tmp_path, {path: {"get": op("a", parameters=params)}})
    (function,) = found.functions
    assert function.path == sent
    assert {"_".join(p.words): p.type.kind for p in function.params} == arguments
    assert {f"{{{p.wire_name}}}" for p in function.params if p.location == "path"} <= {*re.findall(r"\{[^{}]*\}", sent)}
    assert all(p.required for p in function.params if p.location == "path")
    entries = [f"{loss.kind}: {loss.reason}" for loss in found.losses]
    assert any(each.startswith(entry) for each in entries) if entry else not entries


def test_a_parameter_of_the_operation_stands_for_that_of_the_path(tmp_path: Path) -> None:
    shared = [declared("id"), LIMIT, {**LIMIT, "in": "header"}]
    own = [{**LIMIT, "schema": {"type": "string"}}, LIMIT]
    found = api(tmp_path, {"/a/{id}": {"parameters": shared, "get": op("a", parameters=own)}})
    assert [(p.wire_name, p.location, p.type.kind) for p in found.functions[0].params] == [
        ("id", "path", "integer"), ("limit", "query", "integer"), ("limit", "header", "integer")
    ]  # fmt: skip
    assert any("is twice in one list; the last one is used" in loss.reason for loss in found.losses)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (["fooBar", "foo_bar", "foo-bar"], {"foo_bar", "foo_underscore_bar", "foo_dash_bar"}),
        (["id", "ID", "Id"], {"id", "capital_id", "capital_i_d"}),
        (["a.b", "a b", "a_b"], None),
        ([f"a{'_' * n}" for n in range(1, 6)], None),
        (["StartTime", "StartTime<", "StartTime>"], {"start_time", "start_time_before", "start_time_after"}),
        (["Size", "Size<", "Size>="], {"size", "size_below", "size_or_at_above"}),
        (["a", "+1", "-1"], {"a", "plus_1", "minus_1"}),
    ],
)
def test_arguments_that_are_spelled_alike_are_told_apart(
    tmp_path: Path, fields: list[str], expected: set[str] | None
) -> None:
    """The same whatever order they stand in."""
    every = set()
    for order in itertools.islice(itertools.permutations(fields), 24):
        schema = {"type": "object", "properties": {name: {"type": "string"} for name in order}}
        body = {"content": {"application/json": {"schema": schema}}}
        found = api(tmp_path, {"/a": {"post": op("a", requestBody=body)}})
        every.add(frozenset((p.wire_name, "_".join(p.words)) for p in found.functions[0].params))
        assert not lint(found)
        alike = "a" not in fields
        assert sum("its own name is taken" in loss.reason for loss in found.losses) == (len(fields) - 1) * alike
    (named,) = every
    called = {name for _, name in named}
    assert len(called) == len(fields) and (expected is None or called == expected)


def test_a_parameter_without_a_name_is_told_and_not_sent(tmp_path: Path) -> None:
    found = api(tmp_path, {"/a": {"get": op("a", parameters=[{"name": "", "in": "header"}, LIMIT])}})
    assert [p.wire_name for p in found.functions[0].params] == ["limit"]
    assert [loss.kind for loss in found.losses if "has no name, and is not sent" in loss.reason] == ["dropped"]


def test_what_frames_a_message_is_no_argument(tmp_path: Path) -> None:
    """RFC 9112, 6: a length of one's own would be another than the body's, and the request one that nobody can read."""
    named = ("content-length", "Transfer-Encoding", "Content-Range")
    params = [{"name": name, "in": "header", "schema": {"type": "string"}, "required": True} for name in named]
    found = api(tmp_path, {"/a": {"put": op("a", parameters=params)}})
    assert [p.wire_name for p in found.functions[0].params] == ["Content-Range"]
    assert [loss.kind for loss in found.losses if "RFC 9112" in loss.reason] == ["dropped", "dropped"]
