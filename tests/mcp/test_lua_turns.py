"""Whose script goes first: few places, a bounded queue, and none lost to those who only wait."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import httpx2
import pytest
from mcp_harness import NO_TLS, SECONDS, listening, over_http
from replikit.lua import BusyError, Turns
from replikit.mcp.clients import Caller
from replikit.mcp.options import Options
from replikit.mcp.scripts import Scripts
from test_mcp_http import ACCEPT, MODERN

META = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}
WAITS = "return replicate.get_account{}.username"


class Gate:
    """An API that answers nobody until it is opened."""

    def __init__(self) -> None:
        self.asked = threading.Semaphore(0)
        self.opened = threading.Event()
        self.url = ""

    def arrived(self, count: int) -> None:
        """Waits until so many have asked."""
        for _ in range(count):
            assert self.asked.acquire(timeout=SECONDS)


@contextmanager
def gate() -> Iterator[Gate]:
    made = Gate()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            made.asked.release()
            assert made.opened.wait(SECONDS)
            body = json.dumps({"username": self.headers["authorization"]}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        made.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        try:
            yield made
        finally:
            made.opened.set()
            server.shutdown()


def test_there_is_always_room_for_another_caller() -> None:
    turns = Turns(4)
    assert [turns.ask("a").had for _ in range(5)] == [True, True, False, False, False]
    assert turns.ask("b").had and turns.ask("c").had
    assert not turns.ask("d").had, "four are under way"


def test_what_comes_free_goes_around() -> None:
    turns = Turns(1)
    order, waiting = [], [turns.ask("a") for _ in range(4)]
    waiting += [turns.ask("b"), turns.ask("c"), turns.ask("b")]
    while waiting:
        (one,) = [turn for turn in waiting if turn.had]
        order.append(one.caller)
        waiting.remove(one)
        one.give_back()
        one.give_back()  # once more does nothing
        if order == ["a", "b"]:
            waiting.append(turns.ask("e"))
    assert order == ["a", "b", "c", "a", "b", "e", "a", "a"], "a new one waits for each of the others once"


def test_who_comes_again_and_again_passes_nobody() -> None:
    turns = Turns(1)
    patient = [turns.ask("a") for _ in range(3)]
    eager = turns.ask("b")
    order = []
    for _ in range(6):
        (one,) = [turn for turn in (*patient, eager) if turn.had]
        order.append(one.caller)
        one.give_back()
        if one is eager:
            eager = turns.ask("b")
    assert order == ["a", "b", "a", "b", "a", "b"]


def test_a_full_queue_says_when_to_come_back() -> None:
    turns = Turns(1, waiting=2)
    had, second, third, fourth = (turns.ask("a") for _ in range(4))
    assert had.wait() and not second.had
    with pytest.raises(BusyError) as busy:
        fourth.wait()
    assert busy.value.waiting == 2 and 1 <= busy.value.retry_after <= 60
    other = turns.ask("b")  # takes the place of the last of whoever has most
    with pytest.raises(BusyError):
        third.wait()
    with pytest.raises(BusyError):
        turns.ask("b").wait()
    second.give_back()
    assert second.wait() is False
    had.give_back()
    assert other.wait() is True


@pytest.mark.parametrize("flags", [(), ("--scripts=1",)], ids=["four places", "one place"])
def test_scripts_that_wait_hold_no_place(flags: tuple[str, ...]) -> None:
    answers: dict[str, Any] = {}

    async def main(url: str, api: Gate) -> None:
        async def run(token: str, code: str, name: str) -> None:
            async with over_http(url, token=token) as client:
                answers[name] = (await client.call_tool("execute_lua", {"code": code})).structured_content

        with anyio.fail_after(SECONDS):
            async with anyio.create_task_group() as group:
                for number in range(4):
                    group.start_soon(run, "a", WAITS, f"a{number}")
                await anyio.to_thread.run_sync(api.arrived, 4)
                await run("b", "return 1", "b")
                await run("a", "return 2", "a again")
                assert not api.opened.is_set() and answers.keys() == {"b", "a again"}
                api.opened.set()

    with gate() as api, listening({"REPLICATE_BASE_URL": api.url}, "--mode=code", "--auth=caller", *flags) as url:
        anyio.run(main, url, api)
    assert (answers["b"]["result"], answers["a again"]["result"]) == (1, 2)
    assert all(answers[f"a{number}"]["result"] == "Bearer a" for number in range(4))


def test_a_burst_starves_nobody_and_a_full_queue_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    busy: list[dict[str, Any]] = []

    async def main(api: Gate) -> None:
        scripts = Scripts(Options(mode="code", scripts=1, scripts_alive=1, scripts_waiting=21))

        async def run(token: str, code: str) -> None:
            envelope = await scripts.run(code, Caller(token), None)
            if envelope["success"]:
                order.append(token)
            else:
                busy.append(envelope)

        with anyio.fail_after(SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(run, "a", WAITS)
                await anyio.to_thread.run_sync(api.arrived, 1)
                for _ in range(20):
                    group.start_soon(run, "a", "local n = 0 for i = 1, 1e5 do n = n + i end return n")
                await anyio.wait_all_tasks_blocked()
                group.start_soon(run, "b", "return 1")
                group.start_soon(run, "a", "return 'one too many'")
                await anyio.wait_all_tasks_blocked()
                api.opened.set()

    with gate() as api:
        monkeypatch.setenv("REPLICATE_BASE_URL", api.url)
        anyio.run(main, api)
    assert order == ["a", "b", *["a"] * 20]
    (envelope,) = busy
    error = envelope["error"]
    assert (error["type"], error["retryable"]) == ("busy", True) and 1 <= error["retry_after"] <= 60
    assert "the limit is 21 (--scripts-waiting)" in error["message"] and "meta" in envelope


def test_who_hangs_up_leaves_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main(api: Gate) -> None:
        scripts = Scripts(Options(mode="code", scripts=1, scripts_alive=1, scripts_waiting=1))
        with anyio.fail_after(SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(scripts.run, WAITS, Caller("a"), None)
                await anyio.to_thread.run_sync(api.arrived, 1)
                async with anyio.create_task_group() as waiting:
                    waiting.start_soon(scripts.run, "return 1", Caller("a"), None)
                    await anyio.wait_all_tasks_blocked()
                    waiting.cancel_scope.cancel()
                group.cancel_scope.cancel()  # the one that runs, while it waits for the API
            assert (await scripts.run("return 2", Caller("a"), None))["result"] == 2
        assert not api.opened.is_set()

    with gate() as api:
        monkeypatch.setenv("REPLICATE_BASE_URL", api.url)
        anyio.run(main, api)


@pytest.mark.parametrize("headers", [{}, MODERN], ids=["handshake", "modern"])
def test_who_closes_the_connection_gives_the_process_back(headers: dict[str, str]) -> None:
    call = {"name": "execute_lua", "arguments": {"code": WAITS}, "_meta": META}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    named = {"mcp-method": "tools/call", "mcp-name": "execute_lua", "authorization": "Bearer a"}

    async def main(url: str, api: Gate) -> None:
        async with httpx2.AsyncClient(verify=NO_TLS, timeout=SECONDS) as http:
            with anyio.fail_after(SECONDS):
                async with anyio.create_task_group() as group:
                    group.start_soon(lambda: http.post(url, json=body, headers={**ACCEPT, **headers, **named}))
                    await anyio.to_thread.run_sync(api.arrived, 1)
                    group.cancel_scope.cancel()
                async with over_http(url, token="b") as client:
                    answer = await client.call_tool("execute_lua", {"code": "return 1"})
        assert answer.structured_content is not None and answer.structured_content["result"] == 1
        assert not api.opened.is_set()

    flags = ("--mode=code", "--auth=caller", "--scripts-alive=1")
    with gate() as api, listening({"REPLICATE_BASE_URL": api.url}, *flags) as url:
        anyio.run(main, url, api)
