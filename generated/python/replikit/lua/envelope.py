"""The outcome of a script: its envelope, and the events reported while it runs."""

from __future__ import annotations

import json
import os
import re
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import about
from .limits import STOPS, Limits, remedy
from .started import Left


@dataclass(frozen=True, slots=True)
class Event:
    """A message of a script while it ran."""

    kind: str
    """print, log or progress."""
    text: str
    fraction: float | None = None
    """How far the script or the job it waits for is, from 0 to 1; None where that is not known."""


_MOST_NOTES = 20
_NOTHING = re.compile(r"attempt to (?:index|call) a nil value \((?:global|field|method) '(\w{1,20})'\)")
_FILES = "scripts have no file access: use print, dump and return to show results"
_HERE = "modules cannot be loaded: json, regex, docs and the API's functions are built in"
_API = f"app.integrations.{about.NAME}"
_INSTEAD = {
    **dict.fromkeys(("io", "open", "write", "lines", "remove", "rename", "tmpname"), _FILES),
    **dict.fromkeys(("require", "package", "dofile", "loadfile", "loadstring"), _HERE),
    "getenv": "scripts have no environment variables: calls use the server's token, which scripts cannot read",
    "execute": "scripts cannot start programs",
    "exit": "return ends a script",
    "sleep": f"{_API}.wait(job) waits for a job to end",
    "socket": f"scripts have no network: the API's functions are {_API}.NAME{{…}}",
    "http": f"scripts have no network: the API's functions are {_API}.NAME{{…}}",
    "wait": f"{_API}.wait(job) takes the result of a function that starts or gets a job",
    "pages": f"for item in {_API}.pages('NAME', {{…}}) do … end goes over the items of all pages",
    "items": f"for item in {_API}.pages('NAME', {{…}}) do … end goes over the items of all pages",
    "call": f"a function is called by its name: {_API}.NAME{{…}}",
}
"""Names that scripts look for but that do not exist -> their replacements."""
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
    requests: int = 0
    """Bytes of the requests that a dry run noted."""
    notes: list[dict[str, str]] = field(default_factory=list)
    """Differences from the original value: `at`, a JSON pointer into the envelope, and a `note`."""
    left: list[Left] = field(default_factory=list)
    """The jobs that it started and that had not ended when it did."""

    def would_send(self, entry: dict[str, Any], request: dict[str, Any]) -> None:
        """Notes the request of a dry run; without its body once the requests are larger than the output may be."""
        whole = self.requests <= self.limits.output
        self.requests += len(json.dumps(request))
        if self.requests > self.limits.output:
            request = {**request, "body": None}
            if whole:
                note = (
                    f"bodies are left out: the requests have more than {self.limits.output} bytes; {remedy('output')}"
                )
                self.notes.append({"at": "/integration_calls", "note": note})
        entry["request"] = request

    def remark(self, entry: Mapping[str, Any], notes: Iterable[Mapping[str, str]]) -> None:
        """Adds notes about the arguments of a call; of a script that makes many, only the first ones are kept."""
        number = next(number for number, known in enumerate(self.calls) if known is entry)
        for each in notes:
            if len(self.notes) < _MOST_NOTES:
                text = f"{each['at']} of its arguments: {each['note']}"
                self.notes.append({"at": f"/integration_calls/{number}", "note": text})

    def envelope(self, payload: dict[str, Any] | None, status: int | None, milliseconds: float) -> dict[str, Any]:
        """The envelope, from the report of the child or from the way it ended."""
        error, ended = self._error(payload, status), payload or {}
        memory, reported, deeper = ended.get("memory"), ended.get("notes"), ended.get("deeper")
        notes = [*(reported if isinstance(reported, list) else ()), *self.notes]
        if error is not None:  # a script that goes well knows what it has left
            notes += [{"at": "/error", "note": each.note} for each in self.left[:_MOST_NOTES]]
        return {
            "success": error is None,
            "output": "".join(self.output),
            "error": error,
            "result": ended.get("result"),
            "execution_time_ms": round(milliseconds, 3),
            "memory_bytes": memory if isinstance(memory, int) else None,
            "integration_calls": self.calls,
            "meta": {
                "dry_run": self.dry_run,
                "account": "default",
                "enclosed": list(self.enclosed),
                "notes": notes,
                **({"deeper": deeper} if deeper else {}),
            },
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
        return {"retryable": False, **_mended(message), **error, "type": kind, "message": message}

    def _stopped(self, limit: str, status: int | None, line: Any) -> dict[str, Any]:
        if limit == "canceled":
            return {"type": "canceled", "message": "the script was canceled", "retryable": False}
        if limit not in STOPS:
            what = "the script violated the protocol" if limit else f"the Lua process ended (status {status})"
            return {"type": "crash", "message": what, "retryable": False}
        message = f"the script was stopped: {self.limits.reached(limit)}"
        error: dict[str, Any] = {"type": "limit", "limit": limit, "message": message, "retryable": False}
        hints = [remedy(limit)]
        if isinstance(line, int):
            error["line"] = line
        elif self.line is not None:
            # Stopped from outside, inside of a function that nothing interrupts.
            hints.insert(0, f"it was last seen at line {self.line}")
        return {**error, "hint": "; ".join(hints)}


def _mended(message: str) -> dict[str, str]:
    """A hint that names the replacement of a name the script looked for; empty if there is none."""
    match = _NOTHING.search(message[:1_000])
    hint = _INSTEAD.get(match[1]) if match is not None else None
    return {"hint": hint} if hint else {}


def refused(error: Mapping[str, Any], limits: Limits) -> dict[str, Any]:
    """The envelope of a script that was not begun."""
    return {**Record(limits, False).envelope({}, None, 0.0), "success": False, "error": dict(error)}


def _limit_of(status: int | None) -> str:
    """The limit that a process was ended by, from the status it ended with."""
    if status == 71:
        return "memory"
    if os.name == "posix" and status in (-signal.SIGXCPU, -signal.SIGPROF):
        return "cpu"
    return ""
