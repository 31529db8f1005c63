"""Waits: those of a client, noted and not slept, and limits that a machine with other work to do can keep."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import pytest


def long_enough(attempt: Callable[[float], bool], first: float = 1) -> None:
    """Attempts with ever longer limits of seconds, until one was long enough for this machine to get so far at all."""
    assert any(attempt(first * times) for times in (1, 4, 16, 64)), "it never got so far"


def unslept(patch: pytest.MonkeyPatch, waits: list[float], *modules: ModuleType) -> None:
    """Has `sleep` in each of these modules of the runtime's `sync` and `aio` append its seconds to `waits`: the one name
    that each of them calls, so that no other thread is meant."""

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    for module in modules:
        asynchronous = module.__name__.split(".")[-2] == "aio"
        patch.setattr(module, "sleep", sleep if asynchronous else waits.append)
