"""Authorization over HTTP as the protocol's specification has it, against an authorization server that authlib makes.

Who asks is told by tokens of that server; hostile tokens are written by joserfc. What the API was sent is asked of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from authorization_server import CONFIDENTIAL, SECRET, World, serving
from cli_harness import run
from joserfc import jwk, jwt
from mcp.client.auth import TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_harness import API, SECONDS, environment, held, listening
from recorder import Recorder, recorder

AUDIENCE = "https://mcp.example/mcp"
CONFIGURED = "r8_token_of_the_operator"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with serving() as found:
        found.audience = AUDIENCE
        yield found


@pytest.fixture(scope="module")
def api() -> Iterator[Recorder]:
    with recorder() as found:
        found.content = b'{"type": "user", "username": "operator"}'
        yield found


@pytest.fixture(scope="module")
def url(world: World, api: Recorder) -> Iterator[str]:
    env = {API.base_url_env: api.base_url, API.token_env: CONFIGURED}
    flags = ("--auth=issuer", f"--auth-issuer={world.origin}", f"--auth-audience={AUDIENCE}", "--auth-scope=tools")
    with listening(env, *flags) as found:
        yield found


def claims(world: World, **more: Any) -> dict[str, Any]:
    now = int(time.time())
    made = {"iss": world.origin, "aud": AUDIENCE, "sub": "ann", "iat": now, "exp": now + 600, "scope": "tools", **more}
    return {name: value for name, value in made.items() if value is not None}


def signed(world: World, key: Any = None, header: dict[str, Any] | None = None, **more: Any) -> str:
    head = {"alg": "RS256", "kid": "first", **(header or {})}
    return str(jwt.encode(head, claims(world, **more), key or world.signing(), algorithms=[head["alg"]]))


def asked(url: str, token: str = "", tool: str = "replicate_get_account", **headers: str) -> httpx2.Response:
    params = {
        "name": tool,
        "arguments": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "1"},
            "io.modelcontextprotocol/clientCapabilities": {},
        },
    }
    given = {
        "accept": "application/json, text/event-stream",
        "mcp-protocol-version": "2026-07-28",
        "mcp-method": "tools/call",
        "mcp-name": tool,
        **({"authorization": f"Bearer {token}"} if token else {}),
        **headers,
    }
    call = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return httpx2.post(url, json=call, headers=given, timeout=SECONDS)


def test_without_a_token_the_challenge_leads_to_the_issuer(url: str, world: World) -> None:
    """RFC 9728, section 5.1: 401 with resource_metadata; section 3.2: the document; 3.3: its resource is our URL."""
    refused = asked(url)
    assert refused.status_code == 401
    challenge = refused.headers["www-authenticate"]
    assert (
        challenge.startswith("Bearer ") and "error=" not in challenge
    )  # RFC 6750, 3.1: nothing was wrong with a token
    place = challenge.partition('resource_metadata="')[2].partition('"')[0]
    parts = urlsplit(url)
    assert place == f"{parts.scheme}://{parts.netloc}/.well-known/oauth-protected-resource{parts.path}"
    for where in (place, place.removesuffix(parts.path)):
        told = httpx2.get(where, timeout=SECONDS)
        assert told.status_code == 200 and told.headers["content-type"] == "application/json"
        document = told.json()
        assert document["resource"] == url and document["authorization_servers"] == [world.origin]
        assert document["bearer_methods_supported"] == ["header"] and document["scopes_supported"] == ["tools"]


class _Kept(TokenStorage):
    def __init__(self) -> None:
        self.tokens: Any = None
        self.client: Any = None

    async def get_tokens(self) -> Any:
        return self.tokens

    async def set_tokens(self, tokens: Any) -> None:
        self.tokens = tokens

    async def get_client_info(self) -> Any:
        return self.client

    async def set_client_info(self, client_info: Any) -> None:
        self.client = client_info


@pytest.mark.parametrize("era", ["2026-07-28", "legacy"])
def test_the_sdk_s_client_finds_its_own_way_in(url: str, world: World, api: Recorder, era: str) -> None:
    """From the 401 over both metadata documents to a token and the call; the API sees the operator's credential alone."""
    kept = _Kept()
    provider = ClientCredentialsOAuthProvider(
        url, kept, client_id=CONFIDENTIAL, client_secret=SECRET, scope="tools", issuer=world.origin
    )

    @asynccontextmanager
    async def client() -> AsyncIterator[Client]:
        async with (
            httpx2.AsyncClient(auth=provider, timeout=SECONDS) as http,
            Client(streamable_http_client(url, http_client=http), mode=era) as found,
        ):
            yield found

    api.seen.clear()
    with held(client()) as host:
        answer = host.call_tool("replicate_get_account", {})
    assert answer.structured_content["username"] == "operator"
    assert api.one().headers["authorization"] == f"Bearer {CONFIGURED}"
    assert kept.tokens.access_token.count(".") == 2


def base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def by_hand(world: World, algorithm: str, secret: bytes = b"") -> str:
    """RFC 7515, section 3.1, for what no library signs."""
    parts = ({"alg": algorithm, "kid": "first"}, claims(world))
    signed = ".".join(base64url(json.dumps(part).encode()) for part in parts)
    seal = hmac.new(secret, signed.encode(), hashlib.sha256).digest() if secret else b""
    return f"{signed}.{base64url(seal)}"


