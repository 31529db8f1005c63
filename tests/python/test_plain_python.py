"""What Python's own tools make of the client's objects: dict, copy, pickle and dataclasses."""

from __future__ import annotations

import base64
import copy
import dataclasses
import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from recorder import recorder
from replikit_package import imported

DATA = {"id": "p", "status": "succeeded", "output": ["a"], "urls": {"get": "https://x/p"}, "new_field": 1}


@pytest.fixture(scope="module")
def package() -> Iterator[Any]:
    with imported() as found:
        yield found


def test_a_view_is_a_mapping_to_dict(package: Any) -> None:
    view = package.types.Prediction(DATA)
    assert dict(view) == {**view} == view.to_dict() == DATA
    assert list(view.keys()) == list(DATA) and json.dumps(dict(view.urls)) == '{"get": "https://x/p"}'


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_no_client_and_no_secret_is_in_a_pickle(package: Any, protocol: int) -> None:
    with package.Replicate("r8_very_secret") as client:
        for made in (package.types.Prediction(DATA, client), package.FileOutput("https://x/f", client)):
            stored = pickle.dumps({"held": made}, protocol)
            assert b"r8_very_secret" not in stored
            assert pickle.loads(stored)["held"] == made
        with pytest.raises((TypeError, pickle.PicklingError)):
            pickle.dumps(client, protocol)


def test_a_copy_is_independent_of_what_it_was_made_of(package: Any) -> None:
    data = copy.deepcopy(DATA)
    view = package.types.Prediction(data)
    other = copy.deepcopy(view)
    data["output"].append("b")  # type: ignore[attr-defined]
    assert other == package.types.Prediction(DATA) and other != view


@dataclasses.dataclass
class Size:
    width: int
    height: int


@dataclasses.dataclass
class Painting:
    prompt: str
    size: Size
    image: Any = None


def test_dataclasses_hold_views_and_are_taken_as_inputs(package: Any, tmp_path: Path) -> None:
    @dataclasses.dataclass
    class Kept:
        prediction: Any

    assert dataclasses.asdict(Kept(package.types.Prediction(DATA)))["prediction"].id == "p"
    (tmp_path / "cat.txt").write_text("cat")
    with recorder() as server, package.Replicate("t", base_url=server.base_url) as client:
        server.content = json.dumps(DATA).encode()
        client.run("o/m", Painting("cat", Size(2, 3), tmp_path / "cat.txt"))
        assert server.one().body["input"] == {
            "prompt": "cat",
            "size": {"width": 2, "height": 3},
            "image": "data:text/plain;base64,Y2F0",
        }
        client.run("o/m", {"size": Size(2, 3)})
        assert server.one().body["input"] == {"size": {"width": 2, "height": 3}}


# ── files ──────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def remote(package: Any) -> Iterator[Any]:
    with recorder() as server, package.Replicate("t", base_url=server.base_url) as client:
        server.content_type, server.content = "application/octet-stream", bytes(range(256)) * 4096
        yield lambda path: (package.FileOutput(f"{server.base_url}/{path}", client), server)


def test_a_file_is_read_in_parts_and_copied_as_any_other(remote: Any) -> None:
    output, server = remote("f.bin")
    copied = io.BytesIO()
    shutil.copyfileobj(output, copied, 1000)
    assert copied.getvalue() == server.content and len(server.seen) == 1
    assert output.read(3) == server.content[:3] and output.read(2) == server.content[3:5]
    assert output.read() == server.content[5:] and len(server.seen) == 2
    assert output.read() == server.content == b"".join(output)
    assert output.read(0) == b""


def test_a_data_url_is_read_in_parts(package: Any) -> None:
    output = package.FileOutput("data:text/plain;base64,aGVsbG8=")
    assert (output.read(2), output.read(9), output.read(9), output.read(9)) == (b"he", b"llo", b"", b"hello")


def test_the_rest_of_a_file_is_bounded(package: Any) -> None:
    with recorder() as server, package.Replicate("t", base_url=server.base_url, max_response_bytes=2000) as client:
        server.content_type, server.content = "application/octet-stream", b"x" * 200_000
        output = package.FileOutput(f"{server.base_url}/f.bin", client)
        assert output.read(10) == b"x" * 10
        with pytest.raises(package.ResponseError, match="2,000"):
            output.read()


SHOWN = [
    ("https://x/a.webp?w=1&h=2", '<img src="https://x/a.webp?w=1&amp;h=2">'),
    ("https://x/a.mp4", '<video controls src="https://x/a.mp4"></video>'),
    ("https://x/a.wav", '<audio controls src="https://x/a.wav"></audio>'),
    ("data:image/gif;base64,R0k=", '<img src="data:image/gif;base64,R0k=">'),
    ('https://x/a".gif', '<img src="https://x/a&quot;.gif">'),
    ("https://x/<script>.gif", '<img src="https://x/&lt;script&gt;.gif">'),
    ("https://x/a.html", None),
    ("data:text/html,<b>", None),
    ("javascript:alert(1)//.gif", None),
    ("https://x/a", None),
]


@pytest.mark.parametrize(("url", "shown"), SHOWN)
def test_a_notebook_shows_a_file_by_its_url(package: Any, url: str, shown: str | None) -> None:
    assert package.FileOutput(url)._repr_html_() == package.AsyncFileOutput(url)._repr_html_() == shown
    assert package.FileOutput(url)._repr_png_() is package.FileOutput(url)._repr_jpeg_() is None


def test_a_notebook_shows_a_picture_by_its_content(remote: Any) -> None:
    output, server = remote("cat.png")
    assert output._repr_png_() == server.content
    assert output._repr_jpeg_() is None and output._repr_html_() is None
    server.content = b"x" * (8 * 1024 * 1024 + 1)
    assert output._repr_png_() is None
    server.status = 404
    assert output._repr_png_() is None


def test_a_picture_and_an_array_are_taken_as_inputs(package: Any) -> None:
    import numpy
    from PIL import Image

    with recorder() as server, package.Replicate("t", base_url=server.base_url) as client:
        server.content = json.dumps(DATA).encode()
        given = {
            "image": Image.new("CMYK", (2, 3)),
            "points": numpy.array([[1.5, 2], [3, 4]]),
            "count": numpy.int64(3),
            "share": numpy.float32(0.5),
        }
        client.run("o/m", given)
        sent = server.one().body["input"]
        with pytest.raises(package.ArgumentError):
            client.run("o/m", {"points": numpy.array([numpy.nan])})
    head, _, content = sent.pop("image").partition(",")
    assert head == "data:image/png;base64"
    assert Image.open(io.BytesIO(base64.b64decode(content))).size == (2, 3)
    assert sent == {"points": [[1.5, 2.0], [3.0, 4.0]], "count": 3, "share": 0.5}


def test_pillow_opens_an_output(remote: Any) -> None:
    from PIL import Image

    output, server = remote("cat.png")
    drawn = io.BytesIO()
    Image.new("RGB", (4, 5), "red").save(drawn, "PNG")
    server.content = drawn.getvalue()
    picture = Image.open(output)
    assert picture.size == (4, 5) and picture.getpixel((0, 0)) == (255, 0, 0)


def test_neither_pillow_nor_numpy_is_imported_for_it() -> None:
    code = (
        "import sys, replikit; from replikit.runtime import files; assert not files.holds(object());"
        "files.plain(1); print([m for m in ('PIL', 'numpy') if m in sys.modules])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2] / "generated/python")}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=HANGS
    )
    assert done.stdout.strip() == "[]"
