"""Webhooks made from polled changes of jobs, for a receiver that the API cannot reach.

They are signed as the API signs its own, by Standard Webhooks, and hold the same: the job as its function gives it.
The receiver gets that and a signature, never the token.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from .activity import Change
from .errors import ArgumentError
from .jobs import ended
from .views import at
from .webhooks import keys, signature

EVENTS = ("start", "output", "logs", "completed")
TRIES = 5
"""Tries of a delivery that the receiver does not accept."""
_FIRST_PAUSE = 0.5
"""Seconds before the second try; each further one waits twice as long."""
_TIMEOUT = 10.0
_PORTS = {"http": 80, "https": 443}
_LONGEST_ANSWER = 65_536
"""Bytes of the receiver's answer that are read."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One event of a job, with its body."""

    event: str
    job: str
    """The id of the job."""
    id: str
    """The same for the same event, whenever it is sent again."""
    body: bytes


def events(change: Change) -> Iterator[str]:
    """The events for a change of a job, in order."""
    job, before, data = change.job, change.before, change.data

    def came(path: str) -> bool:
        return bool(path and at(data, path)) and at(data, path) != (at(before, path) if before is not None else None)

    begun = (came(job.started) and not at(before, job.started)) if job.started else before is None
    if begun:
        yield "start"
    if came(job.output):
        yield "output"
    if came(job.logs):
        yield "logs"
    if ended(job, data):
        yield "completed"


def webhooks(change: Change, wanted: tuple[str, ...]) -> list[Webhook]:
    """The webhooks for a change, for these events only."""
    body = json.dumps(change.data, separators=(",", ":")).encode()
    id_ = str(at(change.data, change.job.id))
    made = []
    for event in events(change):
        if event in wanted:
            named = f"{change.job.key}\0{id_}\0{event}\0".encode("utf-8", "replace")
            made.append(Webhook(event, id_, f"msg_{hashlib.sha256(named + body).hexdigest()[:32]}", body))
    return made


class Receiver:
    """The receiver of webhooks, and the secret that they are signed with."""

    def __init__(self, url: str, secret: str) -> None:
        """url: http:// or https://. secret: `whsec_…`. Raises ArgumentError where one of them is not valid."""
        self._parts, self._port = address(url)
        (self._key,) = keys(secret)

    def deliver(self, webhook: Webhook, sleep: Callable[[float], object] = time.sleep) -> str:
        """Sends a webhook until the receiver accepts it, TRIES times at most. Returns the status of its answer, or how
        it failed."""
        answer = ""
        for attempt in range(TRIES):
            if attempt:
                sleep(_FIRST_PAUSE * 2.0 ** (attempt - 1))
            answer, taken = self._post(webhook)
            if taken:
                return answer
        return f"{answer}, given up after {TRIES} tries"

    def _post(self, webhook: Webhook) -> tuple[str, bool]:
        stamp = str(int(time.time()))
        headers = {
            "Content-Type": "application/json",
            "webhook-id": webhook.id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{signature(self._key, webhook.id, stamp, webhook.body)}",
        }
        host = self._parts.hostname or ""
        connection: http.client.HTTPConnection
        if self._parts.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, self._port, timeout=_TIMEOUT, context=context)
        else:
            connection = http.client.HTTPConnection(host, self._port, timeout=_TIMEOUT)
        path = (self._parts.path or "/") + (f"?{self._parts.query}" if self._parts.query else "")
        try:
            connection.request("POST", path, webhook.body, headers)
            answer = connection.getresponse()
            answer.read(_LONGEST_ANSWER)
            return str(answer.status), 200 <= answer.status < 300
        except (OSError, http.client.HTTPException, ValueError) as error:
            return str(getattr(error, "strerror", None) or error or type(error).__name__)[:200], False
        finally:
            connection.close()


def address(url: str) -> tuple[SplitResult, int]:
    """The parts of a receiver's URL, and its port. Raises ArgumentError where it is not a valid URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise ArgumentError("forward", f"{url[:200]!r} is not a URL: {error}") from None
    if parts.scheme not in _PORTS or not parts.hostname or not port:
        raise ArgumentError("forward", f"must begin with http:// or https:// and name a host, not {url[:200]!r}")
    if "@" in parts.netloc or not (url.isascii() and url.isprintable()) or " " in url:
        raise ArgumentError("forward", "must hold no user name, no password, no blank and only ASCII characters")
    return parts, port
