"""`/__mock/…`: the mock itself over HTTP, for tests that run in another process.

    GET  /__mock/health    whether it answers, and what of
    GET  /__mock/state     the records
    GET  /__mock/calls     the calls that it received
    POST /__mock/reset     back to how it started

Nothing here takes a token, so that it is only for who calls the loopback interface by name: a page that another host
sent is refused by the `Host` or the `Origin` that its browser tells.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from .answers import Answer
from .calls import Calls
from .problems import Problem
from .requests import Request
from .state import State

CONTROL = "/__mock/"
MOST = 1_000
"""Records, or calls, of one answer."""
LARGEST = 16 * 1024 * 1024
"""Bytes of records in one answer."""
_PARAMETERS = {"health": (), "state": ("path", "limit"), "calls": ("function", "after", "limit"), "reset": ()}


class Control:
    """The endpoints of the mock itself."""

    def __init__(
        self, state: State, calls: Calls, reset: Callable[[], None], show: Callable[[Any], Any], hosts: Sequence[str]
    ) -> None:
        """show: data as an answer shows it. hosts: names beside the loopback ones that it may be called by."""
        self._show = show
        self._state = state
        self._calls = calls
        self._reset = reset
        self._hosts = frozenset(host.lower() for host in hosts)

    def answer(self, request: Request) -> Answer:
        """The answer. Raises Problem if there is none."""
        self._admit(request)
        name = request.path.removeprefix(CONTROL)
        if name not in _PARAMETERS:
            raise Problem(404, f"There is nothing at {request.path}: there are {', '.join(_PARAMETERS)}.")
        methods = ("POST",) if name == "reset" else ("GET", "HEAD")
        if request.method not in methods:
            headers = (("Allow", ", ".join(methods)),)
            raise Problem(405, f"{request.method} is not allowed here.", headers=headers)
        parameters = dict(parse_qsl(request.query, keep_blank_values=True))
        for unknown in sorted(parameters.keys() - set(_PARAMETERS[name])):
            known = ", ".join(_PARAMETERS[name]) or "none"
            raise Problem(400, f"There is no parameter {unknown[:200]!r}; known are: {known}.")
        if name == "reset":
            self._reset()
            return Answer(204)
        answer_ = {"health": self._health, "state": self._records, "calls": self._received}[name](parameters)
        return Answer(200, json.dumps(answer_).encode(), "application/json", (("Cache-Control", "no-store"),))

    def _admit(self, request: Request) -> None:
        host = _name(request.headers.get("Host", ""))
        if not _is_loopback(host) and host not in self._hosts:
            detail = f"{CONTROL} can be called only from this machine; --control-host allows another host name."
            raise Problem(403, detail)
        origin = request.headers.get("Origin", "")
        if origin and urlsplit(origin).netloc.lower() != request.headers.get("Host", "").lower():
            raise Problem(403, f"{CONTROL} cannot be called by pages of other origins.")
        if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
            raise Problem(403, f"{CONTROL} cannot be called by pages of other sites.")

    def _health(self, parameters: dict[str, str]) -> Any:
        document = self._state.routes.document
        return {"status": "ok", "title": document["title"], "functions": len(self._state.routes.routes)}

    def _records(self, parameters: dict[str, str]) -> Any:
        most, size = _count(parameters, "limit", MOST), 0
        rows: list[dict[str, Any]] = []
        with self._state.changed:
            kept = [(name, record) for name, records in self._state.records.items() for record in records.values()]
            for name, record in kept:
                path = name.format(*record.key)
                if not path.startswith(parameters.get("path", "")):
                    continue
                each = {"path": path, "data": self._show(self._state.seen(record))}
                size += len(json.dumps(each))
                if len(rows) == most or size > LARGEST:
                    return {"records": rows, "complete": False}
                rows.append(each)
        return {"records": rows, "complete": True}

    def _received(self, parameters: dict[str, str]) -> Any:
        after, most = _count(parameters, "after", 10**9, 0), _count(parameters, "limit", MOST)
        wanted = parameters.get("function")
        calls = [c for c in self._calls if c.number > after and wanted in (None, c.function)]
        return {"received": self._calls.count, "calls": [call.document() for call in calls[:most]]}


def _count(parameters: dict[str, str], name: str, most: int, otherwise: int | None = None) -> int:
    text = parameters.get(name)
    if text is None:
        return most if otherwise is None else otherwise
    if not (text.isascii() and text.isdigit()) or len(text) > 10 or int(text) > most:
        raise Problem(400, f"{name} must be a number from 0 to {most}, not {text[:200]!r}.")
    return int(text)


def _name(host: str) -> str:
    """A `Host` without its port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    import ipaddress

    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
