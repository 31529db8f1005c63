"""An API that holds its answers back until it is let go, and tells who came: for tests that need calls in progress."""

from __future__ import annotations

import socket
import threading
from typing import Self

from mcp_harness import API, SECONDS

BODY = b'{"type":"user","username":"ada"}'


class HoldingApi:
    """Listens from the start; used in a `with`, which lets go of all that is held."""

    def __init__(self) -> None:
        self._line = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.env = {
            API.base_url_env: f"http://127.0.0.1:{self._line.getsockname()[1]}/v1",
            API.token_env: "configured",
        }
        self.come = threading.Semaphore(0)
        """Released for each request."""
        self.free = threading.Event()
        """Set, nothing is held back any more."""
        self.changed = threading.Condition()
        self.count, self.now, self.most, self.open = 0, 0, 0, 0
        """Requests in all, those at one time now and at most, and connections."""
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.free.set()
        self._line.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._line.accept()
            except OSError:
                return
            threading.Thread(target=self._speak, args=(caller,), daemon=True).start()

    def _speak(self, caller: socket.socket) -> None:
        self._count(open=1)
        try:
            with caller:
                while caller.recv(65_536):
                    self._count(now=1)
                    self.come.release()
                    self.free.wait(SECONDS)
                    self._count(now=-1)
                    caller.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(BODY) + BODY)
        except OSError:
            pass  # hung up, as callers do
        self._count(open=-1)

    def _count(self, now: int = 0, open: int = 0) -> None:
        with self.changed:
            self.count += max(now, 0)
            self.now, self.open = self.now + now, self.open + open
            self.most = max(self.most, self.now)
            self.changed.notify_all()
