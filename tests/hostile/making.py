"""Files made of documents in memory, and what tells two of them apart beside their texts."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import structure
import yaml
from making_many import made_in_memory
from places import Tree

from generator import pipeline
from generator.errors import SpecError
from generator.ir import Loss
from generator.surfaces.mcp import tools


class _Quoting(yaml.CSafeDumper):
    """Every text in double quotes, and nothing else."""


_Quoting.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def dumped(value: Any) -> str:
    """A document as YAML that says the same in every version of YAML."""
    return str(yaml.dump(value, Dumper=_Quoting, sort_keys=False))


@dataclass(frozen=True)
class Made:
    """The rendered files by path, or why there are none."""

    files: dict[str, str]
    losses: tuple[Loss, ...] = ()
    refused: str = ""


def make(tree: Tree, with_catalog: bool = True) -> Made:
    """What the generator makes of the documents. Raises what it raises, but for a refusal with a place."""
    with _written(tree, with_catalog) as inputs, pytest.MonkeyPatch.context() as patched:
        # A tool that is cut to a size is cut elsewhere where texts are longer, which is no matter of structure.
        patched.setattr(tools, "ROOM", 1_000_000)
        try:
            made = made_in_memory(inputs)
        except SpecError as error:
            return Made({}, refused=_told(error))
    return Made({f.path: f.content.decode() for f in made.files if f.origin.endswith(".jinja")}, made.losses)


def refused(tree: Tree) -> str:
    """Why the documents are not taken; empty where they are. Nothing is rendered."""
    # JSON says the same of these values and is read in a tenth of the time; what is rendered comes from YAML.
    with _written(tree, suffix="json") as inputs:
        try:
            pipeline.load(inputs)
        except SpecError as error:
            return _told(error)
    return ""


def _told(error: SpecError) -> str:
    assert all(finding.where and finding.what and finding.hint for finding in error.findings), str(error)
    return str(error)


@contextmanager
def _written(tree: Tree, with_catalog: bool = True, suffix: str = "yaml") -> Iterator[pipeline.Inputs]:
    with tempfile.TemporaryDirectory(dir=_fast()) as folder:
        paths = []
        for name in ("openapi", *(["catalog"] if with_catalog else [])):
            paths.append(Path(folder) / f"{name}.{suffix}")
            text = json.dumps(tree[name]) if suffix == "json" else dumped(tree[name])
            paths[-1].write_text(text, "utf-8")
        yield pipeline.Inputs(*paths)


@cache
def _fast() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def difference(hostile: Made, control: Made) -> str:
    """The first file whose structure is another than that of the harmless one; empty where there is none."""
    if hostile.refused or control.refused:
        return f"refused: {hostile.refused or control.refused}"
    if set(hostile.files) != set(control.files):
        return f"other files: {sorted(set(hostile.files) ^ set(control.files))[:6]}"
    for path, text in hostile.files.items():
        if text == control.files[path]:
            continue
        try:
            found = structure.of(path, text)
        except Exception as error:  # noqa: BLE001 - whatever a parser of the language says of it
            return f"{path}: {type(error).__name__}: {str(error)[:300]}"
        wanted = structure.of(path, control.files[path])
        if found != wanted:
            more, less = found - wanted, wanted - found
            return f"{path}: {_few(more)} in place of {_few(less)}"
    return ""


def _few(found: Any) -> str:
    return str([f"{key[:160]} x{count}" for key, count in sorted(found.items())[:3]])
