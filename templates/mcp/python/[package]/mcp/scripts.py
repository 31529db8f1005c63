"""Lua scripts for a host: they call the API with the caller's token, under the server's policy."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import anyio.to_thread

from .. import about
from ..lua import host
from ..runtime import errors
from .clients import Caller
from .text import clean

if TYPE_CHECKING:
    from .calls import Calls

_SCRIPTS = anyio.CapacityLimiter(4)
"""Scripts at one time: each has a process of its own."""


def available() -> bool:
    """Whether Lua can run here."""
    return find_spec("lupa") is not None


async def run(code: str, caller: Caller, calls: Calls) -> dict[str, Any]:
    """The envelope of a script. One whose caller has gone is left to its own limits."""
    return await anyio.to_thread.run_sync(_run, code, caller, calls, limiter=_SCRIPTS, abandon_on_cancel=True)


def _run(code: str, caller: Caller, calls: Calls) -> dict[str, Any]:
    from .. import client

    arguments = {key: value for key, value in (("token", caller.token), ("account", caller.account)) if value}
    try:
        with getattr(client, about.CLIENT)(**arguments) as made:
            found: dict[str, Any] = clean(host.run(code, client=made, policy=calls.options.policy), made.hide)
            return found
    except (host.MissingError, errors.Error) as error:
        return {"success": False, "output": "", "error": {"type": "error", "message": str(error)}, "result": None}
