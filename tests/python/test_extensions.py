"""Running models by name and using them as functions, on both clients and both libraries, against a real server."""

from __future__ import annotations

import inspect
import io
import pickle
import typing
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hanging import HANGS
from replikit_package import imported
from scripted import KINDS, Kind, Reply, Scripted, events, of, scripted

Run = Callable[..., Any]
VERSION = "9dcd6d78e7c6560c340d916fe32e9f24aabfa331e5cce95fe31f77fb03121426"


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture
def api() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def run(kind: Kind, package: Any, api: Scripted) -> Run:
    cls = package.AsyncReplicate if kind.asynchronous else package.Replicate
    return lambda work: kind.run(cls, work, token="secret", base_url=api.base_url)


def state(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "p1", "status": status, "input": {}, "output": None, "error": None, "logs": "", **more}


CREATED, GOT = "/v1/predictions", "/v1/predictions/p1"
NAMED, OWNED = "/v1/models/o/m/predictions", "/v1/models/o/m"


# ── run ────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_run_waits_then_polls_until_it_has_ended(api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("starting"), 202)]
    api.answers[GOT] = [
        of(state("processing", output="ha")),
        of(state("processing")),
        of(state("succeeded", output="hi")),
    ]
    told: list[str] = []
    assert run(lambda c: c.run("o/m", {"a": 1}, on_update=lambda p: told.append(p.status))) == "hi"
    assert told == ["starting", "processing", "processing", "succeeded"]
    first = api.seen[0]
    assert (first.json, first.headers["prefer"], first.headers["cancel-after"]) == (
        {"input": {"a": 1}},
        "wait=60",
        None,
    )
    assert [asked.method for asked in api.seen] == ["POST", "GET", "GET", "GET"]


@pytest.mark.parametrize(
    ("ref", "path", "body"),
    [
        ("o/m", NAMED, {}),
        ("o/m:v1", CREATED, {"version": "v1"}),
        (VERSION, CREATED, {"version": VERSION}),
        ("deployments/o/d", "/v1/deployments/o/d/predictions", {}),
    ],
)
def test_what_a_name_means(api: Scripted, run: Run, ref: str, path: str, body: dict[str, Any]) -> None:
    api.answers[path] = [of(state("succeeded", output=1), 201)]
    assert run(lambda c: c.run(ref, input={"x": 1})) == 1
    assert [(asked.path, asked.json) for asked in api.seen] == [(path, {**body, "input": {"x": 1}})]


@pytest.mark.parametrize(
    "ref", ["", "o/", "/m", "o", "o/m/x", "deployments/o/d:v", "o/m:", "o/m:v:w", " o/m", "0" * 63, 7]
)
def test_what_no_name_is(package: Any, api: Scripted, run: Run, ref: Any) -> None:
    with pytest.raises(package.ArgumentError, match="expected owner/name"):
        run(lambda c: c.run(ref, input={}))
    assert not api.seen


def test_a_view_is_a_name_too(package: Any, api: Scripted, run: Run) -> None:
    for path in (NAMED, CREATED, "/v1/deployments/o/m/predictions"):
        api.answers[path] = [of(state("succeeded", output=path))]
    types, owned = package.types, {"owner": "o", "name": "m"}
    for view, path in ((types.Model(owned), NAMED), (types.Version({"id": "v1"}), CREATED),
                       (types.Deployment(owned), "/v1/deployments/o/m/predictions")):  # fmt: skip
        assert run(lambda c: c.run(view)) == path  # noqa: B023


