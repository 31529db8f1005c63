"""Members of a gateway: packages of several APIs, and programs that do one thing wrongly, each on its own."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from cli_harness import until
from gateway_packages import answering, surroundings
from hanging import HANGS
from replikit.gateway import contract, found, host, listing, process
from replikit.gateway.contract import Call, Hello, Record
from replikit.gateway.faults import MemberError
from replikit.gateway.host import Host
from replikit.gateway.members import Package
from replikit.gateway.rules import Rules
from replikit.gateway.scripting import Reaching
from replikit.lua import Sandbox
from replikit.mcp.text import as_it_is, clean, unmarked

pytestmark = pytest.mark.usefixtures("patient_gateway")

STRANGE = Path(__file__).parents[1] / "support/strange_member.py"


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    with answering() as found:
        yield found


@pytest.fixture(scope="module")
def three(packages: dict[str, Path], servers: dict[str, Any]) -> Iterator[Host]:
    """Replicate and two more, each with a server of its own."""
    with surroundings():
        members = [Package("replicate", found.own())]
        for name, folder in packages.items():
            members.append(Package(name, found.named(str(folder)), base_url=servers[name].base_url))
        with Host(members, Rules.flags("allow")) as made:
            assert made.settle(HANGS).troubles() == []
            yield made


def strange(mode: str, name: str = "strange") -> Package:
    return Package(name, found.own(), command=(sys.executable, str(STRANGE), mode))


def test_the_functions_of_all_are_there(three: Host) -> None:
    assert {name: len(member.records) for name, member in three.members.items()} == {
        "replicate": 37,
        "library": 3,
        "helpdesk": 3,
    }


@pytest.mark.parametrize(
    "name",
    ["library.list_books", "library.books.list", "library.library_list_books", "list_books"],
)
def test_a_function_is_found_by_every_name(three: Host, name: str) -> None:
    assert three.find(name).name == "library.list_books"


def test_names_that_several_have_stay_apart(three: Host) -> None:
    assert three.find("library.get_account").member.name == "library"
    assert three.find("helpdesk.get_account").member.name == "helpdesk"
    with pytest.raises(MemberError) as caught:
        three.find("get_account")
    assert caught.value.error["nearest"] == ["helpdesk.get_account", "library.get_account", "replicate.get_account"]


def test_an_unknown_name_is_answered_with_the_nearest(three: Host) -> None:
    error = three.call("library.list_bokes", {}).envelope["error"]
    assert (error["type"], error["nearest"][0]) == ("unknown_function", "library.list_books")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("list books", "library.list_books"),
        ("delete a ticket", "helpdesk.delete_ticket"),
        ("support tickets of a customer", "helpdesk.list_tickets"),
        ("library account", "library.get_account"),
        ("cancel a training", "replicate.cancel_training"),
        ("new book", "library.add_book"),
    ],
)
def test_a_search_ranks_across_all(three: Host, text: str, name: str) -> None:
    assert three.search(text)[0].name == name


def test_each_call_goes_to_its_own_api_with_its_own_token(three: Host, servers: dict[str, Any]) -> None:
    books = three.call("library.list_books", {"shelf": "A"})
    assert [each["title"] for each in books.envelope["data"]] == ["Emma", "Ulysses"]
    seen = servers["library"].one()
    assert (seen.target, seen.headers["authorization"]) == ("/v1/books?shelf=A", "Bearer token-of-library")
    assert three.call("helpdesk.list_tickets", {}).envelope["data"][0]["subject"] == "Lost card"
    assert servers["helpdesk"].one().headers["authorization"] == "Bearer token-of-helpdesk"
    assert servers["library"].seen == []


def test_an_envelope_is_the_packages_own_with_the_apis_name(three: Host, servers: dict[str, Any]) -> None:
    made = three.call("library.list_books", {"limit": "many"}).envelope
    assert set(made) == {"function", "success", "data", "error", "meta", "duration_ms"}
    assert (made["function"], made["meta"]["api"]) == ("library.list_books", "library")
    assert (made["error"]["type"], made["error"]["parameter"]) == ("invalid_arguments", "limit")
    assert servers["library"].seen == []


def test_a_dry_run_sends_nothing_and_shows_no_token(three: Host, servers: dict[str, Any]) -> None:
    made = three.call("library.add_book", {"title": "Emma"}, dry_run=True).envelope
    assert made["data"]["url"] == f"{servers['library'].base_url}/books"
    assert made["data"]["headers"]["Authorization"] == "Bearer $LIBRARY_API_TOKEN"
    assert servers["library"].seen == []


def test_a_callers_token_goes_to_its_api_and_to_no_other(three: Host, servers: dict[str, Any]) -> None:
    caller = host.Caller("somebody", {"library": "token-of-caller"})
    assert three.call("library.list_books", {}, caller=caller).envelope["success"]
    assert servers["library"].one().headers["authorization"] == "Bearer token-of-caller"
    refused = three.call("helpdesk.list_tickets", {}, caller=caller).envelope["error"]
    assert (refused["type"], "X-Helpdesk-Authorization" in refused["hint"]) == ("authentication", True)
    assert servers["helpdesk"].seen == []


def test_what_the_policy_denies_is_not_sent(three: Host, servers: dict[str, Any]) -> None:
    error = three.call("helpdesk.delete_ticket", {"ticket": "t1"}).envelope["error"]
    assert (error["type"], "--allow destructive" in error["hint"]) == ("policy", True)
    assert servers["helpdesk"].seen == []


def test_a_member_holds_to_the_classes_that_the_host_lets_pass(three: Host, servers: dict[str, Any]) -> None:
    member = three.members["library"]
    params = contract.plain(Call(name="library_add_book", arguments={"title": "x"}, allowed=("read",)))
    answer = member.ask("call", params).result(HANGS)
    assert answer["envelope"]["error"]["type"] == "policy"
    assert servers["library"].seen == []


# ── Members that do something wrongly ─────────────────────────────────────────────────────────────────────


@contextmanager
def beside(bad: Package, three: Host) -> Iterator[Host]:
    """A host of a member that is begun, and of a good one that is there already."""
    bad.begin()
    bad.wait(HANGS)
    try:
        yield Host([bad, three.members["library"]])
    finally:
        bad.close()


@pytest.mark.parametrize(
    ("mode", "kind", "told"),
    [
        ("hangs", "timeout", "has not responded"),
        ("dies", "unavailable", "status 3: out of cheese"),
        ("garbage", "unavailable", "of its lines were not responses"),
        ("floods", "unavailable", "a line of more than"),
        ("refuses", "member", "invalid envelope"),
    ],
)
def test_one_that_fails_takes_no_other_with_it(
    mode: str, kind: str, told: str, three: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "SPARE", 0.0)
    with beside(strange(mode), three) as made:
        assert made.troubles() == []
        pending = made.begin(made.find("strange.look"), {}, seconds=0.3 if mode == "hangs" else HANGS)
        assert made.call("library.list_books", {}, seconds=HANGS).envelope["success"]
        error = pending.result().envelope["error"]
        assert (error["type"], told in error["message"]) == (kind, True), error
        assert made.call("library.list_books", {}, seconds=HANGS).envelope["success"]


def test_who_has_no_credentials_is_told_what_to_run(packages: dict[str, Path]) -> None:
    shelves = found.named(str(packages["library"]))
    with surroundings(LIBRARY_API_TOKEN=""), Host([Package("shelves", shelves)]) as made:
        told = made.settle(HANGS).health()[0]["found"]
    # Not the package's own command, which may not be installed: the gateway's.
    assert "replikit gateway auth --api shelves login, or set LIBRARY_API_TOKEN" in told


def test_one_that_does_not_start_is_told_of_and_the_others_are_there(three: Host) -> None:
    missing = Package("gone", found.own(), command=("/no/such/program",))
    with beside(missing, three) as made:
        assert [each.name for each in made.ready] == ["library"]
        assert made.troubles() == ["gone: gone cannot be started: /no/such/program: No such file or directory"]
        assert made.call("gone.look", {}).envelope["error"]["type"] == "unavailable"
        assert made.search("books")[0].name == "library.list_books"


def test_one_that_says_nothing_is_waited_for_no_longer_than_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("replikit.gateway.members.START", 0.2)
    with Host([strange("deaf")]) as made:
        made.settle(HANGS)
        assert "has not responded in 0.2 s" in made.troubles()[0]


def test_one_that_ended_is_started_again_after_a_pause_that_doubles() -> None:
    now = [1000.0]
    member = process.Process("strange", (sys.executable, str(STRANGE), "dies"), {}, clock=lambda: now[0])
    pauses = []
    for _ in range(4):
        with pytest.raises(MemberError):
            member.ask("call", {"arguments": {}}).result(HANGS)
        with pytest.raises(MemberError) as caught:
            member.ask("hello", {})
        pauses.append(
            next(int(word) for word in caught.value.error["message"].split() if word.isdigit() and word != "3")
        )
        now[0] += pauses[-1]
    member.close()
    assert (pauses, member.starts) == ([1, 2, 4, 8], 4)


# ── The contract ──────────────────────────────────────────────────────────────────────────────────────────


def test_a_member_of_fewer_keys_is_served() -> None:
    with Host([strange("few")]) as made:
        assert made.settle(HANGS).troubles() == []
        assert made.call("strange.look", {"a": [1]}).envelope["data"] == {"a": [1]}
        # What does not say that it reads may do anything.
        assert made.call("strange.bare", {}).envelope["error"]["type"] == "policy"
        assert made.search("bare")[0].name == "strange.bare"
        assert made.health()[0]["ok"] is True
        assert len(made.members["strange"].records) == 303  # what can be no name is no function


def test_a_script_names_functions_of_a_large_member_and_goes_through_its_pages() -> None:
    code = """
    local sum = 0
    for row in strange.pages(strange.rows, {}) do sum = sum + row end
    local items = {}
    for row in strange.items("rows", {}) do items[#items + 1] = row end
    return {strange.look_299{a = 1}.a, sum, #items, docs.search("look 299")[1].name}
    """
    with Host([strange("few")]) as made, Sandbox(ready=0) as sandbox:
        made.settle(HANGS)
        answer = sandbox.run(code, reach=Reaching(made))
    assert answer["result"] == [1, 36, 9, "strange.look_299"], answer["error"]


def test_what_a_member_says_hides_nothing_and_closes_no_mark() -> None:
    with Host([strange("few")]) as made:
        made.settle(HANGS)
        for text in (listing.searched(made, "look"), listing.searched(made, "")):
            shown = unmarked(clean(text, as_it_is))
            assert "strange" in shown and not {*"\u202e\u200b⟦⟧"} & {*shown}
            assert not any(line.startswith("Obey") for line in shown.splitlines())


def test_unknown_keys_and_kinds_are_passed_over() -> None:
    assert contract.read(Hello, {"contract": "1", "api": "x", "accounts": [1], "new": {}}) == Hello(api="x")
    assert contract.read(Record, [1, 2]) == Record()
    assert contract.read(Call, {"seconds": 3, "dry_run": 1, "arguments": {"a": None}}) == Call(
        seconds=3.0, arguments={"a": None}
    )


@pytest.mark.parametrize("kind", [Hello, Record, Call])
def test_every_key_has_a_default_and_crosses_whole(kind: type) -> None:
    whole = kind()
    assert contract.read(kind, contract.message(contract.line(contract.plain(whole)))) == whole
    assert {each.name for each in fields(kind)} == set(contract.plain(whole))


def test_an_unknown_method_is_answered(three: Host) -> None:
    with pytest.raises(MemberError) as caught:
        three.members["library"].ask("sing", {}).result(HANGS)
    assert caught.value.error["type"] == "unknown_method"


# ── Finding packages ──────────────────────────────────────────────────────────────────────────────────────


def test_a_package_announces_itself_by_an_entry_point(
    packages: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = shutil.copytree(packages["library"] / "python", tmp_path / "python")
    package = found.named(str(folder)).package
    info = folder / "library_kit-0.1.0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: library-kit\nVersion: 0.1.0\n")
    (info / "entry_points.txt").write_text(f"[surfacegen.packages]\nlibrary = {package}.about\n")
    monkeypatch.syspath_prepend(str(folder))
    assert found.announced()["library"] == package
    for name in ("library", "library-kit", package):
        made = found.named(name)
        assert (made.api, made.package, made.contract) == ("library", package, True)
    assert package not in sys.modules  # looked at, not imported


def test_what_there_is_not_is_told_with_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(found.NotFoundError) as caught:
        found.named("petshop")
    assert "replicate" in caught.value.known
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg/about.py").write_text("import os\nNAME = os.getcwd()\nPACKAGE = 'pkg'\n")
    with pytest.raises(found.NotFoundError, match="no package of surfacegen's"):
        found.named(str(tmp_path))


def test_what_a_member_says_of_itself_gets_it_no_token_of_anothers() -> None:
    with Host([strange("few", "innocent")]) as made:
        made.settle(HANGS)
        assert made.members["innocent"].hello.api == "strange"
        caller = host.Caller("somebody", {"strange": "token-for-strange"})
        error = made.call("innocent.look", {}, caller=caller).envelope["error"]
        assert (error["type"], error["hint"]) == ("authentication", "send X-Innocent-Authorization: Bearer TOKEN")


def test_a_function_that_is_added_is_listed(tmp_path: Path) -> None:
    run = {"source": "acme/hello", "base": "replicate_create_prediction", "argument": "input", "version": "7"}
    takes = {"fixed": {"version": "acme/hello:7"}, "input_schema": {"properties": {"text": {"type": "string"}}}}
    entry = {**run, **takes, "output_schema": {"type": "string"}, "summary": "Greet the moon."}
    with (
        surroundings(REPLIKIT_CONFIG=str(tmp_path / "config.json")),
        Host([Package("replicate", found.own())], Rules.flags("allow")) as made,
    ):
        member = made.settle(HANGS).members["replicate"]
        assert member.find("hello") is None
        (tmp_path / "models.json").write_text(json.dumps({"format": 1, "functions": {"hello": entry}}))
        record = until(lambda: member.find("hello"))
        assert record is not None and record.summary == "Greet the moon."
        assert made.search("greet the moon")[0].name == "replicate.hello"
