"""OAuth 2 tokens: fetched when a call needs one, kept until they expire, refreshed, and fetched anew after a 401.

The steps are generators as those of a call are (see `exchange`), so that one text serves both clients. A token endpoint
is one that the API's description names, or that the discovery document it names does; secrets go there alone, over
https or to the loopback interface.

RFC 6749 (tokens, 2.3.1 client authentication, 6 refreshing), OpenID Connect Discovery 1.0 (4).
"""

from __future__ import annotations

import os
import time
from base64 import b64encode
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Protocol
from urllib.parse import quote_plus, urlencode, urljoin, urlsplit, urlunsplit

from .. import about
from . import accounts
from .config import Config, origin
from .deadlines import Deadline
from .decoding import SHOWN_DEPTH, json_of
from .errors import AuthenticationError, ConfigError, Error, NoTokenError, ResponseError
from .exchange import translated
from .logs import place
from .schemes import Scheme
from .secrets import Secret, hidden

Steps = Generator[Any, Any, Any]
Wanted = Sequence[tuple[Scheme, tuple[str, ...]]]
_Key = tuple[str, tuple[str, ...]]
AUTH_URL_ENV = f"{about.PACKAGE.upper()}_AUTH_URL"
_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))
_LONGEST = 30.0
"""Seconds that an authorization server may take for one answer."""
_EARLY = 30.0
"""Seconds before its end in which a token is no longer used, or a tenth of its time where that is less."""
_PAUSE = 0.02
"""Seconds between two looks at a token that another call is fetching."""
_NEVER = float("inf")


class Builder(Protocol):
    """What makes the requests of the client that asks."""

    connections: Any

    def limits(self) -> Mapping[str, float | None]:
        """How long each part of a call may take."""
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """An access token, and what comes with it."""

    access: str = field(repr=False)
    until: float = _NEVER
    """When it expires, on the clock of `time.time`."""
    refresh: str = field(default="", repr=False)
    scope: str = ""

    @property
    def fresh(self) -> bool:
        """Whether it can still be used."""
        return bool(self.access) and time.time() < self.until

    @classmethod
    def of(cls, data: Any, former: str = "") -> Token:
        """The token of an answer (RFC 6749, 5.1). former: the refresh token that stays where no other is given."""
        access, kind = data.get("access_token"), data.get("token_type")
        if (
            not isinstance(access, str)
            or not access.isascii()
            or not access.isprintable()
            or " " in access
            or not access
        ):
            raise ResponseError("the token endpoint answered without an access token")
        if isinstance(kind, str) and kind.lower() != "bearer":
            raise ResponseError(
                f"the token endpoint gave a token of type {kind[:80]!r}, and only bearer tokens are used"
            )
        seconds, refresh, scope = data.get("expires_in"), data.get("refresh_token"), data.get("scope")
        try:
            lasts = _NEVER if seconds is None else float(seconds)
        except (TypeError, ValueError):
            lasts = _NEVER
        until = time.time() + lasts - min(_EARLY, lasts / 10) if lasts < _NEVER else _NEVER
        again = refresh if isinstance(refresh, str) and refresh else former
        return cls(Secret(access), until, Secret(again), scope if isinstance(scope, str) else "")


