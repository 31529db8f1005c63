"""Every check of oasdiff's list: the change that shows it is planted, and the verdict is the one that the page tells."""

from __future__ import annotations

from pathlib import Path

import planting
import pytest

from generator.docs.oasdiff import Check, checks
from generator.evolve.diff import Diff

CHECKS = checks()
SHOWN = tuple(check for check in CHECKS if check.place)


def test_the_list_is_whole() -> None:
    """271 rules in `GetAllRules` of that revision, counted by hand; each has a verdict or a reason."""
    assert len(CHECKS) == len({check.id for check in CHECKS}) == 271
    assert all(check.why for check in CHECKS if not check.place)
    for check in SHOWN:
        assert check.kind and bool(check.why) is not check.agrees, check.id


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Diff]:
    """The changes of all checks that one document can hold, told apart by the functions that they are of."""
    rows = {each.id: (each.place, each.old, each.new) for each in SHOWN if each.place not in planting.ALONE}
    return planting.side_by_side(tmp_path_factory.mktemp("together"), rows)


@pytest.mark.parametrize("check", SHOWN, ids=lambda check: check.id)
def test_the_change_has_the_verdict(check: Check, together: dict[str, Diff], tmp_path: Path) -> None:
    found = together.get(check.id) or planting.planted(tmp_path, check.place, check.old, check.new)
    assert check.kind in {change.kind for change in found.changes}, found.changes
    assert {audience for change in found.changes for audience in change.breaks} == {*check.breaks}, found.changes
