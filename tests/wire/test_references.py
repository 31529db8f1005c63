"""Arguments of a path written as one, and paths with gaps: what is put together comes apart again."""

from __future__ import annotations

from typing import Any

import pytest

VERSION = (("owner", "/"), ("name", ":"), ("id", ""))
MODEL = (("owner", "/"), ("name", ""))


@pytest.mark.parametrize(
    ("parts", "given", "expected"),
    [
        (MODEL, {"owner": "acme/brush"}, {"owner": "acme", "name": "brush"}),
        (MODEL, {"name": "acme/brush"}, {"owner": "acme", "name": "brush"}),
        (MODEL, {"owner": "acme", "name": "brush"}, {"owner": "acme", "name": "brush"}),
        (MODEL, {"owner": "acme/brush", "name": None}, {"owner": "acme", "name": "brush"}),
        (MODEL, {"owner": "a/b", "name": "c"}, {"owner": "a/b", "name": "c"}),
        (MODEL, {"limit": 1}, {"limit": 1}),
        (MODEL, {"owner": 1}, {"owner": 1}),
        (MODEL, {"owner": "acme/brush", "limit": 1}, {"owner": "acme", "name": "brush", "limit": 1}),
        (VERSION, {"owner": "acme/brush:v1"}, {"owner": "acme", "name": "brush", "id": "v1"}),
        (VERSION, {"owner": "acme/brush", "id": "v1"}, {"owner": "acme", "name": "brush", "id": "v1"}),
        (VERSION, {"owner": "acme", "name": "brush:v1"}, {"owner": "acme", "name": "brush", "id": "v1"}),
        (VERSION, {"owner": "acme", "id": "brush:v1"}, {"owner": "acme", "name": "brush", "id": "v1"}),
    ],
)
def test_parts_of_one_text(demo: Any, parts: Any, given: dict[str, Any], expected: dict[str, Any]) -> None:
    found = demo.references.whole(parts, given)
    assert {name: value for name, value in found.items() if value is not None} == expected


@pytest.mark.parametrize(
    ("parts", "given", "message"),
    [
        (MODEL, {"owner": "acme"}, "name: is required: 'acme' is no owner/name"),
        (MODEL, {"name": "brush"}, "name: is required: 'brush' is no owner/name"),
        (MODEL, {"owner": "a/b/c"}, "owner: has a part too many for owner/name"),
        (VERSION, {"owner": "acme/brush"}, "id: is required: 'acme/brush' is no owner/name:id"),
        (VERSION, {"owner": "acme/brush:v1", "id": "v2"}, "owner: has a part too many for owner/name:id"),
        (VERSION, {"owner": "acme/brush:v1:v2"}, "owner: has a part too many for owner/name:id"),
        (VERSION, {"owner": "acme/brush:v/1"}, "owner: has a part too many for owner/name:id"),
    ],
)
def test_parts_that_do_not_fit(demo: Any, parts: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(demo.errors.ArgumentError) as caught:
        demo.references.whole(parts, given)
    assert str(caught.value) == message


def test_a_long_text_is_shown_in_part(demo: Any) -> None:
    with pytest.raises(demo.errors.ArgumentError) as caught:
        demo.references.whole(MODEL, {"owner": "x" * 500})
    assert str(caught.value) == f"name: is required: {'x' * 80!r} is no owner/name"


@pytest.mark.parametrize(
    ("template", "path", "expected"),
    [
        ("/a", "/a", {}),
        ("/a", "/b", None),
        ("/a/{x}", "/a/1", {"x": "1"}),
        ("/a/{x}", "/a/", None),
        ("/a/{x}", "/b/1", None),
        ("/a/{x}", "/a/1/2", None),
        ("/a/{x}/b", "/a/1/b", {"x": "1"}),
        ("/a/{x}/b", "/a/1/c", None),
        ("/a/{x}/b", "/a/b", None),
        ("/{x}/{y}", "/1/2", {"x": "1", "y": "2"}),
        ("/{x}/{y}", "/1", None),
        ("/{x}/{y}", "//2", None),
        ("/{x}/{y}", "/1/", None),
        ("/{x}-{y}", "/1-2", {"x": "1", "y": "2"}),
        ("/{x}-{y}", "/1-2-3", {"x": "1-2", "y": "3"}),
        ("/{x}{y}", "/12", {"x": "1", "y": "2"}),
        ("{x}", "a", {"x": "a"}),
        ("/{x}.json", "/.json", None),
        ("/{x}.json", "/a.json", {"x": "a"}),
    ],
)
def test_gaps_of_a_path(demo: Any, template: str, path: str, expected: dict[str, str] | None) -> None:
    assert demo.paths.match(template, path) == expected
    if expected is not None:
        assert demo.paths.filled(template, expected) == path


def test_texts_and_names_of_a_template(demo: Any) -> None:
    assert demo.paths.gaps("/a/{x}-{y}/b") == (("/a/", "-", "/b"), ("x", "y"))
    assert demo.paths.gaps("/a") == (("/a",), ())
    assert demo.paths.filled("/a/{x}-{y}/b", {"x": "1", "y": "2", "z": "3"}) == "/a/1-2/b"


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [
        # JSON Schema 2020-12, validation 6.2.1, of numbers as JSON writes them.
        (9, 3, True), (10, 3, False), (0, 3, True), (0.3, 0.1, True), (0.35, 0.1, False), (4.5, 1.5, True), (-9, 3, True),
        (1e308, 1, True), (7, 0, True),
    ],
)  # fmt: skip
def test_multiples(demo: Any, value: float, step: float, expected: bool) -> None:
    assert demo.jsonvalues.is_multiple(value, step) is expected


def test_values_are_equal_as_json_says(demo: Any) -> None:
    """JSON Schema 2020-12, 4.2.2."""
    key = demo.jsonvalues.key
    alike = [(1, 1.0), ([1], (1.0,)), ({"a": 1, "b": 2}, {"b": 2.0, "a": 1}), (-0.0, 0)]
    other = [(1, True), (0, False), (0, None), ("1", 1), ([], {}), ([1, 2], [2, 1]), ({"a": 1}, {"a": 2}), ("", None), (1.5, 1), ([["number"]], [1])]  # fmt: skip
    assert all(key(one) == key(two) and hash(key(one)) == hash(key(two)) for one, two in alike)
    assert [(one, two) for one, two in other if key(one) == key(two)] == []
