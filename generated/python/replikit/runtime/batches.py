"""A job for each of many calls: several at a time, as fast as the API allows, and none started twice.

    pace ─ journal: intent ─ the call ─ journal: job ─ looks, until it has ended ─ journal: result

The steps are a generator without I/O other than the journal's; `sync.mapping` drives it with threads, `aio.mapping`
with tasks. A call whose answer was lost is looked up among the account's newest jobs before it is sent again; see
`doubt`. Where the policy has `max_retries=0` no call is sent again, and none waits for its turn.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from . import doubt
from .budget import Answer, Budget
from .errors import (
    ApiConnectionError,
    ApiError,
    AuthenticationError,
    ConfigError,
    Error,
    JobError,
    PaymentRequiredError,
    PermissionDeniedError,
    RateLimitError,
    ResponseError,
    ServerError,
)
from .jobs import Watch, ended, failure, operation_of, succeeded
from .journal import Memory
from .operation import JobInfo, Operation
from .pace import Pace, Turn
from .pages import repeated
from .prices import Prices
from .retries import RetryPolicy
from .spending import metered
from .views import at

_ROUNDS = 4
"""Rounds over the calls without a result: a call that failed on the network is tried again in the next round."""
_LOOKS = 20.0
"""Polls per second, of all jobs together: polling has a rate limit, too."""
_ENDS_ALL = (AuthenticationError, PermissionDeniedError, PaymentRequiredError, ConfigError)


class OutcomeUnknownError(Error):
    """A call that may or may not have been carried out."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A step: wait for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Call:
    """A step: a call of the API, answered with its decoded result. cursor: of a list, the page after the first."""

    operation: Operation
    arguments: Mapping[str, Any]
    cursor: str = ""


Steps = Generator[Wait | Call, Any, Any]


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one of the calls."""

    index: int
    """The position of the call, from 0."""
    input: Any
    """The input of the call."""
    ok: bool
    id: str | None = None
    """The id of the job; None where none was started."""
    status: str | None = None
    output: Any = None
    error: str | None = None
    """Why it failed."""
    exception: Error | None = None
    """The error that a single run would have raised; None where the result was read from a journal."""
    data: Any = None
    """The job's last state, as the API answered it; None where the result was read from a journal."""
    resumed: bool = False
    """Whether it was read from the journal."""


