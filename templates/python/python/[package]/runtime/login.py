"""A person logs in: in a browser, which leads back to the loopback interface, or with a code on another device.

RFC 8252 (native apps), RFC 7636 (PKCE, S256), RFC 6749 (4.1), RFC 8628 (device flow). Runs on a synchronous client.
"""

from __future__ import annotations

import hmac
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from .errors import AuthenticationError, ConfigError, ResponseError
from .oauth import Token, endpoint, moved, request_json
from .schemes import Flow, Scheme
from .secrets import Secret, hidden

PATIENCE = 300.0
"""Seconds that a person is waited for in the browser."""
_PATH = "/callback"
_DONE = b"You are logged in, and may close this window."
_FAILED = b"That did not work: the terminal says why."
_MOST = 64
"""Requests that are answered while one with the right state is waited for."""
_LONGEST_INTERVAL = 60.0

Client = Mapping[str, str]
"""`client_id` and perhaps `client_secret` of the registered application."""


def flow_of(scheme: Scheme, kind: str) -> Flow | None:
    """The flow of this kind that a scheme offers."""
    return next((flow for flow in scheme.flows if flow.kind == kind), None)


def browser(
    client: Any, scheme: Scheme, application: Client, scopes: str, show: Callable[[str], object], port: int = 0
) -> Token:
    """The token of the person who agrees in a browser (RFC 6749, 4.1, with RFC 7636 and RFC 8252, 7.3).

    client: a synchronous client, whose connections are used. show: told the URL that a person has to open.
    port: of the loopback interface, where the application was registered with one; 0 takes a free one.
    Raises AuthenticationError where it is refused or nobody came.
    """
    urls = _urls(client, scheme, "authorizationCode")
    verifier, state = Secret(secrets.token_urlsafe(64)), secrets.token_urlsafe(32)
    challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
    with _Listener(port, state) as listener:
        back = f"http://127.0.0.1:{listener.server_address[1]}{_PATH}"
        asks = {
            "response_type": "code",
            "client_id": application["client_id"],
            "redirect_uri": back,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"scope": scopes} if scopes else {}),
        }
        url = endpoint(urls["authorization_endpoint"], client.base_url)
        show(url + ("&" if urlsplit(url).query else "?") + urlencode(asks))
        answer = listener.wait()
    if "code" not in answer:
        reason = ": ".join(answer[key][:200] for key in ("error", "error_description") if answer.get(key))
        raise _refused(f"the login was refused: {hidden(reason) or 'without a reason'}", url)
    form = {
        "grant_type": "authorization_code",
        "code": Secret(answer["code"]),
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    target = endpoint(urls["token_endpoint"], client.base_url)
    return Token.of(client._run(request_json(client._builder, "POST", target, form, application)))


def device(
    client: Any,
    scheme: Scheme,
    application: Client,
    scopes: str,
    show: Callable[[str, str], object],
    sleep: Callable[[float], object] = time.sleep,
) -> Token:
    """The token of the person who types a code on another device (RFC 8628).

    show: told the address to open and the code to type there. Raises AuthenticationError where it is refused or late.
    """
    urls = _urls(client, scheme, "deviceAuthorization")
    where = endpoint(urls["device_authorization_endpoint"], client.base_url)
    form = {"client_id": application["client_id"], **({"scope": scopes} if scopes else {})}
    begun = client._run(request_json(client._builder, "POST", where, form, application))
    code, typed, page = (begun.get(key) for key in ("device_code", "user_code", "verification_uri"))
    if not all(isinstance(text, str) and text for text in (code, typed, page)):
        raise ResponseError("the device authorization endpoint answered without a code and an address")
    show(str(page), str(typed))
    # RFC 8628, 3.2 and 3.5: five seconds where nothing is said, and five more each time it is too fast.
    wait, ends = _seconds(begun.get("interval"), 5.0), _seconds(begun.get("expires_in"), PATIENCE)
    target = endpoint(urls["token_endpoint"], client.base_url)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": Secret(str(code))}
    waited = 0.0
    while waited < ends:
        sleep(min(wait, _LONGEST_INTERVAL))
        waited += wait
        pending = ("authorization_pending", "slow_down")
        data = client._run(request_json(client._builder, "POST", target, form, application, pending=pending))
        if "access_token" in data:
            return Token.of(data)
        wait += 5.0 * (data.get("error") == "slow_down")
    raise _refused("the code was not entered in time", target)


def _urls(client: Any, scheme: Scheme, kind: str) -> Mapping[str, str]:
    """The endpoints of a flow, by their names in a discovery document."""
    if scheme.openid_url:
        endpoints: Mapping[str, str] = client._run(client._builder.tokens.discovered(scheme, client._builder))
    else:
        flow = flow_of(scheme, kind) or Flow(kind)
        urls = (flow.authorization_url, flow.device_url, flow.token_url)
        names = ("authorization_endpoint", "device_authorization_endpoint", "token_endpoint")
        endpoints = {name: moved(url, client.base_url) for name, url in zip(names, urls, strict=True) if url}
    needed = "authorization_endpoint" if kind == "authorizationCode" else "device_authorization_endpoint"
    if needed not in endpoints or "token_endpoint" not in endpoints:
        raise ConfigError(f"{scheme.argument} offers no login of this kind: it has no {needed.replace('_', ' ')}")
    return endpoints


def _seconds(value: Any, usual: float) -> float:
    plain = isinstance(value, (int, float)) and not isinstance(value, bool)
    return min(float(value), 86_400.0) if plain and value > 0 else usual


def _refused(message: str, url: str) -> AuthenticationError:
    return AuthenticationError(message, status=401, detail=message, url=url.partition("?")[0])


class _Listener(HTTPServer):
    """Hears the browser come back, on the loopback interface alone."""

    def __init__(self, port: int, state: str) -> None:
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            from .listening import refused

            raise ConfigError(refused("127.0.0.1", port, error)) from None
        self.state = state
        self.answer: dict[str, str] = {}

    def wait(self) -> dict[str, str]:
        """What the authorization server sends back. AuthenticationError where nothing comes."""
        until = time.monotonic() + PATIENCE
        for _ in range(_MOST):
            self.timeout = until - time.monotonic()
            if self.timeout <= 0:
                break
            self.handle_request()
            if self.answer:
                return self.answer
        raise _refused("nobody came back from the browser in time", "")

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that hangs up is no news."""


class _Handler(BaseHTTPRequestHandler):
    timeout = 10.0

    def do_GET(self) -> None:
        """One request: the one with our state ends the waiting (RFC 6749, 10.12)."""
        url = urlsplit(self.path)
        pairs = parse_qsl(url.query, max_num_fields=32) if url.path == _PATH and len(url.query) < 16_384 else []
        answer = dict(pairs)
        listener = self.server
        assert isinstance(listener, _Listener)
        ours = hmac.compare_digest(answer.get("state", "").encode(), listener.state.encode())
        once = len(answer) == len(pairs)  # RFC 6749, 3.1: no parameter stands there twice
        if ours and once:
            listener.answer = answer
        content = _DONE if ours and once and "code" in answer else _FAILED
        self.send_response(200 if ours and once else 400)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: the address holds the code."""
