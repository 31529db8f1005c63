"""Recording an API and replaying it: what is handed on and back, what the file holds, and that no secret is in it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from scripted import Asked, Reply, Scripted, of, scripted
from test_mock import PACKAGE, ask, package, send  # noqa: F401 - a fixture among them

TOKEN = "r8_ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
SECRETS = (
    TOKEN,
    "c00kie-value",
    "k3y-in-query",
    "hunter-two-22",
    "whsec_abcdef",
    "sgn4ture",
    "set-me-not",
    "us3r-info",
    "fr4gment",
)


@pytest.fixture
def api() -> Iterator[Scripted]:
    states = iter(("starting", "processing", "succeeded", "succeeded"))

    def created(asked: Asked) -> Reply:
        more = {"echo": f"you sent {asked.headers['Authorization']}", "signing_secret": "whsec_abcdef", "pin": 1234}
        body = {"id": "p1", "status": next(states), "urls": {"get": f"{server.origin}/v1/predictions/p1"}}
        files = {"file": "https://files.test/a.png?X-Signature=sgn4ture&w=1", "metrics": {"total_tokens": 5}}
        files["log"] = "see https://me:us3r-info@files.test/@me/a and (app://back#access_token=fr4gment&x=1), a@b.test"
        return of({**body, **more, **files}, 201, set_cookie="sid=set-me-not", x_request_id="req-1")

    with scripted() as server:
        server.answers["/v1/predictions"] = created
        server.answers["/v1/predictions/p1"] = lambda asked: of(
            {"id": "p1", "status": next(states), "next_cursor": "abc"}
        )
        server.answers["/v1/files/f/download"] = [Reply([bytes(range(256))], headers={"content-type": "image/png"})]
        server.answers["/v1/account"] = [of({"detail": "no\u2028more\x85"}, 401)]
        yield server


def calls(mock: Any) -> list[tuple[int, str, Any]]:
    """A session with secrets in every place, as a client has it."""
    own = {"Authorization": f"Bearer {TOKEN}", "Cookie": "sid=c00kie-value; theme=dark"}
    body = {"version": "a", "input": {"password": "hunter-two-22", "prompt": "x"}}
    replies = [
        send(mock, "POST", "/predictions", body, **own),
        ask(mock, "GET", "/predictions/p1?api_key=k3y-in-query&view=full", **own),
        ask(mock, "GET", "/predictions/p1?api_key=k3y-in-query&view=full", **own),
        ask(mock, "GET", "/files/f/download", **own),
        ask(mock, "GET", "/account", **own),
    ]
    return [(reply.status, reply.headers.get_content_type(), reply.content) for reply in replies]


@pytest.fixture
def recorded(package: Any, api: Scripted, tmp_path: Path) -> tuple[Path, Any, str]:  # noqa: F811
    file = tmp_path / "session.jsonl"
    with package.serve(record=(f"{api.origin}/v1", file)) as mock:
        found = calls(mock)
    return file, found, mock.base_url


def test_what_is_asked_is_handed_on_and_the_answer_back(recorded: Any, api: Scripted) -> None:
    _, found, base_url = recorded
    first = api.seen[0]
    assert (first.method, first.path) == ("POST", "/v1/predictions")
    assert first.headers["Authorization"] == f"Bearer {TOKEN}" and first.json["input"]["password"] == "hunter-two-22"
    assert first.headers["Host"] == urlsplit(api.origin).netloc
    assert api.seen[1].path == "/v1/predictions/p1?api_key=k3y-in-query&view=full"
    assert [status for status, _, _ in found] == [201, 200, 200, 200, 401]
    made = json.loads(found[0][2])
    assert made["urls"]["get"] == f"{base_url}/predictions/p1", "links are followed through the recorder"
    assert made["signing_secret"] == "whsec_abcdef", "the caller gets all of it"
    assert found[3][1:] == ("image/png", bytes(range(256)))


def test_no_secret_is_in_the_file(recorded: Any) -> None:
    file = recorded[0]
    text = file.read_text("utf-8")
    assert not [secret for secret in SECRETS if secret in text]
    assert file.stat().st_mode & 0o077 == 0
    head, first, second, *_ = map(json.loads, text.rstrip("\n").split("\n"))
    assert head["recorded"].endswith("/v1")
    assert (first["function"], first["method"], first["path"]) == (
        "replicate_create_prediction",
        "POST",
        "/predictions",
    )
    assert first["sent"]["json"] == {"version": "a", "input": {"password": "***", "prompt": "x"}}
    shown = first["content"]["json"]
    assert (shown["echo"], shown["signing_secret"], shown["metrics"]) == ("you sent ***", "***", {"total_tokens": 5})
    assert shown["log"].startswith("see https://***@files.test/@me/a and (app://back#access_token=***&x=1")
    assert shown["file"] == "https://files.test/a.png?X-Signature=***&w=1"
    assert (second["query"], second["content"]["json"]["next_cursor"]) == ("api_key=***&view=full", "abc")
    assert first["headers"] == {"content-type": "application/json", "x-request-id": "req-1"}


def test_it_is_replayed(package: Any, recorded: Any) -> None:  # noqa: F811
    file, found, _ = recorded
    with package.serve(replay=file, seconds=0) as mock:
        for _ in range(2):
            again = calls(mock)
            assert [(status, media) for status, media, _ in again] == [(status, media) for status, media, _ in found]
            states = [json.loads(content)["status"] for _, _, content in again[:3]]
            assert states == ["starting", "processing", "succeeded"], "each answer in its turn"
            assert json.loads(again[0][2])["urls"]["get"] == f"{mock.base_url}/predictions/p1"
            assert again[3] == found[3]
            mock.reset()
        other = send(mock, "POST", "/predictions", {"version": "a", "input": {"n": 2}})
        assert other.json["id"] == "p1", "another body, the same call"
        assert ask(mock, "GET", "/models").status == 200, "what was not recorded is answered as usual"
        assert ask(mock, "GET", "/account", Prefer="code=503").status == 503
        assert [call.function for call in mock.calls][-1] == "replicate_get_account"


def test_a_stream_is_passed_on_as_it_comes(package: Any, api: Scripted, tmp_path: Path) -> None:  # noqa: F811
    read = threading.Event()  # by whom asks, of the first event

    def events(_: Asked) -> Reply:
        def pieces() -> Iterator[bytes]:
            yield b"data: 1\n\n"
            assert read.wait(60), "the first event was kept back"
            yield b"data: 2\n\n"

        return Reply(pieces(), headers={"content-type": "text/event-stream"})  # type: ignore[arg-type]

    api.answers["/v1/stream"] = events
    record = (f"{api.origin}/v1", tmp_path / "a")
    with package.serve(record=record) as mock, urlopen(f"{mock.base_url}/stream", timeout=60) as reply:
        first = reply.readline() + reply.readline()
        read.set()
        rest = reply.read()
    assert (first, rest) == (b"data: 1\n\n", b"data: 2\n\n")
    with package.serve(replay=tmp_path / "a", seconds=0) as mock, urlopen(f"{mock.base_url}/stream") as reply:
        assert reply.read() == first + rest


def test_a_request_goes_to_the_named_api_alone(package: Any, api: Scripted, tmp_path: Path) -> None:  # noqa: F811
    with package.serve(record=(f"{api.origin}/v1", tmp_path / "a")) as mock, scripted() as evil:
        evil.answers["/v1/account"] = [of({})]
        url = urlsplit(mock.base_url)
        for target in (f"{evil.origin}/v1/account", f"//{urlsplit(evil.origin).netloc}/v1/account", "/v1@evil/account"):
            with socket.create_connection((url.hostname, url.port)) as line:
                line.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                reply = b"".join(iter(lambda: line.recv(65536), b""))
            assert b" 404 " in reply.split(b"\r\n")[0] or b" 401 " in reply.split(b"\r\n")[0]
        assert not evil.seen
        assert all(asked.path.startswith("/v1/") for asked in api.seen)


def test_an_api_that_does_not_answer(package: Any, tmp_path: Path) -> None:  # noqa: F811
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # and nobody listens
        base = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with package.serve(record=(base, tmp_path / "a")) as mock:
            reply = ask(mock, "GET", "/account")
            assert reply.status == 502 and "did not answer: ConnectionRefusedError" in reply.json["detail"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "must begin with https:// or http:// and a host"),
        ("api.example.com", "must begin with https://"),
        ("https://", "and a host"),
        ("https://me:pass@api.test", "not contain a user name or a password"),
        ("https://api.test/v1?key=1", "a query or a fragment"),
        ("http://[::1", "is not a URL"),
        ("http://a:99999", "is not a URL"),
    ],
)
def test_what_cannot_be_recorded(package: Any, tmp_path: Path, url: str, said: str) -> None:  # noqa: F811
    with pytest.raises(ValueError, match=said), package.serve(record=(url, tmp_path / "a")):
        pass
    assert not (tmp_path / "a").exists()


def test_nothing_is_written_over(package: Any, api: Scripted, tmp_path: Path) -> None:  # noqa: F811
    file = tmp_path / "mine"
    file.write_text("mine")
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "elsewhere")
    for path in (file, link):
        with pytest.raises(ValueError, match="exists: choose another file"), package.serve(record=(api.origin, path)):
            pass
    assert file.read_text() == "mine" and not (tmp_path / "elsewhere").exists()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(OSError), package.serve(taken.getsockname()[1], record=(api.origin, tmp_path / "new")):
            pass
    assert not (tmp_path / "new").exists(), "no half-written file of a server that did not start"


HEAD = '{"recorded": "https://a.test", "format": 1}\n'
ENTRY = {"method": "GET", "path": "/a", "query": "", "status": 200, "headers": {}, "content": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: this is not a recording"),
        ("{}\n", ":1: this is not a recording"),
        ("[" * 100_000, ":1: this is not a recording"),
        (HEAD + "nothing", ":2: this is not an exchange"),
        (HEAD + json.dumps(ENTRY) + "\n" + json.dumps({**ENTRY, "status": 99}), ":3: this is not an exchange"),
        (HEAD + json.dumps({**ENTRY, "headers": {"etag": "a\r\nSet-Cookie: b"}}), ":2: this is not an exchange"),
        (HEAD + json.dumps({**ENTRY, "content": {"file": "/etc/passwd"}}), ":2: this is not an exchange"),
    ],
)
def test_what_is_no_recording(package: Any, tmp_path: Path, text: str, said: str) -> None:  # noqa: F811
    file = tmp_path / "session"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError) as caught, package.serve(replay=file):
        pass
    assert said in str(caught.value) and str(file) in str(caught.value)


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("Authorization", True),
        ("password", True),
        ("user_password", True),
        ("apiKey", True),
        ("API-Key", True),
        ("x-api-key", True),
        ("APIKey", True),
        ("access_token", True),
        ("clientSecret", True),
        ("X-Amz-Signature", True),
        ("privateKey", True),
        ("jwt", True),
        ("session_key", True),
        ("next_page_token", False),
        ("nextToken", False),
        ("max_tokens", False),
        ("key", False),
        ("monkey", False),
        ("keyboard", False),
        ("description", False),
        ("tokenize", False),
        ("", False),
    ],
)
def test_names_that_secrets_have(package: Any, name: str, secret: bool) -> None:  # noqa: F811
    from importlib import import_module

    assert import_module(f"{PACKAGE}.mock.secretfree").is_secret(name) is secret
