"""The pass over a whole API: functions, groups, types and flags whose words the surfaces keep for themselves, or share."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from generator import link, names
from generator.ir import Api, Group, Job, Page, Runner
from generator.names import calls
from generator.names.classes import classes, field_path, fields, page_of, plainly
from generator.names.nouns import nouns, on_object
from generator.read import documents

DOCUMENT = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    post:
      operationId: makePet
      parameters:
        - {name: timeout, in: query, schema: {type: boolean}}
        - {name: no-timeout, in: query, schema: {type: string}}
        - {name: help, in: query, schema: {type: string}}
        - {name: help-value, in: query, schema: {type: string}}
        - {name: headers, in: query, schema: {type: string}}
        - {name: from, in: query, schema: {type: string}}
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
      responses: {"200": {description: ., content: {application/json: {schema: {$ref: "#/components/schemas/View"}}}}}
components:
  schemas:
    Pet: {type: object, properties: {keys: {}, wait: {}, petName: {}, pet_name: {}, of: {$ref: "#/components/schemas/Kind"}, in: {$ref: "#/components/schemas/PetInput"}}}
    PetInput: {type: object, properties: {a: {}}}
    PetTypeInput: {type: object, properties: {a: {}}}
    AsyncPet: {type: object, properties: {a: {}}}
    Kind: {type: string, enum: [a, b]}
    Tree: {type: array, items: {$ref: "#/components/schemas/Tree"}}
    View: {type: object, properties: {a: {$ref: "#/components/schemas/Pet"}, b: {$ref: "#/components/schemas/PetTypeInput"}, c: {$ref: "#/components/schemas/AsyncPet"}, d: {$ref: "#/components/schemas/Tree"}}}
"""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Api:
    path = tmp_path_factory.mktemp("zoo") / "zoo.yaml"
    path.write_text(DOCUMENT)
    return link.load(documents.read(path))


def made(zoo: Api, named: dict[str, tuple[str, str]], paths: list[str], **more: Any) -> Api:
    """An API with these functions, each of a group and a verb, and with the groups of these paths."""
    [one] = zoo.functions
    functions = tuple(
        replace(one, name=f"zoo_{words_}".replace(" ", "_"), words=tuple(words_.split()), group=group, verb=tuple(verb.split()))
        for words_, (group, verb) in named.items()
    )  # fmt: skip
    groups = tuple(
        Group(key=key, path=tuple(tuple(step.split("_")) for step in key.split(".")), title=key, summary="")
        for key in paths
    )
    return replace(zoo, functions=functions, groups=groups, name="print", **more)


