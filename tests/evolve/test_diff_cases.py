"""Each kind of change on its own: what the diff says of the old call, and what that call then does."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import Any

import old_calls
import pytest
import yaml

from generator import pipeline
from generator.evolve.diff import SURFACES, Diff, diff
from generator.evolve.diff.version import level
from generator.ir import Api

pytestmark = pytest.mark.long

JUDGED = (*SURFACES, "deployed")
STEP = 1 if os.environ.get("HOSTILE") else 3
"""Each case is judged by the diff; of so many one is called in a package made for it, and every one by `make hostile`."""
CASES = sorted(path for path in (Path(__file__).parent / "diff").iterdir() if path.is_dir())


def inputs(case: Path, which: str) -> pipeline.Inputs:
    catalog = case / f"{which}.catalog.yaml"
    return pipeline.Inputs(case / f"{which}.yaml", catalog if catalog.exists() else None)


@cache
def load(case: Path, which: str) -> Api:
    return pipeline.load(inputs(case, which))


def expected(case: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((case / "case.yaml").read_text("utf-8"))
    return found


def predicted(found: Diff, surface: str) -> set[str]:
    """What the diff says becomes of the old call on a surface."""
    effects = (next(each for each in change.judged if each.surface == surface) for change in found.changes)
    return {effect.outcome for effect in effects if effect.breaking} or {"ok"}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_the_diff_says(case: Path) -> None:
    said = expected(case)
    found = diff(load(case, "old"), load(case, "new"))
    kinds = sorted(change.kind for change in found.changes if change.action != "prose")
    assert kinds == sorted(kind for kind in said["changes"] if kind != "prose")
    for surface in JUDGED:
        assert said[surface] in predicted(found, surface), surface
    assert level(found) == said["version"]
    for change in found.changes:
        assert all(effect.text for effect in change.judged if effect.breaking), change


@pytest.mark.parametrize("case", CASES[::STEP], ids=lambda path: path.name)
def test_the_old_call_does(case: Path, tmp_path: Path) -> None:
    missing = old_calls.needed()
    if missing:
        pytest.skip(missing)
    said, old = expected(case), load(case, "old")
    call = old_calls.Old(
        old, old.function(said["call"]["function"]), said["call"]["arguments"], case / "old.yaml",
        said.get("reads", ""), tuple(said.get("types", ())),
        **{key: said["call"][key] for key in ("code", "line", "name") if key in said["call"]},
    )  # fmt: skip
    package = old_calls.Package(load(case, "new"), inputs(case, "new"), tmp_path)
    with package.imported(said.get("token")) as running:
        done = {surface: running.outcome(surface, call) for surface in JUDGED}
    # Whether the server still reads an argument cannot be seen from its answer: it is taken, that is all.
    assert done == {surface: "ok" if said[surface] == "ignored" else said[surface] for surface in JUDGED}


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_nothing_differs_from_itself(case: Path) -> None:
    for which in ("old", "new"):
        assert diff(load(case, which), pipeline.load(inputs(case, which))).changes == ()


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("alias_removed", ["alias added"]),
        ("command_alias_removed", ["command alias added"]),
        ("alternative_removed", ["alternative added"]),
        ("positional_argument_removed", ["parameter became required", "positional argument added"]),
        ("positional_order_changed", ["positional order changed"]),
    ],
)
def test_what_is_gone_one_way_is_added_the_other_way(name: str, kinds: list[str]) -> None:
    case = Path(__file__).parent / "diff" / name
    found = [change for change in diff(load(case, "new"), load(case, "old")).changes if change.action != "prose"]
    assert [change.kind for change in found] == kinds
    for change in found:
        told = [effect.text for effect in change.judged if effect.text]
        assert told and change.breaking is not change.kind.endswith("added"), change
