"""Whether a failure may be mended by calling again is told alike by the client, the command line, MCP and Lua."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from cli_harness import Cli
from mcp_harness import GENERATED
from replikit import Error, Replicate, functions, lua
from replikit.mcp.calls import Calls
from replikit.mcp.clients import Caller
from replikit.mcp.limits import Limits
from replikit.mcp.options import Options
from replikit.operations import OPERATIONS

assert str(GENERATED) in sys.path, "the harness leads to the package"
READ = ("replicate_get_account", {}, ["account", "get"])
START = (
    "replicate_create_prediction",
    {"version": "v", "input": {"a": 1}},
    ["predictions", "create", "--version", "v", "--input", "a=1", "--yes"],
)
AT_ONCE = "Retry-After: 0\r\n"


def answered(status: str, body: bytes = b"{}", kind: str = "application/json", more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    )
    return head.encode() + body


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


# What the server sends to a request, which is closed then; None: nothing, for as long as the caller waits.
ANSWERS: dict[str, bytes | None] = {
    "timeout": None,
    "reset": b"",
    "429": answered("429 S", more="Retry-After: 3600\r\n"),
    "500": answered("500 S", more=AT_ONCE),
    "503": answered("503 S", more=AT_ONCE),
    "501": answered("501 S"),
    "422": answered("422 S"),
    "HTML of a gateway": answered("502 S", b"<html>oops</html>", "text/html", AT_ONCE),
    "HTML in place of the answer": answered("200 OK", b"<html>log in</html>", "text/html"),
}
# Whether a read, and whether the start of a job may be made again; and whether the start may have been carried out.
TABLE = {
    "refused": (True, True, False),
    "DNS": (True, True, False),
    "TLS": (False, False, False),
    "timeout": (True, False, True),
    "reset": (True, False, True),
    "429": (True, True, False),
    "500": (True, False, True),
    "503": (True, False, True),
    "501": (False, False, True),
    "422": (False, False, False),
    "HTML of a gateway": (True, False, True),
    "HTML in place of the answer": (False, False, True),
}


@contextmanager
def failing(kind: str) -> Iterator[str]:
    """The base URL of an API that fails like this."""
    if kind == "DNS":
        yield "http://no-such-host.invalid/v1"
        return
    if kind == "refused":
        with socket.socket() as taken:  # nobody else gets the port, and nobody listens
            taken.bind(("127.0.0.1", 0))
            yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"
        return
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        held: list[socket.socket] = []

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if connection.recv(65536) and ANSWERS[kind] is None:
                    held.append(connection)
                    continue
                with connection:
                    connection.sendall(ANSWERS[kind] or b"")
                    if kind == "reset":
                        reset(connection)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            listening.shutdown(socket.SHUT_RDWR)
            thread.join()
            for connection in held:
                connection.close()


@contextmanager
def untrusted(folder: Path) -> Iterator[str]:
    """The base URL of an API whose certificate nobody has signed."""
    import ssl

    key, certificate = folder / "key.pem", folder / "certificate.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", key, "-out", certificate]
    subprocess.run(["openssl", "req", *map(str, words)], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(connection, server_side=True).close()
                except OSError:
                    connection.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://127.0.0.1:{listening.getsockname()[1]}/v1"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The base URL of an API that fails as the parameter says, and the environment that leads to it."""
    with untrusted(tmp_path) if request.param == "TLS" else failing(request.param) as found:
        monkeypatch.setenv("REPLICATE_BASE_URL", found)
        monkeypatch.setenv("REPLICATE_API_TOKEN", "token")
        monkeypatch.setenv("REPLIKIT_CONFIG", str(tmp_path / "none"))
        # Without an answer within this time, all give up.
        monkeypatch.setenv("REPLIKIT_DEADLINE", "20" if request.param != "timeout" else "0.5")
        yield found


def of_client(what: Any) -> dict[str, Any]:
    with Replicate() as client, pytest.raises(Error) as caught:
        client.call(OPERATIONS[what[0]], what[1])
    return {"retryable": caught.value.retryable, "look_with": caught.value.look_with, "said": str(caught.value)}


def of_command_line(what: Any, folder: Path) -> dict[str, Any]:
    known = {name: os.environ[name] for name in ("REPLICATE_BASE_URL", "REPLIKIT_DEADLINE")}
    done = Cli(folder, known["REPLICATE_BASE_URL"], more=known).run(*what[2], "--json")
    error: dict[str, Any] = json.loads(done.stderr)["error"]
    return {**error, "said": error.get("hint", "")}


def of_mcp(what: Any) -> dict[str, Any]:
    async def called() -> Any:
        limits = Limits(call=float(os.environ["REPLIKIT_DEADLINE"]))
        calls = Calls(Options(allowed=functions.Policy.everything(), limits=limits))
        async with calls.clients.serving():
            return await calls.envelope(functions.find(what[0]), what[1], Caller("token"))

    error: dict[str, Any] = anyio.run(called)["error"]
    return {**error, "said": error["hint"] or ""}


def of_lua(what: Any) -> dict[str, Any]:
    name = what[0].removeprefix("replicate_")
    given = "{}" if not what[1] else "{version = 'v', input = {a = 1}}"
    script = f"""
        local ok, e = pcall(function() return replicate.{name}({given}) end)
        return {{e.retryable, e.look_with or '', e.hint or ''}}"""
    with Replicate() as client:
        envelope = lua.run(script, client=client, policy=functions.Policy.everything())
    retryable, look_with, hint = envelope["result"]
    return {"retryable": retryable, "look_with": look_with, "said": hint}


@pytest.mark.parametrize(("url", "kind"), [(kind, kind) for kind in TABLE], indirect=["url"], ids=list(TABLE))
def test_all_say_the_same(url: str, kind: str, tmp_path: Path) -> None:
    read, start, lost = TABLE[kind]
    surfaces: dict[str, Callable[[Any], dict[str, Any]]] = {
        "client": of_client, "command line": lambda what: of_command_line(what, tmp_path), "MCP": of_mcp, "Lua": of_lua,
    }  # fmt: skip
    with ThreadPoolExecutor(2 * len(surfaces)) as pool:  # most of the time is spent waiting between two tries
        asked = {(name, what[0]): pool.submit(of, what) for name, of in surfaces.items() for what in (READ, START)}
    reads = {name: asked[name, READ[0]].result() for name in surfaces}
    starts = {name: asked[name, START[0]].result() for name in surfaces}
    assert {name: error.get("retryable", False) for name, error in reads.items()} == dict.fromkeys(surfaces, read)
    assert {name: error.get("retryable", False) for name, error in starts.items()} == dict.fromkeys(surfaces, start)
    # Where a job may have been started, each says so, and how to look for it.
    look_with = "replicate_list_predictions" if lost else ""
    assert {name: error.get("look_with", "") for name, error in starts.items()} == dict.fromkeys(surfaces, look_with)
    if lost:
        shown = dict.fromkeys(surfaces, look_with) | {"command line": "replikit predictions list"}
        assert all(shown[name] in error["said"] for name, error in starts.items()), starts
    assert not any(error.get("look_with") for error in reads.values())
