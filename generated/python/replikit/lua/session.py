"""A child process that runs scripts, one after the other, and what it may do while it does.

    Session.execute() ── child process ── Lua          the script: no files, no network, no token
           │                 pipes, one JSON line a message
           └── Bridge ── functions.call ── client      every call: found, validated, allowed, counted, made here

The child is bounded twice: by the hook inside Lua, which can say where a script was stopped, and by the operating
system, which stops what the hook cannot see.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from typing import Any

from .. import about, functions
from .bridge import Bridge
from .envelope import Event, Record
from .limits import BOUNDS, Limits
from .metadata import documented
from .process import Child

_SLACK = 64 << 10
"""What a message may have beside the text that a limit counts."""


class Session:
    """Scripts that share one Lua state, each within the limits."""

    def __init__(
        self,
        child: Child,
        clients: Mapping[str, Any],
        policy: functions.Policy,
        limits: Limits,
        *,
        dry_run: bool = False,
        permissions: Mapping[str, functions.Policy] | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self._child = child
        self._clients = clients
        self._policy = policy
        self._limits = limits
        self._dry_run = dry_run
        self._permissions = permissions or {}
        self._on_event = on_event
        self._on_close = on_close
        self._record = Record(limits, dry_run)
        self._enclosed: tuple[str, ...] = ()
        self._printed = 0
        self._ended = False
        self._telling = threading.Lock()
        child.listen(2 * max(limits.call_bytes, limits.output) + _SLACK)
        child.send(self._settings())

    @property
    def alive(self) -> bool:
        """Whether another script can be run: not after one that was stopped."""
        return not self._ended and self._child.alive

    def _settings(self) -> dict[str, Any]:
        """What the child needs to know; nothing in it is secret."""
        known = functions.all_functions().values()
        return {
            "name": about.NAME,
            "limits": asdict(self._limits),
            "accounts": [name for name in self._clients if name != "default"],
            "functions": [{"name": info.name, "aliases": list(info.aliases)} for info in known],
            "run": callable(getattr(self._clients["default"], "run", None)),
        }

    def execute(self, code: str) -> dict[str, Any]:
        """The envelope of a script that has run. Never raises for what a script does; ValueError after one that was stopped."""
        if self._ended:
            raise ValueError("the session has ended: begin another one")
        started = time.monotonic()
        deadline = started + self._limits.wall
        self._record = Record(self._limits, self._dry_run)
        self._printed = 0
        bridge = Bridge(self._record, self._clients, self._policy, self._permissions, deadline, self._tell)
        # Whatever the child or a handler of events does: its time ends.
        watchdog = threading.Timer(self._limits.wall, self._expire, ("wall",))
        watchdog.daemon = True
        watchdog.start()
        status = payload = None
        try:
            self._child.send({"code": code})
            payload = self._serve(bridge, deadline)
        finally:
            watchdog.cancel()
            if payload is None or payload.get("stopped") or payload.get("broken"):
                self._ended = True
                status = self._child.close()
        self._record.enclosed = self._enclosed
        return self._record.envelope(payload, status, (time.monotonic() - started) * 1000)

    def cancel(self) -> None:
        """Ends the script that runs, from another thread."""
        self._expire("canceled")

    def close(self) -> None:
        """Ends the process."""
        self._ended = True
        self._child.close()
        if self._on_close is not None:
            self._on_close()

    def _expire(self, why: str) -> None:
        self._record.stopped = self._record.stopped or why
        self._child.kill()

    def _serve(self, bridge: Bridge, deadline: float) -> dict[str, Any] | None:
        """Answers the child's messages; what it reported at its end, or None when it was stopped or broke off."""
        record = self._record
        while not record.stopped:
            try:
                line = self._child.line(max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                record.stopped = "wall"
                break
            if line is None:
                break
            message = _decoded(line)
            op, payload = message.get("op"), message.get("payload")
            if not isinstance(payload, dict):
                record.stopped = "protocol"
            elif op == "done":
                return payload
            elif op == "ready":
                self._begin(payload.get("enclosed"))
            else:
                at = message.get("line")
                record.line = at if isinstance(at, int) else record.line
                self._take(bridge, str(op), message.get("id"), payload, len(line))
        return None

    def _begin(self, enclosed: Any) -> None:
        """Notes what the operating system bounds, and says what it does not."""
        self._enclosed = tuple(map(str, enclosed)) if isinstance(enclosed, list) else ()
        missing = [what for name, what in BOUNDS.items() if name not in self._enclosed]
        if missing:
            text = f"this platform does not bound the {', '.join(missing)} of a script; Lua's own limits hold\n"
            self._tell(Event("log", text))

    def _take(self, bridge: Bridge, op: str, number: Any, payload: dict[str, Any], size: int) -> None:
        if op in ("print", "log", "progress"):
            self._hear(op, payload)
        elif not isinstance(number, int):
            self._record.stopped = "protocol"
        elif bridge.calls(op):
            # In a thread each: several go on at once, and one that hangs cannot hold the script beyond its time.
            ask = partial(bridge.answer, op, payload, size)
            threading.Thread(target=self._answer, args=(ask, number), daemon=True).start()
        else:
            self._answer(partial(documented, op, payload), number)

    def _answer(self, ask: Callable[[], dict[str, Any]], number: int) -> None:
        try:
            answer = ask()
        except Exception as problem:  # noqa: BLE001
            # A failure of ours is told to the script: it must neither hang nor end the gateway.
            message = f"{type(problem).__name__} in the host"
            answer = {"error": {"type": "internal", "message": message, "retryable": False}}
        self._child.send({"id": number, **answer})

    def _hear(self, op: str, payload: dict[str, Any]) -> None:
        text, fraction = payload.get("text"), payload.get("fraction")
        if not isinstance(text, str):
            self._record.stopped = "protocol"
            return
        room = self._limits.output - self._printed
        self._printed += len(text.encode("utf-8", "replace")) + 1
        if self._printed > 2 * self._limits.output + _SLACK:
            self._record.stopped = "output"
        if op == "print" and room > 0:
            self._record.output.append(text[:room])
        self._tell(Event(op, text, fraction if isinstance(fraction, (int, float)) else None))

    def _tell(self, event: Event) -> None:
        if self._on_event is not None:
            with self._telling:
                self._on_event(event)


def _decoded(line: bytes) -> dict[str, Any]:
    """The message of a line; an empty one where it is none."""
    with suppress(ValueError, RecursionError):
        message = json.loads(line)
        if isinstance(message, dict):
            return message
    return {}
