"""What generated methods call."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, TypeVar

from ..calls import DEFAULTS, Arguments, Options
from ..operation import AsyncOperation, Operation

T = TypeVar("T")


class AsyncCalls(ABC):
    """Calls operations, each with a result of its declared type: a view, a page, text …"""

    @abstractmethod
    async def _result(self, operation: AsyncOperation[T], arguments: Arguments, options: Options = DEFAULTS) -> T:
        """The result, as the declared type of the operation."""

    @abstractmethod
    async def _call(self, operation: Operation, arguments: Arguments, options: Options = DEFAULTS) -> Any:
        """The decoded answer, without a view."""
