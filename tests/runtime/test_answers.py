"""Answers that take more than a client gives: bytes, depth, time. Each bound is reached through its option, set small.

The servers are bare sockets; the clients both of ours, on httpx and on httpx2.
"""

from __future__ import annotations

import asyncio
import functools
import gzip
import itertools
import json
import socket
import sys
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
from conftest import Face, op
from misbehaving import PACE, Misbehaving, chunked, deaf, endless, head, misbehaving, of_json, slowly, whole

pytestmark = pytest.mark.long

MOST = 1000


@pytest.fixture
def bad() -> Iterator[Misbehaving]:
    with misbehaving() as server:
        yield server


def once(face: Face, bad: Misbehaving, answer: Iterable[bytes], operation: Any = None, **options: Any) -> Any:
    """The result of one call that is answered so, and not made again."""
    bad.answers["/things"] = lambda _: answer
    options = {"max_retries": 0, "base_url": bad.base_url, **options}
    return face.run(lambda client: client.call(operation or op(face.demo), {}), **options)


def coded(data: bytes, *codings: str) -> bytes:
    """The data with these codings done to it, one after the other."""
    for coding in codings:
        bits = {"gzip": 31, "deflate": 15, "raw": -15}[coding]
        packer = zlib.compressobj(9, zlib.DEFLATED, bits)
        data = packer.compress(data) + packer.flush()
    return data


ZEROS = bytes(20_000_000)
EMPTY_BLOCK = b"\0\0\0\xff\xff"
"""Of deflate: five bytes that become none."""
RAW_START = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
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
    module = pytest.importorskip({"br": "brotli", "zstd": "zstandard"}[name])
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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b"[" * 100_000, "nested|JSON"),
        (b"9" * 5000, "digits"),
        (b'{"a": -' + b"9" * 5000 + b"}", "digits"),
        (b"NaN", "NaN is not JSON"),
        (b'{"a": [Infinity]}', "Infinity is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e999]", "1e999 is larger"),
        (b"[-" + b"9" * 400 + b".0]", "larger"),
        (b'{"a": 1', "Expecting"),
        (b'"\x01"', "control character"),
        (b"{} {}", "Extra data"),
        (b"\0\0\0", "Expecting"),
    ],
)
def test_what_cannot_be_read_as_json(face: Face, bad: Misbehaving, text: bytes, reason: str) -> None:
    with pytest.raises(face.demo.errors.ResponseError, match=f"cannot be read as JSON: .*({reason})") as caught:
        once(face, bad, whole(text, Content_Type="application/json"))
    assert len(str(caught.value)) < 1000
    with pytest.raises(face.demo.errors.ServerError):
        once(face, bad, whole(text, "500 No"))


def test_depth(face: Face, bad: Misbehaving) -> None:
    for depth in (4, 5):
        for text in (
            "[" * depth + "]" * depth,
            '[1,{"":' * (depth // 2) + "[" * (depth % 2) + "2" + "]" * (depth % 2) + "}]" * (depth // 2),
        ):
            call = lambda text=text: once(face, bad, whole(text.encode()), max_depth=4)
            if depth == 4:
                assert call() == json.loads(text)
                continue
            with pytest.raises(face.demo.errors.ResponseError, match="more than 4 levels deep, the bound of max_depth"):
                call()
    # Brackets in a text are no levels.
    assert once(face, bad, of_json("[" * 50), max_depth=1) == "[" * 50


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'{"\udfff": "a\uD83Db"}', {"\ufffd": "a\ufffdb"}),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800 \\\ud800"', "\\ud800 \\\ufffd"),
        (b'"\xff\xed\xa0\x80"', "\ufffd\ufffd\ufffd\ufffd"),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
        (b"1" * 4000, int("1" * 4000)),
        (b"-0.0e-5", 0.0),
    ],
)
def test_json_that_is_read(face: Face, bad: Misbehaving, text: bytes, value: Any) -> None:
    found = once(face, bad, whole(text))
    assert found == value
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "charset", ["zlib", "hex", "idna", "punycode", "utf-7", "unicode_escape", "no-such", "\x00", ""]
)
def test_a_charset_that_is_none(face: Face, bad: Misbehaving, charset: str) -> None:
    answer = whole("grün+AGE- \\x41\xff".encode(), Content_Type=f"text/plain; charset={charset}")
    if charset == "\x00":
        with pytest.raises(face.demo.errors.ApiConnectionError):
            once(face, bad, answer, op(face.demo, result="text"))
    else:
        assert once(face, bad, answer, op(face.demo, result="text")) == "grün+AGE- \\x41\xff"
    latin = whole(b"gr\xfcn", Content_Type="text/plain; charset=iso-8859-1")
    assert once(face, bad, latin, op(face.demo, result="text")) == "grün"


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


