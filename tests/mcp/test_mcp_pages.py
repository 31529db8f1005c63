"""Pages in a browser may not use a server that only its user can reach, unless their origin was allowed by name."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from hanging import HANGS
from mcp_harness import API, EVERYTHING, NO_TLS, SECONDS, listening
from replikit.mcp.http import Binding, RefusedError

JSON = {"accept": "application/json, text/event-stream", "content-type": "application/json"}
CALL = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "replicate_get_account", "arguments": {}}}
ALLOWED = "https://app.example"
PREFLIGHT = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}


@contextmanager
def account() -> Iterator[tuple[dict[str, str], list[str]]]:
    """An API that answers for the account, and whose tokens asked for it."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            asked.append(self.headers["authorization"])
            body = b'{"type":"user","username":"ada"}'
            self.send_response(200)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield {API.base_url_env: f"http://127.0.0.1:{server.server_port}/v1", API.token_env: "configured"}, asked
        server.shutdown()


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    with account() as (env, asked), listening(env, "--allowed-origin", ALLOWED) as url:
        yield url, asked


OWN = "http://127.0.0.1:{port}"
# By the Fetch standard: what browsers say of pages, and what no page can have them say.
REQUESTS = [
    ("no browser", {}, 200),
    ("typed by a person", {"sec-fetch-site": "none"}, 200),
    ("a page of this host", {"origin": "http://127.0.0.1:3000"}, 403),
    ("a page of this host by name", {"origin": "http://localhost:3000"}, 403),
    ("a page of this host, IPv6", {"origin": "http://[::1]:3000"}, 403),
    ("a page of this host, without a port", {"origin": "http://localhost"}, 403),
    ("a page of this very address", {"origin": OWN, "sec-fetch-site": "same-origin"}, 403),
    ("a page without an origin", {"sec-fetch-site": "cross-site"}, 403),
    ("a page of the same site without an origin", {"sec-fetch-site": "same-site"}, 403),
    ("a file or a sandboxed frame", {"origin": "null"}, 403),
    ("another site", {"origin": "https://evil.example"}, 403),
    ("an extension", {"origin": "chrome-extension://abcdef"}, 403),
    ("allowed", {"origin": ALLOWED, "sec-fetch-site": "cross-site"}, 200),
    ("allowed, another port", {"origin": f"{ALLOWED}:8443"}, 403),
    ("allowed, another scheme", {"origin": "http://app.example"}, 403),
    ("allowed, below it", {"origin": "https://app.example.evil.example"}, 403),
    ("allowed, above it", {"origin": "https://evil.app.example"}, 403),
    ("an empty origin", {"origin": ""}, 403),
    ("rebound to this address", {"host": "evil.example"}, 421),
    ("rebound, with a port", {"host": "evil.example:{port}"}, 421),
    ("rebound, a name that begins like ours", {"host": "127.0.0.1.evil.example"}, 421),
    ("rebound, a name that ends like ours", {"host": "evil.localhost"}, 421),
    ("rebound, allowed page", {"host": "evil.example", "origin": ALLOWED}, 421),
    ("a host that is no host", {"host": "127.0.0.1:80@evil.example"}, 421),
    ("simple, as text", {"content-type": "text/plain"}, 415),
    ("simple, as a form", {"content-type": "application/x-www-form-urlencoded"}, 415),
    ("simple, as a form with a file", {"content-type": "multipart/form-data; boundary=x"}, 415),
    ("simple, with JSON further on", {"content-type": "text/plain; application/json"}, 415),
    ("JSON of another kind", {"content-type": "application/jsonp"}, 415),
    ("simple, from an allowed page", {"content-type": "text/plain", "origin": ALLOWED}, 415),
]


@pytest.mark.parametrize(("headers", "status"), [each[1:] for each in REQUESTS], ids=[each[0] for each in REQUESTS])
def test_who_may_ask(server: tuple[str, list[str]], headers: dict[str, str], status: int) -> None:
    url, asked = server
    asked.clear()
    port = url.split(":")[2].split("/")[0]
    given = {**JSON, **{name: value.replace("{port}", port) for name, value in headers.items()}}
    answer = httpx2.post(url, json=CALL, headers=given, timeout=SECONDS, verify=NO_TLS)
    assert answer.status_code == status, answer.text
    assert asked == (["Bearer configured"] if status == 200 else [])
    readable = status != 403 and headers.get("origin") == ALLOWED
    assert answer.headers.get("access-control-allow-origin") == (ALLOWED if readable else None)


