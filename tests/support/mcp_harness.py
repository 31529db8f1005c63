"""What the tests of the MCP server share: the mock, servers of every kind of connection, and the client of the SDK."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import httpx2
from anyio.from_thread import start_blocking_portal
from cli_harness import SERVING, popen
from hanging import HANGS
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from real_api import API

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated/python"
ERAS = ("auto", "legacy")
EVERYTHING = ("--write=allow", "--allow=all")
SECONDS = HANGS
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts nobody. All servers here speak plain HTTP, and to read whom to trust takes ten times as long as a request."""

if str(GENERATED) not in sys.path:
    sys.path.insert(0, str(GENERATED))


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a server is started with: nothing of the user's own."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return {**kept, "PYTHONPATH": str(GENERATED), "REPLIKIT_CONFIG": os.devnull + ".none", **more}


def command(env: Mapping[str, str], *flags: str) -> list[str]:
    """What starts the server in this environment: from a fork where that is the same."""
    start = SERVING.shim() if SERVING.possible(env) else [sys.executable, "-m", API.package]
    return [*start, "mcp", "serve", *flags]


@contextmanager
def mocked(**options: Any) -> Iterator[dict[str, str]]:
    """The mock, as the environment that leads to it; with what the examples speak of and no more."""
    from replikit.mock.server import serve

    with serve(**{"bare": True, **options}) as mock:
        yield mock.environment()


def runs(env: Mapping[str, str], text: str) -> Counter[str]:
    """The states of the runs with this text, asked of the mock itself; by how many are in each."""
    headers = {"Authorization": f"Bearer {env[API.token_env]}"}
    listed = httpx2.get(f"{env[API.base_url_env]}/predictions", headers=headers, timeout=SECONDS, verify=NO_TLS).json()[
        "results"
    ]
    return Counter(each["status"] for each in listed if each["input"].get("text") == text)


@asynccontextmanager
async def stdio(env: Mapping[str, str], *flags: str, era: str = "auto") -> AsyncIterator[Client]:
    """A client of a server of its own, over stdio."""
    full = environment(env)
    start, *arguments = command(full, *flags)
    async with Client(StdioServerParameters(command=start, args=arguments, env=full), mode=era) as client:
        yield client


@contextmanager
def served(
    env: Mapping[str, str], *flags: str, log_to: list[str] | None = None
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A server over HTTP in a process of its own, and its URL. What it logs may hold no token.

    log_to: gets the lines that it logged, after its end; the first tells the URL.
    """
    with TemporaryFile() as log:
        process = popen(
            ["mcp", "serve", "--http", "127.0.0.1:0", *flags],
            env=environment(env),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        with process:
            try:
                yield _ready(process, log), process
            finally:
                process.terminate()
                process.wait(SECONDS)
        log.seek(0)
        logged = log.read().decode()
        for name in (API.token_env, "REPLIKIT_MCP_SECRET"):
            assert not env.get(name) or env[name] not in logged, logged
        if log_to is not None:
            log_to += logged.splitlines()


def _ready(process: subprocess.Popen[bytes], log: IO[bytes]) -> str:
    """The URL that a server tells on its first line."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        line, end, _ = os.pread(log.fileno(), 4096, 0).decode().partition("\n")
        if end:
            assert line.startswith("http://127.0.0.1:"), line
            return line.strip()
        time.sleep(0.02)
    raise AssertionError(os.pread(log.fileno(), 4096, 0).decode())


@contextmanager
def listening(env: Mapping[str, str], *flags: str) -> Iterator[str]:
    """The URL of a server over HTTP, in a process of its own."""
    with served(env, *flags) as (url, _):
        yield url


@asynccontextmanager
async def over_http(url: str, *, era: str = "auto", token: str = "", **options: Any) -> AsyncIterator[Client]:
    """A client of a server over HTTP, with a token of its own where one is given; options as of the SDK's client."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=SECONDS, verify=NO_TLS) as http,
        Client(streamable_http_client(url, http_client=http), mode=era, **options) as client,
    ):
        yield client


@contextmanager
def held(context: Any) -> Iterator[Any]:
    """A client that is entered in a loop of its own; its methods are called from here and wait."""

    class Waiting:
        def __init__(self, portal: Any, client: Any) -> None:
            self._portal, self._client = portal, client

        def __getattr__(self, name: str) -> Any:
            method = getattr(self._client, name)
            if not callable(method):
                return method
            return lambda *args, **named: self._portal.call(lambda: method(*args, **named))

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(context) as client:
        yield Waiting(portal, client)
