"""Several callers, one server: each gets its own answers, and nothing of another reaches it by any way."""

from __future__ import annotations

import base64
import json
import logging
import os
import pickle
import re
import socket
import struct
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

import anyio
import httpx2
import pytest
from callers_api import MADE, CallersApi, identity
from hanging import HANGS
from holding_api import HoldingApi
from mcp.client.client import Client
from mcp.shared.exceptions import MCPError
from mcp_harness import API, ERAS, EVERYTHING, SECONDS, held, mocked, over_http, served

ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
MODERN = "2026-07-28"
CALLERS, SDK_CALLERS, CALLS = 300 if os.environ.get("HOSTILE") else 80, 4, 2
"""Every mood of the API is met by several of them; `make hostile` has as many as one server is made for."""
TOKEN = re.compile(r"(?i)r8_[0-9a-f]{8}")
CREATE = "replicate_create_prediction"


def message(
    name: str, arguments: dict[str, Any], *, modern: bool, progress: bool = False
) -> tuple[Any, dict[str, str]]:
    """A call as JSON-RPC, and the headers that go with it in its era."""
    params: dict[str, Any] = {"name": name, "arguments": arguments, "_meta": {"progressToken": 1} if progress else {}}
    headers = dict(ACCEPT)
    if modern:
        about = {"protocolVersion": MODERN, "clientCapabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
        params["_meta"].update({f"io.modelcontextprotocol/{key}": value for key, value in about.items()})
        headers |= {"mcp-protocol-version": MODERN, "mcp-method": "tools/call", "mcp-name": name}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, headers


def answered(response: httpx2.Response) -> dict[str, Any]:
    """The one result in an answer, which may be a stream of events."""
    assert response.status_code == 200, response.text
    lines = [line.removeprefix("data: ") for line in response.text.splitlines() if line.startswith(("data: {", "{"))]
    (result,) = [found["result"] for found in map(json.loads, lines) if "result" in found or "error" in found]
    return dict(result)


def test_many_callers_two_processes_and_an_api_that_fails_half_the_time() -> None:
    api, log = CallersApi("callers"), list[str]()
    tokens = [f"r8_{number:08x}{'%032x' % (number * 7919)}" for number in range(CALLERS + SDK_CALLERS)]
    texts = [f"call {number}" for number in range(CALLS)]
    expected = Counter(api.mood(token, text) for token in tokens for text in texts)
    outcomes, total, done = Counter[str](), len(tokens) * CALLS, 0

    def judge(token: str, text: str, found: dict[str, Any]) -> None:
        nonlocal done
        mood, content = api.mood(token, text), found["structuredContent"]
        if mood == "well":
            assert content["id"] == identity(token, text), "another's answer"
            assert content["logs"] == "asked with ***"
        else:
            kind = "server_error" if mood in ("refuse", "fail late") else "connection"
            assert content["error"]["type"] == kind, (mood, content)
        outcomes[mood] += 1
        done += 1
        if done >= total - 16:
            api.let_go()

    async def raw(url: str, http: httpx2.AsyncClient, number: int) -> None:
        token = tokens[number]
        for turn, text in enumerate(texts):
            arguments = {"version": "1", "input": {"text": text}}
            body, headers = message(CREATE, arguments, modern=bool(number % 2), progress=bool((number + turn) % 3))
            headers["authorization"] = f"Bearer {token}"
            response = await http.post(url, json=body, headers=headers)
            told = response.text + str(response.headers.multi_items())
            assert not TOKEN.search(told), told
            judge(token, text, answered(response))

    async def by_sdk(url: str, number: int) -> None:
        token = tokens[CALLERS + number]
        async with over_http(url, token=token, era=ERAS[number % 2]) as client:
            for text in texts:
                answer = await client.call_tool(CREATE, {"version": "1", "input": {"text": text}})
                assert not TOKEN.search(answer.model_dump_json())
                judge(token, text, {"structuredContent": answer.structured_content})

    async def all_at_once(url: str) -> None:
        limits = httpx2.Limits(max_connections=CALLERS)
        async with httpx2.AsyncClient(timeout=HANGS, limits=limits) as http, anyio.create_task_group() as group:
            for number in range(CALLERS):
                group.start_soon(raw, url, http, number)
            for number in range(SDK_CALLERS):
                group.start_soon(by_sdk, url, number)

    flags = (*EVERYTHING, "--auth=caller", "--workers=2", "--request-timeout=1800")
    with api.serving(), served({API.base_url_env: api.base_url}, *flags, log_to=log) as (url, _):
        anyio.run(all_at_once, url)
    assert outcomes == expected
    assert outcomes.total() == total
    # Each was made once where it was made at all, and those whose answer came through were all given to their callers.
    made = {identity(token, text) for token in tokens for text in texts if api.mood(token, text) in MADE}
    assert api.made == Counter(made)
    assert log == [url]


# ── clients ────────────────────────────────────────────────────────────────────────────────────────────


class Closing:
    """A client that takes its time to close, or fails at it."""

    def __init__(self, fails: bool) -> None:
        self.fails, self.closed, self.users, self.disturbed = fails, 0, 0, False

    async def close(self) -> None:
        self.closed += 1
        self.disturbed |= self.users > 0
        for _ in range(3):
            await anyio.lowlevel.checkpoint()
        if self.fails:
            raise KeyError("r8_aaaaaaaaaaaaaaaa")


@pytest.mark.parametrize("fails", [False, True])
def test_clients_are_closed_while_others_come_and_go(
    fails: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from replikit.mcp import clients

    made: list[Closing] = []

    def make(_caller: Any, _bounds: Any) -> Closing:
        made.append(Closing(fails))
        return made[-1]

    async def work() -> None:
        async with (kept := clients.Clients(2)).serving(), anyio.create_task_group() as group:

            async def call(number: int) -> None:
                for turn in range(20):
                    async with kept.of(clients.Caller(f"token-{(number * 7 + turn) % 41}")) as client:
                        client.users += 1
                        for _ in range((number + turn) % 5):  # no two in step
                            await anyio.lowlevel.checkpoint()
                        client.users -= 1

            for number in range(30):
                group.start_soon(call, number)

    monkeypatch.setattr(clients, "_made", make)
    anyio.run(work)
    assert len(made) > 41  # some came back after theirs was closed
    assert [(each.closed, each.disturbed) for each in made] == [(1, False)] * len(made)
    assert ("KeyError" in caplog.text) is fails


def test_clients_share_the_context_and_nothing_of_a_caller() -> None:
    """Two callers have connections and cookies of their own; what is expensive to make is made once."""
    from replikit.mcp.clients import Caller, Clients

    async def work() -> None:
        kept = Clients(64)
        async with kept.serving(), kept.of(Caller("token-1")) as one, kept.of(Caller("token-2")) as two:
            ours, theirs = (client._connections.client("http:") for client in (one, two))
            assert ours is not theirs
            assert ours.cookies.jar is not theirs.cookies.jar
            assert ours._transport._pool is not theirs._transport._pool
            assert ours._transport._pool._ssl_context is theirs._transport._pool._ssl_context
            async with kept.of(Caller("token-1")) as again:
                assert again is one

    anyio.run(work)


# ── secrets ────────────────────────────────────────────────────────────────────────────────────────────


def holders(secret: str) -> Iterator[Any]:
    """All that holds a secret, or has it in its hands for a while."""
    from replikit import AsyncReplicate, Replicate
    from replikit.credentials import SECURITY
    from replikit.mcp.clients import Caller, Clients
    from replikit.mcp.http import Binding
    from replikit.operations import OPERATIONS
    from replikit.runtime.accounts import Account, Settings
    from replikit.runtime.calls import Options
    from replikit.runtime.config import Config
    from replikit.runtime.credentials import Credentials
    from replikit.runtime.deadlines import Deadline
    from replikit.runtime.oauth import Token
    from replikit.runtime.requests import Prepared
    from replikit.runtime.secrets import Secret

    yield Secret(secret)
    yield pickle.loads(pickle.dumps(Secret(secret)))
    yield Caller(secret)
    yield {Caller(secret): Clients(1)}
    yield KeyError(Caller(secret))
    yield Config("https://api.example", False, secret)
    yield Settings("work", {"work": Account("work", secret)})
    yield Account("work", credentials={"scheme": {"password": secret, "refresh_token": secret}})
    yield Config("https://api.example", False, parts={"bearerAuth": {"token": secret}})
    yield Credentials({"bearerAuth": {"token": secret}})
    yield [Token(secret, refresh=secret), Token.of({"access_token": secret, "token_type": "bearer"})]
    yield Binding(host="127.0.0.1", port=0, secret=secret)
    yield Options(headers={"X-Key": secret})
    yield Prepared("GET", f"https://api.example/?key={secret}", [("X-Key", secret)], secret.encode())
    for client in (Replicate(secret), AsyncReplicate(secret)):
        yield client
        yield client.with_options(headers={"X-Key": secret})
        yield client.predictions
        yield [vars(client), vars(client._builder), vars(client.predictions)]
        yield client._builder.config.__reduce__
        prepared = client.prepare(OPERATIONS["replicate_get_account"], {})
        yield client._builder.request(prepared, client.base_url, None, None, SECURITY, Deadline(None))
    client = Replicate(secret)
    client.webhooks._secret = Secret(secret)  # as `unwrap` keeps it
    yield vars(client.webhooks)


def test_no_representation_shows_a_secret() -> None:
    secret = "r8_0123456789abcdef"
    for holder in holders(secret):
        assert secret not in repr(holder), type(holder)
        assert secret not in "".join(map(str, [holder])) or type(holder).__name__ == "Secret", type(holder)


def test_all_secrets_of_the_process_are_taken_out_of_a_text_while_they_live() -> None:
    import gc

    from replikit.mcp.clients import Caller
    from replikit.runtime.accounts import Account
    from replikit.runtime.config import Config
    from replikit.runtime.secrets import hidden

    own, other, third = 'r8_"one"/\\first', "r8_two_the_second", "r8_two_the_second_and_longer"
    held = [Caller(own), Config("https://api.example", False, other), Account("work", third), Caller(other)]
    text = "; ".join(
        (own, other, third, json.dumps(own), quote(own, safe=""), base64.b64encode(own.encode()).decode(), "r8")
    )
    assert hidden(text) == '***; ***; ***; "***"; ***; ***; r8'
    held.pop(1)
    gc.collect()
    assert other not in hidden(other)  # another still holds it
    held.clear()
    gc.collect()
    assert hidden(f"{own} {other} {third}") == f"{own} {other} {third}"


def test_other_threads_may_bring_secrets_while_one_is_hidden() -> None:
    from replikit.runtime.secrets import Secret, hidden

    end, kept = threading.Event(), Secret("r8_that_stays")

    def bring() -> None:
        number = 0
        while not end.is_set():
            Secret(f"r8_passing_{number}")
            number += 1

    thread = threading.Thread(target=bring)
    thread.start()
    try:
        for _ in range(300):
            assert hidden("a " + kept + " b") == "a *** b"
    finally:
        end.set()
        thread.join()


# ── what nobody foresaw ────────────────────────────────────────────────────────────────────────────────

SECRET_OF_ANOTHER = "r8_another_caller_s"


class Broken:
    """Whatever is asked of it fails, with a text that nobody else may read."""

    def __getattr__(self, name: str) -> Any:
        raise KeyError(f"of another: {SECRET_OF_ANOTHER} and a private text")


PLACES = {
    "replikit.functions.acall": lambda client: client.call_tool("replicate_get_account", {}),
    "replikit.mcp.calls.owner": lambda client: client.call_tool("replicate_get_account", {}),
    "replikit.mcp.results.succeeded": lambda client: client.call_tool("replicate_get_account", {}),
    "replikit.mcp.server.deeper": lambda client: client.call_tool("replicate_get_account", {}),
    "replikit.mcp.resources.matched": lambda client: client.read_resource("replicate://api/account"),
    "replikit.mcp.resources._doc": lambda client: client.read_resource("replicate://docs/index"),
    "replikit.mcp.prompts.known": lambda client: client.list_prompts(),
    "replikit.mcp.resources.templates": lambda client: client.list_resource_templates(),
}


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("place", PLACES)
def test_text_of_an_unforeseen_exception_stays_in_the_process(
    place: str, era: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from replikit.functions import Policy
    from replikit.mcp.clients import Caller
    from replikit.mcp.options import Options
    from replikit.mcp.server import make

    other = Caller(SECRET_OF_ANOTHER)
    with mocked() as env, held(Client(make(Options(allowed=Policy.everything())), mode=era)) as client:
        for name, value in env.items():
            monkeypatch.setenv(name, value)

        def fail(*_: Any, **__: Any) -> Any:
            raise KeyError(f"of another: {other.token} and a private text")

        monkeypatch.setattr(place, fail)
        with caplog.at_level(logging.DEBUG):
            try:
                found = PLACES[place](client)
                answer = str(found)
            except MCPError as error:
                assert "call_tool" not in PLACES[place].__code__.co_names, "a model could not read it"
                answer = f"{error!r} {error.error}"
    assert "private" not in answer
    assert SECRET_OF_ANOTHER not in answer
    (reference,) = set(re.findall(r"under ([0-9a-f]{8})", answer))
    (record,) = [each for each in caplog.records if reference in each.getMessage()]
    assert "and a private text" in record.getMessage()
    assert "Traceback" in record.getMessage()
    assert SECRET_OF_ANOTHER not in caplog.text


@pytest.mark.parametrize("flags", [(), ("--debug",)])
def test_command_line_shows_no_secret_of_what_it_did_not_foresee(
    flags: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from replikit.cli.app import main
    from replikit.runtime.sync.client import SyncClient

    def fail(client: SyncClient, *_: Any, **__: Any) -> Any:
        raise KeyError(f"at {client._config.token!s}")

    monkeypatch.setenv(API.token_env, SECRET_OF_ANOTHER)
    monkeypatch.setattr(SyncClient, "answer", fail)
    monkeypatch.setattr("replikit.cli.debug.listen", lambda settings: None)  # its handlers would outlive the test
    with pytest.raises(SystemExit) as ended:
        main([*flags, "call", "replicate_get_account"])
    shown = "".join(capsys.readouterr())
    assert ended.value.code == 1
    assert "at ***" in shown
    assert ("Traceback" in shown) is bool(flags)
    assert SECRET_OF_ANOTHER not in shown


CALLED: dict[str, tuple[str, dict[str, Any]]] = {
    "progress": (CREATE, {"wait": 20}),
    "pictures": ("replicate_get_prediction", {"images": True}),
}


@pytest.mark.parametrize("fault", ["close", "progress", "pictures", "give back"])
def test_what_was_answered_is_given_whatever_fails_afterwards(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from replikit.functions import Policy, all_functions
    from replikit.mcp import calls, clients
    from replikit.mcp.options import Options
    from replikit.runtime.aio.client import AsyncClient

    async def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("while tidying up")

    async def work() -> Any:
        ours = calls.Calls(Options(allowed=Policy.everything()))
        name, wishes = CALLED.get(fault, ("replicate_get_account", {}))
        info = all_functions()[name]
        arguments = {**info.examples[0]["arguments"], **wishes} if wishes else {}
        async with ours.clients.serving():
            return await ours.function(info, arguments, clients.Caller(), fail if fault == "progress" else None)

    with mocked(seconds=0.5) as env:
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        if fault == "close":
            close = AsyncClient.close

            async def closed(client: AsyncClient) -> None:
                await close(client)
                raise RuntimeError("while tidying up")

            monkeypatch.setattr(AsyncClient, "close", closed)
        elif fault == "pictures":
            monkeypatch.setattr(calls, "_images", fail)
        elif fault == "give back":
            give_back = clients.Clients._give_back

            def late(*arguments: Any) -> None:
                give_back(*arguments)
                raise RuntimeError("while tidying up")

            monkeypatch.setattr(clients.Clients, "_give_back", late)
        answer = anyio.run(work)
    assert not answer.is_error, answer
    assert answer.structured_content.keys() & {"username", "status"}


def test_a_result_that_is_nested_deep_is_given_as_far_as_it_can_be_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    from replikit.mcp.shape import fit
    from replikit.mcp.text import clean

    deep: Any = "r8"
    for _ in range(900):
        deep = [deep]
    shown = fit(clean({"id": "paid for", "output": deep}, str))
    assert shown["id"] == "paid for"
    assert shown["truncated"]["left_out"]


# ── progress ───────────────────────────────────────────────────────────────────────────────────────────


class Clock:
    """Seconds that pass when somebody sleeps; a sleeper wakes when the test lets time go on."""

    def __init__(self) -> None:
        self.now, self.asleep = 0.0, anyio.Event()
        self._wake = anyio.Event()

    async def sleep(self, seconds: float) -> None:
        self.asleep.set()
        await self._wake.wait()
        self._wake = anyio.Event()
        self.now += seconds

    async def tick(self) -> None:
        """Lets the one who sleeps sleep to its end."""
        await self.asleep.wait()
        self.asleep = anyio.Event()
        self._wake.set()


@pytest.mark.parametrize("known", [True, False])
def test_progress_rises_with_every_notice_at_most_ten_times_a_second(known: bool) -> None:
    from replikit.mcp.progress import Progress

    notices: list[tuple[float, float, float | None, str | None]] = []
    steps, each = 300, 10

    async def work() -> None:
        clock = Clock()

        async def tell(share: float, total: float | None, message: str | None) -> None:
            notices.append((clock.now, share, total, message))

        progress = Progress(tell, str, clock.sleep)
        async with anyio.create_task_group() as group:
            group.start_soon(progress.run)
            for number in range(steps * each):
                # It falls back again and again, and says that it has ended long before it has.
                await progress.at((1.0, 0.2, None)[number % 3] if known else None, f"line {number}")
                if number % each == each - 1:
                    await clock.tick()
            group.cancel_scope.cancel()
        await progress.at(1.0, "the last")
        await progress.end()

    anyio.run(work)
    shares = [share for _, share, _, _ in notices]
    assert all(one < next for one, next in pairwise(shares))
    assert shares[-1] == 1.0
    assert all(0 < share <= 1.0 == total for _, share, total, _ in notices)
    assert notices[-1][3] == "the last"
    assert steps <= len(notices) + 1 <= steps + 2
    times = [now for now, *_ in notices]
    assert max(sum(start <= now < start + 1 for now in times) for start in times) <= 10


def test_progress_rises_for_a_day() -> None:
    from replikit.mcp.progress import Progress

    shares: list[float] = []

    async def work() -> None:
        async def tell(share: float, _total: float | None, _message: str | None) -> None:
            shares.append(share)

        progress = Progress(tell, str)
        for _ in range(100_000):
            await progress._send(0.99)

    anyio.run(work)
    assert all(one < next < 1 for one, next in pairwise(shares))


# ── callers that hang up ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("reset", [False, True])
def test_callers_that_hang_up_leave_nothing_in_the_log(reset: bool) -> None:
    api, log = HoldingApi(), list[str]()
    with api, served(api.env, "--mode=meta", log_to=log) as (url, _):
        host, port = "127.0.0.1", int(url.split(":")[2].split("/")[0])

        def send(part: slice, modern: bool, progress: bool, arrives: bool, missing: int = 0) -> None:
            body, headers = message(
                "call_read", {"function": "replicate_get_account"}, modern=modern, progress=progress
            )
            content = json.dumps(body).encode()
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            whole = (
                f"POST /mcp HTTP/1.1\r\nhost: {host}\r\ncontent-length: {len(content) + missing}\r\n{head}\r\n".encode()
                + content
            )
            with socket.create_connection((host, port), SECONDS) as line:
                line.sendall(whole[part])
                if arrives:
                    assert api.come.acquire(timeout=SECONDS)  # on its way to the API
                if reset:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

        for modern in (False, True):
            for progress in (False, True):
                for part in (slice(0), slice(3), slice(60), slice(-1)):
                    send(part, modern, progress, arrives=False)
                send(slice(None), modern, progress, arrives=False, missing=1)
                for _ in range(3):
                    send(slice(None), modern, progress, arrives=True)
        api.free.set()
        with held(over_http(url)) as client:
            answer = client.call_tool("call_read", {"function": "replicate_get_account"})
            assert answer.structured_content["username"] == "ada"
    assert log == [url]
    assert api.count == 4 * 3 + 1, "a request that did not come whole was served"
