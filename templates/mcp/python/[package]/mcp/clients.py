"""The API's clients, one for each token that callers bring; made when first needed and closed when too many lie idle."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from .. import about
from ..functions import Policy

MOST_IDLE = 64
"""Clients kept for the next call of the same caller."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Whose token a call is made with: the caller's own, or a configured account's."""

    token: str = ""
    account: str = ""


@dataclass(slots=True)
class _Kept:
    client: Any
    users: int = 0


class Clients:
    """All clients of a server. Two callers never share one: connections and cookies belong to a token."""

    def __init__(self, bounds: Mapping[str, Any] | None = None) -> None:
        """bounds: how long a client waits and how much it takes."""
        self._bounds = bounds or {}
        self._kept: OrderedDict[Caller, _Kept] = OrderedDict()

    @asynccontextmanager
    async def of(self, caller: Caller) -> AsyncIterator[Any]:
        """The caller's client, for the time of a call. ConfigError where there is no token to be found."""
        kept = self._kept.get(caller)
        if kept is None:
            kept = self._kept[caller] = _Kept(_made(caller, self._bounds))
        self._kept.move_to_end(caller)
        kept.users += 1
        try:
            yield kept.client
        finally:
            kept.users -= 1
            await self._close_idle(MOST_IDLE)

    async def close(self) -> None:
        """Let go of all connections that nothing uses."""
        await self._close_idle(0)

    async def _close_idle(self, most: int) -> None:
        for caller in list(self._kept):
            if len(self._kept) <= most:
                return
            if not self._kept[caller].users:
                await self._kept.pop(caller).client.close()


def _made(caller: Caller, bounds: Mapping[str, Any]) -> Any:
    # Only a call needs it: listing must not wait for the HTTP library.
    from .. import client

    arguments = {key: value for key, value in (("token", caller.token), ("account", caller.account)) if value}
    return getattr(client, f"Async{about.CLIENT}")(**arguments, **bounds)


def owner(caller: Caller) -> Policy | None:
    """What the owner of the account that a call is made with allows at most; None where no account is in play.

    What asks a person at a terminal is allowed here: who started the server with its flags has said yes.
    """
    from ..runtime import accounts

    if caller.token or (not caller.account and about.TOKEN_ENV and os.environ.get(about.TOKEN_ENV)):
        return None
    account = accounts.read().find(caller.account)
    if account is None:
        return None
    said = Policy.person(account.permissions, account.name)
    return said.granting(said.asked)
