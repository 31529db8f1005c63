"""Jobs: results of a call that go on after it, and how they are followed until they have ended.

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
"""Seconds without an answer after which following a job without a time limit ends."""
_LONGEST_PAUSE = 60.0
"""The longest `Retry-After` that is obeyed between two polls, in seconds."""
_SLOWEST = 5.0
"""The longest pause between two polls while the API does not answer, in seconds."""
_NOTICE = 0.5
"""Seconds after which a pause ends because another call has found that the API answers again."""
_TAIL = 16_384
"""Characters at the end of the logs to look for progress in."""


def ended(job: JobInfo, data: Any) -> bool:
    """Whether a job is in a final state."""
    return at(data, job.status) in job.terminal


def succeeded(job: JobInfo, data: Any) -> bool:
    """Whether a job has ended with success."""
    return at(data, job.status) in job.successful


def lacks(job: JobInfo, data: Any) -> str:
    """What the answer to a start lacks to follow the job; empty where nothing is missing."""
    if not isinstance(data, Mapping):
        return f"no {job.key}"
    id_ = at(data, job.id)
    named = isinstance(id_, (str, int)) and not isinstance(id_, bool) and id_ != ""
    return "" if named or ended(job, data) else f"no {job.id} of the {job.key}"


def progress(logs: str | None) -> float | None:
    """The progress of a job by its logs, from 0 to 1: their last progress bar, or their last percentage. None where
    they have neither.
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
    """The error for a job that has ended without success."""
    reason = at(data, job.error)
    text = reason if isinstance(reason, str) else json.dumps(reason) if reason else "no reason given"
    return JobError(f"{at(data, job.id)} {at(data, job.status)}: {text}", data)


class Outage:
    """Polls that the API does not answer: how long that has lasted, and when to poll again."""

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
        """A poll was answered: an outage, if there was one, is over."""
        self._failures, self._retry_after = 0, 0.0

    def failed(self, error: ApiConnectionError | ApiError | ResponseError, mends: bool, endless: bool = True) -> None:
        """A poll has failed. Raises the error where another would not fare better, or after a long outage. mends:
        whether another may fare better. endless: there is no other limit on the time.
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
    """A job that is being followed: the time left, and the calls that poll and cancel it."""

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
        """Records the state that a poll returned. ResponseError where the answer holds none; the known state then
        stays."""
        if not isinstance(data, Mapping) or (at(data, self.job.status) is None and at(data, self.job.id) is None):
            error = ResponseError(f"the answer to a look at the {self.job.key} {self._id} holds no state of it")
            error.passing = True
            raise error
        self._outage.answered()
        return data

    def failed(self, error: ApiConnectionError | ApiError | ResponseError, policy: RetryPolicy) -> None:
        """A poll has failed. Raises the error where another would not fare better, or after a long outage.

        The job goes on whether it is seen or not: a network that is away for a while is no reason to lose it, and
        neither is a proxy that answers in the API's place.
        """
        passing = isinstance(error, ResponseError) and error.passing
        mends = passing or policy.mends(operation_of(self.job.poll), error)
        self._outage.failed(error, mends, self.deadline is None)
        logger.info("%s; %s goes on and is looked for again", error, self.job.key)

    def seconds(self) -> float | None:
        """Seconds that one poll may take; None for the client's own limit. The last poll gets some time, too."""
        return None if self.deadline is None else max(self.deadline - time.monotonic(), _LAST_LOOK)

    def late(self, data: Any, failed: Error | None = None) -> JobTimeoutError:
        """The error for a job that takes too long. failed: why it could not be canceled."""
        message = f"{at(data, self.job.id)} had not ended after {self._timeout:g} s"
        if failed is not None:
            message = f"{message}, and it could not be canceled: {failed}"
        return JobTimeoutError(message, data, failed)

    def differs(self, data: Any) -> bool:
        """Whether this state differs from the one reported last; it counts as reported now."""
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
    """Attaches the job's last known state to every error raised inside, so that whoever catches it knows what is
    billed. Exceptions from outside, such as Ctrl-C or a cancelled task, get a note of it."""
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
