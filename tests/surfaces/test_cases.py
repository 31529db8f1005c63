"""Each construct of OpenAPI on its own: the smallest document that shows it, and what it becomes on every surface."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from fnmatch import fnmatch
from functools import cache
from pathlib import Path
from typing import Any

import lupa.lua51
import lupa.lua54
import pytest
from making_many import made_in_memory
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from generator import pipeline
from generator.ir import Api

CASES = sorted(p for p in (Path(__file__).parent / "cases").iterdir() if p.is_dir())
PACKAGE = "python/case_kit"
SHOWN = (
    f"{PACKAGE}/operations.py",
    f"{PACKAGE}/types.py",
    f"{PACKAGE}/bound/[!_]*.py",
    f"{PACKAGE}/resources/[!_]*.py",
    f"{PACKAGE}/cli/commands.py",
    "mcp/tools.json",
    "lua/case_kit/operations.lua",
    "lua/library/case_kit.lua",
    f"{PACKAGE}/mock/api.json",
    "docs/pages/functions/*.md",
)
"""The files in which a construct shows; the others say the same for every case."""


class OneFile(SingleFileSnapshotExtension):
    """A snapshot a case: a diff names the construct that moved."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"


def sparse(value: Any) -> Any:
    """The IR without what is empty: only what the case is about stays to be read."""
    if isinstance(value, dict):
        shown = {k: sparse(v) for k, v in value.items() if k not in ("place", "digest")}
        return {k: v for k, v in shown.items() if v is not None and v is not False and v not in ("", (), [], {})}
    if isinstance(value, (list, tuple)):
        return [sparse(v) for v in value]
    return value


def shown(api: Api, made: pipeline.Made) -> Iterator[str]:
    """The IR, the ledger and the files, one below the other."""
    parts = {k: v for k, v in asdict(api).items() if k in ("functions", "models", "auth", "servers")}
    yield f"=== IR\n{json.dumps(sparse(parts), indent=1, ensure_ascii=False)}\n"
    losses = [f"{loss.kind} {loss.surface} {loss.pointer}: {loss.reason}\n" for loss in made.losses]
    yield "=== ledger\n" + "".join(losses)
    for file in made.files:
        if any(fnmatch(file.path, pattern) for pattern in SHOWN):
            yield f"=== {file.path}\n{file.content.decode()}"


@pytest.mark.parametrize("case", CASES, ids=lambda p: p.name)
def test_case(case: Path, snapshot: SnapshotAssertion) -> None:
    inputs = pipeline.Inputs(case / "openapi.yaml")
    made = made_in_memory(inputs)
    assert "\n".join(shown(pipeline.load(inputs), made)) == snapshot.use_extension(OneFile)
    parsed = [parse(file.path, file.content) for file in made.files]
    assert sum(parsed) > 20, "a file of every language is parsed"


@cache
def parse(path: str, content: bytes) -> bool:
    """Whether the file is of a language that can be parsed here; fails where it is and cannot.

    Most files are the same in every case and parsed once.
    """
    if path.endswith(".py"):
        compile(content, path, "exec")
    elif path.endswith(".json"):
        json.loads(content)
    elif path.endswith(".lua"):
        for lua in (lupa.lua51, lupa.lua54):
            parsed = lua.LuaRuntime(register_eval=False).eval("loadstring or load")
            assert parsed(content.decode(), path), path
    else:
        return False
    return True
