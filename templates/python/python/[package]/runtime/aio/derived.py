"""Derived functions: they take arguments of their own, and return the output of the job of their base."""

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
    """Wraps a method to suggest the nearest argument for an unknown one."""
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
    """A derived function: G is its output, J the job of its base."""

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
        """Starts the job of the base."""
        return cast("J", await self._begun(planned(self._name, arguments, options, self._nullable)))

    async def _output(self, arguments: Mapping[str, Any], options: Mapping[str, Any] | None) -> G:
        """Runs the job of the base, and returns its output once it has succeeded."""
        call = planned(self._name, arguments, options, self._nullable)
        until = None if call.timeout is None else time.monotonic() + call.timeout
        job = await self._begun(call)
        await job.wait(None if until is None else max(0.0, until - time.monotonic()))
        return cast("G", call.output(job.to_dict(), self._file))

    async def _outputs(self, inputs: Iterable[Mapping[str, Any]], concurrency: int) -> AsyncGenerator[Outcome[G]]:
        """Runs many inputs, several at a time, and yields their results in order."""
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
