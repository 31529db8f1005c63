"""Views of jobs: what they show can be followed from here, with the client that they came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import Error
from .operation import JobInfo, Operation
from .views import View, at

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable
    from typing import Self

    from .jobstreams import JobEvent


class _JobView(View):
    __slots__ = ()

    _job: ClassVar[str]
    """The key of the job, in `operations.JOBS`."""

    @property
    def progress(self) -> float | None:
        """How far its logs say that it is, from 0 to 1; None where they do not."""
        from .jobs import progress

        logs = at(self._data, self._info().logs)
        return progress(logs) if isinstance(logs, str) else None

    @contextmanager
    def _carried(self) -> Iterator[None]:
        """Errors inside that carry the job show it as this view."""
        try:
            yield
        except Error as error:
            if error.job is not None:
                error.job = self
            raise

    @classmethod
    def _info(cls) -> JobInfo:
        found: JobInfo = import_module("..operations", __package__).JOBS[cls._job]
        return found

    def _asked(self, name: str) -> tuple[Operation, Mapping[str, Any]]:
        """The call of one of the job's own functions."""
        if not name:
            raise Error(f"a {self._job} cannot be canceled")
        info = self._info()
        return import_module("..operations", __package__).OPERATIONS[name], {info.argument: at(self._data, info.id)}


class Job(_JobView):
    """A job that the synchronous client gave."""

    __slots__ = ()

    def wait(
        self,
        timeout: float | None = None,
        *,
        on_update: Callable[[Self], object] | None = None,
        cancel: bool = False,
    ) -> Self:
        """Follows the job until it has ended, with success or without, and shows its last state.

        timeout: seconds to wait at most. on_update: called with this view, whenever it shows something new.
        cancel: cancel the job when the time is up. Raises JobTimeoutError when it is.
        """

        def update(data: Any) -> None:
            self._renew(data)
            if on_update is not None:
                on_update(self)

        client = self._bound()
        with self._carried():
            self._renew(client.follow(self._info(), self._data, timeout=timeout, on_update=update, cancel=cancel))
        return self

    def reload(self) -> Self:
        """Shows the state that the job is in now."""
        self._renew(self._bound().call(*self._asked(self._info().poll)))
        return self

    def cancel(self) -> Self:
        """Ends the job for good, and shows the state that it is in then."""
        self._renew(self._bound().call(*self._asked(self._info().cancel)))
        return self

    def stream(
        self, *, last_event_id: str = "", timeout: float | None = None, cancel: bool = False
    ) -> Iterator[JobEvent]:
        """What the job puts out while it works, until it has ended: its output (an event as text), its logs, its
        error, and as the last that it is done.

        last_event_id: go on after the event of this id. timeout: seconds until the end at most.
        cancel: cancel the job when the time is up. Raises JobTimeoutError when it is. The view stays as it is.
        """
        found: Iterator[JobEvent] = self._bound().follow_events(
            self._info(), self._data, last_event_id=last_event_id, timeout=timeout, cancel=cancel
        )
        return found


class AsyncJob(_JobView):
    """A job that the asynchronous client gave."""

    __slots__ = ()

    async def wait(
        self,
        timeout: float | None = None,
        *,
        on_update: Callable[[Self], Awaitable[object] | object] | None = None,
        cancel: bool = False,
    ) -> Self:
        """Follows the job until it has ended; see the synchronous client's."""

        def update(data: Any) -> Awaitable[object] | object:
            self._renew(data)
            return None if on_update is None else on_update(self)

        client = self._bound()
        with self._carried():
            found = await client.follow(self._info(), self._data, timeout=timeout, on_update=update, cancel=cancel)
            self._renew(found)
        return self

    async def reload(self) -> Self:
        """Shows the state that the job is in now."""
        self._renew(await self._bound().call(*self._asked(self._info().poll)))
        return self

    async def cancel(self) -> Self:
        """Ends the job for good, and shows the state that it is in then."""
        self._renew(await self._bound().call(*self._asked(self._info().cancel)))
        return self

    def stream(
        self, *, last_event_id: str = "", timeout: float | None = None, cancel: bool = False
    ) -> AsyncGenerator[JobEvent, None]:
        """What the job puts out while it works; see the synchronous client's."""
        found: AsyncGenerator[JobEvent, None] = self._bound().follow_events(
            self._info(), self._data, last_event_id=last_event_id, timeout=timeout, cancel=cancel
        )
        return found
