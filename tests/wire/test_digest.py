"""HTTP Digest, by RFC 7616: against a server that computes each answer itself, on the clients, the CLI, MCP and the mock.

The server's arithmetic is that of RFC 7616, 3.4.1 to 3.4.3, and is itself held to the example of its section 3.9.1.
"""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import anyio
import pytest
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

from generator import pipeline

USER, PASSWORD, REALM, NONCE = (
    "Mufasa",
    "Circle of Life",
    "http-auth@example.org",
    "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
)
HASHES = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}


def response(algorithm: str, method: str, uri: str, fields: dict[str, str], user: str, password: str) -> str:
    """RFC 7616, 3.4.1: KD(H(A1), nonce:nc:cnonce:qop:H(A2))."""

    def h(text: str) -> str:
        return HASHES[algorithm](text.encode()).hexdigest()

    parts = (h(f"{user}:{fields['realm']}:{password}"), fields["nonce"], fields["nc"], fields["cnonce"], fields["qop"])
    return h(":".join((*parts, h(f"{method}:{uri}"))))


def test_the_server_reckons_as_the_specification() -> None:
    """RFC 7616, 3.9.1."""
    fields = {"realm": REALM, "nonce": NONCE, "nc": "00000001", "qop": "auth"}
    fields["cnonce"] = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
    given = ("GET", "/dir/index.html", fields, USER, PASSWORD)
    assert response("MD5", *given) == "8ca523f5e9506fed4657c9700eebdbec"
    assert response("SHA-256", *given) == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"


class Challenging:
    """What a server was asked, and how it challenges."""

    def __init__(self) -> None:
        self.url = ""
        self.algorithm = "SHA-256"
        self.qop = "auth"
        self.asked: list[tuple[str, bytes, bool]] = []
        """The method, the body, and whether the request was let in."""


@pytest.fixture
def server() -> Iterator[Challenging]:
    seen = Challenging()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            scheme, _, rest = self.headers.get("Authorization", "").partition(" ")
            fields = {k: q or p for k, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', rest)}
            good = scheme == "Digest" and fields.get("username") == USER and fields.get("nonce") == NONCE
            good = good and fields["uri"] == self.path and fields["response"] == response(
                seen.algorithm, self.command, self.path, fields, USER, PASSWORD
            )  # fmt: skip
            seen.asked.append((self.command, body, good))
            answer = b'{"ok":true}' if good else b'{"title":"who are you?"}'
            self.send_response(200 if good else 401)
            if not good:
                told = f'realm="{REALM}", qop="{seen.qop}", algorithm={seen.algorithm}, nonce="{NONCE}"'
                self.send_header("WWW-Authenticate", f"Digest {told}")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST = handle_one

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        seen.url = f"http://127.0.0.1:{running.server_port}/v1"
        threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True).start()
        yield seen
        running.shutdown()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("digest")
    result = {"200": {"description": ".", "content": {"application/json": {"schema": {"type": "object"}}}}}
    body = {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": {"type": "string"}}}}}}
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Lions", "version": "1"},
        "servers": [{"url": "https://lions.invalid/v1"}],
        "security": [{"login": []}],
        "paths": {
            "/me": {
                "get": {"operationId": "getMe", "responses": result},
                "post": {"operationId": "updateMe", "requestBody": body, "responses": result},
            }
        },
        "components": {"securitySchemes": {"login": {"type": "http", "scheme": "Digest"}}},
    }
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    report = pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out")
    assert not [loss for loss in report.losses if loss.pointer.startswith("/components/securitySchemes")]
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", importlib.import_module("lions_kit")
    sys.path.remove(str(folder / "out/python"))


LOGINS: list[Any] = [(USER, PASSWORD), f"{USER}:{PASSWORD}"]


