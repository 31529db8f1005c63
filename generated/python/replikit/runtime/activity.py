"""Polls the jobs of an account: finds new ones in the lists, and follows them.

A look makes all of its calls before it changes anything, so that one that fails in the middle loses nothing: the next
one reports the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from .errors import NotFoundError
from .jobs import ended, operation_of
from .operation import JobInfo
from .spending import newest
from .views import at

if TYPE_CHECKING:
    from .sync.core import Core

LISTED = 200
"""Jobs of a kind that a look goes through at most, the newest first."""
FOLLOWED = 500
"""Jobs that are followed at a time; further ones are left out."""
POLLED = 40
"""Jobs that one look polls; where there are more, those that have waited longest."""


@dataclass(frozen=True, slots=True)
class Change:
    """A job whose state has changed."""

    job: JobInfo
    before: Any
    """The previous state; None for a job seen for the first time."""
    data: Any


class Activity:
    """The jobs that are followed, with the last known state of each."""

    def __init__(self, client: Core, jobs: Iterable[JobInfo], wanted: Callable[[JobInfo, Any, bool], bool]) -> None:
        """wanted: whether to follow a job, by its kind, its state in the list, and whether this is the first look."""
        self._client = client
        self._jobs = [job for job in jobs if job.list]
        self._wanted = wanted
        self._seen: dict[str, tuple[str, ...]] = {}
        """Kind -> the ids that its list had, newest first."""
        self._states: dict[tuple[str, str], tuple[JobInfo, Any]] = {}

    @property
    def running(self) -> list[tuple[JobInfo, Any]]:
        """The jobs that are followed, with their last known states."""
        return list(self._states.values())

    def look(self) -> list[Change]:
        """The changes since the last look. A job that has ended is reported once more, and then no longer followed.

        Raises what the calls raise; then nothing counts as reported.
        """
        new: dict[tuple[str, str], tuple[JobInfo, Any]] = {}
        seen = {job.key: self._new(job, new) for job in self._jobs}
        watched = [*islice(self._states.items(), POLLED), *new.items()]
        states = [(key, job, self._state(job, key[1])) for key, (job, _) in watched]
        self._seen = seen
        changes = []
        for key, job, data in states:
            before = self._states.pop(key, (job, None))[1]
            if data is None:
                continue  # it is there no more
            if not ended(job, data):
                self._states[key] = job, data  # at the end of the line
            if data != before:
                changes.append(Change(job, before, data))
        return changes

    def _new(self, job: JobInfo, new: dict[tuple[str, str], tuple[JobInfo, Any]]) -> tuple[str, ...]:
        """Adds the jobs of a kind that are to be followed from now on, and gives the ids that its list begins with."""
        known = self._seen.get(job.key)
        ids: list[str] = []
        for data in newest(self._client, job, None, LISTED):
            id_ = str(at(data, job.id))
            if known is not None and id_ in known:
                break  # all that follow were there before
            ids.append(id_)
            if len(self._states) + len(new) < FOLLOWED and self._wanted(job, data, known is None):
                new[job.key, id_] = job, data
        return (*ids, *(known or ()))[:LISTED]

    def _state(self, job: JobInfo, id_: str) -> Any:
        """The current state of a job; None where there is no such job."""
        try:
            return self._client.call(operation_of(job.poll), {job.argument: id_})
        except NotFoundError:
            return None
