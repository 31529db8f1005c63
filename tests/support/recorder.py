"""A real HTTP server that remembers what it was asked and answers what it was told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

TOKEN = "r8_parity"
_TRANSPORT = {"host", "user-agent", "accept", "accept-encoding", "connection", "content-length", "te"}
"""What belongs to the connection, not to the request that is meant."""


@dataclass
class Seen:
    """One request, as meant: whatever may differ between two spellings of the same request is folded."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: Any
    target: str = field(default="", compare=False)
    """The path and the query as they came."""
    media: str = field(default="", compare=False)
    raw: bytes = field(default=b"", compare=False)
    """The Content-Type and the body as they came."""


@dataclass
class Recorder:
    """The server's address, what it answers next, and what it saw."""

    base_url: str = ""
    status: int = 200
    content_type: str = "application/json"
    content: bytes = b"{}"
    seen: list[Seen] = field(default_factory=list)

    def one(self) -> Seen:
        """The only request since the last look."""
        requests, self.seen = self.seen, []
        assert len(requests) == 1, requests
        return requests[0]


def _body(headers: Message, content: bytes) -> Any:
    kind = headers.get("content-type", "")
    if not content:
        return None
    if kind.partition(";")[0].strip() == "application/json":
        return json.loads(content)
    if kind.startswith("multipart/"):
        whole = BytesParser(policy=HTTP).parsebytes(f"content-type: {kind}\r\n\r\n".encode() + content)
        parts = []
        for part in whole.iter_parts():  # type: ignore[attr-defined]
            name = part.get_param("name", header="content-disposition")
            parts.append((name, part.get_filename(), part.get_content_type(), part.get_payload(decode=True)))
        return sorted(parts, key=str)
    return content


@contextmanager
def recorder() -> Iterator[Recorder]:
    """A recorder listening on a free port of the loopback."""
    state = Recorder()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length") or 0))
            url = urlsplit(self.path)
            headers = {k.lower(): v for k, v in self.headers.items() if k.lower() not in _TRANSPORT}
            if headers.get("content-type", "").startswith("multipart/"):
                headers["content-type"] = "multipart/form-data"
            state.seen.append(
                Seen(
                    self.command,
                    url.path,
                    sorted(parse_qsl(url.query, True)),
                    headers,
                    _body(self.headers, content),
                    self.path,
                    self.headers.get("content-type", ""),
                    content,
                )
            )
            self.send_response(state.status)
            if state.content:
                self.send_header("content-type", state.content_type)
            self.send_header("content-length", str(len(state.content)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(state.content)

        do_HEAD = do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_QUERY = handle_any

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet: a test prints what it finds itself."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        state.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()
