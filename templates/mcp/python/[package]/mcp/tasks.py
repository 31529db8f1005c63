"""Calls that outlast their request: the host has a task to poll, and gets from it what the call would have given.

    2025-11-25    the host wants one: `tools/call` with `task`; then tasks/get, tasks/result, tasks/list, tasks/cancel
    2026-07-28    the server makes one for a host with the extension io.modelcontextprotocol/tasks, of a call that takes
                  longer than a while; then tasks/get, which gives the result too, tasks/update, tasks/cancel

Whatever a call asks its user comes before the task: a task never needs input. It lives in this process, so that none is
offered where several answer one host, and it is nobody's but its caller's.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import mcp_types as types
from anyio.abc import TaskGroup
from mcp.server.context import CallNext, HandlerResult
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from mcp.shared.jsonrpc_dispatcher import handler_exception_to_error_data

from . import paging
from .asking import ANSWERED_SINCE
from .limits import PAGE, option
from .task import CURRENT, Context, Task, telling

EXTENSION = "io.modelcontextprotocol/tasks"
WANTED_SINCE = "2025-11-25"
"""The protocol's revision in which hosts want tasks."""
TTL, LONGEST_TTL = 600_000, 3_600_000
"""Milliseconds that a task is kept from its creation: unless a host says how long, and at most."""
_SHARE = 4
"""One caller has no more than one part in so many of all tasks."""
_RELATED = "io.modelcontextprotocol/related-task"
_CLIENT: dict[str, Any] = {"extensions": {EXTENSION: {}}}


class _Named(types.RequestParams):
    task_id: str


