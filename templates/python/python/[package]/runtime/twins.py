"""The asynchronous client of a synchronous one: the same options, and connections of its own."""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .. import about
from .connections import AsyncConnections
from .errors import ConfigError

if TYPE_CHECKING:
    from .client import AnyClient


def asynchronous(client: AnyClient) -> Any:
    """The asynchronous client. Raises ConfigError where the client was created with synchronous connections."""
    made = client.with_options()
    connections = made._connections
    if connections.http_client is not None or connections.transport is not None:
        raise ConfigError(
            f"a synchronous http_client or transport cannot be awaited: pass an asynchronous one to Async{about.CLIENT}"
        )
    cls = getattr(import_module("..client", __package__), f"Async{about.CLIENT}")
    twin = cls.__new__(cls)
    twin.__dict__ = dict(made.__dict__)
    twin._owned = True
    twin._connections = AsyncConnections(None, None, connections.proxy)
    twin._builder = copy(made._builder)
    twin._builder.connections = twin._connections
    return twin