def test_functions(zoo: Api) -> None:
    api = made(
        zoo,
        {
            "list pets": ("pets", "list"),
            "close": ("", "close"),
            "import": ("", "import"),
            "list pet toys": ("pets.close.pet_toys", "from"),
            "3d": ("search", "call"),
            "jobs": ("auth", "end"),
        },
        ["pets", "pets.close", "pets.close.pet_toys", "search", "auth", "auth-api"],
    )
    fields_ = (
        "python",
        "method",
        "constant",
        "command",
        "tool",
        "script",
        "short",
        "lua",
        "in_group",
        "annotation",
        "page",
    )
    shown = {name: [getattr(each, field) for field in fields_] for name, each in names.called(api).items()}
    print_ = "app.integrations.print"
    assert shown == {
        "zoo_list_pets": ["pets.list", "list", "LIST_PETS", ("pets", "list"), "zoo_list_pets", f"{print_}.list_pets",
                          "list_pets", "list_pets", "list", "zoo_list_pets", "list_pets"],
        "zoo_close": ["close_", "close_", "CLOSE", ("close",), "zoo_close", f"{print_}.close", "close", "close", "close",
                      "zoo_close", "close"],
        "zoo_import": ["import_", "import_", "IMPORT", ("import",), "zoo_import", f"{print_}.import", "import", "import",
                       "import", "zoo_import", "import"],
        "zoo_list_pet_toys": ["pets.close.pet_toys.from_", "from_", "LIST_PET_TOYS", ("pets", "close", "pet-toys", "from"),
                              "zoo_list_pet_toys", f"{print_}.list_pet_toys", "list_pet_toys", "list_pet_toys", "from",
                              "zoo_list_pet_toys", "list_pet_toys"],
        "zoo_3d": ["search.call", "call", "N_3D", ("search-api", "call"), "zoo_3d", f"{print_}.n_3d", "n_3d", "n_3d", "call",
                   "zoo_3d", "n_3d"],
        "zoo_jobs": ["auth.end", "end", "JOBS_", ("auth-group", "end"), "zoo_jobs", f"{print_}.jobs", "jobs", "jobs", "end_",
                     "zoo_jobs", "jobs"],
    }  # fmt: skip
    assert names.called(api)["zoo_3d"] is names.call(api, api.functions[4])
    former = replace(api.functions[0], group="doctor", verb=("see",), name="zoo_see_doctor", words=("see", "doctor"))
    assert names.call(api, former).command == ("doctor-api", "see")
    assert names.call(api, replace(former, group="")).lua == "see_doctor"
    assert dict(names.commands(api)) == {
        "pets": ("pets",),
        "pets.close": ("pets", "close"),
        "pets.close.pet_toys": ("pets", "close", "pet-toys"),
        "search": ("search-api",),
        "auth": ("auth-group",),
        "auth-api": ("auth-api",),
    }
    [(function, word, other)] = calls.root_clashes(
        made(
            zoo,
            {"a": ("auth", "a"), "b": ("auth-api", "b"), "c": ("auth", "c"), "d": ("", "docs"), "e": ("man_page", "e")},
            ["auth", "auth-api"],
        )
    )
    assert (function.name, word, other.name) == ("zoo_a", "auth-api", "zoo_b")


def test_groups(zoo: Api) -> None:
    paths = ["pet.toys", "pet_toys", "pet", "client", "close", "pet.from", "list_pets", "a.b_c", "a_b.c"]
    api = made(zoo, {"list pets": ("pet", "list")}, paths)
    fields_ = ("python", "module", "resource", "lua", "annotation", "page")
    shown = {key: [*(str(getattr(noun, each)) for each in fields_), len(noun.why)] for key, noun in nouns(api).items()}
    assert shown == {
        "pet.toys": ["toys", "toys_of_pet", "ToysOfPet", "toys", "toys_of_pet", "pet.toys", 1],
        "pet_toys": ["pet_toys", "pet_toys", "PetToys", "pet_toys", "pet_toys", "pet_toys", 0],
        "pet": ["pet", "pet", "Pet", "pet", "pet", "pet", 0],
        "client": ["client", "client__2", "Client", "client", "client", "client", 1],
        "close": ["close_", "close", "Close", "close", "close", "close", 0],
        "pet.from": ["from_", "pet_from", "PetFrom", "from", "pet_from", "pet.from", 0],
        "list_pets": ["list_pets", "list_pets", "ListPets", "list_pets_", "list_pets", "list_pets", 1],
        "a.b_c": ["b_c", "b_c_of_a", "BCOfA", "b_c", "b_c_of_a", "a.b_c", 1],
        "a_b.c": ["c", "c_of_a_b", "COfAB", "c", "c_of_a_b", "a_b.c", 1],
    }
    why = nouns(api)
    assert why["list_pets"].why == ("the group 'list_pets' has the name of a function; in Lua it is 'list_pets_'",)
    assert why["pet.toys"].why == (
        "the group 'pet.toys' has the same name as another one without its dots; its class is ToysOfPet",
    )
    assert why["client"].why[0].startswith("the module of the group 'client': ")
    assert on_object(Group(key="wait", path=(("wait",),), title="", summary="")) == "wait_"


