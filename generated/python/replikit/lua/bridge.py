"""What a script may ask of the process that holds the token.

Every question is counted here and held to its size, then found, held to its schema and to the policy by the functions
layer, and made by the client. None is begun, and nothing is sent again, once the script has ended.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .. import functions
from ..functions import derived, failures, paths
from ..functions.derived import TIMEOUT
from ..functions.info import FunctionInfo
from ..functions.schemas import resolved
from ..functions.streaming import Part, Reader
from .envelope import Event, Record
from .limits import remedy
from .messages import Message
from .metadata import documented
from .started import Started, job_of

if TYPE_CHECKING:
    from ..runtime.operation import JobInfo

Answer = dict[str, Any]
"""`data`, or `error`, or `stopped`: the limit that ends the script."""
_LONGEST_NAME = 80
"""Characters of an account's name that are noted."""
_LONGEST_EVENT = 200
"""Longest message about a job, in characters."""


@dataclass
class _Asked:
    """One call: its payload, the client that makes its requests, and its entry in the record."""

    payload: Mapping[str, Any]
    account: str
    client: Any
    owner: Any
    """The account's client, which the end of the script does not end."""
    entry: dict[str, Any]
    """Its line in the record, with the status of the last answer, if one was requested."""
    info: FunctionInfo | None = field(default=None)
    following: str | None = field(default=None)
    """The cursor of the page after the one that was given, where the result does not hold it."""

    def find(self, name: Any) -> FunctionInfo:
        """The function of that name, from now on the one that this is about. UnknownFunctionError for none."""
        self.info = functions.find(str(name), "lua")
        self.entry["function"] = self.info.name
        return self.info


class _RefusedError(Exception):
    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class _EndedError(Exception):
    """The script that made the call has ended."""


