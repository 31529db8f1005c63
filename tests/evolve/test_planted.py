"""Small changes of every kind, each with those whom it breaks, worked out by hand beside the table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import planting
import pytest
import yaml

TABLE: dict[str, dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "planted.yaml").read_text("utf-8"), yaml.CSafeLoader
)


@pytest.mark.parametrize("name", TABLE)
def test_who_breaks(name: str, tmp_path: Path) -> None:
    row = TABLE[name]
    found = planting.planted(tmp_path, row["at"], row["old"], row["new"])
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
