"""When the two clients send again, on httpx and on httpx2: refusals, failures, lines that break, servers that stall."""

from __future__ import annotations

import socket
import threading
import time
from email.utils import formatdate
from typing import Any

import pytest
from conftest import Face, Server, op

pytestmark = pytest.mark.usefixtures("no_waiting")


POLICY = {
    "a write that failed is not sent again": ("POST", {}, [(503, {})], 1, None),
    "a read that failed is": ("GET", {}, [(503, {}), (500, {})], 3, 2),
    "a read that was wrong is not": ("GET", {}, [(400, {})], 1, None),
    "whatever was refused for now is": ("POST", {}, [(429, {})], 2, 1),
    "an end is set": ("GET", {}, [(503, {})] * 5, 3, None),
    "a policy may say otherwise": ("GET", {"max_retries": 4}, [(503, {})] * 4, 5, 4),
    "a method may be named": ("PUT", {"methods": frozenset({"PUT"})}, [(503, {})], 2, 1),
    "a status may be named": ("GET", {"statuses": frozenset({418})}, [(418, {})], 2, 1),
    "too long a pause is not made": ("GET", {"max_retry_after": 5}, [(429, {"Retry-After": "6"})], 1, None),
    "a deadline ends it": ("GET", {"deadline": 5}, [(429, {"Retry-After": "6"})], 1, None),
}  # fmt: skip


@pytest.mark.parametrize(("method", "policy", "answers", "asked", "waits"), POLICY.values(), ids=POLICY)
def test_retries(
    face: Face, server: Server, no_waiting: list[float],
    method: str, policy: dict[str, Any], answers: list[Any], asked: int, waits: int | None,
) -> None:  # fmt: skip
    for status, headers in answers:
        server.answers.append((status, headers, b"{}"))

    def work(client: Any) -> Any:
        return client.call(op(face.demo, method), {})

    options = {"base_url": server.base_url, "retries": face.demo.retries.RetryPolicy(**policy)}
    if waits is None:
        with pytest.raises(face.demo.errors.ApiError):
            face.run(work, **options)
    else:
        face.run(work, **options)
        assert len(no_waiting) == waits
    assert len(server.requests) == asked


def test_pauses(demo: Any) -> None:
    policy = demo.retries.RetryPolicy(max_retries=9)
    error = demo.errors.api_error(503, {}, b"", "GET", "")
    delays = [policy.delay(op(demo), error, attempt, 0.0) for attempt in range(8)]
    for attempt, delay in enumerate(delays):
        assert 0.75 * min(0.5 * 2**attempt, 8.0) <= delay <= min(0.5 * 2**attempt, 8.0)
    soon = formatdate(time.time() + 50, usegmt=True)
    for headers, body, low, high in (
        ({"retry-after": "7"}, b"{}", 7, 7),
        ({"retry-after": soon}, b"{}", 20, 50),
        ({}, b'{"retry_after": 3}', 3, 3),
        ({"retry-after": "0"}, b"{}", 0, 0),
        ({"retry-after": "soon"}, b"{}", 0.3, 0.5),
    ):
        delay = policy.delay(op(demo, "POST"), demo.errors.api_error(429, headers, body, "POST", ""), 0, 0.0)
        assert low <= delay <= high
    with pytest.raises(AttributeError):
        policy.max_retries = 3


def hang_up(listening: socket.socket, count: list[int], stop: threading.Event) -> None:
    """Reads each request and answers none."""
    while not stop.is_set():
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection:
            if connection.recv(65536):
                count.append(1)


@pytest.mark.parametrize(("method", "tries"), [("POST", 1), ("GET", 3), ("QUERY", 3)])
def test_a_line_that_breaks(face: Face, method: str, tries: int) -> None:
    """What may have been carried out is not sent again."""
    count: list[int] = []
    stop = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up, args=(listening, count, stop))
        thread.start()
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(face.demo.errors.ApiConnectionError) as caught:
            face.run(lambda client: client.call(op(face.demo, method, "/x"), {}), base_url=base)
        stop.set()
        socket.create_connection(listening.getsockname()).close()
        thread.join()
    assert len(count) == tries and caught.value.sent
    assert (caught.value.method, caught.value.url) == (method, base + "/x")


def test_a_server_that_stalls(face: Face, no_waiting: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:  # connects, and never answers
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with pytest.raises(TimeoutError) as caught:
            timeout = {"connect": 60.0, "read": 0.1, "write": 60.0, "pool": 60.0}
            face.run(lambda client: client.call(op(face.demo, "POST"), {}, timeout=timeout), base_url=base)
    assert isinstance(caught.value, face.demo.errors.ApiTimeoutError) and "ReadTimeout" in str(caught.value)
    assert no_waiting == [] and isinstance(caught.value, face.demo.errors.ApiConnectionError)
