"""What is fetched, by a server that answers each path in its own way: RFC 9110 says what a status and a header mean."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from generator.errors import SpecError
from generator.read import fetch
from generator.read.fetch import Fetched

BODY = b"openapi: 3.1.0\n"
ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/plain": (200, {}, BODY),
    "/tagged": (200, {"ETag": '"1"'}, BODY),
    "/same": (304, {}, b""),
    "/gone": (404, {}, BODY),
    "/nowhere": (302, {}, b""),
    "/large": (200, {}, b"x" * 300_000),
    "/empty": (200, {}, b""),
    **{f"/{status}": (status, {"Location": "tagged"}, b"") for status in (301, 302, 303, 307, 308)},
    **{f"/hops/{n}": (302, {"Location": f"/hops/{n - 1}"}, b"") for n in range(1, 8)},
    "/hops/0": (200, {}, b"end"),
    "/brackets": (302, {"Location": "https://[x/"}, b""),
    "/choice": (300, {"Location": "/plain"}, b""),
}


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[str, list[tuple[str, str | None, str | None]]]]:
    asked: list[tuple[str, str | None, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["If-None-Match"], self.headers["Accept"]))
            port = self.server.server_address[1]
            away = (302, {"Location": f"http://localhost:{port}/plain"}, b"")
            status, headers, body = ANSWERS.get(self.path, away)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()


def test_what_comes(site: tuple[str, list[tuple[str, str | None, str | None]]]) -> None:
    url, asked = site
    accepted = "application/json, application/yaml, text/yaml, */*;q=0.1"
    said: list[str] = []
    for path, etag, expected, requests in (
        ("/plain", "", Fetched(f"{url}/plain", BODY, "", False), [("/plain", None, accepted)]),
        ("/tagged", '"0"', Fetched(f"{url}/tagged", BODY, '"1"', False), [("/tagged", '"0"', accepted)]),
        ("/same", '"0"', Fetched(f"{url}/same", b"", '"0"', True), [("/same", '"0"', accepted)]),
        ("/empty", "", Fetched(f"{url}/empty"), [("/empty", None, accepted)]),
        *(
            (f"/{status}", '"0"', Fetched(f"{url}/tagged", BODY, '"1"'), [(f"/{status}", '"0"', accepted), ("/tagged", None, accepted)])
            for status in (301, 302, 303, 307, 308)
        ),
        ("/hops/5", "", Fetched(f"{url}/hops/0", b"end"), [(f"/hops/{n}", None, accepted) for n in range(5, -1, -1)]),
    ):  # fmt: skip
        asked.clear()
        assert fetch.fetch(url + path, etag, say=said.append) == expected, path
        assert asked == requests, path
    assert said == []
    port = url.rpartition(":")[2]
    assert fetch.fetch(f"{url}/away", say=said.append).url == f"http://localhost:{port}/plain"
    assert said == [f"127.0.0.1:{port} redirects to another host: localhost:{port}"]
    assert fetch.fetch(f"{url}/plain", most=len(BODY)).content == BODY
    assert len(fetch.fetch(f"{url}/large", most=300_000).content) == 300_000


@pytest.mark.parametrize(
    ("source", "where", "what"),
    [
        ("{url}/same", "{url}/same", "answers 304"),
        ("{url}/gone", "{url}/gone", "answers 404"),
        ("{url}/nowhere", "{url}/nowhere", "answers 302"),
        ("{url}/choice", "{url}/choice", "answers 300"),
        ("{url}/large", "{url}/large", "is larger than 299,999 bytes"),
        ("{url}/hops/6", "{url}/hops/6", "redirects more than 5 times"),
        ("http://user:secret@127.0.0.1:1/x", "http://127.0.0.1:1/x", "is given with a name or password"),
        ("https://user@a.example/x", "https://a.example/x", "is given with a name or password"),
        ("https://:secret@a.example/x", "https://a.example/x", "is given with a name or password"),
        ("http://a.example/x", "http://a.example/x", "is neither an https address nor a file"),
        ("http:///x", "http:///x", "is neither an https address nor a file"),
        ("ftp://127.0.0.1/x", "ftp://127.0.0.1/x", "is neither an https address nor a file"),
        ("http://10.0.0.1/x", "http://10.0.0.1/x", "is neither an https address nor a file"),
        ("http://[::1]:1/x", "http://[::1]:1/x", "cannot be fetched: [Errno "),
        ("https://[x/y", "https://[x/y", "is not an address: "),
        ("https://a.example:x/y", "https://a.example:x/y", "is not an address: "),
        ("{url}/brackets", "{url}/brackets", "is not an address: "),
        ("file:///no/such%20file", "/no/such file", "cannot be read: "),
        ("no such file", "no such file", "cannot be read: "),
    ],
)
def test_what_cannot_be_had(source: str, where: str, what: str, site: tuple[str, object]) -> None:
    with pytest.raises(SpecError) as caught:
        fetch.fetch(source.replace("{url}", site[0]), most=299_999)
    [found] = caught.value.findings
    assert str(found.where) == where.replace("{url}", site[0]) and found.what.startswith(what), found
    assert found.hint and "secret" not in str(caught.value)


def test_files_and_how_large_they_may_be(tmp_path: Path, site: tuple[str, object]) -> None:
    path = tmp_path / "a b.yaml"
    path.write_bytes(BODY)
    for source, shown in ((str(path), str(path)), (path.as_uri(), str(path))):
        assert fetch.fetch(source, most=len(BODY)) == Fetched(shown, BODY)
    for source in (str(path), path.as_uri(), f"{site[0]}/plain"):
        with pytest.raises(SpecError, match=f"is larger than {len(BODY) - 1} bytes") as caught:
            fetch.fetch(source, most=len(BODY) - 1)
        assert "SURFACEGEN_MAX_BYTES" in caught.value.findings[0].hint


def test_where_a_redirect_leads() -> None:
    """Never from https to http, whatever host; another host or another port is told before it is followed."""
    for url, location, target, told in (
        ("https://a.example/x/y", "z", "https://a.example/x/z", []),
        ("https://a.example/x", "//b.example/z", "https://b.example/z", ["a.example redirects to another host: b.example"]),
        ("https://a.example:1/x", "https://a.example:2/", "https://a.example:2/", ["a.example:1 redirects to another host: a.example:2"]),
        ("http://localhost/x", "https://localhost/x", "https://localhost/x", []),
        ("http://localhost/x", "http://localhost/y", "http://localhost/y", []),
    ):  # fmt: skip
        said: list[str] = []
        assert fetch._onward(url, location, said.append) == target
        assert said == told
    with pytest.raises(SpecError, match="^https://a.example/x: redirects to http://a.example/y, which is not https"):
        fetch._onward("https://a.example/x", "http://a.example/y", print)
