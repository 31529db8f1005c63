"""The API's clients, one for each token that callers bring; made when first needed and closed when too many lie idle."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from anyio.abc import TaskGroup

from .. import about
from ..functions import Policy, failures
from ..runtime.secrets import Secret

IDLE = 30.0
"""Seconds that a client is kept for the next call of the same caller."""
CLOSING = 5.0
"""Seconds that closing a client may take."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The token that a call is made with: the caller's own, or a configured account's."""

    token: str = ""
    account: str = ""
    others: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    """The caller's tokens for other APIs of a gateway, each by its API."""
    subject: str = field(default="", compare=False)
    """The subject of the token that authenticated the caller; the token itself is not kept."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))
        object.__setattr__(self, "others", tuple((api, Secret(token)) for api, token in self.others))

    @property
    def who(self) -> str:
        """The identity of one caller."""
        return self.token or self.subject


@dataclass(slots=True)
class _Kept:
    client: Any
    users: int = 0
    most: int = 0
    """Calls that used it at one time, and so the connections that it may hold open."""
    since: float = 0.0
    """When its last call ended."""


class Clients:
    """All clients of a server. Two callers never share one: connections and cookies belong to a token.

    What all share is what costs most, the TLS context. Nothing is awaited between looking at the maps and changing
    them, so no other task can find them half changed.
    """

    def __init__(self, most: int, bounds: Mapping[str, Any] | None = None) -> None:
        """most: connections that clients may hold open for their next call. bounds: what each client is made with."""
        self._most = most
        self._bounds = bounds or {}
        self._used: dict[Caller, _Kept] = {}
        self._idle: OrderedDict[Caller, _Kept] = OrderedDict()
        self._open = 0
        """Connections that the idle ones may hold open."""
        self._closing: TaskGroup | None = None

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[None]:
        """For the time of a server: clients that are let go of are closed meanwhile, and all of them at its end."""
        async with anyio.create_task_group() as self._closing:
            try:
                yield
            finally:
                self._drop(0)

    @asynccontextmanager
    async def of(self, caller: Caller) -> AsyncIterator[Any]:
        """The caller's client, for the time of a call. ConfigError where there is no token to be found."""
        kept = self._take(caller)
        try:
            yield kept.client
        finally:
            self._give_back(caller, kept)

    def _take(self, caller: Caller) -> _Kept:
        kept = self._used.get(caller)
        if kept is None:
            kept = self._idle.pop(caller, None)
            if kept is None:
                kept = _Kept(_made(caller, self._bounds))
            else:
                self._open -= kept.most
            self._used[caller] = kept
        kept.users += 1
        kept.most = max(kept.most, kept.users)
        return kept

    def _give_back(self, caller: Caller, kept: _Kept) -> None:
        kept.users -= 1
        if not kept.users:
            del self._used[caller]
            kept.since = time.monotonic()
            self._idle[caller] = kept
            self._open += kept.most
            self._drop(self._most)

    def _drop(self, most: int) -> None:
        """Let go of the clients that lay idle longest: those above `most` connections, and those nobody came back for."""
        late = time.monotonic() - IDLE
        while self._idle and (self._open > most or next(iter(self._idle.values())).since < late):
            _, kept = self._idle.popitem(last=False)
            self._open -= kept.most
            if self._closing is not None:
                self._closing.start_soon(_close, kept.client)


async def _close(client: Any) -> None:
    """Closes a client. Errors are logged: no caller's result depends on it."""
    try:
        with anyio.move_on_after(CLOSING, shield=True):
            await client.close()
    except Exception as error:  # noqa: BLE001
        failures.unforeseen(error, "closing a client")


def _made(caller: Caller, bounds: Mapping[str, Any]) -> Any:
    # Only a call needs it: listing must not wait for the HTTP library.
    from .. import client

    token = caller.token if about.TOKEN_ENV else ""  # of an API that takes none it tells callers apart, and is not sent
    arguments = {key: value for key, value in (("token", token), ("account", caller.account)) if value}
    return getattr(client, f"Async{about.CLIENT}")(**arguments, **bounds)


def owner(caller: Caller) -> Policy | None:
    """What the owner of the account that a call is made with allows at most; None where no account is in play.

    What asks a person at a terminal is allowed here: who started the server with its flags has said yes.
    """
    from ..runtime import accounts, config

    if caller.token or (not caller.account and config.in_environment()):
        return None
    account = accounts.read().find(caller.account)
    if account is None:
        return None
    policy = Policy.person(account.permissions, account.name)
    return policy.granting(policy.asked)
