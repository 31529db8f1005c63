"""Packages of small documents under ruff's own defaults: no import unused, no union in which two literals stand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import pipeline

_DAY = {"type": "string", "format": "date"}
_TIME = {"type": "string", "format": "date-time"}


def _parameter(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


ARGUMENTS: dict[str, list[dict[str, Any]]] = {
    "a type that is not used": [_parameter("date", _TIME)],
    "its own type": [_parameter("date", _DAY), _parameter("until", _DAY)],
    "names of annotations": [
        _parameter(name, _TIME)
        for name in ("datetime", "Any", "Literal", "Sequence", "Mapping", "OMIT", "Items", "View")
    ],
    "values": [
        _parameter("x", {"oneOf": [{"enum": ["a", "b, ]"]}, {"type": "integer"}, {"enum": [""]}, {"enum": [2, -1]}]})
    ],
}
"""By the group of the function, which has a module of its own."""


def _made(folder: Path, arguments: dict[str, list[dict[str, Any]]]) -> Path:
    paths = {
        f"/{number}": {
            "get": {"tags": [group] * bool(group), "parameters": given, "responses": {"204": {"description": "OK"}}}
        }
        for number, (group, given) in enumerate(arguments.items())
    }
    document = {"openapi": "3.1.1", "info": {"title": "Clean", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python",))
    return folder / "out"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _made(tmp_path_factory.mktemp("clean"), ARGUMENTS)


def _found(folder: Path) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS).stdout


def test_ruff_finds_nothing(made: Path) -> None:
    assert _found(made) == "All checks passed!\n"


def test_nor_where_nothing_is_given_or_answered(tmp_path: Path) -> None:
    assert _found(_made(tmp_path, {"": []})) == "All checks passed!\n"


def test_the_values_of_a_union_are_one_literal(made: Path) -> None:
    """PEP 586: `Literal[v1, v2]` is `Literal[v1] | Literal[v2]`."""
    text = (made / "python/clean_kit/params.py").read_text("utf-8")
    assert "x: Literal['a', 'b, ]', '', 2, -1] | int" in text.replace('"', "'")
