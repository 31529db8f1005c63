"""The resources that hang on a client."""

from __future__ import annotations

from typing import Any, TypeVar

from ..calls import DEFAULTS, Arguments, Options
from ..operation import AsyncOperation, Operation
from ..owners import Owner
from .calls import AsyncCalls
from .core import AsyncCore

T = TypeVar("T")


class AsyncResource(AsyncCalls):
    """A noun of the API."""

    def __init__(self, client: AsyncCore) -> None:
        self._client = client

    async def _result(self, operation: AsyncOperation[T], arguments: Arguments, options: Options = DEFAULTS) -> T:
        return await self._client._result(operation, arguments, options)

    async def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        return await self._client._call(operation, arguments, options)


class AsyncBoundResource(AsyncResource):
    """Functions about one object."""

    def __init__(self, owner: Owner) -> None:
        super().__init__(owner._bound())
        self._owner = owner._named()
