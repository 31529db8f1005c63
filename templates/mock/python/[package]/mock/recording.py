"""Recording a real API: requests are handed on to it, and what it answers is handed back and kept, without secrets.

The file holds one line of JSON for what was recorded, then one for each exchange, each written when it has ended:

    {"recorded": "https://api.example.com/v1", "format": 1}
    {"function": "get_thing", "method": "GET", "path": "/things/7", "query": "", "sent": null, "status": 200, …}
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

from ..runtime.styles import is_json
from . import secretfree
from .answers import Answer
from .problems import Problem, RecordError
from .requests import Request
from .routes import Routes

FORMAT = 1
MOST = 10_000
"""Exchanges of a file."""
LARGEST = 4 * 1024 * 1024
"""Bytes of a body that is kept; a larger one is handed back all the same."""
LARGEST_ANSWER = 100 * 1024 * 1024
"""Bytes of an answer that is handed back."""
_LINE = 1024 * 1024
"""Bytes of a line of a stream that are passed on at once."""
_SECONDS = 120.0
"""Seconds without a byte of the API."""
_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding")
    + ("upgrade", "host", "content-length", "accept-encoding")
)
"""Headers of one connection (RFC 9110, 7.6.1), and those that are made anew."""
KEPT = frozenset(
    ("cache-control", "content-language", "content-type", "etag", "last-modified", "link", "location", "retry-after")
    + ("www-authenticate", "x-request-id")
)
"""Headers of an answer that are kept."""


class Recorder:
    """Hands requests on to one API."""

    def __init__(self, base_url: str, file: Path, routes: Routes, here: Callable[[], str]) -> None:
        """here: the base URL by which the caller of the moment knows this server. RecordError where it cannot begin."""
        if wrong := secretfree.address(base_url):
            raise RecordError(f"the URL to record {wrong}")
        self._base = base_url.rstrip("/")
        self._routes = routes
        self._here = here
        self._secrets = frozenset(
            each["name"] for each in routes.document["schemes"].values() if each["location"] in ("query", "header")
        ) - {"Authorization"}
        self._lock = threading.Lock()
        self._written = 0
        try:
            opened = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            raise RecordError(f"{file} already exists: choose another file, or move it") from None
        except OSError as error:
            raise RecordError(f"cannot write {file}: {error.strerror}") from None
        self._path = file
        self._file: IO[str] = os.fdopen(opened, "w", encoding="utf-8")
        self._line({"recorded": self._base, "format": FORMAT})

    def close(self) -> None:
        """Ends the file."""
        with self._lock:
            self._file.close()

    def discard(self) -> None:
        """Removes the file, if nothing will be recorded."""
        self.close()
        self._path.unlink(missing_ok=True)

    def answer(self, request: Request) -> Answer:
        """What the API answers. Problem 502 where it does not."""
        base = self._routes.document["base_path"]
        if not request.path.startswith(base + "/"):
            raise Problem(404, f"There is nothing at {request.path}; every path begins with {base or '/'}.")
        path = request.path[len(base) :]
        try:
            request.function = self._routes.find(request.method, path, request.query, request.headers)[0]["name"]
        except Problem:
            pass  # the API may have more than its document
        connection, reply = self._forwarded(request, path)
        status, headers = reply.status, reply.getheaders()
        media = next((text for name, text in headers if name.lower() == "content-type"), "")
        rest = tuple(
            (name, text.replace(self._base, self._here()))
            for name, text in headers
            if name.lower() not in _HOP | {"content-type", "content-encoding", "date", "server"}
        )
        if media.lower().startswith("text/event-stream"):
            return Answer(status, b"", media, rest, self._passed(request, path, connection, reply))
        with contextlib.closing(connection), self._failing():
            content = reply.read(LARGEST_ANSWER + 1)
        if len(content) > LARGEST_ANSWER:
            raise Problem(502, f"The answer of the API has more than {LARGEST_ANSWER:,} bytes.")
        self._keep(request, path, status, headers, content)
        return Answer(status, self._ours(content, media), media, rest)

    def _passed(
        self, request: Request, path: str, connection: http.client.HTTPConnection, reply: http.client.HTTPResponse
    ) -> Iterator[bytes]:
        """The lines of a stream as they come. It is kept when it has ended, not where its reader left before."""
        kept = bytearray()
        size = 0
        with contextlib.closing(connection):
            while line := reply.readline(_LINE):
                size += len(line)
                if size > LARGEST_ANSWER:
                    raise OSError("the stream is too long")  # its reader sees that it does not end as it should
                if len(kept) <= LARGEST:
                    kept += line
                yield self._ours(line, "text/event-stream")
        self._keep(request, path, reply.status, reply.getheaders(), bytes(kept))

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise Problem(
                502, f"The API at {urlsplit(self._base).netloc} did not answer: {type(error).__name__}."
            ) from None

    def _forwarded(self, request: Request, path: str) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        parts = urlsplit(self._base)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=_SECONDS)
        target = parts.path + path + (f"?{request.query}" if request.query else "")
        with contextlib.ExitStack() as opened, self._failing():
            opened.callback(connection.close)
            connection.putrequest(request.method, target, skip_accept_encoding=True)
            for name, text in request.headers.items():
                if name.lower() not in _HOP:
                    connection.putheader(name, text)
            if request.body or request.method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(request.body)))
            connection.putheader("Accept-Encoding", "identity")
            connection.endheaders(request.body)
            reply = connection.getresponse()
            opened.pop_all()  # it stays open until the answer was read
        return connection, reply

    def _ours(self, content: bytes, media: str) -> bytes:
        """The content with this server in place of the API, so that links are followed, and recorded, here."""
        if not is_json(media) and not media.startswith("text/"):
            return content
        for written in (self._base, self._base.replace("/", "\\/")):
            content = content.replace(written.encode(), self._here().encode())
        return content

    def _keep(self, request: Request, path: str, status: int, headers: list[tuple[str, str]], content: bytes) -> None:
        pairs = parse_qsl(request.query, keep_blank_values=True)
        sent = secretfree.credentials(request.headers.items(), pairs, self._secrets)
        kept = {name.lower(): secretfree.value(text, sent) for name, text in headers if name.lower() in KEPT}
        self._line(
            {
                "function": request.function,
                "method": request.method,
                "path": secretfree.value(path, sent),
                "query": secretfree.query(request.query, self._secrets),
                "sent": written(request.body, request.headers.get("Content-Type", ""), sent),
                "status": status,
                "headers": kept,
                "content": written(content, kept.get("content-type", ""), sent),
            }
        )

    def _line(self, entry: dict[str, Any]) -> None:
        with self._lock:
            if self._file.closed or self._written > MOST:
                return
            self._written += 1
            self._file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            self._file.flush()


def written(content: bytes, media: str, sent: list[str]) -> Any:
    """A body without secrets: `{"json": …}`, `{"text": …}` or `{"base64": …}`; None where it is empty or is not kept."""
    if not content or len(content) > LARGEST:
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(content).decode()}
    if is_json(media.partition(";")[0]):
        try:
            return {"json": secretfree.value(json.loads(text), sent)}
        except (ValueError, RecursionError):
            pass
    if media.startswith("application/x-www-form-urlencoded"):
        return {"text": secretfree.query(str(secretfree.value(text, sent)))}
    return {"text": secretfree.value(text, sent)}