def test_a_model_that_is_not_official_runs_by_its_newest_version(package: Any, api: Scripted, run: Run) -> None:
    api.answers[OWNED] = [of({"owner": "o", "name": "m", "latest_version": {"id": "v9"}})]
    api.answers[CREATED] = [of(state("succeeded", output="hi"))]
    assert run(lambda c: c.run("o/m", {"a": 1})) == "hi"
    assert [asked.path for asked in api.seen] == [NAMED, OWNED, CREATED]
    assert api.seen[-1].json == {"version": "v9", "input": {"a": 1}}
    api.answers[OWNED] = [of({"owner": "o", "name": "m", "latest_version": None})]
    with pytest.raises(package.ArgumentError, match="o/m has no version"):
        run(lambda c: c.run("o/m", {}))
    with pytest.raises(package.NotFoundError):
        run(lambda c: c.run("deployments/o/d", {}))


@pytest.mark.parametrize("status", ["failed", "canceled", "aborted"])
def test_a_run_that_did_not_succeed_raises(package: Any, api: Scripted, run: Run, status: str) -> None:
    api.answers[NAMED] = [of(state(status, error="because" if status == "failed" else None, logs="L"))]
    reason = "because" if status == "failed" else "no reason given"
    with pytest.raises(package.JobError, match=f"p1 {status}: {reason}") as caught:
        run(lambda c: c.run("o/m", {}))
    error = caught.value
    assert type(error).__name__ == "RunError" and error.prediction.logs == "L" and error.data["status"] == status
    again = pickle.loads(pickle.dumps(error))
    assert str(again) == str(error) and again.prediction.status == status


def test_a_deadline_cancels(package: Any, api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("starting"), 201)]
    api.answers[GOT] = [of(state("processing"))]
    api.answers[GOT + "/cancel"] = [of(state("canceled"))]
    with pytest.raises(package.JobTimeoutError, match=r"p1 had not ended after 0\.2 s; it was canceled") as caught:
        run(lambda c: c.run("o/m", {}, deadline=0.2))
    assert caught.value.prediction.status == "canceled"
    assert (api.seen[0].headers["prefer"], api.seen[0].headers["cancel-after"]) == (None, "6s")
    assert [asked.path for asked in api.seen][-1] == GOT + "/cancel"


@pytest.mark.parametrize("way", ["run", "stream"])
@pytest.mark.parametrize("answer", [of({"detail": "away"}, 502), of({"detail": "away"}, 401), Reply(cut=True)])
def test_a_deadline_that_cannot_cancel_is_a_deadline_all_the_same(
    package: Any, api: Scripted, run: Run, way: str, answer: Reply
) -> None:
    api.answers[NAMED] = [of(state("starting"), 201)]
    api.answers[GOT] = [of(state("processing"))]
    api.answers[GOT + "/cancel"] = [answer]
    with pytest.raises(package.RunTimeoutError, match=r"after 0\.2 s; it could not be canceled, and goes on") as caught:
        run(lambda c: getattr(c, way)("o/m", {}, deadline=0.2))
    assert caught.value.prediction.id == "p1" and caught.value.failed is caught.value.__cause__
    assert isinstance(caught.value.failed, package.Error) and len(api.to(GOT + "/cancel")) == 1
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value) and str(again.failed) == str(caught.value.failed)


def test_a_timeout_does_not_cancel(package: Any, api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("starting"), 201)]
    api.answers[GOT] = [of(state("processing"))]
    with pytest.raises(TimeoutError, match="it goes on") as caught:
        run(lambda c: c.run("o/m", {}, timeout=0.1))
    assert isinstance(caught.value, package.JobTimeoutError)
    assert not api.to(GOT + "/cancel") and api.seen[0].headers["cancel-after"] is None


@pytest.mark.parametrize(
    ("options", "sent"),
    [({}, "wait=60"), ({"wait": 5}, "wait=5"), ({"wait": False}, None), ({"wait": True}, "wait=60"), ({"timeout": 7.9}, "wait=7")],
)  # fmt: skip
def test_the_first_answer_may_be_held_back(api: Scripted, run: Run, options: dict[str, Any], sent: str | None) -> None:
    api.answers[NAMED] = [of(state("succeeded"))]
    run(lambda c: c.run("o/m", {}, **options))
    assert api.seen[0].headers["prefer"] == sent


