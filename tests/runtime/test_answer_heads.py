"""What stands before and around a body: heads, frames, redirects, pauses, cookies."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from answered import once
from conftest import Face, op
from misbehaving import Misbehaving, endless, head, of_json, whole

pytestmark = pytest.mark.long


def lines(count: int) -> bytes:
    return b"".join(b"A%d: b\r\n" % number for number in range(count))


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (lambda: itertools.chain([b"HTTP/1.1 200 OK\r\n"], endless(b"A: b\r\n")), "ApiConnectionError", ""),
        (lambda: itertools.chain([b"HTTP/1.1 200 OK\r\nA: "], endless(b"b" * 4096)), "ApiConnectionError", ""),
        (lambda: [b"HTTP/1.1 200 OK\r\n" + lines(20_000) + b"\r\n"], "ApiConnectionError", ""),
        (lambda: endless(b"x" * 4096), "ApiConnectionError", ""),
        (lambda: endless(head("103 Early Hints", Link="</a>") * 20), "ResponseError", "head .* more than 1,048,576 bytes"),
        (lambda: whole(b"{}", Content_Length=5)[:1] + [b""], "ApiConnectionError", ""),
        (lambda: whole(b"{}", Content_Length="9" * 5000), "ApiConnectionError", ""),
        (lambda: whole(b"{}", Content_Length="-1"), "ApiConnectionError", ""),
        (lambda: whole(b"{}", Content_Length="2, 3"), "ApiConnectionError", ""),
        (lambda: [head(Transfer_Encoding="chunked") + b"f" * 30 + b"\r\n"], "ApiConnectionError", ""),
        (lambda: itertools.chain([head(Transfer_Encoding="chunked") + b"1;"], endless(b"x" * 4096)), "ApiConnectionError", ""),
        (lambda: itertools.chain([head(Transfer_Encoding="chunked") + b"0\r\n"], endless(b"A: b\r\n")), "ApiConnectionError", ""),
    ],
)  # fmt: skip
def test_heads_and_frames(face: Face, bad: Misbehaving, answer: Any, error: str, reason: str) -> None:
    def cut() -> Iterator[bytes]:
        yield from answer()
        raise ConnectionError("the server closes the connection")

    with pytest.raises(getattr(face.demo.errors, error), match=reason or None) as caught:
        once(face, bad, cut())
    assert len(str(caught.value)) < 1000
    assert not bad.outlasted


@pytest.mark.parametrize(
    "location",
    ["http://[", "http://x/" + "a" * 70_000, "file:///etc/passwd", "javascript:alert(1)", "http://h:99999999/", "\x7f"],
)
def test_redirects_to_nowhere(face: Face, bad: Misbehaving, location: str) -> None:
    with pytest.raises(face.demo.errors.Error) as caught:
        once(face, bad, whole(b"", "302 Found", Location=location), op(face.demo, result="binary"))
    assert len(str(caught.value)) < 1000 and len(bad.asked) == 1


def test_redirects_end(face: Face, bad: Misbehaving) -> None:
    bad.answers["/things"] = lambda _: whole(b"", "302 Found", Location="/v1/things")
    with pytest.raises(face.demo.errors.ResponseError, match="redirected again and again"):
        once(face, bad, whole(b"", "302 Found", Location="/v1/things"), op(face.demo, result="binary"))
    assert len(bad.asked) == 6


@pytest.mark.parametrize(
    ("header", "body"),
    [
        ("1000000000", {}),
        ("1e9", {}),
        ("9" * 400, {}),
        ("Fri, 31 Dec 9999 23:59:59 GMT", {}),
        ("", {"retry_after": 10**9}),
    ],
)
def test_no_pause_is_longer_than_the_policy_says(face: Face, bad: Misbehaving, header: str, body: Any) -> None:
    with pytest.raises(face.demo.errors.RateLimitError):
        once(face, bad, of_json(body, "429 Slow", Retry_After=header), max_retries=1, retries=None)
    # A number that is none says nothing: the ordinary pause is taken.
    assert len(bad.asked) in (1, 2) if header == "9" * 400 else len(bad.asked) == 1


@pytest.mark.parametrize("pause", [10**400, "1e999", [1], "Mon, 99 Xyz 99999 99:99:99"])
def test_pauses_that_are_none(face: Face, bad: Misbehaving, pause: Any, no_waiting: list[float]) -> None:
    with pytest.raises(face.demo.errors.RateLimitError) as caught:
        once(face, bad, of_json({"retry_after": pause}, "429 Slow"), max_retries=1)
    assert caught.value.retry_after is None and len(bad.asked) == 2
    assert no_waiting and no_waiting[0] <= 0.5


def test_cookies_are_not_kept(face: Face, bad: Misbehaving) -> None:
    """A server could fill the memory of a process with them, and none is ever sent."""
    bad.answers["/things"] = lambda _: of_json({}, Set_Cookie="a=" + "b" * 4000)
    jars = []

    async def again(client: Any) -> None:
        for _ in range(2):
            found = client.call(op(face.demo), {})
            if hasattr(found, "__await__"):
                await found
        jars.extend(list(client._connections.client(bad.origin).cookies.jar))

    face.run(again if face.asynchronous else lambda client: asyncio.run(again(client)), base_url=bad.base_url)
    assert len(bad.asked) == 2 and not jars
