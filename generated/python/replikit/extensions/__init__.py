"""What only this API has: running a model by its name, and models as functions.

references       what a name means: which call starts it
 └ run           what a run can be told
    └ aio.run    run(), stream() and map(): start it, follow it, give its output
       └ aio.lookup
          └ use  use(): a model as a function with its own signature
             └ aio.function

`sync` is made from `aio`.
"""

from __future__ import annotations

from ..runtime.errors import Error
from .run import RunError, RunOptions, RunTimeoutError
from .use import AsyncUse, Use

__all__ = [
    "AsyncClientExtensions",
    "ClientExtensions",
    "ModelError",
    "ReplicateError",
    "ReplicateException",
    "RunError",
    "RunOptions",
    "RunTimeoutError",
]

# As the official clients call them: who comes from one has nothing to rename.
ReplicateError = ReplicateException = Error
ModelError = RunError

SHARED = ("map", "run", "stream", "use")
"""Methods of the clients that the package has as functions, too; those of the asynchronous one as `async_run` …"""


class ClientExtensions(Use):
    """What the client has beside its resources."""


class AsyncClientExtensions(AsyncUse):
    """What the asynchronous client has beside its resources."""
