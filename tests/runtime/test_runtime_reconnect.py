"""A server that is restarted: what it certainly never got is sent again, and what was learnt meanwhile is forgotten."""

from __future__ import annotations

import heapq
import itertools
import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from http.server import ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import Face, Server, op


class Restarted:
    """A server whose listener is closed, and opened again at its port after so many pauses of the client."""

    def __init__(self, server: Server, waits: list[float]) -> None:
        self.server, self.waits = server, waits
        self.after: int | None = None

    def close(self, after: int | None = None) -> None:
        self.after = after
        self.server.close()

    def paused(self, seconds: float) -> None:
        self.waits.append(seconds)
        if self.after is not None and len(self.waits) >= self.after:
            self.after = None
            self.open()

    def open(self) -> None:
        old = self.server.http
        self.server.http = ThreadingHTTPServer(old.server_address, old.RequestHandlerClass)  # type: ignore[arg-type]
        self.server.http.daemon_threads = True
        threading.Thread(target=self.server.http.serve_forever, args=(0.01,), daemon=True).start()


@pytest.fixture
def restarted(demo: Any, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Restarted]:
    """On a clock that goes on by the pauses that are made."""
    waits: list[float] = []
    found = Restarted(server, waits)
    clock = time.monotonic

    def now() -> float:
        return clock() + sum(waits)

    async def sleep(seconds: float) -> None:
        found.paused(seconds)

    monkeypatch.setattr(demo.origins, "_origins", OrderedDict())
    monkeypatch.setattr(demo.pace, "shared", lambda _: demo.pace.Pace(now))
    monkeypatch.setattr(demo.exchange, "time", SimpleNamespace(monotonic=now))
    monkeypatch.setattr(demo.deadlines, "monotonic", now)
    monkeypatch.setattr(demo.sync.primitives, "time", SimpleNamespace(sleep=found.paused))
    monkeypatch.setattr(demo.aio.core, "sleep", sleep)
    yield found
    if found.after is not None:
        found.open()


def twice(face: Face, second: Any, restarted: Restarted, after: int | None, **more: Any) -> Callable[[Any], Any]:
    """A read that is answered, then the outage, then the call."""
    restarted.server.queue({}, Connection="close")
    first = op(face.demo)

    def sync(client: Any) -> Any:
        client.call(first, {})
        restarted.close(after)
        return client.call(second, {}, **more)

    async def asynchronous(client: Any) -> Any:
        await client.call(first, {})
        restarted.close(after)
        return await client.call(second, {}, **more)

    return asynchronous if face.asynchronous else sync


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_a_call_rides_out_a_restart_and_is_sent_once(face: Face, restarted: Restarted, method: str) -> None:
    second = op(face.demo, method, "/second", billed=method == "POST")
    assert second.starts == (method == "POST")
    found = face.run(twice(face, second, restarted, 9), base_url=restarted.server.base_url)
    assert found == {}
    assert [request.method for request in restarted.server.requests] == ["GET", method]
    assert len(restarted.waits) == 9 and max(restarted.waits) <= 2


def refusing() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_wrong_address_fails_soon_and_clearly(face: Face, restarted: Restarted) -> None:
    base = refusing()
    with pytest.raises(face.demo.errors.ApiConnectionError) as caught:
        face.run(lambda client: client.call(op(face.demo, "POST", billed=True), {}), base_url=base)
    assert len(restarted.waits) == 2 and sum(restarted.waits) < 2
    assert not caught.value.sent and base in str(caught.value)


