"""Runs Lua scripts that call the API's functions.

    run() ── child process ── Lua          the script: no files, no network, no token
      │          │
      │        pipes, one JSON line a message
      │          │
      └── functions.call ── client         every call: found, validated, allowed, counted, made here

The child is bounded twice: by the hook inside Lua, which can say where a script was stopped, and by the
operating system, which stops what the hook cannot see.
"""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from .. import about

HERE = Path(__file__).resolve().parent


class MissingError(Exception):
    """Lua cannot run here; the message says what to install."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one script may use. Values beyond the ceilings are brought down to them."""

    wall: float = 120.0
    """Seconds from start to end, waiting for the API included."""
    cpu: float = 10.0
    """Seconds of processor time."""
    memory: int = 64 << 20
    """Bytes of Lua's own memory."""
    output: int = 256 << 10
    """Bytes printed."""
    calls: int = 200
    """Calls of functions."""
    call_bytes: int = 4 << 20
    """Bytes of one call's arguments."""

    def bounded(self) -> Limits:
        """These limits, none of them beyond its ceiling."""
        return replace(self, **{name: max(0, min(getattr(self, name), top)) for name, top in _CEILINGS.items()})


_CEILINGS: Mapping[str, Any] = {
    "wall": 3600.0,
    "cpu": 300.0,
    "memory": 1 << 30,
    "output": 16 << 20,
    "calls": 10_000,
    "call_bytes": 32 << 20,
}
_REMEDIES = {
    "wall": "it ran longer than {wall:g} s",
    "cpu": "it used more than {cpu:g} s of processor time",
    "memory": "it used more than {memory} bytes of memory",
    "output": "it printed more than {output} bytes",
    "calls": "it made more than {calls} calls",
    "call_bytes": "the arguments of one call were larger than {call_bytes} bytes",
}


def run(
    code: str,
    *,
    client: Any,
    policy: Any = None,
    limits: Limits | None = None,
    dry_run: bool = False,
    functions: Any = None,
) -> dict[str, Any]:
    """The envelope of a script that has run: output, result or error, and the calls it made.

    `policy` is a `functions.Policy`; without one only reading is allowed. Never raises for what a script
    does. Raises MissingError where lupa is not installed.
    """
    if functions is None:
        from .. import functions
    if policy is None:
        policy = functions.Policy(frozenset({"read"}))
    return _Run(code, client, policy, (limits or Limits()).bounded(), dry_run, functions).envelope()


def library() -> str:
    """The folder that lupa is imported from."""
    found = importlib.util.find_spec("lupa")
    if found is None or found.origin is None:
        raise MissingError(f"Lua needs lupa: pip install '{about.PACKAGE}[lua]'")
    return str(Path(found.origin).resolve().parent.parent)


