"""A model as a function, with the signature and the docstring that its own schema gives."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from ..functions.validate import check
from ..runtime.aio.outputs import AsyncFileOutput
from ..runtime.errors import ArgumentError
from ..runtime.files import plain
from ..runtime.jobstreams import JobEvent
from ..runtime.signatures import annotation, checked, docstring, resolved, signature, with_files
from ..runtime.sync.outputs import FileOutput
from ..types import AsyncPrediction, Prediction
from .run import AsyncRun, Run, RunOptions

if TYPE_CHECKING:
    from ..runtime.aio.client import AsyncClient
    from ..runtime.sync.client import SyncClient


class _Function:
    """What a model takes and gives, and how it is run."""

    def __init__(self, ref: str, version: Mapping[str, Any], about: str, options: RunOptions, file: type[Any]) -> None:
        document = version.get("openapi_schema")
        self.schema: Mapping[str, Any] = document if isinstance(document, Mapping) else {}
        """The OpenAPI document of the version."""
        self.version = str(version.get("id") or "")
        """The id of the version."""
        self._ref = ref
        self._options = options
        self._input = resolved({"$ref": "#/components/schemas/Input"}, self.schema)
        self._output = resolved({"$ref": "#/components/schemas/Output"}, self.schema)
        self._check = checked(self._input)
        self._joined = self._output.get("x-cog-array-display") == "concatenate"
        gives = str if self._joined else annotation(self._output, file=file)
        self.__name__ = self.__qualname__ = ref.rpartition("/")[2].partition(":")[0].replace("-", "_")
        self.__doc__ = docstring(self._input, about)
        self.__signature__ = signature(self._input, gives)

    def __repr__(self) -> str:
        return f"<{self._ref}{self.__signature__}>"

    def _checked(self, input: Mapping[str, Any]) -> Mapping[str, Any]:
        # A number of numpy is none to the schema, though it is sent as one.
        input = {
            name: [plain(item) for item in value] if isinstance(value, list) else plain(value)
            for name, value in input.items()
        }
        problem = check(input, self._check)
        if problem is not None:
            raise ArgumentError(problem.parameter or "input", problem.message)
        return input

    def _shaped(self, found: Any, file: Callable[[str], Any]) -> Any:
        if self._joined and isinstance(found, list) and all(isinstance(item, str) for item in found):
            return "".join(found)
        return with_files(found, self._output, file)


class ModelFunction(_Function):
    """A model that is called like a function: with its input by name, for its output."""

    def __init__(self, client: Run, ref: str, version: Mapping[str, Any], about: str, options: RunOptions) -> None:
        super().__init__(ref, version, about, options, FileOutput)
        self._client = client

    def __call__(self, /, **input: Any) -> Any:
        """Its output, once the run has ended with success. Raises ArgumentError before anything is sent."""
        options: RunOptions = {**self._options, "use_file_output": False}
        client = cast("SyncClient", self._client)
        found = self._client.run(self._ref, self._checked(input), **options)
        if not self._options.get("use_file_output", True):
            return self._shaped(found, str)
        return self._shaped(found, lambda url: FileOutput(url, client))

    def create(self, /, **input: Any) -> Prediction:
        """A prediction that was started and can be followed."""
        options: RunOptions = {**self._options, "wait": False}
        return self._client._begun(self._ref, self._checked(input), options)

    def stream(self, /, **input: Any) -> Iterator[JobEvent]:
        """What it puts out while it works."""
        return self._client.stream(self._ref, self._checked(input), **self._options)


class StreamingFunction(ModelFunction):
    """A model that is called like a function, for what it puts out while it works."""

    def __call__(self, /, **input: Any) -> Iterator[JobEvent]:
        """What it puts out, piece by piece: as text, each event is the output that it brings."""
        return self.stream(**input)


class AsyncModelFunction(_Function):
    """A model that is called like a coroutine function: with its input by name, for its output."""

    def __init__(self, client: AsyncRun, ref: str, version: Mapping[str, Any], about: str, options: RunOptions) -> None:
        super().__init__(ref, version, about, options, AsyncFileOutput)
        self._client = client

    async def __call__(self, /, **input: Any) -> Any:
        """Its output, once the run has ended with success. Raises ArgumentError before anything is sent."""
        options: RunOptions = {**self._options, "use_file_output": False}
        client = cast("AsyncClient", self._client)
        found = await self._client.run(self._ref, self._checked(input), **options)
        if not self._options.get("use_file_output", True):
            return self._shaped(found, str)
        return self._shaped(found, lambda url: AsyncFileOutput(url, client))

    async def create(self, /, **input: Any) -> AsyncPrediction:
        """A prediction that was started and can be followed."""
        options: RunOptions = {**self._options, "wait": False}
        return await self._client._begun(self._ref, self._checked(input), options)

    def stream(self, /, **input: Any) -> AsyncGenerator[JobEvent]:
        """What it puts out while it works."""
        return self._client.stream(self._ref, self._checked(input), **self._options)


class AsyncStreamingFunction(AsyncModelFunction):
    """A model that is called like a function, for what it puts out while it works: `async for`."""

    def __call__(self, /, **input: Any) -> AsyncGenerator[JobEvent]:  # type: ignore[override]
        """What it puts out, piece by piece: as text, each event is the output that it brings."""
        return self.stream(**input)
