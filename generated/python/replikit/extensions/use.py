"""use(): a model as a function. What such a function is, is imported when there is one.

It is written twice: the synchronous client gives asynchronous functions as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from .aio.lookup import AsyncLookup
from .run import Ref, RunOptions, known
from .sync.lookup import Lookup

if TYPE_CHECKING:
    from typing import Unpack

    from .aio.function import AsyncModelFunction, AsyncStreamingFunction
    from .sync.function import ModelFunction, StreamingFunction


class Use(Lookup):
    """use() of the client."""

    @overload
    def use(
        self, ref: Ref, *, streaming: Literal[True], use_async: Literal[True], **options: Unpack[RunOptions]
    ) -> AsyncStreamingFunction: ...

    @overload
    def use(
        self, ref: Ref, *, use_async: Literal[True], streaming: bool = ..., **options: Unpack[RunOptions]
    ) -> AsyncModelFunction: ...

    @overload
    def use(
        self, ref: Ref, *, streaming: Literal[True], use_async: Literal[False] = ..., **options: Unpack[RunOptions]
    ) -> StreamingFunction: ...

    @overload
    def use(
        self, ref: Ref, *, streaming: bool = ..., use_async: Literal[False] = ..., **options: Unpack[RunOptions]
    ) -> ModelFunction: ...

    def use(
        self, ref: Ref, *, streaming: bool = False, use_async: bool = False, **options: Unpack[RunOptions]
    ) -> ModelFunction | AsyncModelFunction:
        """A model as a function. Its signature and its docstring are the model's own, and what it is given is checked
        by the model's schema before anything is sent.

        ref: `owner/name`, `owner/name:version` or `deployments/owner/name`, or the name of a model that was added.
        streaming: calling it gives what comes while it works, as `stream` does, in place of the output.
        use_async: gives a coroutine function; the model is looked up at once all the same.
        options: of each of its runs; see `run`.
        Raises ArgumentError where the model has no version, TypeError for an unknown option, ConfigError for
        `use_async` with a synchronous `http_client` or `transport`.
        """
        known(options, RunOptions)
        if use_async:
            from ..runtime.twins import asynchronous
            from .aio.function import AsyncModelFunction, AsyncStreamingFunction

            waits = AsyncStreamingFunction if streaming else AsyncModelFunction
            return waits(asynchronous(self), *self._looked_up(ref), options)
        from .sync.function import ModelFunction, StreamingFunction

        return (StreamingFunction if streaming else ModelFunction)(self, *self._looked_up(ref), options)


class AsyncUse(AsyncLookup):
    """use() of the asynchronous client."""

    @overload
    async def use(
        self, ref: Ref, *, streaming: Literal[True], **options: Unpack[RunOptions]
    ) -> AsyncStreamingFunction: ...

    @overload
    async def use(self, ref: Ref, *, streaming: bool = ..., **options: Unpack[RunOptions]) -> AsyncModelFunction: ...

    async def use(self, ref: Ref, *, streaming: bool = False, **options: Unpack[RunOptions]) -> AsyncModelFunction:
        """A model as a coroutine function; see the synchronous client."""
        from .aio.function import AsyncModelFunction, AsyncStreamingFunction

        made = AsyncStreamingFunction if streaming else AsyncModelFunction
        known(options, RunOptions)
        return made(self, *await self._looked_up(ref), options)
