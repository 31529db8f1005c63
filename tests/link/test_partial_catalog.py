"""A catalog says what it wants to, of one function or of many; everything else is as it is without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator import link, pipeline
from generator.errors import SpecError
from generator.ir import Api, Function
from generator.read import documents

DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
tags: [{name: pets, description: All the pets.}]
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      summary: List the pets.
      parameters: [{name: limit, in: query, schema: {type: integer}}, {name: toys, in: query, schema: {type: boolean}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/List'}}}}
    post: {operationId: makePet, tags: [pets], responses: {"200": {description: ok}}}
  /pets/{id}:
    delete: {operationId: pets.delete, parameters: [{name: id, in: path, required: true, schema: {type: string}}], responses: {}}
  /admin/users:
    get: {tags: [admin], responses: {}}
  /admin/keys:
    put: {operationId: putKey, tags: [admin], responses: {}}
components:
  schemas:
    List: {type: object, properties: {next: {type: string}, items: {type: array, items: {type: string}}}}
"""


def api(folder: Path, catalog: str | None) -> Api:
    (folder / "api.yaml").write_text(DOCUMENT)
    if catalog is None:
        return link.load(documents.read(folder / "api.yaml"))
    (folder / "catalog.yaml").write_text(catalog)
    return link.load(documents.read(folder / "api.yaml", folder / "catalog.yaml"))


def refusal(folder: Path, catalog: str) -> str:
    with pytest.raises(SpecError) as caught:
        api(folder, catalog)
    return str(caught.value)


def others(found: Api, *names: str) -> list[Function]:
    return [function for function in found.functions if function.name not in names]


@pytest.mark.parametrize("catalog", ["catalog: 1", "api: {}", "functions: {}", "{}"])
def test_a_catalog_that_says_nothing_changes_nothing(catalog: str, tmp_path: Path) -> None:
    plain, found = api(tmp_path, None), api(tmp_path, catalog)
    assert found.functions == plain.functions and found.groups == plain.groups and found.losses == plain.losses
    assert (found.name, found.package, found.client, found.version) == ("zoo", "zoo_kit", "Zoo", "0.1.0")


@pytest.mark.parametrize(
    ("said", "changes"),
    [
        ("{title: All pets}", {"title": "All pets"}),
        ("{summary: Gives all.}", {"summary": "Gives all."}),
        ("{description: Long.}", {"description": "Long."}),
        ("{brief: All.}", {"brief": "All."}),
        ("{type: write}", {"access": "write"}),
        ("{destructive: true}", {"destructive": True}),
        ("{secret: true}", {"secret": True}),
        ("{billed: true}", {"billed": True}),
        ("{group: zoo.all}", {"group": "zoo.all"}),
        ("{group: ''}", {"group": ""}),
        ("{verb: every}", {"verb": ("every",)}),
        ("{timeout: 2.5}", {"timeout": 2.5}),
        ("{retries: 0}", {"retries": 0}),
        ("{headers: {X-Version: '3'}}", {"headers": (("X-Version", "3"),)}),
        ("{flags: {limit: most}}", {"flags": (("limit", "most"),)}),
        ("{hidden: [mcp, lua]}", {"hidden": ("mcp", "lua")}),
        ("{page: ''}", {"page": None}),
        ("{keywords: [animals]}", {"keywords": ("animals",)}),
    ],
)
def test_one_key_of_one_function_changes_that_alone(said: str, changes: dict[str, Any], tmp_path: Path) -> None:
    plain, found = api(tmp_path, None), api(tmp_path, f"functions: {{zoo_list_pets: {said}}}")
    assert others(found, "zoo_list_pets") == others(plain, "zoo_list_pets")
    one, other = plain.function("zoo_list_pets"), found.function("zoo_list_pets")
    assert {name: getattr(other, name) for name in changes} == changes
    differing = {name for name in Function.__dataclass_fields__ if getattr(one, name) != getattr(other, name)}
    assert differing == set(changes)


@pytest.mark.parametrize("operation", ["listPets", "GET /pets"])
def test_a_key_is_a_new_name_where_it_names_its_operation(operation: str, tmp_path: Path) -> None:
    found = api(tmp_path, f"functions: {{animals: {{operation: {operation}}}}}")
    assert found.function("animals").operation_id == "listPets" and len(found.functions) == 5
    assert found.function("animals").verb == ("list",)


