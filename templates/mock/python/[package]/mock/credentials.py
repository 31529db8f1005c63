"""Authorization of requests: a request must carry all secrets of one alternative of its security requirement."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from .digest import CHALLENGE, answered
from .grants import Grants
from .problems import Problem
from .requests import Request
from .routes import Route

Scheme = Mapping[str, Any]


def admit(
    request: Request, route: Route, schemes: Mapping[str, Scheme], token: str, grants: Grants | None = None
) -> None:
    """Problem where no alternative is satisfied: with 403 where the API declares that alone, else with 401.

    token: what every secret must be; of HTTP Basic, the user or the password.
    grants: the tokens that were given out beside it. One that allows too little is answered with 403 (RFC 6750, 3.1).
    """
    alternatives = route["security"]
    if not alternatives or {} in alternatives:
        return
    brought, lacking = False, ""
    for alternative in alternatives:
        # A certificate is no part of HTTP, and cannot be asked for here.
        presented = {key: _secrets(request, schemes[key], token) for key in alternative if schemes[key]["location"]}
        brought = brought or any(presented.values())
        left = {key: secrets for key, secrets in presented.items() if not any(_same(each, token) for each in secrets)}
        allowed = {key: _allowed(grants, key, secrets) for key, secrets in left.items()}
        known = {key: scopes for key, scopes in allowed.items() if scopes is not None}
        if len(known) < len(left):
            continue
        missing = [scope for key, scopes in known.items() for scope in alternative[key] if scope not in scopes]
        if not missing:
            return
        lacking = " ".join(missing)
    if lacking:
        plain = lacking.isascii() and lacking.isprintable() and '"' not in lacking and "\\" not in lacking
        challenge = 'Bearer error="insufficient_scope"' + (f', scope="{lacking}"' if plain else "")
        raise Problem(403, f"The token does not allow {lacking}.", headers=(("WWW-Authenticate", challenge),))
    status = 403 if route["refusals"] == ["403"] else 401
    what = "The token is not valid for this server." if brought else "The request carries no token."
    needed = [schemes[key] for each in alternatives for key in each]
    prefixes = dict.fromkeys(
        CHALLENGE if each["kind"] == "digest" else each["prefix"] for each in needed if each["prefix"]
    )
    challenges = tuple(("WWW-Authenticate", prefix) for prefix in prefixes or ("Bearer",))
    raise Problem(status, what, headers=challenges if status == 401 else ())


def _allowed(grants: Grants | None, scheme: str, secrets: list[str]) -> tuple[str, ...] | None:
    """The scopes of the first of these secrets that is an issued token; None if none is."""
    granted = (grants.scopes(each.strip(), scheme) for each in secrets) if grants is not None else ()
    return next((scopes for scopes in granted if scopes is not None), None)


def _same(value: str, token: str) -> bool:
    return hmac.compare_digest(value.strip().encode("utf-8", "surrogateescape"), token.encode())


def _secrets(request: Request, scheme: Scheme, token: str) -> list[str]:
    """What the request has in the scheme's place; of a user and a password, either. Of Digest, which sends no secret, the
    token where it was made with that.
    """
    name, prefix = scheme["name"], scheme["prefix"]
    if scheme["location"] == "query":
        return [value for key, value in request.pairs() if key == name]
    if scheme["location"] == "cookie":
        return list(_cookies(request.headers.get("Cookie", ""), name))
    header = request.headers.get(name, "")
    if not prefix:
        return [header] if header else []
    word, _, value = header.partition(" ")
    if word.lower() != prefix.lower() or not value:
        return []
    if scheme["kind"] == "digest":
        target = request.path + ("?" + request.query if request.query else "")
        return [token if answered(value, request.method, target, token) else value]
    if scheme["kind"] != "basic":
        return [value]
    try:
        pair = base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return []
    user, _, password = pair.partition(":")
    return [text for text in (pair, user, password) if text]


def _cookies(header: str, name: str) -> Iterator[str]:
    for pair in header.split(";"):
        key, _, value = pair.strip().partition("=")
        if key == name:
            yield unquote(value)
