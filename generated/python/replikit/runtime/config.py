"""Where the token and the base URL come from: the argument, then the environment, then the document."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from .. import about
from .errors import ConfigError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Config:
    """What a client needs to know. The token stands in no representation of it."""

    base_url: str
    given: bool
    """The base URL was set by the user: it then serves operations that have a server of their own, too."""
    token: str = field(default="", repr=False)

    def credentials(self) -> tuple[str, str, str]:
        """Where the token travels (header, query or cookie), under which name, and what is sent."""
        if not self.token:
            hint = f"set {about.TOKEN_ENV} or pass token=…" if about.TOKEN_ENV else "pass token=…"
            where = f"; get one at {about.TOKEN_URL}" if about.TOKEN_URL else ""
            raise ConfigError(f"no token for {about.TITLE}: {hint}{where}")
        if about.AUTH_KIND == "bearer":
            return "header", "Authorization", f"Bearer {self.token}"
        if about.AUTH_KIND == "basic":
            return "header", "Authorization", "Basic " + b64encode(self.token.encode()).decode()
        if about.AUTH_KIND == "query":
            return "query", about.AUTH_NAME, quote(self.token, safe="")
        return str(about.AUTH_KIND), about.AUTH_NAME, self.token


def load(token: str | None = None, base_url: str | None = None) -> Config:
    """The configuration; ConfigError where a token or a base URL cannot be one."""
    found = token if token is not None else os.environ.get(about.TOKEN_ENV, "") if about.TOKEN_ENV else ""
    found = found.strip()
    if not found.isprintable() or not found.isascii():
        raise ConfigError("the token holds characters that no token has")
    given = base_url or (os.environ.get(about.BASE_URL_ENV, "") if about.BASE_URL_ENV else "")
    url = (given or about.BASE_URL).strip().rstrip("/")
    if urlsplit(url).scheme not in _PORTS or not urlsplit(url).hostname:
        raise ConfigError(f"the base URL must begin with https:// or http://, not {url!r}: pass base_url=…")
    return Config(url, bool(given), found)


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what must be the same for a token to be sent."""
    parts = urlsplit(url)
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
