"""A call that costs or destroys is made once the host's user has said yes to it, in both eras of the protocol.

The host is the SDK's own client. What was sent is asked of a recording API, never of the server.
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
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from mcp_harness import API, SECONDS, command, environment, held, listening
from recorder import recorder

ERAS = ("2026-07-28", "legacy")
"""By name: a host that tries which one there is may take a slow answer for none."""
RUN = {"version": "acme/brush:" + "0" * 64, "input": {"text": "Ada"}}
ASKING = ("--write=allow", "--ask=billed,destructive")
TOKEN = "r8_secret_of_the_operator"


class Person:
    """Whoever sits at the host: answers each question, and remembers it."""

    def __init__(self) -> None:
        self.answer: types.ElicitResult = types.ElicitResult(action="accept", content={"proceed": True})
        self.asked: list[types.ElicitRequestFormParams] = []

    async def __call__(self, _context: Any, params: Any) -> types.ElicitResult:
        self.asked.append(params)
        return self.answer


@contextmanager
def hosted(era: str, person: Person | None, *flags: str, config: str = "") -> Iterator[tuple[Any, Any]]:
    """A host over stdio, and the API that its server calls."""

    @asynccontextmanager
    async def client(env: dict[str, str]) -> AsyncIterator[Client]:
        full = environment(env)
        start, *arguments = command(full, *flags)
        server = StdioServerParameters(command=start, args=arguments, env=full)
        async with Client(server, mode=era, elicitation_callback=person) as found:
            yield found

    with recorder() as api:
        api.status, api.content = 201, json.dumps({"id": "p1", "status": "starting"}).encode()
        env = {API.base_url_env: api.base_url, API.token_env: TOKEN}
        with held(client({**env, **({"REPLIKIT_CONFIG": config} if config else {})})) as host:
            yield host, api


@pytest.fixture(scope="module", params=ERAS)
def asking(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("asking")
    (folder / "prices.json").write_text(json.dumps({"prices": {"acme/brush": "0.0012"}}))
    (folder / "prices.json").chmod(0o600)
    person = Person()
    with hosted(request.param, person, *ASKING, config=str(folder / "config.json")) as (host, api):
        yield host, api, person


@pytest.fixture
def fresh(asking: Any) -> Any:
    host, api, person = asking
    api.seen.clear()
    person.asked.clear()
    person.answer = types.ElicitResult(action="accept", content={"proceed": True})
    return host, api, person


def test_a_yes_sends_it_once_and_the_question_says_what(fresh: Any) -> None:
    host, api, person = fresh
    answer = host.call_tool("replicate_create_prediction", RUN)
    assert not answer.is_error, answer
    assert [request.method for request in api.seen] == ["POST"]
    [asked] = person.asked
    for part in ("replicate_create_prediction", "costs money", "POST ", "/predictions", "Ada", "0.0012", "acme/brush"):
        assert part in asked.message, asked.message
    assert TOKEN not in asked.model_dump_json()
    # The form is of the restricted kind: flat, of primitive types (MCP 2025-11-25, client/elicitation).
    schema = json.loads(asked.model_dump_json(by_alias=True))["requestedSchema"]
    assert {part["type"] for part in schema["properties"].values()} == {"boolean"}


@pytest.mark.parametrize(
    "answer",
    [
        {"action": "decline"},
        {"action": "cancel"},
        {"action": "accept"},
        {"action": "accept", "content": {"proceed": False}},
    ],
    ids=str,
)
def test_whatever_is_no_yes_sends_nothing(fresh: Any, answer: dict[str, Any]) -> None:
    host, api, person = fresh
    person.answer = types.ElicitResult(**answer)
    refused = host.call_tool("replicate_create_prediction", RUN)
    assert refused.is_error and refused.structured_content["error"]["type"] == "declined"
    assert not api.seen and len(person.asked) == 1


def test_what_cannot_be_sent_is_not_asked_for(fresh: Any) -> None:
    host, api, person = fresh
    wrong = host.call_tool("replicate_create_prediction", {"version": 7})
    assert wrong.structured_content["error"]["type"] == "invalid_arguments"
    tried = host.call_tool("replicate_create_prediction", {**RUN, "dry_run": True})
    assert tried.structured_content["method"] == "POST"
    host.call_tool("replicate_get_account", {})
    assert not person.asked and [request.method for request in api.seen] == ["GET"]


def test_a_long_argument_is_shortened(fresh: Any) -> None:
    host, _, person = fresh
    host.call_tool("replicate_create_prediction", {**RUN, "input": {"text": "x" * 50_000}})
    assert len(person.asked[0].message) < 1_500


def test_a_class_that_is_neither_allowed_nor_asked_for_is_refused(fresh: Any) -> None:
    host, api, person = fresh
    refused = host.call_tool("replicate_get_default_webhook_secret", {}).structured_content["error"]
    assert refused["type"] == "policy" and "--allow secret" in refused["hint"]
    assert not person.asked and not api.seen


@pytest.mark.parametrize("era", ERAS)
def test_a_host_that_cannot_ask_is_told_what_to_do(era: str) -> None:
    with hosted(era, None, *ASKING) as (host, api):
        refused = host.call_tool("replicate_create_prediction", RUN).structured_content["error"]
        assert refused["type"] == "policy" and "--allow billed" in refused["hint"], refused
        assert not api.seen


@pytest.mark.parametrize("era", ERAS)
def test_few_tools_ask_too_and_a_script_says_where_to(era: str) -> None:
    person = Person()
    with hosted(era, person, "--mode=code", "--write=ask", "--ask=all") as (host, api):
        assert "call_write" in [each.name for each in host.list_tools().tools]
        made = host.call_tool("call_write", {"function": "create_prediction", "arguments": RUN})
        assert not made.is_error and len(person.asked) == 1
        assert "changes something and costs money" in person.asked[0].message
        code = f"return app.integrations.replicate.create_prediction(json.decode([==[{json.dumps(RUN)}]==]))"
        script = host.call_tool("execute_lua", {"code": code})
        assert script.is_error and "call it as a tool" in json.dumps(script.structured_content)
        assert len(api.seen) == 1


def test_over_http_a_yes_is_to_the_call_that_was_asked_for() -> None:
    """Two processes behind the port: the one that is answered is not the one that asked. A seal cannot be moved."""
    with recorder() as api:
        api.status, api.content = 201, b'{"id": "p1", "status": "starting"}'
        env = {API.base_url_env: api.base_url, API.token_env: TOKEN}
        with listening(env, *ASKING, "--workers=2") as url:

            @asynccontextmanager
            async def client() -> AsyncIterator[Client]:
                async with httpx2.AsyncClient(timeout=SECONDS) as http:
                    connected = streamable_http_client(url, http_client=http)
                    async with Client(connected, mode=ERAS[0], elicitation_callback=Person()) as found:
                        yield found

            with held(client()) as host:
                for _ in range(6):
                    made = host.call_tool("replicate_create_prediction", RUN)
                    assert not made.is_error, made
            assert len(api.seen) == 6
            asked = _posted(url, RUN)["result"]
            assert asked["resultType"] == "input_required"
            yes = {"inputResponses": {"proceed": {"action": "accept", "content": {"proceed": True}}}}
            sealed = {**yes, "requestState": asked["requestState"]}
            other = {**RUN, "input": {"text": "Grace"}}
            for wrong in (
                _posted(url, other, sealed),
                _posted(url, RUN, yes),
                _posted(url, RUN, {**yes, "requestState": "9" * 10 + asked["requestState"][10:]}),
            ):
                assert wrong["result"]["resultType"] == "input_required"
            assert len(api.seen) == 6
            assert not _posted(url, RUN, sealed)["result"].get("isError")
            assert len(api.seen) == 7


def _posted(url: str, arguments: dict[str, Any], more: dict[str, Any] | None = None) -> Any:
    """The answer to a call that is written by hand, by a host that says it can ask."""
    meta = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
        "io.modelcontextprotocol/clientCapabilities": {"elicitation": {"form": {}}},
    }
    params = {"name": "replicate_create_prediction", "arguments": arguments, "_meta": meta, **(more or {})}
    answer = httpx2.post(
        url,
        json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params},
        headers={
            "accept": "application/json, text/event-stream",
            "mcp-protocol-version": "2026-07-28",
            "mcp-method": "tools/call",
            "mcp-name": "replicate_create_prediction",
        },
        timeout=SECONDS,
    )
    text = answer.text
    if "data:" in text:
        text = next(line.removeprefix("data:") for line in text.splitlines() if line.startswith("data:"))
    return json.loads(text)


def test_prices_that_are_not_kept_are_not_guessed(tmp_path: Path) -> None:
    person = Person()
    with hosted(ERAS[0], person, *ASKING, config=str(tmp_path / "config.json")) as (host, _):
        host.call_tool("replicate_create_prediction", RUN)
    assert "for each second" not in person.asked[0].message


@pytest.mark.parametrize("flags", [("--allow=billed", "--ask=billed"), ("--allow=all", "--ask=all"), ("--ask=zebra",)])
def test_what_contradicts_itself_is_refused(flags: tuple[str, ...]) -> None:
    done = run("mcp", "tools", "--write=allow", *flags, env=environment({}))
    assert done.returncode == 2 and (b"either allowed or asked" in done.stderr or b"zebra" in done.stderr)