def test_what_is_derived_gives_way_to_a_name_and_a_verb_that_are_given(tmp_path: Path) -> None:
    found = api(tmp_path, "functions: {zoo_list_pets: {operation: makePet, verb: list_pets}}")
    assert found.function("zoo_list_pets").operation_id == "makePet"
    moved = next(each for each in found.functions if each.operation_id == "listPets")
    assert moved.name != "zoo_list_pets" and moved.verb != ("list", "pets")


def test_an_operation_without_an_id_is_named_by_its_way(tmp_path: Path) -> None:
    found = api(tmp_path, "functions: {zoo_users: {operation: GET /admin/users, verb: users}}")
    assert (found.function("zoo_users").path, found.function("zoo_users").group) == ("/admin/users", "admin")


def test_groups_are_renamed_with_what_is_in_them(tmp_path: Path) -> None:
    found = api(tmp_path, "groups: {pets: {name: wild.animals, title: Animals, description: All of them.}}")
    assert {f.group for f in found.functions} == {"wild.animals", "admin"}
    group = {each.key: each for each in found.groups}["wild.animals"]
    assert (group.title, group.description) == ("Animals", "All of them.")
    # Without words of its own it has those of the tag that it was derived from.
    plain = {g.key: g for g in api(tmp_path, "groups: {pets: {name: animals}}").groups}["animals"]
    assert plain.description == "All the pets."


def test_pages_and_jobs_are_written_where_they_are_used(tmp_path: Path) -> None:
    page = "{items: items, next: next, by: cursor, argument: limit}"
    job = "{id: next, status: next, terminal: [x], successful: [x], poll: zoo_list_pets, argument: limit}"
    found = api(tmp_path, f"functions: {{zoo_list_pets: {{page: {page}, job: {job}}}}}").function("zoo_list_pets")
    assert found.page is not None and (found.page.by, found.page.argument) == ("cursor", "limit")
    assert found.job == "zoo_list_pets"


def test_many_at_once(tmp_path: Path) -> None:
    catalog = """
operations:
  '*': {billed: true, timeout: 1}
  GET *: {timeout: 2}
  tag:admin: {timeout: 3, secret: true}
  pets.*: {timeout: 4}
  GET /admin/users: {timeout: 5}
  POST /pets: {timeout: 6, headers: {X-A: a, X-B: b}}
  makePet: {timeout: 7, headers: {X-B: c}}
functions:
  zoo_list_pets: {timeout: 8}
"""
    found = {each.path + each.method: each for each in api(tmp_path, catalog).functions}
    assert all(each.billed for each in found.values())
    # Its own entry; an exact key, the later of two; then the key with more characters beside `*`.
    wanted = {
        "/pets" "GET": 8, "/pets" "POST": 7, "/pets/{id}" "DELETE": 4, "/admin/users" "GET": 5, "/admin/keys" "PUT": 3,
    }  # fmt: skip
    assert {key: each.timeout for key, each in found.items()} == wanted
    assert {each.path for each in found.values() if each.secret} == {"/admin/users", "/admin/keys"}
    # Of headers each is heard for itself.
    assert set(found["/pets" "POST"].headers) == {("X-A", "a"), ("X-B", "c")}


def test_what_is_hidden_altogether_is_no_function_and_no_loss(tmp_path: Path) -> None:
    found = api(tmp_path, "operations: {tag:admin: {hidden: true}}\nfunctions: {zoo_put_key: {hidden: [mcp]}}")
    assert {f.path for f in found.functions if f.path.startswith("/admin")} == {"/admin/keys"}
    chosen = [(loss.pointer, loss.surface) for loss in found.losses if loss.kind == "chosen"]
    assert sorted(chosen) == [("/paths/~1admin~1keys/put", "mcp"), ("/paths/~1admin~1users/get", "*")]
    assert not [loss for loss in found.losses if loss.kind in ("degraded", "dropped")]


