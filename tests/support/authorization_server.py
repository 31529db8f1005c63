"""An API and its authorization server on the loopback interface, made by a library that knows nothing of ours.

The grants, PKCE and the device flow are authlib's: what it refuses was wrong by RFC 6749, 7636 or 8628.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib import oauth2
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    ClientMixin,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import (
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialDict,
)
from authlib.oauth2.rfc9068 import JWTBearerTokenGenerator
from joserfc import jwk

PUBLIC, CONFIDENTIAL, SECRET = "public-app", "service", "s3cret/of+service%"


NO_KEYS: list[Any] = [
    7,
    {"kty": ["RSA"]},
    {"kty": "RSA", "n": 5, "e": "AQAB"},
    {"kty": "EC", "crv": "P-256", "x": "!", "y": "A"},
    {"kty": "RSA", "alg": ["RS256"], "n": "AQAB", "e": "AQAB"},
]
"""What stands among the keys of the issuer and is none: whoever reads them has to pass over it."""


@dataclass
class Client(ClientMixin):  # type: ignore[misc]
    """A registered application."""

    id: str
    secret: str = ""

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> str:
        return "http://127.0.0.1/callback"

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """RFC 8252, 7.3: of the loopback interface, any port is as good as another."""
        parts = urlsplit(redirect_uri)
        return (parts.scheme, parts.hostname, parts.path) == ("http", "127.0.0.1", "/callback")

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        return method == ("client_secret_basic" if self.secret else "none")

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return bool(self.secret) or grant_type != "client_credentials"


@dataclass
class Issued(TokenMixin):  # type: ignore[misc]
    """A token that was given out."""

    data: dict[str, Any]
    client: Client
    user: str
    revoked: bool = False

    def check_client(self, client: Client) -> bool:
        return client.id == self.client.id

    def get_scope(self) -> str:
        return str(self.data.get("scope", ""))

    def get_expires_in(self) -> int:
        return int(self.data.get("expires_in", 0))

    def is_expired(self) -> bool:
        return False

    def is_revoked(self) -> bool:
        return self.revoked

    def get_user(self) -> str:
        return self.user

    def get_client(self) -> Client:
        return self.client


@dataclass
class Code:
    """An authorization code and what was asked for with it."""

    client_id: str
    redirect_uri: str
    scope: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return ""


@dataclass
class World:
    """What there is, and what was asked."""

    origin: str = ""
    lasts: int = 3600
    approved: bool | None = None
    """What the person with the other device does; None: nothing yet."""
    polls_until_approved: int = 0
    tokens: list[Issued] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    devices: dict[str, Any] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)
    """The forms that came to the token endpoint."""
    authorized: list[dict[str, str]] = field(default_factory=list)
    """The queries that came to the authorization endpoint."""
    called: list[str] = field(default_factory=list)
    """The `Authorization` of each call of the API."""
    interval: int = 1
    issuer: str = ""
    """What the discovery document says in place of the origin."""
    failing: bool = False
    """The token endpoint is out of order."""
    rejecting: bool = False
    """The API takes no token at all."""
    audience: str = ""
    """What access tokens are for that tell so themselves (RFC 9068); empty for opaque ones."""
    key: Any = None
    """What they are signed with; made when first needed."""
    published: list[dict[str, Any]] | None = None
    """The keys that the issuer shows in place of that one."""
    unreadable: bool = False
    """The keys cannot be read."""
    keys_read: int = 0

    def keys(self) -> list[dict[str, Any]]:
        """The public keys of the issuer."""
        return [self.signing().as_dict(private=False)] if self.published is None else self.published

    def signing(self) -> Any:
        """The private key of the issuer."""
        if self.key is None:
            self.key = jwk.RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        return self.key

    def valid(self, access: str) -> bool:
        return not self.rejecting and any(
            each.data["access_token"] == access and not each.revoked for each in self.tokens
        )

    def revoke(self) -> None:
        """No access token that was given out is taken any longer; refresh tokens are."""
        for each in self.tokens:
            each.data["access_token"] = f"revoked {each.data['access_token']}"


CLIENTS = {PUBLIC: Client(PUBLIC), CONFIDENTIAL: Client(CONFIDENTIAL, SECRET)}


class _Request(OAuth2Request):  # type: ignore[misc]
    def __init__(self, method: str, uri: str, data: dict[str, str], headers: Any) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = BasicOAuth2Payload(data)
        self._posted = data

    @property
    def args(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.uri).query))

    @property
    def form(self) -> dict[str, str]:
        return self._posted if self.method == "POST" else {}


class _Server(AuthorizationServer):  # type: ignore[misc]
    world: World

    def query_client(self, client_id: str) -> Client | None:
        return CLIENTS.get(client_id)

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        self.world.tokens.append(Issued(dict(token), request.client, request.user or ""))

    def create_oauth2_request(self, request: Any) -> Any:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return status, body, headers

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


def _made(world: World) -> _Server:
    server = _Server()
    server.world = world
    count = iter(range(1_000_000))

    def access(**_: Any) -> str:
        return f"access-{next(count)}"

    def refresh(**_: Any) -> str:
        return f"refresh-{next(count)}"

    opaque = BearerTokenGenerator(access, refresh, lambda *_: world.lasts)

    class Readable(JWTBearerTokenGenerator):  # type: ignore[misc]
        def get_jwks(self) -> Any:
            return world.signing()

        def get_audiences(self, client: Any, user: Any, scope: Any) -> str:
            return world.audience

    def token(**claims: Any) -> Any:
        lasts = {"expires_generator": lambda *_: world.lasts}
        return (Readable(world.origin, **lasts) if world.audience else opaque)(**claims)

    server.register_token_generator("default", token)

    class AuthorizationCode(grants.AuthorizationCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "none")
        INCLUDE_REFRESH_TOKEN = True

        def save_authorization_code(self, code: str, request: Any) -> None:
            data = request.payload.data
            world.codes[code] = Code(
                request.client.id,
                data["redirect_uri"],
                data.get("scope", ""),
                data.get("code_challenge", ""),
                data.get("code_challenge_method", ""),
            )

        def query_authorization_code(self, code: str, client: Client) -> Code | None:
            code_record = world.codes.get(code)
            return code_record if code_record is not None and code_record.client_id == client.id else None

        def delete_authorization_code(self, authorization_code: Code) -> None:
            world.codes = {code: each for code, each in world.codes.items() if each is not authorization_code}

        def authenticate_user(self, authorization_code: Code) -> str:
            return "alice"

    class Refresh(grants.RefreshTokenGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "none")
        INCLUDE_NEW_REFRESH_TOKEN = True

        def authenticate_refresh_token(self, refresh_token: str) -> Issued | None:
            matching = (each for each in world.tokens if each.data.get("refresh_token") == refresh_token)
            return next((each for each in matching if not each.revoked), None)

        def authenticate_user(self, refresh_token: Issued) -> str:
            return refresh_token.user

        def revoke_old_credential(self, refresh_token: Issued) -> None:
            refresh_token.revoked = True

    class ClientCredentials(grants.ClientCredentialsGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic",)

    class Device(DeviceCodeGrant):  # type: ignore[misc]
        TOKEN_ENDPOINT_AUTH_METHODS = ("none", "client_secret_basic")

        def query_device_credential(self, device_code: str) -> Any:
            return world.devices.get(device_code)

        def query_user_grant(self, user_code: str) -> tuple[str, bool] | None:
            if world.polls_until_approved > 0:
                world.polls_until_approved -= 1
                return None
            return None if world.approved is None else ("alice", world.approved)

        def should_slow_down(self, credential: Any) -> bool:
            return False

    class DeviceEndpoint(DeviceAuthorizationEndpoint):  # type: ignore[misc]
        INTERVAL = world.interval

        def get_verification_uri(self) -> str:
            return f"{world.origin}/device"

        def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
            more = {"client_id": client_id, "scope": scope or "", "expires_at": time.time() + data["expires_in"]}
            world.devices[data["device_code"]] = DeviceCredentialDict({**data, **more})

    server.register_grant(AuthorizationCode, [CodeChallenge(required=True)])
    server.register_grant(Refresh)
    server.register_grant(ClientCredentials)
    server.register_grant(Device)
    server.register_endpoint(DeviceEndpoint)
    return server


@contextmanager
def serving() -> Iterator[World]:
    """The API at `/v1`, which takes the tokens of its authorization server at `/oauth`."""
    world = World()
    authority = _made(world)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            url = urlsplit(self.path)
            data = dict(parse_qsl(url.query))
            if url.path == "/oauth/authorize":
                world.authorized.append(data)
                # To authlib, the request came over TLS: what it is told is where it stands.
                request = _Request("GET", f"https://as.test{self.path}", data, self.headers)
                try:
                    grant = authority.get_consent_grant(request, "alice")
                except oauth2.OAuth2Error as error:
                    self.say(400, dict(error.get_body()))
                    return
                status, body, headers = authority.create_authorization_response(request, "alice", grant=grant)
                self.say(status, body, headers)
            elif url.path == "/.well-known/openid-configuration":
                ends = {
                    "authorization_endpoint": f"{world.origin}/oauth/authorize",
                    "device_authorization_endpoint": f"{world.origin}/oauth/device",
                    "token_endpoint": f"{world.origin}/oauth/token",
                    "jwks_uri": f"{world.origin}/oauth/keys",
                    "response_types_supported": ["code"],
                }
                self.say(200, {"issuer": world.issuer or world.origin, **ends})
            elif url.path == "/oauth/keys":
                world.keys_read += 1
                self.say(503 if world.unreadable else 200, {"keys": [*NO_KEYS, *world.keys()]})
            elif url.path.startswith("/v1/"):
                header = self.headers.get("authorization", "")
                world.called.append(header)
                good = world.valid(header.removeprefix("Bearer "))
                self.say(200 if good else 401, {"ok": good})
            else:
                self.say(404, {})

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            data = dict(parse_qsl(content, keep_blank_values=True))
            request = _Request("POST", f"https://as.test{self.path}", data, self.headers)
            if self.path == "/oauth/token" and world.failing:
                self.say(503, {"error": "temporarily_unavailable"})
            elif self.path == "/oauth/token":
                world.asked.append({**data, "authorization": self.headers.get("authorization", "")})
                self.say(*authority.create_token_response(request))
            elif self.path == "/oauth/device":
                self.say(*authority.create_endpoint_response("device_authorization", request))
            else:
                self.say(404, {})

        def say(self, status: int, body: Any, headers: Any = ()) -> None:
            content = json.dumps(body).encode() if isinstance(body, dict) else str(body or "").encode()
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            if not any(name.lower() == "content-type" for name, _ in headers):
                self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        world.origin = f"http://127.0.0.1:{http.server_address[1]}"
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield world
        finally:
            http.shutdown()
            thread.join()
