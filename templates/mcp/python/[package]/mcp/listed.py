"""The tools that a server lists, which may change while it runs, and whoever is to hear of that.

handshake era    `notifications/tools/list_changed` over a pipe; over HTTP there is no way back to a host
current era      the same to whoever asked for it with `subscriptions/listen`
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.to_thread
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.session import ServerSession
from mcp.server.subscriptions import (
    InMemorySubscriptionBus,
    ListenHandler,
    ToolsListChanged,
)

from ..functions import failures
from . import paging
from .asking import ANSWERED_SINCE

LOOK = 1.0
"""Seconds between two looks whether anything has changed."""

Made = Callable[[], Sequence[dict[str, Any]]]


class Listed:
    """The list of tools of one server."""

    def __init__(self, made: Made, room: int, state: Callable[[], Hashable] | None = None) -> None:
        """made: the tools as they are now. room: bytes of a page. state: is another whenever they may be others; None
        where they never are."""
        self._made = made
        self._room = room
        self._state = state
        self._seen = state() if state is not None else None
        self._bus = InMemorySubscriptionBus()
        self._session: ServerSession | None = None
        """The host at the other end of a pipe."""
        self._take(made())

    def _take(self, tools: Sequence[dict[str, Any]]) -> None:
        self.tools = [types.Tool.model_validate(each) for each in tools]
        self.names = {each.name for each in self.tools}
        self._sizes = paging.sizes(self.tools)

    @property
    def changes(self) -> bool:
        """Whether it may become another."""
        return self._state is not None

    def long(self, name: str) -> bool:
        """Whether hosts may want a task of this tool."""
        return any(each.name == name and each.execution is not None for each in self.tools)

    def join(self, server: Server[Any]) -> None:
        """Lets hosts subscribe to changes."""
        if self.changes:
            handler = ListenHandler(self._bus)
            server.add_request_handler("subscriptions/listen", types.SubscriptionsListenRequestParams, handler)

    async def page(
        self, context: ServerRequestContext[Any], params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        """The answer to `tools/list`."""
        if context.request is None and context.protocol_version < ANSWERED_SINCE:
            self._session = context.session
        cursor = params.cursor if params is not None else None
        tools, cursor = paging.page(self.tools, self._sizes, lambda tool: tool.name, cursor, self._room)
        return types.ListToolsResult(tools=tools, next_cursor=cursor)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """For the time of a server: what has changed is listed, and told."""
        async with anyio.create_task_group() as group:
            if self.changes:
                group.start_soon(self._watch)
            try:
                yield
            finally:
                group.cancel_scope.cancel()

    async def _watch(self) -> None:
        while True:
            await anyio.sleep(LOOK)
            try:
                await self._look()
            except Exception as error:  # noqa: BLE001 - what was listed before stays
                failures.unforeseen(error, "tools/list")

    async def _look(self) -> None:
        assert self._state is not None
        if (now := self._state()) == self._seen:
            return
        self._seen = now
        before = self.tools
        self._take(await anyio.to_thread.run_sync(self._made))
        if self.tools != before:
            await self._bus.publish(ToolsListChanged())
            if self._session is not None:
                await self._session.send_tool_list_changed()
