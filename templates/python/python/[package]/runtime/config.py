"""Where the token and the base URL come from: arguments, environment, accounts, and at last the document."""

from __future__ import annotations

import os
from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from .. import about
from . import accounts
from .errors import ConfigError, NoTokenError
from .secrets import Secret

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Config:
    """What a client needs to know. The token stands in no representation of it."""

    base_url: str
    given: bool
    """The base URL was set by the user: it then serves operations that have a server of their own, too."""
    token: str = field(default="", repr=False)
    withheld: str = ""
    """Why the token of an account is not sent, where it is not."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))

    def credentials(self) -> tuple[str, str, str]:
        """Where the token travels (header, query or cookie), under which name, and what is sent."""
        if not self.token and self.withheld:
            raise NoTokenError(f"no token for {about.TITLE}: {self.withheld}")
        if not self.token:
            hint = f"set {about.TOKEN_ENV} or pass token=…" if about.TOKEN_ENV else "pass token=… or account=…"
            where = f"; get one at {about.TOKEN_URL}" if about.TOKEN_URL else ""
            raise NoTokenError(f"no token for {about.TITLE}: {hint}{where}")
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
    found, token_from = token, "token=…"
    if found is None and named is None and about.TOKEN_ENV and (set_ := os.environ.get(about.TOKEN_ENV)):
        found, token_from = set_, about.TOKEN_ENV
    chosen = named or (accounts.read().find() if found is None else None)
    given, url_from = base_url, "base_url=…"
    if not given and named is not None and named.base_url:
        given, url_from = named.base_url, f"account {named.name}"
    if not given and about.BASE_URL_ENV and (set_ := os.environ.get(about.BASE_URL_ENV)):
        given, url_from = set_, about.BASE_URL_ENV
    if not given and chosen is not None and chosen.base_url:
        given, url_from = chosen.base_url, f"account {chosen.name}"
    named_server = _named(given, url_from) if given else ""
    address = _address(named_server or given or about.BASE_URL, url_from)
    withheld = ""
    if found is None and chosen is not None:
        token_from = f"account {chosen.name}"
        withheld = _withheld(chosen, address)
        found = "" if withheld else chosen.secret()
    # A server of the description is no other place: what an operation says of its own server still holds.
    return Config(address, bool(given) and not named_server, _token(found or "", token_from), withheld)


def _named(given: str, source: str) -> str:
    """The URL of a server of the API's description, where it names several and this is what one of them is called."""
    if not hasattr(about, "SERVERS"):
        return ""
    from .servers import chosen

    return chosen(given, source)


def _withheld(account: accounts.Account, address: str) -> str:
    """Why the token of this account is not sent there; empty where it is: to the server that it was stored for."""
    own = account.base_url or about.BASE_URL
    own = _named(own, f"account {account.name}") or own
    if origin(own) == origin(address):
        return ""
    remedy = f"log in there, with `{about.COMMAND} auth login --base-url {address[:200]} --account NAME`"
    if about.TOKEN_ENV:
        remedy += f", or set {about.TOKEN_ENV}"
    return f"that of account {account.name} was stored for {own[:200]} and is not sent to {address[:200]}: {remedy}"


def _token(given: str, source: str) -> str:
    """Without the white space around it. The message shows nothing of it."""
    found = given.strip()
    if not found.isprintable() or not found.isascii():
        what = "a line break" if len(found.splitlines()) > 1 else "not all are printable ASCII"
        raise NoTokenError(f"the token from {source} holds characters that no token has ({what}): copy it once more")
    return found


def _address(given: str, source: str) -> str:
    """Without what is around it. The message shows no password that stands in it."""
    url = given.strip().rstrip("/")
    wrong = f"the base URL from {source}"
    if "@" in url:
        raise ConfigError(f"{wrong} holds a user name or password: leave them out, the token is all that is sent")
    if not url.isprintable() or " " in url or "\\" in url:
        raise ConfigError(f"{wrong} holds a blank, a backslash or a character that is not seen: {url[:200]!r}")
    try:
        parts = urlsplit(url)
        port = parts.port
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise ConfigError(f"{wrong} cannot be one: {error}") from error
    if parts.scheme not in _PORTS or not parts.hostname or port == 0:
        raise ConfigError(f"{wrong} must begin with https:// or http://, and name a host, not {url[:200]!r}")
    if parts.query or parts.fragment:
        raise ConfigError(f"{wrong} must end with its path: leave out what follows the ? or #")
    return url


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port: what must be the same for a token to be sent."""
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
    except ValueError:  # what is no URL has no origin but itself
        return "", url, None
