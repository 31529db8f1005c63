"""Webhooks that the mock sends when a job changes its state, signed by the scheme of Standard Webhooks."""

from __future__ import annotations

import base64
import binascii
import hmac
import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from .jobs import at
from .records import Record
from .routes import Route, Routes
from .state import State

_TRIES = 3
_TIMEOUT = 5.0
_PREFIX = "whsec_"


class Webhooks:
    """Sends webhooks to the URLs that jobs were started with. A thread of its own follows each such job."""

    def __init__(self, routes: Routes, state: State, shown: Callable[[Route, Any], Any]) -> None:
        self.rules: Mapping[str, Any] | None = routes.document["webhooks"]
        self._state = state
        self._shown = shown
        self._key = _key(routes, self.rules) if self.rules else b""
        self._sent = 0
        self._closed = False

    def close(self) -> None:
        """Sends nothing any more."""
        self._closed = True
        with self._state.changed:
            self._state.changed.notify_all()

    def watch(self, route: Route, record: Record, arguments: Mapping[str, Any]) -> None:
        """Follows a job, if its starting call requested webhooks."""
        url = arguments.get(self.rules["argument"]) if self.rules else None
        if self.rules is None or not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            return
        wanted = arguments.get(self.rules["filter"]) or self.rules["events"]
        threading.Thread(target=self._follow, args=(route, record, url, list(wanted)), daemon=True).start()

    def _follow(self, route: Route, record: Record, url: str, wanted: list[str]) -> None:
        for event, data in self._events(route, record):
            if event in wanted:
                self._deliver(url, json.dumps(self._shown(route, data)).encode(), event == "completed")

    def _events(self, route: Route, record: Record) -> Iterator[tuple[str, Any]]:
        rules, job = self._state.routes.document["jobs"][route["job"]], record.job
        if job is None:
            return
        if self._reached(record, job.begins):
            yield "start", self._state.seen(record)
        self._reached(record, job.ends)
        if self._closed:
            return
        data = self._state.seen(record)
        for event in ("output", "logs"):
            if at(data, rules[event]):
                yield event, data
        yield "completed", data

    def _reached(self, record: Record, due: float) -> bool:
        """Waits for a time; False where the job came to another end before it."""
        job = record.job
        with self._state.changed:
            while not self._closed and record.job is job and (rest := due - self._state.now()) > 0:
                self._state.changed.wait(min(rest, 1.0))
        return not self._closed and record.job is job

    def _deliver(self, url: str, body: bytes, again: bool) -> None:
        with self._state.changed:
            self._sent += 1
            id_ = f"msg_{self._sent}"
        for attempt in range(_TRIES if again else 1):
            if attempt:
                time.sleep(0.2 * 2**attempt)
            if self._closed or self._post(url, id_, body):
                return

    def _post(self, url: str, id_: str, body: bytes) -> bool:
        stamp = str(int(time.time()))
        signature = base64.b64encode(hmac.digest(self._key, f"{id_}.{stamp}.".encode() + body, "sha256")).decode()
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        headers = {
            "Content-Type": "application/json",
            "webhook-id": id_,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature}",
        }
        try:
            connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT)
            try:
                path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
                connection.request("POST", path, body, headers)
                return connection.getresponse().status < 300
            finally:
                connection.close()
        except (OSError, http.client.HTTPException, ValueError):
            return False  # nobody listens there: the one who waits for it will notice


def _key(routes: Routes, rules: Mapping[str, Any]) -> bytes:
    """The key of the secret that the API's own example shows."""
    document = next(routes.by_name[rules["secret"]].documents(), None)
    secret = at(document, rules["key"])
    text = secret.removeprefix(_PREFIX) if isinstance(secret, str) else ""
    try:
        return base64.b64decode(text, validate=True) or b"mock"
    except binascii.Error:
        return text.encode("utf-8", "replace")