class _Retries:
    """When a call is tried again: as its client says, but not once the script has ended."""

    def __init__(self, policy: Any, over: threading.Event) -> None:
        self._policy = policy
        self._over = over

    def __getattr__(self, name: str) -> Any:
        return getattr(self._policy, name)

    @contextmanager
    def pausing(self, seconds: float) -> Iterator[float]:
        """As of a RetryPolicy; waits here, where the end of the script ends the wait."""
        if self._over.wait(seconds):
            raise _EndedError
        yield 0.0


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
        self._over = threading.Event()
        self._on_the_way = 0
        self._requests_made = 0
        self._cpu = 0.0
        self.started = Started()
        self._readers: dict[str, Reader] = {}
        """The streams that the script reads."""
        self._calls = {"call": self._call, "pages": self._pages, "wait": self._wait, "run": self._run}

    def begins(self) -> bool:
        """Whether another request may be pending. Lua's side sends no more of them at one time."""
        with self._lock:
            self._on_the_way += 1
            return self._on_the_way <= self._record.limits.concurrency

    def end(self) -> None:
        """Ends the pending requests of the script at their next step."""
        self._over.set()
        for reader in list(self._readers.values()):
            reader.close()

    def answer(self, message: Message) -> str:
        """The answer to a request, as a JSON object. Raises ProtocolError if the request is malformed."""
        limits, began = self._record.limits, time.thread_time()
        try:
            limit = message.exceeded(limits) or self._exhausted()
            if limit:
                return json.dumps({"stopped": limit})
            payload = message.payload()
            answer = (
                self._noted(message.op, payload) if message.op in self._calls else self._looked(message.op, payload)
            )
            return self._written(answer)
        finally:
            with self._lock:
                self._on_the_way -= 1
                self._cpu += time.thread_time() - began

    def _exhausted(self) -> str:
        """The limit of all questions together that is reached; empty for none. Counts one more."""
        with self._lock:
            self._requests_made += 1
            if self._requests_made > self._record.limits.calls:
                return "calls"
            return "cpu" if self._cpu > self._record.limits.cpu else ""

    def _written(self, answer: Answer) -> str:
        text = json.dumps(answer, separators=(",", ":"))
        most = self._record.limits.answer_bytes
        if len(text) <= most:
            return text
        message = f"the answer of the call has {len(text)} bytes; a script may receive {most}"
        return json.dumps(_failure("too_large", message, f"ask for less, or {remedy('answer_bytes')}"))

    def _looked(self, op: str, payload: Mapping[str, Any]) -> Answer:
        """The answer to what needs no call."""
        return self._safe(lambda: documented(op, payload, self._record.limits.query))

    def _noted(self, op: str, payload: Mapping[str, Any]) -> Answer:
        """The answer to a call, which is noted."""
        account = str(payload.get("account", "default"))
        entry: dict[str, Any] = {"function": op, "account": account[:_LONGEST_NAME], "ok": False, "status": None}
        with self._lock:
            self._record.calls.append(entry)
        started = time.monotonic()
        answer: Answer = {}
        try:
            answer = self._safe(lambda: self._made(op, payload, account, entry))
        finally:
            entry["ms"] = round((time.monotonic() - started) * 1000, 3)
            entry["ok"] = "data" in answer
        return answer

    def _safe(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except Exception as problem:  # noqa: BLE001
            # A failure of ours is told to the script: it must neither hang nor end the gateway.
            return _failure("internal", f"{type(problem).__name__} in the host")

    def _made(self, op: str, payload: Mapping[str, Any], account: str, entry: dict[str, Any]) -> Answer:
        if account not in self._clients:
            return _failure("account", f"there is no account {account[:_LONGEST_NAME]!r}")
        client = self._clients[account]
        if client is not None:

            def answered(status: int, _: Any) -> None:
                entry["status"] = status
                self._go_on()

            policy = client.retries
            left = max(self._deadline - time.monotonic(), 0.0)
            policy = replace(policy, deadline=left if policy.deadline is None else min(left, policy.deadline))
            client = client.with_options(on_answer=answered, retries=_Retries(policy, self._over))
        request = _Asked(payload, account, client, self._clients[account], entry)
        try:
            self._go_on()
            return self._calls[op](request)
        except _EndedError:
            return {"stopped": "canceled"}  # nobody reads it any more
        except _RefusedError as refused:
            return _failure("invalid_arguments", str(refused), refused.hint)
        except functions.UnknownFunctionError as unknown:
            return _raised(failures.unknown_function(unknown), request)
        except failures.caught() as error:
            about = request.info or next(iter(functions.all_functions().values()))
            return _raised(failures.describe(error, about), request)

    def _go_on(self) -> None:
        if self._over.is_set():
            raise _EndedError

    def _permit(self, info: FunctionInfo, account: str) -> None:
        """What the policy and the owner of the account allow. PolicyError for the rest."""
        self._policy.check(info)
        if account in self._permissions:
            self._permissions[account].check(info)

    def _call(self, request: _Asked, cursor: str = "") -> Answer:
        info, arguments = request.find(request.payload.get("name")), request.payload.get("arguments")
        if not isinstance(arguments, dict):
            raise _RefusedError(f"{info.name} takes one table of arguments")
        self._permit(info, request.account)
        options, update = self._following(request, info, request.payload.get("options"))
        with self.started.starting(request.owner, info) as starts:
            envelope = functions.call(
                request.client,
                info.name,
                fit(arguments, info.input_schema),
                options=options,
                on_update=update,
                policy=self._policy,
                dry_run=self._record.dry_run,
                cursor=cursor,
            )
            if envelope["success"] and not self._record.dry_run and info.derived is None:
                self.started.seen(request.owner, job_of(info), envelope["data"], starts)
        self._record.remark(request.entry, envelope["meta"].get("notes", ()))
        if not envelope["success"]:
            return _raised(envelope["error"], request)
        if options and time.monotonic() >= self._deadline and not self._record.dry_run:
            return {"stopped": "wall"}
        if not self._record.dry_run:
            page = info.page or {}
            link = _at(envelope["data"], page["next"]) if page and page.get("by", "url") == "url" else None
            request.following = envelope["meta"].get("next", link)
            return {"data": envelope["data"]}
        self._record.would_send(request.entry, envelope["data"])
        # The script goes on with what the call's example gives.
        return {"data": info.examples[0].get("result") if info.examples else None}

    def _following(
        self, request: _Asked, info: FunctionInfo, arguments: Any
    ) -> tuple[dict[str, Any], Callable[[Any], None] | None]:
        """Options for a function that follows a job: the time left to the script, and a callback for states."""
        job = job_of(info)
        if info.derived is None or job is None:
            if arguments:
                raise _RefusedError(f"{info.name} takes one table of arguments, and no options")
            return {}, None
        if arguments is not None and not isinstance(arguments, dict):
            raise _RefusedError(f"{info.name} takes its options as one table")
        options = {
            **fit(arguments or {}, derived.base(info).input_schema),
            TIMEOUT: self._seconds((arguments or {}).get(TIMEOUT)),
        }
        return options, self._teller(request, job, own=True)

    def _teller(self, request: _Asked, job: JobInfo, own: bool) -> Callable[[Any], None]:
        """A callback for each state of a job. own: the script has started it."""
        from ..runtime import jobs

        def update(now: Any) -> None:
            self.started.seen(request.owner, job, now, own)
            share = jobs.progress(str(_at(now, job.logs) or ""))
            self._tell(Event("progress", f"{job.key} {_at(now, job.status)}"[:_LONGEST_EVENT], share))

        return update

    def _pages(self, request: _Asked) -> Answer:
        """One page of a list: its items, and the cursor of the page after it."""
        info, cursor = request.find(request.payload.get("name")), request.payload.get("cursor")
        if info.result_kind == "events" or info.stream:
            return self._items(request, info, cursor if isinstance(cursor, str) else "")
        if info.page is None:
            raise _RefusedError(f"{info.name} has no pages: call it")
        answer = self._call(request, cursor if isinstance(cursor, str) else "")
        if "data" not in answer:
            return answer
        items = _at(answer["data"], info.page["items"])
        page: dict[str, Any] = {"items": items if isinstance(items, list) else []}
        if isinstance(request.following, str) and request.following and not self._record.dry_run:
            page["cursor"] = request.following
        return {"data": page}

    def _items(self, request: _Asked, info: FunctionInfo, cursor: str) -> Answer:
        """The items of a stream since the last request, at least one, and the cursor of the following ones."""
        from ..operations import OPERATIONS

        arguments = request.payload.get("arguments")
        if not isinstance(arguments, dict):
            raise _RefusedError(f"{info.name} takes one table of arguments")
        self._permit(info, request.account)
        key, _, number = cursor.rpartition(":")
        if cursor:
            reader = self._readers.get(key)
            if reader is None:
                raise _RefusedError("the cursor is not from an open stream")
        else:
            if info.stream and info.result_kind != "events":
                arguments = {**arguments, info.stream: True}
            arguments = fit(arguments, info.input_schema)
            if (problem := functions.check(arguments, info.input_schema)) is not None:
                return _raised(failures.bad_arguments(info, problem), request)
            if self._record.dry_run:
                self._call(request)
                return {"data": {"items": []}}
            results = request.client.call(OPERATIONS[info.name], arguments)
            if not hasattr(results, "__next__"):  # the whole all the same
                return {"data": {"items": [results]}}
            reader = Reader(results)
            with self._lock:
                key, number = f"stream {len(self._readers) + 1}", "0"
                self._readers[key] = reader
        part = Part(bytes=self._record.limits.answer_bytes // 4, seconds=max(self._deadline - time.monotonic(), 0.0))
        items, more = reader.take(part, ready=True)
        if not more:
            reader.close()
        following = {"cursor": f"{key}:{int(number) + 1}"} if more and number.isdecimal() else {}
        return {"data": {"items": items, **following}}

    def _wait(self, request: _Asked) -> Answer:
        """A job as it is when it has ended."""
        from ..operations import OPERATIONS
        from ..runtime import errors

        data, cancel = request.payload.get("job"), request.payload.get("cancel") is True
        job = OPERATIONS[request.find(self._giver(request.payload.get("of"), data)).name].job
        assert job is not None
        for name in (job.poll, job.cancel) if cancel else (job.poll,):
            self._permit(functions.find(name), request.account)
        if self._record.dry_run:
            return {"data": data}

        update, timeout = self._teller(request, job, own=False), self._seconds(request.payload.get("timeout"))
        try:
            data_ = request.client.follow(job, data, timeout=timeout, cancel=cancel, on_update=update)
            self.started.seen(request.owner, job, data_, False)
            return {"data": data_}
        except errors.JobTimeoutError:
            if time.monotonic() < self._deadline:
                raise
            return {"stopped": "wall"}  # not the time that was asked for is up, but the script's own

    def _giver(self, of: Any, data: Any) -> str:
        """The function that gave a job: the one that is named, or any that gives the only kind with these fields."""
        if of is not None:
            info = functions.find(str(of), "lua")
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
        what = "it could be a " + " or a ".join(sorted(kinds)) if kinds else "this is not a job"
        raise _RefusedError(f"wait: {what}", "name the function that returned it: {of = …}")

    def _run(self, request: _Asked) -> Answer:
        """The output of a reference. The client decides which call it becomes, so all of them must be allowed."""
        from ..operations import JOBS

        starts = [info for info in functions.all_functions().values() if info.job and "billed" in info.classes]
        for info in starts:
            request.info = info
            self._permit(info, request.account)
        if self._record.dry_run:
            return {"data": None}
        reference, arguments = str(request.payload.get("reference")), request.payload.get("input") or {}
        self._record.remark(request.entry, paths.notes_of_input(arguments))
        timeout = self._seconds(request.payload.get("timeout"))

        def update(now: Any) -> None:
            # What was started is known by now; a failure tells of this kind of job.
            request.info = next((info for info in starts if info.job and info.job["key"] == now._job), request.info)
            self.started.seen(request.owner, JOBS[now._job], now.to_dict(), True)

        with self.started.starting(request.owner, next(iter(starts), None)):
            return {
                "data": request.client.run(
                    reference, arguments, timeout=timeout, use_file_output=False, on_update=update
                )
            }

    def _seconds(self, timeout: Any) -> float:
        """The requested timeout, limited to the time left to the script."""
        left = self._deadline - time.monotonic()
        good = isinstance(timeout, (int, float)) and not isinstance(timeout, bool) and timeout >= 0
        return min(float(timeout), left) if good else left


def fit(value: Any, schema: Any, root: Any = None) -> Any:
    """The value with Lua's empty tables, which are lists as much as objects, read as the schema means them.

    root: the schema whose `$defs` this one refers to; itself where none is given.
    """
    if not isinstance(schema, Mapping):
        return value
    root = schema if root is None else root
    schema = resolved(schema, root)
    if isinstance(value, dict):
        if not value:
            return [] if _is_list(schema, root) else value
        known, other = _properties(schema, root), schema.get("additionalProperties")
        return {key: fit(item, known.get(key, other), root) for key, item in value.items()}
    if isinstance(value, list):
        items = next((part["items"] for part in _forms(schema, root) if "items" in part), None)
        return [fit(item, items, root) for item in value]
    return value


_UNIONS = ("anyOf", "oneOf", "allOf")
_MOST_FORMS = 200


def _forms(schema: Mapping[str, Any], root: Any) -> list[Mapping[str, Any]]:
    """The schema, and all that it is made of by unions within unions."""
    forms: list[Mapping[str, Any]] = []
    todo = [schema]
    while todo and len(forms) < _MOST_FORMS:
        forms.append(todo.pop(0))
        parts = (part for union in _UNIONS for part in forms[-1].get(union) or ())
        todo += [resolved(part, root) for part in parts if isinstance(part, Mapping)]
    return forms


def _is_list(schema: Mapping[str, Any], root: Any) -> bool:
    """Whether an empty table means a list: a list is valid here, and an empty object is not."""
    kinds = set()
    for form in _forms(schema, root):
        kind = form.get("type")
        named = {kind} if isinstance(kind, str) else {*kind} if isinstance(kind, list) else set()
        kinds |= named if not form.get("required") else set()
    return "array" in kinds and "object" not in kinds


def _properties(schema: Mapping[str, Any], root: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for form in _forms(schema, root):
        properties = {**(form.get("properties") or {}), **properties}
    return properties


def _failure(kind: str, message: str, hint: str = "") -> Answer:
    error: dict[str, Any] = {"type": kind, "message": message, "retryable": False}
    return {"error": {**error, "hint": hint} if hint else error}


def _raised(error: Mapping[str, Any], request: _Asked) -> Answer:
    known = {key: value for key, value in error.items() if value is not None}
    return {"error": {**known, "function": request.entry["function"]}}


def _at(value: Any, path: str) -> Any:
    for key in path.split(".") if path else ():
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