@pytest.mark.parametrize(
    ("origin", "status"), [(ALLOWED, 204), ("http://127.0.0.1:3000", 403), ("null", 403), ("", 403), (None, 405)]
)
def test_preflight_is_answered_for_allowed_pages_alone(
    server: tuple[str, list[str]], origin: str | None, status: int
) -> None:
    named = {} if origin is None else {"origin": origin}
    answer = httpx2.request("OPTIONS", server[0], headers={**PREFLIGHT, **named}, timeout=SECONDS, verify=NO_TLS)
    assert answer.status_code == status
    shown = {name for name in answer.headers if name.startswith("access-control-")}
    assert bool(shown) is (status == 204)


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE", "PUT", "PATCH"])
def test_there_are_no_sessions_to_listen_to_or_to_end(server: tuple[str, list[str]], method: str) -> None:
    answer = httpx2.request(
        method, server[0], headers={**JSON, "mcp-session-id": "of-another"}, timeout=SECONDS, verify=NO_TLS
    )
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert "mcp-session-id" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://*.example", "app.example", "https://app.example/", "https://", "https://a b"]
)
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(RefusedError, match="--allowed-origin"):
        Binding.of("127.0.0.1:0", "none", 1, (), (origin,))


PAGE = """<!doctype html><body><iframe name=sink></iframe><script>
const url = URL_OF_SERVER, call = JSON.stringify(CALL), json = {"content-type": "application/json", accept: ACCEPT};
const ways = {
  fetch: () => fetch(url, {method: "POST", headers: json, body: call}).then(answer => answer.text()),
  credentials: () => fetch(url, {method: "POST", headers: json, body: call, credentials: "include"}).then(a => a.text()),
  simple: () => fetch(url, {method: "POST", mode: "no-cors", body: call}).then(answer => answer.text()),
  blob: () => fetch(url, {method: "POST", mode: "no-cors", body: new Blob([call], {type: "application/json"})}),
  beacon: async () => navigator.sendBeacon(url, new Blob([call], {type: "text/plain"})),
  read: () => fetch(url, {mode: "no-cors", headers: {accept: "text/event-stream"}}).then(answer => answer.text()),
  image: () => new Promise(end => { const i = new Image(); i.onload = i.onerror = () => end(""); i.src = url; }),
  events: () => new Promise(end => { const e = new EventSource(url); e.onopen = () => end("open"); e.onerror = () => end(""); }),
  socket: () => new Promise(end => { const w = new WebSocket(url.replace("http", "ws")); w.onopen = () => end("open"); w.onerror = () => end(""); }),
  form: () => new Promise(end => {
    const form = Object.assign(document.createElement("form"), {method: "POST", action: url, enctype: "text/plain", target: "sink"});
    form.append(Object.assign(document.createElement("input"), {name: call.slice(0, -1) + ',"x":"', value: '"}'}));
    document.body.append(form); document.querySelector("iframe").onload = () => end(""); form.submit();
  }),
};
(async () => {
  const found = {};
  for (const name in ways) found[name] = await ways[name]().catch(error => "refused: " + error);
  await fetch("/found", {method: "POST", body: JSON.stringify(found)});
})();
</script>"""


class Browser:
    """Headless Chromium, and a server of pages on another port of this host."""

    def __init__(self, chromium: str, folder: Path) -> None:
        self.chromium, self.folder, self.found = chromium, folder, queue.Queue[dict[str, Any]]()
        self.page = ""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._give(outer.page.encode() if self.path == "/" else b"")

            def do_POST(self) -> None:
                outer.found.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self._give(b"")

            def _give(self, body: bytes) -> None:
                self.send_response(200)
                self.send_header("content-type", "text/html")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def tries(self, url: str) -> dict[str, Any]:
        """What came of all the ways that a page has to ask the server."""
        filled = PAGE.replace("URL_OF_SERVER", json.dumps(url)).replace("CALL", json.dumps(CALL), 1)
        self.page = filled.replace("ACCEPT", json.dumps(JSON["accept"]), 1)
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", f"--user-data-dir={self.folder}"]
        with subprocess.Popen(
            [self.chromium, *flags, self.origin], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                return self.found.get(timeout=HANGS)
            finally:
                process.kill()


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("chromium is not installed")
    made = Browser(chromium, tmp_path)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize("allowed", [False, True])
def test_page_in_a_real_browser_on_another_port_of_this_host(browser: Browser, allowed: bool) -> None:
    flags = ("--allowed-origin", browser.origin) if allowed else ()
    with account() as (env, asked), listening(env, *EVERYTHING, *flags) as url:
        found = browser.tries(url)
        assert len(found) == 10
        readable = {name for name, text in found.items() if "ada" in str(text)}
        assert readable == ({"fetch"} if allowed else set()), found
        assert {name for name, text in found.items() if text == "open"} == set()
        # With `credentials` a browser wants to be told that cookies are welcome, which is not said.
        assert asked == ["Bearer configured"] * len(readable)
