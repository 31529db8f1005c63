"""What the mock's authorization server has given out: codes and tokens, each for a while, and no more than a bound."""

from __future__ import annotations

import base64
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")
MOST = 1000
"""Of each kind: with one more, the oldest is forgotten."""
CODE_SECONDS, DEVICE_SECONDS, TOKEN_SECONDS = 60.0, 600.0, 3600.0
INTERVAL = 1.0
"""Seconds between two questions of a device, until it was too fast (RFC 8628, 3.5)."""
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""Of codes that people type: RFC 8628, 6.1."""


@dataclass
class Grant:
    """What somebody agreed to: all tokens that come of it end together."""

    client: str
    scopes: tuple[str, ...]
    schemes: frozenset[str]
    """The security schemes that its tokens are for."""
    nonce: str = ""
    """What the ID token is to repeat (OpenID Connect Core 1.0, 3.1.2.1)."""
    revoked: bool = False


@dataclass
class Given:
    """A code or a token."""

    grant: Grant
    until: float
    scopes: tuple[str, ...] = ()
    used: bool = False
    """It serves once, and has."""


@dataclass
class Code(Given):
    """An authorization code, with the parameters of its request."""

    redirect: str = ""
    challenge: str = ""


@dataclass
class Device(Given):
    """A device that waits for a person."""

    typed: str = ""
    """What the person types."""
    approved: bool | None = None
    """What the person has decided; None: nothing yet."""
    interval: float = INTERVAL
    asked: float = field(default=float("-inf"))


class Grants:
    """All of it."""

    def __init__(self, now: Callable[[], float], seed: int | None = None) -> None:
        """seed: what codes and tokens follow from; None: nobody can guess them."""
        self.now = now
        self._seed = seed
        self._made = 0
        self.lock = threading.RLock()
        """Held while one of them is looked at and changed."""
        self.codes: dict[str, Code] = {}
        self.devices: dict[str, Device] = {}
        self._access: dict[str, Given] = {}
        self._refresh: dict[str, Given] = {}

    def clear(self) -> None:
        """As it was at the start."""
        with self.lock:
            self._made = 0
            for each in (self.codes, self.devices, self._access, self._refresh):
                each.clear()

    def code(self, grant: Grant, redirect: str, challenge: str) -> str:
        """A new authorization code."""
        code = Code(grant, self.now() + CODE_SECONDS, redirect=redirect, challenge=challenge)
        return self._kept(self.codes, code)

    def device(self, grant: Grant) -> tuple[str, Device]:
        """A device that begins to wait, and its code."""
        letters = "".join(_LETTERS[byte % len(_LETTERS)] for byte in self._drawn()[:8])
        made = Device(grant, self.now() + DEVICE_SECONDS, typed=f"{letters[:4]}-{letters[4:]}")
        return self._kept(self.devices, made), made

    def waiting(self, typed: str) -> Device | None:
        """The device with the code that a person types; case and hyphens do not matter (RFC 8628, 6.1)."""
        wanted = _letters(typed)
        with self.lock:
            return next(
                (each for each in self.devices.values() if _letters(each.typed) == wanted and self._lives(each)), None
            )

    def access(self, grant: Grant, scopes: tuple[str, ...]) -> str:
        """A new access token."""
        return self._kept(self._access, Given(grant, self.now() + TOKEN_SECONDS, scopes))

    def refresh(self, grant: Grant) -> str:
        """A new refresh token."""
        return self._kept(self._refresh, Given(grant, float("inf"), grant.scopes))

    def refreshed(self, token: str, client: str) -> Given | None:
        """What a refresh token stands for, which is used up by that. One that comes twice was stolen by one of two: the
        grant ends with it (RFC 9700, 4.14.2)."""
        with self.lock:
            return self.spent(self._refresh.get(token), client)

    def spent(self, grant: Given | None, client: str) -> Given | None:
        """The grant, if it is this client's and is used for the first time."""
        if grant is None or grant.grant.client != client or not self._lives(grant):
            return None
        if grant.used:
            grant.grant.revoked = True
            return None
        grant.used = True
        return grant

    def scopes(self, token: str, scheme: str) -> tuple[str, ...] | None:
        """The scopes of an access token under a security scheme; None if it is unknown or has expired."""
        with self.lock:
            grant = self._access.get(token)
            return grant.scopes if grant and self._lives(grant) and scheme in grant.grant.schemes else None

    def _drawn(self) -> bytes:
        """32 bytes that no other code or token is made of."""
        if self._seed is None:
            return secrets.token_bytes(32)
        with self.lock:
            self._made += 1
            return sha256(f"{self._seed} {self._made}".encode()).digest()

    def _lives(self, grant: Given) -> bool:
        return not grant.grant.revoked and self.now() < grant.until

    def _kept(self, among: dict[str, T], grant: T) -> str:
        with self.lock:
            while len(among) >= MOST:
                among.pop(next(iter(among)))
            name = base64.urlsafe_b64encode(self._drawn()).decode().rstrip("=")
            among[name] = grant
            return name


def _letters(typed: str) -> str:
    return "".join(letter for letter in typed.upper() if letter in _LETTERS)
