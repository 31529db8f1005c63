"""The credentials of a caller: which of them a call needs, and how they are sent.

A call requires one of several alternatives, each of them all of its schemes (OAS, Security Requirement Object). The
first alternative for which the caller has all credentials is used; where there is none, and the API takes anonymous
calls too, nothing is sent.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

from .. import about
from ..credentials import SCHEMES
from .accounts import PUBLIC
from .errors import ConfigError, NoTokenError
from .schemes import Requirement, Scheme, Security
from .secrets import Secret

Parts = Mapping[str, Mapping[str, str]]
"""The parts of credentials: scheme -> part -> text."""
BY_KEY: Mapping[str, Scheme] = {scheme.key: scheme for scheme in SCHEMES}
OWN = SCHEMES[0] if SCHEMES and any(part == "token" for part, _ in SCHEMES[0].parts) else None
"""The scheme that the argument `token` belongs to."""
LOGIN = "SURFACEGEN_LOGIN"
"""The environment variable with the login command to show, in place of the package's own."""
PATHS = ("certificate", "key")
"""Parts that name a file."""
_LONGEST_KEY = 1 << 20
"""Bytes of a file of a private key that are read."""


class Credentials:
    """The credentials of one caller. The `repr` shows none of them."""

    def __init__(self, parts: Parts, withheld: str = "") -> None:
        """withheld: why the credentials of an account are not sent; empty where they are."""
        self._parts = {
            key: {part: text if part in PUBLIC else Secret(text) for part, text in values.items() if text}
            for key, values in parts.items()
        }
        self.withheld = withheld
        self.tls = False
        """The connections bring a client certificate of their own."""
        self._texts: dict[str, Secret] = {}

    def __repr__(self) -> str:
        return f"<Credentials {', '.join(key for key, parts in self._parts.items() if parts)}>"

    def of(self, scheme: Scheme) -> Mapping[str, str]:
        """The parts of a scheme."""
        return self._parts.get(scheme.key, {})

    @cached_property
    def secrets(self) -> tuple[str, ...]:
        """All secrets."""
        return tuple(text for parts in self._parts.values() for part, text in parts.items() if part not in PUBLIC)

    @property
    def certified(self) -> bool:
        """Whether a client certificate of ours is shown to the API."""
        return any("certificate" in parts for parts in self._parts.values())

    @cached_property
    def private_keys(self) -> tuple[bytes, ...]:
        """The files that hold the private keys of its client certificates. OSError where one cannot be read."""
        paths = [parts.get("key") or parts.get("certificate") for parts in self._parts.values()]
        return tuple(_read(path) for path in paths if path)

    @property
    def token(self) -> str:
        """The token of the API's own scheme; empty where there is none."""
        return self.of(OWN).get("token", Secret()) if OWN is not None else Secret()

    def has(self, scheme: Scheme) -> bool:
        """Whether there are credentials for a scheme."""
        parts = self.of(scheme)
        if scheme.kind == "mutualTLS":
            return self.tls or "certificate" in parts
        return not parts.keys().isdisjoint(("token", "access_token")) or any(
            all(part in parts for part in each) for each in alternatives(scheme)[1:]
        )

    def any(self) -> bool:
        """Whether there are credentials for any scheme."""
        return any(self.has(scheme) for scheme in SCHEMES)

    def chosen(self, security: Security, headers: Collection[str] = ()) -> Requirement:
        """The alternative to use for a call. Raises NoTokenError where credentials are missing for each.

        headers: names of headers, in lower case, that the caller sets in place of a scheme's own.
        """
        for requirement in security:
            if requirement and all(self._meets(BY_KEY[key], headers) for key, _ in requirement):
                return requirement
        if not security or () in security:
            return ()
        raise NoTokenError(self._missing(security, headers))

    def _meets(self, scheme: Scheme, headers: Collection[str]) -> bool:
        return self.has(scheme) or (scheme.location == "header" and scheme.name.lower() in headers)

    def _missing(self, security: Security, headers: Collection[str]) -> str:
        if self.withheld:
            return f"no token for {about.TITLE}: {self.withheld}"
        remedies = []
        for requirement in security:
            missing = [BY_KEY[key] for key, _ in requirement if not self._meets(BY_KEY[key], headers)]
            remedies.append(" and ".join(remedy(scheme) for scheme in missing))
        what = SCHEMES[0].secret if len(SCHEMES) == 1 and OWN is not None else "credentials"
        where = f"; get one at {about.TOKEN_URL}" if about.TOKEN_URL else ""
        return f"no {what} for {about.TITLE}: {'; or '.join(dict.fromkeys(remedies))}{where}"

    def sent(
        self, requirement: Requirement, token: Callable[[Scheme, tuple[str, ...]], str]
    ) -> Iterator[tuple[str, str, str]]:
        """(location, name, value) of each secret to send; the location is header, query or cookie.

        token: returns the fetched token for a scheme and its scopes.
        """
        for key, scopes in requirement:
            scheme = BY_KEY[key]
            if scheme.location and scheme.kind != "digest" and self.has(scheme):
                text = self._texts.get(key) or self._text(scheme) or token(scheme, scopes)
                yield scheme.location, scheme.name, f"{scheme.prefix} {text}" if scheme.prefix else text

    def pair(self, requirement: Requirement) -> tuple[str, str] | None:
        """The user name and password of a requirement with HTTP Digest (RFC 7616)."""
        for key, _ in requirement:
            parts = self.of(BY_KEY[key]) if BY_KEY[key].kind == "digest" else {}
            if "username" in parts and "password" in parts:
                return parts["username"], parts["password"]
            if "token" in parts:
                user, _, password = parts["token"].partition(":")
                return user, Secret(password)
        return None

    def _text(self, scheme: Scheme) -> str:
        """The text to send for a scheme without token fetching, marked as secret; else empty."""
        text = self._texts[scheme.key] = Secret(self._written(scheme))
        return text

    def _written(self, scheme: Scheme) -> str:
        parts = self.of(scheme)
        text = parts.get("token", "")
        if scheme.kind == "basic":
            # RFC 7617, 2: user-id ":" password, in UTF-8. A key that stands alone is a user without a password.
            pair = f"{parts['username']}:{parts.get('password', '')}" if "username" in parts else text
            return b64encode((pair if ":" in pair else f"{pair}:").encode()).decode()
        return quote(text, safe="") if scheme.location == "query" else text


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read(_LONGEST_KEY)


