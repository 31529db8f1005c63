"""What `*` stands for, held against every text of a small alphabet, and which operations a key means."""

from __future__ import annotations

from itertools import product

import pytest

from generator.link.selectors import Selector, matches


def described(pattern: str, text: str) -> bool:
    """The definition itself, by trying: `*` stands for any characters, also for none."""
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(described(pattern[1:], text[n:]) for n in range(len(text) + 1))
    return text[:1] == pattern[0] and described(pattern[1:], text[1:])


def test_it_is_what_the_definition_says_of_every_short_text() -> None:
    texts = ["".join(each) for n in range(6) for each in product("ab", repeat=n)]
    patterns = ["".join(each) for n in range(6) for each in product("ab*", repeat=n)]
    assert not [(p, t) for p in patterns for t in texts if matches(p, t) is not described(p, t)]


@pytest.mark.parametrize("sign", ["?", "[a]", ".", "\\", "{a}", "^", "$", "(a+)+$"])
def test_there_is_no_other_sign(sign: str) -> None:
    assert matches(f"x{sign}*", f"x{sign}y") and not matches(f"x{sign}", "xa")


def test_many_stars_take_no_longer_than_the_text_is() -> None:
    assert not matches("*a" * 20_000 + "b", "a" * 40_000)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("GET /admin/*", "path"),
        ("get /admin/*", "path"),
        ("* /admin/*", "path"),
        ("QUERY /x", "path"),
        ("tag:billing", "tag"),
        ("tag:with space", "tag"),
        ("repos/*", "name"),
        ("*.delete", "name"),
        ("list all", "name"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert Selector.of(text).kind == kind


def test_the_more_exact() -> None:
    order = ["*", "tag:x", "GET /*", "GET /pets/*", "GET /pets"]
    exact = [Selector.of(each).exactness for each in order]
    assert exact == sorted(exact)
