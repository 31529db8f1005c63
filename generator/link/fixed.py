"""Headers that a function sends with every request, whoever calls it: the same text each time, and never a secret."""

from __future__ import annotations

from ..errors import Finding
from ..ir import Param
from ..read import urls
from ..read.catalog_model import FunctionEntry
from ..read.openapi import Operation
from .context import Context

_HOP_BY_HOP = frozenset({"connection", "http2-settings", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"})
"""About one connection alone (RFC 9110, 7.6.1); those that begin with `proxy-` as well."""
_OURS = frozenset(
    {"accept-encoding", "content-encoding", "content-length", "content-type", "date", "expect", "host", "user-agent"}
)
"""What the request itself decides."""
_CREDENTIALS = frozenset({"authorization", "cookie", "cookie2", "set-cookie"})
_SECRET_WORDS = frozenset({"auth", "bearer", "jwt", "key", "keys", "pass", "pwd", "session", "signature"})
"""Words of names of headers that bring credentials, or what is meant for one request."""
_SECRET_PARTS = ("apikey", "credential", "passw", "secret", "token")
_SCHEMES = ("basic ", "bearer ", "digest ", "token ")
"""What the values of such headers begin with."""
_LONGEST = 1000


def headers(
    context: Context, operation: Operation, function_entry: FunctionEntry | None, params: tuple[Param, ...]
) -> tuple[tuple[tuple[str, str], ...], tuple[Param, ...]]:
    """The headers, and the arguments without those that would give one of them another value."""
    if function_entry is None or not function_entry.headers:
        return (), params
    result: dict[str, tuple[str, str]] = {}
    node = function_entry.node("headers")
    credentials = {scheme.name.lower() for scheme in context.schemes.values() if scheme.location == "header"}
    for name, value in function_entry.headers.items():
        problem, hint = _problem(name, value, credentials)
        if not problem and name.lower() in result:
            problem, hint = "is set twice (names are case-insensitive)", "remove one"
        if problem:
            context.findings.append(
                Finding((node.get(name) or node).place, f"the header {name[:80]!r} {problem}", hint)
            )
        result[name.lower()] = (name, value)
    left = []
    for param in params:
        if param.location == "header" and param.wire_name.lower() in result:
            reason = f"the header {param.wire_name!r} is always sent with the same value, and is not an argument"
            context.lose(operation.at, "kept", reason)
        else:
            left.append(param)
    return tuple(result.values()), tuple(left)


def _problem(name: str, value: str, credentials: set[str]) -> tuple[str, str]:
    """What is wrong with a header, and the way to mend it; twice nothing where it can be sent."""
    plain = name.lower()
    if not urls.is_token(name):
        return "is not a valid header name", "use letters, digits and !#$%&'*+.^_`|~-"
    if plain in _HOP_BY_HOP or plain.startswith("proxy-"):
        return "applies to one connection, and cannot be set for a function", "remove it"
    if plain in _OURS:
        return "is set by the request itself", "remove it"
    if plain in _CREDENTIALS or plain in credentials or _is_secret(plain, value):
        return (
            "carries a credential, which does not belong in a catalog",
            "declare it as a security scheme, in `auth.schemes`",
        )
    if not value.isascii() or not value.isprintable() or value != value.strip() or len(value) > _LONGEST:
        return (
            "has a value that cannot be sent",
            f"use at most {_LONGEST} printable ASCII characters, without leading or trailing blanks",
        )
    return "", ""


def _is_secret(name: str, value: str) -> bool:
    """Whether a header looks like one that brings a credential."""
    words = set(name.replace("_", "-").split("-"))
    return (
        bool(words & _SECRET_WORDS) or any(part in name for part in _SECRET_PARTS) or value.lower().startswith(_SCHEMES)
    )
