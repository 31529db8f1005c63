"""What comes to the endpoints of OAuth 2, read and refused as RFC 6749 has it; nothing of it is longer than a bound."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import parse_qsl, unquote_plus, urlsplit

_LONGEST_FORM, _LONGEST_TEXT = 64 * 1024, 4096
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


class OAuthError(Exception):
    """A refusal as RFC 6749, 5.2 has it."""

    def __init__(self, code: str, why: str, status: int = 400, headers: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(why)
        self.code = code
        self.why = why
        self.status = status
        self.headers = headers


def read_scope(text: str) -> tuple[str, ...]:
    """The scopes of a parameter. 3.3: words of printable ASCII, without a double quote or a backslash."""
    if len(text) > _LONGEST_TEXT or not text.isascii() or any(c in '"\\' or not c.isprintable() for c in text):
        raise OAuthError("invalid_scope", "the scope is malformed, or too long")
    return tuple(dict.fromkeys(text.split()))


def loopback(url: str) -> bool:
    """Whether somebody may be sent there: nothing in it can be more than an address of this machine."""
    if not 0 < len(url) <= _LONGEST_TEXT or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        return False
    try:
        parts = urlsplit(url)
        plain = parts.port is None or parts.port > 0
    except ValueError:
        return False
    return (
        plain and parts.scheme == "http" and parts.hostname in _LOOPBACK and "@" not in parts.netloc and "#" not in url
    )


def fields(text: str) -> dict[str, str]:
    """A form. 3.1 and 3.2: what has no value was not sent, and nothing is sent twice."""
    if len(text) > _LONGEST_FORM:
        raise OAuthError("invalid_request", f"at most {_LONGEST_FORM:,} bytes are read")
    try:
        pairs = parse_qsl(text, max_num_fields=64)
    except ValueError:
        raise OAuthError("invalid_request", "there are too many parameters") from None
    fields_ = dict(pairs)
    if len(fields_) < len(pairs):
        raise OAuthError("invalid_request", "a parameter is repeated")
    return fields_


def basic(header: str) -> tuple[str, str]:
    """The client and its secret of an `Authorization` header; else empty. By 2.3.1, both are form-urlencoded."""
    kind, _, value = header.partition(" ")
    try:
        pair = base64.b64decode(value.strip(), validate=True).decode() if kind.lower() == "basic" else ""
    except (binascii.Error, ValueError):
        pair = ""
    user, _, password = pair.partition(":")
    return unquote_plus(user), unquote_plus(password)
