"""Answers that are larger than a client gives room for, as sent and as decompressed."""

from __future__ import annotations

import asyncio
import functools
import gzip
import importlib
import itertools
import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from answered import EMPTY_BLOCK, MOST, RAW_START, ZEROS, coded, once
from conftest import Face, op
from misbehaving import Misbehaving, chunked, endless, head, whole

pytestmark = pytest.mark.long


LARGE: dict[str, Callable[[], Iterable[bytes]]] = {
    "a length": lambda: whole(b"x" * 1001),
    "a length that no memory holds": lambda: [head(X_Request_Id="rid", Content_Length=10**18)],
    "chunks": lambda: chunked(endless(b"x" * 300)),
    "chunks of one byte": lambda: chunked(endless(b" ")),
    "no length": lambda: itertools.chain([head(X_Request_Id="rid")], endless(b"x" * 4096)),
    "gzip": lambda: whole(coded(ZEROS, "gzip"), Content_Encoding="gzip"),
    "gzip in chunks": lambda: chunked([coded(ZEROS, "gzip")], Content_Encoding="x-gzip"),
    "zlib": lambda: whole(coded(ZEROS, "deflate"), Content_Encoding="deflate"),
    "bare deflate": lambda: whole(coded(ZEROS, "raw"), Content_Encoding="deflate"),
    "gzip twice": lambda: whole(coded(ZEROS, "gzip", "gzip"), Content_Encoding="gzip, gzip"),
    "three codings": lambda: whole(coded(ZEROS, "gzip", "deflate", "gzip"), Content_Encoding="gzip, deflate, GZIP"),
    "more after the end": lambda: itertools.chain(
        [head(X_Request_Id="rid", Content_Encoding="gzip"), coded(b"{}", "gzip")], endless(b"x" * 4096)
    ),
    "what becomes nothing": lambda: itertools.chain(
        [head(X_Request_Id="rid", Content_Encoding="gzip"), RAW_START], endless(EMPTY_BLOCK * 100)
    ),
    # The outer coding gives megabytes of blocks out of which the inner one makes nothing.
    "what becomes nothing, in a coding": lambda: whole(
        coded(RAW_START + EMPTY_BLOCK * 1_000_000, "gzip"), Content_Encoding="gzip, gzip"
    ),
}


@pytest.mark.parametrize("name", LARGE)
def test_no_answer_is_larger_than_allowed(face: Face, bad: Misbehaving, name: str) -> None:
    with pytest.raises(face.demo.errors.ResponseError) as caught:
        once(face, bad, LARGE[name](), max_response_bytes=MOST)
    assert "1,000 bytes, the bound of max_response_bytes (in the environment DEMO_MAX_RESPONSE_BYTES)" in str(
        caught.value
    )
    assert (caught.value.status, caught.value.request_id) == (200, "rid")
    assert "(status 200, request rid)" in str(caught.value)


@pytest.mark.parametrize("status", ["302 Found", "404 Not Found", "503 Busy"])
def test_of_a_failure_the_status_counts_and_not_the_rest(face: Face, bad: Misbehaving, status: str) -> None:
    answer = chunked(endless(b"why" * 200), status, Location="/v1/elsewhere")
    with pytest.raises(face.demo.errors.ApiError) as caught:
        once(face, bad, answer, max_response_bytes=MOST)
    assert caught.value.status == int(status[:3]) and caught.value.body.startswith("whywhy")
    assert len(caught.value.body) <= MOST
    assert "more than 1,000 bytes, the bound of max_response_bytes" in str(caught.value)


@pytest.mark.parametrize("name", ["br", "zstd"])
def test_other_codings(face: Face, bad: Misbehaving, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    module: Any = importlib.import_module({"br": "brotli", "zstd": "zstandard"}[name])
    # The best that brotli can do takes it a second for the zeros below.
    pack = functools.partial(module.compress, quality=5) if name == "br" else module.ZstdCompressor().compress
    assert once(face, bad, whole(pack(b'{"a": 1}'), Content_Encoding=name)) == {"a": 1}
    two = pack(b'{"a": ') + pack(b"2}") if name == "zstd" else pack(b'{"a": 2}')
    assert once(face, bad, chunked((two[i : i + 3] for i in range(0, len(two), 3)), Content_Encoding=name)) == {"a": 2}
    assert once(face, bad, whole(coded(pack(b'{"a": 3}'), "gzip"), Content_Encoding=f"{name}, gzip")) == {"a": 3}
    bomb = pack(ZEROS)
    with pytest.raises(face.demo.errors.ResponseError, match="1,000 bytes, the bound of max_response_bytes"):
        once(face, bad, whole(bomb, Content_Encoding=name), max_response_bytes=MOST)
    with pytest.raises(face.demo.errors.ResponseError, match="in the middle|decompressed"):
        once(face, bad, whole(bomb[:-3], Content_Encoding=name))


def test_what_fits_is_taken(face: Face, bad: Misbehaving) -> None:
    body = json.dumps({"text": "x" * 900}).encode()
    for answer in (
        whole(body),
        chunked([body]),
        chunked(bytes([byte]) for byte in body),
        whole(coded(body, "gzip"), Content_Encoding="gzip"),
        whole(coded(body, "raw"), Content_Encoding="Deflate"),
        chunked((bytes([byte]) for byte in coded(body, "deflate")), Content_Encoding="deflate"),
        whole(coded(body, "deflate", "gzip"), Content_Encoding="identity, deflate,gzip"),
        whole(body, Content_Encoding="aws-chunked"),
        whole(body, Content_Length=f"{len(body)}, {len(body)}"),
    ):
        assert once(face, bad, answer, max_response_bytes=MOST) == {"text": "x" * 900}
    headers = {"X_Request_Id": "rid", "Content_Encoding": "gzip"}
    assert once(face, bad, [head("204 No", **headers)], op(face.demo, result="empty")) is None
    # What httpx shows of the answer is as it was sent and as it was decoded.
    bad.answers["/things"] = lambda _: whole(coded(body, "gzip"), Content_Encoding="gzip")

    async def answered(client: Any) -> Any:
        found = client.answer(op(face.demo), {})
        found = await found if hasattr(found, "__await__") else found
        return found.http.headers["content-encoding"], found.http.content, found.http.is_closed

    if face.asynchronous:
        assert face.run(answered, base_url=bad.base_url) == ("gzip", body, True)
    else:
        work = lambda client: asyncio.run(answered(client))
        assert face.run(work, base_url=bad.base_url) == ("gzip", body, True)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (whole(b"\x1f\x8b\x08 no", Content_Encoding="gzip"), "cannot be decompressed"),
        (whole(coded(b'{"a": 1}', "gzip")[:-9], Content_Encoding="gzip"), "in the middle of what was compressed"),
        (whole(b"{}", Content_Encoding="gzip"), "cannot be decompressed"),
        (whole(b"{}", Content_Encoding=", ".join(["gzip"] * 6)), "encoded 6 times over, and 5 is the most"),
    ],
)
def test_broken_codings(face: Face, bad: Misbehaving, answer: list[bytes], reason: str) -> None:
    with pytest.raises(face.demo.errors.ResponseError, match=reason):
        once(face, bad, answer)
    failing = [answer[0].replace(b"200 OK", b"500 No")]
    with pytest.raises(face.demo.errors.ServerError):
        once(face, bad, failing)


def test_gzip_of_the_standard_library_is_read(face: Face, bad: Misbehaving) -> None:
    assert once(face, bad, whole(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) == {"a": 1}
