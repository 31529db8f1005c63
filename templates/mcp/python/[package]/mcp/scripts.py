"""Lua scripts for a host: they call the API with the caller's token, under the server's policy."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import ExitStack
from functools import cache
from typing import TYPE_CHECKING, Any

import anyio
import anyio.from_thread
import anyio.to_thread

from .. import about
from ..functions import failures
from ..lua import Event, MissingError, Sandbox, Session
from ..runtime import errors
from .clients import Caller, owner
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
    hiding: list[Callable[[str], str]] = []

    def work() -> dict[str, Any]:
        from .. import client

        make = getattr(client, about.CLIENT)
        bounds = calls.options.bounds
        given = {key: value for key, value in (("token", caller.token), ("account", caller.account)) if value}
        try:
            with ExitStack() as held:
                made = held.enter_context(make(**given, **bounds))
                hiding.append(made.hide)
                others = {name: held.enter_context(make(account=name, **bounds)) for name in calls.options.accounts}
                hiding.extend(each.hide for each in others.values())
                callers = {"default": caller, **{name: Caller(account=name) for name in others}}
                permissions = {name: said for name, each in callers.items() if (said := owner(each)) is not None}
                session = _sandbox().session(
                    client=made,
                    accounts=others,
                    policy=calls.options.policy,
                    permissions=permissions,
                    on_event=hear,
                )
                held.callback(session.close)
                running.append(session)
                found: dict[str, Any] = session.execute(code)
                shown: dict[str, Any] = clean(found, hide)
                return shown
        except (MissingError, errors.Error) as error:
            return {"success": False, "output": "", "error": failures.plain(error), "result": None}

    def hide(text: str) -> str:
        for each in hiding:
            text = each(text)
        return text

    def hear(event: Event) -> None:
        if progress is not None:
            anyio.from_thread.run(progress.at, event.fraction, hide(event.text))

    try:
        return await anyio.to_thread.run_sync(work, limiter=_SCRIPTS, abandon_on_cancel=True)
    except anyio.get_cancelled_exc_class():
        for session in running:
            session.cancel()
        raise
