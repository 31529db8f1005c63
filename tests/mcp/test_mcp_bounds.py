"""Every bound of the MCP server, reached: small by its option, and told by the name of that option."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest
from holding_api import HoldingApi
from mcp_harness import ERAS, NO_TLS, SECONDS, held, listening, stdio

JSON = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@contextmanager
def serving(*flags: str) -> Iterator[tuple[HoldingApi, str]]:
    with HoldingApi() as api, listening(api.env, *flags) as url:
        try:
            yield api, url
        finally:
            api.free.set()


def call(url: str, arguments: dict[str, Any] | None = None, token: str = "") -> httpx2.Response:
    params = {"name": "replicate_get_account", "arguments": arguments or {}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    headers = {**JSON, **({"authorization": f"Bearer {token}"} if token else {})}
    return httpx2.post(url, json=message, headers=headers, timeout=SECONDS, verify=NO_TLS)


def error_of(response: httpx2.Response) -> dict[str, Any]:
    """The error of a call's envelope; empty where it went well."""
    line = next(line for line in response.text.splitlines() if line.startswith("data: {"))
    result = json.loads(line.removeprefix("data: "))["result"]
    return dict(result["structuredContent"]["error"]) if result.get("isError") else {}


def raw(url: str, content: bytes, *, ends: bool = True) -> bytes:
    """What a server answers to these bytes, up to where it hangs up."""
    port = int(url.split(":")[2].split("/")[0])
    with socket.create_connection(("127.0.0.1", port), SECONDS) as line:
        line.sendall(content)
        found = b""
        while block := line.recv(65_536):
            found += block
            if not ends:
                break
        return found


def post(url: str, content: Iterator[bytes] | bytes = b"", **more: str) -> httpx2.Response:
    return httpx2.post(url, content=content, headers={**JSON, **more}, timeout=SECONDS, verify=NO_TLS)


@pytest.fixture(scope="module")
def small() -> Iterator[str]:
    flags = ("--max-body=2000", "--max-headers=1500", "--max-depth=5")
    with serving(*flags) as (api, url):
        api.free.set()
        yield url


REQUESTS: dict[str, tuple[Callable[[str], httpx2.Response], int, str]] = {
    "a body": (lambda url: post(url, b" " * 2001), 413, "2000 bytes: --max-body"),
    "a body in pieces": (lambda url: post(url, iter([b" " * 1000] * 3)), 413, "2000 bytes: --max-body"),
    "headers": (lambda url: post(url, b"{}", x="y" * 1300), 431, "1500 bytes: --max-headers"),
    "many headers": (
        lambda url: post(url, b"{}", **{f"x{n}": "y" * 12 for n in range(90)}), 431, "1500 bytes: --max-headers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", REQUESTS)
def test_size_of_a_request(small: str, kind: str) -> None:
    ask, status, told = REQUESTS[kind]
    answer = ask(small)
    assert answer.status_code == status
    assert told in answer.json()["error_description"]
    assert call(small).status_code == 200


def test_headers_that_never_end(small: str) -> None:
    answer = raw(small, b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\nx: " + b"y" * 100_000)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"1500 bytes: --max-headers" in answer


def nested(levels: int) -> dict[str, Any]:
    """Arguments of so many levels."""
    value: Any = 1
    for _ in range(levels - 1):
        value = [value]
    return {"deep": value}


def test_depth_of_arguments(small: str) -> None:
    assert "--max-depth" not in error_of(call(small, nested(5)))["message"]
    assert "nested more deeply than 5 levels: --max-depth" in error_of(call(small, nested(6)))["message"]


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("levels", [65, 150, 10_000])
def test_depth_of_arguments_over_a_pipe(era: str, levels: int) -> None:
    """What a reader of JSON does not take is refused by the protocol, what it takes by us; the server goes on."""
    with HoldingApi() as api, held(stdio(api.env, era=era)) as client:
        api.free.set()
        if levels < 10_000:
            answer = client.call_tool("replicate_get_account", nested(levels))
            assert "more deeply than 64 levels: --max-depth" in answer.structured_content["error"]["message"]
        assert client.call_tool("replicate_get_account", {}).structured_content["username"] == "ada"


@pytest.mark.parametrize("modern", [False, True])
def test_json_that_is_nested_too_deep_to_be_read(small: str, modern: bool) -> None:
    more = {"mcp-protocol-version": "2026-07-28"} if modern else {}
    answer = post(small, b'{"jsonrpc":"2.0","id":1,"method":' + b"[" * 950 + b"]" * 950 + b"}", **more)
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert call(small).status_code == 200


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\n",
        b"POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{}",
    ],
    ids=["nothing", "half a head", "half a body"],
)
def test_requests_that_do_not_come(content: bytes) -> None:
    with serving("--request-timeout=0.5") as (_, url):
        answer = raw(url, content)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"within 0.5 seconds: --request-timeout" in answer


