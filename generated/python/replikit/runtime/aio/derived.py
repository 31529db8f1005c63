"""Functions that are made of others: called by arguments of their own, for what the job of the base puts out."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from ..calls import Options
from ..derived import Call, keywords, planned, unexpected
from .outputs import AsyncFileOutput
from .resources import AsyncResource

if TYPE_CHECKING:
    from ..derived import Outcome
    from .client import AsyncClient


G = TypeVar("G")
J = TypeVar("J")


def _suggesting(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method, which names the nearest argument to one that it has not."""
    known = keywords(method)
    if known is None:
        return method

    @wraps(method)
    async def suggesting(self: Any, *positional: Any, **named: Any) -> Any:
        if not named.keys() <= known:
            raise unexpected(method.__qualname__, named, known)
        return await method(self, *positional, **named)

    return suggesting


class AsyncDerivedFunction(AsyncResource, Generic[G, J]):
    """One of them: G is what it puts out, J what the base gives."""

    _name: ClassVar[str]
    _nullable: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name in ("__call__", "create"):
            if name in vars(cls):
                setattr(cls, name, _suggesting(vars(cls)[name]))

    def __repr__(self) -> str:
        return f"<{self._name}>"

    async def _job(self, arguments: Mapping[str, Any], options: Mapping[str, Any] | None) -> J:
        """What the base gives."""
        return cast("J", await self._begun(planned(self._name, arguments, options, self._nullable)))

    async def _output(self, arguments: Mapping[str, Any], options: Mapping[str, Any] | None) -> G:
        """What the job of the base puts out, once it has ended with success."""
        call = planned(self._name, arguments, options, self._nullable)
        until = None if call.timeout is None else time.monotonic() + call.timeout
        job = await self._begun(call)
        await job.wait(None if until is None else max(0.0, until - time.monotonic()))
        return cast("G", call.output(job.to_dict(), self._file))

    async def _outputs(self, inputs: Iterable[Mapping[str, Any]], concurrency: int) -> AsyncGenerator[Outcome[G]]:
        """The same for each of many inputs, several at a time, in their order."""
        calls = [planned(self._name, arguments, None, frozenset(arguments)) for arguments in inputs]
        if not calls:
            return
        client, first = cast("AsyncClient", self._client), calls[0]
        source = str((first.info.derived or {}).get("source") or "")
        results = client.batch(
            first.operation, [each.arguments for each in calls], concurrency=concurrency, ordered=True, model=source
        )
        try:
            async for result in results:
                yield replace(result, output=first.shaped(result.output, self._file)) if result.ok else result
        finally:
            await results.aclose()

    async def _begun(self, call: Call) -> Any:
        return await self._client._result(call.operation, call.arguments, Options(patience=call.timeout))

    def _file(self, url: str) -> AsyncFileOutput:
        return AsyncFileOutput(url, self._client)