@pytest.mark.parametrize(
    ("catalog", "told"),
    [
        ("functions: {zoo_list_pet: {title: x}}", "did you mean 'zoo_list_pets'?"),
        ("functions: {a: {operation: listPet}}", "did you mean 'listPets'?"),
        ("functions: {a: {operation: listPets}, zoo_list_pets: {title: x}}", "is already the function 'a'"),
        ("operations: {listPetz: {billed: true}}", "did you mean 'listPets'?"),
        ("operations: {GET /pet: {billed: true}}", "did you mean 'GET /pets'?"),
        ("operations: {tag:pet: {billed: true}}", "did you mean 'pets'?"),
        ("operations: {listPets: {verb: x}}", "'verb' applies to one function"),
        ("operations: {listPets: {operation: x}}", "'operation' applies to one function"),
        ("operations: {listPets: {timeout: 0}}", "0 is out of range"),
        ("operations: {listPets: {timeout: .nan}}", "is not a number"),
        ("operations: {listPets: {retries: 21}}", "21 is out of range"),
        ("operations: {listPets: {retries: 1.5}}", "1.5 is not an integer"),
        ("operations: {listPets: {hidden: maybe}}", "is not a boolean or an array"),
        ("operations: {listPets: {page: 3}}", "3 is not a string or an object"),
        ("operations: {listPets: {page: {item: x}}}", "'item' is not a valid key here"),
        ("operations: {listPets: {flags: {limt: most}}}", "did you mean 'limit'?"),
        ("operations: {listPets: {flags: {limit: help}}}", "--help belongs to every command"),
        ("operations: {listPets: {flags: {limit: toys}}}", "the flag --toys of 'limit' already belongs to 'toys'"),
        ("operations: {listPets: {flags: {limit: no-toys}}}", "--no-toys"),
        ("operations: {listPets: {flags: {limit: --most}}}", "does not match"),
        ("groups: {petz: {name: x}}", "did you mean 'pets'?"),
        ("functions: {zoo_list_pets: {verb: x}, zoo_make_pet: {verb: x}}", "is spelled 'x', as is"),
    ],
)
def test_mistakes(catalog: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    (tmp_path / "catalog.yaml").write_text(catalog)
    with pytest.raises(SpecError) as caught:
        pipeline.load(pipeline.Inputs(tmp_path / "api.yaml", tmp_path / "catalog.yaml"))
    assert told in str(caught.value)
    # Two verbs of one group are told of where both operations are.
    assert ("api.yaml:" if "as is" in told else "catalog.yaml:1:") in str(caught.value)


def test_a_surface_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    (tmp_path / "catalog.yaml").write_text("operations: {listPets: {hidden: [mpc]}}")
    with pytest.raises(SpecError, match=r"catalog\.yaml:1:34: there is no surface 'mpc'"):
        pipeline.load(pipeline.Inputs(tmp_path / "api.yaml", tmp_path / "catalog.yaml"))


@pytest.mark.parametrize(
    "name",
    [
        # RFC 9110, 7.6.1: of one connection; 11.6 and RFC 6265: credentials; RFC 9112: of the message itself.
        *("Connection", "Keep-Alive", "TE", "Trailer", "transfer-encoding", "Upgrade", "Proxy-Connection"),
        *("Authorization", "authorization", "Proxy-Authorization", "Cookie", "X-Api-Key", "X-Auth-Token", "My-Secret"),
        *("X-Goog-Api-Key", "Ocp-Apim-Subscription-Key", "X_Auth", "Idempotency-Key", "X-Session", "Proxy-Status"),
        *("Host", "Content-Length", "Content-Type", "User-Agent", "bad name", "X:Y", ""),
    ],
)
def test_headers_that_no_catalog_sends(name: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, f"functions: {{zoo_list_pets: {{headers: {{'{name}': x}}}}}}")
    assert message.startswith("catalog.yaml:1:") and "the header" in message


@pytest.mark.parametrize("name", ["Accept", "X-Api-Version", "Stripe-Version", "Accept-Language", "X-Author", "Prefer"])
def test_headers_that_a_catalog_sends(name: str, tmp_path: Path) -> None:
    found = api(tmp_path, f"functions: {{zoo_list_pets: {{headers: {{{name}: x}}}}}}")
    assert found.function("zoo_list_pets").headers == ((name, "x"),)


def test_a_value_that_is_a_credential(tmp_path: Path) -> None:
    assert "carries a credential" in refusal(tmp_path, "functions: {zoo_list_pets: {headers: {X-A: Bearer abc}}}")


@pytest.mark.parametrize("value", [r'"a\r\nX-B: c"', r'"a\0"', '"é"', '" a"', '"' + "a" * 1001 + '"'])
def test_values_of_headers_that_cannot_be_sent(value: str, tmp_path: Path) -> None:
    message = refusal(tmp_path, f"functions: {{zoo_list_pets: {{headers: {{X-A: {value}}}}}}}")
    assert "has a value that cannot be sent" in message


def test_a_header_in_which_a_scheme_travels_is_a_credential(tmp_path: Path) -> None:
    catalog = """
auth: {schemes: {key: {type: apiKey, in: header, name: X-Zoo}}}
functions: {zoo_list_pets: {headers: {x-zoo: abc}}}
"""
    assert "carries a credential" in refusal(tmp_path, catalog)
