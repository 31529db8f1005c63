"""What a catalog says of functions, and what a document without one lets guess: the catalog's guide, line by line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import link
from generator.errors import SpecError
from generator.ir import Api, Function
from generator.read import documents

Json = dict[str, Any]
TEXT, COUNT = {"type": "string"}, {"type": "integer"}


def answer(**properties: Json) -> Json:
    content = {"application/json": {"schema": {"type": "object", "properties": properties}}}
    return {"200": {"description": "OK", "content": content}}


def query(name: str, schema: Json = TEXT, **more: Any) -> Json:
    return {"name": name, "in": "query", "schema": schema, **more}


def gap(name: str) -> Json:
    return {"name": name, "in": "path", "required": True, "schema": TEXT}


PATHS = {
    "/pets": {
        "get": {"operationId": "pets.list", "parameters": [query("lim"), query("q")], "responses": answer(data={"type": "array", "items": TEXT}, more={**TEXT, "nullable": True}, back=TEXT)},
        "post": {
            "operationId": "pets.create", "summary": "Said", "description": "At length",
            "parameters": [{"name": "PREFER", "in": "header", "schema": TEXT, "example": "wait=5"}],
            "requestBody": {"content": {"application/json": {"schema": {"type": "object", "required": ["name"], "properties": {"name": {**TEXT, "description": "Its name."}, "photo": TEXT}}}}},
            "responses": answer(id=TEXT, status=TEXT, page=TEXT, urls={"type": "object", "properties": {"web": TEXT}}),
        },
    },
    "/pets/{owner}/{name}": {"get": {"operationId": "pets.get", "parameters": [gap("owner"), gap("name")], "responses": answer(id=TEXT)}},
    "/pets/{owner}/{name}/{year}": {"delete": {"operationId": "pets.delete", "parameters": [gap("owner"), gap("name"), gap("year")], "responses": {"204": {"description": "OK"}}}},
}  # fmt: skip
CATALOG: Json = {
    "catalog": 1,
    "api": {"name": "zoo", "package": "zookit", "client": "Zoo", "title": "Zoo", "version": "1.0.0", "summary": "A zoo."},
    "headers": {"Prefer": {"name": "wait", "encoding": "wait", "minimum": 2, "maximum": 9, "description": "How long."}},
    "pages": {"cursor": {"items": "data", "next": "more", "previous": "back"}},
    "references": {"pet": {"form": "{owner}/{name}", "shown": "OWNER/NAME"}, "born": {"form": "{owner}/{name}:{year}", "shown": "OWNER/NAME:YEAR"}},
    "jobs": {"birth": {"id": "id", "status": "status", "terminal": ["done", "dead"], "successful": ["done"], "poll": "zoo_get_pet", "cancel": "zoo_end_pet", "argument": "owner"}},
    "aliases": {"pet make": "pets create --name x"},
    "functions": {
        "zoo_list_pets": {"operation": "pets.list", "type": "read", "title": "List", "summary": "Lists.", "page": "cursor", "parameters": {"lim": {"name": "page_size", "description": "How many."}, "q": {"deprecated": {"since": "1", "use": "page_size"}}}},
        "zoo_create_pet": {"operation": "pets.create", "type": "write", "title": "Make", "summary": "Makes.", "billed": True, "secret": True, "job": "birth", "files": {"input": ["photo"], "output": ["urls.web"]}, "web": "page", "examples": [{"title": "One", "arguments": {"name": "Rex"}, "result": {"id": "1"}}, {"title": "Two", "arguments": {"name": "Tom"}}]},
        "zoo_get_pet": {"operation": "pets.get", "type": "write", "title": "Look", "summary": "Short.", "description": "Long.", "keywords": ["a", "b"], "brief": "Tiny."},
        "zoo_end_pet": {"operation": "pets.delete", "type": "write", "title": "End", "summary": "Ends.", "destructive": False, "idempotent": True, "deprecated": {"since": "2", "removed": "3", "use": "zoo_get_pet"}},
    },
}  # fmt: skip


def load(folder: Path, paths: Json, catalog: Json | None = None) -> Api:
    document = {"openapi": "3.0.4", "info": {"title": "Zoo", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    if catalog is None:
        return link.load(documents.read(folder / "api.json"))
    (folder / "catalog.json").write_text(json.dumps(catalog), "utf-8")
    return link.load(documents.read(folder / "api.json", folder / "catalog.json"))


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Function]:
    return {function.name: function for function in load(tmp_path_factory.mktemp("zoo"), PATHS, CATALOG).functions}


def test_arguments_are_called_and_described_as_the_catalog_says(zoo: dict[str, Function]) -> None:
    first, second = zoo["zoo_list_pets"].params
    assert (first.words, first.wire_name, first.description, first.deprecated) == (("page", "size"), "lim", "How many.", False)  # fmt: skip
    assert (second.words, second.deprecated, second.deprecation and second.deprecation.use) == (("q",), True, "page_size")  # fmt: skip
    name, photo, wait = zoo["zoo_create_pet"].params
    assert (name.words, name.required, name.description) == (("name",), True, "Its name.")
    assert (photo.words, photo.required) == (("photo",), False)
    assert (wait.words, wait.wire_name, wait.encoding, wait.description, wait.examples) == (("wait",), "PREFER", "wait", "How long.", ())  # fmt: skip
    assert (wait.type.kind, wait.type.minimum, wait.type.maximum) == ("integer", 2, 9)


def test_what_the_catalog_says_goes_before_what_the_document_says(zoo: dict[str, Function]) -> None:
    told = {name: (f.access, f.billed, f.secret, f.destructive, f.idempotent) for name, f in zoo.items()}
    assert told == {
        "zoo_list_pets": ("read", False, False, False, True),
        "zoo_create_pet": ("write", True, True, False, False),
        "zoo_get_pet": ("write", False, False, False, True),
        "zoo_end_pet": ("write", False, False, False, True),
    }
    look, made, listed = zoo["zoo_get_pet"], zoo["zoo_create_pet"], zoo["zoo_list_pets"]
    assert (look.title, look.summary, look.description, look.brief, look.keywords) == ("Look", "Short.", "Long.", "Tiny.", ("a", "b"))  # fmt: skip
    assert (made.title, made.summary, made.description) == ("Make", "Makes.", "At length")
    assert (listed.title, listed.summary, listed.description) == ("List", "Lists.", "")
    assert (made.job, made.files_in, made.files_out, made.web) == ("birth", ("photo",), ("urls.web",), "page")
    assert (look.group, look.verb, made.group, made.verb) == ("pets", ("get",), "pets", ("create",))
    assert look.words == ("get", "pet") and look.operation_id == "pets.get"
    end = zoo["zoo_end_pet"]
    assert end.deprecated and end.deprecation is not None and (end.deprecation.removed, end.deprecation.use) == ("3", "zoo_get_pet")  # fmt: skip
    assert not made.deprecated and made.deprecation is None


def test_behaviours(zoo: dict[str, Function], tmp_path: Path) -> None:
    page = zoo["zoo_list_pets"].page
    assert page is not None and (page.items, page.next, page.previous, page.item.kind) == ("data", "more", "back", "string")  # fmt: skip
    assert zoo["zoo_get_pet"].page is None
    # The longest way to write the arguments of a path, and none where the path lacks one of them.
    pet, born = zoo["zoo_get_pet"].reference, zoo["zoo_end_pet"].reference
    assert pet is not None and (pet.key, pet.shown, pet.parts) == ("pet", "OWNER/NAME", (("owner", "/"), ("name", "")))
    assert born is not None and (born.key, born.parts) == ("born", (("owner", "/"), ("name", ":"), ("year", "")))
    assert zoo["zoo_list_pets"].reference is None
    api = load(tmp_path, PATHS, CATALOG)
    job = api.jobs["birth"]
    assert (job.key, job.interval, job.terminal, job.successful, job.cancel, job.events) == ("birth", 1.0, ("done", "dead"), ("done",), "zoo_end_pet", ())  # fmt: skip
    (alias,) = api.aliases
    assert (alias.words, alias.command) == (("pet", "make"), ("pets", "create", "--name", "x"))


def test_examples(zoo: dict[str, Function]) -> None:
    first, second = zoo["zoo_create_pet"].examples
    assert (first.title, first.arguments, first.has_result, first.result) == ("One", {"name": "Rex"}, True, {"id": "1"})
    assert (second.title, second.arguments, second.has_result, second.result) == ("Two", {"name": "Tom"}, False, None)
    (made,) = zoo["zoo_get_pet"].examples
    assert (made.title, made.arguments) == ("With values generated from the types", {"owner": "owner", "name": "name"})
    (shown,) = zoo["zoo_list_pets"].examples
    assert (shown.title, shown.arguments, shown.has_result) == ("As in the document", {}, False)


def test_examples_of_the_document(tmp_path: Path) -> None:
    schema = {"type": "object", "required": ["b"], "properties": {"a": COUNT, "b": TEXT, "c": TEXT}}
    body = {"content": {"application/json": {"schema": schema, "example": {"a": 7}}}}
    responses = answer(x=TEXT)
    responses["200"]["content"]["application/json"]["examples"] = {"one": {"value": {"x": "y"}}, "two": {"value": {}}}
    operation = {"operationId": "put", "parameters": [query("q", {**TEXT, "example": "v"}), query("r", example=3, required=True)], "requestBody": body, "responses": responses}  # fmt: skip
    (found,) = load(tmp_path, {"/a": {"put": operation}}).functions
    (example,) = found.examples
    assert example.arguments == {"a": 7, "b": "b", "q": "v", "r": "3"}
    assert (example.has_result, example.result, example.title) == (
        True,
        {"x": "y"},
        "With values generated from the types",
    )


def test_without_a_catalog_the_document_tells(tmp_path: Path) -> None:
    found = {function.operation_id: function for function in load(tmp_path, PATHS).functions}
    told = {key: (f.access, f.destructive, f.title, f.summary, f.description) for key, f in found.items()}
    assert told == {
        "pets.list": ("read", False, "List pets", "GET /pets", ""),
        "pets.create": ("write", False, "Said", "Said", "At length"),
        "pets.get": ("read", False, "Get pet", "GET /pets/{owner}/{name}", ""),
        "pets.delete": ("write", True, "Delete pet", "DELETE /pets/{owner}/{name}/{year}", ""),
    }
    assert all(not (f.billed or f.secret or f.job or f.deprecated) and f.reference is None for f in found.values())


LIST, NEXT = {"type": "array", "items": COUNT}, {**TEXT, "nullable": True}


@pytest.mark.parametrize(
    ("fields", "items", "previous"),
    [
        ({"results": LIST, "next": NEXT}, "results", ""),
        ({"results": LIST, "next": TEXT, "previous": NEXT, "count": COUNT}, "results", "previous"),
        ({"a": LIST, "b": LIST, "next": NEXT}, "", ""),
        ({"results": LIST, "next": COUNT}, "", ""),
        ({"results": LIST}, "", ""),
        ({"next": NEXT}, "", ""),
        ({"results": TEXT, "next": NEXT}, "", ""),
    ],
)
def test_a_list_beside_next_is_a_page(tmp_path: Path, fields: Json, items: str, previous: str) -> None:
    (found,) = load(tmp_path, {"/a": {"get": {"responses": answer(**fields)}}}).functions
    page = found.page
    assert (page.items, page.next, page.previous, page.item.kind) == (items, "next", previous, "integer") if page else not items  # fmt: skip
    assert bool(page) == bool(items)


@pytest.mark.parametrize(
    ("fields", "web"),
    [
        ({"html_url": TEXT, "url": TEXT}, "html_url"),
        ({"web_url": TEXT}, "web_url"),
        ({"urls": {"type": "object", "properties": {"web": TEXT, "get": TEXT}}}, "urls.web"),
        ({"urls": {"type": "object", "properties": {"get": TEXT}}}, ""),
        ({"html_url": COUNT, "web_url": TEXT}, "web_url"),
        ({"url": TEXT}, ""),
    ],
)
def test_where_people_look(tmp_path: Path, fields: Json, web: str) -> None:
    (found,) = load(tmp_path, {"/a": {"get": {"responses": answer(**fields)}}}).functions
    assert found.web == web


@pytest.mark.parametrize(
    ("function", "change", "message"),
    [
        ("zoo_list_pets", {"page": "none"}, "there is no page behaviour 'none'"),
        ("zoo_create_pet", {"page": "cursor"}, "the result has no list 'data'"),
        ("zoo_create_pet", {"web": "urls"}, "the result has no string 'urls'"),
        ("zoo_create_pet", {"job": "none"}, "there is no job behaviour 'none'"),
        ("zoo_create_pet", {"files": {"input": ["none"]}}, "there is no argument 'none'"),
        ("zoo_create_pet", {"examples": [{"title": "x", "arguments": {}}]}, "the example lacks the required argument 'name'"),
        ("zoo_create_pet", {"examples": [{"title": "x", "arguments": {"name": "a", "nmae": 1}}]}, "there is no argument 'nmae'"),
        ("zoo_list_pets", {"parameters": {"limit": {"name": "a"}}}, "there is no parameter 'limit'"),
        ("zoo_list_pets", {"parameters": {"lim": {"name": "q"}, "q": {"name": "q"}}}, "'q' is spelled 'q', as is 'lim'"),
        ("zoo_get_pet", {"operation": "pets.gte"}, "there is no operation 'pets.gte'"),
        ("zoo_get_pet", {"operation": "pets.list"}, "'pets.list' is already the function 'zoo_list_pets'"),
    ],
)  # fmt: skip
def test_mistakes(tmp_path: Path, function: str, change: Json, message: str) -> None:
    functions = {**CATALOG["functions"], function: {**CATALOG["functions"][function], **change}}
    with pytest.raises(SpecError, match=message):
        load(tmp_path, PATHS, {**CATALOG, "functions": functions})


def test_a_group_is_told_as_the_catalog_says(tmp_path: Path) -> None:
    groups = {"pets": {"title": "Animals", "summary": "All of them."}}
    (group,) = load(tmp_path, PATHS, {**CATALOG, "groups": groups}).groups
    assert (group.key, group.title, group.summary) == ("pets", "Animals", "All of them.")


def test_the_argument_that_asks_for_events(tmp_path: Path) -> None:
    """Of any name, where the catalog says so; `stream` is guessed where events are offered beside JSON."""
    schema = {"type": "object", "properties": {"live": {"type": "boolean"}, "stream": {"type": "boolean"}}}
    body = {"content": {"application/json": {"schema": schema}}}
    operation: Json = {"operationId": "pets.watch", "requestBody": body, "responses": answer(id=TEXT)}
    said = {"operation": "pets.watch", "type": "write", "title": "Watch", "summary": "Watches."}
    catalog = {"catalog": 1, "api": CATALOG["api"], "functions": {"zoo_watch": {**said, "stream": "live"}}}
    (found,) = load(tmp_path, {"/pets": {"post": operation}}, catalog).functions
    assert found.result.stream == "live" and [c.kind for _, c in found.result.contents] == ["json", "events"]
    (found,) = load(tmp_path, {"/pets": {"post": operation}}).functions
    assert not found.result.stream  # nothing is said of what it does
    operation["responses"]["200"]["content"]["text/event-stream"] = {"schema": {"type": "object"}}
    (found,) = load(tmp_path, {"/pets": {"post": operation}}).functions
    assert found.result.stream == "stream"
    catalog["functions"]["zoo_watch"]["stream"] = "lively"
    with pytest.raises(SpecError, match="there is no argument 'lively'"):
        load(tmp_path, {"/pets": {"post": operation}}, catalog)
