"""The files that outputs name are opened by readers that are not ours, or are taken apart by their formats' own rules."""

from __future__ import annotations

import importlib
import io
import struct
import sys
import wave
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "generated" / "python"))
SIZE = 96 * 1024


def made(name: str) -> bytes:
    media: Any = importlib.import_module("replikit.mock.media")
    content: bytes = media.made(name, SIZE)
    assert abs(len(content) - SIZE) < 1_000
    return content


@pytest.mark.parametrize(("name", "kind", "size"), [("a.png", "PNG", 16), ("a.jpg", "JPEG", 8), ("a.webp", "WEBP", 1)])
def test_pictures_open(name: str, kind: str, size: int) -> None:
    image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    found = image.open(io.BytesIO(made(name)))
    found.load()
    assert (found.format, found.size) == (kind, (size, size))
    assert made(name) == made(name) != made(f"b{name}")


def test_sounds_open() -> None:
    with wave.open(io.BytesIO(made("a.wav"))) as found:
        assert (found.getnchannels(), found.getsampwidth(), found.getframerate()) == (1, 1, 8000)
        assert len(set(found.readframes(1000))) > 10


def test_an_mp3_is_frames_to_its_end() -> None:
    """ISO/IEC 11172-3, 2.4.2.3: a frame of layer III has 144 * bitrate / sampling rate bytes, rounded down."""
    content = made("a.mp3")
    assert content[:3] == b"ID3"
    place = 10 + (content[8] << 7 | content[9])
    frames = 0
    while place < len(content):
        (head,) = struct.unpack(">I", content[place : place + 4])
        assert head >> 21 == 0x7FF and head >> 12 & 15 == 9 and head >> 10 & 3 == 0
        place, frames = place + 144 * 128_000 // 44_100, frames + 1
    assert place == len(content) and frames > 100


def boxes(content: bytes) -> dict[bytes, bytes]:
    """ISO/IEC 14496-12, 4.2: a box is its size, its type and what it holds."""
    found, place = {}, 0
    while place < len(content):
        size, kind = struct.unpack(">I4s", content[place : place + 8])
        assert 8 <= size <= len(content) - place
        found[kind] = content[place + 8 : place + size]
        place += size
    return found


def test_a_film_holds_its_frame_where_its_table_says() -> None:
    content = made("a.mp4")
    whole = boxes(content)
    assert list(whole) == [b"ftyp", b"free", b"mdat", b"moov"]
    track = boxes(boxes(whole[b"moov"])[b"trak"])
    assert len(boxes(whole[b"moov"])[b"mvhd"]) == 100 and len(track[b"tkhd"]) == 84  # 8.2.2 and 8.3.2, version 0
    media = boxes(track[b"mdia"])
    assert media[b"hdlr"][8:12] == b"vide" and len(media[b"mdhd"]) == 24
    table = boxes(boxes(media[b"minf"])[b"stbl"])
    (place,), (size,) = struct.unpack(">I", table[b"stco"][8:12]), struct.unpack(">I", table[b"stsz"][4:8])
    assert content[place : place + size] == whole[b"mdat"] and whole[b"mdat"].startswith(b"\x89PNG")
    assert b"esds" in boxes(boxes(table[b"stsd"][8:])[b"mp4v"][78:])  # 12.1.3: what the entry of a film begins with


@pytest.mark.parametrize(
    ("inputs", "name", "expected"),
    [
        ({"prompt": "x", "output_format": "webp"}, "a/painter", "webp"),
        ({"text": "x", "voice": "v"}, "a/reader", "wav"),
        ({"prompt": "x", "num_frames": "81"}, "a/mover", "mp4"),
        ({"prompt": "png of a cat"}, "a/b", "png"),
        ({}, "a/music-maker", "wav"),
    ],
)
def test_what_a_thing_puts_out_has_the_extension_that_its_inputs_tell(
    inputs: dict[str, str], name: str, expected: str
) -> None:
    media: Any = importlib.import_module("replikit.mock.media")
    assert media.extension(inputs, name) == expected
