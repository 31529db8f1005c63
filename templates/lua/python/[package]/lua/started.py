"""The jobs that a script has started, so that whoever ends it or sees it fail learns which may still run."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..functions.info import FunctionInfo
    from ..runtime.operation import JobInfo


@dataclass(frozen=True, slots=True)
class Left:
    """A job that had not ended when its script did, as far as is known."""

    client: Any
    job: JobInfo
    data: Any
    """Its last known state; None where the answer to its start had not come."""

    @property
    def note(self) -> str:
        """A job that may still run, and the function that reads it."""
        from ..runtime.views import at

        job = self.job
        if self.data is None:
            return f"a {job.key} may have been started: {job.list or job.poll} shows it"
        name = at(self.data, job.id)
        return f"the {job.key} {name} may still run: {job.poll} with {job.argument}={name} shows it"


class Started:
    """What one script has started, from several threads at once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[tuple[str, str], Left] = {}
        self._requested: dict[int, Left] = {}
        """By the thread that makes the call."""

    @contextmanager
    def starting(self, client: Any, info: FunctionInfo | None) -> Iterator[bool]:
        """Around a call that may start a job: until it has answered nobody knows whether it has.

        Gives whether it may.
        """
        job = job_of(info) if info else None
        if info is None or job is None or info.type != "write" or info.name == job.cancel:
            yield False
            return
        with self._lock:
            self._requested[threading.get_ident()] = Left(client, job, None)
        try:
            yield True
        finally:
            with self._lock:
                self._requested.pop(threading.get_ident(), None)

    def seen(self, client: Any, job: JobInfo | None, data: Any, own: bool) -> None:
        """Records a state of a job that this thread has requested. own: the script has started it."""
        from ..runtime.views import at

        if job is None or not isinstance(data, Mapping):
            return
        key = job.key, str(at(data, job.id))
        with self._lock:
            if own:
                self._requested.pop(threading.get_ident(), None)
            if own or key in self._jobs:
                self._jobs[key] = Left(client, job, data)

    def left(self) -> list[Left]:
        """The jobs that may still run, in the order of their start."""
        from ..runtime.jobs import ended

        with self._lock:
            return [
                *(each for each in self._jobs.values() if not ended(each.job, each.data)),
                *self._requested.values(),
            ]


def job_of(info: FunctionInfo) -> JobInfo | None:
    """The kind of job that a function gives; None where it gives none."""
    from ..operations import OPERATIONS

    return OPERATIONS[str(info.job["poll"])].job if info.job else None
