"""Lua scripts for a host: they call the API with the caller's token, under the server's policy.

    under way    a process each, so many at one time; further ones wait, and beyond a number of those a caller is told
                 when to come back
    computing    of these again so many at one time: one that waits for the API lets another go on

Both are fair by caller: see `lua.turns`.
"""

from __future__ import annotations

import atexit
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from typing import Any

import anyio
import anyio.from_thread
import anyio.to_thread

from .. import about
from ..functions import failures
from ..lua import BusyError, Event, Limits, MissingError, Sandbox, Session, Turns
from ..lua.envelope import refused
from ..runtime import errors
from .clients import Caller, owner
from .options import Options
from .progress import Progress
from .text import clean

_THREADS = anyio.CapacityLimiter(float("inf"))
"""Threads of running and of waiting scripts; the numbers of both are limited elsewhere."""


@cache
def _sandbox() -> Sandbox:
    """The processes that scripts run in; from the first script on, one is ready for the next."""
    made = Sandbox()
    atexit.register(made.close)
    return made


_NAMED = 20
"""Functions that a script called, and calls of it that failed, which are named."""
_OF_THE_HOST = ("enclosed",)
"""What of an envelope's `meta` is of no use to a model."""


class Scripts:
    """The scripts of one server process."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.limits = Limits().changed(options.script_limits)
        self.under_way = Turns(options.scripts_alive, options.scripts_waiting)
        self.computing = Turns(options.scripts)

    def made(self, code: str, caller: Caller, progress: Progress | None) -> Script:
        """A script that was not begun."""
        return Script(self, code, caller, progress)

    async def run(self, code: str, caller: Caller, progress: Progress | None) -> dict[str, Any]:
        """The envelope of a script, which ends when its caller takes the call back."""
        script = self.made(code, caller, progress)
        try:
            return await anyio.to_thread.run_sync(script.work, limiter=_THREADS, abandon_on_cancel=True)
        except anyio.get_cancelled_exc_class():
            script.cancel()
            raise


class Script:
    """One script, in a thread of its own; it can be taken back from another."""

    def __init__(self, scripts: Scripts, code: str, caller: Caller, progress: Progress | None) -> None:
        self._scripts = scripts
        self._code = code
        self._caller = caller
        self._progress = progress
        self._turn = scripts.under_way.ask(caller.who)
        self._hiding: list[Callable[[str], str]] = []
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._canceled = False

    def work(self) -> dict[str, Any]:
        """Waits for its turn, runs, and gives the envelope as it may be shown."""
        limits = self._scripts.limits
        try:
            if not self._turn.wait():
                return refused({"type": "canceled", "message": "the script was canceled", "retryable": False}, limits)
            shown: dict[str, Any] = clean(self._run(), self._hide)
            return shown
        except BusyError as busy:
            return refused(_busy(busy, self._scripts.options), limits)
        except (MissingError, errors.Error) as error:
            return refused(failures.plain(error), limits)
        finally:
            self._turn.give_back()

    def cancel(self) -> None:
        """Ends it, wherever it is."""
        with self._lock:
            self._canceled = True
            session = self._session
        if session is not None:
            session.cancel()
        elif not self._turn.had:
            self._turn.give_back()  # it waits; one that starts its process looks itself whether it goes on

    def _run(self) -> dict[str, Any]:
        from .. import client

        make = getattr(client, about.CLIENT)
        caller, options = self._caller, self._scripts.options
        token = caller.token if about.TOKEN_ENV else ""
        settings = {key: value for key, value in (("token", token), ("account", caller.account)) if value}
        with ExitStack() as kept:
            made = kept.enter_context(make(**settings, **options.bounds))
            self._hiding.append(made.hide)
            others = {name: kept.enter_context(make(account=name, **options.bounds)) for name in options.accounts}
            self._hiding.extend(each.hide for each in others.values())
            callers = {"default": caller, **{name: Caller(account=name) for name in others}}
            permissions = {name: policy for name, each in callers.items() if (policy := owner(each)) is not None}
            return self._executed(client=made, accounts=others, policy=options.policy, permissions=permissions)

    def _executed(self, **reached: Any) -> dict[str, Any]:
        """The envelope of the script, run in a session with the functions it may call."""
        session = _sandbox().session(
            **reached,
            limits=self._scripts.limits,
            on_event=self._hear,
            turns=self._scripts.computing,
            caller=self._caller.who,
        )
        try:
            with self._lock:
                self._session = session
                canceled = self._canceled
            if canceled:
                session.cancel()
            return session.execute(self._code)
        finally:
            session.close()

    def _hide(self, text: str) -> str:
        for each in self._hiding:
            text = each(text)
        return text

    def _hear(self, event: Event) -> None:
        if self._progress is not None and not self._canceled:
            anyio.from_thread.run(self._progress.at, event.fraction, self._hide(event.text))


def _busy(busy: BusyError, options: Options) -> dict[str, Any]:
    return {
        "type": "busy",
        "message": f"{busy.waiting} scripts are queued, and the limit is {options.scripts_waiting} "
        "(--scripts-waiting)",
        "retryable": True,
        "retry_after": busy.retry_after,
        "hint": f"run it again in {busy.retry_after} s",
    }


def brief(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """A script's outcome for a model: its result, and how often it called which function. Empty parts are left out."""
    meta = {name: value for name, value in envelope["meta"].items() if value and name not in _OF_THE_HOST}
    if meta.get("account") == "default":
        del meta["account"]
    known = {"success": envelope["success"], "output": envelope["output"], "error": envelope["error"]}
    fields = {name: value for name, value in known.items() if value or name == "success"}
    calls = _counted(envelope["integration_calls"])
    parts = {"integration_calls": calls, "meta": meta}
    return {**fields, "result": envelope["result"], **{name: value for name, value in parts.items() if value}}


def _counted(calls: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How often a script called what, and the first of the calls that failed: a list of all grows with the script."""
    if not calls:
        return {}
    counts: dict[str, Any] = {"count": len(calls)}
    most = Counter(str(each["function"]) for each in calls).most_common(_NAMED)
    if len(most) < len(calls):
        counts["functions"] = dict(most)
    failed = [{key: each[key] for key in ("function", "status")} for each in calls if not each["ok"]]
    return {**counts, "failed": len(failed), "failures": failed[:_NAMED]} if failed else counts
