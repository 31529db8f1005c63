"""What type checkers say: of what is generated, the runtime under it and the generator, and of programs that use them.

Each checker runs once, for to understand the package takes it far longer than any program. mypy judges all of our code;
pyright what a caller's editor shows of it, and the half of the runtime that the other half is made of: it takes four
times as long for the rest, which it reads all the same. `make oracle` has it judge whole packages.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import type_checks
from hanging import HANGS
from moving_snippets import PRELUDE, SNIPPETS, as_ours

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generated/python/replikit"
JUDGED = [*(f"replikit/{name}" for name in ("*.py", "bound", "extensions", "raw", "resources", "runtime/aio"))]
"""What pyright judges beside the programs."""
MOVED = [snippet.ours or as_ours(snippet.code) for snippet in SNIPPETS]
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


INPUTS = """# pyright: strict
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

KNOWN = {
    "replikit.predictions.get('p')": "Prediction",
    "replikit.predictions.get('p').status": "str | Literal['starting', 'processing', 'succeeded', 'failed', 'canceled', 'aborted']",
    "replikit.predictions.create(model='o/m', input={})": "Prediction",
    "replikit.predictions.create(version='v', input={}).wait()": "Prediction",
    "next(iter(replikit.predictions.list()))": "Prediction",
    "replikit.models.get('o/m')": "Model",
    "replikit.models.get('o', 'm').run_count": "int | None",
    "replikit.models.get('o/m').versions.list()": "Page[Version]",
    "replikit.models.get('o/m').versions.get('v')": "Version",
    "replikit.deployments.get('o/d').predictions.create(input={})": "Prediction",
    "replikit.models.versions.get('o/m', 'v')": "Version",
    "replikit.models.versions.list('o/m')": "Page[Version]",
    "replikit.deployments.get('o/d')": "Deployment",
    "replikit.collections.get('c')": "Collection",
    "replikit.trainings.get('t')": "Training",
    "replikit.trainings.cancel('t')": "Training",
    "replikit.files.create(b'')": "File",
    "replikit.run('o/m', return_prediction=True)": "Prediction",
    "replikit.stream('o/m')": "Generator[JobEvent, None, None]",
    "replikit.use('o/m')": "ModelFunction",
    "replikit.use('o/m', streaming=True)(prompt='')": "Generator[JobEvent, None, None]",
    "replikit.Client(api_token='t')": "Replicate",
    "replikit.webhooks.default.secret.get().key": "str | None",
}
"""What a type checker tells of an expression; a field that the API's description does not require may be None."""


Found = list[dict[str, Any]]


def inside(found: Found, *folders: Path) -> Found:
    """What is said of files there."""
    return [each for each in found if any(Path(each["file"]).is_relative_to(folder) for folder in folders)]


@pytest.fixture(scope="module")
def mypy(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Found]:
    """A folder with the programs, and what mypy says of these and of our code."""
    folder = tmp_path_factory.mktemp("programs")
    (folder / "program.py").write_text(PROGRAM)
    (folder / "inputs.py").write_text(INPUTS)
    parts = [ROOT / "generator", PACKAGE, folder / "program.py", folder / "inputs.py"]
    done = type_checks.mypy(tmp_path_factory, "--output", "json", *parts, cwd=ROOT)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert done.returncode == bool(found), done.stdout + done.stderr
    return folder, [{**each, "file": ROOT / each["file"]} for each in found]


@pytest.fixture(scope="module")
def pyright(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Found]:
    """A folder with the package and the programs of those who move, and what pyright says of them."""
    folder = tmp_path_factory.mktemp("moved").resolve()
    shutil.copytree(PACKAGE, folder / "replikit", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "programs").mkdir()
    for index, program in enumerate(MOVED):
        (folder / f"programs/program_{index}.py").write_text(PRELUDE + program + "\n")
    revealed = "import replikit\n" + "".join(f"reveal_type({each})\n" for each in KNOWN)
    (folder / "programs/revealed.py").write_text(revealed)
    (folder / "inputs.py").write_text(INPUTS)
    settings = {"include": ["programs", "inputs.py", *JUDGED]}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable],
        capture_output=True, text=True, check=False, timeout=HANGS, cwd=folder,
    )  # fmt: skip
    told = json.loads(done.stdout)
    named = {file for place in settings["include"] for file in folder.glob(place) if file.suffix == ".py"}
    inside = {file for place in settings["include"] for file in (folder / place).rglob("*.py")}
    assert told["summary"]["filesAnalyzed"] == len(named | inside), done.stderr
    return folder, told["generalDiagnostics"]


def test_mypy_finds_our_code_clean(mypy: tuple[Path, Found]) -> None:
    """What is generated, the runtime under it, and the generator itself."""
    _, found = mypy
    assert inside(found, ROOT) == []


def test_pyright_finds_what_a_caller_sees_clean(pyright: tuple[Path, Found]) -> None:
    folder, found = pyright
    assert [each for each in inside(found, folder / "replikit") if each["severity"] == "error"] == []


def test_ruff_finds_our_code_clean() -> None:
    for checked in (["generator", PACKAGE], ["--isolated", PACKAGE]):  # by our settings, and by its defaults
        command = [sys.executable, "-m", "ruff", "check", "-q", *checked]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_a_program_is_typed(mypy: tuple[Path, Found]) -> None:
    """What a user's type checker knows of jobs, runs, files and webhooks."""
    folder, found = mypy
    assert inside(found, folder / "program.py") == []


def test_an_input_may_be_a_mapping_or_a_dataclass(mypy: tuple[Path, Found], pyright: tuple[Path, Found]) -> None:
    wrong = {number for number, line in enumerate(INPUTS.splitlines(), 1) if line.endswith("# WRONG")}
    said = {each["line"] for each in inside(mypy[1], mypy[0] / "inputs.py") if each["severity"] == "error"}
    told = {each["range"]["start"]["line"] + 1 for each in inside(pyright[1], pyright[0] / "inputs.py")}
    assert (said, told) == (wrong, wrong)


def test_a_type_checker_finds_nothing_wrong_and_knows_what_is_given(pyright: tuple[Path, Found]) -> None:
    folder, found = pyright
    said = inside(found, folder / "programs")
    assert [(Path(each["file"]).name, each["message"]) for each in said if each["severity"] == "error"] == []
    revealed = {each["range"]["start"]["line"]: each["message"] for each in said if each["severity"] == "information"}
    told = [re.sub(r'^.* is "(.*)"$', r"\1", revealed[line], flags=re.DOTALL) for line in range(1, len(KNOWN) + 1)]
    assert dict(zip(KNOWN, told, strict=True)) == KNOWN
