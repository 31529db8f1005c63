"""A catalog that says something of some functions alone, and a document that moved: what it says moves along."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from generator import link
from generator.evolve.fit import Fitted, fit
from generator.read import openapi
from generator.read.documents import Documents
from generator.read.openapi import Document
from generator.read.project import Project
from generator.read.source import parse

HEAD = 'openapi: 3.1.0\ninfo: {title: Zoo, version: "1"}\npaths:\n'
BEFORE = HEAD + """
  /pets: {get: {operationId: listPets, responses: {}}, post: {operationId: makePet, responses: {}}}
  /keepers/{id}: {get: {operationId: getKeeper, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {}}}
  /gone: {delete: {operationId: dropGone, responses: {}}}
"""
AFTER = HEAD + """
  /pets: {get: {operationId: petsList, responses: {}}, post: {operationId: makePet, responses: {}}}
  /staff/{id}: {get: {operationId: getKeeper, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {}}}
  /new: {post: {operationId: makeNew, responses: {}}}
"""


def document(text: str) -> Document:
    return openapi.of(parse(text, "api.yaml", Path("api.yaml")))


def fitted(catalog: str) -> tuple[Fitted, dict[str, Any]]:
    after = document(AFTER)
    found = fit(catalog, document(BEFORE), after)
    assert found.catalog is not None
    return found, {f.name: f for f in link.load(Documents(after, found.catalog)).functions}


def test_a_function_that_was_named_by_its_derived_name_keeps_name_and_words() -> None:
    found, functions = fitted("functions: {zoo_list_pets: {title: All pets}}\n")
    assert functions["zoo_list_pets"].operation_id == "petsList" and functions["zoo_list_pets"].title == "All pets"
    assert found.renamed == ["zoo_list_pets: the operation listPets is petsList now"]


def test_an_operation_that_is_named_by_its_way_is_followed() -> None:
    _, functions = fitted("functions: {keeper: {operation: 'GET /keepers/{id}', billed: true}}\n")
    assert functions["keeper"].path == "/staff/{id}" and functions["keeper"].billed


def test_what_is_said_of_many_follows_where_it_names_one() -> None:
    found, functions = fitted(
        "operations: {listPets: {billed: true}, GET *: {timeout: 2}, DELETE /gone: {retries: 0}}\n"
    )
    pets = next(each for each in functions.values() if each.operation_id == "petsList")
    assert pets.billed and pets.timeout == 2
    assert found.renamed == ["operations: listPets is petsList now"]
    assert list(found.dropped) == ["/operations/DELETE ~1gone"]


def test_what_is_new_is_derived_beside_a_partial_catalog_and_written_into_a_whole_one() -> None:
    partial, functions = fitted("functions: {zoo_list_pets: {title: All pets}}\n")
    assert "zoo_make_new" in functions and partial.derived == ["zoo_make_new"] and partial.added == []
    assert "make_new" not in partial.text
    every = ", ".join(
        f"f{n}: {{operation: {each}}}" for n, each in enumerate(("listPets", "makePet", "getKeeper", "dropGone"))
    )
    whole, _ = fitted(f"functions: {{{every}}}\n")
    assert whole.added == ["zoo_make_new"] and "makeNew" in whole.text and whole.derived == []


def test_what_is_gone_is_let_go_of_as_a_whole() -> None:
    # The key is the name that another operation has: it must not become that one's.
    found, functions = fitted("functions: {zoo_make_pet: {operation: dropGone, title: Gone}}\n")
    assert functions["zoo_make_pet"].operation_id == "makePet" and functions["zoo_make_pet"].title != "Gone"
    assert list(found.dropped) == ["/functions/zoo_make_pet"]


def test_the_name_that_the_settings_give_is_that_of_both_documents() -> None:
    after = document(AFTER.replace("title: Zoo", "title: Park"))
    found = fit("groups:\nfunctions: {my_make_pet: {billed: true}}\n", document(BEFORE), after, "", Project(name="my"))
    functions = link.load(Documents(after, found.catalog), "", Project(name="my")).functions
    assert {each.name for each in functions if each.billed} == {"my_make_pet"} and not found.dropped
    assert found.derived == ["my_make_new"]