class Batch:
    """The state of a batch of calls. Thread-safe."""

    def __init__(
        self,
        operation: Operation,
        calls: Sequence[Mapping[str, Any]],
        memory: Memory,
        *,
        concurrency: int,
        retries: RetryPolicy,
        pace: Pace,
        sent: Sequence[Mapping[str, Any]] | None = None,
        record: Callable[[Result], Mapping[str, Any] | None] | None = None,
        max_failures: int | None = None,
        retry_failed: bool = False,
        prices: Prices | None = None,
        budget: Budget | None = None,
    ) -> None:
        """operation: the one that starts a job. pace: the client's, which gives each call its turn.
        sent: the calls to send, where their files are uploaded already.
        record: the result line of a result, but for its index and `ok`; None to look at the job again in a later round.
        max_failures: lines that may fail before the batch starts no more. retry_failed: run those once more.
        prices: what result lines tell the cost by. budget: what all of it may cost, earlier runs of it included.

        Raises ConfigError where the operation starts no job.
        """
        if operation.job is None:
            raise ConfigError(f"{operation.name} starts no job")
        self.operation, self.calls, self.memory = operation, calls, memory
        self.job: JobInfo = replace(operation.job, interval=max(operation.job.interval, concurrency / _LOOKS))
        self.concurrency = concurrency
        self._begun: set[int] = set()
        self.fatal: Error | None = None
        """An error that no call would get past, such as a refused token."""
        self.stopping = threading.Event()
        self._sent = calls if sent is None else sent
        self._argument = self.job.input.rpartition(".")[2]
        self._retries = retries
        self._again = retries.max_retries > 0
        self._lost: dict[int, Error] = {}
        """Line -> why the answer to its start was lost, for lines that must not be sent again."""
        self._record = record or _line
        self._most = max_failures
        self._failures = 0
        self._lock = threading.Lock()
        self.pace = pace
        self._prices = prices or Prices()
        self.budget = budget
        if budget is not None:
            budget.resume(memory.earlier)
        if retry_failed:
            for line, ok in list(memory.results.items()):
                if not ok:
                    memory.again(line)

    def left(self) -> list[int]:
        """The lines without a result."""
        return [line for line in range(len(self.calls)) if line not in self.memory.results]

    def resumed(self) -> list[Result]:
        """The results from the journal."""
        return [
            self._read(line, record) for line, record in sorted(self.memory.records.items()) if line < len(self.calls)
        ]

    def unfinished(self) -> list[str]:
        """The ids of jobs that this batch started and that have no result."""
        return [self.memory.jobs[line] for line in sorted(self._begun - self.memory.results.keys())]

    def under_way(self) -> set[int]:
        """The lines that were, or may have been, started, and have no result."""
        return (self.memory.intents | self.memory.jobs.keys()) - self.memory.results.keys()

    @property
    def enough(self) -> bool:
        """Whether the batch starts no more."""
        return self.stopping.is_set() or self.fatal is not None

    def begin(self) -> Steps:
        """Records the newest job before the first call."""
        if self.memory.fresh:
            newest = None
            if self.job.list and self.job.input:
                page = yield Call(operation_of(self.job.list), {})
                newest = next((str(at(data, self.job.id)) for data in self._items(page)), "")
            self.memory.begin(newest=newest)

    def settle(self) -> Steps:
        """Finds out what became of the lines in doubt, once nothing is under way, and returns their results."""
        lost = self.memory.lost()
        if not lost:
            return []
        yield Wait(doubt.SETTLED)
        since = yield from self._since() if self.memory.head.get("newest") is not None else _nothing()
        inputs = {line: self.input_of(line) for line in lost}
        results = []
        for line, reason in doubt.settle(self.job, self.memory, since, inputs).items():
            text = f"whether this was started is not known: {reason}"
            result = Result(line, self.input_of(line), False, error=text, exception=OutcomeUnknownError(text))
            results.append(self._done(result))
        unsent = self._lost.keys() - self.memory.jobs.keys() - self.memory.results.keys()
        results += [self._failed(line, self._lost[line]) for line in sorted(unsent)]
        return [result for result in results if result is not None]

    def one(self, line: int) -> Steps:
        """The result of one line; None where it is left for another round, or for a later run."""
        known = self.memory.jobs.get(line)
        data: Any = None
        try:
            if known is None:
                data = yield from self._start(line)
                if data is None:
                    self._unspent(line)
                    return None
                if isinstance(data, Result):
                    return data
            else:
                data = yield Call(operation_of(self.job.poll), {self.job.argument: known})
            data = yield from self._follow(data)
        except _ENDS_ALL as error:
            self.fatal = error
            return None
        except Error as error:
            if isinstance(error, ApiConnectionError) or self._retries.mends(operation_of(self.job.poll), error):
                self.pace.hold(1.0)
                return None  # the job is known: the next round looks at it again
            return self._failed(line, error)
        if not ended(self.job, data):
            return None
        return self._ended(line, data)

    def _start(self, line: int) -> Steps:
        """The job of a line, or the result of a refused one; None where it is not known whether it was started."""
        ticket = self.pace.ticket()
        while not self.enough:
            yield from self._afforded(line)
            turn = None if self.enough else (yield from self._turn(ticket))
            if turn is None:
                break
            self.memory.intend(line)
            try:
                data = yield Call(self.operation, self._sent[line])
            except RateLimitError as error:
                self.memory.forget(line)
                self.pace.refused(turn, error.retry_after)
                if not self._again:
                    return self._failed(line, error)
            except _ENDS_ALL:
                self.memory.forget(line)
                raise
            except (ApiConnectionError, ServerError) as error:
                self.pace.hold(1.0)
                if not isinstance(error, ApiConnectionError) or error.sent:
                    if not self._again:
                        self._lost[line] = error
                    return None
                self.memory.forget(line)
                # It was never sent: the next round sends it.
                return None if self._again else self._failed(line, error)
            except Error as error:
                return self._failed(line, error)
            else:
                self.memory.started(line, str(at(data, self.job.id)))
                self._begun.add(line)
                self.pace.accepted(turn)
                return data
            finally:
                self.pace.lost(turn)  # unless it is known what became of it
        return None

    def _afforded(self, line: int) -> Steps:
        """Waits until the budget allows the line to start; ends the batch where it never will."""
        while self.budget is not None and not self.enough:
            answer = self.budget.admit(line)
            if answer is Answer.YES:
                return
            if answer is Answer.NO:
                self.fatal = self.budget.reached()
                return
            yield Wait(self.job.interval)

    def _unspent(self, line: int) -> None:
        """Releases the budget of a line that was certainly not sent."""
        if self.budget is not None and line not in self.memory.intents:
            self.budget.forget(line)

    def _turn(self, ticket: int) -> Generator[Wait | Call, Any, Turn | None]:
        """Waits for a turn; None where the batch starts no more."""
        if not self._again:
            return Turn(time.monotonic())
        waits = self.pace.turn(ticket)
        try:
            while True:
                yield Wait(next(waits))
                if self.enough:
                    return None
        except StopIteration as found:
            turn: Turn = found.value
            return turn
        finally:
            waits.close()

    def _follow(self, data: Any) -> Steps:
        watch = Watch(self.job, None, False)
        while not ended(self.job, data) and not self.stopping.is_set():
            for pause in watch.pauses(data):
                yield Wait(pause)
            try:
                data = watch.seen((yield Call(*watch.look(data))))
            except (ApiConnectionError, ApiError, ResponseError) as error:
                watch.failed(error, self._retries)
        return data

    def _ended(self, line: int, data: Any) -> Result | None:
        ok = succeeded(self.job, data)
        error: JobError | None = None if ok else failure(self.job, data)
        return self._done(
            Result(
                line,
                self.input_of(line),
                ok,
                str(at(data, self.job.id)),
                at(data, self.job.status),
                at(data, self.job.output) if self.job.output else None,
                None if error is None else str(error),
                error,
                data,
            )
        )

    def _failed(self, line: int, error: Error) -> Result | None:
        id_ = self.memory.jobs.get(line)
        return self._done(Result(line, self.input_of(line), False, id_, error=str(error), exception=error))

    def _done(self, result: Result) -> Result | None:
        line = self._record(result)
        if line is None:
            self.pace.hold(1.0)
            return None
        measured = metered(self._prices, self.job, result.data)
        line = {**line, **{name: value for name, value in measured.items() if value is not None}}
        if self.budget is not None:
            self.budget.end(result.index, line.get("seconds"), result.id is not None)
        with self._lock:
            self.memory.result(result.index, line, ok=result.ok)
            self._failures += not result.ok
            if self._most is not None and self._failures > self._most:
                self.fatal = self.fatal or Error(f"{self._failures} failed, and at most {self._most} may")
        return result

    def input_of(self, line: int) -> Any:
        """The input of a line: the argument of its call that the job repeats, else all its arguments."""
        return self.calls[line].get(self._argument, self.calls[line])

    def _read(self, line: int, record: Mapping[str, Any]) -> Result:
        error = record.get("error")
        text = error.get("message") if isinstance(error, Mapping) else error
        ok = self.memory.results[line]
        parts = (record.get("id"), record.get("status"), record.get("output"), text)
        return Result(line, self.input_of(line), ok, *parts, resumed=True)

    def _items(self, page: Any) -> list[Any]:
        info = operation_of(self.job.list).page
        items = at(page, info.items) if info and info.items else page
        return items if isinstance(items, list) else []

    def _since(self) -> Steps:
        """The jobs of the account that began after the batch did."""
        operation, cursor, seen = operation_of(self.job.list), "", set[str]()
        jobs: list[Any] = []
        while True:
            if cursor in seen:
                raise ResponseError(repeated(operation.name, cursor))
            seen.add(cursor)
            page = yield Call(operation, {}, cursor)
            for data in self._items(page):
                if str(at(data, self.job.id)) == self.memory.head["newest"]:
                    return jobs
                jobs.append(data)
            # Only a result with the URL of its next page can be walked; of other lists the first page has to do.
            onward = operation.page.next if operation.page and operation.page.by == "url" else ""
            previous, cursor = cursor, str((at(page, onward) if onward else "") or "")
            if cursor in ("", previous):
                break
        return jobs


def _nothing() -> Steps:
    yield from ()
    return []


def _line(result: Result) -> dict[str, Any]:
    parts = ("input", "id", "status", "output", "error")
    return {name: getattr(result, name) for name in parts if getattr(result, name) is not None}


def head(operation: Operation, calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The head of the journal, which identifies a batch."""
    text = json.dumps(list(calls), sort_keys=True, default=str)
    return {"function": operation.name, "calls": len(calls), "digest": hashlib.sha256(text.encode()).hexdigest()}


def rounds(batch: Batch) -> Generator[list[int], None, None]:
    """The lines of each round. ApiConnectionError where some are left after the last one."""
    for _ in range(_ROUNDS):
        left = batch.left()
        if not left or batch.enough:
            break
        if batch.budget is not None:
            batch.budget.under_way(batch.under_way())
        yield left
    if batch.fatal is not None:
        raise batch.fatal
    if batch.left() and not batch.stopping.is_set():
        raise ApiConnectionError("the API cannot be reached for long enough")
