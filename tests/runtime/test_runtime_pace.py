"""How fast jobs are started, against a token bucket, which is what rate limits are: on a clock that only the test moves."""

from __future__ import annotations

import gc
import heapq
import itertools
import math
import random
from collections.abc import Generator, Iterable

import pytest
from replikit_package import imported

with imported():
    from replikit.runtime import pace as module
    from replikit.runtime.config import Config
    from replikit.runtime.pace import Pace, shared

Steps = Generator[float, None, None]
ROUND_TRIP = 0.1
"""Seconds until a refusal is back."""


class Api:
    """Takes `rate` calls a minute, `burst` at once; refuses a share of all between the seconds of a storm.

    told: whether a refusal says how long to wait. takes: seconds until a call that is taken has its answer.
    """

    def __init__(
        self,
        rate: float,
        burst: int,
        storm: tuple[float, float] = (0.0, 0.0),
        told: bool = True,
        share: float = 1.0,
        takes: float = 0.0,
    ) -> None:
        self.now = 0.0
        self.storm, self.share, self.takes = storm, share, takes
        self.rate, self.burst, self.told = rate / 60, burst, told
        self.tokens, self.filled = float(burst), self.now
        self.times: list[float] = []
        self.refusals = 0
        self.chance = random.Random(1)
        self.pace = Pace(lambda: self.now)

    def take(self) -> float | None:
        """None where the call is taken, else the seconds of `Retry-After`; NaN where that is not said."""
        self.tokens = min(self.burst, self.tokens + (self.now - self.filled) * self.rate)
        self.filled = self.now
        trouble = self.storm[0] <= self.now < self.storm[1] and self.chance.random() < self.share
        if trouble or self.tokens < 1:
            self.refusals += 1
            return math.nan if not self.told else 1.0 if trouble else math.ceil((1 - self.tokens) / self.rate)
        self.tokens -= 1
        self.times.append(self.now)
        return None

    def call(self) -> Steps:
        """A call of a client, until it is taken."""
        ticket = self.pace.ticket()
        while True:
            turn = yield from self.pace.turn(ticket)
            yield ROUND_TRIP / 2
            seconds = self.take()
            yield ROUND_TRIP / 2 + (self.takes if seconds is None else 0.0)
            if seconds is None:
                self.pace.accepted(turn)
                return
            self.pace.refused(turn, None if math.isnan(seconds) else seconds)

    def one_after_the_other(self, count: int) -> Steps:
        for _ in range(count):
            yield from self.call()

    def run(self, workers: Iterable[Steps]) -> list[float]:
        """When each of the calls of all these workers was taken."""
        order = itertools.count()
        due = [(self.now, next(order), each) for each in workers]
        heapq.heapify(due)
        while due:
            self.now, _, worker = heapq.heappop(due)
            for pause in worker:
                assert pause >= 0
                heapq.heappush(due, (self.now + max(pause, 1e-9), next(order), worker))
                break
        return self.times


def together(api: Api, count: int, workers: int | None = None) -> list[float]:
    """All at once, or by so many workers."""
    if workers is None:
        return api.run(api.call() for _ in range(count))
    return api.run(api.one_after_the_other(count // workers) for _ in range(workers))


@pytest.mark.parametrize("workers", [1, 16, None], ids=["one by one", "16 at a time", "all at once"])
@pytest.mark.parametrize("told", [True, False], ids=["Retry-After", "no Retry-After"])
@pytest.mark.parametrize(("rate", "burst"), [(300, 5), (600, 10), (600, 1), (60, 5), (3000, 100), (6, 1)])
def test_the_limit_is_used_and_learnt(rate: float, burst: int, told: bool, workers: int | None) -> None:
    count = max(32, int(rate * 2)) // 16 * 16 if workers else 64
    api = Api(rate, burst, told=told)
    taken = together(api, count, workers)
    assert len(taken) == count
    least = max((count - burst) * 60 / rate, ROUND_TRIP * count / workers if workers else 0.0)
    assert taken[-1] <= least * 1.5 + 5, f"{taken[-1]:.1f} s where {least:.1f} s are needed"
    at_once = count if workers is None else workers
    assert api.refusals <= at_once + count * (0.35 if told or rate > 6 else 9)


@pytest.mark.parametrize("takes", [5.0, 60.0])
def test_answers_that_are_held_back_until_the_job_has_ended(takes: float) -> None:
    """What is under way for long was accepted: else the limit would be learnt from the jobs' own time."""
    api = Api(300, 5, takes=takes)
    taken = together(api, 300)
    assert taken[-1] <= 59 * 1.5 + 5
    assert api.refusals <= 300 + 60


@pytest.mark.parametrize("share", [1.0, 0.9])
@pytest.mark.parametrize("workers", [16, None])
@pytest.mark.parametrize("rate", [300, 600, 3000])
def test_after_a_storm_the_pace_is_back(rate: float, workers: int | None, share: float) -> None:
    """Half a minute in which all, or most, is refused; ten seconds after its end as much is taken as before."""
    api = Api(rate, 10, storm=(20, 50), share=share)
    taken = together(api, int(min(rate, 1200) / 60 * 60) // 16 * 16, workers)
    before = len([when for when in taken if 10 <= when < 20])
    after = len([when for when in taken if 60 <= when < 70])
    assert after >= min(before, rate / 6) * 0.85, (before, after)
    assert len([when for when in taken if 50 <= when < 60]) >= before * 0.3


def test_who_came_first_goes_first() -> None:
    """Whoever is refused keeps its place: no call is put off until its time is up."""
    api = Api(6, 1)
    ended: list[int] = []

    def noted(number: int) -> Steps:
        yield number * 1e-6
        yield from api.call()
        ended.append(number)

    api.run(noted(number) for number in range(55))
    assert api.times[-1] < 600, "the deadline of a call, where 540 s are needed"
    assert sum(abs(number - place) for place, number in enumerate(ended)) < 60


def test_whoever_no_longer_waits_keeps_nobody_waiting() -> None:
    api = Api(60, 1)
    first = api.pace.ticket()
    api.pace.refused(next_of(api.pace.turn(api.pace.ticket())), 1.0)
    left = api.pace.turn(first)
    assert next(left) == pytest.approx(1.0, abs=0.1)
    del left  # as of a task that is cancelled
    taken = together(api, 2)
    assert taken[0] < 1.5


def next_of(steps: Generator[float, None, object]) -> object:
    try:
        next(steps)
    except StopIteration as found:
        return found.value
    raise AssertionError("there is no turn")


def test_each_token_has_a_pace_of_its_own_which_ends_with_its_clients() -> None:
    one, two = Config("https://a.example", True, "t1"), Config("https://a.example", True, "t2")
    pace = shared(one)
    assert shared(one) is pace and shared(Config("https://b.example", True, "t1")) is not pace
    shared(two).hold(60)
    assert pace.remaining() < 0
    del pace
    gc.collect()
    assert not module._paces
