"""Extensions that other generators read, each as its documentation shows it; what cannot be read is in the ledger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.ir import Api, Function
from generator.read import documents, vendor_extensions

ANSWER = {
    "type": "object",
    "properties": {
        "next": {"type": "string"},
        "nextLink": {"type": "string"},
        "meta": {"type": "object", "properties": {"total": {"type": "integer"}, "more": {"type": "boolean"}}},
        "resultArray": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}}}},
        "value": {"type": "array", "items": {"type": "integer"}},
    },
}
PARAMETERS = [
    {"name": name, "in": "query", "schema": {"type": "string"}} for name in ("page", "limit", "cursor", "usr_nm")
]


def api(folder: Path, operation: Any, catalog: str = "", root: Any = None, second: Any = None) -> Api:
    answer = {"200": {"description": "ok", "content": {"application/json": {"schema": ANSWER}}}}
    one = {"operationId": "listThings", "tags": ["things"], "parameters": PARAMETERS, "responses": answer, **operation}
    two = {"operationId": "other", "tags": ["things"], "responses": answer, **(second or {})}
    paths = {"/things": {"get": one}, "/others": {"post": two}}
    whole = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": paths, **(root or {})}
    (folder / "api.json").write_text(json.dumps(whole))
    if not catalog:
        return link.load(documents.read(folder / "api.json"))
    (folder / "catalog.yaml").write_text(catalog)
    return link.load(documents.read(folder / "api.json", folder / "catalog.yaml"))


def things(found: Api) -> Function:
    return next(each for each in found.functions if each.path == "/things")


@pytest.mark.parametrize("name", ["x-speakeasy-name-override", "x-fern-sdk-method-name"])
def test_the_name_of_a_method(name: str, tmp_path: Path) -> None:
    found = api(tmp_path, {name: "getAll"})
    assert things(found).verb == ("get", "all") and things(found).name == "zoo_list_things"
    assert things(api(tmp_path, {name: "getAll"}, "functions: {zoo_list_things: {verb: every}}")).verb == ("every",)


@pytest.mark.parametrize(
    ("name", "value", "group"),
    [
        ("x-speakeasy-group", "zoo", "zoo"),
        ("x-speakeasy-group", "zoo.bigCats", "zoo.big_cats"),
        ("x-fern-sdk-group-name", "zoo", "zoo"),
        ("x-fern-sdk-group-name", ["zoo", "bigCats"], "zoo.big_cats"),
    ],
)
def test_a_group(name: str, value: Any, group: str, tmp_path: Path) -> None:
    assert things(api(tmp_path, {name: value})).group == group
    assert things(api(tmp_path, {name: value}, "functions: {zoo_list_things: {group: mine}}")).group == "mine"


def test_one_verb_for_two_is_told_apart_and_no_error(tmp_path: Path) -> None:
    wish = {"x-fern-sdk-method-name": "all"}
    verbs = {each.verb for each in api(tmp_path, wish, second=wish).functions}
    assert len(verbs) == 2
    # A verb that another one has already by its own name: the wish is heard, and the other one moves.
    found = api(tmp_path, {"x-fern-sdk-method-name": "other"})
    assert things(found).verb == ("other",) and len({each.verb for each in found.functions}) == 2


@pytest.mark.parametrize("name", ["x-speakeasy-ignore", "x-fern-ignore"])
def test_ignored(name: str, tmp_path: Path) -> None:
    found = api(tmp_path, {name: True})
    assert [each.path for each in found.functions] == ["/others"]
    assert [loss.pointer for loss in found.losses if loss.kind == "chosen"] == ["/paths/~1things/get"]
    assert len(api(tmp_path, {name: False}).functions) == 2
    assert len(api(tmp_path, {name: True}, "functions: {zoo_list_things: {hidden: false}}").functions) == 2


def test_internal_is_not_in_the_docs(tmp_path: Path) -> None:
    assert things(api(tmp_path, {"x-internal": True})).hidden == ("docs",)
    assert things(api(tmp_path, {"x-internal": False})).hidden == ()


@pytest.mark.parametrize("name", ["x-speakeasy-name-override", "x-fern-parameter-name"])
def test_the_name_of_a_parameter(name: str, tmp_path: Path) -> None:
    parameters = [*PARAMETERS[:3], {**PARAMETERS[3], name: "userName"}]
    found = things(api(tmp_path, {"parameters": parameters}))
    assert {"_".join(p.words) for p in found.params} == {"page", "limit", "cursor", "user_name"}
    assert {p.wire_name for p in found.params} == {"page", "limit", "cursor", "usr_nm"}
    said = "functions: {zoo_list_things: {parameters: {usr_nm: {name: who, description: Who.}}}}"
    assert ("who",) in {p.words for p in things(api(tmp_path, {"parameters": parameters}, said)).params}
    only = "functions: {zoo_list_things: {parameters: {usr_nm: {description: Who.}}}}"
    param = next(p for p in things(api(tmp_path, {"parameters": parameters}, only)).params if p.wire_name == "usr_nm")
    assert (param.words, param.description) == (("user", "name"), "Who.")
    # Two of one name are told apart; no catalog made them so.
    alike = [PARAMETERS[0], {**PARAMETERS[3], name: "page"}]
    assert len({p.words for p in things(api(tmp_path, {"parameters": alike})).params}) == 2


def test_the_name_of_one_of_two_parameters_of_a_name_names_neither(tmp_path: Path) -> None:
    """A parameter is known by name and location (3.1.0, 4.8.12), and a name alone would be given to both."""
    both = [{"name": "id", "in": place, "schema": {"type": "string"}} for place in ("query", "header")]
    named = [both[0], {**both[1], "x-fern-parameter-name": "key"}]
    plain, found = (things(api(tmp_path, {"parameters": each})) for each in (both, named))
    assert [p.words for p in found.params] == [p.words for p in plain.params]


INPUTS = {
    "page": {"name": "page", "in": "parameters", "type": "page"},
    "offset": {"name": "page", "in": "parameters", "type": "offset"},
    "limit": {"name": "limit", "in": "parameters", "type": "limit"},
    "cursor": {"name": "cursor", "in": "parameters", "type": "cursor"},
}
PAGES: list[tuple[str, Any, dict[str, Any]]] = [
    # Speakeasy, "Pagination": the four examples of its page.
    ("x-speakeasy-pagination", {"type": "offsetLimit", "inputs": [INPUTS["page"]], "outputs": {"results": "$.resultArray"}},
     {"by": "page", "items": "resultArray", "argument": "page", "first": 1}),
    ("x-speakeasy-pagination", {"type": "offsetLimit", "inputs": [INPUTS["page"]],
     "outputs": {"results": "$.resultArray", "numPages": "$.meta.total"}},
     {"by": "page", "total": "meta.total"}),
    ("x-speakeasy-pagination", {"type": "offsetLimit", "inputs": [INPUTS["offset"], INPUTS["limit"]],
     "outputs": {"results": "$.resultArray"}}, {"by": "offset", "argument": "page", "size": "limit", "first": 0}),
    ("x-speakeasy-pagination", {"type": "cursor", "inputs": [INPUTS["cursor"]],
     "outputs": {"results": "$.resultArray", "nextCursor": "$.next"}}, {"by": "cursor", "next": "next", "argument": "cursor"}),
    ("x-speakeasy-pagination", {"type": "cursor", "inputs": [INPUTS["cursor"]],
     "outputs": {"results": "$.resultArray", "nextCursor": "$.resultArray[-1].id"}}, {"by": "last", "next": "id"}),
    ("x-speakeasy-pagination", {"type": "url", "outputs": {"results": "$.resultArray", "nextUrl": "$.next"}},
     {"by": "url", "next": "next", "items": "resultArray"}),
    # Fern, "Pagination": offset, cursor.
    ("x-fern-pagination", {"offset": "$request.page", "results": "$response.resultArray"},
     {"by": "page", "argument": "page", "items": "resultArray"}),
    ("x-fern-pagination", {"offset": "$request.page", "step": "$request.limit", "results": "$response.resultArray",
     "has-next-page": "$response.meta.more"}, {"by": "offset", "size": "limit", "more": "meta.more"}),
    ("x-fern-pagination", {"cursor": "$request.cursor", "next_cursor": "$response.next", "results": "$response.resultArray"},
     {"by": "cursor", "next": "next", "argument": "cursor"}),
    # AutoRest, "x-ms-pageable": itemName is `value` where it is not given.
    ("x-ms-pageable", {"nextLinkName": "nextLink"}, {"by": "url", "next": "nextLink", "items": "value"}),
    ("x-ms-pageable", {"nextLinkName": "@odata.nextLink"}, {"by": "url", "next": "@odata.nextLink", "items": "value"}),
    ("x-ms-pageable", {"nextLinkName": "next", "itemName": "resultArray"}, {"by": "url", "items": "resultArray"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "wanted"), PAGES)
def test_pages(name: str, value: Any, wanted: dict[str, Any], tmp_path: Path) -> None:
    found = api(tmp_path, {name: value})
    page = things(found).page
    assert page is not None and {key: getattr(page, key) for key in wanted} == wanted
    assert not [loss for loss in found.losses if loss.kind == "degraded"]
    assert things(api(tmp_path, {name: value}, "functions: {zoo_list_things: {page: ''}}")).page is None


def test_all_items_in_one_answer(tmp_path: Path) -> None:
    assert things(api(tmp_path, {"x-ms-pageable": {"nextLinkName": None}})).page is None


def test_what_holds_for_all_operations_stands_at_the_root(tmp_path: Path) -> None:
    whole = {"cursor": "$request.cursor", "next_cursor": "$response.next", "results": "$response.resultArray"}
    page = things(api(tmp_path, {"x-fern-pagination": True}, root={"x-fern-pagination": whole})).page
    assert page is not None and page.by == "cursor"
    found = api(tmp_path, {"x-speakeasy-timeout": 2000}, root={"x-speakeasy-timeout": 1000})
    assert {each.path: each.timeout for each in found.functions} == {"/things": 2.0, "/others": 1.0}


def test_retries(tmp_path: Path) -> None:
    assert things(api(tmp_path, {"x-fern-retries": {"disabled": True}})).retries == 0
    assert things(api(tmp_path, {"x-fern-retries": {"disabled": False}})).retries is None
    backoff = {"strategy": "backoff", "backoff": {"initialInterval": 500, "maxElapsedTime": 3600000}}
    found = api(tmp_path, {"x-speakeasy-retries": backoff})
    assert things(found).retries is None
    assert [loss.kind for loss in found.losses if "x-speakeasy-retries" in loss.reason] == ["kept"]


UNREAD: list[tuple[str, Any]] = [
    *((name, value) for name in ("x-speakeasy-name-override", "x-fern-sdk-method-name") for value in (1, ["a"], {}, "", "a" * 201)),
    *((name, value) for name in ("x-speakeasy-group", "x-fern-sdk-group-name") for value in (1, [1], {}, "a" * 201, ["a"] * 9, [], ["."])),
    *((name, value) for name in ("x-speakeasy-ignore", "x-fern-ignore", "x-internal") for value in ("yes", 1, None, {})),
    ("x-speakeasy-timeout", "1s"), ("x-speakeasy-timeout", -1), ("x-speakeasy-timeout", True),
    ("x-fern-retries", True), ("x-fern-retries", {"count": 3}),
    ("x-speakeasy-pagination", "page"), ("x-speakeasy-pagination", {"type": "cursor"}),
    ("x-speakeasy-pagination", {"type": "url", "outputs": {"results": "$..x[?(@.a)]", "nextUrl": "$.next"}}),
    ("x-speakeasy-pagination", {"type": "offsetLimit", "inputs": [{"name": "page", "in": "requestBody", "type": "page"}],
     "outputs": {"results": "$.resultArray"}}),
    ("x-speakeasy-pagination", {"type": "url", "outputs": {"results": "$.none", "nextUrl": "$.next"}}),
    ("x-fern-pagination", True), ("x-fern-pagination", {"offset": "page", "results": "$response.resultArray"}),
    ("x-fern-pagination", {"cursor": "$request.none", "next_cursor": "$response.next", "results": "$response.resultArray"}),
    ("x-ms-pageable", {}), ("x-ms-pageable", {"nextLinkName": 3}), ("x-ms-pageable", {"nextLinkName": "next", "itemName": "x"}),
]  # fmt: skip


def test_paths_into_a_result() -> None:
    for text, path in (("$", ""), ("$.a", "a"), ("$.a.b-c", "a.b-c")):
        assert vendor_extensions._path(text, "$") == path
    assert vendor_extensions._path("$response.a", "$response") == "a"
    for text in ("", "a", "$a", "$..a", "$.a.", "$.a[0]", "$.a b", "$.*", "$.a?", "$.(a)", "$.'a'", '$."a"', "$.a\\b"):
        with pytest.raises(vendor_extensions._UnreadError) as caught:
            vendor_extensions._path(text, "$")
        assert str(caught.value) == f"{text!r} is not a plain path below $"


@pytest.mark.parametrize(("name", "value"), UNREAD)
def test_what_cannot_be_read_is_a_loss_and_all_else_is_as_without_it(name: str, value: Any, tmp_path: Path) -> None:
    plain, found = api(tmp_path, {}), api(tmp_path, {name: value})
    if value is not None:
        assert [loss.pointer for loss in found.losses if loss.kind == "degraded"] == [f"/paths/~1things/get/{name}"]
    one, other = things(plain), things(found)
    differing = {key for key in Function.__dataclass_fields__ if getattr(one, key) != getattr(other, key)}
    # A place is a line and a column of a text that is another one.
    assert differing <= {"place", "params", "responses"} and len(found.functions) == 2


def test_unknown_extensions_are_left_alone(tmp_path: Path) -> None:
    plain, found = api(tmp_path, {}), api(tmp_path, {"x-stainless-skip": True, "x-anything": {"a": 1}})
    assert found.losses == plain.losses and len(found.functions) == 2
