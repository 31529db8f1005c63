"""Small changes of every kind, each with those whom it breaks, worked out by hand beside the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import planting
import pytest
import yaml

from generator.evolve.diff import Diff

TABLE: dict[str, dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "planted.yaml").read_text("utf-8"), yaml.CSafeLoader
)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Diff]:
    """What is found in one document that holds all rows that can stand side by side."""
    rows = {
        n: (r["at"], r["old"], r["new"]) for n, r in TABLE.items() if r["at"] not in planting.ALONE + ("operation",)
    }
    return planting.side_by_side(tmp_path_factory.mktemp("together"), rows)


@pytest.mark.parametrize("name", TABLE)
def test_who_breaks(name: str, together: dict[str, Diff], tmp_path: Path) -> None:
    row = TABLE[name]
    found = together.get(name) or planting.planted(tmp_path, row["at"], row["old"], row["new"])
    broken = {audience for change in found.changes for audience in change.breaks}
    assert broken == {*row["breaks"]}, found.changes
    for change in found.changes:
        assert all(effect.text for effect in change.judged if effect.breaking), change


def test_the_table_is_whole() -> None:
    """Each row says why, and rows of every verdict are there."""
    assert len(TABLE) >= 80 and all(row["why"] for row in TABLE.values())
    assert {frozenset(row["breaks"]) for row in TABLE.values()} == {
        frozenset(), frozenset({"regenerated"}), frozenset({"deployed"}), frozenset({"regenerated", "deployed"}),
    }  # fmt: skip
