"""Streamable HTTP: who is let in, whose token is used, several processes behind one port, floods and faults."""

from __future__ import annotations

import json
import os
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from hanging import HANGS
from mcp_harness import API, EVERYTHING, NO_TLS, SECONDS, held, listening, mocked, over_http, runs, served
from replikit.mcp.http import Binding, RefusedError

pytestmark = pytest.mark.long

MODERN = {"mcp-protocol-version": "2026-07-28"}
ACCEPT = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@contextmanager
def echo(fault: float = 0.0) -> Iterator[tuple[dict[str, str], Counter[str]]]:
    """An API whose account is called like the token that asked; some of its answers are faulty."""
    luck, asked, lock = random.Random(7), Counter[str](), threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            token = self.headers.get("authorization", "").removeprefix("Bearer ")
            with lock:
                asked[token] += 1
                chance = luck.random()
            if chance < fault / 4:
                self.close_connection = True
                return  # hangs up without a word
            if chance < fault / 2:
                time.sleep(0.5)
            status = (
                503 if fault / 2 <= chance < fault * 3 / 4 else 429 if chance < fault and chance >= fault / 2 else 200
            )
            body = json.dumps({"type": "user", "username": f"owner of {token[::-1]}"}).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            if status == 429:
                self.send_header("retry-after", "0")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 256
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield {API.base_url_env: f"http://127.0.0.1:{server.server_address[1]}/v1"}, asked
        finally:
            server.shutdown()
            thread.join()


def initialize(url: str, **headers: str) -> httpx2.Response:
    params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx2.post(url, json=message, headers={**ACCEPT, **named}, timeout=SECONDS, verify=NO_TLS)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"host": "localhost:8000"}, 200),
        ({"host": "evil.example"}, 421),
        ({"host": "127.0.0.1.evil.example:80"}, 421),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"authorization": "Basic eA=="}, 401),
        ({"authorization": "Bearer"}, 401),
        ({"content_type": "text/plain"}, 415),
    ],
)
def test_hosts_and_origins_are_checked(server: str, headers: dict[str, str], status: int) -> None:
    assert initialize(server, **headers).status_code == status


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with mocked() as env, listening(env) as url:
        yield url


def test_more_hosts_and_origins_on_request() -> None:
    flags = ("--allowed-host", "mcp.example", "--allowed-origin", "https://app.example")
    with mocked() as env, listening(env, *flags) as url:
        assert initialize(url, host="mcp.example", origin="https://app.example").status_code == 200
        assert initialize(url, origin="https://evil.example").status_code == 403


@pytest.mark.parametrize(
    ("address", "auth", "refused"),
    [
        ("127.0.0.1:0", "none", False),
        ("[::1]:0", "none", False),
        ("localhost:0", "none", False),
        ("0.0.0.0:0", "none", True),
        ("[::]:0", "none", True),
        ("192.0.2.1:80", "none", True),
        ("0.0.0.0:0", "caller", False),
        ("0.0.0.0:0", "shared", True),
        ("127.0.0.1", "none", True),
        ("127.0.0.1:99999", "none", True),
    ],
)
def test_nobody_is_served_beyond_loopback_without_authentication(
    address: str, auth: str, refused: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLIKIT_MCP_SECRET", raising=False)
    if refused:
        with pytest.raises(RefusedError):
            Binding.of(address, auth, 1)
    else:
        assert Binding.of(address, auth, 1).auth == auth


def test_caller_s_own_token_is_the_one_that_is_used() -> None:
    with echo() as (env, _), listening({**env, API.token_env: "configured"}) as url:
        for token, owner in (("token-of-ada", "ada-fo-nekot"), ("", "derugifnoc")):
            with held(over_http(url, token=token)) as client:
                answer = client.call_tool("replicate_get_account", {})
                assert answer.structured_content["username"] == f"owner of {owner}"


def test_auth_caller_serves_nobody_else() -> None:
    with echo() as (env, asked), listening({**env, API.token_env: "configured"}, "--auth=caller") as url:
        refused = initialize(url)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, 'Bearer realm="mcp"')
        with held(over_http(url, token="mine")) as client:
            assert client.call_tool("replicate_get_account", {}).structured_content["username"] == "owner of enim"
        assert set(asked) == {"mine"}


