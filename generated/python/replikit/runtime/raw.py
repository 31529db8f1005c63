"""The same methods with the whole answer as their result: `with_raw_response` and `with_streaming_response`.

A generated method runs on a stand-in for its resource, whose `_result` returns the answer instead of its content.
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
    """Keeps what `_result` gave: a method whose function has no result gives nothing of it."""

    answer: Any = None

    def __init__(self, result: Callable[..., Any]) -> None:
        def kept(*args: Any, **kwargs: Any) -> Any:
            self.answer = result(*args, **kwargs)
            return self.answer

        self._result = kept


class _AsyncStandIn:
    """The same where `_result` is awaited."""

    answer: Any = None

    def __init__(self, result: Callable[..., Any]) -> None:
        async def kept(*args: Any, **kwargs: Any) -> Any:
            self.answer = await result(*args, **kwargs)
            return self.answer

        self._result = kept


def _on(name: str, method: Callable[..., Any]) -> Callable[..., Any]:
    """The method with the client's method of that name in place of `_result`, giving what that gave."""
    bound: Any = method
    result = getattr(getattr(bound.__self__, "_client", bound.__self__), name)

    @wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        on = _StandIn(result)
        bound.__func__(on, *args, **kwargs)
        return on.answer

    return call


def _async_on(name: str, method: Callable[..., Any]) -> Callable[..., Coroutine[Any, Any, Any]]:
    bound: Any = method
    result = getattr(getattr(bound.__self__, "_client", bound.__self__), name)

    @wraps(method)
    async def call(*args: Any, **kwargs: Any) -> Any:
        on = _AsyncStandIn(result)
        await bound.__func__(on, *args, **kwargs)
        return on.answer

    return call


def raw(method: Callable[P, T]) -> Callable[P, RawResponse[T]]:
    """The method, giving the answer as it came."""
    return _on("_whole", method)


def async_raw(method: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, RawResponse[T]]]:
    """The method, giving the answer as it came."""
    return _async_on("_whole", method)


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
    opened = _async_on("_opened", method)

    @asynccontextmanager
    async def call(*args: P.args, **kwargs: P.kwargs) -> AsyncIterator[AsyncStreamedResponse[T]]:
        response: AsyncStreamedResponse[T] = await opened(*args, **kwargs)
        try:
            yield response
        finally:
            await response.close()

    return call
