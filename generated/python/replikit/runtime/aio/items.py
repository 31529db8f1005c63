"""Answers that are a sequence of items, read as they arrive."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..calls import Options
from ..client import STREAM, view_named
from ..errors import ApiConnectionError, ApiError, Error
from ..exchange import translated
from ..items import Items, interrupt, items
from ..operation import Answer, Operation
from ..retries import RetryPolicy
from ..sse import Event
from ..views import view_of
from . import bodies
from .core import AsyncCore
from .primitives import sleep, view_name

if TYPE_CHECKING:
    from typing import Self

T = TypeVar("T")
_ONCE = RetryPolicy(max_retries=0)
"""What reads a stream decides itself whether it is asked for again."""


class AsyncStream(Generic[T]):
    """The items of an answer, each as soon as it is complete. The connection is released when the stream ends, when it
    is closed, and at the end of an `async with`.
    """

    def __init__(self, client: AsyncCore, operation: Operation, response: Any, options: Options, reads: Items) -> None:
        self.http = response
        """The httpx (or httpx2) response; the last one of a resumed stream."""
        self._client = client
        self._operation = operation
        self._options = options
        self._reads = reads
        self._closed = False
        self._items: AsyncGenerator[Any] = self._read()

    @property
    def status(self) -> int:
        """The HTTP status."""
        return int(self.http.status_code)

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers; names are case-insensitive."""
        headers: Mapping[str, str] = self.http.headers
        return headers

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        """The next item. Raises ResponseError for one that cannot be read, ApiConnectionError where the connection
        breaks and the stream cannot be resumed."""
        item: T = await self._items.__anext__()
        return item

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Ends the stream and releases its connection, even while something waits for the next item."""
        self._closed = True
        try:
            await self._items.aclose()
        except (RuntimeError, ValueError):  # it is being read elsewhere, and ends there
            interrupt(self.http)
        else:
            await self.http.aclose()

    def _shown(self, item: Any) -> Any:
        return item

    async def _read(self) -> AsyncGenerator[Any]:
        reads, begun = self._reads, False
        while True:
            failure: ApiError | ApiConnectionError | None = None
            try:
                if begun:
                    self.http = await self._again()
                begun = True
                reads.begin(self.http)
                async for piece in bodies.pieces(self.http):
                    for item in reads.feed(piece):
                        yield self._shown(item)
                    if reads.over:
                        return
                for item in reads.end():
                    yield self._shown(item)
            except (ApiError, ApiConnectionError) as error:
                failure = error
            except Error:
                raise
            except Exception as error:
                problem = translated(error, self._operation.method, str(self.http.url))
                if not isinstance(problem, ApiConnectionError):
                    raise problem from error
                failure = problem
            finally:
                await self.http.aclose()
            wait = None if self._closed else reads.again(failure)
            if wait is None:
                return
            await sleep(wait)

    async def _again(self) -> Any:
        """Repeats the call, to continue after the last item."""
        prepared = self.http.request.extensions["prepared"]
        more = self._reads.headers()
        named = {name.lower() for name, _ in more}
        headers = [pair for pair in prepared.headers if pair[0].lower() not in named]
        steps = self._client._steps(self._operation, prepared._replace(headers=[*headers, *more]), self._options, _ONCE)
        return await self._client._run(steps, STREAM)


class _Views(AsyncStream[T]):
    """Each item as its view."""

    def __init__(
        self,
        client: AsyncCore,
        operation: Operation,
        response: Any,
        options: Options,
        reads: Items,
        view: type[T] | None,
    ) -> None:
        super().__init__(client, operation, response, options, reads)
        self._view = view

    def _shown(self, item: Any) -> Any:
        return view_of(self._view, item, self._client)


class _Plain(AsyncStream[T]):
    """Each item as plain JSON."""

    def _shown(self, item: Any) -> Any:
        if not isinstance(item, Event):
            return item
        shown = {"event": item.event, "data": item.data}
        return {**shown, "id": item.id} if item.id else shown


def stream(
    client: AsyncCore, operation: Operation, answer: Answer, response: Any, options: Options, raw: bool
) -> AsyncStream[Any]:
    """The items of an answer; raw: as plain JSON, without views."""
    bounds = client._bounds
    reads = items(
        operation, answer, response.headers.get("content-type", ""), bounds.response_bytes(), bounds.max_depth
    )
    if raw:
        return _Plain(client, operation, response, options, reads)
    return _Views(client, operation, response, options, reads, view_named(view_name(answer)))