@pytest.mark.parametrize("algorithm", HASHES)
@pytest.mark.parametrize("login", LOGINS, ids=["pair", "text"])
def test_the_client_answers_a_challenge(made: Any, server: Challenging, algorithm: str, login: Any) -> None:
    server.algorithm = algorithm
    client = made[1].Lions(login=login, base_url=server.url, max_retries=0)
    operations = importlib.import_module("lions_kit.operations").OPERATIONS
    assert client.call(operations["lions_update_me"], {"a": "x"}) == {"ok": True}
    assert server.asked == [("POST", b'{"a":"x"}', False), ("POST", b'{"a":"x"}', True)]
    server.asked.clear()
    assert client.call(operations["lions_get_me"], {}) == {"ok": True}
    assert server.asked == [("GET", b"", True)], "RFC 7616, 3.6: a nonce that is known is answered at once"


def test_the_asynchronous_client_too(made: Any, server: Challenging) -> None:
    async def call() -> Any:
        operations = importlib.import_module("lions_kit.operations").OPERATIONS
        async with made[1].AsyncLions(login=LOGINS[0], base_url=server.url) as client:
            return await client.call(operations["lions_get_me"], {})

    assert asyncio.run(call()) == {"ok": True} and [good for *_, good in server.asked] == [False, True]


def test_a_wrong_password_is_refused_once(made: Any, server: Challenging) -> None:
    operations = importlib.import_module("lions_kit.operations").OPERATIONS
    errors = importlib.import_module("lions_kit.runtime.errors")
    client = made[1].Lions(login=(USER, "a wrong password"), base_url=server.url, max_retries=0)
    with pytest.raises(errors.AuthenticationError) as refused:
        client.call(operations["lions_get_me"], {})
    assert len(server.asked) == 2 and "a wrong password" not in f"{refused.value}{client!r}"
    server.qop = "auth-int"  # which httpx's own code does not have
    with pytest.raises(errors.Error, match="HTTP Digest"):
        made[1].Lions(login=LOGINS[0], base_url=server.url, max_retries=0).call(operations["lions_get_me"], {})


def environment(made: Any, folder: Path, url: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(made[0] / "python"),
        "LIONS_USERNAME": USER,
        "LIONS_PASSWORD": PASSWORD,
        "LIONS_BASE_URL": url,
    }


def test_command_line_and_mcp(made: Any, server: Challenging, tmp_path: Path) -> None:
    known = environment(made, tmp_path, server.url)
    command = [sys.executable, "-m", "lions_kit"]
    options: dict[str, Any] = {"env": known, "capture_output": True, "text": True, "timeout": 120}
    done = subprocess.run([*command, "call", "lions_get_me"], check=False, **options)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"ok": True}), done.stderr

    async def ask() -> Any:
        host = StdioServerParameters(command=command[0], args=[*command[1:], "mcp", "serve"], env=known)
        async with Client(host) as client:
            return (await client.call_tool("lions_get_me", {})).structured_content

    assert anyio.run(ask) == {"ok": True}
    curl = subprocess.run([*command, "call", "lions_get_me", "--curl"], check=False, **options)
    assert "--digest" in curl.stdout and '--user "$LIONS_USERNAME":"$LIONS_PASSWORD"' in curl.stdout
    assert "Authorization" not in curl.stdout and PASSWORD not in curl.stdout


def test_the_mock_challenges(made: Any) -> None:
    operations = importlib.import_module("lions_kit.operations").OPERATIONS
    serve = importlib.import_module("lions_kit.mock.server").serve
    errors = importlib.import_module("lions_kit.runtime.errors")
    with serve(token=PASSWORD) as mock:
        url = mock.environment()["LIONS_BASE_URL"]
        assert isinstance(made[1].Lions(login=LOGINS[0], base_url=url).call(operations["lions_get_me"], {}), dict)
        with pytest.raises(errors.AuthenticationError):
            made[1].Lions(login=(USER, "another"), base_url=url, max_retries=0).call(operations["lions_get_me"], {})
