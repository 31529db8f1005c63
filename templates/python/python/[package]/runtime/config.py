"""Where credentials and the base URL come from: arguments, environment, accounts, and at last the document."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from .. import about
from ..credentials import SCHEMES
from . import accounts
from .credentials import OWN, Credentials, Parts, checked, login, parts_of, scheme_of
from .errors import ConfigError

_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Config:
    """The configuration of a client. Its `repr` shows no secret."""

    base_url: str
    base_url_set: bool
    """The base URL was set by the user: it then serves operations that have a server of their own, too."""
    token: str = field(default="", repr=False)
    """The token of the API's own scheme."""
    withheld: str = ""
    """Why the credentials of the account are not sent; empty where they are."""
    parts: Parts = field(default_factory=dict, repr=False)
    """The parts of the credentials, by scheme."""
    account: str = ""
    """The account that the credentials come from, if any."""
    credentials: Credentials = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        parts = {**self.parts}
        if self.token and OWN is not None:
            parts[OWN.key] = {**parts.get(OWN.key, {}), "token": self.token}
        object.__setattr__(self, "credentials", Credentials(parts, self.withheld))
        object.__setattr__(self, "token", self.credentials.token)


def load(
    token: str | None = None,
    base_url: str | None = None,
    account: str | None = None,
    credentials: Mapping[str, Any] | None = None,
    others: Iterable[str] = (),
) -> Config:
    """The configuration; ConfigError where a credential, a base URL or an account cannot be one.

    Precedence: arguments, then an account named in the call, then the environment, then the default account of the
    environment or of the accounts file.
    credentials: by the argument name of their scheme.
    others: the other arguments of the client. Raises TypeError for an unknown name.
    """
    named = accounts.read().find(account) if account else None
    passed = _passed(token, credentials or {}, others)
    parts = passed
    if named is None:
        parts = {**_from_environment(), **passed}
    chosen = named or (None if passed or Credentials(parts).any() else accounts.read().find())
    url, url_from = base_url, "base_url=…"
    if not url and named is not None and named.base_url:
        url, url_from = named.base_url, f"account {named.name}"
    if not url and about.BASE_URL_ENV and (set_ := os.environ.get(about.BASE_URL_ENV)):
        url, url_from = set_, about.BASE_URL_ENV
    if not url and chosen is not None and chosen.base_url:
        url, url_from = chosen.base_url, f"account {chosen.name}"
    named_server = _named(url, url_from) if url else ""
    address = _address(named_server or url or about.BASE_URL, url_from, described=bool(named_server or not url))
    # A server of the description does not override the server of a single operation.
    elsewhere = bool(url) and not named_server
    if chosen is None:
        return Config(address, elsewhere, parts=parts)
    own_is_passed = OWN is not None and OWN.key in passed
    withheld = "" if own_is_passed else _withheld(chosen, address)
    stored = {} if withheld or _withheld(chosen, address) else _stored(chosen, own_is_passed)
    return Config(address, elsewhere, withheld=withheld, parts={**stored, **parts}, account=chosen.name)


def _named(url: str, source: str) -> str:
    """The URL of the described server with this name; empty where there is none."""
    if not hasattr(about, "SERVERS"):
        return ""
    from .servers import chosen

    return chosen(url, source)


def _passed(token: str | None, credentials: Mapping[str, Any], others: Iterable[str]) -> dict[str, dict[str, str]]:
    """The credentials passed in code, by scheme."""
    parts_by_scheme: dict[str, dict[str, str]] = {}
    for argument, value in credentials.items():
        scheme = scheme_of(argument, others)
        if value is not None:
            parts = parts_of(scheme, value)
            parts_by_scheme[scheme.key] = {
                part: checked(scheme, part, text, f"{argument}=…") for part, text in parts.items()
            }
    if token and OWN is None:
        _not_sent()
    if token is not None and OWN is not None:
        if OWN.key in parts_by_scheme:
            raise ConfigError(f"token and {OWN.argument} are one: pass it once")
        parts_by_scheme[OWN.key] = {"token": checked(OWN, "token", token, "token=…")}
    return parts_by_scheme


def _not_sent() -> None:
    """Logs that a token is ignored, as no scheme takes it: a program may pass one to every API alike."""
    from .logs import logger

    known = ", ".join(f"{each.argument}=…" for each in SCHEMES)
    logger.warning("%s takes no token, and none is sent: %s", about.TITLE, f"pass {known}" if known else "leave it out")


def in_environment() -> bool:
    """Whether the environment has a credential, which counts unless an account is named."""
    return Credentials(_from_environment()).any()


def _from_environment() -> dict[str, dict[str, str]]:
    parts_by_scheme: dict[str, dict[str, str]] = {}
    for scheme in SCHEMES:
        for part, variable in scheme.parts:
            if variable and (text := os.environ.get(variable)):
                parts_by_scheme.setdefault(scheme.key, {})[part] = checked(scheme, part, text, variable)
    return parts_by_scheme


def _stored(account: accounts.Account, own_is_passed: bool) -> dict[str, dict[str, str]]:
    """The credentials of an account, from the file or the keyring."""
    parts_by_scheme: dict[str, dict[str, str]] = {}
    kept = account.kept()
    for scheme in SCHEMES:
        parts = dict(kept.get(scheme.key, {}))
        if scheme is OWN and not own_is_passed and (token := account.secret()):
            parts["token"] = token
        source = f"account {account.name}"
        parts_by_scheme[scheme.key] = {part: checked(scheme, part, text, source) for part, text in parts.items()}
    return parts_by_scheme


def _withheld(account: accounts.Account, address: str) -> str:
    """Why the token of this account is not sent to an address; empty for the server that it was stored for."""
    own = account.base_url or about.BASE_URL
    own = _named(own, f"account {account.name}") or own
    if origin(own) == origin(address):
        return ""
    remedy = f"log in there, with `{login()} --base-url {address[:200]} --account NAME`"
    if about.TOKEN_ENV:
        remedy += f", or set {about.TOKEN_ENV}"
    return f"that of account {account.name} was stored for {own[:200]} and is not sent to {address[:200]}: {remedy}"


def _address(text: str, source: str, *, described: bool = False) -> str:
    """The base URL, stripped and checked. The error shows no password that it holds.

    described: it is from the API's description, and may have a query.
    """
    url = text.strip() if described else text.strip().rstrip("/")
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
    if (parts.query and not described) or parts.fragment:
        raise ConfigError(f"{wrong} must end with its path: leave out what follows the ? or #")
    return url


def origin(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port, which must match for a token to be sent."""
    try:
        parts = urlsplit(url)
        scheme = parts.scheme.lower()
        return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme)
    except ValueError:  # an invalid URL is its own origin
        return "", url, None