@pytest.mark.parametrize(
    ("policy", "more", "waits", "least", "most"),
    [
        ({}, {}, 120, 80, 90),
        ({"reconnect": 9}, {}, 40, 6, 9),
        ({"reconnect": 0}, {}, 2, 0, 2),
        ({"max_retries": 0}, {}, 0, 0, 0),
        ({}, {"deadline": 7.0}, 40, 3, 7),
        ({"deadline": 7.0}, {}, 40, 3, 7),
    ],
    ids=["as it is", "shorter", "not at all", "no retries", "the call's deadline", "the policy's deadline"],
)
def test_a_server_that_stays_away_is_given_up(
    face: Face, restarted: Restarted, policy: Any, more: Any, waits: int, least: float, most: float
) -> None:
    second = op(face.demo, "POST", "/second", billed=True)
    retries = face.demo.retries.RetryPolicy(**policy)
    with pytest.raises(face.demo.errors.ApiConnectionError) as caught:
        face.run(twice(face, second, restarted, None, **more), base_url=restarted.server.base_url, retries=retries)
    assert not caught.value.sent and caught.value.look_with == ""
    assert least <= sum(restarted.waits) <= most and len(restarted.waits) <= waits
    restarted.open()


class Clock:
    """Workers on a clock that only their own pauses move."""

    def __init__(self, demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        clock = SimpleNamespace(monotonic=lambda: self.now, sleep=None)
        monkeypatch.setattr(demo.jobs, "time", clock)
        monkeypatch.setattr(demo.origins, "time", clock)
        monkeypatch.setattr(demo.origins, "_origins", OrderedDict())

    def run(self, workers: list[Iterator[float]]) -> None:
        order = itertools.count()
        due = [(self.now, next(order), worker) for worker in workers]
        while due:
            self.now, _, worker = heapq.heappop(due)
            for pause in worker:
                heapq.heappush(due, (self.now + pause, next(order), worker))
                break


URL = "https://api.test/v1"


@pytest.fixture
def clock(demo: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(demo, monkeypatch)


def failure(demo: Any, **headers: str) -> Any:
    return demo.errors.api_error(
        503, {key.replace("_", "-").lower(): each for key, each in headers.items()}, b"", "GET", URL
    )


@pytest.mark.parametrize("count", [1, 4, 60])
def test_all_look_at_their_jobs_again_soon_after_an_outage(demo: Any, clock: Clock, count: int) -> None:
    """Half a second after any of them has been answered, which comes within five."""
    over, seen = 30.0, []

    def look(begin: float) -> Iterator[float]:
        outage = demo.jobs.Outage(0.5)
        yield begin
        while clock.now < over:
            outage.failed(failure(demo), True)
            yield from outage.pauses()
        demo.origins.answered(URL, success=True)
        outage.answered()
        seen.append(clock.now)
        assert list(outage.pauses()) == [0.5]

    clock.run([look(number * 0.37 % 5) for number in range(count)])
    assert len(seen) == count and seen[0] - over <= 5
    assert seen[-1] - seen[0] <= 0.5 + 1e-6


def test_another_servers_success_ends_nothing_and_a_retry_after_is_obeyed(demo: Any, clock: Clock) -> None:
    outage = demo.jobs.Outage(0.5)
    for _ in range(9):
        outage.failed(failure(demo), True)
    clock.now += 1
    demo.origins.answered("https://other.test/v1", success=True)
    demo.origins.answered(URL, success=False)
    assert sum(outage.pauses()) == 5
    demo.origins.answered(URL + "/predictions", success=True)
    assert sum(outage.pauses()) == 0.5
    outage.failed(failure(demo, Retry_After="20"), True)
    assert sum(outage.pauses()) == 20


def test_starts_are_not_held_longer_than_a_second_after_an_outage(demo: Any, clock: Clock) -> None:
    """As a batch does it: each start that fails holds all back, and no gap between them is left."""
    over, taken = 30.0, []
    pace = demo.pace.Pace(lambda: clock.now)

    def start(number: int) -> Iterator[float]:
        ticket = pace.ticket()
        yield number * 0.05
        while True:
            turn = yield from pace.turn(ticket)
            if clock.now >= over:
                pace.accepted(turn)
                taken.append(clock.now)
                return
            pace.lost(turn)
            pace.hold(1.0)
            yield 0.2

    clock.run([start(number) for number in range(60)])
    assert len(taken) == 60 and taken[-1] - over <= 1.0 + 0.2
