"""What a script may ask of the process that holds the token.

Every call is counted here, found, held to its schema and to the policy by the functions layer, and made by the client.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .. import functions
from ..functions import failures
from ..functions.info import FunctionInfo
from .envelope import Event, Record

Answer = dict[str, Any]
"""`data`, or `error`, or `stopped`: the limit that ends the script."""


@dataclass
class _Asked:
    """One question: what was given, who makes its calls, what is noted of it."""

    payload: Mapping[str, Any]
    account: str
    client: Any
    entry: dict[str, Any]
    """Its line in the record; the status is that of the last answer, where one was asked for."""
    info: FunctionInfo | None = field(default=None)

    def find(self, name: Any) -> FunctionInfo:
        """The function of that name, from now on the one that this is about. UnknownFunctionError for none."""
        self.info = functions.find(str(name))
        self.entry["function"] = self.info.name
        return self.info


class _RefusedError(Exception):
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Bridge:
    """Answers one script's questions, from several threads at once."""

    def __init__(
        self,
        record: Record,
        clients: Mapping[str, Any],
        policy: functions.Policy,
        permissions: Mapping[str, functions.Policy],
        deadline: float,
        tell: Callable[[Event], None],
    ) -> None:
        self._record = record
        self._clients = clients
        self._policy = policy
        self._permissions = permissions
        self._deadline = deadline
        self._tell = tell
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(record.limits.concurrency)
        self._calls = {"call": self._call, "pages": self._pages, "wait": self._wait, "run": self._run}

    def calls(self, op: str) -> bool:
        """Whether a message asks for what calls the API."""
        return op in self._calls

    def answer(self, op: str, payload: Mapping[str, Any], size: int) -> Answer:
        """The answer to one such message, of so many bytes."""
        entry: dict[str, Any] = {"function": op, "account": str(payload.get("account", "default")), "ok": False}
        entry["status"] = None
        with self._lock:
            if len(self._record.calls) >= self._record.limits.calls:
                return {"stopped": "calls"}
            if size > self._record.limits.call_bytes:
                return {"stopped": "call_bytes"}
            self._record.calls.append(entry)
        started = time.monotonic()
        answer: Answer = {}
        try:
            with self._slots:
                answer = self._made(op, payload, entry)
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000, 3)
            entry["ok"] = "data" in answer
        return answer

    def _made(self, op: str, payload: Mapping[str, Any], entry: dict[str, Any]) -> Answer:
        account = str(entry["account"])
        if account not in self._clients:
            return _failure("account", f"there is no account {account[:80]!r}")
        client = self._clients[account]
        if client is not None:
            client = client.with_options(on_answer=lambda status, _: entry.update(status=status))
        asked = _Asked(payload, account, client, entry)
        try:
            return self._calls[op](asked)
        except _RefusedError as refused:
            return _failure("invalid_arguments", str(refused), refused.hint)
        except functions.UnknownFunctionError as unknown:
            return _raised(failures.unknown_function(unknown), asked)
        except failures.caught() as error:
            about = asked.info or next(iter(functions.all_functions().values()))
            return _raised(failures.describe(error, about), asked)

    def _permit(self, info: FunctionInfo, account: str) -> None:
        """What the policy and the owner of the account allow. PolicyError for the rest."""
        self._policy.check(info)
        if account in self._permissions:
            self._permissions[account].check(info)

    def _call(self, asked: _Asked, cursor: str = "") -> Answer:
        info, given = asked.find(asked.payload.get("name")), asked.payload.get("arguments")
        if not isinstance(given, dict):
            raise _RefusedError(f"{info.name} takes one table of arguments")
        self._permit(info, asked.account)
        envelope = functions.call(
            asked.client,
            info.name,
            fit(given, info.input_schema),
            policy=self._policy,
            dry_run=self._record.dry_run,
            cursor=cursor,
        )
        if not envelope["success"]:
            return _raised(envelope["error"], asked)
        if not self._record.dry_run:
            return {"data": envelope["data"]}
        asked.entry["request"] = envelope["data"]
        # The script goes on with what the call's example gives.
        return {"data": info.examples[0].get("result") if info.examples else None}

    def _pages(self, asked: _Asked) -> Answer:
        """One page of a list: its items, and the cursor of the page after it."""
        info, cursor = asked.find(asked.payload.get("name")), asked.payload.get("cursor")
        if info.page is None:
            raise _RefusedError(f"{info.name} gives no pages: call it")
        answer = self._call(asked, cursor if isinstance(cursor, str) else "")
        if "data" not in answer:
            return answer
        page = {"items": _at(answer["data"], info.page["items"]) or []}
        following = _at(answer["data"], info.page["next"])
        if isinstance(following, str) and following and not self._record.dry_run:
            page["cursor"] = following
        return {"data": page}

    def _wait(self, asked: _Asked) -> Answer:
        """A job as it is when it has ended."""
        from ..operations import OPERATIONS
        from ..runtime import errors, jobs

        data, cancel = asked.payload.get("job"), asked.payload.get("cancel") is True
        job = OPERATIONS[asked.find(self._giver(asked.payload.get("of"), data)).name].job
        assert job is not None
        for name in (job.poll, job.cancel) if cancel else (job.poll,):
            self._permit(functions.find(name), asked.account)
        if self._record.dry_run:
            return {"data": data}

        def update(now: Any) -> None:
            share = jobs.progress(str(_at(now, job.logs) or ""))
            self._tell(Event("progress", f"{job.key} {_at(now, job.status)}", share))

        timeout = self._seconds(asked.payload.get("timeout"))
        try:
            return {"data": asked.client.follow(job, data, timeout=timeout, cancel=cancel, on_update=update)}
        except errors.JobTimeoutError:
            if time.monotonic() < self._deadline:
                raise
            return {"stopped": "wall"}  # not the time that was asked for is up, but the script's own

    def _giver(self, of: Any, data: Any) -> str:
        """The function that gave a job: the one that is named, or any that gives the only kind with these fields."""
        if of is not None:
            info = functions.find(str(of))
            if info.job is None:
                raise _RefusedError(f"{info.name} starts no job")
            return info.name
        kinds = {
            str(info.job["key"]): info.name
            for info in functions.all_functions().values()
            if info.job and _at(data, info.job["id"]) and _at(data, info.job["status"])
        }
        if len(kinds) == 1:
            return next(iter(kinds.values()))
        what = "it could be a " + " or a ".join(sorted(kinds)) if kinds else "this is no job"
        raise _RefusedError(f"wait: {what}", "name the function that gave it: {of = …}")

    def _run(self, asked: _Asked) -> Answer:
        """What a model gives, run by its name. Which call it becomes is the client's to say, so all must be allowed."""
        for info in functions.all_functions().values():
            if info.job and "billed" in info.classes:
                asked.info = info
                self._permit(info, asked.account)
        if self._record.dry_run:
            return {"data": None}
        reference, given = str(asked.payload.get("reference")), asked.payload.get("input") or {}
        timeout = self._seconds(asked.payload.get("timeout"))
        return {"data": asked.client.run(reference, given, timeout=timeout, use_file_output=False)}

    def _seconds(self, timeout: Any) -> float:
        """As long as is asked for, and no longer than the script may take."""
        left = self._deadline - time.monotonic()
        good = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and timeout >= 0
        return min(float(timeout), left) if good else left


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


def _raised(error: Mapping[str, Any], asked: _Asked) -> Answer:
    known = {key: value for key, value in error.items() if value is not None}
    return {"error": {**known, "function": asked.entry["function"]}}


def _at(value: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