def test_a_run_gives_its_prediction_where_it_is_asked_for(api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("succeeded", output="hi", metrics={"predict_time": 1.5}, logs="done 50%\n"))]
    found = run(lambda c: c.run("o/m", {}, return_prediction=True))
    assert (found.id, found.output, found.metrics.predict_time, found.progress) == ("p1", "hi", 1.5, 0.5)


@pytest.mark.parametrize("option", ["timout", "streeming", "dedline", "retun_prediction", "zzz"])
@pytest.mark.parametrize("way", ["run", "stream", "use"])
def test_an_unknown_option_is_refused(api: Scripted, run: Run, way: str, option: str) -> None:
    """What is offered in its place is an option of that very call."""
    near = {"timout": "timeout", "dedline": "deadline"}
    near |= {
        "run": {"streeming": "stream", "retun_prediction": "return_prediction"},
        "use": {"streeming": "streaming"},
    }.get(way, {})
    end = f"; did you mean {near[option]}?" if option in near else ""
    with pytest.raises(TypeError) as caught:
        run(lambda c: getattr(c, way)("o/m", **{option: 1}))
    assert str(caught.value) == f"unknown option '{option}'{end}"
    assert api.seen == []


@pytest.mark.parametrize(
    "options",
    [{"timeout": "5"}, {"timeout": -1}, {"deadline": float("nan")}, {"deadline": True}, {"wait": "5"}, {"wait": -3}, {"wait": 2.5}],
    ids=repr,
)  # fmt: skip
def test_a_time_that_is_none_is_refused(package: Any, api: Scripted, run: Run, options: dict[str, Any]) -> None:
    """Before anything is sent: a limit that does not hold would let the run bill."""
    with pytest.raises(package.ArgumentError, match=f"^{next(iter(options))}: expected ") as caught:
        run(lambda c: c.run("o/m", {}, **options))
    assert repr(next(iter(options.values()))) in str(caught.value) and api.seen == []


def test_no_limit_may_be_written_as_infinity(api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("succeeded", output="hi"), 201)]
    assert run(lambda c: c.run("o/m", {}, timeout=float("inf"))) == "hi"


def test_the_api_can_be_told_when_to_cancel(api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("succeeded", output="hi"), 201)]
    for given in ({"cancel_after": "5m"}, {"cancel_after": 90}, {"cancel_after": 90, "deadline": 30}, {"deadline": 30}):
        run(lambda c, given=given: c.run("o/m", {}, **given))
    assert [asked.headers["cancel-after"] for asked in api.seen] == ["5m", "90s", "90s", "35s"]


@pytest.mark.parametrize(
    ("output", "files"),
    [
        ("https://a.b/c.png", 1),
        (["https://a.b/1.png", "http://a.b/2.png", "data:text/plain,x"], 3),
        ({"image": "https://a.b/c", "seed": "7", "text": "https://a.b is nice"}, 1),
        ("https://example.com is nice", 0),
        ("https://", 0),
        ("see https://a.b/c", 0),
        ("https:///path", 0),
        ("https://a.b/c\n", 0),
        ("data: the first", 0),
        (["https://", "www.a.b"], 0),
        (["https://www.a.b/", "c and more"], 0),
    ],
)
def test_text_is_text(package: Any, api: Scripted, run: Run, output: Any, files: int) -> None:
    api.answers[NAMED] = [of(state("succeeded", output=output), 201)]
    found = run(lambda c: c.run("o/m", {}))
    listed = found if isinstance(found, list) else list(found.values()) if isinstance(found, dict) else [found]
    assert len([each for each in listed if type(each).__name__.endswith("FileOutput")]) == files
    if not files:
        assert found == output and "".join(found) == "".join(output)


