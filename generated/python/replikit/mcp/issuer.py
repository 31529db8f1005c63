"""Callers whom an authorization server vouches for: OAuth 2.1 as the protocol's specification has it.

    RFC 9728   what this server is, and who gives out tokens for it, at /.well-known/oauth-protected-resource
    RFC 6750   the challenge of a request without a token, or with one that is not good; it leads to the former
    RFC 8414   where the issuer keeps its keys; OpenID Connect's place is looked at second
    RFC 7519   the token: signed by one of these keys, by this issuer, for this server, and not over

The token tells who asks and is good for nothing else: the API is called with the credential of the server's own
configuration, and never sees it.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from ipaddress import ip_address
from typing import Any, TypeAlias
from urllib.parse import urlsplit

import anyio
import anyio.to_thread
import jwt

from .. import about
from ..runtime.logs import logger
from .clients import Caller

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signatures by a key that the issuer alone has. Never the token's own choice: `none` and shared secrets are not here."""
_KINDS = {
    "RSA": [name for name in ALGORITHMS if name[:2] in ("RS", "PS")],
    "EC": [name for name in ALGORITHMS if name.startswith("ES")],
    "OKP": ["EdDSA"],
}
_Key: TypeAlias = tuple[Any, list[str]]
"""A public key, and the algorithms that it is for."""
WELL_KNOWN = "/.well-known/oauth-protected-resource"
ANYBODY = "*"
_LEEWAY = 30
"""Seconds that clocks may differ."""
_FRESH = 3_600.0
"""Seconds that keys are good for."""
_STALE = 24 * _FRESH
"""Seconds that keys remain in use if the issuer cannot be reached."""
_AGAIN = 10.0
"""Seconds between two requests to the issuer: tokens by unknown keys could ask for one each."""
_LARGEST = 1 << 20
_LONGEST = 10.0
_WRONG = "the token is not from this issuer, or not for this server"


class IssuerError(Exception):
    """The issuer cannot be reached, or its metadata is invalid."""


class TokenError(Exception):
    """A token that lets nobody in; `error` is the word of RFC 6750, section 3.1."""

    def __init__(self, message: str, error: str = "invalid_token") -> None:
        super().__init__(message)
        self.error = error


@dataclass(frozen=True, kw_only=True)
class Trust:
    """The issuer that a server trusts, and the accounts that its callers may use."""

    issuer: str
    audience: tuple[str, ...]
    """What tokens must be for, one of these."""
    scopes: tuple[str, ...] = ()
    """What tokens must allow, all of these."""
    resource: str = ""
    """The URL that callers know this server by; empty for the one that they ask."""
    accounts: Mapping[str, str] = field(default_factory=dict)
    """Subject -> the account that its calls are made with; `*` for all others. Empty: everybody with the server's own."""

    def __post_init__(self) -> None:
        for name, url in (("issuer", self.issuer), ("resource", self.resource or self.issuer)):
            if not is_safe(url) or urlsplit(url).query or urlsplit(url).fragment:
                raise ValueError(
                    f"the {name} {url[:200]!r} is neither an https URL without a query nor a URL of this machine"
                )

    def places(self, path: str) -> tuple[str, ...]:
        """Where its metadata is read: for the path that callers know it by, for its own, and for none."""
        return WELL_KNOWN, f"{WELL_KNOWN}{path}", f"{WELL_KNOWN}{urlsplit(self.resource).path}"

    def metadata(self, url: str) -> dict[str, Any]:
        """The metadata of the server (RFC 9728, section 2). url: the one that was requested."""
        document: dict[str, Any] = {
            "resource": self.resource or url,
            "authorization_servers": [self.issuer],
            "bearer_methods_supported": ["header"],
            "resource_name": about.TITLE,
        }
        return {**document, "scopes_supported": list(self.scopes)} if self.scopes else document

    def challenge(self, url: str, error: str = "", description: str = "") -> str:
        """The `WWW-Authenticate` of a request that is not let in (RFC 6750, section 3; RFC 9728, section 5.1)."""
        parts = urlsplit(self.resource or url)
        fields = {
            "error": error,
            "error_description": description,
            "scope": " ".join(self.scopes),
            "resource_metadata": f"{parts.scheme}://{parts.netloc}{WELL_KNOWN}{parts.path}",
        }
        return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in fields.items() if value)

    def caller(self, subject: str) -> Caller:
        """The account that a subject's calls are made with. Raises TokenError if it has none."""
        if not self.accounts:
            return Caller(subject=subject)
        account = self.accounts.get(subject, self.accounts.get(ANYBODY))
        if account is None:
            raise TokenError("no account is configured for this subject: --auth-account", "insufficient_scope")
        return Caller(account=account, subject=subject)


