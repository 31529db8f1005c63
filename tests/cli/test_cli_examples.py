"""Every function with each example of the catalog, typed as a command, against the mock."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from cli_harness import Cli, mock
from real_api import API

from generator.ir import Example, Function
from generator.surfaces.shared import calls, metadata

SPEC = Path(__file__).parents[2] / "spec"
OUTPUT = {entry["name"]: entry["output_schema"] for entry in metadata.metadata(API).entries}
ORDER = ("read", "write", "cancel", "delete_model_version", "delete_")
"""What is deleted was looked at before; a version goes before its model."""


def rank(function: Function) -> int:
    last = [n for n, part in enumerate(ORDER) if part in function.name.removeprefix("replicate_")]
    return last[0] if last else ORDER.index(function.access)


CASES = [(f, e) for f in sorted(API.functions, key=rank) for e in f.examples]


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    with mock("--seconds", "0.1") as url:
        yield Cli(tmp_path_factory.mktemp("examples"), url)


def test_all_functions_are_here() -> None:
    assert len({function.name for function, _ in CASES}) == 37


@pytest.mark.parametrize(("function", "example"), CASES, ids=[f"{f.name}-{e.title}" for f, e in CASES])
def test_every_example_goes_well(cli: Cli, function: Function, example: Example) -> None:
    words = shlex.split(calls.cli(API, function, example.arguments).replace("\\\n", " "))[1:]
    done = cli.run(*words)
    assert (done.returncode, done.stderr) == (0, b"")
    match function.result.kind:
        case "json":
            jsonschema.validate(json.loads(done.stdout), OUTPUT[function.name])
        case "empty":
            assert done.stdout == b""
        case _:
            assert done.stdout
