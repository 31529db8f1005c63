"""A call that the gateway's policy says `ask` of is made once the host's user has said yes to it, in both eras.

The host is the SDK's own client. What was sent is asked of recording APIs, never of the gateway.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import mcp_types as types
import pytest
from cli_harness import run
from gateway_packages import answering
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp_harness import SECONDS, command, environment, held, served

ERAS = ("2026-07-28", "legacy")
"""By name: a host that tries which one there is may take a slow answer for none."""
ASKING = ("--mode=code", "--write=ask", "--ask=destructive")
BOOK = {"function": "library.add_book", "arguments": {"title": "Persuasion"}}
TICKET = {"function": "helpdesk.delete_ticket", "arguments": {"ticket": "t1"}}
POLICY = {"write": "deny", "functions": {"create_prediction": "ask"}}
YES = {"action": "accept", "content": {"proceed": True}}
TOKENS = {"LIBRARY_API_TOKEN": "token-of-library", "HELPDESK_API_TOKEN": "token-of-helpdesk"}


class Person:
    """Whoever sits at the host: answers each question, and remembers it."""

    def __init__(self) -> None:
        self.answer: dict[str, Any] = YES
        self.asked: list[str] = []

    async def __call__(self, _context: Any, params: Any) -> types.ElicitResult:
        self.asked.append(params.message)
        return types.ElicitResult(**self.answer)


def surrounded() -> dict[str, str]:
    nobodys = {f"{name}_CONFIG": "/dev/null.none" for name in ("LIBRARY", "HELPDESK")}
    return {**TOKENS, **nobodys, "REPLICATE_BASE_URL": "http://127.0.0.1:1/v1"}


def configured(folder: Path, packages: dict[str, Path], servers: dict[str, Any], **more: Any) -> str:
    """A configuration that says something of one API's policy, and nothing of the others'."""
    apis = {name: {"package": str(path), "base_url": servers[name].base_url} for name, path in packages.items()}
    path = folder / "gateway.json"
    path.write_text(json.dumps({"apis": apis, "policy": {"replicate": POLICY}, **more}))
    return f"--config={path}"


@contextmanager
def hosted(era: str, person: Person | None, *flags: str, own: Path | None = None) -> Iterator[Any]:
    """A host over stdio. own: where this package's own settings and prices are."""

    @asynccontextmanager
    async def client() -> AsyncIterator[Client]:
        env = environment({**surrounded(), **({"REPLIKIT_CONFIG": str(own)} if own else {})})
        start, *arguments = command(env, *flags)
        server = StdioServerParameters(command=start, args=arguments, env=env)
        async with Client(server, mode=era, elicitation_callback=person) as found:
            yield found

    with held(client()) as host:
        yield host


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    with answering() as made:
        yield made


@pytest.fixture(scope="module", params=ERAS)
def asking(
    request: pytest.FixtureRequest,
    packages: dict[str, Path],
    servers: dict[str, Any],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Any]:
    person, folder = Person(), tmp_path_factory.mktemp("asking")
    config = configured(folder, packages, servers)
    (folder / "prices.json").write_text(json.dumps({"prices": {"acme/brush": "0.0012"}}))
    (folder / "prices.json").chmod(0o600)
    with hosted(request.param, person, *ASKING, config, own=folder / "config.json") as host:
        yield host, person


@pytest.fixture
def fresh(asking: Any, servers: dict[str, Any]) -> Any:
    host, person = asking
    for server in servers.values():
        server.seen.clear()
    person.asked.clear()
    person.answer = YES
    return host, person, servers


def error(answer: Any) -> Any:
    return answer.structured_content["error"]


def test_a_yes_sends_it_once_and_the_question_says_what(fresh: Any) -> None:
    host, person, servers = fresh
    assert not host.call_tool("call_write", BOOK).is_error
    assert servers["library"].one().body == {"title": "Persuasion"}
    [asked] = person.asked
    told = ("library: call library.add_book?", "It changes something.", "POST ", "/books", '"title":"Persuasion"')
    for part in told:
        assert part in asked, asked
    assert not any(token in asked for token in TOKENS.values())
    assert not host.call_tool("call_write", TICKET).is_error
    assert servers["helpdesk"].one().method == "DELETE"
    assert "helpdesk.delete_ticket? It changes something and destroys something." in person.asked[1]


def test_what_is_paid_for_is_asked_with_its_price(fresh: Any) -> None:
    host, person, _ = fresh
    person.answer = {"action": "decline"}
    given = {"version": "acme/brush:" + "0" * 64, "input": {"text": "Ada"}}
    host.call_tool("call_write", {"function": "replicate.create_prediction", "arguments": given})
    assert "changes something and costs money" in person.asked[0]
    assert "It costs 0.0012 for each second that acme/brush runs." in person.asked[0]


