"""How names are spelled: the words of the languages' references are kept, and no file system meets a name it does not take."""

from __future__ import annotations

import keyword

import pytest

from generator import names
from generator.names import words
from generator.names.calls import _kept

LUA = "and break do else elseif end false for function goto if in local nil not or repeat return then true until while"
"""Lua 5.4's reference manual, 3.1."""


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("webhookEventsFilter", "webhook events filter"),
        ("HTTPServer", "http server"),
        ("getHTTP", "get http"),
        ("OAuth2Token", "oauth2 token"),
        ("getURLForID", "get url for id"),
        ("listVPCs", "list vpcs"),
        ("userIDs", "user ids"),
        ("IDsOfUsers", "ids of users"),
        ("assignIPv4s", "assign ipv4s"),
        ("getIPv6Pools", "get ipv6 pools"),
        ("GitHubApp", "github app"),
        ("getMongoDBInstance", "get mongodb instance"),
        ("listPostgreSQLBackups", "list postgresql backups"),
        ("SSHKeys", "ssh keys"),
        ("get2FACode", "get 2fa code"),
        ("v2Beta", "v2 beta"),
        ("IoTHub", "iot hub"),
        ("createBook", "create book"),
        ("deleteTag", "delete tag"),
        ("P2PNetwork", "p2p network"),
        ("k8sConfig", "k8s config"),
        ("APISettings", "api settings"),
        ("HTTPSServer", "https server"),
        ("v1beta1Name", "v1beta1 name"),
        ("snake_case", "snake case"),
        ("kebab-case.and  more/", "kebab case and more"),
        ("X-Request-ID", "x request id"),
        ("ALL_CAPS", "all caps"),
        ("3d", "3d"),
        ("+1", "plus 1"),
        ("-1", "minus 1"),
        (" -12 ", "minus 12"),
        ("thumbs +1", "thumbs plus 1"),
        ("a-1", "a 1"),
        ("+1a", "1a"),
        ("Ünïcödé", "unicode"),
        ("straße", "strasse"),
        ("GROẞ", "gross"),
        ("GROẞE Æpfel", "grosse aepfel"),
        ("Đà Łan Œuf Øre đà", "da lan oeuf ore da"),
        ("Ørsted", "orsted"),
        ("Æble", "aeble"),
        ("œuvre", "oeuvre"),
        ("Łódź", "lodz"),
        ("日本", "u65e5 u672c"),
        ("id日", "id u65e5"),
        ("", "empty"),
        ("---", "empty"),
    ],
)
def test_words(written: str, expected: str) -> None:
    assert " ".join(words(written)) == expected


@pytest.mark.parametrize(
    ("convention", "name", "expected"),
    [
        (names.SNAKE, "a b", "a_b"),
        (names.FLAG, "a b", "a-b"),
        (names.SLUG, "a b", "a_b"),
        (names.CLASS, "pet shop2", "PetShop2"),
        (names.CONSTANT, "pet shop", "PET_SHOP"),
        (names.OPERATION, "pet shop", "PET_SHOP"),
        (names.SNAKE, "3d", "n_3d"),
        (names.FLAG, "3d", "n-3d"),
        (names.CLASS, "3d", "N3d"),
        (names.CONSTANT, "3d", "N_3D"),
        (names.OPERATION, "3d", "N_3D"),
        (names.CLIENT, "3d", "N3d"),
        (names.PYTHON_CLASS, "3d", "N3d"),
        (names.PYTHON, "self", "self_"),
        (names.PYTHON, "type", "type"),
        (names.PYTHON, "match", "match"),
        (names.PYTHON, "print", "print"),
        (names.CLASS, "value error", "ValueError_"),
        (names.CLASS, "view", "View_"),
        (names.CLIENT, "client", "ClientApi"),
        (names.PACKAGE, "json", "json_api"),
        (names.PACKAGE, "httpx", "httpx_api"),
        (names.PACKAGE, "string", "string_api"),
        (names.PACKAGE, "pets", "pets"),
        (names.NAMESPACE, "print", "print_api"),
        (names.LUA_CLIENT, "call", "call_"),
        (names.LUA, "call", "call"),
        (names.FIELD, "keys", "keys_"),
        (names.MEMBER, "keys", "keys"),
        (names.ON_CLIENT, "close", "close_"),
        (names.ON_RESOURCE, "close", "close"),
        (names.COMMAND, "help", "help-api"),
        (names.ARGUMENT_FLAG, "help", "help-value"),
        (names.OPERATION, "jobs", "JOBS_"),
    ],
)
def test_conventions(convention: names.Convention, name: str, expected: str) -> None:
    assert str(convention.spell(tuple(name.split()))) == expected


