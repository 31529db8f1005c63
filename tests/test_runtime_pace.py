"""How fast a batch sends, against a token bucket, which is what rate limits are: on a clock that only the test moves."""

from __future__ import annotations

import math

import pytest
from replikit_package import imported

with imported():
    from replikit.runtime.pace import Pace


class Api:
    """Takes `rate` calls a minute, `burst` at once; refuses all between the seconds of a storm."""

    def __init__(self, rate: float, burst: int, storm: tuple[float, float] = (0.0, 0.0), told: bool = True) -> None:
        self.now = 1000.0
        self.storm = (self.now + storm[0], self.now + storm[1])
        self.rate, self.burst, self.told = rate / 60, burst, told
        self.tokens, self.filled = float(burst), self.now
        self.times: list[float] = []
        self.refusals = 0

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def take(self) -> float | None:
        """None where the call is taken, else the seconds of `Retry-After`."""
        self.tokens = min(self.burst, self.tokens + (self.now - self.filled) * self.rate)
        self.filled = self.now
        if self.storm[0] <= self.now < self.storm[1]:
            self.refusals += 1
            return 1.0
        if self.tokens < 1:
            self.refusals += 1
            return math.ceil((1 - self.tokens) / self.rate) if self.told else 1.0
        self.tokens -= 1
        self.times.append(self.now)
        return None


def sent(api: Api, count: int) -> list[float]:
    """When each of so many calls was taken, in seconds from the beginning."""
    begun, pace = api.now, Pace(lambda: api.now)
    while len(api.times) < count:
        turn = pace.turn()
        api.sleep(max(0.0, pace.left(turn)))
        if not pace.holds(turn):
            continue
        seconds = api.take()
        if seconds is None:
            pace.accepted()
        else:
            pace.refused(turn, seconds)
    return [when - begun for when in api.times]


@pytest.mark.parametrize("told", [True, False], ids=["Retry-After of the limit", "Retry-After 1"])
@pytest.mark.parametrize(("rate", "burst"), [(600, 10), (600, 1), (60, 5), (3000, 100), (6, 1)])
def test_the_limit_is_used_and_learnt(rate: float, burst: int, told: bool) -> None:
    count = max(30, int(rate * 2))
    api = Api(rate, burst, told=told)
    taken = sent(api, count)
    least = (count - burst) * 60 / rate
    assert taken[-1] <= least * 1.5 + 5, f"{taken[-1]:.1f} s where {least:.1f} s are needed"
    assert api.refusals <= count * (0.2 if rate > 6 or told else 9)


@pytest.mark.parametrize("rate", [600, 3000])
def test_after_a_storm_the_pace_is_back(rate: float) -> None:
    """Half a minute in which all is refused; ten seconds after its end as much is taken as before."""
    api = Api(rate, 10, storm=(20, 50))
    taken = sent(api, int(rate / 60 * 60))
    before = len([when for when in taken if 10 <= when < 20])
    after = len([when for when in taken if 60 <= when < 70])
    assert after >= before * 0.9, (before, after)
    assert len([when for when in taken if 50 <= when < 60]) >= before * 0.3
