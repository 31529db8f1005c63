"""What a user's type checker knows of jobs, runs, files, inputs and webhooks: held by mypy and by pyright, on programs
that use them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

GENERATED = Path(__file__).parents[1] / "generated/python"

PROGRAM = """
from collections.abc import AsyncGenerator, Generator
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
    assert_type(prediction.stream(), Generator[JobEvent])
    assert_type(client.trainings.get(training_id="t").cancel(), types.Training)
    assert_type(client.run("o/m", {}, return_prediction=True, deadline=5), types.Prediction)
    assert_type(client.run("o/m", input={}, stream=True), Generator[JobEvent])
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

INPUTS = """
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Required, TypedDict

from replikit import AsyncReplicate, ObjectInput, Replicate


@dataclass
class Size:
    width: int


@dataclass(frozen=True, slots=True)
class Painting:
    prompt: str
    size: Size


class Drawing(TypedDict, total=False):
    prompt: Required[str]
    image: Path


class Plain:
    prompt = "cat"


def start(client: Replicate, given: ObjectInput) -> None:
    client.run("o/m", given)
    client.run("o/m", given, return_prediction=True).wait()
    client.run("o/m", input=given, stream=True)
    client.stream("o/m", given)
    client.map("o/m", [given])
    client.predictions.create(version="v", input=given)
    client.models.predictions.create("o/m", input=given)
    client.deployments.predictions.create("o/d", input=given)
    client.trainings.create("o/m", version_id="v", destination="o/n", input=given)


async def awaited(client: AsyncReplicate, given: ObjectInput) -> None:
    await client.run("o/m", given)
    client.stream("o/m", given)
    client.map("o/m", [given])
    await client.predictions.create(version="v", input=given)
    await client.trainings.create("o/m", version_id="v", destination="o/n", input=given)


def right(client: Replicate, other: Mapping[str, object], loose: dict[str, Any]) -> None:
    start(client, Painting("cat", Size(2)))
    start(client, Drawing(prompt="cat"))
    start(client, {"prompt": "cat", "size": Size(2)})
    start(client, other)
    start(client, loose)
    client.map("o/m", [Painting("cat", Size(2)), Painting("dog", Size(3))])
    client.map("o/m", (Drawing(prompt=each) for each in ("cat", "dog")))


def wrong(client: Replicate) -> None:
    client.stream("o/m", Plain())  # WRONG
    client.stream("o/m", "cat")  # WRONG
    client.stream("o/m", {1: "cat"})  # WRONG
    client.map("o/m", Painting("cat", Size(2)))  # WRONG
    client.predictions.create(version="v", input=["cat"])  # WRONG
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What mypy knows of the package: it reads it once."""
    return tmp_path_factory.mktemp("cache")


def test_a_program_is_typed(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    environment = {**os.environ, "MYPYPATH": str(GENERATED)}
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(cache), "program.py"],
        check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


MYPY = ("mypy", "--strict", "--no-error-summary")
PYRIGHT = ("pyright", "--pythonpath", sys.executable)


@pytest.mark.parametrize("command", [MYPY, PYRIGHT], ids=["mypy", "pyright"])
def test_an_input_may_be_a_mapping_or_a_dataclass(command: tuple[str, ...], tmp_path: Path, cache: Path) -> None:
    (tmp_path / "program.py").write_text(INPUTS)
    (tmp_path / "pyrightconfig.json").write_text(
        json.dumps({"extraPaths": [str(GENERATED)], "typeCheckingMode": "strict"})
    )
    environment = {**os.environ, "MYPYPATH": str(GENERATED)}
    kept = ("--cache-dir", str(cache)) if command is MYPY else ()
    done = subprocess.run(
        [sys.executable, "-m", *command, *kept, "program.py"],
        check=False, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    found = {int(line) for line in re.findall(r"program\.py:(\d+).*?error", done.stdout)}
    wrong = {number for number, line in enumerate(INPUTS.splitlines(), 1) if line.endswith("# WRONG")}
    assert found == wrong, done.stdout + done.stderr
