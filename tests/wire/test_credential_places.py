"""Where secrets do not go: to other hosts, and to functions that do not require them; and a client certificate."""

from __future__ import annotations

import base64
import datetime
import hmac
import ipaddress
import json
import ssl
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline

SCHEMES = {
    "header": {"type": "apiKey", "in": "header", "name": "X-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
    "basic": {"type": "http", "scheme": "basic"},
    "certificate": {"type": "mutualTLS"},
}
GIVEN = {"header": "secret-h", "query": "secret-q", "cookie": "secret-c", "basic": ("user", "secret-b")}
ALL = [{key: [] for key in GIVEN}]
ANSWER = {"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}}
FILE = {"200": {"description": "OK", "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}}  # fmt: skip


@dataclass
class Host:
    """A server of its own origin, and what it was sent."""

    origin: str = ""
    seen: list[str] = field(default_factory=list)
    """Each request: its target and its headers."""
    names: list[str] = field(default_factory=list)
    """The name in the client's certificate of each request; empty where there was none."""
    location: str = ""
    """Where a file is."""


@contextmanager
def host(context: ssl.SSLContext | None = None) -> Iterator[Host]:
    found = Host()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.seen.append(f"{self.path}\n{self.headers}")
            peer = self.connection.getpeercert() if context is not None else None  # type: ignore[attr-defined]
            found.names.append(
                dict(pair for each in (peer or {}).get("subject", ()) for pair in each).get("commonName", "")
            )
            elsewhere = found.location and self.path.startswith("/v1/file")
            listed = "/listed" in self.path or "/moved" in self.path
            self.send_response(302 if elsewhere else 200)
            if elsewhere:
                self.send_header("Location", found.location)
            content = b"[1]" if listed else b"{}"
            if self.path.startswith("/v1/listed"):
                self.send_header("Link", f'<{found.origin}/v1/moved?page=2>; rel="next"')
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        found.origin = f"{'https' if context else 'http'}://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield found
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    """The API's, and another that one of its operations has."""
    with host() as one, host() as other:
        yield one, other


@pytest.fixture(scope="module")
def safe(hosts: tuple[Host, Host], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The package, made of a document that names both hosts."""
    folder = tmp_path_factory.mktemp("safe")
    one, other = hosts
    paths = {
        "/thing": {"get": {"operationId": "get.thing", "responses": ANSWER}},
        "/open": {"get": {"operationId": "get.open", "security": [], "responses": ANSWER}},
        "/file": {"get": {"operationId": "get.file", "responses": FILE}},
        "/other": {
            "get": {"operationId": "get.other", "servers": [{"url": f"{other.origin}/v1"}], "responses": ANSWER}
        },
        "/tls": {
            "get": {"operationId": "get.tls", "security": [{"certificate": [], "header": []}], "responses": ANSWER}
        },
    }
    for name, security in (("listed", "certificate"), ("listed_header", "header")):
        page = {"name": "page", "in": "query", "schema": {"type": "integer"}}
        answer = {
            "description": "OK",
            "headers": {"Link": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": {"type": "array", "items": {"type": "integer"}}}},
        }
        paths[f"/{name}"] = {
            "get": {
                "operationId": f"get.{name}",
                "security": [{security: []}],
                "parameters": [page],
                "responses": {"200": answer},
            }
        }
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Safe", "version": "1"},
        "servers": [{"url": f"{one.origin}/v1"}],
        "security": ALL,
        "paths": paths,
        "components": {"securitySchemes": SCHEMES},
    }
    (folder / "openapi.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out", ("python",))
    sys.path.insert(0, str(folder / "out/python"))
    import safe_kit as package

    yield package
    sys.path.remove(str(folder / "out/python"))


@pytest.fixture(autouse=True)
def fresh(hosts: tuple[Host, Host], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFE_KIT_CONFIG", str(tmp_path / "none.json"))
    for each in hosts:
        each.seen, each.location = [], ""


def secrets_in(text: str) -> set[str]:
    """The schemes whose secret stands in a request; "user:secret-b" is dXNlcjpzZWNyZXQtYg==."""
    written = {"header": "secret-h", "query": "secret-q", "cookie": "secret-c", "basic": "dXNlcjpzZWNyZXQtYg=="}
    return {key for key, secret in written.items() if secret in text}


def test_a_redirect_to_another_host_carries_none(safe: Any, hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    one.location = f"{other.origin}/v1/elsewhere"
    with safe.Safe(**GIVEN) as client:
        client.get.file()
    assert secrets_in(one.seen[0]) == set(GIVEN)
    assert len(other.seen) == 1 and not secrets_in(other.seen[0]) and "secret" not in other.seen[0]


def test_a_redirect_on_the_same_host_carries_all(safe: Any, hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    one.location = "/v1/elsewhere"
    with safe.Safe(**GIVEN) as client:
        client.get.file()
    assert [secrets_in(each) for each in one.seen] == [set(GIVEN)] * 2


def test_a_server_that_an_operation_declares_is_the_apis(safe: Any, hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    with safe.Safe(**GIVEN) as client:
        client.get.other()
    assert not one.seen and secrets_in(other.seen[0]) == set(GIVEN)


def test_who_names_a_base_url_sends_to_no_other(safe: Any, hosts: tuple[Host, Host]) -> None:
    one, other = hosts
    with safe.Safe(base_url=f"{one.origin}/v1", **GIVEN) as client:
        client.get.other()
        client.request("GET", f"{other.origin}/v1/thing")
    assert secrets_in(one.seen[0]) == set(GIVEN)
    assert len(other.seen) == 1 and not secrets_in(other.seen[0])


def test_a_file_of_another_host_is_fetched_without_any(safe: Any, hosts: tuple[Host, Host], tmp_path: Path) -> None:
    one, other = hosts
    with safe.Safe(**GIVEN) as client:
        client.download(f"{other.origin}/v1/picture", tmp_path)
        client.download(f"{one.origin}/v1/picture", tmp_path)
    assert not secrets_in(other.seen[0]) and secrets_in(one.seen[0]) == set(GIVEN)


def test_a_function_without_a_requirement_is_sent_none(safe: Any, hosts: tuple[Host, Host]) -> None:
    one, _ = hosts
    with safe.Safe(**GIVEN) as client:
        client.get.open()
    assert not secrets_in(one.seen[0])


@pytest.fixture(scope="module")
def pems(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate authority, and certificates by it of the server and of the client."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    folder = tmp_path_factory.mktemp("pems")
    now = datetime.datetime.now(datetime.UTC)
    authority = ec.generate_private_key(ec.SECP256R1())
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])

    def made(name: str, key: Any, authoritative: bool = False) -> None:
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=authoritative, path_length=None), critical=True)
            .add_extension(local, critical=False)
            .sign(authority, hashes.SHA256())
        )
        (folder / f"{name}.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        protected = (
            serialization.BestAvailableEncryption(b"opens") if name == "client" else serialization.NoEncryption()
        )
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protected)
        (folder / f"{name}.key").write_bytes(pem)

    made("authority", authority, True)
    for name in ("server", "client"):
        made(name, ec.generate_private_key(ec.SECP256R1()))
    return folder


@pytest.fixture
def over_tls(pems: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """A host that takes a client certificate where it is shown one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pems / "server.pem", pems / "server.key")
    context.load_verify_locations(pems / "authority.pem")
    context.verify_mode = ssl.CERT_OPTIONAL
    monkeypatch.setenv("SSL_CERT_FILE", str(pems / "authority.pem"))
    with host(context) as found:
        yield found


def test_a_certificate_is_shown_where_it_is_required(
    safe: Any, over_tls: Host, pems: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safe_kit.runtime import connections

    connections.tls.cache_clear()
    shown = {"certificate": pems / "client.pem", "key": pems / "client.key", "key_password": "opens"}
    with safe.Safe(base_url=f"{over_tls.origin}/v1", certificate=shown, **GIVEN) as client:
        client.get.tls()
        client.get.open()
        client.get.tls()
    assert over_tls.names == ["client", "", "client"]
    assert [secrets_in(each) for each in over_tls.seen] == [{"header"}, set(), {"header"}]
    names = (
        "SAFE_CERTIFICATE_CERTIFICATE",
        "SAFE_CERTIFICATE_CERTIFICATE_KEY",
        "SAFE_CERTIFICATE_CERTIFICATE_KEY_PASSWORD",
    )
    for name, value in zip(names, shown.values(), strict=True):
        monkeypatch.setenv(name, str(value))
    monkeypatch.setenv("SAFE_API_TOKEN", "secret-h")
    with safe.Safe(base_url=f"{over_tls.origin}/v1") as client:
        client.get.tls()
    assert over_tls.names[-1] == "client"
    connections.tls.cache_clear()


def test_without_a_certificate_the_variables_are_told(safe: Any, over_tls: Host) -> None:
    with (
        safe.Safe(base_url=f"{over_tls.origin}/v1", **GIVEN) as client,
        pytest.raises(safe.ConfigError, match="SAFE_CERTIFICATE"),
    ):
        client.get.tls()
    assert not over_tls.seen


def test_a_certificate_that_cannot_be_used_is_told(safe: Any, over_tls: Host, pems: Path) -> None:
    wrong = {"certificate": pems / "client.pem", "key": pems / "client.key", "key_password": "wrong-password"}
    with (
        safe.Safe(base_url=f"{over_tls.origin}/v1", certificate=wrong, **GIVEN) as client,
        pytest.raises(safe.ConfigError, match=r"client\.pem cannot be used") as caught,
    ):
        client.get.tls()
    assert "wrong-password" not in str(caught.value) and not over_tls.seen


def test_a_cursor_to_another_path_is_bound_to_who_calls(safe: Any, over_tls: Host, pems: Path, tmp_path: Path) -> None:
    """It is opened by nobody who knows no more than the program: not where a client certificate is the only credential,
    not where a header of the caller's or a client that was passed in brings it."""
    import httpx
    from safe_kit.operations import OPERATIONS
    from safe_kit.runtime import connections

    connections.tls.cache_clear()
    (tmp_path / "own.pem").write_bytes((pems / "server.pem").read_bytes())
    (tmp_path / "own.key").write_bytes((pems / "server.key").read_bytes())
    whole = (pems / "authority.pem").read_bytes() + (pems / "authority.key").read_bytes()
    (tmp_path / "whole.pem").write_bytes(whole)
    context = ssl.create_default_context(cafile=str(pems / "authority.pem"))
    given = httpx.Client(verify=context)
    callers: list[tuple[str, dict[str, Any]]] = [
        ("nobody", {"http_client": given}),
        ("listed", {"certificate": {"certificate": tmp_path / "own.pem", "key": tmp_path / "own.key"}}),
        ("listed", {"certificate": {"certificate": tmp_path / "whole.pem"}}),
        ("listed_header", {"headers": {"X-Key": "one"}}),
        ("listed_header", {"headers": {"X-Key": "other"}}),
    ]
    made = {}
    with given:
        for index, (name, how) in enumerate(callers):
            operation = OPERATIONS[f"safe_get_{name.replace('nobody', 'listed')}"]
            with safe.Safe(base_url=f"{over_tls.origin}/v1", **how) as client:
                made[index] = operation, client.call(operation, {}, raw=False).next
        seals = [cursor.partition("#seal=")[2] for _, cursor in made.values()]
        assert all(seals) and len(set(seals)) == len(seals)
        for index, (name, how) in enumerate(callers):
            over_tls.seen.clear()
            for other, (operation, cursor) in made.items():
                if OPERATIONS[f"safe_get_{name.replace('nobody', 'listed')}"] is not operation:
                    continue
                with safe.Safe(base_url=f"{over_tls.origin}/v1", **how) as client:
                    if index == other:
                        client.call(operation, {}, cursor=cursor)
                    else:
                        with pytest.raises(Exception, match="is no page of"):
                            client.call(operation, {}, cursor=cursor)
            assert len(over_tls.seen) == 1
    # The key that everybody knows, for what is asked for without a credential: made by the rule that the module states.
    key = b"what is asked for without a credential anybody may ask for"
    url = f"{over_tls.origin}/v1/moved?page=2"
    over_tls.seen.clear()
    for name, how in callers[1:]:
        seal = base64.urlsafe_b64encode(hmac.digest(key, f"safe_get_{name}\0{url}".encode(), "sha256")[:16])
        with (
            safe.Safe(base_url=f"{over_tls.origin}/v1", **how) as client,
            pytest.raises(Exception, match="is no page of"),
        ):
            client.call(OPERATIONS[f"safe_get_{name}"], {}, cursor=f"{url}#seal={seal.decode().rstrip('=')}")
    assert not over_tls.seen
    connections.tls.cache_clear()
