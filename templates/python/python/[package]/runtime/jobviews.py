"""Views of jobs: what they show can be followed from here, with the client that they came from."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from .errors import Error
from .operation import JobInfo
from .views import View

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Self


class _JobView(View):
    __slots__ = ()

    _job: ClassVar[str]
    """The key of the job, in `operations.JOBS`."""

    def _bound(self) -> Any:
        if self._client is None:
            raise Error(f"this {type(self).__name__} belongs to no client: it was made by hand or came out of a pickle")
        return self._client

    @classmethod
    def _info(cls) -> JobInfo:
        found: JobInfo = import_module("..operations", __package__).JOBS[cls._job]
        return found


class Job(_JobView):
    """A job that the synchronous client gave."""

    __slots__ = ()

    def wait(
        self,
        *,
        timeout: float | None = None,
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
        self._renew(client.follow(self._info(), self._data, timeout=timeout, on_update=update, cancel=cancel))
        return self


class AsyncJob(_JobView):
    """A job that the asynchronous client gave."""

    __slots__ = ()

    async def wait(
        self,
        *,
        timeout: float | None = None,
        on_update: Callable[[Self], Awaitable[object] | object] | None = None,
        cancel: bool = False,
    ) -> Self:
        """Follows the job until it has ended; see the synchronous client's."""

        def update(data: Any) -> Awaitable[object] | object:
            self._renew(data)
            return None if on_update is None else on_update(self)

        client = self._bound()
        self._renew(await client.follow(self._info(), self._data, timeout=timeout, on_update=update, cancel=cancel))
        return self
