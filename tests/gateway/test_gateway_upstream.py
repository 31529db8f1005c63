"""MCP servers of others behind the gateway: trusted by name, reading unless told otherwise, each bounded."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cli_harness import until
from gateway_packages import ROOT, surroundings
from hanging import HANGS
from mcp.client.client import Client
from mcp_harness import held
from mcp_types import ElicitResult
from replikit.gateway import server, upstream
from replikit.gateway.host import Host
from replikit.gateway.mcpfile import FileError, Server, read
from replikit.gateway.plan import NESTED, PlanError, plan
from replikit.mcp.options import Options
from upstream_server import PIXEL, over_http

pytestmark = pytest.mark.usefixtures("patient_gateway")

SERVER = Path(__file__).parents[1] / "support/upstream_server.py"
OLDER = "ee87bdc1"
"""A commit whose package was made before there was a contract."""


def entry(mode: str, **more: Any) -> dict[str, Any]:
    return {"command": sys.executable, "args": [str(SERVER), mode], **more}


def written(folder: Path, **servers: Any) -> str:
    path = folder / ".mcp.json"
    path.write_text(json.dumps({"mcpServers": servers}))
    return str(path)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """Two servers that are trusted, of which one may write and one does all wrongly, and one that is not."""
    folder = tmp_path_factory.mktemp("upstream")
    words = entry("good", env={"UPSTREAM_SECRET": "${WORDS_SECRET}"})
    written(folder, words=words, bad=entry("bad"), other=entry("good"))
    policy = {"mcp.words": {"write": "allow", "destructive": "ask"}}
    config = folder / "gateway.json"
    config.write_text(json.dumps({"mcp": {"trust": ["words", "bad"]}, "policy": policy}))
    with (
        surroundings(WORDS_SECRET="from-the-environment", OTHER="not-for-it"),
        plan(config=str(config)).host() as made,
    ):
        yield made.settle(HANGS)


def test_one_that_is_not_trusted_is_named_and_never_started(host: Host) -> None:
    assert host.troubles() == ["mcp.other: is not trusted: --trust other, once you have checked it"]
    assert not hasattr(host.members["mcp.other"], "process")


def test_what_only_reads_is_read_and_the_rest_is_refused(host: Host) -> None:
    classes = {record.short: record.classes for record in host.members["mcp.words"].records.values()}
    # As the specification of tool annotations has it: what says nothing may destroy.
    assert classes == {
        "count_words": ("read",),
        "remember": ("write",),
        "shred": ("write", "destructive"),
        "translate": ("read",),
    }
    assert host.call("mcp.words.count_words", {"text": "a b c"}).envelope["data"]["words"] == 3
    assert host.call("mcp.words.remember", {"text": "a"}).envelope["success"]
    assert host.call("mcp.words.shred", {"text": "a"}).envelope["error"]["type"] == "policy"


def test_what_destroys_is_done_once_the_user_has_said_yes(host: Host) -> None:
    asked: list[str] = []

    async def person(_context: Any, params: Any) -> ElicitResult:
        asked.append(params.message)
        return ElicitResult(action="accept", content={"proceed": len(asked) > 1})

    made = Client(server.make(Options(mode="tools"), host), elicitation_callback=person)
    with held(made) as client:
        refused, done = (client.call_tool("mcp_words_shred", {"text": "a letter"}) for _ in range(2))
    assert refused.structured_content["error"]["type"] == "declined" and not done.is_error
    said = ("mcp.words: call mcp.words.shred? It destroys something.", "tools/call shred", "a letter")
    assert all(part in asked[0] for part in said), asked


def test_a_server_has_its_own_variables_and_no_others(host: Host) -> None:
    data = host.call("mcp.words.count-words", {"text": ""}).envelope["data"]
    assert (data["secret"], data["other"]) == ("from-the-environment", None)


def test_a_dry_run_calls_nothing(host: Host) -> None:
    made = host.call("mcp.bad.dies", {"text": "a"}, dry_run=True).envelope
    assert made["data"] == {"tool": "dies", "arguments": {"text": "a"}}


def test_it_is_found_beside_the_packages(host: Host) -> None:
    assert host.search("count the words of a text")[0].name == "mcp.words.count_words"
    assert host.describe("mcp.words.count_words")["arguments"]["required"] == ["text"]


def test_in_lua(host: Host) -> None:
    with held(Client(server.make(Options(mode="code"), host))) as client:
        code = (
            "local fine, why = pcall(app.mcp.words.shred, {text = 'x'})\n"
            "return {app.mcp.words.count_words{text = 'one two'}.words, app.mcp.words.remember{text = 'x'}.words,"
            " fine, why.type}"
        )
        answer = client.call_tool("execute_lua", {"code": code}).structured_content
        assert answer["result"] == [2, 1, False, "policy"], answer
        lost = client.call_tool("execute_lua", {"code": "return app.mcp.wrods"}).structured_content
        assert "there are bad, other, words" in lost["error"]["message"]


def test_as_tools_beside_the_packages(host: Host) -> None:
    with held(Client(server.make(Options(mode="tools"), host))) as client:
        names = [tool.name for tool in client.list_tools().tools if tool.name.startswith("mcp_words")]
        assert names == ["mcp_words_count_words", "mcp_words_remember", "mcp_words_shred", "mcp_words_translate"]
        found = client.call_tool("mcp_words_count_words", {"text": "a b"})
        assert found.structured_content["words"] == 2


def test_a_list_that_changes_is_listed_anew(host: Host) -> None:
    with held(Client(server.make(Options(mode="tools"), host))) as client:
        assert "mcp_words_recall" not in [tool.name for tool in client.list_tools().tools]
        assert host.call("mcp.words.remember", {"text": "to recall"}).envelope["success"]
        until(lambda: "mcp_words_recall" in [tool.name for tool in client.list_tools().tools])
    assert host.search("recall a text that was kept")[0].name == "mcp.words.recall"
    assert host.call("mcp.words.recall", {"text": "it"}).envelope["success"]


def test_a_tools_error_is_told(host: Host) -> None:
    error = host.call("mcp.words.translate", {"text": "it"}).envelope["error"]
    assert (error["type"], error["message"]) == ("tool", "no dictionary for it")


def test_a_list_that_has_no_end_is_taken_as_far_as_its_bound(host: Host) -> None:
    assert len(host.members["mcp.bad"].records) == upstream.MOST_TOOLS


def test_one_that_fails_takes_no_other_with_it(host: Host) -> None:
    error = host.call("mcp.bad.huge", {"text": "x"}).envelope["error"]
    assert (error["type"], "ask for less" in error["message"]) == ("too_large", True)
    pending = host.begin(host.find("mcp.bad.floods"), {"text": "x"}, seconds=HANGS)
    assert host.call("mcp.words.count_words", {"text": "x"}, seconds=HANGS).envelope["success"]
    error = pending.result().envelope["error"]
    assert (error["type"], "a message of more than 16,777,216 bytes" in error["message"]) == (
        "unavailable",
        True,
    ), error
    assert host.call("mcp.words.count_words", {"text": "x"}, seconds=HANGS).envelope["success"]


# ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def over_the_net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Host, Any]]:
    """A server over HTTP, one that sends its callers elsewhere, and one that does not let them in."""
    folder = tmp_path_factory.mktemp("http")
    with over_http() as (url, words), over_http(elsewhere=url) as (moved, _), over_http(token="another") as (shut, _):
        headers = {"Authorization": "Bearer ${WORDS_TOKEN}"}
        servers = {"words": url, "moved": moved, "shut": f"{shut}?key=key-in-a-query"}
        file = written(folder, **{name: {"url": each, "headers": headers} for name, each in servers.items()})
        with surroundings(WORDS_TOKEN="token-of-words"), plan(mcp_file=file, trust=(*servers,)).host() as made:
            yield made.settle(HANGS), words


def test_over_http_it_is_called_as_over_stdio(over_the_net: tuple[Host, Any]) -> None:
    host, words = over_the_net
    assert len(host.functions("mcp.words")) == 9  # those of both pages
    assert host.call("mcp.words.count_words", {"text": "a b c"}).envelope["data"]["words"] == 3
    assert set(words.seen) == {"Bearer token-of-words"}


def test_a_credential_is_sent_on_to_no_other_server(over_the_net: tuple[Host, Any]) -> None:
    host, _ = over_the_net
    troubles = {each.partition(": ")[0]: each for each in host.troubles()}
    assert "not followed" in troubles["mcp.moved"]
    assert "401 Unauthorized: it needs a credential in its `headers`" in troubles["mcp.shut"]
    assert not any(secret in str(troubles) for secret in ("token-of-words", "key-in-a-query"))


def test_what_goes_wrong_over_http_ends_one_call_alone(over_the_net: tuple[Host, Any]) -> None:
    host, _ = over_the_net
    starts = host.members["mcp.words"].process.starts  # type: ignore[attr-defined]
    for name, why in (("long", "a message of more than 16,777,216 bytes"), ("dies", "the server did not respond")):
        error = host.call(f"mcp.words.{name}", {"text": "x"}, seconds=HANGS).envelope["error"]
        assert (error["type"], why in error["message"]) == ("tool", True), error
    assert host.call("mcp.words.count_words", {"text": "a"}).envelope["success"]
    assert host.members["mcp.words"].process.starts == starts  # type: ignore[attr-defined]


def test_pictures_are_shown_and_results_described(over_the_net: tuple[Host, Any]) -> None:
    host, _ = over_the_net
    assert host.describe("mcp.words.measure")["result"] == "{words: integer}"
    with held(Client(server.make(Options(mode="code"), host))) as client:
        made = client.call_tool("call_read", {"function": "mcp.words.draw", "arguments": {"text": "x"}})
        assert [block.type for block in made.content] == ["text", "image", "text"]
        assert made.content[1].data == PIXEL and PIXEL not in made.content[0].text
        assert made.structured_content["result"][1]["data"] == "shown separately"
        # A script may send it on to another API; a table that is empty is what the server's schema says it is.
        code = "return {app.mcp.words.draw{text = 'x'}[2].data, app.mcp.words.tag{tags = {}}}"
        assert client.call_tool("execute_lua", {"code": code}).structured_content["result"] == [PIXEL, {"tags": []}]


def test_a_server_that_was_started_anew_is_greeted_again(
    over_the_net: tuple[Host, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    host, words = over_the_net
    monkeypatch.setattr(words, "session", "another")
    member = host.members["mcp.words"].process  # type: ignore[attr-defined]
    monkeypatch.setattr(member, "_clock", count(step=1_000.0).__next__)  # the pause before a start is over at once
    assert "call again" in host.call("mcp.words.count_words", {"text": "a"}).envelope["error"]["message"]
    assert host.call("mcp.words.count_words", {"text": "a"}).envelope["success"]


# ── The file ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given", "environment", "launched"),
    [
        ({"command": "npx", "args": ["-y", "x"]}, {}, {"command": "npx", "args": ["-y", "x"], "env": {}}),
        (
            {"command": "${TOOL:-node}", "env": {"A": "${A}b", "C": "$A"}},
            {"A": "a"},
            {"command": "node", "args": [], "env": {"A": "ab", "C": "$A"}},
        ),
        (
            {"type": "http", "url": "https://x/${T}", "headers": {"Authorization": "Bearer ${T}"}},
            {"T": "t"},
            {"url": "https://x/t", "headers": {"Authorization": "Bearer t"}},
        ),
    ],
)
def test_variables_are_put_in_their_places(given: Any, environment: dict[str, str], launched: Any) -> None:
    assert Server(name="s", given=given).launch(environment) == {"name": "s", **launched}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"command": "${MISSING}"}, "command needs the variable MISSING, which is not set"),
        ({"args": []}, "command must be a string"),
        ({"command": "x", "args": "y"}, "args is not a list"),
        ({"type": "sse", "url": "https://x"}, "servers of the type 'sse' are not supported"),
        ({"url": "file:///etc/passwd"}, "neither http nor https"),
        ({"command": "x", "env": {"A": 1}}, "env.A must be a string"),
    ],
)
def test_a_server_that_cannot_be_started_says_why(given: Any, told: str) -> None:
    with pytest.raises(FileError, match="^s: ") as caught:
        Server(name="s", given=given).launch({})
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", ":1:2: not JSON"),
        ("[]", 'it has no "mcpServers" object'),
        ('{"mcpServers": {"../x": {}}}', "not a valid name of a server"),
        ('{"mcpServers": {"x": 1}}', "the server x is no object"),
    ],
)
def test_a_file_that_is_none_says_why(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(FileError) as caught:
        read(tmp_path / "m.json")
    assert told in str(caught.value)


def test_trusting_what_there_is_not_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = written(tmp_path, words=entry("good"), other=entry("good"))
    with pytest.raises(PlanError, match="it has words, other"):
        plan(mcp_file=file, trust=("wrods",))
    monkeypatch.setenv(NESTED, "1")
    with pytest.raises(PlanError, match="cannot start upstream servers"):
        plan(mcp_file=file, trust=("words",))


# ── A package that was made before the contract ───────────────────────────────────────────────────────────


def test_an_older_package_is_served_by_its_own_server(tmp_path: Path) -> None:
    archive = ["git", "-C", str(ROOT), "archive", OLDER, "generated/python/replikit"]
    done = subprocess.run(archive, capture_output=True, check=False)
    if done.returncode:
        pytest.skip("this clone does not hold the commit of the older package")
    with tarfile.open(fileobj=BytesIO(done.stdout)) as tar:
        tar.extractall(tmp_path, filter="data")
    config = tmp_path / "gateway.json"
    config.write_text(json.dumps({"apis": {"older": {"package": "./generated/python/replikit"}}}))
    with surroundings(REPLICATE_BASE_URL="http://127.0.0.1:1/v1"), plan(config=str(config)).host() as made:
        assert made.settle(HANGS).troubles() == []
        older = made.members["older"]
        assert older.kind == "mcp" and {"get_model", "list_models"} <= {each.short for each in older.records.values()}
        assert {each.type for each in older.records.values()} == {"read"}
        assert made.find("older.get_model").record.name == "replicate_get_model"
        error = made.call("older.get_model", {"model_owner": "a"}).envelope["error"]
        assert (error["type"], "model_name" in error["message"]) == ("tool", True)
