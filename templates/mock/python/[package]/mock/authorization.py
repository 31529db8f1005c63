"""The authorization server of the API, for its OAuth 2 flows: at the paths of their endpoints, on the mock's own host.

An OpenID provider is one as well, and tells its endpoints itself.

Whoever comes with a browser has agreed. A client secret, and the password of a user, is the token of the mock.

RFC 6749 (grants, 5.1 and 5.2 answers), RFC 7636 (PKCE, S256), RFC 8252 (7.3 loopback redirection), RFC 8628 (devices).
"""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

from . import discovery, grants, idtokens
from .grants import Grant, Grants
from .oauthforms import OAuthError, basic, fields, loopback, read_scope
from .outputs import ASIDE
from .requests import Request

Login = Mapping[str, Any]
"""A flow of a security scheme, with the paths of its endpoints."""
PAGE = "device"
"""Where a person types the code of a device."""
_FORM = "application/x-www-form-urlencoded"
_DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
_KINDS = {
    "client_credentials": "clientCredentials",
    "password": "password",
    "authorization_code": "authorizationCode",
    _DEVICE: "deviceAuthorization",
}
"""The flow of a grant type."""
_REFRESHED = ("password", "authorizationCode", "deviceAuthorization")
_ROLES = ("ask", "device", "token")
"""What an endpoint may be."""
_LONGEST_CLIENT = 256
_VERIFIER = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_UNSTORED = (("Cache-Control", "no-store"), ("Pragma", "no-cache"))


@dataclass(frozen=True)
class Reply:
    """What is answered."""

    status: int
    content: bytes = b""
    media_type: str = ""
    headers: tuple[tuple[str, str], ...] = ()


