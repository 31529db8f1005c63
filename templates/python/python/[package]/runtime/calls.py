"""What generated methods call, and the resources that hang on a client."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .operation import Operation
from .transport import Timeout

if TYPE_CHECKING:
    from .client import AsyncClient, SyncClient
    from .owners import Owner

T = TypeVar("T")
Arguments = Mapping[str, Any]
Headers = Mapping[str, str]


class Options(NamedTuple):
    """What a single call may set for itself."""

    timeout: Timeout | None = None
    headers: Headers | None = None
    cursor: str | None = None
    """The URL of the page to begin with, of an operation that gives pages."""
    deadline: float | None = None
    """Seconds until all of its answer is there, where they are not those of the client."""
    patience: float | None = None
    """Seconds that a call which starts a job may wait for its turn, where they are fewer than those of its deadline."""

    def __repr__(self) -> str:
        names = list(self.headers or ())  # a value may be a key to something
        return f"Options(timeout={self.timeout!r}, headers={names}, cursor={self.cursor!r})"


DEFAULTS = Options()


class Calls(ABC):
    """An operation gives what its type says: a view, a page, text …"""

    @abstractmethod
    def _result(self, operation: Operation[T, Any], arguments: Arguments, options: Options = DEFAULTS) -> T:
        """The answer as the type of the operation has it."""

    @abstractmethod
    def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        """The decoded answer, in no view."""


class AsyncCalls(ABC):
    """An operation gives what its type says, awaited."""

    @abstractmethod
    async def _result(self, operation: Operation[Any, T], arguments: Arguments, options: Options = DEFAULTS) -> T:
        """The answer as the type of the operation has it."""

    @abstractmethod
    async def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        """The decoded answer, in no view."""


class Resource(Calls):
    """A noun of the API."""

    def __init__(self, client: SyncClient) -> None:
        self._client = client

    def _result(self, operation: Operation[T, Any], arguments: Arguments, options: Options = DEFAULTS) -> T:
        return self._client._result(operation, arguments, options)

    def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        return self._client._call(operation, arguments, options)


class AsyncResource(AsyncCalls):
    """A noun of the API, awaited."""

    def __init__(self, client: AsyncClient) -> None:
        self._client = client

    async def _result(self, operation: Operation[Any, T], arguments: Arguments, options: Options = DEFAULTS) -> T:
        return await self._client._result(operation, arguments, options)

    async def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        return await self._client._call(operation, arguments, options)


class BoundResource(Resource):
    """Functions about one object."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner._bound())
        self._owner = owner._named()


class AsyncBoundResource(AsyncResource):
    """Functions about one object, awaited."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner._bound())
        self._owner = owner._named()
