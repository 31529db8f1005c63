"""Lists without an end, and each bound of a client as its option and its variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from conftest import Face, op
from misbehaving import Misbehaving, of_json

pytestmark = pytest.mark.long


def paged(
    face: Face, bad: Misbehaving, page: Callable[[int], Any], **options: Any
) -> tuple[list[Any], Exception | None]:
    """The items of all pages, and what ended them."""
    bad.answers["/things"] = lambda path: of_json(page(int(path.partition("=")[2] or 0)))
    listing = op(face.demo, page=face.demo.operation.PageInfo("results", "next"))
    found: list[Any] = []

    async def awalk(client: Any) -> None:
        async for item in await client.call(listing, {}, raw=False):
            found.append(item)

    def walk(client: Any) -> None:
        found.extend(client.call(listing, {}, raw=False))

    try:
        face.run(awalk if face.asynchronous else walk, base_url=bad.base_url, **options)
    except face.demo.errors.ResponseError as error:
        return found, error
    return found, None


def onward(number: int, *items: int) -> dict[str, Any]:
    return {"results": list(items), "next": f"/v1/things?page={number + 1}"}


def test_pages_without_items_end(face: Face, bad: Misbehaving) -> None:
    found, error = paged(face, bad, lambda n: onward(n, *([n] if n < 2 else [])), max_empty_pages=5, max_pages=50)
    assert found == [0, 1] and len(bad.asked) == 7
    assert "gave 5 pages in a row without items and names a next one, the bound of max_empty_pages" in str(error)
    bad.asked.clear()
    # Four of them, time and again, are no reason to stop.
    found, error = paged(
        face,
        bad,
        lambda n: {**onward(n, *([n] if n % 5 == 0 else [])), **({"next": None} if n == 22 else {})},
        max_empty_pages=5,
    )
    assert (found, error) == ([0, 5, 10, 15, 20], None)


def test_pages_without_end(face: Face, bad: Misbehaving) -> None:
    found, error = paged(face, bad, lambda n: onward(n, n), max_pages=7)
    assert found == list(range(7)) and len(bad.asked) == 7
    assert "gave 7 pages and names a next one, the bound of max_pages (in the environment DEMO_MAX_PAGES)" in str(error)
    found, error = paged(face, bad, lambda n: {**onward(n, n), "next": f"/v1/things?page={(n + 1) % 3}"}, max_pages=50)
    assert found == [0, 1, 2, 0], "the first page has another URL until a link leads back to it"
    assert "names a page as the next one that was given before" in str(error) and "/v1/things?page=1" in str(error)
    found, error = paged(face, bad, lambda n: {**onward(n, n), "next": "/v1/things?" + "x" * 70_000})
    assert "next page's URL has 70," in str(error) and len(str(error)) < 200


@pytest.mark.parametrize(
    ("name", "value", "wrong"),
    [
        ("deadline", 0.5, [0, -1, float("nan"), "5", True]),
        ("max_response_bytes", 10, [0, -1, 1.5, "5", True]),
        ("max_depth", 3, [0, 1.5]),
        ("max_pages", 3, [0]),
        ("max_empty_pages", 3, [0]),
    ],
)
def test_each_bound_is_an_option_and_a_variable(
    demo: Any, name: str, value: Any, wrong: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    make = demo.sync.client.SyncClient
    assert getattr(make("t", **{name: value})._bounds, name) == value
    assert getattr(make("t").with_options(**{name: value})._bounds, name) == value
    for each in wrong:
        with pytest.raises(demo.errors.ConfigError, match=f"^{name}="):
            make("t", **{name: each})
    variable = f"DEMO_{name.upper()}"
    monkeypatch.setenv(variable, str(value))
    assert getattr(make("t")._bounds, name) == value
    assert getattr(make("t", **{name: 7})._bounds, name) == 7
    for text in ("0", "-1", "nan", "x"):
        monkeypatch.setenv(variable, text)
        with pytest.raises(demo.errors.ConfigError, match=f"^{variable}={text}: must be"):
            make("t")