# ── streams ────────────────────────────────────────────────────────────────────────────────────────────


def collected(face: Face, bad: Misbehaving, work: Callable[[Any], Any], answer: Iterable[bytes], **options: Any) -> Any:
    """What `work(client)` iterates over, to its end."""
    bad.answers["/things"] = lambda _: answer

    async def all_of(client: Any) -> list[Any]:
        return [item async for item in work(client)]

    gather = all_of if face.asynchronous else lambda client: list(work(client))
    return face.run(gather, base_url=bad.base_url, **options)


def streamed(method: str, *arguments: Any) -> Callable[[Any], Any]:
    """A method of the answer that is read as it comes."""

    def work(client: Any) -> Any:
        if hasattr(client, "__aenter__"):

            async def found() -> Any:
                async with client.open("GET", "/things") as answer:
                    async for item in getattr(answer, method)(*arguments):
                        yield item

            return found()

        def plain() -> Any:
            with client.open("GET", "/things") as answer:
                yield from getattr(answer, method)(*arguments)

        return plain()

    return work


EVENTS = {"Content_Type": "text/event-stream"}


@pytest.mark.parametrize(
    ("pieces", "reason"),
    [
        (lambda: endless(b"data: x\n"), "an event of more than 1,000 characters, the bound of max_response_bytes"),
        (lambda: endless(b"x"), "an event of more than 1,000 characters, the bound of max_response_bytes"),
        (lambda: endless(b": x\n"), "an event of more than 1,000 characters, the bound of max_response_bytes"),
        (lambda: endless(b"\r\ndata:" + b"x" * 2000), "an event of more than 1,000 characters"),
        (lambda: [b"id: " + b"i" * 1025 + b"\ndata: x\n\n"], "an event id of more than 1,024 characters"),
    ],
)
def test_events(face: Face, bad: Misbehaving, pieces: Any, reason: str) -> None:
    with pytest.raises(face.demo.errors.ResponseError, match=reason):
        most = 1000 if "id" not in reason else 100_000
        collected(
            face,
            bad,
            lambda client: client.events(bad.base_url + "/things"),
            chunked(pieces(), **EVENTS),
            max_response_bytes=most,
        )


def test_events_that_fit_and_what_is_said_between_them(face: Face, bad: Misbehaving) -> None:
    event = b"retry: 999999999999\nid: \xc3\xa9\nevent: output\ndata: " + b"x" * 900 + b"\n\n"
    last = b"event: done\ndata: {}\n\n"
    asked: list[bytes] = []

    def answer(_: str) -> Iterable[bytes]:
        asked.append(b"")
        return chunked(
            [coded(event * 50 + (last if len(asked) == 2 else b""), "gzip")], Content_Encoding="gzip", **EVENTS
        )

    bad.answers["/things"] = answer

    async def all_of(client: Any) -> list[Any]:
        return [item async for item in client.events(bad.base_url + "/things")]

    gather = all_of if face.asynchronous else lambda client: list(client.events(bad.base_url + "/things"))
    waits: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "sleep", waits.append)

        async def sleep(seconds: float) -> None:
            waits.append(seconds)

        patch.setattr(face.demo.aio.streams, "sleep", sleep)
        found = face.run(gather, base_url=bad.base_url, max_response_bytes=1000)
    # An id that is no ASCII goes back as it came, and the server's wish to pause for days is not granted.
    assert waits == [60.0] and found[-1].event == "done" and found[0].id == "é"


