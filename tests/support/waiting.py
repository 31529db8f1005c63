"""The waits of a client, noted and not slept: at the one name that each module calls, so that no other thread is meant."""

from __future__ import annotations

from types import ModuleType

import pytest


def unslept(patch: pytest.MonkeyPatch, waits: list[float], *modules: ModuleType) -> None:
    """Has `sleep` in each of these modules of the runtime's `sync` and `aio` append its seconds to `waits`."""

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    for module in modules:
        asynchronous = module.__name__.split(".")[-2] == "aio"
        patch.setattr(module, "sleep", sleep if asynchronous else waits.append)
