"""Small files of the usual kinds, made here: pictures, sounds and films that programs open.

Each is made longer by what its format lets readers skip, so that it can be fetched in parts.
"""

from __future__ import annotations

import base64
import hashlib
import math
import struct
import zlib
from collections.abc import Callable, Mapping

_KINDS = {
    **dict.fromkeys(("video", "film", "frames", "animation", "mp4"), "mp4"),
    **dict.fromkeys(("audio", "music", "speech", "voice", "song", "sound", "tts"), "wav"),
}
"""Words of a model's name or of its inputs, and the kind of file they suggest."""


def extension(inputs: Mapping[str, str], name: str) -> str:
    """The file extension of an output: that of an input, else the one its words suggest, else that of a picture."""
    for value in inputs.values():
        if value.lower() in _MAKERS:
            return value.lower()
    words = [word for text in (name, *inputs) for word in text.lower().replace("-", "_").replace("/", "_").split("_")]
    return next((_KINDS[word] for word in words if word in _KINDS), "png")


def made(name: str, size: int) -> bytes | None:
    """The content of a file of this name and of about this size; None if its extension is not supported."""
    make = _MAKERS.get(name.rpartition(".")[2].lower())
    return make(hashlib.sha256(name.encode("utf-8", "replace")).digest(), size) if make else None


def _png(mark: bytes, size: int) -> bytes:
    """PNG (ISO/IEC 15948): 16 by 16 points of one colour, and a chunk of text that nobody reads."""
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress((b"\0" + mark[:3] * 16) * 16))
    start = b"\x89PNG\r\n\x1a\n" + head
    room = max(0, size - len(start) - len(rows) - 24 - 8)
    return start + _chunk(b"tEXt", b"Comment\0" + b" " * room) + rows + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _jpeg(mark: bytes, size: int) -> bytes:
    """JPEG (ITU-T T.81): 8 by 8 points of grey, and comments."""
    parts = [b"\xff\xd8", _segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"), _segment(0xFE, mark.hex().encode())]
    comment = size - 200
    while comment > 0:
        parts.append(_segment(0xFE, b" " * min(comment, 65_000)))
        comment -= 65_000
    parts.append(_segment(0xDB, b"\0" + b"\x01" * 64))
    parts.append(_segment(0xC0, struct.pack(">BHHB3B", 8, 8, 8, 1, 1, 0x11, 0)))
    parts.append(_segment(0xC4, b"\x00" + bytes([0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0]) + bytes(range(12))))
    parts.append(_segment(0xC4, b"\x10" + bytes([1] + [0] * 15) + b"\0"))
    parts.append(_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"))
    # The difference 0 is written 00, the end of the block 0; ones fill the byte.
    return b"".join((*parts, b"\x1f", b"\xff\xd9"))


def _segment(marker: int, data: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(data) + 2) + data


def _webp(mark: bytes, size: int) -> bytes:
    """WebP: one point, without loss, and a chunk that no reader knows."""
    picture = base64.b64decode("VlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")
    note = mark + b" " * max(0, size - len(picture) - 52)
    note += b" " * (len(note) % 2)
    chunks = b"WEBP" + picture + b"NOTE" + struct.pack("<I", len(note)) + note
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def _wav(mark: bytes, size: int) -> bytes:
    """WAV: a tone, 8,000 samples a second of 8 bits each."""
    pitch = 220 + mark[0]
    wave = bytes(128 + round(60 * math.sin(2 * math.pi * pitch * index / 8000)) for index in range(8000))
    data = (wave * (size // len(wave) + 1))[: max(0, size - 44) & ~1]
    head = struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    return (
        b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + head + b"data" + struct.pack("<I", len(data)) + data
    )


def _mp3(mark: bytes, size: int) -> bytes:
    """MP3 (ISO/IEC 11172-3): frames of silence, 128 kbit and 44,100 samples a second; a tag of ID3v2 stands before."""
    text = b"\0" + mark.hex().encode()
    frame = b"TIT2" + struct.pack(">I", len(text)) + b"\0\0" + text
    tag = b"ID3\x03\0\0" + bytes([0, 0, len(frame) >> 7, len(frame) & 127]) + frame
    return tag + (b"\xff\xfb\x90\xc4" + b"\0" * 413) * max(1, (size - len(tag)) // 417)


def _mp4(mark: bytes, size: int) -> bytes:
    """MP4 (ISO/IEC 14496-12 and -14): a film of one second whose only frame is a picture in PNG."""
    frame = _png(mark, 0)
    kind = _box(b"ftyp", b"isom\0\0\2\0isommp41")
    free = _box(b"free", b"\0" * max(0, size - len(frame) - 700))
    data = _box(b"mdat", frame)
    unity = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    movie = struct.pack(">IIIIIIH10x", 0, 0, 0, 1000, 1000, 0x10000, 0x0100) + unity + b"\0" * 24 + struct.pack(">I", 2)
    track = struct.pack(">6I8x4H", 7, 0, 0, 1, 0, 1000, 0, 0, 0, 0) + unity + struct.pack(">II", 16 << 16, 16 << 16)
    media = _box(b"mdhd", struct.pack(">5IHH", 0, 0, 0, 1000, 1000, 0x55C4, 0))
    media += _box(b"hdlr", struct.pack(">II4s12x", 0, 0, b"vide") + b"frames\0")
    entry = struct.pack(">6xH16xHHIIIH32xHh", 1, 16, 16, 0x480000, 0x480000, 0, 1, 24, -1)
    described = _box(b"mp4v", entry + _box(b"esds", b"\0\0\0\0" + _descriptor()))
    table = _box(b"stsd", struct.pack(">II", 0, 1) + described)
    table += _box(b"stts", struct.pack(">4I", 0, 1, 1, 1000)) + _box(b"stsc", struct.pack(">5I", 0, 1, 1, 1, 1))
    table += _box(b"stsz", struct.pack(">3I", 0, len(frame), 1))
    table += _box(b"stco", struct.pack(">3I", 0, 1, len(kind) + len(free) + 8))
    source = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1) + _box(b"url ", struct.pack(">I", 1))))
    media += _box(b"minf", _box(b"vmhd", struct.pack(">I8x", 1)) + source + _box(b"stbl", table))
    whole = _box(b"mvhd", movie) + _box(b"trak", _box(b"tkhd", track) + _box(b"mdia", media))
    return kind + free + data + _box(b"moov", whole)


def _descriptor() -> bytes:
    """What the track holds: PNG, whose object type is 0x6D."""
    decoder = b"\x04\x0d" + struct.pack(">BB3xII", 0x6D, 0x11, 0, 0)
    stream = struct.pack(">HB", 1, 0) + decoder + b"\x06\x01\x02"
    return b"\x03" + bytes([len(stream)]) + stream


def _box(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + kind + data


_MAKERS: dict[str, Callable[[bytes, int], bytes]] = {
    "png": _png,
    "jpg": _jpeg,
    "jpeg": _jpeg,
    "webp": _webp,
    "wav": _wav,
    "mp3": _mp3,
    "mp4": _mp4,
}
