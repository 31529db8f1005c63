"""What a user's type checker knows of jobs, runs, files and webhooks: held by mypy, on a program that uses them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PROGRAM = """
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any, assert_type

from replikit import AsyncFileOutput, AsyncReplicate, FileOutput, JobError, Replicate, types, webhooks
from replikit.runtime.jobstreams import JobEvent


def sync(client: Replicate, file: FileOutput) -> None:
    prediction = client.predictions.create(version="v", input={"image": Path("cat.png")}, wait=5)
    assert_type(prediction, types.Prediction)
    assert_type(prediction.wait(timeout=5, on_update=lambda p: print(p.status)), types.Prediction)
    assert_type(prediction.reload(), types.Prediction)
    assert_type(prediction.progress, float | None)
    assert_type(prediction.stream(), Iterator[JobEvent])
    assert_type(client.trainings.get(training_id="t").cancel(), types.Training)
    assert_type(client.run("o/m", {}, return_prediction=True, deadline=5), types.Prediction)
    assert_type(client.run("o/m", input={}, stream=True), Iterator[JobEvent])
    assert_type(client.run("o/m"), Any)
    assert_type(file.save("cat.png", on_progress=lambda done, total: None), Path)
    assert_type(file.read(), bytes)
    assert_type(webhooks.unwrap(b"", {}, secret=["a", "b"]), types.Prediction)
    assert_type(client.webhooks.unwrap(b"", {}), types.Prediction)
    for event in client.stream("o/m", input={}):
        match event:
            case JobEvent(kind="done"):
                assert_type(event.reason, str)
    try:
        client.use("o/m", deadline=5)(anything=1)
    except JobError as error:
        print(error.data)


async def awaited(client: AsyncReplicate, file: AsyncFileOutput) -> None:
    prediction = await client.predictions.create(version="v", input={})
    assert_type(prediction, types.AsyncPrediction)
    assert_type(await prediction.wait(), types.AsyncPrediction)
    assert_type(prediction.stream(), AsyncGenerator[JobEvent, None])
    assert_type(await client.run("o/m", {}, return_prediction=True), types.AsyncPrediction)
    assert_type(await file.save("cat.png"), Path)
    assert_type(await client.webhooks.unwrap(b"", {}), types.AsyncPrediction)
    async for event in client.stream("o/m"):
        assert_type(event, JobEvent)


def wrong(client: Replicate) -> None:
    client.run("o/m", {}, dead_line=5)  # type: ignore[call-overload]
    client.predictions.get(prediction_id="p").stats  # type: ignore[attr-defined]
    webhooks.unwrap({}, {}, secret="s")  # type: ignore[arg-type]
"""


def test_a_program_is_typed(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {**os.environ, "MYPYPATH": str(Path(__file__).parents[2] / "generated/python")}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "program.py"],
        check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
