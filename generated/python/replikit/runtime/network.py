"""The network below httpx, held to the deadline of each call.

httpx gives each step on the network its own limit. Ours carry the deadline of their call (see `deadlines`): here they
are made as short as the time that is left, for each single read and write. What others send on a client that was passed
in is left as it is.
"""

from __future__ import annotations

import queue
import socket
import sys
import threading
from typing import Any

from .deadlines import Limit

PIECE = 64 * 1024
"""Bytes that are written before the clock is looked at again."""
_MOST_ADDRESSES = 16
_INSTANT = 0.001
"""Seconds to connect with where none are left: so the failure is one of connecting, and nothing was sent."""


def watch(http: Any) -> Any:
    """The client, whose connections from now on ask for the time that is left.

    httpx takes no network of one's own, though httpcore below it does. A transport that is neither is left alone: its
    calls have the limits of their steps, and what is left of the time when a step begins.
    """
    for transport in (http._transport, *http._mounts.values()):
        pool = getattr(transport, "_pool", None)
        backend = getattr(pool, "_network_backend", None)
        if pool is not None and backend is not None and not isinstance(backend, (_Backend, _AsyncBackend)):
            made = _AsyncBackend if hasattr(pool, "aclose") else _Backend
            # Requests over HTTP/2 share a connection, and none can tell whose bytes it reads.
            pool._network_backend = made(backend, counted=not getattr(pool, "_http2", False))
    return http


def _connecting(limit: float | None) -> float | None:
    if type(limit) is not Limit:
        return limit
    try:
        return limit.deadline.allowed(limit.own)
    except TimeoutError:
        return _INSTANT


def _addresses(host: str, port: int, limit: Limit) -> list[str]:
    """The addresses of a host: asked for one of many, the standard library gives each the whole of the time.

    TimeoutError where the system does not say in time.
    """
    try:
        return _resolved(host, port, socket.AI_NUMERICHOST) or [host]
    except (OSError, UnicodeError):
        pass
    # How long the system may take to find a name cannot be told to it: so it is asked by a thread that can be left.
    answer: queue.SimpleQueue[list[str]] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answer.put(_resolved(host, port))
        except (OSError, UnicodeError):
            answer.put([])  # which is told by whoever connects

    threading.Thread(target=ask, daemon=True).start()
    try:
        return answer.get(timeout=limit.deadline.allowed(limit.own)) or [host]
    except queue.Empty:
        raise TimeoutError from None


def _resolved(host: str, port: int, flags: int = 0) -> list[str]:
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    return list(dict.fromkeys(str(address[0]) for *_, address in addresses))[:_MOST_ADDRESSES]


class _Backend:
    def __init__(self, inner: Any, counted: bool) -> None:
        self.sleep = inner.sleep
        self._inner = inner
        self._counted = counted

    def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _Stream:
        failure: Exception | None = None
        try:
            addresses = _addresses(host, port, timeout) if type(timeout) is Limit else [host]
        except TimeoutError:
            core = sys.modules[type(self._inner).__module__.partition(".")[0]]
            raise core.ConnectTimeout(f"the address of {host} was not found in time") from None
        for address in addresses:
            try:
                made = self._inner.connect_tcp(address, port, timeout=_connecting(timeout), **more)
                return _Stream(made, self._counted)
            except Exception as error:  # noqa: BLE001 - the last one is raised
                failure = error
                if type(timeout) is Limit and timeout.deadline.left() <= 0:
                    break
        assert failure is not None, "a host has an address"
        raise failure

    def connect_unix_socket(self, path: str, timeout: float | None = None, **more: Any) -> _Stream:
        return _Stream(self._inner.connect_unix_socket(path, timeout=_connecting(timeout), **more), self._counted)


class _Stream:
    __slots__ = ("_counted", "_inner", "close", "get_extra_info")

    def __init__(self, inner: Any, counted: bool) -> None:
        self._inner = inner
        self._counted = counted
        self.close = inner.close
        self.get_extra_info = inner.get_extra_info

    def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        if type(timeout) is not Limit:
            return self._inner.read(max_bytes, timeout)
        data = self._inner.read(max_bytes, timeout.deadline.allowed(timeout.own))
        if self._counted:
            timeout.deadline.took(len(data))
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if type(timeout) is not Limit:
            self._inner.write(buffer, timeout)
            return
        for start in range(0, len(buffer), PIECE):
            self._inner.write(buffer[start : start + PIECE], timeout.deadline.allowed(timeout.own))

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> _Stream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, _connecting(timeout)), self._counted)


class _AsyncBackend:
    def __init__(self, inner: Any, counted: bool) -> None:
        self.sleep = inner.sleep
        self._inner = inner
        self._counted = counted

    async def connect_tcp(self, host: str, port: int, timeout: float | None = None, **more: Any) -> _AsyncStream:
        return _AsyncStream(
            await self._inner.connect_tcp(host, port, timeout=_connecting(timeout), **more), self._counted
        )

    async def connect_unix_socket(self, path: str, timeout: float | None = None, **more: Any) -> _AsyncStream:
        return _AsyncStream(
            await self._inner.connect_unix_socket(path, timeout=_connecting(timeout), **more), self._counted
        )


class _AsyncStream:
    __slots__ = ("_counted", "_inner", "aclose", "get_extra_info")

    def __init__(self, inner: Any, counted: bool) -> None:
        self._inner = inner
        self._counted = counted
        self.aclose = inner.aclose
        self.get_extra_info = inner.get_extra_info

    async def read(self, max_bytes: int, timeout: float | None = None) -> Any:
        if type(timeout) is not Limit:
            return await self._inner.read(max_bytes, timeout)
        data = await self._inner.read(max_bytes, timeout.deadline.allowed(timeout.own))
        if self._counted:
            timeout.deadline.took(len(data))
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if type(timeout) is not Limit:
            await self._inner.write(buffer, timeout)
            return
        for start in range(0, len(buffer), PIECE):
            await self._inner.write(buffer[start : start + PIECE], timeout.deadline.allowed(timeout.own))

    async def start_tls(
        self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None
    ) -> _AsyncStream:
        return _AsyncStream(
            await self._inner.start_tls(ssl_context, server_hostname, _connecting(timeout)), self._counted
        )
