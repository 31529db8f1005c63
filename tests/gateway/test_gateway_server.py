"""The MCP server over many APIs, asked by the SDK's client: what it lists, finds, calls and runs in each mode."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from gateway_packages import answering, surroundings
from hanging import HANGS
from mcp import MCPError
from mcp.client.client import Client
from mcp_harness import ERAS, held, served
from replikit.gateway import found, listing
from replikit.gateway.contract import Hello, Record
from replikit.gateway.host import Host
from replikit.gateway.plan import Plan, Spec
from replikit.gateway.rules import Rules, said
from replikit.gateway.server import MARK, counted, make
from replikit.mcp.metrics import Metrics
from replikit.mcp.options import Options

pytestmark = pytest.mark.usefixtures("patient_gateway")


def size(value: Any) -> int:
    return len(json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode())


@pytest.fixture(scope="module")
def servers() -> Iterator[dict[str, Any]]:
    with answering() as made:
        yield made


@pytest.fixture(scope="module")
def host(packages: dict[str, Path], servers: dict[str, Any]) -> Iterator[Host]:
    """Three APIs, of which one may be written to. Each server of the tests is one over these."""
    specs = [Spec(name="replicate", package=found.own(), base_url="http://127.0.0.1:1/v1")]
    for name, folder in packages.items():
        specs.append(Spec(name=name, package=found.named(str(folder)), base_url=servers[name].base_url))
    rules = said(Rules(), "library", {"write": "allow"})
    with surroundings(), Plan(specs=tuple(specs), rules=rules).host() as made:
        yield made


@pytest.fixture(scope="module")
def client(host: Host) -> Iterator[Any]:
    with held(Client(make(Options(mode="code"), host))) as made:
        yield made


def data(answer: Any) -> Any:
    return answer.structured_content


def script(client: Any, code: str) -> Any:
    return data(client.call_tool("execute_lua", {"code": code}))


# ── Bounds for any number of APIs ─────────────────────────────────────────────────────────────────────────


class Many(Host):
    """A host of members that are known and never asked."""

    def __init__(self, count: int, rules: Rules) -> None:
        super().__init__([], rules)
        for number in range(count):
            member = Spec(name=f"api_with_quite_a_long_name_{number}", why="").member(())
            member.takes([Record(name=f"read_{each}", short=f"read_{each}", type="read") for each in range(40)])
            member.hello = Hello(contract=1, api=member.name, title=f"Number {number}")
            member._loaded.set()
            self.members[member.name] = member


class Late(Many):
    """A host with one member that is there, and one that comes when it is let."""

    def __init__(self) -> None:
        super().__init__(2, Rules())
        *_, self.late = self.members.values()
        self.late._loaded.clear()
        for member in self.members.values():
            tool = {"name": "read_1", "inputSchema": {"type": "object"}}
            member.tools = lambda tool=tool: [tool]  # type: ignore[method-assign]

    def start(self) -> Any:
        return self

    def settle(self, seconds: float = 0.0) -> Any:
        return self


def test_a_member_that_is_late_is_listed_once_it_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    host = Late()
    monkeypatch.setattr("replikit.mcp.listed.LOOK", 0.02)

    async def talk() -> None:
        async with Client(make(Options(mode="tools"), host)) as client:
            assert len((await client.list_tools()).tools) == 1 and client.server_capabilities.tools.list_changed
            async with client.listen(tools_list_changed=True) as changes:
                host.late._loaded.set()
                with anyio.fail_after(HANGS):
                    await anext(aiter(changes))
                assert len((await client.list_tools()).tools) == 2

    anyio.run(talk)


@pytest.mark.parametrize("count", [1, 20, 200])
def test_lists_and_instructions_have_their_bounds(count: int) -> None:
    host = Many(count, Rules.flags("allow", ["all"]))
    assert size({"tools": listing.few(host, "code")}) <= 2_500
    assert size({"tools": listing.few(host, "meta")}) <= 1_600
    for mode in ("tools", "meta", "code"):
        assert len(listing.instructions(host, mode).encode()) <= 1_500
    assert len(listing.searched(host, "")) <= 8_000
    assert len(listing.searched(host, "read 7")) <= 8_000


# ── Code mode ─────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_listed(client: Any) -> None:
    names = [tool.name for tool in client.list_tools().tools]
    assert names == ["search", "describe", "call_read", "call_write", "execute_lua"]


def test_a_search_says_which_api(client: Any) -> None:
    found = client.call_tool("search", {"text": "list support tickets"}).content[0].text
    assert found.splitlines()[0] == "helpdesk.list_tickets: List support tickets of customers."
    for text in ("", "how do I", "help me please"):  # which say nothing of what is looked for
        apis = client.call_tool("search", {"text": text}).content[0].text.splitlines()
        assert apis == [
            "replicate: Replicate, 37 functions",
            "library: Library, 3 functions",
            "helpdesk: Helpdesk, 3 functions",
        ]
    only = client.call_tool("search", {"text": "account", "api": "helpdesk"}).content[0].text
    assert {line.split(".")[0] for line in only.splitlines()} == {"helpdesk"}


def test_describe_and_call(client: Any, servers: dict[str, Any]) -> None:
    shown = json.loads(client.call_tool("describe", {"function": "library.books.list"}).content[0].text)
    assert (shown["function"], set(shown["arguments"]["properties"])) == ("library.list_books", {"limit", "shelf"})
    none = client.call_tool("call_read", {"function": "library.list_books", "limit": 0})
    assert none.structured_content["error"]["message"] == "limit: 0 must be at least 1"
    found = client.call_tool("call_read", {"function": "library.list_books", "limit": 1, "fields": "title"})
    assert data(found)["result"] == [{"title": "Emma"}]
    assert found.content[-1].text == MARK
    servers["library"].seen.clear()


def test_each_kind_of_call_is_sent_to_its_own_tool(client: Any) -> None:
    error = data(client.call_tool("call_read", {"function": "library.add_book"}))["error"]
    assert error["message"] == "function: library.add_book writes: call it with call_write"
    error = data(client.call_tool("call_write", {"function": "replicate.create_prediction"}))["error"]
    assert error["type"] == "policy"
    error = data(client.call_tool("call_read", {"function": "library.list_books", "arguments": {"fields": "a"}}))[
        "error"
    ]
    assert error["message"].startswith("fields: belongs next to `arguments`")
    # Whoever takes a function for a tool is told how it is called, or what would let it be.
    for name, right in (("library_list_books", "call_read calls it"), ("helpdesk.delete_ticket", "write: allow")):
        with pytest.raises(MCPError, match=right):
            client.call_tool(name, {})


def test_one_script_runs_over_several(client: Any, servers: dict[str, Any]) -> None:
    made = script(
        client,
        """
        local titles = {}
        for _, book in ipairs(app.integrations.library.list_books{shelf = "A"}) do
          titles[#titles + 1] = book.title
        end
        local ticket = helpdesk.list_tickets{}[1]
        return {titles = titles, subject = ticket.subject}
        """,
    )
    assert made["result"] == {"titles": ["Emma", "Ulysses"], "subject": "Lost card"}, made
    # What says nothing is not running: it would be read after every script.
    assert made.keys() == {"success", "result", "integration_calls"} and made["integration_calls"] == {"count": 2}
    assert servers["library"].one().headers["authorization"] == "Bearer token-of-library"
    assert servers["helpdesk"].one().headers["authorization"] == "Bearer token-of-helpdesk"


def test_scripts_call_several_at_once(client: Any, servers: dict[str, Any]) -> None:
    code = "return parallel{books = function() return #library.list_books{} end, all = function() return #helpdesk.list_tickets{} end}"
    assert script(client, code)["result"] == {"books": 2, "all": 1}
    for server in servers.values():
        server.seen.clear()


@pytest.mark.parametrize(
    ("code", "type_", "told"),
    [
        ("return app.integrations.libary", "unknown_api", "there are helpdesk, library, replicate"),
        ("return library.list_bokes{}", "unknown_function", "library.list_books"),
        ("return library.list_books{'A'}", "invalid_arguments", "named arguments"),
        ("return library.list_books{limit = 'many'}", "invalid_arguments", "limit"),
        ("return helpdesk.delete_ticket{ticket = 't1'}", "policy", "not allowed"),
        ("return library.wait({id = 1})", "invalid_arguments", "not a known job"),
    ],
)
def test_what_a_script_does_wrong_is_told(client: Any, code: str, type_: str, told: str) -> None:
    error = script(client, code)["error"]
    assert (error["type"], told in json.dumps(error)) == (type_, True), error


def test_a_script_reads_about_all(client: Any) -> None:
    made = script(
        client, "return {docs.search('delete ticket')[1].name, docs.read('library.list_books').summary, #docs.list()}"
    )
    assert made["result"] == ["helpdesk.delete_ticket", "List the books on the shelves.", 43]


def test_scripts_write_where_the_policy_lets_them(client: Any, servers: dict[str, Any]) -> None:
    servers["library"].content, before = b'{"id": "b3", "title": "Persuasion"}', servers["library"].content
    try:
        assert script(client, "return library.add_book{title = 'Persuasion'}.id")["result"] == "b3"
    finally:
        servers["library"].content = before
    assert servers["library"].one().body == {"title": "Persuasion"}


# ── Other modes, and both eras ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("era", ERAS)
def test_tools_mode_has_a_tool_for_each_function(host: Host, servers: dict[str, Any], era: str) -> None:
    with held(Client(make(Options(mode="tools"), host), mode=era)) as client:
        names = [tool.name for tool in client.list_tools().tools]
        assert {"library_list_books", "library_add_book", "helpdesk_list_tickets", "library_get_account"} <= {*names}
        assert "helpdesk_delete_ticket" not in names
        assert "replicate_create_prediction" not in names
        found = client.call_tool("library_list_books", {"limit": 1, "shelf": "B"})
        # `limit` is the API's own argument here, and is the API's to heed.
        assert len(data(found)["result"]) == 2
    assert servers["library"].one().query == [("limit", "1"), ("shelf", "B")]


@pytest.mark.parametrize("era", ERAS)
def test_meta_mode_has_no_scripts(host: Host, era: str) -> None:
    with held(Client(make(Options(mode="meta"), host), mode=era)) as client:
        assert [tool.name for tool in client.list_tools().tools] == ["search", "describe", "call_read", "call_write"]
        assert data(client.call_tool("call_read", {"function": "helpdesk.list_tickets"}))["result"][0]["id"] == "t1"


def test_where_each_function_has_a_tool_calls_are_counted_by_api(host: Host, servers: dict[str, Any]) -> None:
    specs = tuple(Spec(name=name, why="") for name in host.members)
    metrics = Metrics(counted("tools", Plan(specs=specs)))
    with held(Client(make(Options(mode="tools"), host, metrics))) as client:
        client.call_tool("library_list_books", {})
        client.call_tool("library_list_books", {"limit": "many"})
        client.call_tool("helpdesk_list_tickets", {})
        with pytest.raises(MCPError):
            client.call_tool("zebra", {})
    for server in servers.values():
        server.seen.clear()
    lines = [line for line in metrics.text().splitlines() if line.startswith("replikit_mcp_calls_total")]
    assert lines == [
        'replikit_mcp_calls_total{tool="library",outcome="ok"} 1',
        'replikit_mcp_calls_total{tool="library",outcome="error"} 1',
        'replikit_mcp_calls_total{tool="helpdesk",outcome="ok"} 1',
        'replikit_mcp_calls_total{tool="other",outcome="failed"} 1',
    ]


# ── Over HTTP ─────────────────────────────────────────────────────────────────────────────────────────────


def test_callers_over_http_bring_a_token_for_each_api(
    packages: dict[str, Path], servers: dict[str, Any], tmp_path: Path
) -> None:
    apis = {name: {"package": str(folder), "base_url": servers[name].base_url} for name, folder in packages.items()}
    config = tmp_path / "gateway.json"
    config.write_text(json.dumps({"apis": apis}))
    for server in servers.values():
        server.seen.clear()
    log: list[str] = []
    flags = ("--mode=meta", "--auth=caller", "--metrics", "--log-format=json")
    own = {"LIBRARY_API_TOKEN": "token-of-gateway", "HELPDESK_API_TOKEN": "token-of-gateway"}
    with (
        served(own, *flags, f"--config={config}", log_to=log) as (url, _),
        httpx2.Client(timeout=HANGS) as http,
    ):

        def call(function: str, **headers: str) -> Any:
            params = {"name": "call_read", "arguments": {"function": function}}
            message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
            kinds = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
            return http.post(url, json=message, headers={**kinds, "MCP-Protocol-Version": "2025-06-18", **headers})

        assert call("library.list_books").status_code == 401
        assert "Emma" in call("library.list_books", **{"X-Library-Authorization": "Bearer of-caller"}).text
        assert servers["library"].one().headers["authorization"] == "Bearer of-caller"
        # The caller brought no token for it: neither the caller's other one nor the gateway's own is sent.
        refused = call("helpdesk.list_tickets", **{"X-Library-Authorization": "Bearer of-caller"}).text
        assert "X-Helpdesk-Authorization" in refused
        refused = call("helpdesk.list_tickets", Authorization="Bearer for-replicate").text
        assert "X-Helpdesk-Authorization" in refused
        assert servers["helpdesk"].seen == []
        counted = http.get(url.replace("/mcp", "/metrics")).text.splitlines()
        assert 'replikit_mcp_calls_total{tool="call_read",outcome="ok"} 1' in counted
        assert 'replikit_mcp_calls_total{tool="call_read",outcome="error"} 2' in counted
    told = [json.loads(line) for line in log if line.startswith("{")]
    calls = [(each["tool"], each["outcome"]) for each in told if each.get("tool")]
    assert calls == [("call_read", "ok"), ("call_read", "error"), ("call_read", "error")]
    assert not any("of-caller" in line or "token-of-gateway" in line for line in log)
