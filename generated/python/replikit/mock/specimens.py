"""The smallest whole file of a media type, for an answer of which the document shows none: a reader of that type takes it.

What makes one is imported when it is asked for: a mock starts without it.
"""

from __future__ import annotations

import io
import struct
from base64 import b64decode
from collections.abc import Callable

_TEXT = b"text"
_NAME = "text.txt"


def specimen(media: str) -> bytes | None:
    """A file of this media type, the same each time; None for a type that none is made of."""
    made = _MADE.get(media)
    return made() if made else None


def _png() -> bytes:
    """One grey pixel: PNG (Third Edition), 5.3 and 11."""
    import zlib

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0\x80")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def _gif() -> bytes:
    """One pixel of a palette of two: GIF89a. Its data is a clear code, the colour 0 and the end, of three bits each."""
    screen = struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return b"GIF89a" + screen + b"," + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00;"


def _jpeg() -> bytes:
    """One grey pixel, baseline: ITU-T T.81, B.2. Each of its tables knows one code, and its data is one of each."""
    tables = b"\xff\xdb\0\x43\0" + b"\x01" * 64
    frame = b"\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0"
    codes = b"".join(b"\xff\xc4\0\x14" + kind + b"\x01" + bytes(15) + b"\0" for kind in (b"\0", b"\x10"))
    return b"\xff\xd8" + tables + frame + codes + b"\xff\xda\0\x08\x01\x01\0\0\x3f\0" + b"\x3f\xff\xd9"


def _webp() -> bytes:
    return b64decode("UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==")


def _bmp() -> bytes:
    """One pixel of 24 bits, its row filled up to four bytes."""
    details = struct.pack("<IiiHHIIiiII", 40, 1, 1, 1, 24, 0, 4, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 58, 0, 0, 54) + details + b"\x80\x80\x80\0"


def _ico() -> bytes:
    """An icon that is a PNG."""
    image = _png()
    return struct.pack("<HHH", 0, 1, 1) + struct.pack("<BBBBHHII", 1, 1, 0, 0, 1, 8, len(image), 22) + image


def _svg() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"><rect width="1" height="1"/></svg>'


def _wav() -> bytes:
    """A tenth of a second of silence."""
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return file.getvalue()


def _pdf() -> bytes:
    """One empty page: ISO 32000-1, 7.5."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]/Resources<<>>>>",
    )
    text, places = b"%PDF-1.4\n", []
    for number, each in enumerate(objects, 1):
        places.append(len(text))
        text += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    entries = b"0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return text + b"xref\n0 4\n%strailer\n<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (entries, len(text))


def _zip() -> bytes:
    import zipfile

    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(zipfile.ZipInfo(_NAME), _TEXT)
    return file.getvalue()


def _gzip() -> bytes:
    import gzip

    return gzip.compress(_TEXT, mtime=0)


def _tar() -> bytes:
    import tarfile

    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as archive:
        entry = tarfile.TarInfo(_NAME)
        entry.size = len(_TEXT)
        archive.addfile(entry, io.BytesIO(_TEXT))
    return file.getvalue()


_MADE: dict[str, Callable[[], bytes]] = {
    "image/png": _png,
    "image/gif": _gif,
    "image/jpeg": _jpeg,
    "image/jpg": _jpeg,
    "image/webp": _webp,
    "image/bmp": _bmp,
    "image/x-icon": _ico,
    "image/vnd.microsoft.icon": _ico,
    "image/svg+xml": _svg,
    "audio/wav": _wav,
    "audio/x-wav": _wav,
    "audio/wave": _wav,
    "audio/vnd.wave": _wav,
    "application/pdf": _pdf,
    "application/zip": _zip,
    "application/x-zip-compressed": _zip,
    "application/gzip": _gzip,
    "application/x-gzip": _gzip,
    "application/x-tar": _tar,
}
