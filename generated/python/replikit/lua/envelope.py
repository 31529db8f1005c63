"""What came of a script: the envelope, and the events that are told while it runs."""

from __future__ import annotations

import os
import signal
from dataclasses import dataclass, field
from typing import Any

from .limits import Limits


@dataclass(frozen=True, slots=True)
class Event:
    """Something a script said while it ran."""

    kind: str
    """print, log or progress."""
    text: str
    fraction: float | None = None
    """How far the script or the job it waits for is, from 0 to 1; None where that is not known."""


_OURS = ("limit", "canceled", "crash")
"""Types of errors that only this side gives: a script may raise whatever it likes."""


@dataclass
class Record:
    """All that is known about one script, as it runs."""

    limits: Limits
    dry_run: bool
    output: list[str] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    enclosed: tuple[str, ...] = ()
    stopped: str = ""
    """The limit that ended it from outside, or `canceled`, or `protocol`."""
    line: int | None = None
    """The last line that anything was heard from."""

    def envelope(self, payload: dict[str, Any] | None, status: int | None, milliseconds: float) -> dict[str, Any]:
        """The envelope, from what the child said at the end or from the way it ended."""
        error = self._error(payload, status)
        memory = (payload or {}).get("memory")
        return {
            "success": error is None,
            "output": "".join(self.output),
            "error": error,
            "result": payload.get("result") if payload and error is None else None,
            "execution_time_ms": round(milliseconds, 3),
            "memory_bytes": memory if isinstance(memory, int) else None,
            "integration_calls": self.calls,
            "meta": {"dry_run": self.dry_run, "account": "default", "enclosed": list(self.enclosed)},
        }

    def _error(self, payload: dict[str, Any] | None, status: int | None) -> dict[str, Any] | None:
        if payload is None:
            return self._stopped(self.stopped or _limit_of(status), status, None)
        if payload.get("stopped"):
            return self._stopped(str(payload["stopped"]), status, payload.get("line"))
        if payload.get("broken"):
            return {"type": "crash", "message": f"Lua failed: {payload['broken']}", "retryable": False}
        error = payload.get("error")
        if not isinstance(error, dict):
            return None
        kind = "script" if error.get("type") in _OURS else error.get("type", "script")
        # Lua writes the place into the message as well.
        message = str(error.get("message", "")).removeprefix(f"script:{error.get('line')}: ")
        return {"retryable": False, **error, "type": kind, "message": message}

    def _stopped(self, limit: str, status: int | None, line: Any) -> dict[str, Any]:
        if limit == "canceled":
            return {"type": "canceled", "message": "the script was canceled", "retryable": False}
        if limit in ("protocol", ""):
            what = "the script broke the protocol" if limit else f"the Lua process ended (status {status})"
            return {"type": "crash", "message": what, "retryable": False}
        message = f"the script was stopped: {self.limits.remedy(limit)}"
        error: dict[str, Any] = {"type": "limit", "limit": limit, "message": message, "retryable": False}
        if isinstance(line, int):
            error["line"] = line
        elif self.line is not None:
            # Stopped from outside, inside of a function that nothing interrupts.
            error["hint"] = f"it was last heard of at line {self.line}"
        return error


def _limit_of(status: int | None) -> str:
    """The limit that a process was ended by, from the status it ended with."""
    if status == 71:
        return "memory"
    if os.name == "posix" and status in (-signal.SIGXCPU, -signal.SIGPROF):
        return "cpu"
    return ""
