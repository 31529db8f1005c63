"""What a script may ask of the process that holds the token: calls, and what the metadata says.

Every call is counted here, found, held to its schema and to the policy by the functions layer, and made by the client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from .. import functions
from ..functions import failures
from .envelope import Event, Record

Answer = dict[str, Any]
_DOCUMENTED = ("name", "title", "type", "classes", "summary", "description", "input_schema", "examples")


class Bridge:
    """Answers one script's questions; from several threads at once."""

    def __init__(
        self,
        record: Record,
        clients: Mapping[str, Any],
        policy: functions.Policy,
        deadline: float,
        tell: Callable[[Event], None],
    ) -> None:
        self._record = record
        self._clients = clients
        self._policy = policy
        self._deadline = deadline
        self._tell = tell
        self._cursors: dict[int, tuple[functions.FunctionInfo, Any]] = {}
        self._lock = threading.Lock()

    def answer(self, op: str, payload: dict[str, Any], size: int) -> Answer:
        """The answer to one message of so many bytes: its data, its error, or the limit it went beyond."""
        if op == "find":
            return self._find(payload)
        if op == "docs":
            return self._docs(payload)
        ask = {
            "call": self._call,
            "wait": self._wait,
            "pages": self._pages,
            "next_page": self._next_page,
            "run": self._run,
        }
        if op not in ask:
            return _failure("protocol", f"nothing is called {op}")
        with self._lock:
            if len(self._record.calls) >= self._record.limits.calls:
                return {"stopped": "calls"}
            if size > self._record.limits.call_bytes:
                return {"stopped": "call_bytes"}
            entry: dict[str, Any] = {"function": str(payload.get("name", op)), "account": "default", "ok": False}
            self._record.calls.append(entry)
        started = time.monotonic()
        try:
            entry["account"] = account = str(payload.get("account", "default"))
            if account not in self._clients:
                return _failure("account", f"there is no account {account!r}")
            answer = ask[op](payload, entry, self._clients[account])
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000, 3)
        error = answer.get("error")
        entry["ok"] = error is None
        entry["status"] = error.get("status") if error else None
        return answer

    def _call(self, payload: dict[str, Any], entry: dict[str, Any], client: Any) -> Answer:
        name, arguments = str(payload.get("name")), payload.get("arguments")
        if not isinstance(arguments, dict):
            return _failure("invalid_arguments", f"{name} takes one table of arguments")
        try:
            info = functions.find(name)
        except LookupError as unknown:
            return _unknown(unknown)
        entry["function"] = info.name
        arguments = fit(arguments, info.input_schema)
        envelope = functions.call(client, name, arguments, policy=self._policy, dry_run=self._record.dry_run)
        if envelope["success"] and self._record.dry_run:
            entry["request"] = envelope["data"]
            return {"data": _example(info)}
        if envelope["success"]:
            return {"data": envelope["data"]}
        return _raised(envelope["error"], info)

    def _pages(self, payload: dict[str, Any], entry: dict[str, Any], client: Any) -> Answer:
        from ..operations import OPERATIONS

        try:
            info = functions.find(str(payload.get("name")))
        except LookupError as unknown:
            return _unknown(unknown)
        entry["function"] = info.name
        if info.page is None:
            return _failure("invalid_arguments", f"{info.name} gives no pages: call it")
        arguments = fit(payload.get("arguments") or {}, info.input_schema)
        admitted = functions.call(client, info.name, arguments, policy=self._policy, dry_run=True)
        if not admitted["success"]:
            return _raised(admitted["error"], info)
        if self._record.dry_run:
            entry["request"] = admitted["data"]
            return {"data": {"items": _at(_example(info), info.page["items"]) or []}}
        try:
            return self._page(info, client.call(OPERATIONS[info.name], arguments, raw=False))
        except failures.caught() as error:
            return _raised(failures.describe(error, info), info)

    def _next_page(self, payload: dict[str, Any], entry: dict[str, Any], client: Any) -> Answer:
        found = self._cursors.pop(int(payload.get("cursor", 0)), None)
        if found is None:
            return _failure("invalid_arguments", "there is no such page")
        info, page = found
        entry["function"] = info.name
        try:
            return self._page(info, page.next_page())
        except failures.caught() as error:
            return _raised(failures.describe(error, info), info)

    def _page(self, info: functions.FunctionInfo, page: Any) -> Answer:
        assert info.page is not None
        data: dict[str, Any] = {"items": _at(page.to_dict(), info.page["items"]) or []}
        if page.next is not None:
            data["cursor"] = len(self._record.calls)
            self._cursors[data["cursor"]] = info, page
        return {"data": data}

    def _wait(self, payload: dict[str, Any], entry: dict[str, Any], client: Any) -> Answer:
        from ..operations import OPERATIONS
        from ..runtime import jobs

        data = payload.get("job")
        found = self._job_function(payload.get("of"), data)
        if isinstance(found, dict):
            return found
        entry["function"] = found.name
        assert found.job is not None
        info = functions.find(found.job["poll"])
        cancel = payload.get("cancel") is True
        try:
            self._policy.check(info)
            if cancel:
                self._policy.check(functions.find(found.job["cancel"]))
            job = OPERATIONS[found.name].job
            if job is None or self._record.dry_run:
                return {"data": data}
            kind, status, logs = job.key, job.status, job.logs
            timeout = min(_number(payload.get("timeout")), self._deadline - time.monotonic())

            def update(now: Any) -> None:
                share = jobs.progress(str(_at(now, logs) or ""))
                self._tell(Event("progress", f"{kind} {_at(now, status)}", share))

            return {"data": client.follow(job, data, timeout=timeout, cancel=cancel, on_update=update)}
        except failures.caught() as error:
            return _raised(failures.describe(error, info), info)

    def _job_function(self, of: Any, data: Any) -> functions.FunctionInfo | Answer:
        """The function that gave a job: the one that is named, or the only kind of job whose fields these are."""
        if of is not None:
            try:
                info = functions.find(str(of))
            except LookupError as unknown:
                return _unknown(unknown)
            if info.job is None:
                return _failure("invalid_arguments", f"{info.name} starts no job")
            return info
        kinds = {
            info.job["key"]: info
            for info in functions.all_functions().values()
            if info.job and _at(data, info.job["id"]) and _at(data, info.job["status"])
        }
        if len(kinds) == 1:
            return next(iter(kinds.values()))
        what = "it could be a " + " or a ".join(sorted(kinds)) if kinds else "this is no job"
        return _failure("invalid_arguments", f"wait: {what}", "name the function that gave it: {of = …}")

    def _run(self, payload: dict[str, Any], entry: dict[str, Any], client: Any) -> Answer:
        starters = [info for info in functions.all_functions().values() if info.job and "billed" in info.classes]
        info = starters[0]
        try:
            # Which function it becomes is the extension's to say, so all that start a job must be allowed.
            for starter in starters:
                self._policy.check(starter)
            if self._record.dry_run:
                return {"data": None}
            timeout = min(_number(payload.get("timeout")), self._deadline - time.monotonic())
            reference, given = str(payload.get("reference")), payload.get("input") or {}
            output = client.run(reference, given, timeout=timeout, use_file_output=False)
            return {"data": output}
        except failures.caught() as error:
            return _raised(failures.describe(error, info), info)

    def _find(self, payload: dict[str, Any]) -> Answer:
        try:
            return {"data": functions.find(str(payload.get("name"))).name}
        except LookupError as unknown:
            return _unknown(unknown)

    def _docs(self, payload: dict[str, Any]) -> Answer:
        """What the metadata says: every function, those that match a text, one of them, its schema."""
        do, known = payload.get("do"), functions.all_functions()
        if do in ("list", "search"):
            words = str(payload.get("text") or "").lower().split() if do == "search" else []
            found = []
            for info in known.values():
                text = f"{info.name} {info.title} {info.summary} {info.description}".lower()
                if all(word in text for word in words):
                    found.append({"name": info.name, "type": info.type, "summary": info.summary})
            return {"data": found}
        answer = self._find(payload)
        if "error" in answer:
            return answer
        info = known[answer["data"]]
        return {"data": info.input_schema if do == "schema" else {k: getattr(info, k) for k in _DOCUMENTED}}


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


def _failure(kind: str, message: str, hint: str = "") -> Answer:
    error: dict[str, Any] = {"type": kind, "message": message, "retryable": False}
    return {"error": {**error, "hint": hint} if hint else error}


def _unknown(unknown: LookupError) -> Answer:
    if isinstance(unknown, functions.UnknownFunctionError):
        return {"error": _known(failures.unknown_function(unknown))}
    return _failure("unknown_function", str(unknown))


def _raised(error: Mapping[str, Any], info: functions.FunctionInfo) -> Answer:
    return {"error": {**_known(error), "function": info.name}}


def _known(error: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in error.items() if value is not None}


def _example(info: functions.FunctionInfo) -> Any:
    """What a dry run gives a script to go on with."""
    return info.examples[0].get("result") if info.examples else None


def _at(value: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _number(value: Any) -> float:
    good = isinstance(value, (int, float)) and not isinstance(value, bool) and value >= 0
    return float(value) if good else float("inf")