def test_lines(face: Face, bad: Misbehaving) -> None:
    work = streamed("iter_lines")
    text = "eins\r\nzwei\rdrei\n\nvier ü".encode()
    assert collected(face, bad, work, chunked(bytes([b]) for b in text)) == ["eins", "zwei", "drei", "", "vier ü"]
    assert collected(face, bad, work, whole(text)) == ["eins", "zwei", "drei", "", "vier ü"]
    with pytest.raises(
        face.demo.errors.ResponseError, match="a line of more than 1,000, the bound of max_response_bytes"
    ):
        collected(face, bad, work, chunked(endless(b"x")), max_response_bytes=1000)


def test_pieces_of_a_stream_are_small_whatever_they_were_packed_into(face: Face, bad: Misbehaving) -> None:
    packed = coded(ZEROS, "gzip", "gzip")
    sizes = [len(p) for p in collected(face, bad, streamed("iter_bytes"), whole(packed, Content_Encoding="gzip, gzip"))]
    assert sum(sizes) == len(ZEROS) and max(sizes) <= 1 << 20
    fixed = collected(face, bad, streamed("iter_bytes", 3_000_000), whole(packed, Content_Encoding="gzip, gzip"))
    assert [len(piece) for piece in fixed] == [3_000_000] * 6 + [2_000_000]


def test_files(face: Face, bad: Misbehaving, tmp_path: Any) -> None:
    url = bad.base_url + "/things"
    for answer in (whole(b"x" * 2000), chunked(endless(b"x" * 300))):
        bad.answers["/things"] = lambda _, answer=answer: answer
        with pytest.raises(face.demo.errors.ResponseError, match="more than 1,000 bytes, the bound of max_bytes"):
            face.run(lambda client: client.download(url, tmp_path / "file", max_bytes=1000), base_url=bad.base_url)
        assert not list(tmp_path.iterdir())
    kind = face.demo.aio.outputs.AsyncFileOutput if face.asynchronous else face.demo.sync.outputs.FileOutput
    bad.answers["/things"] = lambda _: chunked(endless(b"x" * 300))
    with pytest.raises(face.demo.errors.ResponseError, match="more than 1,000 bytes, the bound of max_response_bytes"):
        face.run(lambda client: kind(url, client).read(), base_url=bad.base_url, max_response_bytes=1000)
    # The bound of what is kept in memory is none of what is saved.
    bad.answers["/things"] = lambda _: whole(b"x" * 2000)
    path = face.run(
        lambda client: client.download(url, tmp_path / "file.bin"), base_url=bad.base_url, max_response_bytes=1000
    )
    assert path.stat().st_size == 2000


def test_outputs_are_not_looked_through_without_end(demo: Any) -> None:
    value: Any = "https://x/y"
    for _ in range(500):
        value = [value]
    with pytest.raises(demo.errors.ResponseError, match="more than 128 levels deep"):
        demo.outputs.anywhere(value, str)
    with pytest.raises(demo.errors.ResponseError, match="more than 128 levels deep"):
        demo.signatures.with_files(value, {}, str)


# ── time ───────────────────────────────────────────────────────────────────────────────────────────────


def quiet() -> Iterator[bytes]:
    """Sends nothing, for as long as anybody listens."""
    while True:
        time.sleep(PACE)
        yield b""


SLOW: dict[str, Callable[[], Iterable[bytes]]] = {
    "silence": quiet,
    "a head": lambda: slowly(itertools.chain([b"HTTP/1.1 200 OK\r\nA: "], endless(b"b"))),
    "interim answers": lambda: slowly(endless(head("103 Early Hints"))),
    "a body": lambda: itertools.chain([head(Content_Length=10**6)], slowly(endless(b" "))),
    "chunks": lambda: slowly(chunked(endless(b" "))),
    "a body without a length": lambda: itertools.chain([head()], slowly(endless(b" "))),
    "a failure": lambda: itertools.chain([head("500 No", Content_Length=10**6)], slowly(endless(b" "))),
    "what becomes nothing": lambda: itertools.chain(
        [head(Content_Encoding="gzip"), RAW_START], slowly(endless(EMPTY_BLOCK))
    ),
}


