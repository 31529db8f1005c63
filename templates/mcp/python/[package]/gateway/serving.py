"""A member's side of the contract: reads a host's questions line by line, answers many at once, lets go of what is taken back."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import anyio
import anyio.to_thread

from ..functions import UnknownFunctionError, failures
from .contract import LONGEST_LINE, LineError, line, message

MOST = 64
"""Questions that are answered at one time."""

Params = Mapping[str, Any]
Tell = Callable[[str, float | None], Awaitable[None]]
Method = Callable[[Params, Tell], Awaitable[Any]]


class AnswerError(Exception):
    """A request that cannot be answered: `type` is the kind of the problem."""

    def __init__(self, type_: str, text: str) -> None:
        super().__init__(text)
        self.type = type_


def output() -> tuple[Callable[[bytes], object], Callable[[], object]]:
    """What writes to the host. What anything else prints from now on is no message, and goes to stderr."""
    file = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return file.write, file.flush


class Serving:
    """Answers one host with these methods."""

    def __init__(self, methods: Mapping[str, Method]) -> None:
        self._write, self._flush = output()
        self._writing = threading.Lock()
        self._scopes: dict[Any, anyio.CancelScope] = {}
        self._methods = {**methods, "cancel": self._cancel}

    async def serve(self) -> None:
        """Answers until the host hangs up. Each question is a task of its own, so that a slow one holds up nothing."""
        async with anyio.create_task_group() as group:
            while (text := await anyio.to_thread.run_sync(_next, abandon_on_cancel=True)) is not None:
                try:
                    request = message(text)
                except LineError:
                    continue
                if len(self._scopes) >= MOST and request.get("method") != "cancel":
                    problem = {"type": "busy", "message": f"{MOST} requests are in progress", "retryable": True}
                    self._send({"id": request.get("id"), "error": problem})
                    continue
                group.start_soon(self._answer, request)
            group.cancel_scope.cancel()

    async def _answer(self, request: Params) -> None:
        number, method = request.get("id"), request.get("method")
        params = request.get("params")

        async def tell(text: str, fraction: float | None) -> None:
            self._send({"method": "progress", "params": {"id": number, "text": text, "fraction": fraction}})

        with anyio.CancelScope() as scope:
            self._scopes[number] = scope
            try:
                work = self._methods.get(str(method))
                if work is None:
                    raise AnswerError("unknown_method", f"there is no method {str(method)[:80]!r}")
                answer = {"result": await work(params if isinstance(params, dict) else {}, tell)}
            except AnswerError as problem:
                answer = {"error": {"type": problem.type, "message": str(problem)}}
            except UnknownFunctionError as unknown:
                answer = {"error": failures.unknown_function(unknown)}
            except Exception as error:  # noqa: BLE001 - a failure of ours is told: it ends no other question
                answer = {"error": failures.unforeseen(error, str(method))}
            finally:
                self._scopes.pop(number, None)
            self._send({"id": number, **answer})
        if scope.cancelled_caught:
            self._send({"id": number, "error": {"type": "canceled", "message": "the call was canceled"}})

    def _send(self, notification: Params) -> None:
        text = line(notification)
        if len(text) > LONGEST_LINE:
            problem = {"type": "too_large", "message": f"the answer has {len(text):,} bytes: ask for less"}
            text = line({"id": notification.get("id"), "error": problem})
        with self._writing:
            try:
                self._write(text)
                self._flush()
            except OSError:
                os._exit(0)  # the host has gone

    def changed(self) -> None:
        """Notifies the host that the list has changed."""
        self._send({"method": "changed"})

    async def _cancel(self, params: Params, _: Tell) -> Any:
        scope = self._scopes.get(params.get("id"))
        if scope is not None:
            scope.cancel()
        return {"canceled": scope is not None}


def start(params: Params) -> int:
    """The position of a listing, from its cursor."""
    cursor = params.get("cursor")
    return cursor if isinstance(cursor, int) and not isinstance(cursor, bool) and cursor >= 0 else 0


def _next() -> bytes | None:
    """The next line of the host; None where it has hung up, or sends one that has no end."""
    text = sys.stdin.buffer.readline(LONGEST_LINE + 1)
    return text if text.endswith(b"\n") else None
