"""Four hundred calls from a hundred tasks, and two thousand from 32 threads, against a server of bad moods.

No call is lost, none gets another's answer, no write is carried out twice, and nothing is left behind.
"""

from __future__ import annotations

import asyncio
import gc
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import op
from hanging import HANGS
from moody import Moody

pytestmark = pytest.mark.long
CALLS, IN_THREADS = 400, 2_000
SEED = "3"


@pytest.fixture
def base_url() -> Iterator[str]:
    command = [sys.executable, str(Path(__file__).with_name("moody.py")), SEED]
    with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as server:
        assert server.stdin is not None and server.stdout is not None
        yield f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
        server.stdin.close()
        server.wait(HANGS)


@pytest.fixture
def options(demo: Any) -> dict[str, Any]:
    return {
        "retries": demo.retries.RetryPolicy(max_retries=6, first_delay=0.001, max_delay=0.01),
        "timeout": {"connect": 60.0, "read": 60.0, "write": 60.0, "pool": None},
    }


class Tally:
    """The calls that are to be made, and what came of them."""

    def __init__(self, demo: Any, calls: int) -> None:
        P = demo.operation.Param
        name = P("name", "name", "path", required=True)
        self.read = op(demo, "GET", "/calls/{name}", name)
        self.write = op(
            demo, "POST", "/calls/{id}", P("id", "id", "path", required=True), P("name", "name", "field"),
            body_kind="json", media_type="application/json", flattened=True, body_required=True,
        )  # fmt: skip
        chance = random.Random(SEED)
        self.calls = [(number, chance.random() < 0.2) for number in range(calls)]
        self.waiting = iter(self.calls)
        self.lock = threading.Lock()
        self.ended: Counter[int] = Counter()
        self.failed: dict[int, Exception] = {}
        self.written = {number for number, writes in self.calls if writes}
        self.errors = (demo.errors.ServerError, demo.errors.ApiConnectionError)

    def next(self) -> tuple[int, Any, dict[str, str]] | None:
        with self.lock:
            number, writes = next(self.waiting, (-1, False))
        if number < 0:
            return None
        arguments = {"id": f"n{number}", "name": f"n{number}"} if writes else {"name": f"n{number}"}
        return number, self.write if writes else self.read, arguments

    @staticmethod
    def timeout(operation: Any, arguments: dict[str, str]) -> float | None:
        """Seconds for the few calls that are met with silence. The others have the client's own: on a machine that has
        other work, a hundred calls at once may each take longer than anybody would wait in silence."""
        moody = Moody(SEED)
        return 2.0 if any(moody.mood(f"{operation.method} {arguments['name']}") == "silent" for _ in range(3)) else None

    def end(self, number: int, answer: Any, failure: Exception | None = None) -> None:
        with self.lock:
            self.ended[number] += 1
            if failure is not None:
                self.failed[number] = failure
        assert failure is not None or answer["name"] == f"n{number}", "the answer to another call"

    def check(self, stats: Any) -> None:
        """What was asked and what was carried out agree."""
        assert len(self.ended) == len(self.calls) and set(self.ended.values()) == {1}
        assert set(self.failed) <= self.written, "a read was given up"
        carried_out = {int(name[1:]): count for name, count in stats["carried_out"].items()}
        assert set(carried_out.values()) == {1}, "a write was carried out twice"
        assert self.written - set(self.failed) <= set(carried_out), "a write was lost"
        assert 0.02 * len(self.written) < len(self.failed) < 0.3 * len(self.written)


def left() -> tuple[int, int, int]:
    """Open files, threads, and objects."""
    gc.collect()
    return len(os.listdir("/proc/self/fd")), threading.active_count(), len(gc.get_objects())


def check_left(before: tuple[int, int, int], calls: int) -> None:
    now = left()
    # What a test before this one left behind may have ended meanwhile.
    assert now[0] <= before[0] and now[1] <= before[1], (before, now)
    # What the calls themselves hold: were one object kept for each, there would be as many as calls.
    assert now[2] - before[2] < calls / 2, (before, now)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are counted in /proc")
def test_a_hundred_tasks(demo: Any, base_url: str, options: dict[str, Any], library: Any) -> None:
    tally = Tally(demo, CALLS)

    async def task(client: Any) -> None:
        while (found := tally.next()) is not None:
            number, operation, arguments = found
            try:
                timeout = tally.timeout(operation, arguments)
                tally.end(number, await client.call(operation, arguments, timeout=timeout))
            except tally.errors as failure:
                tally.end(number, None, failure)

    async def all_tasks() -> Any:
        async with demo.aio.client.AsyncClient("secret", base_url=base_url, **options) as client:
            await asyncio.gather(*(task(client) for _ in range(100)))
            return (await client.request("GET", base_url.removesuffix("/v1") + "/stats")).json()

    asyncio.run(warm(demo, base_url))
    before = left()
    tally.check(asyncio.run(all_tasks()))
    del tally.failed, tally.ended, tally.calls
    check_left(before, CALLS)


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="open files are counted in /proc")
def test_threads(demo: Any, base_url: str, options: dict[str, Any], library: Any) -> None:
    tally = Tally(demo, IN_THREADS)
    wrong: list[BaseException] = []

    def work(client: Any) -> None:
        try:
            while (found := tally.next()) is not None:
                number, operation, arguments = found
                try:
                    timeout = tally.timeout(operation, arguments)
                    tally.end(number, client.call(operation, arguments, timeout=timeout))
                except tally.errors as failure:
                    tally.end(number, None, failure)
        except BaseException as error:  # noqa: BLE001 - it is looked at where the threads have ended
            wrong.append(error)

    asyncio.run(warm(demo, base_url))
    before = left()
    with demo.sync.client.SyncClient("secret", base_url=base_url, **options) as client:
        threads = [threading.Thread(target=work, args=(client,)) for _ in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
        tally.check(client.request("GET", base_url.removesuffix("/v1") + "/stats").json())
    del tally.failed, tally.ended, tally.calls
    check_left(before, IN_THREADS)


async def warm(demo: Any, base_url: str) -> None:
    """What is imported and kept once is there before anything is counted."""
    async with demo.aio.client.AsyncClient("secret", base_url=base_url) as client:
        await client.request("GET", base_url.removesuffix("/v1") + "/stats")
    with demo.sync.client.SyncClient("secret", base_url=base_url) as client:
        client.request("GET", base_url.removesuffix("/v1") + "/stats")
