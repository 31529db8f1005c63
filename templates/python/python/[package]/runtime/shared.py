"""The clients that the package holds for programs that make none: `package.<group>.<verb>(…)` and the like.

A client is made when it is first asked for something, not when a name is imported: the environment may be set after
the imports.
"""

from __future__ import annotations

from functools import cached_property
from importlib import import_module
from threading import Lock
from types import MethodType
from typing import Any

from .. import about
from ..credentials import SCHEMES

_lock = Lock()
_made: dict[str, Any] = {}
_ASYNC = "async_"


def client(asynchronous: bool = False) -> Any:
    """The client of the whole program. One without a token is not kept: the next call looks for a token again."""
    name = f"Async{about.CLIENT}" if asynchronous else about.CLIENT
    instance = _made.get(name)
    if instance is None:
        with _lock:
            instance = _made.get(name)
            if instance is None:
                instance = _class(name)()
                if instance._config.credentials.any() or not SCHEMES:
                    _made[name] = instance
    return instance


def member(name: str) -> Any:
    """What the client has under a name, a resource or a method; as `async_name`, a method of the asynchronous one."""
    asynchronous = name.startswith(_ASYNC)
    cls = _class(f"Async{about.CLIENT}" if asynchronous else about.CLIENT)
    attribute = getattr(cls, name.removeprefix(_ASYNC))
    shared = _Shared(asynchronous)
    return attribute.func(shared) if isinstance(attribute, cached_property) else MethodType(attribute, shared)


class _Shared:
    """Stands for a client that may not have been made yet."""

    def __init__(self, asynchronous: bool) -> None:
        self._asynchronous = asynchronous

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # asked for by what copies and shows objects, of this one and not of the client
            raise AttributeError(name)
        return getattr(client(self._asynchronous), name)

    def __repr__(self) -> str:
        return f"<the {'asynchronous ' * self._asynchronous}client of {about.PACKAGE}>"


def _class(name: str) -> Any:
    return getattr(import_module("..client", __package__), name)
