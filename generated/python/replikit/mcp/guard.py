"""Who may ask over HTTP, what a request may bring, and whose token it is served with.

    Guard             in this order: a page? for this host? whose? and is it no larger, and no slower, than it may be
      └─ the SDK      one exchange a request, in the current and in the handshake era

A browser sends whatever any page wants sent, to addresses that only its user can reach. So a request that comes from a
page is refused unless the page's origin was allowed by name, and one for a host name that is not ours is refused
always: that is how a page of another site would pass for one of this host.
"""

from __future__ import annotations

import hmac
import json
import re
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import anyio

from ..functions import failures
from .clients import Caller
from .issuer import IssuerError, TokenError, Verifier
from .limits import Limits, option
from .metrics import MEDIA_TYPE, Metrics

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

PATH = "/mcp"
LIVES, READY = "/healthz", "/readyz"
"""Liveness and readiness, for process managers and load balancers."""
COUNTS = "/metrics"
"""Metrics, if the server is told to publish them."""
SOON = 1.0
"""Seconds for a connection that is one too many."""
_AGAIN = b"5"
"""Seconds after which a server that is full is worth another request."""
_OTHER = re.compile(rb"x-([a-z0-9-]{1,64})-authorization")
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::\d{1,5})?")


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    error: str
    description: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


class _GoneError(Exception):
    """The caller hung up before the request was whole."""


