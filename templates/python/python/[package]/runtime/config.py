"""Where the token and the base URL come from: arguments, environment, accounts, and at last the document."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from .. import about
from . import accounts
from .errors import ConfigError
from .secrets import Secret

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Config:
    """What a client needs to know. The token stands in no representation of it."""

    base_url: str
    given: bool
    """The base URL was set by the user: it then serves operations that have a server of their own, too."""
    token: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))

    def credentials(self) -> tuple[str, str, str]:
        """Where the token travels (header, query or cookie), under which name, and what is sent."""
        if not self.token:
            hint = f"set {about.TOKEN_ENV} or pass token=…" if about.TOKEN_ENV else "pass token=… or account=…"
            where = f"; get one at {about.TOKEN_URL}" if about.TOKEN_URL else ""
            raise ConfigError(f"no token for {about.TITLE}: {hint}{where}")
        if about.AUTH_KIND == "bearer":
            return "header", "Authorization", f"Bearer {self.token}"
        if about.AUTH_KIND == "basic":
            return "header", "Authorization", "Basic " + b64encode(self.token.encode()).decode()
        if about.AUTH_KIND == "query":
            return "query", about.AUTH_NAME, quote(self.token, safe="")
        return str(about.AUTH_KIND), about.AUTH_NAME, self.token


def load(token: str | None = None, base_url: str | None = None, account: str | None = None) -> Config:
    """The configuration; ConfigError where a token, a base URL or an account cannot be one.

    An argument counts more than an account that was asked for by name, that more than the environment, and that more
    than the account which the environment or the file of accounts makes the default.
    """
    named = accounts.read().find(account) if account else None
    found, given = token, base_url
    if named is not None:
        found = named.secret() if found is None else found
        given = given or named.base_url
    if found is None and about.TOKEN_ENV:
        found = os.environ.get(about.TOKEN_ENV) or None
    given = given or (os.environ.get(about.BASE_URL_ENV, "") if about.BASE_URL_ENV else "")
    if found is None and named is None and (default := accounts.read().find()) is not None:
        found, given = default.secret(), given or default.base_url
    found = (found or "").strip()
    if not found.isprintable() or not found.isascii():
        raise ConfigError("the token holds characters that no token has")
    url = (given or about.BASE_URL).strip().rstrip("/")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"the base URL cannot be one: {error}") from error
    if "@" in parts.netloc:
        raise ConfigError("the base URL holds a user name or password: leave them out, the token is all that is sent")
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ConfigError(f"the base URL must begin with https:// or http://, not {url!r}: pass base_url=…")
    return Config(url, bool(given), found)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what must be the same for a token to be sent."""
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
    except ValueError:  # what is no URL has no origin but itself
        return "", url, None