def test_types(zoo: Api) -> None:
    found = {
        f"{key} {variant}": str(name) for (key, variant), name in classes(zoo).items() if key in ("Pet", "Kind", "View")
    }
    assert found == {
        "Pet view": "Pet", "Pet sync": "Pet", "Pet input": "PetTypeInput2", "Pet data": "PetData", "Pet async": "AsyncPetType",
        "Kind view": "Kind", "Kind sync": "Kind",
        "View view": "View_", "View sync": "View_", "View input": "ViewInput", "View data": "ViewData", "View async": "AsyncView",
    }  # fmt: skip
    assert classes(zoo)["Tree", "input"] == "TreeInput"
    assert plainly(zoo, "Pet", "input") == "PetInput" and plainly(zoo, "Pet", "async") == "AsyncPet"
    pet = zoo.models["Pet"]
    plain, job = fields(pet, job=False), fields(pet, job=True)
    assert {k: str(v) for k, v in plain.of.items()} == {
        "keys": "keys_", "wait": "wait", "petName": "pet_name", "of": "of", "in": "in_"
    }  # fmt: skip
    assert job.of["wait"] == "wait_"
    assert [(field.wire_name, str(name)) for field, name in plain.hidden] == [("pet_name", "pet_name")]
    assert (names.type_name(pet), page_of(zoo.models["PetInput"])) == ("Pet", "pet_input")
    assert names.params_class(zoo.functions[0]) == "MakePetParams"
    assert field_path("wait.keys..toDict") == "wait_.keys_.to_dict_" and field_path("metrics") == "metrics"


def test_arguments(zoo: Api) -> None:
    [function] = zoo.functions
    assert {k: v for k, v in names.flags(function).items() if k[:2] in ("ti", "no", "he", "fr")} == {
        "timeout": "timeout", "no_timeout": "no-timeout-value", "help": "help-argument", "help_value": "help-value",
        "headers": "headers", "from": "from",
    }  # fmt: skip
    given = calls.flags_of(function.params, {"help": "aid", "timeout": "wait"})
    assert (given.of["help"], given.of["timeout"], given.of["no_timeout"]) == ("aid", "wait", "no-timeout")
    assert given.clashes == ()
    clashes = [(a.wire_name, flag, b.wire_name) for a, flag, b in calls.flags_of(function.params).clashes]
    assert clashes == [("no-timeout", "no-timeout", "timeout"), ("help", "help-value", "help-value")]
    assert names.options(function) == {"timeout": "timeout_", "headers": "headers_"}
    plain = replace(function, params=(), instead=(("timeout", "x"), ("a", "headers")))
    assert names.options(plain) == {"timeout": "timeout_", "headers": "headers"}
    paged = replace(function, page=Page(items="i", item=function.params[0].type), params=function.params[:1])
    assert names.options(paged) == {"timeout": "timeout", "headers": "headers", "cursor": "cursor"}


def test_commands_of_jobs(zoo: Api) -> None:
    [function] = zoo.functions
    job = Job(
        key="a",
        id="id",
        status="s",
        terminal=("t",),
        successful=("t",),
        poll=function.name,
        argument="id",
        interval=1.0,
    )
    for more, webhooks, expected in (
        ({}, False, []),
        ({"list": "l"}, False, ["watch"]),
        ({"list": "l"}, True, ["listen", "watch"]),
        ({"seconds": "s"}, False, []),
        ({"seconds": "s", "model": "m"}, True, ["prices"]),
        ({"seconds": "s", "hardware": "h", "list": "l"}, False, ["costs", "prices", "watch"]),
        ({"model": "m", "hardware": "h"}, False, []),
    ):
        api = replace(zoo, jobs={"a": replace(job, **more)}, webhooks=object() if webhooks else None)
        assert list(calls.job_commands(api)) == expected, more
    api = replace(zoo, jobs={"a": replace(job, list="l")})
    runner = Runner(key="watch", function=function.name, summary="", description="", shown="")
    assert calls.runner_word(api, runner) == "watch-api" and calls.runner_word(zoo, runner) == "watch"


def test_the_package(zoo: Api) -> None:
    api = replace(zoo, package="Json", command="My_zoo", client="zoo client", name="end", token_env="ZOO_TOKEN")
    fields_ = ("module", "distribution", "command", "client", "token_env", "lua", "script", "skill")
    found = names.package(api)
    assert [str(getattr(found, each)) for each in fields_] == [
        "json_api", "json", "my-zoo", "ZooClient", "ZOO_TOKEN", "json", "end_", "json"
    ]  # fmt: skip
    assert names.package(replace(zoo, client="ZOOClient")).client == "ZOOClient"
    assert names.derived_package(("pet", "kit")) == "pet_kit" and names.derived_package(("pet",)) == "pet_kit"
