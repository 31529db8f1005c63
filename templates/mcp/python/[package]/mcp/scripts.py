"""Lua scripts for a host: they call the API with the caller's token, under the server's policy."""

from __future__ import annotations

import atexit
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.to_thread

from .. import about
from ..functions import failures
from ..lua import Event, MissingError, Sandbox, Session
from ..runtime import errors
from .clients import Caller
from .progress import Progress
from .text import clean

if TYPE_CHECKING:
    from .calls import Calls

_SCRIPTS = anyio.CapacityLimiter(4)
"""Scripts at one time: each has a process of its own."""


@cache
def _sandbox() -> Sandbox:
    """The processes that scripts run in; from the first script on, one is ready for the next."""
    made = Sandbox()
    atexit.register(made.close)
    return made


async def run(code: str, caller: Caller, calls: Calls, progress: Progress | None) -> dict[str, Any]:
    """The envelope of a script, which ends when its caller takes the call back."""
    running: list[Session] = []

    def work() -> dict[str, Any]:
        from .. import client

        given = {key: value for key, value in (("token", caller.token), ("account", caller.account)) if value}
        try:
            with getattr(client, about.CLIENT)(**given) as made:
                session = _sandbox().session(client=made, policy=calls.options.policy, on_event=hear)
                running.append(session)
                try:
                    found: dict[str, Any] = clean(session.execute(code), made.hide)
                    return found
                finally:
                    session.close()
        except (MissingError, errors.Error) as error:
            return {"success": False, "output": "", "error": failures.plain(error), "result": None}

    def hear(event: Event) -> None:
        if progress is not None:
            anyio.from_thread.run(progress.at, event.fraction, event.text[:200])

    try:
        return await anyio.to_thread.run_sync(work, limiter=_SCRIPTS, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        for session in running:
            session.cancel()
        raise
