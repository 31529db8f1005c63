"""client.map: many inputs through one model, on both clients and both libraries, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from replikit_package import imported
from scripted import KINDS, Asked, Kind, Reply, Scripted, of, scripted

Run = Callable[..., Any]
MODEL = {"owner": "o", "name": "m", "is_official": True}
SENT, LISTED = "/v1/models/o/m/predictions", "/v1/predictions"


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


class Api:
    """An API that runs what it is sent; `mood` may answer a start in another way, before or after it is carried out."""

    def __init__(self, server: Scripted) -> None:
        self.server = server
        self.jobs: dict[str, dict[str, Any]] = {}
        self.lock = threading.Lock()
        self.mood: Callable[[int, Any], Reply | str | None] = lambda count, sent: None
        self.held = threading.Event()
        """Until it is set, jobs whose input says `hold` do not end."""
        self.starts = 0
        server.answers |= {"/v1/models/o/m": [of(MODEL)], SENT: self.start, LISTED: self.list}

    def start(self, asked: Asked) -> Reply:
        with self.lock:
            self.starts += 1
            mood = self.mood(self.starts, asked.json["input"])
            if isinstance(mood, Reply):
                return mood
            name = f"j{len(self.jobs)}"
            status = "failed" if asked.json["input"].get("fail") else "succeeded"
            data = {
                "id": name,
                "status": "starting",
                "input": asked.json["input"],
                "error": "no" if status == "failed" else None,
            }
            self.jobs[name] = {
                **data,
                "ends": status,
                "output": asked.json["input"]["n"] if status == "succeeded" else None,
            }
            self.server.answers[f"{LISTED}/{name}"] = lambda _: self.look(name)
            self.server.answers[f"{LISTED}/{name}/cancel"] = lambda _: self.cancel(name)
        if mood == "lost":
            return Reply([b"{"], length=100, cut=True)
        return of(data, 201)

    def look(self, name: str) -> Reply:
        job = self.jobs[name]
        if job["status"] == "starting" and (self.held.is_set() or not job["input"].get("hold")):
            job["status"] = job["ends"]
        return of(job)

    def cancel(self, name: str) -> Reply:
        self.jobs[name] |= {"status": "canceled", "output": None}
        return of(self.jobs[name])

    def list(self, asked: Asked) -> Reply:
        return of({"results": list(self.jobs.values())[::-1], "next": None, "previous": None})

    def inputs(self) -> Counter[int]:
        return Counter(job["input"]["n"] for job in self.jobs.values())


@pytest.fixture
def api() -> Iterator[Api]:
    with scripted() as server:
        yield Api(server)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def run(kind: Kind, package: Any, api: Api, monkeypatch: pytest.MonkeyPatch) -> Run:
    from replikit.runtime import doubt

    monkeypatch.setattr(doubt, "SETTLED", 0.01)
    cls = package.AsyncReplicate if kind.asynchronous else package.Replicate
    usual = package.RetryPolicy(first_delay=0.01)
    return lambda work, retries=usual: kind.run(
        cls, work, token="secret", base_url=api.server.base_url, retries=retries
    )


def rows(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"n": n, **more} for n in range(count)]


def test_results_keep_the_order_and_hold_their_inputs(api: Api, run: Run) -> None:
    found = run(lambda c: c.map("o/m", rows(12), concurrency=5))
    assert [(r.index, r.input, r.ok, r.output, r.error) for r in found] == [
        (n, {"n": n}, True, n, None) for n in range(12)
    ]
    assert api.inputs() == Counter(range(12)) and {r.id for r in found} == set(api.jobs)


def test_what_is_there_first_is_given_first(api: Api, run: Run) -> None:
    """The first input does not end before all others have been given."""
    inputs = [{"n": 0, "hold": True}, *rows(6)[1:]]

    def release(result: Any) -> Any:
        order.append(result.index)
        if len(order) == 5:
            api.held.set()
        return result

    order: list[int] = []

    def work(client: Any) -> Any:
        found = client.map("o/m", inputs, concurrency=2, ordered=False)
        if not hasattr(found, "__aiter__"):
            return (release(result) for result in found)

        async def released() -> Any:
            async for result in found:
                yield release(result)

        return released()

    run(work)
    assert order[-1] == 0 and sorted(order) == list(range(6))


def test_a_failure_is_a_result(package: Any, api: Api, run: Run) -> None:
    api.mood = lambda count, sent: of({"detail": "odd"}, 422) if sent["n"] == 2 else None
    found = run(lambda c: c.map("o/m", [{"n": 0}, {"n": 1, "fail": True}, {"n": 2}], concurrency=1))
    assert [r.ok for r in found] == [True, False, False]
    assert (found[1].status, found[1].error, found[1].data["status"]) == ("failed", "j1 failed: no", "failed")
    assert type(found[2].exception).__name__ == "UnprocessableEntityError" and found[2].id is None


def test_what_was_refused_is_sent_again_and_what_was_lost_is_looked_for(api: Api, run: Run) -> None:
    moods: dict[int, Reply | str] = {
        2: of({}, 429, retry_after="0"),
        3: "lost",
        5: of({}, 503),
        7: of({}, 429, retry_after="0"),
        8: "lost",
    }
    api.mood = lambda count, sent: moods.get(count)
    found = run(lambda c: c.map("o/m", rows(10), concurrency=1))
    assert [r.output for r in found] == list(range(10))
    assert api.inputs() == Counter(range(10)), "nothing was started twice"


def test_nothing_is_sent_again_where_no_retries_are_wanted(package: Any, api: Api, run: Run) -> None:
    """Each input is sent once. One whose answer was lost is looked for; one that is there after all is followed."""
    moods: dict[int, Reply | str] = {2: of({}, 429, retry_after="7"), 3: "lost", 5: of({}, 503)}
    api.mood = lambda count, sent: moods.get(count)
    found = run(lambda c: c.map("o/m", rows(6), concurrency=1), package.RetryPolicy(max_retries=0, reconnect=30))
    assert api.starts == 6
    assert [r.output for r in found] == [0, None, 2, 3, None, 5]
    assert [type(r.exception).__name__ for r in found if not r.ok] == ["RateLimitError", "ServerError"]
    assert [r.id for r in found if not r.ok] == [None, None] and api.inputs() == Counter([0, 2, 3, 5])


@dataclasses.dataclass
class Row:
    n: int
    parts: list[Row] = dataclasses.field(default_factory=list)


def test_dataclasses_are_inputs_that_are_found_again(api: Api, run: Run, tmp_path: Path) -> None:
    """What was lost is known by its input, and a result line shows the fields."""
    api.mood = lambda count, sent: "lost" if count == 2 else None
    given = [Row(n, [Row(9)]) for n in range(4)]
    out = tmp_path / "results.jsonl"
    found = run(lambda c: c.map("o/m", given, concurrency=1, journal=out))
    assert [(r.input, r.output) for r in found] == [(given[n], n) for n in range(4)]
    assert api.starts == 4 and api.inputs() == Counter(range(4))
    lines = {line["index"]: line["input"] for line in map(json.loads, out.read_text().splitlines())}
    assert lines == {n: {"n": n, "parts": [{"n": 9, "parts": []}]} for n in range(4)}


def test_a_batch_keeps_to_the_policy_of_its_client(package: Any, api: Api, run: Run) -> None:
    """A read of it that fails is tried again as often as the client's policy says."""
    looks: Counter[str] = Counter()

    def list_(asked: Asked) -> Reply:
        looks["list"] += 1
        return of({}, 503) if looks["list"] < 5 else api.list(asked)

    api.server.answers[LISTED] = list_
    found = run(lambda c: c.map("o/m", rows(2)), package.RetryPolicy(max_retries=4, first_delay=0.01))
    assert [r.output for r in found] == [0, 1] and looks["list"] == 5
    looks.clear()
    with pytest.raises(package.ServerError):
        run(lambda c: c.map("o/m", rows(2)), package.RetryPolicy(max_retries=0))
    assert looks["list"] == 1


