"""One call that a host polls: how far it is, what has come of it, and how hosts of each era read that."""

from __future__ import annotations

import secrets
import time
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext

from .progress import Tell

POLL = 1_000
"""Milliseconds between two looks at a task."""
_LONGEST_MESSAGE = 500

Context = ServerRequestContext[Any]
Status = Literal["working", "completed", "failed", "cancelled"]


class Task:
    """One running call, or its outcome. It receives the call's progress as a host does."""

    def __init__(self, owner: str, ttl: int, tell: Tell | None) -> None:
        self.id = secrets.token_urlsafe(24)
        self.owner = owner
        self.ttl = ttl
        self.tell = tell
        """Reports progress to the host, too."""
        self.status: Status = "working"
        self.message = ""
        self.result: dict[str, Any] = {}
        self.error: types.ErrorData | None = None
        self.scope = anyio.CancelScope()
        self.begun = anyio.Event()
        """Set once nothing more is asked of the user."""
        self.ended = anyio.Event()
        self.created = self.updated = datetime.now(UTC)
        self._since = time.monotonic()

    async def __call__(self, share: float, total: float | None, message: str | None) -> None:
        """The progress of the call."""
        if self.status == "working" and message and message != self.message:
            self.message, self.updated = message[:_LONGEST_MESSAGE], datetime.now(UTC)
        if self.tell is not None:
            try:
                await self.tell(share, total, message)
            except Exception:  # noqa: BLE001 - nobody listens any more; whoever polls is told all the same
                self.tell = None

    def begin(self) -> None:
        """Records that the call has started."""
        self.begun.set()

    def end(self, status: Status, message: str = "") -> None:
        """Records the final outcome."""
        if self.status == "working":
            self.status, self.message, self.updated = status, message[:_LONGEST_MESSAGE], datetime.now(UTC)
        self.begun.set()
        self.ended.set()

    @property
    def late(self) -> bool:
        """Whether it has expired. A running call has its own time limit."""
        return self.status != "working" and (time.monotonic() - self._since) * 1000 > self.ttl

    def written(self, *, modern: bool) -> dict[str, Any]:
        """The task as hosts of an era read it. Only the older one says that a tool's error is a failure of the task."""
        status, message = self.status, self.message
        if not modern and status == "completed" and self.result.get("isError"):
            status, message = "failed", _first_text(self.result)
        times = {"createdAt": self.created.isoformat(), "lastUpdatedAt": self.updated.isoformat()}
        bounds = {"ttlMs": self.ttl, "pollIntervalMs": POLL} if modern else {"ttl": self.ttl, "pollInterval": POLL}
        return {
            "taskId": self.id,
            "status": status,
            **({"statusMessage": message} if message else {}),
            **times,
            **bounds,
        }

    def detailed(self) -> dict[str, Any]:
        """The task with what came of it, as the newer era has it."""
        more: dict[str, Any] = {}
        if self.status == "completed":
            more = {"result": self.result}
        elif self.error is not None:
            more = {"error": self.error.model_dump(by_alias=True, mode="json", exclude_none=True)}
        return {**self.written(modern=True), **more}


CURRENT: ContextVar[Task | None] = ContextVar("task", default=None)
"""The task that a call is of."""


def telling(context: Context) -> Tell | None:
    """The receiver of a call's progress: its task, else the host; None if neither wants it."""
    if (task := CURRENT.get()) is not None:
        return task
    return context.session.report_progress if "progress_token" in (context.meta or {}) else None


def _first_text(result: dict[str, Any]) -> str:
    with suppress(KeyError, IndexError, TypeError):
        return str(result["content"][0]["text"])[:_LONGEST_MESSAGE]
    return ""