HOSTILE: dict[str, Any] = {
    "another audience": lambda world: signed(world, aud="https://other.example"),
    "no audience": lambda world: signed(world, aud=None),
    "another issuer": lambda world: signed(world, iss="https://evil.example"),
    "over": lambda world: signed(world, exp=int(time.time()) - 3_600),
    "never over": lambda world: signed(world, exp=None),
    "not yet": lambda world: signed(world, nbf=int(time.time()) + 3_600),
    "nobody's": lambda world: signed(world, sub=None),
    "another's key": lambda world: signed(world, jwk.RSAKey.generate_key(2048)),
    "an unknown key": lambda world: signed(world, header={"kid": "zebra"}),
    "no signature": lambda world: by_hand(world, "none"),
    # CVE-2015-9235: the public key, which everybody has, taken for a secret that signs.
    "the public key as a secret": lambda world: by_hand(world, "HS256", world.signing().as_pem(private=False)),
    "changed": lambda world: signed(world)[:-8] + "AAAAAAAA",
    "no token": lambda _: "zebra",
    "empty parts": lambda _: "..",
    "a long one": lambda _: "a" * 30_000,
    "the operator's": lambda _: CONFIGURED,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_is_no_token_for_this_server_lets_nobody_in(url: str, world: World, api: Recorder, kind: str) -> None:
    api.seen.clear()
    refused = asked(url, HOSTILE[kind](world))
    assert refused.status_code == 401, refused.text
    assert 'error="invalid_token"' in refused.headers["www-authenticate"]
    assert "resource_metadata=" in refused.headers["www-authenticate"]
    assert not api.seen
    assert asked(url, signed(world)).status_code == 200


def test_a_token_without_the_scope_is_told_which(url: str, world: World) -> None:
    """RFC 6750, section 3.1: insufficient_scope is 403, with the scope that is needed."""
    refused = asked(url, signed(world, scope="profile"))
    assert refused.status_code == 403
    challenge = refused.headers["www-authenticate"]
    assert 'error="insufficient_scope"' in challenge and 'scope="tools"' in challenge


def test_a_page_and_another_host_are_refused_all_the_same(url: str, world: World) -> None:
    assert asked(url, signed(world), origin="https://evil.example").status_code == 403
    assert asked(url, signed(world), host="evil.example").status_code == 421
    place = url.replace("/mcp", "/.well-known/oauth-protected-resource")
    assert httpx2.get(place, headers={"host": "evil.example"}, timeout=SECONDS).status_code == 421


def test_it_lives_and_is_ready(url: str) -> None:
    for path in ("/healthz", "/readyz"):
        assert httpx2.get(url.replace("/mcp", path), timeout=SECONDS).json() == {"status": "ok"}


def test_keys_change_and_a_flood_of_unknown_ones_does_not_reach_the_issuer(world: World, api: Recorder) -> None:
    env = {API.base_url_env: api.base_url, API.token_env: CONFIGURED}
    flags = ("--auth=issuer", f"--auth-issuer={world.origin}", f"--auth-audience={AUDIENCE}")
    with listening(env, *flags) as url:
        world.unreadable = True
        try:
            later = asked(url, signed(world))
            assert later.status_code == 503 and later.headers["retry-after"]
            assert httpx2.get(url.replace("/mcp", "/readyz"), timeout=SECONDS).status_code == 503
        finally:
            world.unreadable = False
        before = world.keys_read
        for number in range(20):
            asked(url, signed(world, header={"kid": f"k{number}"}))
        assert world.keys_read - before <= 2


@pytest.fixture
def config(tmp_path: Path, api: Recorder) -> Path:
    path = tmp_path / "config.json"
    tokens = {"one": "r8_of_account_one", "two": "r8_of_account_two"}
    accounts = {name: {"token": token, "base_url": api.base_url} for name, token in tokens.items()}
    path.write_text(json.dumps({"account": "one", "accounts": accounts}))
    path.chmod(0o600)
    return path


def test_each_subject_calls_with_the_account_that_was_said(world: World, api: Recorder, config: Path) -> None:
    env = {API.base_url_env: api.base_url, "REPLIKIT_CONFIG": str(config)}
    subjects = ("--auth-account=ann=one", "--auth-account=bob=two")
    flags = ("--auth=issuer", f"--auth-issuer={world.origin}", f"--auth-audience={AUDIENCE}", *subjects)
    with listening(env, *flags) as url:
        api.seen.clear()
        for subject in ("ann", "bob", "ann"):
            answer = asked(url, signed(world, sub=subject))
            assert answer.status_code == 200 and "operator" in answer.text, answer.text
        sent = [seen.headers["authorization"] for seen in api.seen]
        assert sent == [f"Bearer r8_of_account_{name}" for name in ("one", "two", "one")]
        assert asked(url, signed(world, sub="eve")).status_code == 403
        assert len(api.seen) == 3


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--auth=issuer",), b"--auth-issuer"),
        (("--auth-issuer=https://as.example", "--auth-audience=a"), b"--auth issuer"),
        (("--auth=issuer", "--auth-issuer=http://as.example", "--auth-audience=a"), b"is neither an https URL"),
        (("--auth=issuer", "--auth-issuer=file:///etc/passwd", "--auth-audience=a"), b"is neither an https URL"),
        (("--auth=issuer", "--auth-issuer=https://u:p@as.example", "--auth-audience=a"), b"is neither an https URL"),
        (("--auth=issuer", "--auth-issuer=https://a.b", "--auth-audience=a", "--auth-account=x"), b"SUBJECT=ACCOUNT"),
    ],
)
def test_a_server_that_would_believe_anybody_does_not_start(flags: tuple[str, ...], told: bytes) -> None:
    done = run("mcp", "serve", "--http", "127.0.0.1:0", *flags, env=environment({API.token_env: "t"}))
    assert done.returncode == 2 and told in done.stderr, done.stderr
