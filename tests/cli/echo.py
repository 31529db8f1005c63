"""A server of the demo API that answers with what it understood, or with what an id asks for."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Handler(BaseHTTPRequestHandler):
    """`/jobs/404` answers 404, `/jobs/slow` keeps its caller waiting, `/jobs/gone` is deleted without a word."""

    protocol_version = "HTTP/1.1"

    def handle_any(self) -> None:
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        parts = self.path.partition("?")[0].strip("/").split("/")
        got: dict[str, Any] = {"job_id": parts[1]} if len(parts) > 1 else {}
        if (self.headers.get("content-type") or "").startswith("application/json"):
            got |= json.loads(content)
        if self.headers.get("wait"):
            got["wait"] = int(self.headers["wait"].partition("=")[2])
        match got.get("job_id"):
            case str() as status if status.isdigit():
                return self.write(int(status), b'{"detail": "no such luck"}', "application/problem+json")
            case "slow":
                time.sleep(3)
            case "gone":
                return self.write(204, b"")
            case "bytes":
                return self.write(200, b"\x00\xff", "application/octet-stream")
            case "text":
                return self.write(200, b"line\n", "text/plain")
        status = str(got.get("color", "done")).replace("red", "bad")
        self.write(200, json.dumps({"id": "1", "status": status, "got": got}).encode(), "application/json")

    do_GET = do_POST = do_DELETE = handle_any

    def write(self, status: int, content: bytes, kind: str = "") -> None:
        self.send_response(status)
        if kind:
            self.send_header("content-type", kind)
        self.send_header("x-request-id", "r1")
        if status == 429:
            self.send_header("retry-after", "0")
        if status != 204:
            self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is none of our business."""


@contextmanager
def echo() -> Iterator[str]:
    """The base URL of such a server."""
    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()
