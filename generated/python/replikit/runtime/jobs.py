"""Results that go on working after the call: how they are followed until they have ended.

What the states are called, which of them are final, and how often to look is data: `operation.job`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from math import inf
from typing import Any

from . import origins
from .errors import (
    ApiConnectionError,
    ApiError,
    Error,
    JobError,
    JobTimeoutError,
    ResponseError,
)
from .logs import logger
from .operation import JobInfo, Operation
from .retries import RetryPolicy
from .views import at

_BAR = re.compile(r"(\d{1,3})%\|[^|\n]*\|(?:\s*(\d+)/([1-9]\d*))?")
_PERCENT = re.compile(r"(?<![\w.])(\d{1,3}(?:\.\d+)?) ?%(?!\w)")
_LAST_LOOK = 2.0
OUTAGE = 900.0
"""Seconds without an answer after which a job without a time limit is no longer looked for."""
_LONGEST_PAUSE = 60.0
"""Seconds that a `Retry-After` is obeyed for between two looks."""
_SLOWEST = 5.0
"""Seconds between two looks at most, while the API does not answer."""
_NOTICE = 0.5
"""Seconds after which a pause ends because another call has found that the API answers again."""
_TAIL = 16_384
"""Characters of the logs that are looked at: progress stands at their end."""


def ended(job: JobInfo, data: Any) -> bool:
    """Whether a job is in a final state."""
    return at(data, job.status) in job.terminal


def succeeded(job: JobInfo, data: Any) -> bool:
    """Whether a job has ended with success."""
    return at(data, job.status) in job.successful


def lacks(job: JobInfo, data: Any) -> str:
    """What the answer to a start lacks of a job that goes on, without which nobody can look at it; empty where nothing."""
    if not isinstance(data, Mapping):
        return f"no {job.key}"
    id_ = at(data, job.id)
    named = isinstance(id_, (str, int)) and not isinstance(id_, bool) and id_ != ""
    return "" if named or ended(job, data) else f"no {job.id} of the {job.key}"


def progress(logs: str | None) -> float | None:
    """How far the logs say that the work is, from 0 to 1: their last progress bar, or their last percentage.

    None where they say nothing of the kind.
    """
    tail = (logs or "")[-_TAIL:]
    for bar in reversed(list(_BAR.finditer(tail))):
        done, total = bar[2], bar[3]
        share = int(done) / int(total) if done and total else int(bar[1]) / 100
        if share <= 1:
            return share
    shares = [float(match[1]) / 100 for match in _PERCENT.finditer(tail)]
    return next((share for share in reversed(shares) if share <= 1), None)


def failure(job: JobInfo, data: Any) -> JobError:
    """The error that a job stands for which has ended without success."""
    reason = at(data, job.error)
    text = reason if isinstance(reason, str) else json.dumps(reason) if reason else "no reason given"
    return JobError(f"{at(data, job.id)} {at(data, job.status)}: {text}", data)


class Outage:
    """Looks at the API that are not answered: how long that has lasted, and when to look again."""

    def __init__(self, interval: float) -> None:
        """interval: seconds between two looks while it answers."""
        self._interval = interval
        self._failures = 0
        self._silent_since = self._failed = 0.0
        self._url = ""
        self._retry_after = 0.0

    def pauses(self) -> Iterator[float]:
        """Seconds until the next look, in pieces: no further piece once any call of the server has succeeded."""
        wait = max(self._interval, self._retry_after)
        yield wait
        if self._failures:
            left = min(self._interval * 2.0**self._failures, _SLOWEST) - wait
            while left > 0 and not origins.recovered(self._url, self._failed):
                yield min(left, _NOTICE)
                left -= _NOTICE

    def answered(self) -> None:
        """It has answered a look: an outage, if there was one, is over."""
        self._failures, self._retry_after = 0, 0.0

    def failed(self, error: ApiConnectionError | ApiError | ResponseError, mends: bool, endless: bool = True) -> None:
        """A look has failed. Raises the error where another would not fare better, or after a long outage.

        mends: whether another look may fare better. endless: nothing else says for how long to go on.
        """
        if not mends:
            raise error
        if not self._failures:
            self._silent_since = time.monotonic()
        elif endless and time.monotonic() - self._silent_since > OUTAGE:
            raise error
        self._failures = min(self._failures + 1, 16)
        self._failed, self._url = time.monotonic(), "" if isinstance(error, ResponseError) else error.url
        wished = error.retry_after if isinstance(error, ApiError) else None
        self._retry_after = min(wished or 0.0, _LONGEST_PAUSE)


class Watch:
    """A job that is followed: the time that is left for it, and the calls that look at it and end it."""

    def __init__(self, job: JobInfo, timeout: float | None, cancel: bool) -> None:
        if cancel and not job.cancel:
            raise ValueError(f"a {job.key} cannot be canceled")
        self.job = job
        self.deadline = None if timeout is None else time.monotonic() + timeout
        """On the clock of `time.monotonic`."""
        self._timeout = timeout
        self._reported: Any = None
        self._id: Any = None
        self._outage = Outage(job.interval)

    def pauses(self, data: Any) -> Iterator[float]:
        """Seconds until the next look, in pieces, which is the last one when the time is up then; JobTimeoutError where
        it is already."""
        left = inf if self.deadline is None else self.deadline - time.monotonic()
        if left <= 0:
            raise self.late(data)
        for wait in self._outage.pauses():
            yield min(wait, left)
            left -= wait
            if left <= 0:
                return

    def seen(self, data: Any) -> Any:
        """The state that a look has found. ResponseError where the answer holds none: what is known already is kept."""
        if not isinstance(data, Mapping) or (at(data, self.job.status) is None and at(data, self.job.id) is None):
            error = ResponseError(f"the answer to a look at the {self.job.key} {self._id} holds no state of it")
            error.passing = True
            raise error
        self._outage.answered()
        return data

    def failed(self, error: ApiConnectionError | ApiError | ResponseError, policy: RetryPolicy) -> None:
        """A look has failed. Raises the error where another look would not fare better, or after a long outage.

        The job goes on whether it is seen or not: a network that is away for a while is no reason to lose it, and
        neither is a proxy that answers in the API's place.
        """
        passing = isinstance(error, ResponseError) and error.passing
        mends = passing or policy.mends(operation_of(self.job.poll), error)
        self._outage.failed(error, mends, self.deadline is None)
        logger.info("%s; %s goes on and is looked for again", error, self.job.key)

    def seconds(self) -> float | None:
        """The time that one look may take; None where the client's own holds. The last one is given some, too."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), _LAST_LOOK)

    def late(self, data: Any, failed: Error | None = None) -> JobTimeoutError:
        """The error of a job that takes too long. failed: why it could not be canceled."""
        message = f"{at(data, self.job.id)} had not ended after {self._timeout:g} s"
        if failed is not None:
            message = f"{message}, and it could not be canceled: {failed}"
        return JobTimeoutError(message, data, failed)

    def differs(self, data: Any) -> bool:
        """Whether this state is another than the one last told of; it is told of now."""
        before, self._reported = self._reported, data
        return bool(before != data)

    def look(self, data: Any) -> tuple[Operation, dict[str, Any]]:
        """The call that gives the current state. The id is that of the first state: a later one may leave it out."""
        if self._id is None:
            self._id = at(data, self.job.id)
        return operation_of(self.job.poll), {self.job.argument: self._id}

    def end(self, data: Any) -> tuple[Operation, dict[str, Any]]:
        """The call that cancels."""
        return operation_of(self.job.cancel), {self.job.argument: self._id or at(data, self.job.id)}


@contextmanager
def carrying(job: JobInfo, state: Callable[[], Any]) -> Iterator[None]:
    """Every error inside carries the job's last known state: whoever catches it knows what is billed. What ends the
    waiting from outside, such as Ctrl-C or a task that is cancelled, is given a note of it."""
    try:
        yield
    except GeneratorExit:
        raise
    except Error as error:
        if error.job is None:
            data = state()
            error.carry(job.key, at(data, job.id), data)
        raise
    except BaseException as stopped:
        if not isinstance(stopped, Exception):
            stopped.add_note(f"the {job.key} {at(state(), job.id)} may still run")
        raise


def operation_of(name: str) -> Operation:
    """The operation of a function, by its name."""
    operation: Operation = import_module("..operations", __package__).OPERATIONS[name]
    return operation
