"""How an upstream server is reached, over stdio or HTTP, with a bound on each message that it sends.

The SDK reads a line of stdio, and a body of JSON over HTTP, however long it is; an event of a stream it bounds itself.
Over stdio the server is also of this process's group, and not of a session of its own as the SDK starts it: the host
ends both at once, even where the server heeds neither the end of its input nor a signal.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from http.client import responses
from typing import Any, NoReturn

import anyio
import anyio.abc
import httpx2
import mcp_types as types
from mcp.client.client import Client
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage

LONGEST = 16 << 20
"""Bytes of a message."""
GRACE = 2.0
"""Seconds that a server has to end in once its input is closed."""
SECONDS = 300.0
"""Default seconds of a request."""
_TOO_LONG = f"the server sent a message of more than {LONGEST:,} bytes: ask it for less"
_LEFT_OUT = "Server returned an error response"
"""What the SDK says of every status that is an error."""


class RefusedError(Exception):
    """A server that does not let us in; the message says why."""


@dataclass(slots=True)
class Reached:
    """A server that is reached."""

    client: Client
    http: _Bounded | None = None

    def told(self, error: MCPError) -> str:
        """What an error of the protocol says."""
        return self.http.told(error) if self.http is not None else str(error)


@asynccontextmanager
async def reached(launch: Mapping[str, Any], changed: Callable[[], object]) -> AsyncIterator[Reached]:
    """The server that is started, or is to be found, so. RefusedError where it does not let us in.

    changed: is called where a server of the handshake era says that it lists other tools now.
    """

    async def heard(message: Any) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            changed()

    async with AsyncExitStack() as stack:
        if not launch.get("url"):
            yield Reached(
                await stack.enter_async_context(
                    Client(_stdio(launch), read_timeout_seconds=SECONDS, message_handler=heard)
                )
            )
            return
        bounded = _Bounded()
        http = httpx2.AsyncClient(headers=launch.get("headers") or {}, timeout=SECONDS, transport=bounded)
        await stack.enter_async_context(http)
        transport = streamable_http_client(str(launch["url"]), http_client=http, max_sse_event_size=LONGEST)
        try:
            made = Client(transport, read_timeout_seconds=SECONDS, message_handler=heard)
            client = await stack.enter_async_context(made)
        except (MCPError, BaseExceptionGroup) as error:
            if isinstance(one := first(error), MCPError):
                raise RefusedError(bounded.told(one)) from error
            raise
        yield Reached(client, bounded)


def first(error: BaseException) -> BaseException:
    """The first of the errors that a group holds, or the error itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


_started: list[anyio.abc.Process] = []
"""The server of this process, where it has started one."""


def end(why: str) -> NoReturn:
    """Ends this process with everything it runs: the host starts it, and its server, when they are needed."""
    for each in _started:
        with suppress(ProcessLookupError):
            each.kill()  # first: what it would say of a broken pipe is not why
    print(why, file=sys.stderr, flush=True)
    os._exit(1)


# ── HTTP ──────────────────────────────────────────────────────────────────────────────────────────────────


class _Bounded(httpx2.AsyncHTTPTransport):
    """Answers of a bounded length, and one for each request: the SDK waits on where there is none.

    A stream of events has no length; each of its events has.
    """

    trouble = ""
    """The error of the last answer, if it was one."""

    def told(self, error: MCPError) -> str:
        """What an error of the protocol says, with what the SDK leaves out."""
        return self.trouble if str(error) == _LEFT_OUT else str(error)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await super().handle_async_request(request)
        except httpx2.TransportError as error:
            if request.method != "POST":
                raise
            self.trouble = f"the server did not respond: {str(error) or type(error).__name__}"
            return httpx2.Response(502)
        if (status := response.status_code) >= 400 and request.method == "POST":
            remedy = ": it needs a credential in its `headers`" if status in (401, 403) else ""
            self.trouble = f"the server returned {status} {responses.get(status, '')}".rstrip() + remedy
        if "text/event-stream" not in response.headers.get("content-type", ""):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream)
        return response


class _Counted(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        try:
            async for part in self._stream:
                size += len(part)
                if size > LONGEST:
                    raise httpx2.StreamError(_TOO_LONG)
                yield part
        except httpx2.TransportError as error:
            # Of this one the SDK makes the answer to the request.
            raise httpx2.StreamError(str(error) or type(error).__name__) from error

    async def aclose(self) -> None:
        await self._stream.aclose()


# ── stdio ─────────────────────────────────────────────────────────────────────────────────────────────────


@asynccontextmanager
async def _stdio(launch: Mapping[str, Any]) -> AsyncIterator[Any]:
    """The streams of a process that is started so, as a transport of the SDK's has them."""
    usual = os.environ if launch.get("surroundings") else get_default_environment()
    environment = {**usual, **launch.get("env", {})}
    program = str(launch["command"])
    # Windows finds `npx` by its whole name alone, which is npx.cmd.
    program = shutil.which(program, path=environment.get("PATH")) or program
    process = await anyio.open_process(
        [program, *map(str, launch.get("args") or ())], env=environment, stderr=sys.stderr, cwd=launch.get("cwd")
    )
    _started.append(process)
    heard, hear = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    speak, spoken = anyio.create_memory_object_stream[SessionMessage](0)
    async with anyio.create_task_group() as group, heard, hear, speak, spoken:
        group.start_soon(_listen, process, heard)
        group.start_soon(_speak, process, spoken)
        try:
            yield hear, speak
        finally:
            group.cancel_scope.cancel()
            with anyio.CancelScope(shield=True):
                await _end(process)


async def _listen(process: anyio.abc.Process, heard: Any) -> None:
    assert process.stdout is not None
    buffer = bytearray()
    async with heard:
        async for part in process.stdout:
            *lines, rest = part.split(b"\n")
            for line in lines:
                await heard.send(_message(bytes(buffer) + line))
                buffer.clear()
            buffer += rest
            if len(buffer) > LONGEST:
                end(_TOO_LONG)


def _message(line: bytes) -> SessionMessage | Exception:
    try:
        return SessionMessage(types.jsonrpc_message_adapter.validate_json(line, by_name=False))
    except ValueError as error:
        return error


async def _speak(process: anyio.abc.Process, spoken: Any) -> None:
    assert process.stdin is not None
    async for each in spoken:
        text = each.message.model_dump_json(by_alias=True, exclude_unset=True)
        try:
            await process.stdin.send(text.encode() + b"\n")
        except (anyio.BrokenResourceError, anyio.ClosedResourceError, OSError):
            return  # it has ended, which its output tells


async def _end(process: anyio.abc.Process) -> None:
    assert process.stdin is not None
    with anyio.move_on_after(GRACE):
        await process.stdin.aclose()
        await process.wait()
    if process.returncode is None:
        process.kill()
    await process.aclose()
