"""A child process that runs scripts, one after the other, and what it may do while it does.

    Session.execute() ── child process ── Lua          the script: no files, no network, no token
           │                 pipes, one JSON line a message
           └── Bridge ── functions.call ── client      every call: found, validated, allowed, counted, made here

The child is bounded twice: by the hook inside Lua, which can say where a script was stopped, and by the operating
system, which stops what the hook cannot see. What is done here for a script is bounded by what it may ask for, and ends
with it.
"""

from __future__ import annotations

import json
import os
import queue
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.util import find_spec
from typing import Any, Protocol

from .. import about, functions
from ..functions.info import ADDED
from .bridge import Bridge
from .envelope import Event, Record
from .limits import BOUNDS, Limits
from .messages import Message, ProtocolError
from .process import Child
from .started import Left
from .turns import Turn, Turns

_SLACK = 512 << 10
"""What a message may have beside the text that a limit counts, in bytes."""
_MORE = 2_000
"""Room for the rest of an outcome beside the values of its result: notes and the details of an error."""


class Reach(Protocol):
    """What scripts reach where that is not this package's API alone."""

    def settings(self) -> dict[str, Any]:
        """What the child needs to know of it."""
        ...

    def bridge(self, record: Record, deadline: float, tell: Callable[[Event], None]) -> Bridge:
        """What answers a script's questions."""
        ...


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
        turns: Turns | None = None,
        caller: str = "",
        reach: Reach | None = None,
    ) -> None:
        self._child = child
        self._reach = reach
        self._clients = clients
        self._policy = policy
        self._limits = limits
        self._dry_run = dry_run
        self._permissions = permissions or {}
        self._on_event = on_event
        self._on_close = on_close
        self._turns = turns
        self._caller = caller
        self._turn: Turn | None = None
        self._record = Record(limits, dry_run)
        self._enclosed: tuple[str, ...] = ()
        self._printed = 0
        self._events = 0
        self._answered = 0
        self._ended = False
        self._telling = threading.Lock()
        self._answering = threading.Lock()
        child.listen(max(limits.call_bytes, limits.output) + _SLACK)
        child.send(json.dumps(self._settings()))

    @property
    def alive(self) -> bool:
        """Whether another script can be run: not after one that was stopped."""
        return not self._ended and self._child.alive

    def _settings(self) -> dict[str, Any]:
        """What the child needs to know; nothing in it is secret."""
        own = {"parent": os.getpid(), "limits": asdict(self._limits), "idle": self._turns is not None}
        if self._reach is not None:
            return {**own, **self._reach.settings()}
        known = functions.all_functions("lua").values()
        return {
            **own,
            "name": about.NAME,
            "accounts": [name for name in self._clients if name != "default"],
            "functions": [{"name": info.name, "aliases": list(info.aliases)} for info in known],
            "added": ADDED,
            "webhooks": find_spec(f"{__name__.split('.')[0]}.webhooks") is not None,
            "run": callable(getattr(self._clients["default"], "run", None)),
        }

    def execute(self, code: str) -> dict[str, Any]:
        """The envelope of a script that has run. Never raises for what a script does; ValueError after one that was stopped."""
        if self._ended:
            raise ValueError("the session has ended: start a new one")
        canceled = "canceled" if self._record.stopped == "canceled" else ""
        self._record = record = Record(self._limits, self._dry_run, stopped=canceled)
        self._printed = self._events = self._answered = 0
        status = payload = watchdog = bridge = None
        started = time.monotonic()
        try:
            if len(code.encode("utf-8", "surrogatepass")) > self._limits.code:
                record.stopped = "code"
            elif not record.stopped and self._take_turn():
                started = time.monotonic()
                deadline = started + self._limits.wall
                bridge = self._bridge(record, deadline)
                # Whatever the child or a handler of events does: its time ends.
                watchdog = threading.Timer(self._limits.wall, self._expire, ("wall",))
                watchdog.daemon = True
                watchdog.start()
                self._child.send(json.dumps({"code": code}))
                payload = self._serve(bridge, deadline)
        finally:
            if watchdog is not None:
                watchdog.cancel()
            if bridge is not None:
                bridge.end()
                record.left = bridge.started.left()
            if payload is None or payload.get("stopped") or payload.get("broken"):
                self._ended = record.stopped != "code"
                status = self._child.close() if self._ended else None
            self._give_turn_back()
        record.enclosed = self._enclosed
        return record.envelope(payload, status, (time.monotonic() - started) * 1000)

    def _bridge(self, record: Record, deadline: float) -> Bridge:
        if self._reach is not None:
            return self._reach.bridge(record, deadline, self._tell)
        return Bridge(record, self._clients, self._policy, self._permissions, deadline, self._tell)

    @property
    def left(self) -> list[Left]:
        """The jobs that the last script started and that had not ended when it did."""
        return self._record.left

    def cancel(self) -> None:
        """Ends the script that runs, or that is run next, from another thread."""
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
        self._give_turn_back()

    def _take_turn(self) -> bool:
        """Waits until the script may compute; whether it may, for it can end meanwhile."""
        if self._turns is None:
            return True
        turn = self._turn = self._turns.ask(self._caller)
        if self._record.stopped:
            turn.give_back()
        return turn.wait()

    def _give_turn_back(self) -> None:
        if self._turn is not None:
            self._turn.give_back()

    def _serve(self, bridge: Bridge, deadline: float) -> dict[str, Any] | None:
        """Answers the child's messages; returns its final report, or None if it was stopped or broke off."""
        record = self._record
        while not record.stopped:
            try:
                line = self._child.line(max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                record.stopped = "wall"
                break
            if line is None:
                break
            try:
                message = Message.of(line)
                record.line = message.line or record.line
                if message.op == "done":
                    if message.values() > self._limits.values + _MORE:
                        raise ProtocolError
                    return message.payload()
                self._take(bridge, message)
            except ProtocolError:
                record.stopped = "protocol"
        return None

    def _take(self, bridge: Bridge, message: Message) -> None:
        match message.op:
            case "print" | "log" | "progress":
                self._hear(message.op, message.payload())
            case "idle":
                self._idle(message.payload().get("answers"))
            case "ready":
                self._begin(message.payload().get("enclosed"))
            case _ if message.id is None or not bridge.begins():
                raise ProtocolError
            case _:
                # In a thread each: several go on at once, and one that hangs cannot hold the script beyond its time.
                threading.Thread(target=self._answer, args=(bridge, message), daemon=True).start()

    def _begin(self, enclosed: Any) -> None:
        """Notes which limits the operating system enforces, and which it does not."""
        self._enclosed = tuple(map(str, enclosed)) if isinstance(enclosed, list) else ()
        missing = [what for name, what in BOUNDS.items() if name not in self._enclosed]
        if missing:
            text = f"this platform does not limit the {', '.join(missing)} of a script; only Lua's own limits apply\n"
            self._tell(Event("log", text))

    def _answer(self, bridge: Bridge, message: Message) -> None:
        record = self._record
        try:
            answer = bridge.answer(message)
        except ProtocolError:
            record.stopped = record.stopped or "protocol"
            self._child.kill()
            return
        with self._answering:
            if record.stopped or (not self._computes() and not self._take_turn()):
                return
            self._answered += 1
            self._child.send(f'{{"id":{message.id},{answer[1:]}')

    def _computes(self) -> bool:
        return self._turns is None or (self._turn is not None and self._turn.had)

    def _idle(self, answers: Any) -> None:
        """The child waits after taking so many answers: its turn passes to another unless an answer is pending."""
        with self._answering:
            if answers == self._answered:
                self._give_turn_back()

    def _hear(self, op: str, payload: Mapping[str, Any]) -> None:
        text, fraction = payload.get("text"), payload.get("fraction")
        if not isinstance(text, str) or not isinstance(fraction, (int, float, type(None))):
            raise ProtocolError
        content = text.encode("utf-8", "replace")
        room = self._limits.output - self._printed
        self._printed += len(content) + 1
        self._events += 1
        # Lua's side stops a script with its line; this is for a child that somebody has taken over.
        if self._printed > 2 * self._limits.output + _SLACK:
            self._record.stopped = "output"
        if self._events > 2 * self._limits.events + _MORE:
            self._record.stopped = "events"
        if op == "print" and room > 0:
            self._record.output.append(content[:room].decode("utf-8", "ignore"))
        self._tell(Event(op, text, fraction if fraction is not None and 0 <= fraction <= 1 else None))

    def _tell(self, event: Event) -> None:
        if self._on_event is not None:
            with self._telling:
                self._on_event(event)