class Guard:
    """Lets requests through that may be served, with their callers' tokens; answers the others itself."""

    def __init__(
        self,
        app: Application,
        auth: str,
        secret: str,
        hosts: frozenset[str],
        origins: frozenset[str],
        limits: Limits,
        verifier: Verifier | None = None,
        metrics: Metrics | None = None,
        *,
        several: bool = False,
    ) -> None:
        """auth: none, caller, shared or issuer, shared with a secret and issuer with what verifies tokens. hosts,
        origins: those that are answered.

        several: whether callers may bring tokens for several APIs, each in a header of its own.
        """
        self._app = app
        self._auth = auth
        self._secret = secret
        self._hosts = hosts
        self._origins = origins
        self._limits = limits
        self._several = several
        self._verifier = verifier
        self._metrics = metrics

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers: Headers = scope["headers"]
        page = self._page(headers)
        answer = _Answer(send, page, self._metrics)
        if scope["method"] == "GET" and await self._public(scope, headers, answer):
            return
        refusal = self._stranger(scope["method"], headers, page) or self._misfit(scope["method"], headers)
        if refusal is None and scope["method"] == "OPTIONS":
            await answer.preflight()
            return
        caller: Caller | None = None
        if refusal is None and self._verifier is not None:
            outcome = await self._vouched(headers, self._verifier)
            caller, refusal = (outcome, None) if isinstance(outcome, Caller) else (None, outcome)
        elif refusal is None and (caller := self._caller(headers)) is None:
            bearer = ((b"www-authenticate", b'Bearer realm="mcp"'),)
            refusal = _Refusal(401, "unauthorized", "send Authorization: Bearer TOKEN", bearer)
        if refusal is None:
            try:
                body = await self._body(headers, receive)
            except _GoneError:
                return
            if isinstance(body, bytes):
                scope = {**scope, "state": {**scope.get("state", {}), "caller": caller}}
                await answer.of(self._app, scope, _again(body, receive))
                return
            refusal = body
        await answer.refuse(refusal)

    async def _public(self, scope: Message, headers: Headers, answer: _Answer) -> bool:
        """Answers requests for public information: health, and the authorization server of the tokens."""
        path = scope["path"]
        if path == LIVES:
            await answer.tell(200, {"status": "ok"})
        elif path == READY:
            status = 200
            try:
                if self._verifier is not None:
                    await self._verifier.ready()
            except IssuerError:
                status = 503
            await answer.tell(status, {"status": "ok" if status == 200 else "the issuer's keys are not available"})
        elif path == COUNTS and self._metrics is not None and self._is_ours(headers):
            await answer.say(200, self._metrics.text().encode(), MEDIA_TYPE.encode())
        elif self._verifier is not None and path in self._verifier.trust.places(PATH) and self._is_ours(headers):
            await answer.tell(200, self._verifier.trust.metadata(_url(headers)))
        else:
            return False
        return True

    def _is_ours(self, headers: Headers) -> bool:
        match = _HOST.fullmatch(_only(headers, b"host").lower())
        return match is not None and match[1] in self._hosts

    async def _vouched(self, headers: Headers, verifier: Verifier) -> Caller | _Refusal:
        """The caller that the request's token belongs to."""
        headers_ = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = (headers_[0] if len(headers_) == 1 else b"").partition(b" ")
        url, trust = _url(headers), verifier.trust
        if scheme.lower() != b"bearer" or not token.strip():
            challenge = trust.challenge(url).encode()
            return _Refusal(
                401, "unauthorized", "send Authorization: Bearer TOKEN", ((b"www-authenticate", challenge),)
            )
        try:
            return await verifier.caller(token.strip().decode("latin-1"))
        except TokenError as refused:
            status = 403 if refused.error == "insufficient_scope" else 401
            challenge = trust.challenge(url, refused.error, str(refused)).encode()
            return _Refusal(status, refused.error, str(refused), ((b"www-authenticate", challenge),))
        except IssuerError:
            later = "the issuer's keys are not available: try again in a moment"
            return _Refusal(503, "temporarily_unavailable", later, ((b"retry-after", _AGAIN),))

    def _page(self, headers: Headers) -> str:
        """The origin of the page that asks, where it may ask; empty where it may not, or no page does."""
        origin = _only(headers, b"origin")
        return origin if origin in self._origins else ""

    def _stranger(self, method: str, headers: Headers, page: str) -> _Refusal | None:
        """Why a request is refused for where it comes from, or for the host it was sent to."""
        if not page and any(
            name == b"origin" or (name == b"sec-fetch-site" and value != b"none") for name, value in headers
        ):
            return _Refusal(403, "forbidden", "pages of this origin are not allowed: --allowed-origin allows one")
        if not self._is_ours(headers):
            return _Refusal(421, "misdirected", "this host name is not allowed: --allowed-host adds one")
        if method == "POST" or (method == "OPTIONS" and page):
            return None
        return _Refusal(405, "method_not_allowed", "requests are POSTed; there are no sessions", ((b"allow", b"POST"),))

    def _misfit(self, method: str, headers: Headers) -> _Refusal | None:
        """Why a request is refused for its headers."""
        if sum(len(name) + len(value) + 4 for name, value in headers) > self._limits.headers:
            return _too_large(431, "headers", self._limits.headers)
        if method == "POST" and _only(headers, b"content-type").partition(";")[0].strip().lower() != "application/json":
            return _Refusal(415, "unsupported_media_type", "send Content-Type: application/json")
        return None

    def _caller(self, headers: Headers) -> Caller | None:
        """The token that a request is served with; None if it must bring one and does not."""
        headers_ = [value for name, value in headers if name == b"authorization"]
        scheme, _, token = (headers_[0] if len(headers_) == 1 else b"").partition(b" ")
        token = token.strip() if scheme.lower() == b"bearer" else b""
        if self._auth == "shared":
            return Caller() if hmac.compare_digest(token, self._secret.encode()) else None
        others = self._others(headers)
        if not token and (headers_ or (self._auth == "caller" and not others)):
            return None
        return Caller(token.decode("latin-1"), others=others)

    def _others(self, headers: Headers) -> tuple[tuple[str, str], ...]:
        """The tokens for other APIs of a gateway: `X-API-Authorization: Bearer TOKEN`."""
        others = []
        for name, value in headers if self._several else ():
            match = _OTHER.fullmatch(name)
            scheme, _, token = value.partition(b" ")
            if match is not None and scheme.lower() == b"bearer" and token.strip():
                others.append((match[1].decode().replace("-", "_"), token.strip().decode("latin-1")))
        return tuple(sorted(dict(others).items()))

    async def _body(self, headers: Headers, receive: Receive) -> bytes | _Refusal:
        """The body, whole. _GoneError where the caller hung up before that."""
        size = _only(headers, b"content-length")
        if size.isdigit() and int(size[:20]) > self._limits.body:
            return _too_large(413, "body", self._limits.body)
        body = bytearray()
        with anyio.move_on_after(self._limits.request):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise _GoneError
                body += message.get("body", b"")
                if len(body) > self._limits.body:
                    return _too_large(413, "body", self._limits.body)
                if not message.get("more_body"):
                    return bytes(body)
        within = f"the request did not come within {self._limits.request:g} seconds: {option('request')}"
        return _Refusal(408, "timeout", within, ((b"connection", b"close"),))


