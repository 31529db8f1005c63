"""Functions of models as a package is generated with them: every surface sends what the plain call sends, a wrong value
is refused before anything is sent, and type checkers tell right uses from wrong ones.

What is given to each, and what is wrong, is that of `test_added_models`, worked out there by hand from the schemas.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import type_checks
from derived_worker import answer, one
from mcp_harness import held, stdio
from recorder import TOKEN, recorder
from test_added_models import GIVEN, SHAPED, WRONG

from generator.pipeline import generate
from tests.support.derivations import NAMED, OWNER, ROOT, function, pinned, project

KEYWORDS = {"class": "class_", "spaces in it": "spaces_in_it"}
"""Arguments whose names Python cannot have."""
COMMANDS = ("iterated-files", "secrets", "speech", "text")
"""Each call of the command line is a process of its own: these show all that is special there."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("derived")
    generate(project(folder), folder / "out", ("python", "cli", "mcp", "lua", "mock"))
    return folder / "out" / "python"


def plain(name: str) -> tuple[str, dict[str, str]]:
    """The call of the API that a model's function comes to, as its reference documents it."""
    if name in NAMED:
        return "replicate_create_model_prediction", {"model_owner": OWNER, "model_name": name}
    return "replicate_create_prediction", {"version": pinned(name)}


@pytest.fixture(scope="module")
def found(package: Path) -> dict[str, Any]:
    task = {
        "package": str(package),
        "function": {name: function(name) for name in GIVEN},
        "keywords": KEYWORDS,
        "given": GIVEN,
        "wrong": WRONG,
        "plain": {name: plain(name) for name in GIVEN},
        "cli": COMMANDS,
    }
    done = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "support" / "derived_worker.py")],
        input=json.dumps(task),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("surface", ["python", "async", "map", "call", "cli"])
def test_it_sends_what_the_plain_call_sends(found: dict[str, Any], surface: str) -> None:
    for name, (arguments, output) in GIVEN.items():
        if surface == "cli" and name not in COMMANDS:
            continue
        sent = found["sent"][f"{name} plain"]
        assert sent["body"]["input"] == arguments
        assert found["sent"][f"{name} {surface}"] == sent, name
        assert found["gave"][f"{name} {surface}"] == SHAPED.get(name, output), name


@pytest.mark.parametrize("mode", ["tools", "code"])
def test_an_agent_sends_what_the_plain_call_sends(package: Path, found: dict[str, Any], mode: str) -> None:
    """Over stdio, by the client of MCP's own SDK: each is a tool, and a function of a script."""
    with recorder() as server:
        server.status = 201
        told = {"PYTHONPATH": str(package), "REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": server.base_url}
        # What the catalog names is listed as the other functions are: `--models` is for what a user adds.
        with held(stdio(told, f"--mode={mode}", "--write=allow", "--allow=billed")) as client:
            for name, (given, output) in GIVEN.items():
                server.content = answer(output)
                if mode == "tools":
                    made = client.call_tool(function(name), given)
                    gave = made.structured_content
                    gave = gave["result"] if gave.keys() == {"result"} else gave
                else:
                    short = function(name).removeprefix("replicate_")
                    code = f"return app.integrations.replicate.{short}(json.decode([==[{json.dumps(given)}]==]))"
                    made = client.call_tool("execute_lua", {"code": code})
                    gave = made.structured_content["result"]
                assert not made.is_error, (name, made)
                assert gave == SHAPED.get(name, output), name
                assert json.loads(json.dumps(one(server))) == found["sent"][f"{name} plain"], name


def test_a_wrong_value_is_refused_before_it_is_sent(found: dict[str, Any]) -> None:
    assert len(found["refused"]) == 4 * len(WRONG) + sum(name in COMMANDS for name, _, _ in WRONG)
    for name, surface, parameter, told, message, sent in found["refused"]:
        assert sent == 0, (name, surface, message)
        if surface in ("python", "async") and not told:  # no such keyword, or one is missing: Python's own TypeError
            assert re.search(rf"'{parameter}'", message), message
            if parameter == "promt":
                assert message.endswith("__call__() got an unexpected keyword argument 'promt'; did you mean prompt?")
        else:
            assert (told, surface) == (parameter, surface), message