class Tasks:
    """The tasks of one process, and the calls that become some: a middleware of the SDK's server."""

    def __init__(
        self,
        who: Callable[[Context], str],
        long: Callable[[str], bool],
        most: int,
        *,
        patience: float,
        lists: bool = True,
    ) -> None:
        """who: tells callers apart. long: whether hosts may want a task of a tool. most: tasks at one time.
        patience: seconds after which a call becomes a task where the server decides. lists: whether a caller may ask for
        all of its own, which needs that callers are told apart."""
        self._who = who
        self._long = long
        self._most = most
        self._lists = lists
        self._patience = patience
        self._tasks: dict[str, Task] = {}
        self._running: TaskGroup | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """For the time of a server; the calls of tasks end with it."""
        async with anyio.create_task_group() as self._running:
            try:
                yield
            finally:
                self._running.cancel_scope.cancel()

    def capability(self) -> types.ServerTasksCapability:
        """Capabilities for a host of the older era."""
        calls = types.ServerTasksRequestsCapability(tools=types.TasksToolsCapability(call=types.TasksCallCapability()))
        listing = types.TasksListCapability() if self._lists else None
        return types.ServerTasksCapability(list=listing, cancel=types.TasksCancelCapability(), requests=calls)

    def join(self, server: Server[Any]) -> None:
        """Lets the server answer for tasks."""
        server.middleware.append(self)
        server.add_request_handler("tasks/get", _Named, self._get)
        server.add_request_handler("tasks/cancel", _Named, self._cancel)
        server.add_request_handler("tasks/update", _Named, self._update)
        server.add_request_handler("tasks/result", _Named, self._result)
        if self._lists:
            server.add_request_handler("tasks/list", types.PaginatedRequestParams, self._list)

    async def __call__(self, ctx: Context, call_next: CallNext) -> HandlerResult:
        """The answer to a request: of a call that becomes a task, the task."""
        if ctx.method != "tools/call" or ctx.request_id is None or self._running is None:
            return await call_next(ctx)
        params = ctx.params or {}
        if _is_modern(ctx):
            return await (self._decided(ctx, call_next) if _takes_tasks(ctx) else call_next(ctx))
        if "task" not in params or ctx.protocol_version < WANTED_SINCE:
            return await call_next(ctx)
        if not self._long(str(params.get("name"))):
            raise MCPError(types.METHOD_NOT_FOUND, "This tool does not support tasks: call it without `task`")
        wanted = params["task"]
        ttl = wanted.get("ttl") if isinstance(wanted, dict) else None
        ttl = ttl if isinstance(ttl, (int, float)) and not isinstance(ttl, bool) and ttl >= 0 else TTL
        if (task := self._started(ctx, call_next, min(int(ttl), LONGEST_TTL))) is None:
            what = f"The limit of tasks is reached ({option('tasks')}): wait for one to end"
            raise MCPError(types.INTERNAL_ERROR, what)
        first = task.written(modern=False)
        await self._until(task, task.begun)
        return {"task": first}

    async def _decided(self, context: Context, call_next: CallNext) -> HandlerResult:
        """The answer to a call, or its task where it takes longer than a while."""
        if (task := self._started(context, call_next, TTL)) is None:
            return await call_next(context)
        await self._until(task, task.begun, patience=self._patience)
        if not task.ended.is_set():
            task.tell = None  # of a task there are no such notices
            return {"resultType": "task", **task.written(modern=True)}
        del self._tasks[task.id]
        return _outcome(task)

    def _started(self, context: Context, call_next: CallNext, ttl: int) -> Task | None:
        """A call that runs from now on; None where there is no room for it."""
        assert self._running is not None
        owner = self._owner(context)
        own = list(self._of(owner))
        full = len(own) >= max(1, self._most // _SHARE) or len(self._tasks) >= self._most
        if full:
            over = next((task for task in own if task.ended.is_set()), None)
            if over is None:
                return None
            del self._tasks[over.id]
        task = Task(owner, ttl, telling(context))
        self._tasks[task.id] = task
        self._running.start_soon(self._run, task, context, call_next)
        return task

    async def _run(self, task: Task, context: Context, call_next: CallNext) -> None:
        CURRENT.set(task)
        with task.scope:
            try:
                result = await call_next(context)
                task.result = dict(result) if isinstance(result, dict) else {}
                task.end("completed")
            except MCPError as error:
                task.error = error.error
                task.end("failed", error.error.message)
            except Exception as error:  # noqa: BLE001 - what is wrong with the request; the rest the server contains
                unknown = types.ErrorData(code=types.INTERNAL_ERROR, message="Internal server error")
                task.error = handler_exception_to_error_data(error) or unknown
                task.end("failed", task.error.message)
        task.end("cancelled")

    async def _until(self, task: Task, event: anyio.Event, patience: float = 0.0) -> None:
        """Waits for it, and then for the end, but that no longer. A request that is taken back before it was answered
        takes its call back."""
        try:
            await event.wait()
            with anyio.move_on_after(patience):
                await task.ended.wait()
        except anyio.get_cancelled_exc_class():
            task.scope.cancel()
            del self._tasks[task.id]
            raise

    def _owner(self, context: Context) -> str:
        """The identity of the caller, without its token."""
        return hashlib.sha256(self._who(context).encode()).hexdigest()

    def _of(self, owner: str) -> Iterator[Task]:
        for task in list(self._tasks.values()):
            if task.late:
                del self._tasks[task.id]
            elif task.owner == owner:
                yield task

    def _task(self, context: Context, params: _Named) -> Task:
        """The caller's task of this name. MCPError where it has none, and where it does not know what tasks are."""
        if _is_modern(context) and not _takes_tasks(context):
            what = f"Tasks are for hosts with the extension {EXTENSION}"
            raise MCPError(types.MISSING_REQUIRED_CLIENT_CAPABILITY, what, {"requiredCapabilities": _CLIENT})
        if context.request is not None and context.request.headers.get("mcp-name", params.task_id) != params.task_id:
            raise MCPError(types.HEADER_MISMATCH, "Mcp-Name names another task than the request")
        for task in self._of(self._owner(context)):
            if task.id == params.task_id:
                return task
        raise MCPError(types.INVALID_PARAMS, "Task not found: it has expired or never existed")

    async def _get(self, context: Context, params: _Named) -> dict[str, Any]:
        task = self._task(context, params)
        return task.detailed() if _is_modern(context) else task.written(modern=False)

    async def _cancel(self, context: Context, params: _Named) -> dict[str, Any]:
        task, modern = self._task(context, params), _is_modern(context)
        if not modern and task.status != "working":
            raise MCPError(types.INVALID_PARAMS, f"The task is {task.status}: there is nothing to cancel")
        task.scope.cancel()
        task.end("cancelled", "canceled by its host")
        return {} if modern else task.written(modern=False)

    async def _update(self, context: Context, params: _Named) -> dict[str, Any]:
        """A task asks nothing, so all input responses are ignored."""
        _only(context, modern=True)
        self._task(context, params)
        return {}

    async def _result(self, context: Context, params: _Named) -> dict[str, Any]:
        _only(context, modern=False)
        task = self._task(context, params)
        await task.ended.wait()
        result = _outcome(task)
        return {**result, "_meta": {**result.get("_meta", {}), _RELATED: {"taskId": task.id}}}

    async def _list(self, context: Context, params: types.PaginatedRequestParams) -> types.ListTasksResult:
        _only(context, modern=False)
        own = self._of(self._owner(context))
        rows = [types.Task.model_validate(task.written(modern=False)) for task in own]
        page, cursor = paging.page(rows, paging.sizes(rows), lambda row: row.task_id, params.cursor, PAGE)
        return types.ListTasksResult(tasks=page, next_cursor=cursor)


def _outcome(task: Task) -> dict[str, Any]:
    """What the call would have been answered with. MCPError where that is an error."""
    if task.error is not None:
        raise MCPError.from_error_data(task.error)
    if task.status == "cancelled":
        raise MCPError(types.INVALID_REQUEST, "The task was cancelled")
    return task.result


def _is_modern(context: Context) -> bool:
    return context.protocol_version >= ANSWERED_SINCE


def _only(context: Context, *, modern: bool) -> None:
    """MCPError in the era that has no such method."""
    if _is_modern(context) is not modern:
        raise MCPError(types.METHOD_NOT_FOUND, "Method not found", context.method)


def _takes_tasks(context: Context) -> bool:
    known = context.session.client_capabilities
    return known is not None and EXTENSION in (known.extensions or {})
