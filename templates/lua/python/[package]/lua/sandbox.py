"""The entry point: runs scripts, each in a process of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import functions
from .envelope import Event
from .limits import Limits
from .process import Child
from .session import Reach, Session
from .turns import Turns

if TYPE_CHECKING:
    from typing import Self


class Sandbox:
    """Runs scripts, each in a fresh process. A few processes are kept ready, so that a script starts at once."""

    def __init__(self, *, ready: int = 1) -> None:
        """ready: how many processes wait for a script. Each holds some 15 MB."""
        self._ready = ready
        self._children: list[Child] = []
        self._lock = threading.Lock()
        self._closed = False
        self._fill()

    def session(
        self,
        *,
        client: Any = None,
        policy: functions.Policy | None = None,
        limits: Limits | None = None,
        dry_run: bool = False,
        accounts: Mapping[str, Any] | None = None,
        permissions: Mapping[str, functions.Policy] | None = None,
        on_event: Callable[[Event], None] | None = None,
        turns: Turns | None = None,
        caller: str = "",
        reach: Reach | None = None,
    ) -> Session:
        """A process of its own for several scripts that share their globals. It is the caller's to close.

        client: makes the calls; it is yours to close.
        policy: what may be called; without one, only what reads.
        limits: for each script; brought down to the ceilings.
        dry_run: nothing is sent; a call gives the result of its example, and its request is recorded.
        accounts: further clients by the names that scripts know them by.
        permissions: what may be called with an account at most, whatever the policy says; `default` is the client's.
        on_event: told what the script prints, logs and how far it is, while it runs.
        reach: what scripts reach in place of this package's API, for which alone the clients are.
        turns: how many scripts compute at one time; one that waits for the API has no turn. caller: whose turn it is.
        Raises MissingError where lupa is not installed.
        """
        clients = {**(accounts or {}), "default": client}
        allowed = functions.Policy() if policy is None else policy
        bounded = (limits or Limits()).bounded()
        return Session(
            self._take(),
            clients,
            allowed,
            bounded,
            dry_run=dry_run,
            permissions=permissions,
            on_event=on_event,
            on_close=self._fill,
            turns=turns,
            caller=caller,
            reach=reach,
        )

    def run(self, code: str, **options: Any) -> dict[str, Any]:
        """The envelope of one script: output, result or error, and the calls it made; options as of `session`."""
        session = self.session(**options)
        try:
            return session.execute(code)
        finally:
            session.close()

    def close(self) -> None:
        """Ends the processes that wait."""
        with self._lock:
            self._closed = True
            waiting, self._children = self._children, []
        for child in waiting:
            child.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _take(self) -> Child:
        with self._lock:
            while self._children:
                child = self._children.pop()
                if child.alive:
                    return child
                child.close()
        return Child()

    def _fill(self) -> None:
        with self._lock:
            while not self._closed and len(self._children) < self._ready:
                self._children.append(Child())


def run(code: str, *, client: Any, policy: functions.Policy | None = None, **options: Any) -> dict[str, Any]:
    """The envelope of one script: output, result or error, and the calls it made.

    Never raises for what a script does; `options` are those of `Sandbox.session`: limits, dry_run, accounts, permissions,
    on_event. Who runs many scripts keeps a `Sandbox`, whose processes are ready before they are needed.
    """
    with Sandbox(ready=0) as sandbox:
        return sandbox.run(code, client=client, policy=policy, **options)