RIGHT = """
from typing import assert_type
from replikit import AsyncFileOutput, AsyncReplicate, FileOutput, Replicate, types
from replikit.derived.models_octo_labs import ImageInput, TranscriptionOutput

def right(client: Replicate) -> None:
    models = client.models.octo_labs
    assert_type(models.image(prompt="x", aspect_ratio="16:9", num_outputs=2), list[FileOutput])
    assert_type(models.image.create(prompt="x", options={"webhook": "https://x.test", "timeout": 5}), types.Prediction)
    assert_type(models.text(prompt="x", temperature=1), str)
    assert_type(models.nullable(image=None, tags=["a"]), FileOutput | None)
    assert_type(models.transcription(audio=b"x"), TranscriptionOutput)
    assert_type(models.transcription(audio="https://x.test/a.mp3")["transcription"], str)
    assert_type(models.several_outputs(image=b"x")["masks"][0].read(), bytes)
    assert_type(models.embeddings(texts="[]"), list[list[float]])
    assert_type(models.train_trainer(input_images="https://x.test/a.zip"), types.Training)
    given: list[ImageInput] = [{"prompt": "x", "output_format": "png"}]
    for outcome in models.image.map(given):
        assert_type(outcome.output, list[FileOutput] | None)

async def awaited(client: AsyncReplicate) -> None:
    models = client.models.octo_labs
    assert_type(await models.image(prompt="x"), list[AsyncFileOutput])
    assert_type(await models.image.create(prompt="x"), types.AsyncPrediction)
"""
MISUSES = (
    'client.models.octo_labs.image(prompt="x", aspect_ratio="7:3")',
    'client.models.octo_labs.image(prompt="x", promt="y")',
    "client.models.octo_labs.image()",
    "client.models.octo_labs.image(prompt=1)",
    'client.models.octo_labs.image("x")',
    'client.models.octo_labs.image(prompt="x", num_outputs="2")',
    'client.models.octo_labs.image(prompt="x", options={"webhok": "https://x.test"})',
    'client.models.octo_labs.image(prompt="x").read()',
    'client.models.octo_labs.text(prompt="x").save("a.txt")',
    'client.models.octo_labs.integer_enum(image=b"x", scale=3)',
    'client.models.octo_labs.speech(text="x", voice="nobody")',
    'client.models.octo_labs.transcription(audio=b"x")["text"]',
    'client.models.octo_labs.image.map([{"prompt": "x", "output_format": "bmp"}])',
    'client.models.octo_labs.nested_object(prompt="x", options={"format": "xml"})',
    "client.models.octo_labs.no_inputs(prompt='x')",
    "client.models.octo_labs.imagee(prompt='x')",
)


@pytest.fixture(scope="module")
def program(package: Path) -> Path:
    lines = [RIGHT, "def wrong(client: Replicate) -> None:", *(f"    {line}" for line in MISUSES), ""]
    place = package / "uses.py"
    place.write_text("\n".join(lines), "utf-8")
    return place


def lines_with_misuses(program: Path) -> set[int]:
    text = program.read_text("utf-8").splitlines()
    first = text.index("def wrong(client: Replicate) -> None:") + 2
    return set(range(first, first + len(MISUSES)))


@pytest.mark.long
def test_mypy_tells_right_uses_from_wrong_ones(program: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    done = type_checks.mypy(tmp_path_factory, "-p", "replikit", "-m", "uses", cwd=program.parent)
    errors = [line for line in done.stdout.splitlines() if ": error:" in line]
    assert not [line for line in errors if not line.startswith("uses.py:")], done.stdout
    assert {int(line.split(":")[1]) for line in errors} == lines_with_misuses(program), done.stdout


@pytest.mark.long
def test_pyright_tells_the_same(program: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("pyright")),
        "--outputjson",
        "--pythonpath",
        sys.executable,
        "uses.py",
    ]
    if not Path(command[0]).is_file():
        pytest.skip("pyright is not installed")
    done = subprocess.run(command, cwd=program.parent, capture_output=True, text=True, check=False)
    told = [each for each in json.loads(done.stdout)["generalDiagnostics"] if each["severity"] == "error"]
    assert {each["range"]["start"]["line"] + 1 for each in told} == lines_with_misuses(program), done.stdout


def test_a_page_of_the_docs_shows_the_call_on_six_surfaces(tmp_path: Path) -> None:
    generate(project(tmp_path, ("image", "nested-object", "text")), tmp_path / "out", ("docs",))
    pages = tmp_path / "out" / "docs" / "pages"
    text = (pages / "derived" / "image.md").read_text("utf-8")
    tabs = re.findall(r'^=== "(.*)"$', text, re.MULTILINE)
    assert tabs == ["Python", "Python (async)", "CLI", "MCP", "Lua", "curl"]
    for block in re.findall(r"    ```python\n(.*?)    ```", text, re.DOTALL):
        compile("\n".join(line[4:] for line in block.splitlines()), "the page", "exec")
    assert 'client.models.octo_labs.image(prompt="prompt")' in text and "replikit image --prompt prompt" in text
    assert "${REPLICATE_BASE_URL:-https://api.replicate.com/v1}/models/octo-labs/image/predictions" in text
    assert "Default: `1` · At least: `1` · At most: `4`" in text
    assert "replicate_create_model_prediction" not in (pages / "derived.md").read_text("utf-8")
    assert "derived/image.md" in (tmp_path / "out" / "docs" / "mkdocs.yml").read_text("utf-8")
    listed = json.loads((tmp_path / "out" / "catalog.json").read_text("utf-8"))
    assert len(listed["functions"]) == 37
    assert [each["derived"]["source"] for each in listed["derived"]] == [
        *(f"{OWNER}/{name}" for name in ("image", "nested-object", "text")),
    ]
