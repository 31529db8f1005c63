"""Names that several want: who keeps the plain one, whatever order they come in, and what those without a choice get."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest

from generator.link.identity import apart, spellings


def told(items: Sequence[tuple[str, ...]], taken: Sequence[str] = ()) -> list[str]:
    """Each item is its choices; a name in brackets is not whole."""
    return apart(
        [iter(each) for each in items],
        lambda index, choice: [choice.strip("()")],
        {*taken},
        range(len(items)),
        lambda choice, number: f"{choice}{number}",
        lambda choice: not choice.startswith("("),
    )


@pytest.mark.parametrize(
    ("items", "taken", "expected"),
    [
        ([("a",), ("b",)], [], ["a", "b"]),
        ([("a", "x"), ("a", "y"), ("b",)], [], ["x", "y", "b"]),
        ([("a", "x"), ("a", "x", "y"), ("c",)], [], ["x", "y", "c"]),
        ([("a", "b"), ("a", "c"), ("b", "d")], [], ["b", "c", "d"]),
        ([("a",), ("a",), ("a",)], [], ["a2", "a3", "a"]),
        ([("a",), ("a",), ("a2",)], [], ["a3", "a", "a2"]),
        ([("a",), ("a", "b")], [], ["a", "b"]),
        ([("(a)", "b"), ("a", "c")], [], ["b", "a"]),
        ([("(a)", "b"), ("(a)", "c")], [], ["b", "c"]),
        ([("a", "b"), ("c",)], ["a"], ["b", "c"]),
        ([("a",), ("c",)], ["a"], ["a2", "c"]),
        ([("a",), ("c",)], ["a", "a2"], ["a3", "c"]),
        ([], [], []),
    ],
)
def test_apart(items: list[tuple[str, ...]], taken: list[str], expected: list[str]) -> None:
    found = told(items, taken)
    plain = [each.strip("()") for each in found]
    assert len({*plain}) == len(plain) and not {*plain} & {*taken}
    assert plain == expected


@pytest.mark.parametrize("items", [[("a", "x"), ("a", "y"), ("x", "z")], [("(a)", "b"), ("a", "c"), ("b", "d")]])
def test_the_order_changes_nothing(items: list[tuple[str, ...]]) -> None:
    every = {tuple(sorted(zip(order, told(order), strict=True))) for order in itertools.permutations(items)}
    assert len(every) == 1


def test_ever_more_words() -> None:
    """With signs; with slashes and the capital letters that words begin with; with each capital letter apart."""
    for text, before, *expected in [
        ("/pets/{id}", "get", "get pets by id", "get slash pets slash brace id unbrace", "get slash pets slash brace id unbrace"),
        ("StartTime<", "", "start time less", "capital start capital time less", "capital s tart capital t ime less"),
        ("HTTPServer", "", "http server", "capital http capital server", "capital https erver"),
        ("Id", "", "id", "capital id", "capital i d"),
        ("ID", "", "id", "capital id", "capital id"),
        ("a-b", "", "a dash b", "a dash b", "a dash b"),
        ("a_b", "", "a underscore b", "a underscore b", "a underscore b"),
        ("/", "get", "get slash", "get slash", "get slash"),
        ("/a/", "get", "get a slash", "get slash a slash", "get slash a slash"),
    ]:  # fmt: skip
        assert [" ".join(each) for each in spellings(text, *before.split())] == expected