def test_auth_shared_asks_for_the_secret_and_uses_the_configured_token() -> None:
    secret = "a-secret-of-some-length"
    more = {API.token_env: "configured", "REPLIKIT_MCP_SECRET": secret}
    with echo() as (env, asked), listening({**env, **more}, "--auth=shared") as url:
        for wrong in ("", "Bearer a-secret-of-some-lengtH", f"Basic {secret}"):
            assert initialize(url, **({"authorization": wrong} if wrong else {})).status_code == 401
        with held(over_http(url, token=secret)) as client:
            client.call_tool("replicate_get_account", {})
        assert set(asked) == {"configured"}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"text"', b'{"jsonrpc":"2.0"}', b"\xff\xfe", b"[" * 100_000, b'{"id":1,"method":1}'],
)
@pytest.mark.parametrize("headers", [{}, MODERN])
def test_malformed_requests_are_refused_and_the_server_goes_on(
    server: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = httpx2.post(server, content=body, headers={**ACCEPT, **headers}, timeout=SECONDS, verify=NO_TLS)
    assert 400 <= answer.status_code < 500, answer.text
    assert initialize(server).status_code == 200


def test_oversized_request_is_refused(server: str) -> None:
    answer = httpx2.post(server, content=b" " * (5 << 20), headers=ACCEPT, timeout=SECONDS, verify=NO_TLS)
    assert answer.status_code == 413
    assert initialize(server).status_code == 200


@pytest.mark.parametrize("listens", [True, False])
def test_disconnect_in_mid_call_cancels_the_run_and_leaves_it_serving(listens: bool) -> None:
    """In the handshake era, over stateless HTTP, hanging up is all that a host can do to take a call back.

    Without progress a run is canceled as soon as its answer tells what it is called. None runs to its end.
    """
    with mocked(seconds=3600) as env, listening(env, *EVERYTHING) as url:
        port = int(re.search(r":(\d+)/", url)[1])  # type: ignore[index]
        arguments = {"version": "replicate/hello-world", "input": {"text": "Hang up"}, "wait": 20 if listens else 2}
        call: dict[str, Any] = {"name": "replicate_create_prediction", "arguments": arguments}
        if listens:
            call["_meta"] = {"progressToken": 1}
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}).encode()
        head = "".join(f"{name}: {value}\r\n" for name, value in ACCEPT.items())
        for number in range(10):
            with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as line:
                request = f"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-length: {len(body)}\r\n{head}\r\n"
                line.sendall(request.encode() + body)
                if listens and not number:
                    assert line.recv(1)  # gone while progress is told
                else:  # gone before anything was answered
                    while not runs(env, "Hang up"):
                        time.sleep(0.02)
        until = time.monotonic() + 4 * SECONDS
        while (states := runs(env, "Hang up"))["starting"] + states["processing"]:
            assert time.monotonic() < until, states
            time.sleep(0.1)
        assert states["aborted"] + states["canceled"] == states.total() >= 1, states


def resident(pids: list[int]) -> int:
    """kB that the processes hold."""
    total = 0
    for pid in pids:
        status = Path(f"/proc/{pid}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])  # type: ignore[index]
    return total


def children(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    commands = {child: Path(f"/proc/{child}/cmdline").read_bytes() for child in found}
    return [child for child in found if b"spawn_main" in commands[child]]


def test_many_calls_at_once_to_two_processes_and_a_faulty_api() -> None:
    """None lost, none answered to the wrong caller, and further ones take no more memory; a thousand in `make hostile`."""
    callers, calls, further = (20, 1_000, 300) if os.environ.get("HOSTILE") else (20, 300, 150)

    async def burst(url: str, calls: int) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        limits = httpx2.Limits(max_connections=1_200, max_keepalive_connections=50)

        async def call(http: httpx2.AsyncClient, number: int) -> None:
            token = f"token-{number % callers:04}"
            message = {
                "jsonrpc": "2.0",
                "id": number,
                "method": "tools/call",
                "params": {"name": "replicate_get_account", "arguments": {}},
            }
            headers = {**ACCEPT, "authorization": f"Bearer {token}"}
            answer = await http.post(url, json=message, headers=headers)
            assert answer.status_code == 200, answer.text
            data = next(line for line in answer.text.splitlines() if line.startswith(("data: {", "{")))
            told = json.loads(data.removeprefix("data: "))
            assert told["id"] == number
            content = told["result"]["structuredContent"]
            if told["result"].get("isError"):
                outcomes[content["error"]["type"]] += 1
                assert token not in answer.text
            else:
                assert content["username"] == f"owner of {token[::-1]}"
                outcomes["ok"] += 1

        async with (
            httpx2.AsyncClient(verify=NO_TLS, timeout=HANGS, limits=limits) as http,
            anyio.create_task_group() as group,
        ):
            for number in range(calls):
                group.start_soon(call, http, number)
        return outcomes

    with echo(fault=0.08) as (env, asked), serving_in_two(env) as (url, parent):
        workers = children(parent)
        assert len(workers) == 2
        outcomes = anyio.run(burst, url, calls)
        assert outcomes.total() == calls
        assert outcomes["ok"] >= 0.8 * calls, outcomes
        assert len(asked) == callers
        # What a process needs for its share it has once it had one that was large; what each call leaves behind adds up.
        taken = [resident(workers)]
        while len(taken) < 10 and (len(taken) < 2 or taken[-1] > taken[-2] * 1.01):
            anyio.run(burst, url, further)
            taken.append(resident(workers))
        assert taken[-1] <= taken[-2] * 1.01, taken
        assert children(parent) == workers


@contextmanager
def serving_in_two(env: dict[str, str]) -> Iterator[tuple[str, int]]:
    with served(env, "--workers", "2", "--auth=caller") as (url, process):
        until = time.monotonic() + SECONDS
        while len(children(process.pid)) < 2 or initialize(url, authorization="Bearer x").status_code != 200:
            assert time.monotonic() < until
            time.sleep(0.1)
        yield url, process.pid


def test_a_process_that_dies_is_replaced() -> None:
    import signal

    with mocked() as env, serving_in_two(env) as (url, parent):
        time.sleep(2.5)  # what dies sooner is taken for a failure to start
        first = children(parent)
        os.kill(first[0], signal.SIGKILL)
        until = time.monotonic() + SECONDS
        while set(children(parent)) == set(first) or len(children(parent)) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        with held(over_http(url, token=env[API.token_env])) as client:
            for _ in range(10):
                assert not client.call_tool("replicate_list_hardware", {}).is_error
