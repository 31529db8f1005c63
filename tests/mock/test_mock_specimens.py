"""The files that the mock answers with where the document names a media type and shows nothing: opened by readers of others."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import tarfile
import urllib.request
import wave
import zipfile
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import pytest
from hanging import HANGS
from PIL import Image

from generator import pipeline


def picture(kind: str) -> Callable[[bytes], bool]:
    def opens(content: bytes) -> bool:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            return (image.format, image.size) == (kind, (1, 1))

    return opens


def sound(content: bytes) -> bool:
    with wave.open(io.BytesIO(content)) as opened:
        return opened.getnframes() > 0 and len(opened.readframes(opened.getnframes())) > 0


def archive(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as opened:
        return opened.testzip() is None and len(opened.namelist()) == 1


def tape(content: bytes) -> bool:
    with tarfile.open(fileobj=io.BytesIO(content)) as opened:
        return len(opened.getmembers()) == 1


def document_of_pages(content: bytes) -> bool:
    """ISO 32000-1, 7.5.4 and 7.5.5: the cross-references, of 20 bytes each, say where the objects begin."""
    start = int(re.search(rb"startxref\n(\d+)\n%%EOF\n\Z", content)[1])  # type: ignore[index]
    table = content[start:].split(b"trailer")[0].split(b"\n", 2)
    entries = [table[2][place : place + 20] for place in range(0, len(table[2]), 20)]
    found = [content[int(each[:10]) :].split(b" ", 1)[0] for each in entries[1:]]
    return table[:2] == [b"xref", b"0 4"] and found == [b"1", b"2", b"3"] and content.startswith(b"%PDF-1.4\n")


def drawing(content: bytes) -> bool:
    return ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"


READERS: dict[str, Callable[[bytes], bool]] = {
    "image/png": picture("PNG"),
    "image/gif": picture("GIF"),
    "image/jpeg": picture("JPEG"),
    "image/webp": picture("WEBP"),
    "image/bmp": picture("BMP"),
    "image/x-icon": picture("ICO"),
    "image/*": picture("PNG"),
    "image/svg+xml": drawing,
    "audio/wav": sound,
    "audio/*": sound,
    "application/pdf": document_of_pages,
    "application/zip": archive,
    "application/gzip": lambda content: gzip.decompress(content) != b"",
    "application/x-tar": tape,
}
SCHEMAS: dict[str, Any] = {"none": None, "binary": {"type": "string", "format": "binary"}, "text": {"type": "string"}}
SHOWN = "shown in the document"


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("specimens")
    paths: dict[str, Any] = {}
    for number, media in enumerate(READERS):
        for name, schema in SCHEMAS.items():
            content: Any = {"schema": schema} if schema else {}
            answer = {"200": {"description": ".", "content": {media: content}}}
            paths[f"/{name}/{number}"] = {"get": {"operationId": f"get_{name}_{number}", "responses": answer}}
    answer = {"200": {"description": ".", "content": {"application/pdf": {"example": SHOWN}}}}
    paths["/shown"] = {"get": {"operationId": "get_shown", "responses": answer}}
    document = {"openapi": "3.1.0", "info": {"title": "Specimens", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out")
    sys.path.insert(0, str(folder / "out/python"))
    from specimens_kit.mock.server import serve  # type: ignore[import-not-found]

    with serve() as mock:
        yield str(mock.environment()["SPECIMENS_BASE_URL"])
    sys.path.remove(str(folder / "out/python"))


@pytest.mark.parametrize("schema", SCHEMAS)
@pytest.mark.parametrize("media", READERS)
def test_the_answer_is_a_file_of_its_type(media: str, schema: str, url: str) -> None:
    with urllib.request.urlopen(f"{url}/{schema}/{list(READERS).index(media)}", timeout=HANGS) as answer:
        assert READERS[media](answer.read())
        assert answer.headers.get_content_type() == media.replace("image/*", "image/png").replace(
            "audio/*", "audio/wav"
        )


def test_what_the_document_shows_is_given(url: str) -> None:
    with urllib.request.urlopen(f"{url}/shown", timeout=HANGS) as answer:
        assert answer.read().decode() == SHOWN