class Tokens:
    """The tokens of one client."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._tokens: dict[_Key, Token] = {}
        self._fetching: set[_Key] = set()
        self._lock = Lock()
        self._discovered: dict[str, Mapping[str, str]] = {}

    def current(self, scheme: Scheme, scopes: tuple[str, ...]) -> str:
        """The access token that is there."""
        return self._tokens[scheme.key, scopes].access

    def ready(self, wanted: Wanted, builder: Builder, deadline: Deadline, used: dict[_Key, str], anew: bool) -> Steps:
        """Fetches what is not there or, anew, what was refused; tells whether there is another token than before.

        used: the tokens that the call was made with, which this keeps.
        """
        other = False
        for scheme, scopes in wanted:
            key = scheme.key, scopes
            while True:
                token = self._tokens.get(key) or self._stored(scheme)
                refused = anew and token is not None and token.access == used.get(key)
                if token is not None and token.fresh and not refused:
                    self._tokens[key] = token
                    break
                with self._lock:
                    ours = key not in self._fetching
                    self._fetching.add(key)
                if ours:
                    try:
                        yield from self._fetch(scheme, scopes, builder, deadline)
                    finally:
                        self._fetching.discard(key)
                    break
                deadline.check()
                yield _PAUSE
            other = other or self._tokens[key].access != used.get(key)
            used[key] = self._tokens[key].access
        return other

    def _stored(self, scheme: Scheme) -> Token | None:
        """What the caller's account has of a token that was fetched before."""
        parts = self._config.credentials.of(scheme)
        if "access_token" not in parts:
            return None
        return _token_of(parts)

    def _fetch(self, scheme: Scheme, scopes: tuple[str, ...], builder: Builder, deadline: Deadline) -> Steps:
        key = scheme.key, scopes
        parts = self._config.credentials.of(scheme)
        former = self._tokens.get(key) or self._stored(scheme)
        refresh = (former.refresh if former else "") or parts.get("refresh_token", "")
        if self._config.account and refresh:
            latest = accounts.read().accounts.get(self._config.account)
            kept = _token_of(latest.kept().get(scheme.key, {})) if latest else None
            if kept is not None and kept.fresh and former is not None and kept.access != former.access:
                self._tokens[key] = kept  # another process was first, and a refresh token may serve but once
                return
            refresh = kept.refresh if kept is not None and kept.refresh else refresh
        if refresh:
            url = yield from self._endpoint(
                scheme, ("authorizationCode", "deviceAuthorization", "password"), builder, True
            )
            try:
                self._tokens[key] = yield from self._requested(
                    builder, deadline, url, parts, {"grant_type": "refresh_token", "refresh_token": refresh}, refresh
                )
            except AuthenticationError:
                if not ("client_secret" in parts and self._offers(scheme, "clientCredentials")):
                    raise
            else:
                self._keep(scheme, self._tokens[key])
                return
        scope = {"scope": " ".join(scopes)} if scopes else {}
        if "client_secret" in parts and self._offers(scheme, "clientCredentials"):
            url = yield from self._endpoint(scheme, ("clientCredentials",), builder)
            form = {"grant_type": "client_credentials", **scope}
        elif "username" in parts and self._offers(scheme, "password"):
            url = yield from self._endpoint(scheme, ("password",), builder)
            form = {
                "grant_type": "password",
                "username": parts["username"],
                "password": parts.get("password", ""),
                **scope,
            }
        else:
            raise NoTokenError(f"the token for {scheme.argument} has expired: log in once more")
        self._tokens[key] = yield from self._requested(builder, deadline, url, parts, form)

    def _keep(self, scheme: Scheme, token: Token) -> None:
        """Writes a token that was refreshed into the account that it is of: its refresh token may be another now."""
        if self._config.account:
            accounts.keep(self._config.account, scheme.key, stored(token))

    def _offers(self, scheme: Scheme, kind: str) -> bool:
        return bool(scheme.openid_url) or any(flow.kind == kind and flow.token_url for flow in scheme.flows)

    def _endpoint(self, scheme: Scheme, kinds: Sequence[str], builder: Builder, refresh: bool = False) -> Steps:
        if scheme.openid_url:
            endpoints = yield from self.discovered(scheme, builder)
            return endpoints["token_endpoint"]
        flows = sorted(scheme.flows, key=lambda flow: kinds.index(flow.kind) if flow.kind in kinds else len(kinds))
        for flow in flows:
            if url := (flow.refresh_url if refresh else "") or flow.token_url:
                return endpoint(moved(url, self._config.base_url), self._config.base_url)
        raise ConfigError(f"the API's description names no token endpoint for {scheme.argument}")

    def discovered(self, scheme: Scheme, builder: Builder) -> Steps:
        """What an OpenID provider says of itself (OpenID Connect Discovery 1.0, 4.2 and 4.3)."""
        url = endpoint(moved(scheme.openid_url, self._config.base_url), self._config.base_url)
        if url not in self._discovered:
            data = yield from request_json(builder, "GET", url)
            issuer = data.get("issuer")
            if not isinstance(issuer, str) or not url.startswith(issuer.rstrip("/") + "/"):
                raise ResponseError(f"{place(url)} speaks for another issuer than its own")
            local = urlsplit(url).hostname in _LOOPBACK
            endpoints = {key: text for key, text in data.items() if key.endswith("_endpoint") and isinstance(text, str)}
            for key, text in endpoints.items():
                if urlsplit(endpoint(text, url)).hostname in _LOOPBACK and not local:
                    raise ResponseError(f"{place(url)} names a {key.replace('_', ' ')} on this machine")
            if "token_endpoint" not in endpoints:
                raise ResponseError(f"{place(url)} names no token endpoint")
            self._discovered[url] = endpoints
        return self._discovered[url]

    def _requested(
        self, builder: Builder, deadline: Deadline, url: str, parts: Mapping[str, str], form: Mapping[str, str], former: str = ""
    ) -> Steps:  # fmt: skip
        data = yield from request_json(builder, "POST", url, form, parts, min(_LONGEST, max(deadline.left(), 0.001)))
        return Token.of(data, former)