@pytest.mark.parametrize(
    ("name", "passed"), [*((name, False) for name in SLOW), ("a head", True), ("a body", True), ("silence", True)]
)
def test_a_call_ends_with_its_deadline(face: Face, bad: Misbehaving, library: Any, name: str, passed: bool) -> None:
    bad.answers["/things"] = lambda _: SLOW[name]()
    write = op(face.demo, "POST")

    def work(client: Any) -> Any:
        return client.call(write, {})

    options = {"base_url": bad.base_url, "deadline": 0.5}
    with pytest.raises(face.demo.errors.ApiTimeoutError) as caught:
        if not passed:
            face.run(work, **options)
        elif face.asynchronous:

            async def go() -> Any:
                async with library.AsyncClient() as http:
                    return await work(face.demo.aio.client.AsyncClient("secret", http_client=http, **options))

            asyncio.run(go())
        else:
            with library.Client() as http:
                work(face.demo.sync.client.SyncClient("secret", http_client=http, **options))
    error = caught.value
    assert "no whole answer within 0.5 s, the bound of deadline (in the environment DEMO_DEADLINE)" in str(error)
    assert not bad.outlasted
    # What may have been carried out, and paid for, is not sent again, and is not said to be undone.
    assert error.sent and bad.asked == ["POST /things"]


def test_a_deadline_holds_for_all_tries_of_a_call(face: Face, bad: Misbehaving) -> None:
    bad.answers["/things"] = lambda _: of_json({}, "503 Busy", Retry_After="1")
    with pytest.raises(face.demo.errors.ServerError):
        face.run(lambda client: client.call(op(face.demo), {}), base_url=bad.base_url, deadline=0.9)
    assert len(bad.asked) == 1  # the pause that is asked for would outlast it
    with pytest.raises(face.demo.errors.ServerError):
        face.run(
            lambda client: client.with_options(deadline=1e6).call(op(face.demo), {}, deadline=0.9),
            base_url=bad.base_url,
        )
    assert len(bad.asked) == 2


def test_a_deadline_holds_while_connecting(face: Face) -> None:
    with deaf() as origin, pytest.raises(face.demo.errors.ApiTimeoutError) as caught:
        face.run(
            lambda client: client.call(op(face.demo, "POST"), {}),
            base_url=origin,
            deadline=0.5,
            max_retries=0,
            timeout=60,
        )
    assert not caught.value.sent and "deadline" in str(caught.value)


_connecting: list[Any] = []
sys.addaudithook(lambda event, arguments: _connecting.append(arguments[1]) if event == "socket.connect" else None)


