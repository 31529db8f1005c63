"""A model as a function."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...runtime.aio.outputs import AsyncFileOutput
from ...runtime.jobstreams import JobEvent
from ...types import AsyncPrediction
from ..function import AnyFunction
from ..run import MapOptions, RunOptions
from .run import AsyncRun

if TYPE_CHECKING:
    from typing import Unpack

    from ...runtime.batches import Result


class AsyncModelFunction(AnyFunction):
    """A model that is called like a function: with its input by name, for its output."""

    def __init__(self, client: AsyncRun, ref: str, version: Mapping[str, Any], about: str, options: RunOptions) -> None:
        super().__init__(ref, version, about, options, AsyncFileOutput)
        self._client = client

    def __call__(self, /, **input: Any) -> Any:
        """Its output, once the run has ended with success. Raises ArgumentError before anything is sent."""
        return self._called(input)

    async def create(self, /, **input: Any) -> AsyncPrediction:
        """A prediction that was started and can be followed."""
        options: RunOptions = {**self._options, "wait": False}
        return await self._client._begun(self._ref, self._checked(input), options)

    def stream(self, /, **input: Any) -> AsyncGenerator[JobEvent]:
        """Iterate over what the model puts out while it works."""
        return self._client.stream(self._ref, self._checked(input), **self._options)

    def map(self, inputs: Iterable[Mapping[str, Any]], **options: Unpack[MapOptions]) -> AsyncGenerator[Result]:
        """The model on each of these inputs, several at a time. All are checked before the first is sent.

        options: those of the client's `map`.
        """
        return self._mapped([self._checked(each) for each in inputs], options)

    async def _mapped(self, inputs: list[Mapping[str, Any]], options: MapOptions) -> AsyncGenerator[Result]:
        results = self._client.map(self._ref, inputs, **options)
        try:
            async for result in results:
                yield replace(result, output=self._shaped(result.output, str))
        finally:
            await results.aclose()

    async def _called(self, input: Mapping[str, Any]) -> Any:
        options: RunOptions = {**self._options, "use_file_output": False}
        value = await self._client.run(self._ref, self._checked(input), **options)
        if not self._options.get("use_file_output", True):
            return self._shaped(value, str)
        return self._shaped(value, lambda url: AsyncFileOutput(url, self._client))


class AsyncStreamingFunction(AsyncModelFunction):
    """A model called like a function that yields its output while it works."""

    def __call__(self, /, **input: Any) -> AsyncGenerator[JobEvent]:
        """Iterate over the output piece by piece: as text, each event is the output it carries."""
        return self.stream(**input)
