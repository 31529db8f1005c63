"""The client against the mock that comes with it: runs, streams, files and webhooks go all the way round."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from replikit_package import imported
from scripted import KINDS, Asked, Kind, Reply, of, scripted

LLAMA, TALE = "meta/meta-llama-3-8b-instruct", "The Tagus, the Douro and the Guadiana."


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


@pytest.fixture(scope="module")
def mock(package: Any) -> Iterator[Any]:
    with import_module("replikit.mock").serve(seconds=0.3) as running:
        yield running


@pytest.fixture(params=[KINDS[0], KINDS[3]])
def run(request: pytest.FixtureRequest, package: Any, mock: Any) -> Callable[[Callable[[Any], Any]], Any]:
    kind: Kind = request.param
    cls = package.AsyncReplicate if kind.asynchronous else package.Replicate
    return lambda work: kind.run(cls, work, token=mock.token, base_url=mock.base_url)


def test_a_model_runs_streams_and_is_a_function(package: Any, run: Any) -> None:
    assert run(lambda c: c.run("replicate/hello-world", input={"text": "Ada"})) == "hello Ada"
    assert "".join(run(lambda c: c.run(LLAMA, {"prompt": "Name three rivers of Portugal."}))) == TALE
    found = run(lambda c: c.stream(LLAMA, {"prompt": "Name three rivers of Portugal."}))
    assert "".join(map(str, found)) == TALE and found[-1].kind == "done"
    hello = run(lambda c: c.use("replicate/hello-world"))
    assert hello.__doc__.endswith("text: Whom to greet")


def test_a_file_goes_up_and_one_comes_down(package: Any, run: Any, tmp_path: Path) -> None:
    (tmp_path / "in.bin").write_bytes(b"x" * 300_000)
    given = {"prompt": "a fox", "image": tmp_path / "in.bin"}
    prediction = run(lambda c: c.run("deployments/acme/image-maker", given, return_prediction=True))
    assert "/files/" in prediction.input["image"]
    told: list[tuple[int, int | None]] = []
    path = run(lambda c: c.download(prediction.output[0], tmp_path / "out", on_progress=lambda *at: told.append(at)))
    assert path == tmp_path / "out.webp" and path.stat().st_size == told[-1][0] == told[-1][1]


def test_a_webhook_is_believed(package: Any, run: Any, mock: Any) -> None:
    heard: queue.Queue[Asked] = queue.Queue()

    def hear(asked: Asked) -> Reply:
        heard.put(asked)
        return of({})

    with scripted() as listener:
        listener.answers["/hook"] = hear
        run(
            lambda c: c.run(
                "replicate/hello-world",
                {"text": "Ada"},
                webhook=listener.origin + "/hook",
                webhook_events_filter=["completed"],
            )
        )
        asked = heard.get(timeout=HANGS)
    prediction = run(lambda c: c.webhooks.unwrap(asked.body, asked.headers))
    assert (prediction.status, prediction.output) == ("succeeded", "hello Ada")
    with pytest.raises(package.WebhookError):
        run(lambda c: c.webhooks.unwrap(asked.body + b" ", asked.headers))


def test_a_deadline_cancels_for_good(package: Any) -> None:
    with (
        import_module("replikit.mock").serve(seconds=3600) as slow,
        package.Replicate(slow.token, base_url=slow.base_url) as client,
    ):
        with pytest.raises(package.JobTimeoutError) as caught:
            client.run("replicate/hello-world", {"text": "Ada"}, deadline=0.3)
        assert client.predictions.get(prediction_id=caught.value.prediction.id).status in ("canceled", "aborted")
