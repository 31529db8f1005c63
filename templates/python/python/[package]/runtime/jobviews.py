"""Views of jobs: what needs no request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, ClassVar

from .errors import Error
from .operation import JobInfo, Operation
from .views import View, at


class AnyJob(View):
    """A job, whichever client gave it."""

    __slots__ = ()

    _job: ClassVar[str]
    """The key of the job, in `operations.JOBS`."""

    @property
    def progress(self) -> float | None:
        """The progress of the job by its logs, from 0 to 1; None where they do not tell."""
        from .jobs import progress

        logs = at(self._data, self._info().logs)
        return progress(logs) if isinstance(logs, str) else None

    @contextmanager
    def _carried(self) -> Iterator[None]:
        """Replaces the job of errors raised inside by this view."""
        try:
            yield
        except Error as error:
            if error.job is not None:
                error.job = self
            raise

    @classmethod
    def _info(cls) -> JobInfo:
        info: JobInfo = import_module("..operations", __package__).JOBS[cls._job]
        return info

    def _call_of(self, name: str) -> tuple[Operation, Mapping[str, Any]]:
        """The call of one of the job's own functions."""
        if not name:
            raise Error(f"a {self._job} cannot be canceled")
        info = self._info()
        return import_module("..operations", __package__).OPERATIONS[name], {info.argument: at(self._data, info.id)}