class Authorization:
    """The endpoints, and the codes and tokens issued there."""

    def __init__(self, logins: Sequence[Login], token: str, given: Grants) -> None:
        """token: what each secret must be; empty where any is taken."""
        self._logins = logins
        self._token = token
        self._grants = given

    def serves(self, path: str) -> bool:
        """Whether there is an endpoint at this path."""
        return any(path in each[role] for each in self._logins for role in _ROLES) or bool(self._described(path))

    def _described(self, path: str) -> list[Login]:
        """The flows of the OpenID providers that are described at a path, or have their keys there."""
        return [each for each in self._logins if path in each["discovery"] or path == each.get("keys")]

    def answer(self, request: Request, here: str, described: bool) -> Reply | None:
        """What an endpoint answers; None where the request is to none.

        here: the base URL, as the caller knows it. described: an operation of the API stands at the same path, and
          answers what does not look like OAuth.
        """
        if not self._logins:
            return None
        scheme, _, rest = here.partition("://")
        origin = f"{scheme}://{rest.partition('/')[0]}"
        if (provider := self._described(request.path)) and request.method in ("GET", "HEAD"):
            keys = request.path not in provider[0]["discovery"]
            return _json({"keys": idtokens.keys()} if keys else discovery.document(provider, origin))
        at = {role: [each for each in self._logins if request.path in each[role]] for role in _ROLES}
        try:
            if at["ask"] and request.method == "GET" and not (described and "response_type" not in request.query):
                return self._authorize(request, at["ask"])
            if request.method != "POST" or not (at["device"] or at["token"]):
                return None
            if _media(request) != _FORM and described:
                return None
            if _media(request) != _FORM:
                raise OAuthError("invalid_request", f"the Content-Type must be {_FORM}")
            form = fields(request.body.decode("ascii", "replace"))
            if at["device"]:
                return self._device(request, form, at["device"], here)
            return self._tokens(request, form, at["token"], origin)
        except OAuthError as error:
            body = {"error": error.code, "error_description": error.why}
            return _json(body, error.status, error.headers)

    def page(self, request: Request) -> Reply:
        """The page where a person types the code of a device, and what becomes of it."""
        message, status = "Enter the code that your device shows.", 200
        try:
            form = fields(request.body.decode("ascii", "replace") if request.method == "POST" else request.query)
        except OAuthError:
            form = {}
        if request.method == "POST":
            with self._grants.lock:
                device = self._grants.waiting(form.get("user_code", ""))
                if device is None:
                    message, status = "No device is waiting for that code.", 400
                else:
                    device.approved = form.get("answer") != "deny"
                    message = "The device is logged in." if device.approved else "The device was refused."
        shown = escape(form.get("user_code", ""), quote=True)
        content = (
            f'<!doctype html><title>Log in</title><p>{message}</p><form method="post"><input name="user_code" value="{shown}">'
            '<button name="answer" value="allow">Allow</button><button name="answer" value="deny">Deny</button></form>'
        )
        safe = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
        return Reply(status, content.encode(), "text/html; charset=utf-8", (safe, *_UNSTORED))

    # RFC 6749, 4.1.1 and 4.1.2

    def _authorize(self, request: Request, logins: Sequence[Login]) -> Reply:
        grant = fields(request.query)
        client, back = grant.get("client_id", ""), grant.get("redirect_uri", "")
        # 4.1.2.1: where either is wrong, nobody is sent anywhere.
        if not 0 < len(client) <= _LONGEST_CLIENT:
            raise OAuthError("invalid_request", "client_id is missing, or too long")
        if not loopback(back):
            raise OAuthError(
                "invalid_request", "redirect_uri must be http to the loopback interface, without a fragment"
            )
        state = {"state": grant["state"]} if "state" in grant else {}
        try:
            answer = {"code": self._code(grant, logins, client, back)}
        except OAuthError as error:
            answer = {"error": error.code, "error_description": error.why}
        location = f"{back}{'&' if urlsplit(back).query else '?'}{urlencode({**answer, **state})}"
        return Reply(302, headers=(("Location", location), *_UNSTORED))

    def _code(self, query: Mapping[str, str], logins: Sequence[Login], client: str, back: str) -> str:
        offered = [each for each in logins if each["kind"] == "authorizationCode"]
        if query.get("response_type") != "code" or not offered:
            what = "unsupported_response_type" if query.get("response_type") else "invalid_request"
            raise OAuthError(what, "response_type must be code, of a scheme with the authorizationCode flow")
        challenge, method = query.get("code_challenge", ""), query.get("code_challenge_method", "plain")
        # RFC 7636, 4.4.1: a method that is not supported is told; S256 gives 43 characters of base64url.
        if challenge and (method != "S256" or len(challenge) != 43 or not _VERIFIER.issuperset(challenge)):
            raise OAuthError("invalid_request", "the code_challenge must use the method S256")
        grant = _grant(offered, client, query.get("scope", ""))
        grant.nonce = query.get("nonce", "")
        return self._grants.code(grant, back, challenge)

    # RFC 8628, 3.1 and 3.2

    def _device(self, request: Request, form: Mapping[str, str], logins: Sequence[Login], here: str) -> Reply:
        client, _ = self._client(request, form)
        code, device = self._grants.device(_grant(logins, client, form.get("scope", "")))
        page = f"{here}{ASIDE}{PAGE}"
        return _json(
            {
                "device_code": code,
                "user_code": device.typed,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?{urlencode({'user_code': device.typed})}",
                "expires_in": int(grants.DEVICE_SECONDS),
                "interval": int(grants.INTERVAL),
            }
        )

    # The token endpoint

    def _tokens(self, request: Request, form: Mapping[str, str], logins: Sequence[Login], origin: str) -> Reply:
        kind = form.get("grant_type", "")
        if not kind:
            raise OAuthError("invalid_request", "grant_type is missing")
        wanted = _REFRESHED if kind == "refresh_token" else (_KINDS.get(kind, ""),)
        offered = [each for each in logins if each["kind"] in wanted]
        if not offered:
            raise OAuthError("unsupported_grant_type", f"no flow of the API has the grant type here: {kind[:80]!r}")
        client, confidential = self._client(request, form)
        with self._grants.lock:
            if kind == "refresh_token":
                return self._refreshed(form, client)
            if kind == "authorization_code":
                grant = self._exchanged(form, client, confidential)
            elif kind == _DEVICE:
                grant = self._waited(form, client)
            else:
                if kind == "client_credentials" and not confidential:  # 4.4: of confidential clients alone
                    raise OAuthError("invalid_client", "client credentials need a client_secret", 401)
                if kind == "password" and not (form.get("username") and self._known(form.get("password", ""))):
                    raise OAuthError("invalid_grant", "the password is the token of the mock")
                grant = _grant(offered, client, form.get("scope", ""))
            person = kind != "client_credentials"
            issuers = [origin + each["issuer"] for each in offered if "issuer" in each]
            return self._issued(grant, grant.scopes, person, issuers[0] if issuers and person else "")

    def _issued(self, grant: Grant, scopes: tuple[str, ...], again: bool, issuer: str = "") -> Reply:
        """again: with a refresh token. issuer: of the OpenID provider that gives an ID token, where one does."""
        access = self._grants.access(grant, scopes)
        named = idtokens.signed(issuer, grant.client, grant.nonce, access) if issuer and "openid" in scopes else ""
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": int(grants.TOKEN_SECONDS),
            **({"scope": " ".join(scopes)} if scopes else {}),
            **({"refresh_token": self._grants.refresh(grant)} if again else {}),
            **({"id_token": named} if named else {}),
        }
        return _json(answer)

    def _refreshed(self, form: Mapping[str, str], client: str) -> Reply:
        if not form.get("refresh_token"):
            raise OAuthError("invalid_request", "refresh_token is missing")
        grant = self._grants.refreshed(form["refresh_token"], client)
        if grant is None:
            raise OAuthError("invalid_grant", "the refresh token is unknown, another client's, or was used")
        scopes = read_scope(form.get("scope", "")) or grant.scopes
        if not set(scopes) <= set(grant.scopes):
            grant.used = False  # nothing came of it
            raise OAuthError("invalid_scope", "the request exceeds the granted scope")
        return self._issued(grant.grant, scopes, again=True)

    def _exchanged(self, form: Mapping[str, str], client: str, confidential: bool) -> Grant:
        code = self._grants.codes.get(form.get("code", ""))
        grant = self._grants.spent(code, client)
        if code is None or grant is None or form.get("redirect_uri", "") != code.redirect:
            raise OAuthError(
                "invalid_grant", "the code is unknown, expired, used, or of another client or redirect_uri"
            )
        verifier = form.get("code_verifier", "")
        if not code.challenge and (verifier or not confidential):
            raise OAuthError("invalid_grant", "the code was asked for without a code_challenge")
        if code.challenge:
            # RFC 7636, 4.6. A verifier of another alphabet or length (4.1) can only be wrong.
            made = base64.urlsafe_b64encode(sha256(verifier.encode("utf-8", "replace")).digest()).decode().rstrip("=")
            fine = 43 <= len(verifier) <= 128 and _VERIFIER.issuperset(verifier)
            if not (fine and hmac.compare_digest(made, code.challenge)):
                raise OAuthError("invalid_grant", "the code_verifier does not match the code_challenge")
        return code.grant

    def _waited(self, form: Mapping[str, str], client: str) -> Grant:
        """RFC 8628, 3.5."""
        device = self._grants.devices.get(form.get("device_code", ""))
        if device is None or device.used or device.grant.client != client:
            raise OAuthError("invalid_grant", "the device_code is unknown, used, or another client's")
        now = self._grants.now()
        if now >= device.until:
            raise OAuthError("expired_token", "the code was not entered in time")
        early = now - device.asked < device.interval
        device.asked = now
        if device.approved is None:
            if early:
                device.interval += 5.0
                raise OAuthError("slow_down", f"ask every {device.interval:g} seconds")
            raise OAuthError("authorization_pending", "the code has not been entered yet")
        device.used = True
        if not device.approved:
            raise OAuthError("access_denied", "the user declined")
        return device.grant

    def _client(self, request: Request, form: Mapping[str, str]) -> tuple[str, bool]:
        """Which client asks, and whether it has shown its secret (2.3.1, 3.2.1)."""
        header = request.headers.get("Authorization", "")
        challenge = (("WWW-Authenticate", 'Basic realm="mock"'),) if header else ()
        if header and "client_secret" in form:
            raise OAuthError("invalid_request", "a client must use one authentication method")
        client, secret = basic(header) if header else (form.get("client_id", ""), form.get("client_secret"))
        if not 0 < len(client) <= _LONGEST_CLIENT or form.get("client_id", client) != client:
            raise OAuthError(
                "invalid_client", "client_id is missing, too long, or not that of the header", 401, challenge
            )
        if secret is not None and not self._known(secret):
            raise OAuthError("invalid_client", "the client_secret is the token of the mock", 401, challenge)
        return client, secret is not None

    def _known(self, secret: str) -> bool:
        return not self._token or hmac.compare_digest(secret.encode("utf-8", "replace"), self._token.encode())


def _grant(logins: Sequence[Login], client: str, scope: str) -> Grant:
    """The granted scopes: the requested ones, else all (3.3)."""
    known = tuple(dict.fromkeys(scope for each in logins for scope in each["scopes"]))
    scopes = read_scope(scope) or known
    if known and not set(scopes) <= set(known):
        raise OAuthError("invalid_scope", f"the API has no scope {min(set(scopes) - set(known))[:80]!r}")
    return Grant(client, scopes, frozenset(str(each["scheme"]) for each in logins))


def _media(request: Request) -> str:
    return request.headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _json(value: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    return Reply(status, json.dumps(value).encode(), "application/json", (*_UNSTORED, *headers))
