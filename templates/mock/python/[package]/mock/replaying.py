"""Playing a recording: what a real API answered is answered again, to whoever asks the same.

The same call: method, path, query and body, as far as the recording shows them. Of several answers to one call each comes
in its turn, the last for all that follow. A call with another body gets what the same path and query got; what was never
recorded is answered as the mock answers.
"""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from ..runtime import disk
from ..runtime.jsonvalues import key
from . import secretfree
from .answers import Answer
from .problems import RecordError
from .recording import FORMAT, KEPT, MOST, written
from .requests import Request
from .routes import Routes

LARGEST = 256 * 1024 * 1024
"""Bytes of a recording."""


class Replay:
    """The answers of a recording."""

    def __init__(self, file: Path, routes: Routes, here: Callable[[], str]) -> None:
        """Raises RecordError, with the line, if it is malformed."""
        self._base_path = routes.document["base_path"]
        self._here = here
        self._secrets = frozenset(
            each["name"] for each in routes.document["schemes"].values() if each["location"] in ("query", "header")
        )
        self._lock = threading.Lock()
        self._turns: Counter[Hashable] = Counter()
        self._known: dict[Hashable, list[Mapping[str, Any]]] = {}
        try:
            lines = disk.read(file, LARGEST)[0].decode().removesuffix("\n").split("\n")  # U+2028 may stand in one
        except (OSError, ValueError) as error:
            raise RecordError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
        self._recorded = self._head(file, lines)
        for number, line in enumerate(lines[1 : MOST + 1], 2):
            entry = _entry(line)
            if entry is None:
                raise RecordError(f"{file}:{number}: this is not an exchange written by --record")
            whole = _called(entry["method"], entry["path"], entry["query"])
            for place in ((*whole, key(entry["sent"])), whole):
                self._known.setdefault(place, []).append(entry)

    def _head(self, file: Path, lines: list[str]) -> str:
        try:
            head = json.loads(lines[0]) if lines else None
        except (ValueError, RecursionError):
            head = None
        if not isinstance(head, dict) or not isinstance(head.get("recorded"), str) or head.get("format") != FORMAT:
            raise RecordError(f"{file}:1: this is not a recording: --record URL --to FILE creates one")
        return str(head["recorded"])

    def reset(self) -> None:
        """From the first answers on."""
        with self._lock:
            self._turns.clear()

    def answer(self, request: Request) -> Answer | None:
        """The recorded answer; None if there is none."""
        path = request.path.removeprefix(self._base_path)
        pairs = parse_qsl(request.query, keep_blank_values=True)
        sent = secretfree.credentials(request.headers.items(), pairs, self._secrets)
        whole = _called(
            request.method,
            secretfree.value(path, sent),
            secretfree.query(self._theirs(request.query), self._secrets),
        )
        body = written(self._theirs_bytes(request.body), request.headers.get("Content-Type", ""), sent)
        with self._lock:
            for place in ((*whole, key(body)), whole):
                if entries := self._known.get(place):
                    turn = min(self._turns[place], len(entries) - 1)
                    self._turns[place] += 1
                    return self._answered(entries[turn])
        return None

    def _theirs(self, text: str) -> str:
        return text.replace(self._here(), self._recorded)

    def _theirs_bytes(self, content: bytes) -> bytes:
        return content.replace(self._here().encode(), self._recorded.encode())

    def _answered(self, entry: Mapping[str, Any]) -> Answer:
        headers = {n: t.replace(self._recorded, self._here()) for n, t in entry["headers"].items() if n in KEPT}
        media = headers.pop("content-type", "")
        body = entry["content"] or {}
        if "base64" in body:
            content = base64.b64decode(body["base64"])
        else:
            text = json.dumps(body["json"]) if "json" in body else body.get("text", "")
            content = text.replace(self._recorded, self._here()).encode()
        return Answer(entry["status"], content, media, tuple(headers.items()))


def _called(method: str, path: str, query: str) -> tuple[Hashable, ...]:
    return method, path, tuple(sorted(parse_qsl(query, keep_blank_values=True)))


def _entry(line: str) -> dict[str, Any] | None:
    """Parse an exchange; None if it is malformed."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    texts = ("method", "path", "query")
    if not isinstance(entry, dict) or not all(isinstance(entry.get(name), str) for name in texts):
        return None
    headers, body = entry.get("headers"), entry.get("content")
    plain = isinstance(headers, dict) and all(
        isinstance(t, str) and t.isprintable() and t.isascii() for t in headers.values()
    )
    status = entry.get("status")
    known = type(status) is int and 200 <= status <= 599
    valid = body is None or (
        isinstance(body, dict) and len(body) == 1 and next(iter(body)) in ("json", "text", "base64")
    )
    if valid and body and "json" not in body:
        valid = isinstance(next(iter(body.values())), str)
    return {**entry, "sent": entry.get("sent")} if plain and known and valid else None