def test_a_journal_resumes_and_failed_ones_are_run_again(package: Any, api: Api, run: Run, tmp_path: Path) -> None:
    journal = tmp_path / "out.jsonl"
    inputs = [{"n": 0}, {"n": 1, "fail": True}, {"n": 2}]
    first = run(lambda c: c.map("o/m", inputs, journal=journal))
    again = run(lambda c: c.map("o/m", inputs, journal=journal))
    assert [(r.ok, r.output, r.resumed) for r in again] == [(True, 0, True), (False, None, True), (True, 2, True)]
    assert [r.id for r in again] == [r.id for r in first] and len(api.jobs) == 3
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    assert {line["index"]: line["input"] for line in lines} == dict(enumerate(inputs))
    third = run(lambda c: c.map("o/m", inputs, journal=journal, retry_failed=True))
    assert [r.resumed for r in third] == [True, False, True] and len(api.jobs) == 4
    assert [r.ok for r in run(lambda c: c.map("o/m", inputs, journal=journal))] == [True, False, True]
    with pytest.raises(package.ConfigError, match="holds the results of another batch"):
        run(lambda c: c.map("o/m", rows(2), journal=journal))


def test_too_many_failures_end_it(package: Any, api: Api, run: Run) -> None:
    with pytest.raises(package.Error, match="2 failed, and at most 1 may"):
        run(lambda c: c.map("o/m", rows(50, fail=True), concurrency=1, max_failures=1))
    assert len(api.jobs) == 2


