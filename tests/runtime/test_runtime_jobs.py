"""Jobs are followed to their end and their streams read whole, on both clients and both libraries."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import KINDS, Asked, Kind, Reply, Scripted, events, of, scripted
from waiting import long_enough

Run = Callable[..., Any]


@pytest.fixture
def api() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def run(kind: Kind, demo: Any, api: Scripted, monkeypatch: pytest.MonkeyPatch) -> Run:
    """What one call of a client gives, whichever client it is."""
    P, operation = demo.operation.Param, demo.operation.Operation
    id_ = P("job_id", "job_id", "path", required=True)
    made = SimpleNamespace(
        OPERATIONS={
            "get_job": operation("get_job", "get_job", "GET", "/jobs/{job_id}", (id_,)),
            "cancel_job": operation(
                "cancel_job", "cancel_job", "POST", "/jobs/{job_id}/cancel", (id_,), access="write"
            ),
        }
    )
    monkeypatch.setitem(sys.modules, "demo_runtime.operations", made)
    cls = demo.aio.client.AsyncClient if kind.asynchronous else demo.sync.client.SyncClient

    def go(work: Callable[[Any], Any], **options: Any) -> Any:
        return kind.run(cls, work, token="secret", base_url=api.base_url, **options)

    return go


@pytest.fixture
def job(demo: Any) -> Any:
    return demo.operation.JobInfo(
        key="job", id="id", status="status", terminal=("done", "bad", "aborted"), successful=("done",),
        poll="get_job", cancel="cancel_job", argument="job_id", interval=0.01, output="output", error="error",
        logs="logs", stream="urls.stream",
        events=(("output", "text"), ("logs", "log"), ("error", "oops"), ("done", "end")),
    )  # fmt: skip


def state(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "j1", "status": status, **more}


@pytest.mark.parametrize("last", ["done", "bad", "aborted"])
def test_a_job_is_followed_to_any_final_state(api: Scripted, run: Run, job: Any, last: str) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("new")), of(state("busy")), of(state("busy")), of(state(last))]
    told: list[str] = []
    found = run(lambda c: c.follow(job, state("new"), on_update=lambda data: told.append(data["status"])))
    assert found == state(last) and told == ["new", "busy", last]
    assert [asked.method for asked in api.seen] == ["GET"] * 4
    assert run(lambda c: c.follow(job, state(last))) == state(last) and len(api.seen) == 4


def test_time_that_is_up_raises_and_leaves_the_job(demo: Any, api: Scripted, run: Run, job: Any) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("busy", logs="3%"))]

    def attempt(seconds: float) -> bool:
        with pytest.raises(demo.errors.JobTimeoutError) as caught:
            run(lambda c: c.follow(job, state("new"), timeout=seconds))
        assert isinstance(caught.value, TimeoutError) and f"j1 had not ended after {seconds:g} s" in str(caught.value)
        assert caught.value.data in (state("new"), state("busy", logs="3%"))
        return bool(caught.value.data != state("new"))

    long_enough(attempt, 0.1)
    assert not api.to("/v1/jobs/j1/cancel")


def test_time_that_is_up_can_cancel(demo: Any, api: Scripted, run: Run, job: Any) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("busy"))]
    api.answers["/v1/jobs/j1/cancel"] = [of(state("aborted")), of(state("done", output=1))]
    with pytest.raises(demo.errors.JobTimeoutError) as caught:
        run(lambda c: c.follow(job, state("new"), timeout=0.05, cancel=True))
    assert caught.value.data == state("aborted")
    # It ended while it was to be canceled: the result is there, and it is paid.
    assert run(lambda c: c.follow(job, state("new"), timeout=0.05, cancel=True)) == state("done", output=1)
    assert [asked.method for asked in api.to("/v1/jobs/j1/cancel")] == ["POST", "POST"]


CUT = Reply([b'{"id": "j1"'], headers={"content-type": "application/json"}, length=100, cut=True)


@pytest.mark.parametrize("way", ["follow", "events", "stream"])
def test_an_outage_does_not_lose_the_job(demo: Any, api: Scripted, run: Run, job: Any, way: str) -> None:
    """What a look comes to says nothing of the job: it is looked for until it is seen again."""
    away = [of({}, 503), CUT, of({}, 429, retry_after="0"), of({}, 500), CUT, of({}, 502)]
    api.answers["/v1/jobs/j1"] = [*away, of(state("busy")), *away[:3], of(state("done", output="paid"))]
    api.answers["/s"] = [of({}, 503)]
    begun = state("new", **({"urls": {"stream": api.origin + "/s"}} if way == "stream" else {}))
    once = demo.retries.RetryPolicy(max_retries=0)
    if way == "follow":
        assert run(lambda c: c.follow(job, begun), retries=once) == state("done", output="paid")
    else:
        found = run(lambda c: c.follow_events(job, begun), retries=once)
        assert [(event.kind, event.data) for event in found] == [("output", "paid"), ("done", "{}")]
    assert len(api.to("/v1/jobs/j1")) == 11


PAGE = Reply([b"<html><h1>Sign in to the network</h1></html>"], headers={"content-type": "text/html"})
NO_STATES = {
    "a page": PAGE,
    "nothing": Reply(),
    "null": of(None),
    "a list": of([1]),
    "another object": of({"detail": "x"}),
}


@pytest.mark.parametrize(
    ("way", "name"), [*(("follow", name) for name in NO_STATES), ("events", "a page"), ("map", "nothing")]
)
def test_an_answer_without_a_state_does_not_lose_the_job(
    demo: Any, api: Scripted, run: Run, job: Any, way: str, name: str
) -> None:
    """RFC 9110, 15.3.1: what a 200 holds is whatever answered; it may be a proxy that is in between."""
    answer = NO_STATES[name]
    api.answers["/v1/jobs/j1"] = [answer, of({"status": "busy"}), answer, of(state("done", output="paid"))]
    if way == "follow":
        assert run(lambda c: c.follow(job, state("new"))) == state("done", output="paid")
    elif way == "events":
        found = run(lambda c: c.follow_events(job, state("new")))
        assert [(event.kind, event.data) for event in found] == [("output", "paid"), ("done", "{}")]
    else:
        api.answers["/v1/jobs"] = [of(state("new"), 201)]
        starts = demo.operation.Operation("new_job", "new_job", "POST", "/jobs", access="write", job=job)
        assert [result.output for result in run(lambda c: c.batch(starts, [{}]))] == ["paid"]
    assert len(api.to("/v1/jobs/j1")) == 4
    api.answers["/v1/jobs/j1"] = [answer]
    with pytest.raises(demo.errors.JobTimeoutError) as late:
        run(lambda c: c.follow(job, state("new"), timeout=0.05))
    assert late.value.job == state("new")


@pytest.mark.parametrize("answer", [NO_STATES[name] for name in ("a page", "nothing", "null", "a list")])
def test_a_start_without_a_job_may_be_one(demo: Any, api: Scripted, run: Run, job: Any, answer: Reply) -> None:
    api.answers["/v1/jobs"] = [answer]
    starts = demo.operation.Operation("new_job", "new_job", "POST", "/jobs", access="write", job=job)
    for raw in (True, False):
        with pytest.raises(demo.errors.ResponseError, match="a job may have been started"):
            run(lambda c, raw=raw: c.call(starts, {}, raw=raw))
    assert len(api.to("/v1/jobs")) == 2


@pytest.mark.parametrize("answer", [of({"detail": "no"}, 401), of({"detail": "no"}, 404), of("not it", 400)])
def test_an_error_after_the_start_carries_the_job(demo: Any, api: Scripted, run: Run, job: Any, answer: Reply) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("busy", logs="3%")), answer]
    with pytest.raises(demo.errors.ApiError, match=r"; the job j1 may still run$") as caught:
        run(lambda c: c.follow(job, state("new")))
    assert caught.value.status == answer.status and caught.value.job == state("busy", logs="3%")
    copied = pickle.loads(pickle.dumps(caught.value))
    assert (str(copied), copied.job) == (str(caught.value), caught.value.job)


def test_an_interrupt_has_a_note_of_the_job(api: Scripted, run: Run, job: Any) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("busy"))]

    def stop(data: Any) -> None:
        if data["status"] == "busy":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        run(lambda c: c.follow(job, state("new"), on_update=stop))
    assert caught.value.__notes__ == ["the job j1 may still run"]


def test_an_interrupted_start_has_a_note_that_there_may_be_a_job(
    demo: Any, api: Scripted, run: Run, job: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    starts = demo.operation.Operation("new_job", "new_job", "POST", "/jobs", access="write", job=job)
    reads = demo.operation.Operation("get_jobs", "get_jobs", "GET", "/jobs")
    api.answers["/v1/jobs"] = [of(state("new"), 201)]
    for module in (demo.aio.core, demo.sync.core):
        monkeypatch.setattr(module.bodies, "read", stop)
    for operation, notes in ((starts, ["a job may have been started: get_job shows it"]), (reads, None)):
        with pytest.raises(KeyboardInterrupt) as caught:
            run(lambda c, operation=operation: c.call(operation, {}))
        assert getattr(caught.value, "__notes__", None) == notes


def test_an_outage_has_an_end(demo: Any, api: Scripted, run: Run, job: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    api.answers["/v1/jobs/j1"] = [of({}, 503)]
    once = demo.retries.RetryPolicy(max_retries=0)
    with pytest.raises(demo.errors.JobTimeoutError) as late:
        run(lambda c: c.follow(job, state("new"), timeout=0.1), retries=once)
    assert late.value.job == late.value.data == state("new")
    monkeypatch.setattr(demo.jobs, "OUTAGE", 0.0)
    with pytest.raises(demo.errors.ServerError, match="the job j1 may still run") as caught:
        run(lambda c: c.follow(job, state("new")), retries=once)
    assert caught.value.job == state("new")


@pytest.mark.parametrize("kind", KINDS[2:])
def test_a_coroutine_function_may_be_told(api: Scripted, run: Run, job: Any) -> None:
    api.answers["/v1/jobs/j1"] = [of(state("done"))]
    told: list[str] = []

    async def tell(data: Any) -> None:
        told.append(data["status"])

    run(lambda c: c.follow(job, state("new"), on_update=tell))
    assert told == ["new", "done"]


@pytest.mark.parametrize(
    ("logs", "share"),
    [
        ("", None),
        (None, None),
        ("loading weights\n", None),
        ("  3%|3  | 1/50\r 45%|####5     | 22/50 [00:01<00:02]", 0.44),
        ("100%|##########| 50/50\nsaved", 1.0),
        ("12%|#   ", 0.12),
        ("step 1: 30.5% done", 0.305),
        ("progress: 20 %\nprogress: 250%", 0.2),
        ("v1.5%x and http://h/%20%7Ea", None),
    ],
)
def test_progress_is_read_from_logs(demo: Any, logs: str | None, share: float | None) -> None:
    assert demo.jobs.progress(logs) == share


# ── streams ────────────────────────────────────────────────────────────────────────────────────────────


def shown(found: list[Any]) -> list[tuple[str, str, str]]:
    return [(event.event, event.data, event.id) for event in found]


STREAM = "\ufeff: hello\r\ndata: eins\r\n\r\nevent: x\rid: 7\rdata:zwei\rdata:  drei\r\r\n\nid\ndata\nretry: 10\nodd: 1\n\n".encode()
READ = [("message", "eins", ""), ("x", "zwei\n drei", "7"), ("message", "", "")]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
def test_events_are_read_in_pieces_of_any_size(demo: Any, size: int) -> None:
    decoder = demo.sse.Decoder()
    pieces = [STREAM[at : at + size] for at in range(0, len(STREAM), size)]
    assert shown([event for piece in pieces for event in decoder.feed(piece)]) == READ
    assert decoder.retry == 0.01


def test_characters_may_be_cut(demo: Any) -> None:
    decoder = demo.sse.Decoder()
    whole = "data: \u00fc\u4e16\U0001f600\u2028\x85\n\n".encode()
    found = [event for byte in whole for event in decoder.feed(bytes([byte]))]
    assert [event.data for event in found] == ["\u00fc\u4e16\U0001f600\u2028\x85"]


def test_what_the_end_cuts_off_is_dropped(demo: Any) -> None:
    decoder = demo.sse.Decoder()
    assert shown(decoder.feed(b"id: 1\ndata: a\n\nid: 2\ndata: b\n")) == [("message", "a", "1")]
    assert decoder.last_id == "1"


def test_an_event_without_end_is_refused(demo: Any) -> None:
    decoder = demo.sse.Decoder(largest=100)
    with pytest.raises(demo.errors.ResponseError, match="more than 100 characters"):
        for _ in range(20):
            list(decoder.feed(b"data: 0123456789\n"))
    decoder = demo.sse.Decoder(largest=100)
    with pytest.raises(demo.errors.ResponseError, match="more than 100 characters"):
        for _ in range(20):
            list(decoder.feed(b"0123456789"))
    fine = demo.sse.Decoder(largest=100)
    assert len([event for _ in range(50) for event in fine.feed(b"data: 0123456789\n\n")]) == 50


def numbered(first: int, last: int) -> str:
    return "".join(f"id: {n}\nevent: text\ndata: {n}\n\n" for n in range(first, last + 1))


@pytest.mark.parametrize("repeats", ["nothing", "the last one", "everything"])
def test_a_stream_goes_on_where_it_broke(api: Scripted, run: Run, repeats: str) -> None:
    """Cut after every third event, whatever the server repeats then: each comes once, in order."""

    def answer(asked: Asked) -> Reply:
        last = int(asked.headers.get("last-event-id", 0))
        first = {"nothing": last + 1, "the last one": max(last, 1), "everything": 1}[repeats]
        until = min(last + 3, 10)
        half = "id: 99\ndata: half of an eve"
        if until < 10:
            return events("retry: 1\n\n", numbered(first, until), half, cut=until % 2 == 0)
        return events(numbered(first, until), "event: done\ndata: {}\n\n", "id: 77\ndata: after\n\n")

    api.answers["/s"] = answer
    found = run(lambda c: c.events(api.origin + "/s"))
    assert [event.data for event in found] == [*map(str, range(1, 11)), "{}"]
    assert [asked.headers.get("last-event-id") for asked in api.seen] == [None, "3", "6", "9"]
    assert {asked.headers["accept"] for asked in api.seen} == {"text/event-stream"}


def test_a_stream_can_be_begun_in_the_middle(api: Scripted, run: Run) -> None:
    api.answers["/s"] = [events(numbered(4, 6), "event: done\ndata: {}\n\n")]
    found = run(lambda c: c.events(api.origin + "/s", last_event_id="4"))
    assert [event.data for event in found] == ["5", "6", "{}"]
    assert api.seen[0].headers["last-event-id"] == "4"


def test_a_stream_without_ids_ends_where_it_ends(demo: Any, api: Scripted, run: Run) -> None:
    api.answers["/s"] = [events("data: 1\n\n")]
    assert [event.data for event in run(lambda c: c.events(api.origin + "/s"))] == ["1"]
    assert len(api.seen) == 1
    api.answers["/s"] = [events("data: 1\n\n", cut=True)]
    with pytest.raises(demo.errors.ApiConnectionError):
        run(lambda c: c.events(api.origin + "/s"))
    assert len(api.seen) == 2


def test_a_stream_that_cannot_be_read(demo: Any, api: Scripted, run: Run) -> None:
    api.answers["/json"] = [of({})]
    with pytest.raises(demo.errors.ResponseError, match="a stream of events was expected, not application/json"):
        run(lambda c: c.events(api.origin + "/json"))
    api.answers["/none"] = [Reply(status=204)]
    assert run(lambda c: c.events(api.origin + "/none")) == []
    with pytest.raises(demo.errors.NotFoundError):
        run(lambda c: c.events(api.origin + "/nowhere"))
    with pytest.raises(demo.errors.ResponseError, match="cannot be fetched|no URL that can be fetched"):
        run(lambda c: c.events("file:///etc/passwd"))


def test_a_busy_server_is_asked_again(api: Scripted, run: Run) -> None:
    api.answers["/s"] = [of({}, 503, retry_after="0"), of({}, 429, retry_after="0"), events("event: done\ndata: 1\n\n")]
    assert [event.data for event in run(lambda c: c.events(api.origin + "/s"))] == ["1"]


def test_the_token_stays_at_home(demo: Any, api: Scripted, run: Run, kind: Kind) -> None:
    with scripted() as other:
        other.answers["/s"] = [events("event: done\ndata: 1\n\n")]
        api.answers["/s"] = [Reply(status=302, headers={"location": other.origin + "/s"}, length=0)]
        run(lambda c: c.events(other.origin + "/s"))
        run(lambda c: c.events(api.origin + "/s"))
        cls = demo.aio.client.AsyncClient if kind.asynchronous else demo.sync.client.SyncClient
        given = {"X-Api-Key": "also-secret", "Cookie": "session=1"}
        kind.run(
            cls, lambda c: c.events(other.origin + "/s"), token="secret", base_url=api.base_url, headers=given
        )  # fmt: skip
        assert api.seen[0].headers["authorization"] == "Bearer secret"
        assert len(other.seen) == 3
        for asked in other.seen:
            assert "secret" not in str(asked.headers).lower() and "cookie" not in asked.headers
            assert asked.headers["user-agent"] == "demo/1.2.3"


def test_a_jobs_events_are_decoded(api: Scripted, run: Run, job: Any) -> None:
    api.answers["/stream"] = [
        events(
            "event: text\nid: 1\ndata: Hello\n\nevent: log\nid: 2\ndata: 10%\n\n", "event: text\nid: 3\ndata:  there\n\n",
            'event: oops\nid: 4\ndata: {"detail": "no"}\n\nevent: new\nid: 5\ndata: ?\n\n',
            'event: end\nid: 6\ndata: {"reason": "error"}\n\n',
        )
    ]  # fmt: skip
    data = state("new", urls={"stream": api.origin + "/stream"})
    found = run(lambda c: c.follow_events(job, data))
    assert [event.kind for event in found] == ["output", "logs", "output", "error", "", "done"]
    assert "".join(map(str, found)) == "Hello there"
    assert found[3].detail == {"detail": "no"} and found[5].reason == "error"
    assert len(api.seen) == 1


def test_a_stream_that_ends_early_is_opened_again_while_the_job_works(api: Scripted, run: Run, job: Any) -> None:
    """Closed twice without a word, as by a proxy that saw nothing for a while."""
    api.answers["/stream"] = [
        events(), events("event: text\nid: 1\ndata: a\n\n"), events(), events("event: text\nid: 2\ndata: b\n\n"), events(),
        events(),
    ]  # fmt: skip
    urls = {"stream": api.origin + "/stream"}
    api.answers["/v1/jobs/j1"] = [
        of(state("busy", urls=urls)),
        of(state("busy", urls=urls)),
        of(state("done", urls=urls)),
    ]
    found = run(lambda c: c.follow_events(job, state("new", urls=urls)))
    assert [(event.kind, event.data) for event in found] == [("output", "a"), ("output", "b"), ("done", "{}")]
    assert found[-1].reason == ""


def test_a_job_without_a_stream_is_looked_at(api: Scripted, run: Run, job: Any) -> None:
    """What stood in the first answer comes first."""
    api.answers["/v1/jobs/j1"] = [
        of(state("busy", output=["a", "b"], logs="1\n")), of(state("busy", output=["a", "b"], logs="1\n2\n")),
        of(state("bad", output=["a", "b", "c"], logs="1\n2\n", error="broke")),
    ]  # fmt: skip
    found = run(lambda c: c.follow_events(job, state("new", output=["a"])))
    assert [(event.kind, event.data) for event in found] == [
        ("output", "a"), ("logs", "1\n"), ("output", "b"), ("logs", "2\n"), ("output", "c"), ("error", "broke"),
        ("done", '{"reason": "error"}'),
    ]  # fmt: skip


def test_a_stream_that_is_gone_leaves_the_result(api: Scripted, run: Run, job: Any) -> None:
    data = state("done", output={"n": 1}, urls={"stream": api.origin + "/stream"})
    found = run(lambda c: c.follow_events(job, data))
    assert [(event.kind, event.data) for event in found] == [("output", '{"n": 1}'), ("done", "{}")]


def test_a_stream_has_a_deadline_that_cancels(demo: Any, api: Scripted, run: Run, job: Any) -> None:
    api.answers["/stream"] = lambda _: events(*(f"event: text\nid: {n}\ndata: {n}\n\n" for n in range(100)), pause=0.05)
    api.answers["/v1/jobs/j1/cancel"] = [of(state("aborted"))]
    data = state("busy", urls={"stream": api.origin + "/stream"})
    with pytest.raises(demo.errors.JobTimeoutError) as caught:
        run(lambda c: c.follow_events(job, data, timeout=0.3, cancel=True))
    assert caught.value.data == state("aborted") and api.seen[-1].path == "/v1/jobs/j1/cancel"
    silent = state("busy", urls={"stream": api.origin + "/silent"})
    api.answers["/silent"] = lambda _: events("data: 1\n\n", pause=3)
    with pytest.raises(demo.errors.JobTimeoutError):
        run(lambda c: c.follow_events(job, silent, timeout=0.2))