class _Answer:
    """The answer to one request: for a page that may ask readable."""

    def __init__(self, send: Send, page: str, metrics: Metrics | None = None) -> None:
        self._to = send
        self._metrics = metrics
        self._page = page.encode()
        self._begun = False

    async def of(self, app: Application, scope: Message, receive: Receive) -> None:
        """What the application answers; a reference where it failed."""
        try:
            await app(scope, receive, self._send)
        except Exception as error:  # noqa: BLE001 - its text stays here
            problem = failures.unforeseen(error, "a request")
            if not self._begun:
                await self.refuse(_Refusal(500, "internal", problem["message"]))

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._begun = True
            if self._page:
                headers = [*message.get("headers", ()), *self._readable()]
                message = {**message, "headers": headers}
        await self._to(message)

    def _readable(self) -> Headers:
        return [(b"access-control-allow-origin", self._page), (b"vary", b"origin")]

    async def preflight(self) -> None:
        """Answers a browser's preflight request."""
        allowed = [
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", b"authorization, *"),
            (b"access-control-max-age", b"600"),
            (b"content-length", b"0"),
        ]
        await self._send({"type": "http.response.start", "status": 204, "headers": allowed})
        await self._send({"type": "http.response.body", "body": b""})

    async def refuse(self, refusal: _Refusal) -> None:
        """Says why there is no other answer."""
        if self._metrics is not None:
            self._metrics.refused(refusal.status)
        fields = {"error": refusal.error, "error_description": refusal.description}
        await self.tell(refusal.status, fields, refusal.headers)

    async def tell(self, status: int, document: Any, more: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Answers with this document."""
        await self.say(status, json.dumps(document).encode(), b"application/json", more)

    async def say(self, status: int, body: bytes, kind: bytes, more: tuple[tuple[bytes, bytes], ...] = ()) -> None:
        """Answers with this text."""
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more]
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})


async def full(scope: Message, receive: Receive, send: Send) -> None:
    """The application of a process that has as many connections as it may."""
    description = f"the limit of {option('connections')} connections is reached: try again in a moment"
    more = ((b"retry-after", _AGAIN), (b"connection", b"close"))
    await _Answer(send, "").refuse(_Refusal(503, "busy", description, more))


def _too_large(status: int, what: str, bound: int) -> _Refusal:
    verb = "is" if what == "body" else "are"
    return _Refusal(status, "too_large", f"the request's {what} {verb} larger than {bound} bytes: {option(what)}")


def _url(headers: Headers) -> str:
    """The URL of the request by its `Host`; behind a proxy it differs, and an option sets it."""
    return f"http://{_only(headers, b'host').lower()}{PATH}"


def _only(headers: Headers, name: bytes) -> str:
    """The value of a header that is there once; empty for any other."""
    values = [value for key, value in headers if key == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""


def _again(body: bytes, receive: Receive) -> Receive:
    """What gives the body that was read, then what comes after it."""
    read = deque([{"type": "http.request", "body": body, "more_body": False}])

    async def give() -> Message:
        return read.popleft() if read else await receive()

    return give