class Verifier:
    """Verifies tokens by the keys of the issuer."""

    def __init__(self, trust: Trust) -> None:
        self.trust = trust
        self._keys: dict[str, _Key] = {}
        self._since = self._good = self._fetched = float("-inf")
        self._lock = anyio.Lock()

    async def caller(self, token: str) -> Caller:
        """The caller of a token. TokenError if it is invalid, IssuerError if that cannot be verified."""
        try:
            header = jwt.get_unverified_header(token)
        except jwt.PyJWTError:
            raise TokenError(_WRONG) from None
        if header.get("alg") not in ALGORITHMS:
            raise TokenError(_WRONG)
        key, algorithms = await self._key(header.get("kid"))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=algorithms,
                audience=list(self.trust.audience),
                issuer=self.trust.issuer,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
        except jwt.ExpiredSignatureError:
            raise TokenError("the token has expired") from None
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            logger.debug("a token was refused: %s", type(error).__name__)
            raise TokenError(_WRONG) from None
        scope = claims.get("scope", claims.get("scp", ""))
        scopes = set(scope.split() if isinstance(scope, str) else scope if isinstance(scope, list) else ())
        if missing := [each for each in self.trust.scopes if each not in scopes]:
            raise TokenError(f"the token lacks the scope {' '.join(missing)}", "insufficient_scope")
        return self.trust.caller(str(claims["sub"]))

    async def ready(self) -> None:
        """Have the keys. IssuerError where they cannot be had."""
        async with self._lock:
            if time.monotonic() - self._since > _FRESH:
                await self._read()

    async def _key(self, kid: Any) -> _Key:
        await self.ready()
        key = self._named(kid)
        if key is None:
            # The issuer may have changed its keys since.
            async with self._lock:
                if self._named(kid) is None and time.monotonic() - self._fetched > _AGAIN:
                    await self._read()
            key = self._named(kid)
        if key is None:
            raise TokenError(_WRONG)
        return key

    def _named(self, kid: Any) -> _Key | None:
        if kid is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(kid) if isinstance(kid, str) else None

    async def _read(self) -> None:
        if time.monotonic() - self._fetched <= _AGAIN and not self._keys:
            raise IssuerError("the issuer did not return keys a moment ago")
        self._fetched = time.monotonic()
        try:
            self._keys = await anyio.to_thread.run_sync(_keys, self.trust.issuer)
        except IssuerError as error:
            logger.warning("%s", error)
            if time.monotonic() - self._good > _STALE:
                self._keys = {}
                raise
            self._since = time.monotonic() - _FRESH + _AGAIN
        else:
            self._since = self._good = time.monotonic()


def _keys(issuer: str) -> dict[str, _Key]:
    """The keys for signatures that an issuer publishes, by their ids."""
    place = _metadata(issuer).get("jwks_uri")
    if not isinstance(place, str) or not is_safe(place):
        raise IssuerError(f"the issuer {issuer} names no jwks_uri that is safe to read")
    listed = _json(place).get("keys")
    keys: dict[str, _Key] = {}
    for number, each in enumerate(listed if isinstance(listed, list) else ()):
        if not isinstance(each, dict) or each.get("use", "sig") != "sig" or str(each.get("kty")) not in _KINDS:
            continue
        # A key is for the algorithm that it names, or for those of its kind: never for the one that a token asks for.
        algorithms = [each["alg"]] if "alg" in each else _KINDS[each["kty"]]
        try:
            key = jwt.PyJWK.from_dict(each).key
            keys[str(each.get("kid", f"#{number}"))] = key, [name for name in algorithms if name in ALGORITHMS]
        except (jwt.PyJWTError, ValueError, TypeError):
            continue  # of a kind that nothing here is signed with, or no key at all
    if not keys:
        raise IssuerError(f"the issuer {issuer} publishes no key for signatures")
    return keys


def _metadata(issuer: str) -> dict[str, Any]:
    parts = urlsplit(issuer)
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    places = (
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}/.well-known/openid-configuration{path}",
        f"{origin}{path}/.well-known/openid-configuration",
    )
    problem: IssuerError | None = None
    for place in places:
        try:
            document = _json(place)
        except IssuerError as error:
            problem = problem or error
            continue
        if document.get("issuer") != issuer:  # RFC 8414, section 3.3: else another could speak for it
            raise IssuerError(f"{place} is the metadata of another issuer")
        return document
    raise problem or IssuerError(f"the issuer {issuer} has no metadata")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, req: Any, fp: Any, code: Any, msg: Any, headers: Any, newurl: Any) -> None:
        """Nowhere: where keys are read from is settled by the issuer's own documents."""


def _json(url: str) -> dict[str, Any]:
    """The JSON object at a URL. IssuerError for anything else."""
    request = urllib.request.Request(url, headers={"accept": "application/json"})
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=_LONGEST) as answer:
            text = answer.read(_LARGEST + 1)
        value = json.loads(text) if len(text) <= _LARGEST else None
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        raise IssuerError(f"{url} cannot be read: {type(error).__name__}") from None
    if not isinstance(value, dict):
        raise IssuerError(f"{url} is not a JSON object, or is too large")
    return value


def is_safe(url: str) -> bool:
    """Whether content read there cannot be changed in transit: by https, or on this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        parts.port  # noqa: B018 (raises for what is none)
    except ValueError:
        return False
    if not host or parts.username is not None or not url.isascii() or any(each in url for each in ' "\\\r\n'):
        return False
    if parts.scheme == "https":
        return True
    try:
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False
