"""Runs of a model while the API is in trouble, in seconds: see `chaos`, which takes minutes and looks at others, too."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.utils import formatdate
from typing import Any

import anyio
import pytest
from chaos import Outcome, Scenario, run
from mcp_harness import GENERATED
from replikit import AsyncReplicate, RateLimitError, Replicate, RetryPolicy, functions, lua
from replikit.mcp.calls import Calls
from replikit.mcp.clients import Caller
from replikit.mcp.limits import Limits
from replikit.mcp.options import Options
from scripted import Asked, Reply, Scripted, of, scripted

pytestmark = pytest.mark.long

SHORT: dict[str, Any] = {"after": 0.4, "count": 18, "job": 0.05}
SCENARIOS = {
    "outage": Scenario("", "outage", 0.6, **SHORT),
    "cut": Scenario("", "cut", 1000, **{**SHORT, "after": 0.0}),
    "storm": Scenario("", "storm", 1.2, **SHORT),
    "storm-untold": Scenario("", "storm-untold", 1.2, **SHORT),
    "stopped": Scenario("", stopped=0.5, **SHORT),
    "killed": Scenario("", killed=3, **SHORT),
}


RUNS = ("outage", "cut", "storm-untold")
"""The scenarios in which single runs are looked at as well: `make chaos` does so in all."""


@pytest.fixture(scope="module")
def outcomes() -> dict[tuple[str, str], Outcome]:
    """Of all scenarios with both of our ways, at once: they wait most of the time."""
    assert GENERATED.is_dir()
    ways = [*((name, "map") for name in SCENARIOS), *((name, "run") for name in RUNS)]
    with ThreadPoolExecutor(len(ways)) as pool:
        return dict(zip(ways, pool.map(lambda each: run(SCENARIOS[each[0]], each[1]), ways), strict=True))


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_batch_loses_nothing_and_bills_nothing_twice(outcomes: dict[tuple[str, str], Outcome], name: str) -> None:
    found = outcomes[name, "map"]
    assert (found.lost, found.twice, found.wrong) == (0, 0, 0), found


@pytest.mark.parametrize("name", RUNS)
def test_a_run_is_never_billed_twice_and_says_what_may_have_been_started(
    outcomes: dict[tuple[str, str], Outcome], name: str
) -> None:
    found = outcomes[name, "run"]
    assert (found.twice, found.wrong) == (0, 0), found
    # What was refused waits for its turn, and what found no server for it; what was under way and cut off is told of.
    assert found.lost == 0 or name in ("outage", "cut"), found
    assert not any(error.startswith("ApiConnectionError: ConnectError") for error in found.errors), found


class Api:
    """Takes a start after so many refusals of each token; `refusal` makes them."""

    def __init__(self, server: Scripted) -> None:
        self.refusals = 1
        self.refusal: Reply = of({"detail": "slow"}, 429, Retry_After="0")
        self.seen: dict[str, int] = {}
        self.times: list[float] = []
        self.lock = threading.Lock()
        server.answers["/v1/predictions"] = self.start

    def start(self, asked: Asked) -> Reply:
        with self.lock:
            token = asked.headers["Authorization"]
            self.seen[token] = self.seen.get(token, 0) + 1
            self.times.append(time.monotonic())
            if "patient" in token or self.seen[token] > self.refusals:
                return of({"id": "p", "status": "succeeded", "input": {}, "output": 1}, 201)
            return self.refusal


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    with scripted() as server:
        monkeypatch.setenv("REPLICATE_BASE_URL", server.base_url)
        monkeypatch.setenv("REPLICATE_API_TOKEN", "t")
        yield Api(server)


def start_sync(**options: Any) -> Any:
    with Replicate(**options) as client:
        return client.predictions.create(version="v", input={}).id


def start_async(**options: Any) -> Any:
    async def work() -> Any:
        async with AsyncReplicate(**options) as client:
            return (await client.predictions.create(version="v", input={})).id

    return asyncio.run(work())


def start_mcp(token: str = "t", call: float = 60.0) -> Any:
    async def work() -> Any:
        calls = Calls(Options(allowed=functions.Policy.everything(), limits=Limits(call=call)))
        async with calls.clients.serving():
            info = functions.find("replicate_create_prediction")
            return await calls.envelope(info, {"version": "v", "input": {}}, Caller(token))

    return anyio.run(work)


def start_lua(wall: float = 60.0) -> Any:
    script = """
        local ok, e = pcall(function() return replicate.create_prediction{version = 'v', input = {}} end)
        return {ok, ok and e.id or e.type, not ok and e.retry_after}"""
    with Replicate() as client:
        limits = lua.Limits(wall=wall)
        return lua.run(script, client=client, policy=functions.Policy.everything(), limits=limits)["result"]


def test_a_start_that_is_refused_is_sent_until_it_is_taken(api: Api) -> None:
    """Three times, where two retries were the end."""
    api.refusals = 3
    assert start_sync() == "p" and api.seen.popitem()[1] == 4
    assert start_async() == "p" and api.seen.popitem()[1] == 4
    assert start_mcp()["data"]["id"] == "p" and api.seen.popitem()[1] == 4
    assert start_lua() == [True, "p", False] and api.seen.popitem()[1] == 4


@pytest.mark.parametrize(
    "refusal",
    [
        of({}, 429, Retry_After="1"),
        of({"retry_after": 1}, 429),
        None,
    ],
    ids=["seconds", "the body's", "a date"],
)
def test_the_server_says_when(api: Api, refusal: Reply | None) -> None:
    # A date is made here: that of the collection is long ago where many tests come before this one.
    api.refusal = refusal or of({}, 429, Retry_After=formatdate(time.time() + 3600, usegmt=True))
    if refusal is None:
        with pytest.raises(RateLimitError) as caught:
            start_sync()
        assert 3000 < (caught.value.retry_after or 0) <= 3600 and len(api.times) == 1
    else:
        start_sync()
        assert api.times[1] - api.times[0] >= 1


def test_none_waits_longer_than_its_bound_and_all_say_after_how_long(api: Api) -> None:
    api.refusal, api.refusals = of({}, 429, Retry_After="30"), 1000
    for start in (start_sync, start_async):
        for options in ({"deadline": 20.0}, {"retries": RetryPolicy(deadline=20)}, {"max_retries": 0}):
            with pytest.raises(RateLimitError) as caught:
                start(**options)
            assert 10 < (caught.value.retry_after or 0) <= 30
    error = start_mcp(call=20.0)["error"]
    assert (error["type"], error["retryable"]) == ("rate_limited", True) and 10 < error["retry_after"] <= 30
    ok, kind, seconds = start_lua(wall=20.0)
    assert (ok, kind) == (False, "rate_limited") and 10 < seconds <= 30


def test_clients_with_one_token_share_what_is_known_and_others_are_not_slowed(api: Api) -> None:
    api.refusal, api.refusals = of({}, 429, Retry_After="30"), 1000
    with Replicate() as kept:
        with pytest.raises(RateLimitError):
            kept.with_options(deadline=20).predictions.create(version="v", input={})
        with pytest.raises(RateLimitError, match="429 not sent"):
            start_async(deadline=20.0)
        assert len(api.times) == 1, "what cannot be taken is not sent"
        assert start_mcp("patient")["data"]["id"] == "p"


def test_a_call_that_is_taken_back_while_it_waits_ends_at_once(api: Api) -> None:
    """As a host of MCP does: nothing is under way then that would have to be waited for."""
    api.refusal, api.refusals = of({}, 429, Retry_After="30"), 1000

    async def work() -> float:
        calls = Calls(Options(allowed=functions.Policy.everything(), limits=Limits(call=120)))
        info = functions.find("replicate_create_prediction")
        async with calls.clients.serving(), anyio.create_task_group() as tasks:
            tasks.start_soon(calls.envelope, info, {"version": "v", "input": {}, "wait": 5}, Caller("t"))
            while not api.times:
                await anyio.sleep(0.01)
            begun = time.monotonic()
            tasks.cancel_scope.cancel()
        return time.monotonic() - begun

    assert anyio.run(work) < 20 and len(api.times) == 1
