"""What is logged of a call, for the host that it is of: methods, paths, statuses, times, retries; never a secret.

handshake era    from `logging/setLevel` on, over a pipe: over HTTP there is nothing that a level could be kept of
current era      of a request that names a level
"""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import ContextVar
from typing import Any

import anyio
import anyio.from_thread
import anyio.lowlevel
import mcp_types as types
from anyio.abc import TaskGroup
from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.server.lowlevel import Server

from ..runtime.logs import Redacted, hear, logger

MOST = 100
"""Pending log lines of one call; further ones are dropped."""
PATIENCE = 1.0
"""Seconds that one may take, and the last ones of a call: its result comes after them."""
_LONGEST = 2_000
_LEVELS: dict[types.LoggingLevel, int] = {
    "debug": 10, "info": 20, "notice": 25, "warning": 30, "error": 40, "critical": 50, "alert": 60, "emergency": 70
}  # fmt: skip
_LEVEL = "io.modelcontextprotocol/logLevel"

Context = ServerRequestContext[Any]


class _Call:
    """The log lines of one call."""

    def __init__(self, context: Context, level: int) -> None:
        self.level = level
        self._context = context
        self._lines, self._received = anyio.create_memory_object_stream[types.LoggingMessageNotificationParams](MOST)
        self._thread, self._token = threading.get_ident(), anyio.lowlevel.current_token()
        self._done = anyio.Event()

    def add(self, line: types.LoggingMessageNotificationParams) -> None:
        """A line, from whatever thread."""
        with suppress(anyio.WouldBlock, anyio.ClosedResourceError, anyio.BrokenResourceError):
            if threading.get_ident() == self._thread:
                self._lines.send_nowait(line)
            else:
                anyio.from_thread.run_sync(self._lines.send_nowait, line, token=self._token)

    async def tell(self) -> None:
        """Sends the lines, until there are no more."""
        with self._received:
            async for line in self._received:
                message = types.LoggingMessageNotification(params=line)
                try:
                    with anyio.move_on_after(PATIENCE):
                        await self._context.session.send_notification(message, self._context.request_id)
                except Exception:  # noqa: BLE001 - nobody listens any more
                    break
        self._done.set()

    async def end(self) -> None:
        """Accepts no more lines; waits until the pending ones are sent."""
        self._lines.close()
        with anyio.move_on_after(PATIENCE, shield=True):
            await self._done.wait()


_CURRENT: ContextVar[_Call | None] = ContextVar("logged", default=None)


class HostLog(logging.Handler):
    """Sends hosts the log of their calls: a middleware of the SDK's server."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(Redacted("%(message)s"))
        self._running: TaskGroup | None = None
        self._wanted: int | None = None
        """The level that the host at the other end of a pipe has set."""

    def join(self, server: Server[Any], *, piped: bool) -> None:
        """Lets hosts ask for it."""
        server.middleware.append(self._middle)
        if piped:
            server.add_request_handler("logging/setLevel", types.SetLevelRequestParams, self._set)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """For the time of a server."""
        async with anyio.create_task_group() as self._running:
            usual = logger.level
            logger.addHandler(self)
            try:
                yield
            finally:
                logger.removeHandler(self)
                logger.setLevel(usual)
                self._running.cancel_scope.cancel()

    def emit(self, record: logging.LogRecord) -> None:
        """Sends one line to the host that made the call."""
        call = _CURRENT.get()
        if call is None or record.levelno < call.level:
            return
        reached: list[types.LoggingLevel] = [
            name for name, number in _LEVELS.items() if number <= max(record.levelno, 10)
        ]  # in their order
        text = self.format(record)[:_LONGEST]
        call.add(types.LoggingMessageNotificationParams(level=reached[-1], logger=record.name, data=text))

    async def _set(self, _context: Context, params: types.SetLevelRequestParams) -> types.EmptyResult:
        self._wanted = _LEVELS[params.level]
        hear(self._wanted)
        return types.EmptyResult()

    async def _middle(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        level = _LEVELS.get((ctx.meta or {}).get(_LEVEL), self._wanted)  # type: ignore[call-overload]
        if ctx.method != "tools/call" or ctx.request_id is None or level is None or self._running is None:
            return await call_next(ctx)
        hear(level)
        call = _Call(ctx, level)
        self._running.start_soon(call.tell)
        before = _CURRENT.set(call)
        try:
            return await call_next(ctx)
        finally:
            _CURRENT.reset(before)
            await call.end()