def test_every_error_after_the_start_holds_the_prediction(package: Any, api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("starting"), 202)]
    api.answers[GOT] = [of({"detail": "no"}, 401)]
    with pytest.raises(package.AuthenticationError, match="the prediction p1 may still run") as caught:
        run(lambda c: c.run("o/m", {}))
    assert caught.value.prediction.id == "p1" and caught.value.prediction.status == "starting"


def test_webhooks_are_passed_on(api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("succeeded"))]
    run(lambda c: c.run("o/m", {}, webhook="https://x/h", webhook_events_filter=["completed"]))
    assert api.seen[0].json == {"input": {}, "webhook": "https://x/h", "webhook_events_filter": ["completed"]}


def test_files_go_in_and_come_out(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    outputs = [api.origin + "/a.txt", {"deep": api.origin + "/a.txt"}, "text", 1, None]
    api.answers[NAMED] = lambda asked: of(state("succeeded", output=outputs))
    api.answers["/a.txt"] = lambda _: of("content")
    api.answers["/v1/files"] = [of({"id": "f", "urls": {"get": "https://api/f"}}, 201)]
    given = {"small": io.BytesIO(b"hi"), "large": [b"x" * 262_145]}
    file, deep, *rest = run(lambda c: c.run("o/m", given))
    assert rest == ["text", 1, None] and file == deep["deep"] == api.origin + "/a.txt"
    assert type(file).__name__ == ("AsyncFileOutput" if kind.asynchronous else "FileOutput")
    assert api.to(NAMED)[0].json["input"] == {
        "small": "data:application/octet-stream;base64,aGk=",
        "large": ["https://api/f"],
    }
    assert run(lambda c: c.run("o/m", {"again": file}, use_file_output=False)) == outputs
    assert api.to(NAMED)[1].json["input"] == {"again": api.origin + "/a.txt"}
    read = run(lambda c: reads(c, package, kind, file.url))
    assert read == b'"content"'


def reads(client: Any, package: Any, kind: Kind, url: str) -> Any:
    from importlib import import_module

    outputs = import_module(f"{package.__name__}.runtime.{'aio' if kind.asynchronous else 'sync'}.outputs")
    return (outputs.AsyncFileOutput if kind.asynchronous else outputs.FileOutput)(url, client).read()


def test_a_stream_gives_what_comes(package: Any, api: Scripted, run: Run) -> None:
    stream = api.origin + "/stream"
    api.answers[NAMED] = [of(state("starting", urls={"stream": stream}), 201)]
    api.answers["/stream"] = lambda _: events(
        "event: output\nid: 1\ndata: Hel\n\n", "event: logs\nid: 2\ndata: x\n\n", "event: output\nid: 3\ndata: lo\n\n",
        "event: done\nid: 4\ndata: {}\n\n",
    )  # fmt: skip
    assert "".join(map(str, run(lambda c: c.stream("o/m", input={"a": 1})))) == "Hello"
    assert api.seen[0].headers["prefer"] is None, "it shall not be held back until there is nothing left to stream"

    async def streamed(client: Any) -> list[Any]:
        return [event async for event in await client.run("o/m", {}, stream=True)]

    found = run(lambda c: c.run("o/m", {}, stream=True) if isinstance(c, package.Replicate) else streamed(c))
    assert [event.kind for event in found] == ["output", "logs", "output", "done"]


def test_a_function_takes_the_values_of_numpy(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    import numpy

    schema = {"type": "object", "properties": {
        "count": {"type": "integer"}, "share": {"type": "number"}, "on": {"type": "boolean"},
        "points": {"type": "array", "items": {"type": "number"}},
        "sizes": {"type": "array", "items": {"type": "integer"}},
    }}  # fmt: skip
    document = {"components": {"schemas": {"Input": schema, "Output": {"type": "string"}}}}
    api.answers[OWNED] = [of({**MODEL, "latest_version": {"id": "v9", "openapi_schema": document}})] * 2
    api.answers[NAMED] = [of(state("succeeded", output="a"))]
    given = {
        "count": numpy.int64(3), "share": numpy.float32(0.5), "on": numpy.bool_(True),
        "points": numpy.array([1.5, 2]), "sizes": [numpy.int32(1), 2],
    }  # fmt: skip

    async def awaited(client: Any, given: Any) -> Any:
        return await (await client.use("o/m"))(**given)

    def called(client: Any, given: Any) -> Any:
        return awaited(client, given) if kind.asynchronous else client.use("o/m")(**given)

    assert run(lambda c: called(c, given)) == "a"
    sent = {"count": 3, "share": 0.5, "on": True, "points": [1.5, 2.0], "sizes": [1, 2]}
    assert api.to(NAMED)[0].json["input"] == sent
    with pytest.raises(package.ArgumentError, match="count"):
        run(lambda c: called(c, {"count": numpy.float64(1.5)}))


def test_a_function_that_streams(package: Any, api: Scripted, run: Run) -> None:
    api.answers[OWNED] = [of(MODEL)]
    api.answers[NAMED] = [of(state("starting", urls={"stream": api.origin + "/stream"}), 201)]
    api.answers["/stream"] = lambda _: events(
        "event: output\ndata: Hel\n\nevent: output\ndata: lo\n\nevent: done\ndata: {}\n\n"
    )

    async def awaited(client: Any) -> list[Any]:
        function = await client.use("o/m", streaming=True)
        return [event async for event in function(prompt="a", image="https://x")]

    def sync(client: Any) -> list[Any]:
        return list(client.use("o/m", streaming=True)(prompt="a", image="https://x"))

    found = run(lambda c: sync(c) if isinstance(c, package.Replicate) else awaited(c))
    assert "".join(map(str, found)) == "Hello" and [event.kind for event in found] == ["output", "output", "done"]
    assert api.to(NAMED)[0].json["input"] == {"prompt": "a", "image": "https://x"}


def test_a_stream_keeps_its_deadline(package: Any, api: Scripted, run: Run) -> None:
    api.answers[NAMED] = [of(state("starting", urls={"stream": api.origin + "/stream"}), 201)]
    api.answers["/stream"] = lambda _: events("data: never\n\n", pause=3)
    api.answers[GOT + "/cancel"] = [of(state("canceled"))]
    with pytest.raises(package.JobTimeoutError, match="it was canceled") as caught:
        run(lambda c: c.stream("o/m", {}, deadline=0.3))
    assert caught.value.prediction.status == "canceled"


# ── views of jobs ──────────────────────────────────────────────────────────────────────────────────────


def test_a_prediction_can_be_followed(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    api.answers[GOT] = [
        of(state("starting")),
        of(state("processing", logs="  5%|5 | 1/20")),
        of(state("succeeded", output=1)),
    ]
    api.answers[GOT + "/cancel"] = [of(state("canceled"))]
    seen: list[Any] = []

    def sync(client: Any) -> Any:
        prediction = client.predictions.get(prediction_id="p1")
        assert prediction.reload() is prediction
        seen.append((prediction.status, prediction.progress, prediction.logs))
        assert prediction.wait(timeout=HANGS).output == 1
        return prediction.cancel()

    async def awaited(client: Any) -> Any:
        prediction = await client.predictions.get(prediction_id="p1")
        assert await prediction.reload() is prediction
        seen.append((prediction.status, prediction.progress, prediction.logs))
        assert (await prediction.wait(timeout=HANGS)).output == 1
        return await prediction.cancel()

    last = run(awaited if kind.asynchronous else sync)
    assert seen == [("processing", 0.05, "  5%|5 | 1/20")] and last.status == "canceled"
    assert api.seen[-1].path == GOT + "/cancel" and api.seen[-1].method == "POST"


def test_a_prediction_without_a_client_says_so(package: Any, api: Scripted, run: Run) -> None:
    made = package.types.Prediction(state("starting"))
    kept = pickle.loads(pickle.dumps(package.types.AsyncPrediction(state("starting", logs="3%"))))
    assert kept.progress == 0.03
    for call in (made.wait, made.reload, made.cancel, made.stream):
        with pytest.raises(package.Error, match="belongs to no client"):
            call()
    for call in (kept.wait, kept.reload, kept.cancel):
        with pytest.raises(package.Error, match="belongs to no client"):
            run(lambda _: call() if hasattr(_, "__aenter__") else made.wait())  # noqa: B023


# ── use ────────────────────────────────────────────────────────────────────────────────────────────────

SCHEMA = {
    "components": {
        "schemas": {
            "Input": {
                "type": "object",
                "required": ["prompt", "image"],
                "properties": {
                    "seed": {"type": "integer", "nullable": True, "x-order": 3, "description": "Random seed"},
                    "prompt": {"type": "string", "x-order": 0, "description": "What to\ndraw"},
                    "size": {"allOf": [{"$ref": "#/components/schemas/size"}], "default": "small", "x-order": 2},
                    "image": {"type": "string", "format": "uri", "x-order": 1},
                    "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20, "x-order": 4},
                    "tags": {"type": "array", "items": {"type": ["string", "null"]}, "x-order": 5},
                },
            },
            "size": {"type": "string", "enum": ["small", "large"]},
            "Output": {"type": "object", "properties": {
                "files": {"type": "array", "items": {"type": "string", "format": "uri"}}, "text": {"type": "string"},
            }},
        }
    }
}  # fmt: skip
MODEL = {"owner": "o", "name": "m", "description": "Draws.", "is_official": True,
         "latest_version": {"id": "v9", "openapi_schema": SCHEMA}}  # fmt: skip


def test_a_model_is_a_function(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    api.answers[OWNED] = [of(MODEL)]
    function = run(lambda c: c.use("o/m"))
    found = inspect.signature(function)
    assert list(found.parameters) == ["prompt", "image", "size", "seed", "steps", "tags"]
    assert {p.kind for p in found.parameters.values()} == {inspect.Parameter.KEYWORD_ONLY}
    empty = inspect.Parameter.empty
    defaults = {name: p.default for name, p in found.parameters.items()}
    assert defaults == {"prompt": empty, "image": empty, "size": "small", "seed": None, "steps": 20, "tags": None}
    kinds = {name: p.annotation for name, p in found.parameters.items()}
    assert kinds["prompt"] is str and kinds["size"] == typing.Literal["small", "large"] and kinds["steps"] is int
    assert kinds["seed"] == int | None and bytes in typing.get_args(kinds["image"])
    assert "What to draw" in function.__doc__ and function.__doc__.startswith("Draws.\n")
    assert "steps: (at least 1, at most 50, default 20)" in function.__doc__
    assert function.__name__ == "m" and function.version == "v9" and function.schema == SCHEMA


def test_a_function_runs_and_its_output_is_typed(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    url = api.origin + "/x.png"
    api.answers[OWNED] = [of(MODEL)]
    api.answers[NAMED] = [of(state("succeeded", output={"files": [url], "text": url}))]

    async def awaited(client: Any) -> Any:
        function = await client.use("o/m")
        return await function(prompt="a", image=b"hi"), await function.create(prompt="a", image="https://x")

    def sync(client: Any) -> Any:
        function = client.use("o/m")
        return function(prompt="a", image=b"hi"), function.create(prompt="a", image="https://x")

    output, prediction = run(awaited if kind.asynchronous else sync)
    assert type(output["files"][0]).__name__.endswith("FileOutput") and output["files"][0].url == url
    assert type(output["text"]) is str and output["text"] == url, "the schema says that it is text"
    assert prediction.status == "succeeded" and api.to(NAMED)[1].headers["prefer"] is None
    assert api.to(NAMED)[0].json["input"] == {"prompt": "a", "image": "data:application/octet-stream;base64,aGk="}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"prompt": "a"}, "image: is required"),
        ({"prompt": "a", "image": "x", "sise": "small"}, "sise: unknown argument; did you mean size"),
        ({"prompt": 3, "image": "x"}, "prompt: expected a string, got integer 3"),
        ({"prompt": "a", "image": "x", "size": "smal"}, 'size: "smal" is not one of "small", "large"'),
        ({"prompt": "a", "image": "x", "steps": 51}, "steps: 51 must be at most 50"),
        ({"prompt": "a", "image": 3}, "image: expected a string, got integer 3"),
        ({"prompt": "a", "image": "x", "tags": ["a", 1]}, r"tags\[1\]: .*1 fits none of the 2 allowed forms"),
    ],
)
def test_input_is_checked_before_anything_is_sent(
    package: Any, api: Scripted, run: Run, kind: Kind, given: dict[str, Any], message: str
) -> None:
    api.answers[OWNED] = [of(MODEL)]

    async def awaited(client: Any) -> Any:
        return await (await client.use("o/m"))(**given)

    with pytest.raises(package.ArgumentError, match=message):
        run(awaited if kind.asynchronous else lambda c: c.use("o/m")(**given))
    assert [asked.path for asked in api.seen] == [OWNED]


@pytest.mark.parametrize(("ref", "path", "body"), [
    ("o/m:v1", CREATED, {"version": "v1"}),
    ("deployments/o/d", "/v1/deployments/o/d/predictions", {}),
    ("o/other", CREATED, {"version": "v9"}),
])  # fmt: skip
def test_versions_deployments_and_other_models(
    api: Scripted, run: Run, kind: Kind, ref: str, path: str, body: Any
) -> None:
    version = {"id": "v1", "openapi_schema": {"components": {"schemas": {
        "Input": {"type": "object", "properties": {"a": {"type": "integer"}, "odd name": {}, "class": {}}},
        "Output": {"type": "array", "items": {"type": "string"}, "x-cog-array-display": "concatenate"},
    }}}}  # fmt: skip
    api.answers["/v1/models/o/m/versions/v1"] = [of(version)]
    api.answers["/v1/deployments/o/d"] = [
        of({"owner": "o", "name": "d", "current_release": {"model": "o/m", "version": "v1"}})
    ]
    api.answers["/v1/models/o/other"] = [of({**MODEL, "is_official": False, "latest_version": {**version, "id": "v9"}})]
    api.answers[path] = [of(state("succeeded", output=["Hel", "lo"]))]

    async def awaited(client: Any) -> Any:
        function = await client.use(ref)
        return function, await function(a=1, **{"odd name": 2})

    function, output = run(awaited if kind.asynchronous else lambda c: both(c.use(ref)))
    assert output == "Hello" and list(inspect.signature(function).parameters) == ["a", "others"]
    assert inspect.signature(function).return_annotation is str
    assert api.to(path)[0].json == {**body, "input": {"a": 1, "odd name": 2}}


def both(function: Any) -> Any:
    return function, function(a=1, **{"odd name": 2})


def test_a_schema_that_leads_nowhere_leaves_all_open(package: Any, api: Scripted, run: Run, kind: Kind) -> None:
    loop = {"components": {"schemas": {"Input": {"$ref": "#/components/schemas/Input"}, "Output": {"$ref": "#/no"}}}}
    for schema in (None, {}, loop, {"components": []}):
        api.answers[OWNED] = [of({**MODEL, "latest_version": {"id": "v9", "openapi_schema": schema}})]
        assert str(inspect.signature(run(lambda c: c.use("o/m")))) == "(**others: Any) -> Any"
    api.answers[OWNED] = [of({**MODEL, "latest_version": None})]
    with pytest.raises(package.ArgumentError, match="no version"):
        run(lambda c: c.use("o/m"))
    with pytest.raises(package.ArgumentError, match="a version alone"):
        run(lambda c: c.use(VERSION))
