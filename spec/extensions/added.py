"""The models that a user added, on the noun that they are listed under."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ..runtime.aio.resources import AsyncResource
from ..runtime.sync.resources import Resource

if TYPE_CHECKING:
    from typing import Unpack

    from .aio.function import AsyncModelFunction
    from .run import RunOptions
    from .sync.function import ModelFunction
    from .use import AsyncUse, Use


class AddedResource(Resource):
    """A noun below which models may be added."""

    def use(self, name: str, **options: Unpack[RunOptions]) -> ModelFunction:
        """A model that was added, or any other, as a function with the model's own signature; see `use` of the client.

        name: what it was added as; nothing is asked of the API then. Or a reference, as `run` takes it.
        """
        return cast("Use", self._client).use(name, **options)


class AsyncAddedResource(AsyncResource):
    """As AddedResource, of the asynchronous client."""

    async def use(self, name: str, **options: Unpack[RunOptions]) -> AsyncModelFunction:
        """A model as a coroutine function; see the synchronous client."""
        return await cast("AsyncUse", self._client).use(name, **options)
