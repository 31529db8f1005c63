"""A server with one prediction, p1, whose logs go on with every look and whose output is a file that comes slowly."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def job_server(logs: list[str], file: bytes = b"", pause: float = 0.0) -> Iterator[str]:
    """The base URL. The job has ended once the last of `logs` was told."""
    left = list(logs)
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.path.endswith("picture.png"):
                self.send_response(200)
                self.send_header("content-length", str(len(file)))
                self.end_headers()
                for start in range(0, len(file), 1_000_000):
                    self.wfile.write(file[start : start + 1_000_000])
                    self.wfile.flush()
                    over.wait(pause)
                return
            told = left.pop(0) if len(left) > 1 else left[0]
            done = len(left) == 1 and told == left[0]
            output = f"http://127.0.0.1:{self.server.server_address[1]}/picture.png" if file else "done"
            status = {"status": "succeeded", "output": output} if done else {"status": "processing", "output": None}
            body = json.dumps({"id": "p1", "logs": told, "error": None, **status}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that hangs up is none of our business."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            over.set()
            server.shutdown()
            thread.join()