def test_body_that_goes_on_after_its_answer_is_cut_off() -> None:
    with serving("--request-timeout=5", "--max-body=10") as (_, url):  # the head itself is to come in time
        port = int(url.split(":")[2].split("/")[0])
        with socket.create_connection(("127.0.0.1", port), SECONDS) as line:
            head = "POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 9999999\r\n\r\n"
            line.sendall(head.encode())
            assert line.recv(65_536).startswith(b"HTTP/1.1 413 ")
            until = time.monotonic() + SECONDS
            with pytest.raises(OSError):
                while time.monotonic() < until:
                    line.sendall(b" ")
                    time.sleep(0.01)


@pytest.mark.parametrize("answers", [1, 1_000], ids=["one answer", "one after another"])
def test_an_answer_that_is_not_taken(answers: int) -> None:
    """Its connection ends and its place is free for another, though nothing was read and nobody hung up."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}).encode()
    head = "\r\n".join(["POST /mcp HTTP/1.1", "host: 127.0.0.1", *(f"{name}: {value}" for name, value in JSON.items())])
    request = f"{head}\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
    with serving("--request-timeout=0.5", "--max-connections=1") as (api, url):
        api.free.set()
        with socket.socket() as line:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
            line.connect(("127.0.0.1", int(url.split(":")[2].split("/")[0])))
            line.setblocking(False)
            with contextlib.suppress(BlockingIOError):
                for _ in range(answers):
                    line.sendall(request)
            until = time.monotonic() + SECONDS
            while call(url).status_code != 200:
                assert time.monotonic() < until


def test_calls_at_one_time_and_those_that_wait() -> None:
    with serving("--max-calls=1", "--max-waiting=1") as (api, url), ThreadPoolExecutor(8) as pool:
        first = pool.submit(call, url)
        assert api.come.acquire(timeout=SECONDS)
        # One of these waits for its turn, so that the others cannot: they are answered while nothing else is.
        others = [pool.submit(call, url) for _ in range(4)]
        refused: list[dict[str, Any]] = []
        while len(refused) < 3:
            refused = [error_of(each.result()) for each in others if each.done()]
            time.sleep(0.01)
        assert {each["type"] for each in refused} == {"busy"}
        assert all("--max-waiting" in each["message"] and each["retryable"] for each in refused)
        assert all(each["retry_after"] > 0 for each in refused)
        api.free.set()
        answers = [error_of(each.result()).get("type") for each in (first, *others)]
        assert sorted(map(str, answers)) == ["None", "None", "busy", "busy", "busy"]
        assert api.most == 1


def test_time_of_a_call() -> None:
    with serving("--call-timeout=0.5", "--max-calls=1") as (_, url):
        for _ in range(2):  # where a turn is not given back, the second waits for ever
            error = error_of(call(url))
            assert (error["type"], error["retryable"]) == ("timeout", True)
            assert "0.5 seconds, all that --call-timeout allows" in error["message"]


def test_connections() -> None:
    with serving("--max-connections=2") as (api, url), ThreadPoolExecutor(2) as pool:
        held_back = [pool.submit(call, url) for _ in range(2)]
        for _ in held_back:
            assert api.come.acquire(timeout=SECONDS)
        answer = call(url)
        assert (answer.status_code, answer.headers["connection"]) == (503, "close")
        assert "--max-connections" in answer.json()["error_description"]
        assert int(answer.headers["retry-after"]) > 0
        api.free.set()
        assert [error_of(each.result()) for each in held_back] == [{}, {}]
        until = time.monotonic() + SECONDS
        while call(url).status_code != 200:
            assert time.monotonic() < until
        assert error_of(call(url)) == {}


def test_connections_to_the_api_that_are_kept() -> None:
    with serving("--max-idle=2", "--auth=caller") as (api, url):
        api.free.set()
        for number in range(12):
            assert error_of(call(url, token=f"token-{number}")) == {}
        with api.changed:
            assert api.changed.wait_for(lambda: api.open == 2, SECONDS)


def test_clients_that_nobody_comes_back_for_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    import anyio
    from replikit.mcp import clients

    closed: list[str] = []

    class Client:
        def __init__(self, token: str) -> None:
            self.token = token

        async def close(self) -> None:
            closed.append(self.token)

    async def work() -> None:
        async with (kept := clients.Clients(100)).serving():
            for now in (0.0, clients.IDLE - 1, clients.IDLE + 1):
                monkeypatch.setattr(clients.time, "monotonic", lambda now=now: now)
                async with kept.of(clients.Caller(f"token at {now}")):
                    pass
            await anyio.lowlevel.checkpoint()
            await anyio.lowlevel.checkpoint()
            assert closed == ["token at 0.0"]

    monkeypatch.setattr(clients, "_made", lambda caller, bounds: Client(str(caller.token)))
    anyio.run(work)
    assert len(closed) == 3


@pytest.mark.parametrize(
    "flag", ["--max-body=0", "--max-depth=-1", "--call-timeout=0", "--call-timeout=nan", "--max-calls=x"]
)
def test_what_is_no_bound_is_refused(flag: str) -> None:
    from click.testing import CliRunner
    from replikit.mcp.command import command

    answer = CliRunner().invoke(command, ["serve", flag])
    assert answer.exit_code == 2
    assert flag.partition("=")[0] in answer.output