@pytest.mark.parametrize("answer", [{"action": "decline"}, {"action": "cancel"}, {"action": "accept"}], ids=str)
def test_whatever_is_no_yes_sends_nothing(fresh: Any, answer: dict[str, Any]) -> None:
    host, person, servers = fresh
    person.answer = answer
    refused = error(host.call_tool("call_write", BOOK))
    assert (refused["type"], "library.add_book" in refused["message"]) == ("declined", True)
    assert not servers["library"].seen and len(person.asked) == 1


def test_what_cannot_be_sent_or_only_reads_is_not_asked_for(fresh: Any) -> None:
    host, person, servers = fresh
    wrong = {**BOOK, "arguments": {"titel": "Persuasion"}}
    assert error(host.call_tool("call_write", wrong))["type"] == "invalid_arguments"
    tried = host.call_tool("call_write", {**BOOK, "dry_run": True})
    assert tried.structured_content["method"] == "POST"
    host.call_tool("call_read", {"function": "library.list_books"})
    assert not person.asked and [each.method for each in servers["library"].seen] == ["GET"]


def test_a_long_argument_is_shortened(fresh: Any) -> None:
    host, person, _ = fresh
    host.call_tool("call_write", {**BOOK, "arguments": {"title": "x" * 50_000}})
    assert len(person.asked[0]) < 1_500


def test_flags_are_for_apis_that_the_configuration_says_nothing_of(fresh: Any) -> None:
    host, person, _ = fresh
    refused = error(host.call_tool("call_write", {"function": "replicate.cancel_prediction"}))
    assert (refused["type"], "not allowed here" in refused["message"]) == ("policy", True)
    assert not person.asked


def test_a_script_says_where_to_call_it(fresh: Any) -> None:
    host, person, servers = fresh
    answer = host.call_tool("execute_lua", {"code": "return library.add_book{title = 'Persuasion'}"})
    assert answer.is_error and "call it as a tool" in json.dumps(error(answer))
    assert not person.asked and not servers["library"].seen


@pytest.mark.parametrize("era", ERAS)
def test_a_host_that_cannot_ask_is_told_what_to_do(
    packages: dict[str, Path], servers: dict[str, Any], tmp_path: Path, era: str
) -> None:
    servers["library"].seen.clear()
    with hosted(era, None, "--mode=tools", *ASKING[1:], configured(tmp_path, packages, servers)) as host:
        refused = error(host.call_tool("library_add_book", {"title": "Persuasion"}))
    assert refused["type"] == "policy" and "--write=allow" in refused["hint"], refused
    assert not servers["library"].seen


def test_a_yes_is_to_the_call_that_was_asked_for_and_that_counts_once(
    packages: dict[str, Path], servers: dict[str, Any], tmp_path: Path
) -> None:
    seen = servers["library"].seen
    seen.clear()
    config = configured(tmp_path, packages, servers, budgets={"calls": 1})
    with (
        served(surrounded(), "--mode=tools", "--auth=caller", "--write=ask", config) as (url, _),
        httpx2.Client(timeout=SECONDS) as http,
    ):

        def posted(title: str, caller: str = "one-of-callers", **more: Any) -> Any:
            meta = {
                "io.modelcontextprotocol/protocolVersion": ERAS[0],
                "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
            }
            params = {"name": "library_add_book", "arguments": {"title": title}, "_meta": meta, **more}
            headers = {
                "accept": "application/json, text/event-stream",
                "mcp-protocol-version": ERAS[0],
                "mcp-method": "tools/call",
                "mcp-name": "library_add_book",
                "x-library-authorization": f"Bearer {caller}",
            }
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            text = http.post(url, json=message, headers=headers).text
            lines = [line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:")]
            return json.loads(lines[0] if lines else text)["result"]

        asked = posted("Emma")
        assert asked["resultType"] == "input_required" and "one-of-callers" not in json.dumps(asked)
        sealed = {"inputResponses": {"proceed": YES}, "requestState": asked["requestState"]}
        unsealed = {"inputResponses": {"proceed": YES}}
        for wrong in (
            posted("Ulysses", **sealed),
            posted("Emma", "another-caller", **sealed),
            posted("Emma", **unsealed),
        ):
            assert wrong["resultType"] == "input_required"
        assert not seen
        assert not posted("Emma", **sealed).get("isError")
        assert servers["library"].one().headers["authorization"] == "Bearer one-of-callers"
        # Who may make no further call is asked nothing.
        assert posted("Ulysses")["structuredContent"]["error"]["type"] == "budget"


@pytest.mark.parametrize("flags", [("--allow=billed", "--ask=billed"), ("--ask=zebra",)])
def test_what_contradicts_itself_is_refused(packages: dict[str, Path], flags: tuple[str, ...]) -> None:
    done = run("mcp", "tools", "--with", str(packages["library"]), *flags, env=environment({}))
    assert done.returncode == 2 and (b"either allowed or asked" in done.stderr or b"zebra" in done.stderr)