def test_a_deadline_holds_for_all_addresses_of_a_host(demo: Any, library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The standard library gives each of them all of the time. (An asynchronous client bounds them together.)"""
    with deaf() as origin:
        port = int(origin.rpartition(":")[2])
        resolve = socket.getaddrinfo

        def many(host: str, *given: Any, **named: Any) -> Any:
            hosts = [f"127.0.0.{number}" for number in range(1, 11)] if host == "many.test" else [host]
            return [found for each in hosts for found in resolve(each, *given, **named)]

        monkeypatch.setattr(socket, "getaddrinfo", many)
        _connecting.clear()
        client = demo.sync.client.SyncClient(
            "t", base_url=f"http://many.test:{port}", deadline=0.5, max_retries=0, timeout=60
        )
        with client, pytest.raises(demo.errors.ApiTimeoutError, match="deadline"):
            client.call(op(demo), {})
        assert [address for address in _connecting if address[1] == port] == [("127.0.0.1", port)]


def test_a_deadline_holds_while_a_name_is_looked_up(demo: Any, library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, silent = socket.getaddrinfo, threading.Event()

    def mute(host: str, *given: Any, **named: Any) -> Any:
        if host == "mute.test" and not named.get("flags"):
            silent.wait()
        return resolve(host, *given, **named)

    monkeypatch.setattr(socket, "getaddrinfo", mute)
    options = {"base_url": "http://mute.test", "deadline": 0.5, "max_retries": 0, "timeout": 60}
    with demo.sync.client.SyncClient("t", **options) as client, pytest.raises(demo.errors.ApiTimeoutError) as caught:
        client.call(op(demo, "POST"), {})
    silent.set()
    assert not caught.value.sent and "deadline" in str(caught.value)


def test_a_deadline_holds_while_sending(face: Face, bad: Misbehaving) -> None:
    bad.answers["/never-read"] = lambda _: quiet()
    body = face.demo.operation.Param("body", "body", "body", True)
    upload = op(face.demo, "POST", "/never-read", body, body_kind="binary", media_type="application/octet-stream")
    with pytest.raises(face.demo.errors.ApiTimeoutError, match="deadline"):
        face.run(lambda client: client.call(upload, {"body": bytes(50_000_000)}), base_url=bad.base_url, deadline=0.5)
    assert not bad.outlasted


def test_a_stream_may_take_longer_than_a_call(face: Face, bad: Misbehaving, tmp_path: Any) -> None:
    """The deadline is over before the body is; what is read later is read all the same."""
    content = [b"a", b"b", b"c"]

    def slow() -> Iterator[bytes]:
        for piece in content:
            time.sleep(0.4)
            yield piece

    found = collected(face, bad, streamed("iter_bytes"), chunked(slow()), deadline=0.5)
    assert b"".join(found) == b"abc"
    bad.answers["/things"] = lambda _: chunked(slow())
    url = bad.base_url + "/things"
    path = face.run(lambda client: client.download(url, tmp_path / "f.bin"), base_url=bad.base_url, deadline=0.5)
    assert path.read_bytes() == b"abc"
    # Its head is part of the call, and so is a stream that is read as a whole.
    with pytest.raises(face.demo.errors.ApiTimeoutError, match="deadline"):
        collected(face, bad, streamed("iter_bytes"), SLOW["a head"](), deadline=0.5, max_retries=0)
    bad.answers["/things"] = lambda _: SLOW["a body"]()

    async def aread(client: Any) -> Any:
        async with client.open("GET", "/things") as answer:
            return await answer.read()

    def read(client: Any) -> Any:
        with client.open("GET", "/things") as answer:
            return answer.read()

    with pytest.raises(face.demo.errors.ApiTimeoutError):
        face.run(aread if face.asynchronous else read, base_url=bad.base_url, deadline=0.5)
    assert not bad.outlasted


def test_a_job_is_followed_no_longer_than_it_was_to_be(
    face: Face, bad: Misbehaving, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = face.demo.operation.JobInfo(
        "job", "id", "status", ("done",), ("done",), "look", "", "id", 0.01, stream="stream"
    )
    look = op(face.demo, "GET", "/things", face.demo.operation.Param("id", "id", "query"))
    for module in (face.demo.jobs, face.demo.jobstreams):
        monkeypatch.setattr(module, "operation_of", lambda _: look, raising=False)
    for answer in (SLOW["a head"], SLOW["a body"]):
        bad.answers["/things"] = lambda _, answer=answer: answer()
        with pytest.raises(face.demo.errors.JobTimeoutError):
            face.run(
                lambda client: client.follow(job, {"id": "j", "status": "busy"}, timeout=0.5), base_url=bad.base_url
            )
    bad.answers["/things"] = lambda _: itertools.chain([head(**EVENTS)], slowly(endless(b": x\n\n")))
    data = {"id": "j", "status": "busy", "stream": bad.base_url + "/things"}
    with pytest.raises(face.demo.errors.JobTimeoutError):
        collected(
            face,
            bad,
            lambda client: client.follow_events(job, data, timeout=0.5),
            itertools.chain([head(**EVENTS)], slowly(endless(b": x\n\n"))),
        )
    assert not bad.outlasted


# ── pages ──────────────────────────────────────────────────────────────────────────────────────────────


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
    assert error is None and found in ([0, 1, 2], [0, 1, 2, 0])
    found, error = paged(face, bad, lambda n: {**onward(n, n), "next": "/v1/things?" + "x" * 70_000})
    assert "next page's URL has 70," in str(error) and len(str(error)) < 200


# ── options ────────────────────────────────────────────────────────────────────────────────────────────


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


def test_gzip_of_the_standard_library_is_read(face: Face, bad: Misbehaving) -> None:
    assert once(face, bad, whole(gzip.compress(b'{"a": 1}'), Content_Encoding="gzip")) == {"a": 1}
