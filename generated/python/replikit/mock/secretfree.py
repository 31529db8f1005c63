"""Exchanges without what may be a secret: credentials that were sent, and values under the names that secrets have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..runtime.secrets import SHORTEST, Secret

HIDDEN = "***"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_ALONE = frozenset(
    (
        "authorization",
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "secret",
        "secrets",
        "token",
        "tokens",
        "jwt",
        "bearer",
    )
    + ("credential", "credentials", "cookie", "cookies", "signature", "sig", "otp", "cvv", "cvc", "apikey", "apitoken")
    + ("accesstoken", "refreshtoken", "clientsecret", "privatekey", "sessionid")
)
_KEYS = frozenset(
    ("api", "access", "private", "secret", "signing", "encryption", "auth", "session", "client", "security")
)
"""What makes a key of the word `key` or `id` after it."""
_PLACES = frozenset(("page", "next", "previous", "prev", "continuation", "cursor", "sync", "max", "min", "total"))
"""What makes of a token a place in a list, or a count."""
_LONGEST = 4_000
"""Characters of a name that is looked at."""
_ADDRESS = re.compile(r"""://[^\s"'<>\\]+""")
_USER = re.compile(r"\A://[^/@]*@")


def is_secret(name: str) -> bool:
    """Whether a value under this name may be a secret."""
    words = [word.lower() for word in _WORD.findall(name[:_LONGEST])]
    if _PLACES.intersection(words):
        return False
    pairs = pairwise(words)
    return not _ALONE.isdisjoint(words) or any(a in _KEYS and b in ("key", "keys") for a, b in pairs)


def value(data: Any, sent: Iterable[str], name: str = "") -> Any:
    """A JSON value without secrets. sent: credentials of the request, which an answer may repeat anywhere."""
    sent = tuple(sent)
    if isinstance(data, Mapping):
        return {_text(key, sent): value(item, sent, key) for key, item in data.items()}
    if isinstance(data, list):
        return [value(item, sent, name) for item in data]
    if name and is_secret(name) and data is not None and not isinstance(data, bool):
        # A count of tokens is no token; a number under another such name, such as a PIN, may be one.
        counted = isinstance(data, (int, float)) and "token" in name.lower()
        return data if counted else HIDDEN if isinstance(data, str) else 0
    return _text(data, sent) if isinstance(data, str) else data


def query(text: str, secrets: Iterable[str] = ()) -> str:
    """A query without the values of secret parameters. secrets: names that are ones whatever they look like."""
    named = frozenset(secrets)
    pairs = parse_qsl(text, keep_blank_values=True)
    shown = [(name, HIDDEN if name in named or is_secret(name) else item) for name, item in pairs]
    return urlencode(shown, quote_via=quote, safe="*")


def credentials(
    headers: Iterable[tuple[str, str]], pairs: Iterable[tuple[str, str]], secrets: Iterable[str]
) -> list[str]:
    """The secrets that a request carries, in every form that a text may have them in."""
    named = frozenset(name.lower() for name in secrets)
    values: list[str] = []
    for name, text in headers:
        if name.lower() in ("authorization", "proxy-authorization"):
            values += [text, text.partition(" ")[2]]
        elif name.lower() == "cookie":
            values += [pair.partition("=")[2].strip() for pair in text.split(";")]
        elif name.lower() in named or is_secret(name):
            values.append(text)
    values += [text for name, text in pairs if name.lower() in named or is_secret(name)]
    forms = {form for text in values if len(text) >= SHORTEST for form in Secret(text).forms}
    return sorted(forms, key=len, reverse=True)


def _text(text: str, sent: tuple[str, ...]) -> str:
    for each in sent:
        text = text.replace(each, HIDDEN)
    if text.startswith("/") and not text.startswith("//") and " " not in text:
        return _address(text)
    return _ADDRESS.sub(lambda match: _address(match[0]), text)


def _address(written: str) -> str:
    """A URL, from the `://` of it or from its path, without who is let in by it and without what its query or fragment hide."""
    start, hash_, fragment = written.partition("#")
    head, mark, arguments = start.partition("?")
    return _USER.sub(f"://{HIDDEN}@", head) + mark + _pairs(arguments) + hash_ + _pairs(fragment)


def _pairs(query_: str) -> str:
    if "=" not in query_ or not any(is_secret(name) for name, _ in parse_qsl(query_, keep_blank_values=True)):
        return query_
    return query(query_)


def address(url: str) -> str:
    """The problem with the base URL of an API to record; empty if there is none."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        return f"is not a URL: {error}"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "must begin with https:// or http:// and a host"
    if parts.username is not None or parts.password is not None:
        return "must not contain a user name or a password: the client sends its own credentials"
    if parts.query or parts.fragment:
        return "must not have a query or a fragment"
    return "" if port != 0 else "must have a port above 0"