def test_what_would_fail_them_all_ends_it(package: Any, api: Api, run: Run) -> None:
    api.mood = lambda count, sent: of({"detail": "no"}, 401)
    with pytest.raises(package.AuthenticationError):
        run(lambda c: c.map("o/m", rows(9), concurrency=1))
    assert api.starts == 1
    with pytest.raises(TypeError, match="unknown option 'concurency'; did you mean concurrency"):
        run(lambda c: c.map("o/m", rows(1), concurency=2))


@pytest.mark.parametrize("cancel", [True, False])
def test_what_runs_is_canceled_where_nobody_takes_results(
    package: Any, api: Api, kind: Kind, run: Run, cancel: bool
) -> None:
    """By leaving the loop; of the asynchronous client by cancelling the task, too."""
    inputs = [{"n": 0}, *rows(9, hold=True)[1:]]

    def left(client: Any) -> Any:
        found = client.map("o/m", inputs, concurrency=3, cancel=cancel)
        if kind.asynchronous:
            return aleft(found)
        assert next(found).output == 0
        found.close()
        return None

    async def aleft(found: Any) -> None:
        first = asyncio.Event()

        async def take() -> None:
            async for result in found:
                assert result.output == 0
                first.set()

        task = asyncio.create_task(take())
        await first.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await found.aclose()

    run(left)
    states = Counter(job["status"] for job in api.jobs.values())
    assert states["succeeded"] == 1 and len(api.jobs) <= 4
    assert states["canceled"] == (len(api.jobs) - 1 if cancel else 0)


def test_only_what_starts_jobs_goes_in_batches(package: Any, api: Api, run: Run) -> None:
    from replikit.operations import OPERATIONS

    with pytest.raises(package.ConfigError, match="replicate_get_account starts no job"):
        run(lambda c: c.batch(OPERATIONS["replicate_get_account"], [{}]))
    with pytest.raises(package.ArgumentError, match="concurrency: must be at least 1"):
        run(lambda c: c.batch(OPERATIONS["replicate_create_prediction"], [{}], concurrency=0))


def priced(api: Api, monkeypatch: pytest.MonkeyPatch, folder: Path, prices: dict[str, str]) -> None:
    """Each run takes two seconds."""
    look = api.look

    def timed(name: str) -> Reply:
        api.jobs[name]["metrics"] = {"predict_time": 2.0}
        return look(name)

    monkeypatch.setattr(api, "look", timed)
    monkeypatch.setenv("REPLIKIT_CONFIG", str(folder / "config.json"))
    (folder / "prices.json").write_text(json.dumps({"prices": prices}))
    (folder / "prices.json").chmod(0o600)


def test_nothing_is_started_that_would_cost_more(
    package: Any, api: Api, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    priced(api, monkeypatch, tmp_path, {"o/m": "1.5"})
    journal = tmp_path / "out.jsonl"
    for amount, done in (("10", 3), (10.0, 3), (15, 5)):
        with pytest.raises(package.BudgetError, match="was spent") as caught:
            run(lambda c, most=amount: c.map("o/m", rows(7), concurrency=4, journal=journal, max_cost=most))
        assert isinstance(caught.value, package.Error) and len(api.jobs) == done
        assert len(journal.read_text().splitlines()) == done, "what ran is waited for and written"
    found = run(lambda c: c.map("o/m", rows(7), concurrency=4, journal=journal, max_cost=21))
    assert [result.ok for result in found] == [True] * 7 and api.inputs() == Counter(range(7))


@pytest.mark.parametrize(
    ("ref", "amount", "said"),
    [
        ("o/m", "nan", "must be an amount, not 'nan'"),
        ("o/m", -1, "must be an amount, not -1"),
        ("o/m", True, "must be an amount"),
        ("o/m", 5, "no price is known for o/m; replikit prices set o/m"),
        ("deployments/o/m", 5, "the model, and so its price, is not known"),
    ],
)
def test_an_amount_that_cannot_be_held_starts_nothing(
    package: Any, api: Api, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, ref: str, amount: Any, said: str
) -> None:
    priced(api, monkeypatch, tmp_path, {})
    with pytest.raises(package.ArgumentError, match=said):
        run(lambda c: c.map(ref, rows(2), max_cost=amount))
    assert api.starts == 0
