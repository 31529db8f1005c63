"""What a diff looks at is bounded, whatever two documents hold; and where a bound is met, nothing is left unsaid."""

from __future__ import annotations

from pathlib import Path

import planting
import pytest

from generator import cli
from generator.evolve.diff import Change, Diff, Effect
from generator.evolve.diff.report import as_markdown
from generator.evolve.diff.within import Names, within
from generator.ir import Type

NOTHING = Names({}, {}, {}, {})
TEXT = Type(kind="string")


def test_renamed_fields_are_sought_among_few_and_told_among_many(tmp_path: Path) -> None:
    """Two hundred by two hundred pairs are looked at; of more, what went and what came is told."""
    for count, kinds in ((5, {"field renamed"}), (201, {"field removed", "field added"})):
        old, new = (
            {"type": "object", "properties": {f"{x}{n:03}": {"type": "string"} for n in range(count)}}
            for x in ("total_", "totals_")
        )
        found = planting.planted(tmp_path, "result", old, new).changes
        assert {change.kind for change in found if change.action != "prose"} == kinds
        assert len({change.name for change in found}) >= count


def test_forms_inside_forms_are_not_all_looked_at() -> None:
    """Three forms that each have three, nine deep, are twenty thousand pairs: they are taken for others."""
    one = TEXT
    for _ in range(9):
        one = Type(kind="union", members=(one, one, one))
    assert not within(one, Type(kind="union", members=(TEXT, Type(kind="boolean"))), NOTHING)
    assert within(Type(kind="union", members=(TEXT, TEXT)), TEXT, NOTHING)


def long(count: int) -> Diff:
    effects = (Effect(surface="python", outcome="gone", text="`x` is gone"),)
    return Diff(tuple(
        Change(kind="function removed", action="removed", subject=f"pets.n{n:04}", effects=effects if n % 2 else ())
        for n in range(count)
    ))  # fmt: skip


@pytest.mark.parametrize("most", [1_000, 1_001, 5_000, 20_000, 1_000_000])
def test_markdown_is_no_longer_than_it_may_be_and_counts_the_rest(most: int) -> None:
    written = as_markdown(long(600), "1.0.0", most)
    rows = sum(line.startswith("| **") for line in written.splitlines())
    items = sum(line.startswith("- **") for line in written.splitlines())
    assert len(written) <= most
    assert ("Not shown" in written) is (rows + items < 600)
    if rows + items < 600:
        assert f"**Not shown: {300 - rows} changes that break and {300 - items} that do not." in written
        assert not items or rows == 300  # what breaks goes first
        assert written.count("<details>") == written.count("</details>")
    else:
        assert written == as_markdown(long(600), "1.0.0")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--limit", "999", "--format", "markdown"], "'999' is not a number of at least 1000"),
        (["--limit", "x", "--format", "markdown"], "'x' is not a number of at least 1000"),
        (["--limit", "60000"], "--limit: applies only to Markdown"),
        (["--for", "nobody"], "invalid choice: 'nobody'"),
    ],
)
def test_what_cannot_be_meant_is_a_mistake_of_usage(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        code = cli.main(["diff", "old.yaml", "new.yaml", *words])
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]
    assert code == 2
    assert told in capsys.readouterr().err
