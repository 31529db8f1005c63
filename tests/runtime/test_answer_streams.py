"""Streams and files, read piece by piece: no event, line or piece is larger than allowed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from answered import EVENTS, ZEROS, coded, collected, streamed
from conftest import Face
from misbehaving import Misbehaving, chunked, endless, whole
from waiting import unslept

pytestmark = pytest.mark.long


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
        unslept(patch, waits, face.demo.sync.streams, face.demo.aio.streams)
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
