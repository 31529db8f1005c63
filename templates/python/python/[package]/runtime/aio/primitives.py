"""What differs between the clients: `sync` has a module with the same names."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import isawaitable

from ..operation import Answer, WebhookInfo

Pause = Callable[[float], Awaitable[object]]
"""Waits for so many seconds."""


async def sleep(seconds: float) -> None:
    """Sleeps on whichever event loop runs: anyio comes with httpx."""
    import anyio

    await anyio.sleep(seconds)


async def called(function: Callable[..., object], *arguments: object) -> None:
    """Calls a callback of the user: a function or a coroutine function."""
    result = function(*arguments)
    if isawaitable(result):
        await result


def view_name(info: Answer | WebhookInfo) -> str:
    """The name of the class in `types` for an answer."""
    return info.async_view or info.view