def test_no_reserved_word_is_a_name() -> None:
    for word in keyword.kwlist:
        assert str(names.PYTHON.spell((word.lower(),))) not in keyword.kwlist
        assert str(names.PYTHON_MODULE.spell((word.lower(),))) not in keyword.kwlist
        assert str(names.CLASS.spell((word.lower(),))) not in keyword.kwlist
    assert {str(names.LUA.spell((word,))) for word in LUA.split()} == {f"{word}_" for word in LUA.split()}
    assert {str(names.LUA_CLIENT.spell((word,))) for word in LUA.split()} == {f"{word}_" for word in LUA.split()}


@pytest.mark.parametrize(
    ("spelled", "taken", "expected"),
    [
        # Windows: these with any ending, in any case; names that differ in case alone are one file.
        ({"a": "con", "b": "Aux.list", "c": "lpt9", "d": "com0", "e": "console"}, (), ["con_", "Aux.list_", "lpt9_", "com0_", "console"]),
        ({"a": "nul", "b": "prn"}, (), ["nul_", "prn_"]),
        ({"a": "pet", "b": "Pet", "c": "PET"}, (), ["pet", "Pet_2", "PET_3"]),
        ({"a": "index", "b": "pet"}, ("Index",), ["index_2", "pet"]),
        ({"a": "pet", "b": "pet_2", "c": "pet"}, (), ["pet", "pet_2", "pet_3"]),
    ],
)  # fmt: skip
def test_names_of_files(spelled: dict[str, str], taken: tuple[str, ...], expected: list[str]) -> None:
    found = names.file_names(spelled, taken)
    assert [str(found.of[key]) for key in spelled] == expected
    assert {*found.changed} == {key for key in spelled if spelled[key] != found.of[key]}


def test_long_names_of_files_keep_both_ends() -> None:
    long = "_".join(["begin", *["word"] * 40, "end"])
    exact = "a" * names.LONGEST
    found = names.file_names({"a": long, "b": exact, "c": exact + "b", "d": long})
    first, kept, cut, again = (str(found.of[key]) for key in "abcd")
    assert first.startswith("begin_word_") and first.endswith("_word_end") and "__" not in first
    assert kept == exact and all(len(each) <= names.LONGEST for each in (first, cut, again))
    assert again == f"{first}_2" and cut != exact
    assert "too long" in found.changed["a"] and "b" not in found.changed
    assert names.shortened(tuple(long.split("_"))) == ("begin", *["word"] * 9)
    assert names.shortened(("a" * 60, "b")) == ("a" * 50,)
    assert names.shortened(("a" * 50, "b")) == ("a" * 50,)
    assert names.shortened(("a", "b" * 48)) == ("a", "b" * 48)


def test_a_kept_word_takes_the_first_ending_that_is_nobody_elses() -> None:
    endings = ("-value", "-argument")
    assert _kept({1: "help", 2: "a"}, {"help"}, endings) == {1: "help-value", 2: "a"}
    assert _kept({1: "help", 2: "help-value"}, {"help"}, endings) == {1: "help-argument", 2: "help-value"}
    assert _kept({1: "help"}, {"help", "help-value"}, endings) == {1: "help-argument"}
    every = _kept({1: "help", 2: "help-value", 3: "help-argument"}, {"help"}, endings)
    assert every == {1: "help-value-argument", 2: "help-value", 3: "help-argument"}
    assert _kept({1: "help", 2: "help"}, {"help"}, endings) == {1: "help-value", 2: "help-argument"}


def test_collisions_cite_both_places() -> None:
    found = names.collisions(names.SNAKE, [(("a", "b"), "aB", "x:1"), (("c",), "c", "x:2"), (("a", "b"), "a-b", "x:3")])
    assert [(each.where, each.what) for each in found] == [("x:3", "'a-b' is spelled 'a_b', as is 'aB' at x:1")]


def test_the_way_to_a_function() -> None:
    assert names.attributes([("pets",), ("close",)], ("from",)) == "pets.close.from_"
    assert names.attributes([("close",)], ("list",)) == "close_.list"
    assert names.attributes([], ("list", "pets")) == "list_pets"
    assert names.attributes([("pets",)]) == "pets"
    assert names.argument(("a", "b")) == "a_b" and str(names.keyword(("from",))) == "from_"
