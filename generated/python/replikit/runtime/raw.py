"""The same methods, giving the whole answer: `with_raw_response` and `with_streaming_response`.

A generated method is run on a stand-in for its resource, whose `_result` gives the answer instead of what is in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
)
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from .aio.response import AsyncStreamedResponse
from .response import RawResponse
from .sync.response import StreamedResponse

P = ParamSpec("P")
T = TypeVar("T")


class _StandIn:
    def __init__(self, result: Callable[..., Any]) -> None:
        self._result = result


def _on(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method with the client's method of that name in place of `_result`."""
    bound: Any = method
    result = getattr(getattr(bound.__self__, "_client", bound.__self__), name)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        return bound.__func__(_StandIn(result), *args, **kwargs)

    return call


def raw(method: Callable[P, T]) -> Callable[P, RawResponse[T]]:
    """The method, giving the answer as it came."""
    return _on("_whole", method)


def async_raw(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]:
    """The method, giving the answer as it came."""
    return _on("_whole", method)


def streamed(method: Callable[P, T]) -> Callable[P, AbstractContextManager[StreamedResponse[T]]]:
    """The method, giving the answer as it comes."""
    opened = _on("_opened", method)

    @contextmanager
    def call(*args: P.args, **kwargs: P.kwargs) -> Iterator[StreamedResponse[T]]:
        response: StreamedResponse[T] = opened(*args, **kwargs)
        try:
            yield response
        finally:
            response.close()

    return call


def async_streamed(
    method: Callable[P, Coroutine[Any, Any, T]],
) -> Callable[P, AbstractAsyncContextManager[AsyncStreamedResponse[T]]]:
    """The method, giving the answer as it comes."""
    opened = _on("_opened", method)

    @asynccontextmanager
    async def call(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[AsyncStreamedResponse[T]]:
        response: AsyncStreamedResponse[T] = await opened(*args, **kwargs)
        try:
            yield response
        finally:
            await response.close()

    return call
