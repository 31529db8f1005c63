"""A caller's connection: it ends when a request does not come, or an answer is not taken, in time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import h11
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol

from .guard import SOON, full
from .limits import Limits, option


def connection(limits: Limits) -> type[H11Protocol]:
    """The class of a server's connections, for uvicorn, which would wait for ever for the head of a request."""

    class Connection(H11Protocol):
        def __init__(self, config: Config, *more: Any, **named: Any) -> None:
            super().__init__(config, *more, **named)
            self._late: asyncio.TimerHandle | None = None
            self._untaken: asyncio.TimerHandle | None = None
            self._seconds = limits.request

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                self.app = full
                self._seconds = min(SOON, limits.request)
            self._watch()

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            self._watch()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            self._watch()

        def pause_writing(self) -> None:
            super().pause_writing()
            if self._untaken is None:
                self._untaken = self.loop.call_later(limits.request, self.transport.abort)

        def resume_writing(self) -> None:
            super().resume_writing()
            if self._untaken is not None and not self.transport.is_closing():
                self._untaken.cancel()
                self._untaken = None

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop()
            if self._untaken is not None:
                self._untaken.cancel()
            super().connection_lost(exc)

        def send_400_response(self, msg: str) -> None:
            if len(self.conn.trailing_data[0]) > limits.headers:
                message = f"the request's headers are larger than {limits.headers} bytes: {option('headers')}"
                self._end("431 Request Header Fields Too Large", "too_large", message)
            else:
                super().send_400_response(msg)

        def _watch(self) -> None:
            """The time runs while no request is there, while its head is coming, and while an answered body still is."""
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop()
            elif self._late is None:
                self._late = self.loop.call_later(self._seconds, self._give_up)

        def _stop(self) -> None:
            if self._late is not None:
                self._late.cancel()
                self._late = None

        def _give_up(self) -> None:
            if self.transport.get_write_buffer_size():  # to close it is to wait until that is taken
                self.transport.abort()
            if self.transport.is_closing():
                return
            if self.conn.our_state is h11.IDLE:
                reason = f"no request came within {self._seconds:g} seconds: {option('request')}"
                self._end("408 Request Timeout", "timeout", reason)
            self.transport.close()

        def _end(self, status: str, error: str, description: str) -> None:
            """Sends an error response before there is a request, and closes the connection."""
            body = json.dumps({"error": error, "error_description": description})
            head = f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n"
            self.transport.write((head + body).encode())
            self.transport.close()

    return Connection
