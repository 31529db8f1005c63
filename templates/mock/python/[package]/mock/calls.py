"""The calls that the mock received, for tests to look at: so many, so large, and without their secrets."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import parse_qsl

from .requests import Request

MOST = 1_000
"""Calls that are kept: the newest."""
LARGEST = 65_536
"""Bytes of a body that are kept."""
_SHOWN = frozenset(
    ("accept", "accept-encoding", "cancel-after", "content-length", "content-type", "host", "idempotency-key")
    + ("if-match", "if-none-match", "last-event-id", "origin", "prefer", "range", "user-agent")
)
"""Headers that are recorded with their values; of any other, only the name is recorded."""
HIDDEN = "…"


@dataclass(frozen=True)
class Call:
    """One request, and the status of its answer."""

    number: int
    """From 1 since the start or the last reset."""
    function: str
    """The name of the function; empty where the request reached none."""
    method: str
    path: str
    """Below the API's base URL."""
    query: dict[str, str]
    headers: dict[str, str]
    """By names in small letters; of those that may hold a secret, `…`."""
    body: Any
    """What its JSON says, else its text; None where it has none or is not text."""
    status: int
    """Of the answer, whether or not it arrived."""

    def document(self) -> dict[str, Any]:
        """The call as JSON."""
        return asdict(self)


class Calls:
    """The newest calls."""

    def __init__(self, secrets: frozenset[str] = frozenset()) -> None:
        """secrets: names of query parameters that hold one."""
        self._secrets = secrets
        self._lock = threading.Lock()
        self._kept: deque[Call] = deque(maxlen=MOST)
        self.count = 0

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._kept.clear()
            self.count = 0

    def add(self, request: Request, path: str, status: int, headers: dict[str, str]) -> None:
        """Record one more call; the oldest is dropped."""
        pairs = parse_qsl(request.query[:LARGEST], keep_blank_values=True)
        query = {name: HIDDEN if name in self._secrets else value for name, value in pairs}
        seen = {name: value if name in _SHOWN else HIDDEN for name, value in headers.items()}
        body = _body(request)
        with self._lock:
            self.count += 1
            self._kept.append(Call(self.count, request.function, request.method, path, query, seen, body, status))

    def __iter__(self) -> Iterator[Call]:
        with self._lock:
            return iter(list(self._kept))

    def __len__(self) -> int:
        return len(self._kept)


def _body(request: Request) -> Any:
    if not request.body:
        return None
    if len(request.body) > LARGEST:
        return f"({len(request.body)} bytes)"
    try:
        text = request.body.decode()
    except UnicodeDecodeError:
        return None
    if "json" in request.headers.get("Content-Type", ""):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text
    return text