@dataclass
class _Run:
    code: str
    client: Any
    policy: Any
    limits: Limits
    dry_run: bool
    functions: Any
    output: list[str] = field(default_factory=list)
    printed: int = 0
    calls: list[dict[str, Any]] = field(default_factory=list)
    stopped: str = ""
    messages: queue.Queue[Any] = field(default_factory=lambda: queue.Queue(maxsize=64))

    def envelope(self) -> dict[str, Any]:
        """Starts the child, serves it until it is done or stopped, and tells what came of it."""
        started = time.monotonic()
        configuration = self.configuration(library())
        child = self.start()
        watchdog = threading.Timer(self.limits.wall, self.expire, (child,))
        watchdog.daemon = True
        watchdog.start()
        reader = threading.Thread(target=self.read, args=(child,), daemon=True)
        reader.start()
        try:
            self.send(child, configuration)
            payload = self.serve(child, started + self.limits.wall)
        finally:
            watchdog.cancel()
            kill(child)
            status = child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except OSError:
                        pass
        return self.report(payload, status, started)

    def start(self) -> subprocess.Popen[bytes]:
        """A process of its own group with two pipes and next to no environment."""
        kept = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
        return subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(HERE / "child.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in kept if name in os.environ},
            cwd=os.path.abspath(os.sep),
            close_fds=True,
            start_new_session=os.name == "posix",
        )

    def configuration(self, path: str) -> dict[str, Any]:
        """What the child needs to know; nothing in it is secret."""
        known = self.functions.all_functions().values()
        return {
            "library": path,
            "prelude": str(HERE / "prelude.lua"),
            "code": self.code,
            "name": about.NAME,
            "cpu": self.limits.cpu,
            "memory": self.limits.memory,
            "output": self.limits.output,
            "accounts": [],
            "functions": [{"name": info.name, "aliases": list(info.aliases)} for info in known],
        }

    def read(self, child: subprocess.Popen[bytes]) -> None:
        """Puts the child's lines into the queue; a line longer than any limit allows ends the reading."""
        longest = 2 * max(self.limits.call_bytes, self.limits.output, 32 << 20)
        assert child.stdout is not None
        try:
            while line := child.stdout.readline(longest):
                self.messages.put(line)
        except (OSError, ValueError):
            pass
        self.messages.put(None)

    def serve(self, child: subprocess.Popen[bytes], deadline: float) -> dict[str, Any] | None:
        """Answers the child's messages; what it reported at its end, or None when it was stopped."""
        while not self.stopped:
            try:
                line = self.messages.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                self.stopped = "wall"
                return None
            if line is None:
                return None
            message = decode(line)
            if message is None:
                self.stopped = "protocol"
                return None
            op, payload = message.get("op"), message.get("payload")
            if op == "print" and isinstance(payload, str):
                self.print(payload)
            elif op == "done" and isinstance(payload, dict):
                return payload
            elif op == "call" and isinstance(payload, dict):
                self.within(deadline, partial(self.call, payload, len(line)), child)
            elif op == "find" and isinstance(payload, dict):
                self.send(child, self.find(payload))
            elif op == "docs" and isinstance(payload, dict):
                self.send(child, self.docs(payload))
            else:
                self.stopped = "protocol"
        return None

    def print(self, text: str) -> None:
        """Keeps what the script printed, up to the limit."""
        room = self.limits.output - self.printed
        self.printed += len(text.encode("utf-8", "replace"))
        if room > 0:
            self.output.append(text[:room])
        if self.printed > self.limits.output + (64 << 10):
            self.stopped = "output"

    def within(self, deadline: float, work: Callable[[], dict[str, Any]], child: subprocess.Popen[bytes]) -> None:
        """Does the work in a thread, so that a call which hangs cannot hold the script beyond its time."""
        done: queue.Queue[dict[str, Any]] = queue.Queue(1)

        def task() -> None:
            try:
                done.put(work())
            except Exception as problem:  # noqa: BLE001 (a failure of ours must not end the gateway)
                done.put(failure("internal", f"{type(problem).__name__} in the host"))

        threading.Thread(target=task, daemon=True).start()
        try:
            answer = done.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            self.stopped = "wall"
            return
        if not self.stopped:
            self.send(child, answer)

    def call(self, payload: dict[str, Any], size: int) -> dict[str, Any]:
        """One call through the functions layer, which validates it and asks the policy."""
        if len(self.calls) >= self.limits.calls:
            return {"stopped": "calls"}
        if size > self.limits.call_bytes:
            return {"stopped": "call_bytes"}
        name, arguments = str(payload.get("name")), payload.get("arguments")
        if not isinstance(arguments, dict):
            return failure("arguments", f"{name} takes one table of arguments")
        record: dict[str, Any] = {"function": name, "account": str(payload.get("account", "default")), "ok": False}
        self.calls.append(record)
        with suppress(LookupError):  # an unknown name: call() below says so, with the nearest ones
            info = self.functions.find(name)
            arguments = fit(arguments, info.input_schema)
            record["function"] = info.name
        started = time.monotonic()
        answer = self.functions.call(self.client, name, arguments, policy=self.policy, dry_run=self.dry_run)
        error = answer.get("error")
        record["ok"] = bool(answer.get("success"))
        record["ms"] = round((time.monotonic() - started) * 1000, 3)
        record["status"] = (error or {}).get("status") or (answer.get("meta") or {}).get("status")
        if record["ok"]:
            return {"data": answer.get("data")}
        problem = {key: value for key, value in (error or {}).items() if value is not None}
        problem.setdefault("type", "error")
        problem.setdefault("message", "the call failed")
        problem.setdefault("retryable", False)
        return {"error": {**problem, "function": record["function"]}}

    def find(self, payload: dict[str, Any]) -> dict[str, Any]:
        """The name of a function given by any of its aliases."""
        name = str(payload.get("name"))
        try:
            return {"data": self.functions.find(name).name}
        except LookupError as problem:
            nearest = [str(near) for near in getattr(problem, "nearest", ())]
            hint = f"did you mean {', '.join(nearest)}?" if nearest else "docs.list() names them all"
            return failure("unknown_function", f"there is no function {name!r}", hint)

    def docs(self, payload: dict[str, Any]) -> dict[str, Any]:
        """What the metadata says: every function, those that match a text, one of them, its schema."""
        do, known = payload.get("do"), self.functions.all_functions()
        if do in ("list", "search"):
            words = str(payload.get("text") or "").lower().split() if do == "search" else []
            found = []
            for info in known.values():
                text = f"{info.name} {info.title} {info.summary} {info.description}".lower()
                if all(word in text for word in words):
                    found.append({"name": info.name, "type": info.type, "summary": info.summary})
            return {"data": found}
        answer = self.find({"name": payload.get("name")})
        if "error" in answer:
            return answer
        info = known[answer["data"]]
        if do == "schema":
            return {"data": info.input_schema}
        names = ("name", "title", "type", "classes", "summary", "description", "input_schema", "examples")
        return {"data": {name: plain(getattr(info, name, None)) for name in names}}

    def send(self, child: subprocess.Popen[bytes], answer: dict[str, Any]) -> None:
        """One line to the child; a child that has gone is noticed by the reader."""
        assert child.stdin is not None
        try:
            child.stdin.write(json.dumps(answer, separators=(",", ":")).encode("utf-8") + b"\n")
            child.stdin.flush()
        except (OSError, ValueError):
            pass

    def expire(self, child: subprocess.Popen[bytes]) -> None:
        """Ends a child whose time is over, whatever it is doing."""
        self.stopped = self.stopped or "wall"
        kill(child)

    def report(self, payload: dict[str, Any] | None, status: int, started: float) -> dict[str, Any]:
        """The envelope, from what the child said or from the way it ended."""
        error: dict[str, Any] | None = None
        result: Any = None
        limit = self.stopped
        line = None
        if payload is None:
            if not limit and os.name == "posix" and -status == getattr(signal, "SIGXCPU", 24):
                limit = "cpu"
            limit = limit or "crash"
        elif payload.get("stopped"):
            limit, line = str(payload["stopped"]), payload.get("line")
        elif isinstance(payload.get("error"), dict):
            error = payload["error"]
        else:
            result = payload.get("result")
        if limit:
            error = self.explain(limit, status)
            if isinstance(line, int):
                error["line"] = line
        size = payload.get("memory") if payload else None
        return {
            "success": error is None,
            "output": "".join(self.output),
            "error": error,
            "result": result,
            "execution_time_ms": round((time.monotonic() - started) * 1000, 3),
            "memory_bytes": size if isinstance(size, int) else None,
            "integration_calls": self.calls,
            "meta": {"dry_run": self.dry_run, "account": "default"},
        }

    def explain(self, limit: str, status: int) -> dict[str, Any]:
        """The error of a script that was stopped."""
        if limit in _REMEDIES:
            values = {name: getattr(self.limits, name) for name in _CEILINGS}
            message = f"the script was stopped: {_REMEDIES[limit].format(**values)}"
            return {"type": "limit", "limit": limit, "message": message, "retryable": False}
        message = "the script broke the protocol" if limit == "protocol" else f"the Lua process ended ({status})"
        return {"type": "crash", "message": message, "retryable": False}


def decode(line: bytes) -> dict[str, Any] | None:
    """The message of a line; None where it is none."""
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) else None


def failure(kind: str, message: str, hint: str = "") -> dict[str, Any]:
    """An answer that raises an error in Lua."""
    error: dict[str, Any] = {"type": kind, "message": message, "retryable": False}
    return {"error": {**error, "hint": hint} if hint else error}


def plain(value: Any) -> Any:
    """A metadata value as JSON has it."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return value


def fit(value: Any, schema: Any) -> Any:
    """The value with Lua's empty tables, which are lists as much as objects, read as the schema means them."""
    if not isinstance(schema, Mapping):
        return value
    if isinstance(value, dict):
        if not value and schema.get("type") == "array":
            return []
        known, other = schema.get("properties") or {}, schema.get("additionalProperties")
        return {key: fit(item, known.get(key, other)) for key, item in value.items()}
    if isinstance(value, list):
        return [fit(item, schema.get("items")) for item in value]
    return value


def kill(child: subprocess.Popen[bytes]) -> None:
    """Ends the child and whatever it may have started."""
    if child.poll() is not None:
        return
    try:
        if os.name == "posix":
            os.killpg(child.pid, signal.SIGKILL)
        else:
            child.kill()
    except OSError:
        pass