def moved(url: str, base_url: str) -> str:
    """An endpoint that the API's description names, where it is: one of the API's own origin is where the API is called.
    Others stay, unless the variable `AUTH_URL_ENV` names another origin for them, such as that of a mock."""
    own = about.BASE_URL.partition("?")[0].rstrip("/")
    if not urlsplit(url).scheme:
        return url
    if origin(url) != origin(own):
        elsewhere = os.environ.get(AUTH_URL_ENV)
        return _on(url, elsewhere) if elsewhere else url
    if url.startswith(own + "/"):
        return base_url.partition("?")[0].rstrip("/") + url[len(own) :]
    return url if origin(base_url) == origin(own) else _on(url, base_url)


def _on(url: str, base_url: str) -> str:
    """The URL on the origin of another one."""
    parts, there = urlsplit(url), urlsplit(base_url)
    return urlunsplit((there.scheme, there.netloc, *parts[2:]))


def endpoint(url: str, base_url: str) -> str:
    """The whole URL of an endpoint. ConfigError where secrets are not sent there."""
    whole = urljoin(base_url.partition("?")[0].rstrip("/") + "/", url)
    parts = urlsplit(whole)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise ConfigError(f"secrets are not sent to {place(whole)[:200]}: it is not https")
    return whole


def request_json(
    builder: Builder,
    method: str,
    url: str,
    form: Mapping[str, str] | None = None,
    client: Mapping[str, str] | None = None,
    seconds: float = _LONGEST,
    pending: Sequence[str] = (),
) -> Steps:
    """The JSON object that an authorization server answers with. AuthenticationError where it refuses.

    client: `client_id` and perhaps `client_secret` of the client that asks.
    pending: errors that are given as an object as well, for they may pass.
    """
    headers = [("Accept", "application/json")]
    content = None
    if form is not None:
        fields = dict(form)
        known = client or {}
        if known.get("client_secret"):
            # RFC 6749, 2.3.1: both are form-urlencoded first.
            pair = f"{quote_plus(known['client_id'])}:{quote_plus(known['client_secret'])}"
            headers.append(("Authorization", "Basic " + Secret(b64encode(pair.encode()).decode())))
        elif known.get("client_id"):
            fields["client_id"] = known["client_id"]
        content = urlencode(fields).encode()
        headers.append(("Content-Type", "application/x-www-form-urlencoded"))
    deadline = Deadline(seconds)
    limits = deadline.limits(builder.limits())
    extensions = {"timeout": limits, "deadline": deadline, "whole": True}
    # Never by the build_request of a client that was passed in: what that adds is meant for the API.
    request = builder.connections.library.Request(method, url, headers=headers, content=content, extensions=extensions)
    try:
        response, _ = yield request
    except Error:
        raise
    except Exception as error:
        raise translated(error, method, url, deadline) from error
    try:
        data = json_of(response.content.decode("utf-8", "replace"), SHOWN_DEPTH)
    except ValueError:
        data = None
    if 200 <= response.status_code < 300 and isinstance(data, dict):
        return data
    code = data.get("error") if isinstance(data, dict) else None
    if isinstance(data, dict) and code in pending:
        return data
    description = str(data.get("error_description") or "") if isinstance(data, dict) else ""
    reason = hidden(": ".join(str(text)[:200] for text in (code, description) if text)) or "without a reason"
    if response.status_code >= 500 or (300 <= response.status_code < 400):
        raise ResponseError(f"{response.status_code} from {place(url)}: {reason}", status=response.status_code)
    raise AuthenticationError(
        f"{response.status_code} from {place(url)}: no token was given: {reason}",
        status=response.status_code, detail=reason, method=method, url=place(url),
    )  # fmt: skip


def stored(token: Token) -> dict[str, str]:
    """A token as an account keeps it."""
    parts = {"access_token": str(token.access), "refresh_token": str(token.refresh), "scope": token.scope}
    if token.until < _NEVER:
        parts["expires_at"] = str(int(token.until))
    return {part: text for part, text in parts.items() if text}


def _token_of(parts: Mapping[str, str]) -> Token:
    until = parts.get("expires_at", "")
    seconds = float(until) if until.isdecimal() and len(until) < 16 else _NEVER
    return Token(
        Secret(parts.get("access_token", "")), seconds, Secret(parts.get("refresh_token", "")), parts.get("scope", "")
    )