def alternatives(scheme: Scheme) -> list[tuple[str, ...]]:
    """The sets of parts that suffice for a scheme, the simplest first."""
    if scheme.kind == "mutualTLS":
        return [("certificate",)]
    combinations: list[tuple[str, ...]] = [("token",)]
    kinds = {flow.kind for flow in scheme.flows if flow.token_url}
    if scheme.kind == "basic":
        combinations.append(("username",))
    if scheme.kind == "digest":
        combinations.append(("username", "password"))
    if "clientCredentials" in kinds or scheme.openid_url:
        combinations.append(("client_id", "client_secret"))
    if "password" in kinds:
        combinations.append(("client_id", "username", "password"))
    if scheme.fetches:
        combinations.append(("client_id", "refresh_token"))
    return combinations


def remedy(scheme: Scheme) -> str:
    """How to supply the credential of a scheme."""
    variables = dict(scheme.parts)
    names = [part for part in alternatives(scheme)[0] if variables.get(part)]
    argument = "token" if scheme is OWN else scheme.argument
    passed = f"pass {argument}=…"
    if not names:
        return passed
    offered = alternatives(scheme)
    if scheme.kind in ("basic", "digest"):  # a user's name is enough to be sent, and mostly has a password
        offered = [("username", "password"), ("token",)]
    ways = [" and ".join(variables[part] for part in each) for each in offered if set(each) <= set(variables)]
    return f"set {' or '.join(ways)} or {passed}" + (f" or log in with `{login()}`" if scheme.fetches else "")


def login() -> str:
    """The login command to show: that of a gateway, if one started this process."""
    return os.environ.get(LOGIN) or f"{about.COMMAND} auth login"


def scheme_of(argument: str, others: Iterable[str]) -> Scheme:
    """The scheme with this argument name. Raises TypeError where there is none.

    others: the other arguments of a client, one of which may be meant.
    """
    scheme = next((each for each in SCHEMES if each.argument == argument), None)
    if scheme is None:
        from difflib import get_close_matches

        near = get_close_matches(argument, [*(each.argument for each in SCHEMES), *others], 1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise TypeError(f"a client has no argument {argument!r}{hint}")
    return scheme


def parts_of(scheme: Scheme, value: Any) -> dict[str, str]:
    """The parts of the credentials passed for a scheme. Raises ConfigError where they are invalid."""
    argument = scheme.argument
    known = [part for part, _ in scheme.parts]
    if isinstance(value, (tuple, list)) and scheme.kind in ("basic", "digest") and len(value) == 2:
        value = {"username": value[0], "password": value[1]}
    if isinstance(value, str) and "token" in known:
        return {"token": value}
    if not isinstance(value, Mapping):
        raise ConfigError(
            f"{argument}=… takes {'a text' if known == ['token'] else 'a mapping of ' + ', '.join(known)}"
        )
    for part, text in value.items():
        if part not in known:
            raise ConfigError(f"{argument}=… has no part {str(part)[:80]!r}: it takes {', '.join(known)}")
        if not isinstance(text, str) and not (part in PATHS and hasattr(text, "__fspath__")):
            raise ConfigError(f"{argument}=…: {part} must be a text")
    return {part: str(text) for part, text in value.items()}


def checked(scheme: Scheme, part: str, text: str, source: str) -> str:
    """A secret, stripped. Raises NoTokenError, which does not show it, where it is not valid."""
    if part in PATHS:
        return text
    if part in ("username", "password", "key_password"):
        if not text.isprintable() or (part == "username" and scheme.kind in ("basic", "digest") and ":" in text):
            raise NoTokenError(f"the {part} from {source} holds a character that it cannot have")
        return text
    stripped = text.strip()
    what = "token" if part == "token" else part.replace("_", " ")
    if not stripped.isprintable() or not stripped.isascii():
        why = "a line break" if len(stripped.splitlines()) > 1 else "not all are printable ASCII"
        raise NoTokenError(f"the {what} from {source} holds characters that no token has ({why}): copy it again")
    if scheme.location == "cookie" and ";" in stripped:
        raise NoTokenError(f"the {what} from {source} holds a semicolon, which no cookie can: copy it again")
    return stripped
