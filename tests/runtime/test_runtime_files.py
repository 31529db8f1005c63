"""Files as arguments and as results, on both clients and both libraries, against a real server."""

from __future__ import annotations

import base64
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterator
from email.parser import BytesParser
from email.policy import HTTP
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from scripted import KINDS, Asked, Kind, Reply, Scripted, of, scripted
from waiting import unslept

Run = Callable[..., Any]
LARGE = bytes(range(256)) * 40
"""Above the limit of these tests, which is 100 bytes."""


@pytest.fixture
def api() -> Iterator[Scripted]:
    with scripted() as server:
        yield server


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def run(kind: Kind, demo: Any, api: Scripted, monkeypatch: pytest.MonkeyPatch) -> Run:
    cls = demo.aio.client.AsyncClient if kind.asynchronous else demo.sync.client.SyncClient
    unslept(monkeypatch, [], demo.sync.downloads, demo.aio.downloads)
    return lambda work: kind.run(cls, work, token="secret", base_url=api.base_url)


# ── arguments ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def create(demo: Any, monkeypatch: pytest.MonkeyPatch, api: Scripted) -> Any:
    """An operation that takes files inside `input`, beside one that uploads."""
    P, operation = demo.operation.Param, demo.operation.Operation
    body = {"body_kind": "json", "media_type": "application/json", "flattened": True, "access": "write"}
    upload = operation(
        "upload", "upload", "POST", "/files", (P("content", "content", "field", kind="binary"),),
        body_kind="multipart", media_type="multipart/form-data", flattened=True, access="write",
    )  # fmt: skip
    info = demo.operation.UploadInfo("upload", "content", "urls.get", inline=100, largest=20_000)
    module = SimpleNamespace(OPERATIONS={"upload": upload}, UPLOAD=info)
    monkeypatch.setitem(sys.modules, "demo_runtime.operations", module)
    api.answers["/v1/runs"] = lambda asked: of(asked.json)
    api.answers["/v1/files"] = lambda _: of({"urls": {"get": f"https://files/{len(api.to('/v1/files'))}"}})
    return operation(
        "run", "run", "POST", "/runs", (P("input", "input", "field", required=True),), files=("input",), **body
    )


def uploads(api: Scripted) -> list[tuple[str | None, str, bytes]]:
    """The files that came: name, type and content."""
    found = []
    for asked in api.to("/v1/files"):
        head = f"content-type: {asked.headers['content-type']}\r\n\r\n".encode()
        whole = BytesParser(policy=HTTP).parsebytes(head + asked.body)
        found += [
            (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
            for part in whole.iter_parts()  # type: ignore[attr-defined]
        ]
    return found


def test_small_files_become_data_urls(demo: Any, api: Scripted, run: Run, create: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"hi")
    pipe = os.pipe()
    os.write(pipe[1], b"hi")
    os.close(pipe[1])
    with open(pipe[0], "rb") as piped, (tmp_path / "a.txt").open("rb") as opened, (tmp_path / "a.txt").open() as text:
        given = {
            "path": tmp_path / "a.txt", "bytes": b"hi", "deep": [{"x": io.BytesIO(b"hi")}, opened, text],
            "named": ("b.png", b"hi", "image/png"), "pipe": piped, "text": io.StringIO("hi"), "array": bytearray(b"hi"),
            "view": memoryview(b"-hi-")[1:3],
            "link": demo.sync.outputs.FileOutput("https://elsewhere/x"), "plain": ["hi", 1, None], "limit": b"x" * 100,
        }  # fmt: skip
        sent = run(lambda c: c.call(create, {"input": given}))["input"]
    hi = "data:application/octet-stream;base64,aGk="
    plain, png = "data:text/plain;base64,aGk=", "data:image/png;base64,aGk="
    assert sent == {
        "path": plain, "bytes": hi, "deep": [{"x": hi}, plain, plain], "named": png, "text": hi, "array": hi, "view": hi,
        "pipe": hi, "link": "https://elsewhere/x", "plain": ["hi", 1, None],
        "limit": "data:application/octet-stream;base64," + base64.b64encode(b"x" * 100).decode(),
    }  # fmt: skip
    assert not api.to("/v1/files")


@pytest.mark.parametrize(
    ("name", "kind"),
    [  # RFC 6713 for gzip; what is packed is of no type of what is in it
        ("a.tar.gz", "application/gzip"), ("a.tgz", "application/gzip"), ("a.svgz", "application/gzip"),
        ("a.csv.bz2", "application/x-bzip2"), ("a.tar.xz", "application/x-xz"), ("a.txt.Z", "application/octet-stream"),
        ("a.tar", "application/x-tar"), ("a.PNG", "image/png"), ("a", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_type_is_that_of_the_whole_file(demo: Any, tmp_path: Path, name: str, kind: str) -> None:
    (tmp_path / name).write_bytes(b"hi")
    assert demo.files.read("x", tmp_path / name).content_type == kind
    assert demo.files.media_type(f"https://example.com/{name}") == ("" if name == "a" else kind)


def test_large_files_are_uploaded(api: Scripted, run: Run, create: Any, tmp_path: Path) -> None:
    (tmp_path / "cat.png").write_bytes(LARGE)
    pipe = os.pipe()
    os.write(pipe[1], LARGE)
    os.close(pipe[1])
    with open(pipe[0], "rb") as piped, (tmp_path / "cat.png").open("rb") as opened:
        opened.seek(40)
        same = ("b.wav", LARGE, "audio/wav")
        given = {"a": [tmp_path / "cat.png"], "b": {"c": same}, "d": same, "e": opened, "f": piped, "g": b"x"}
        sent = run(lambda c: c.call(create, {"input": given}))["input"]
    url = "https://files/"
    assert sent == {
        "a": [url + "1"], "b": {"c": url + "2"}, "d": url + "2", "e": url + "3", "f": url + "4",
        "g": "data:application/octet-stream;base64,eA==",
    }  # fmt: skip
    assert uploads(api) == [
        ("cat.png", "image/png", LARGE), ("b.wav", "audio/wav", LARGE), ("cat.png", "image/png", LARGE[40:]),
        ("file", "application/octet-stream", LARGE),
    ]  # fmt: skip
    assert [asked.headers["authorization"] for asked in api.seen] == ["Bearer secret"] * 5
    lengths = [asked.headers["transfer-encoding"] or "length" for asked in api.to("/v1/files")]
    assert lengths == ["length", "length", "length", "chunked"], "only a pipe has no length"


class Watched(io.BytesIO):
    """A file that keeps the largest piece that was read of it."""

    largest = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.largest = max(self.largest, len(found))
        return found


def test_what_is_uploaded_is_read_in_pieces(demo: Any, api: Scripted, run: Run, create: Any) -> None:
    sys.modules["demo_runtime.operations"].UPLOAD = demo.operation.UploadInfo("upload", "content", "urls.get")
    file = Watched(b"x" * 5_000_000)
    run(lambda c: c.call(create, {"input": {"a": file}}))
    assert [len(content) for _, _, content in uploads(api)] == [5_000_000] and file.largest <= 65536


def test_an_upload_is_sent_again_whole(api: Scripted, run: Run, create: Any, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(LARGE)
    api.answers["/v1/files"] = [of({}, 429, retry_after="0"), of({"urls": {"get": "https://files/1"}})]
    run(lambda c: c.call(create, {"input": {"a": tmp_path / "a.bin"}}))
    assert [content for _, _, content in uploads(api)] == [LARGE, LARGE]


def test_a_pipe_is_not_sent_half(demo: Any, api: Scripted, run: Run, create: Any) -> None:
    api.answers["/v1/files"] = [of({}, 429, retry_after="0")]
    ends = os.pipe()
    os.write(ends[1], LARGE)
    os.close(ends[1])
    with open(ends[0], "rb") as piped, pytest.raises(demo.errors.ArgumentError, match=r"input\.a: .* give a path"):
        run(lambda c: c.call(create, {"input": {"a": piped}}))
    assert len(api.seen) == 1


CLOSED = io.BytesIO(b"hi")
CLOSED.close()


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (Path("/nowhere/x.png"), r"input\.a\[0\]: cannot read .*x\.png: No such file"),
        (CLOSED, r"input\.a\[0\]: the file is closed"),
        (b"x" * 20_001, r"input\.a\[0\]: the file has 20,001 bytes, and at most 20,000 are taken"),
    ],
)
def test_files_that_cannot_be_sent(demo: Any, api: Scripted, run: Run, create: Any, file: Any, message: str) -> None:
    with pytest.raises(demo.errors.ArgumentError, match=message):
        run(lambda c: c.call(create, {"input": {"a": [file]}}))
    assert not api.seen


def test_an_upload_without_url_is_an_error(demo: Any, api: Scripted, run: Run, create: Any) -> None:
    api.answers["/v1/files"] = [of({"urls": {}})]
    with pytest.raises(demo.errors.ResponseError, match="input.a: the upload was answered without"):
        run(lambda c: c.call(create, {"input": {"a": LARGE}}))
    assert not api.to("/v1/runs")


# ── results ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def output(demo: Any, kind: Kind) -> Callable[..., Any]:
    return demo.aio.outputs.AsyncFileOutput if kind.asynchronous else demo.sync.outputs.FileOutput  # type: ignore[no-any-return]


def ranged(content: bytes, cut_at: int, **headers: str) -> Callable[[Asked], Reply]:
    """Serves a file with ranges, and breaks the line after so many bytes."""

    def answer(asked: Asked) -> Reply:
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        first = int(asked.headers.get("range", "bytes=0-")[6:-1])
        if first and asked.headers["if-range"] in (headers.get("etag"), headers.get("last_modified")):
            given["content-range"] = f"bytes {first}-{len(content) - 1}/{len(content)}"
        else:
            first = 0
        rest = content[first:]
        return Reply([rest[:cut_at]], 206 if first else 200, given, len(rest), cut=len(rest) > cut_at)

    return answer


def test_a_file_is_read_in_parts(demo: Any, api: Scripted, run: Run, output: Any) -> None:
    api.answers["/out/cat.png"] = lambda _: Reply([LARGE[:99], LARGE[99:]], headers={"content-type": "image/png"})
    url = api.origin + "/out/cat.png"

    async def awaited(file: Any, sizes: tuple[int, ...]) -> list[bytes]:
        return [await file.read(size) for size in sizes]

    def parts(client: Any, url: str, *sizes: int) -> Any:
        file = output(url, client)
        if isinstance(file, demo.aio.outputs.AsyncFileOutput):
            return awaited(file, sizes)
        return [file.read(size) for size in sizes]

    sizes = (0, 50, 100, len(LARGE), 1, 7)
    assert run(lambda c: parts(c, url, *sizes)) == [b"", LARGE[:50], LARGE[50:150], LARGE[150:], b"", LARGE[:7]]
    assert run(lambda c: parts(c, url, 5, -1, 5)) == [LARGE[:5], LARGE[5:], LARGE[:5]]
    assert run(lambda c: parts(c, "data:,hello", 2, 9, 2)) == [b"he", b"llo", b""]
    with pytest.raises(demo.errors.ResponseError, match="more than 1,000 bytes"):
        run(lambda c: parts(c.with_options(max_response_bytes=1000), url, 5, -1))


def test_a_file_is_read_iterated_and_saved(api: Scripted, run: Run, output: Any, tmp_path: Path) -> None:
    api.answers["/out/cat.png"] = lambda _: Reply([LARGE[:99], LARGE[99:]], headers={"content-type": "image/png"})
    url = api.origin + "/out/cat.png?sig=1"
    assert run(lambda c: output(url, c).read()) == LARGE
    assert b"".join(run(lambda c: output(url, c).iter())) == LARGE
    assert b"".join(run(lambda c: iterate(output(url, c)))) == LARGE
    (tmp_path / "folder").mkdir()
    for path, made in (("a.jpeg", "a.jpeg"), ("b", "b.png"), ("folder", "folder/cat.png")):
        assert run(lambda c: output(url, c).save(tmp_path / path)) == tmp_path / made  # noqa: B023
        assert (tmp_path / made).read_bytes() == LARGE
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpeg", "b.png", "folder"]
    assert all(asked.headers["authorization"] == "Bearer secret" for asked in api.seen)


def iterate(file: Any) -> Any:
    return file.__aiter__() if hasattr(file, "__aiter__") else iter(file)


@pytest.mark.parametrize("mark", [{"etag": '"v1"'}, {"last_modified": "Tue, 24 Nov 2026 00:00:00 GMT"}])
def test_a_broken_download_goes_on_where_it_broke(
    api: Scripted, run: Run, output: Any, tmp_path: Path, mark: dict[str, str]
) -> None:
    api.answers["/x.bin"] = ranged(LARGE, 4000, **mark)
    told: list[tuple[int, int | None]] = []
    run(lambda c: c.download(api.origin + "/x.bin", tmp_path / "x.bin", on_progress=lambda *at: told.append(at)))
    assert (tmp_path / "x.bin").read_bytes() == LARGE
    assert [asked.headers["range"] for asked in api.seen] == [None, "bytes=4000-", "bytes=8000-"]
    assert told[-1] == (len(LARGE), len(LARGE)) and told == sorted(told) and len(told) >= 3
    assert b"".join(run(lambda c: output(api.origin + "/x.bin", c).iter())) == LARGE


def test_a_server_without_ranges_is_read_from_the_start(api: Scripted, run: Run, output: Any, tmp_path: Path) -> None:
    """With a mark that it is still the same file; without one only what is saved can begin anew."""

    def answer(asked: Asked) -> Reply:
        whole = len(api.seen) % 3 == 0
        return Reply([LARGE if whole else LARGE[:5000]], 200, {"etag": '"v1"'}, len(LARGE), cut=not whole)

    api.answers["/x.bin"] = answer
    assert run(lambda c: output(api.origin + "/x.bin", c).read()) == LARGE
    api.seen.clear()
    api.answers["/y.bin"] = lambda asked: Reply(
        [LARGE if len(api.seen) == 3 else b"?" * 5000], 200, {}, len(LARGE), cut=len(api.seen) < 3
    )
    run(lambda c: output(api.origin + "/y.bin", c).save(tmp_path / "y.bin"))
    assert (tmp_path / "y.bin").read_bytes() == LARGE and len(api.seen) == 3


def test_a_download_that_fails_leaves_nothing(demo: Any, api: Scripted, run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.bin").write_bytes(b"before")
    api.answers["/cut"] = lambda _: Reply([b"some"], length=100, cut=True)
    with pytest.raises(demo.errors.ApiConnectionError):
        run(lambda c: c.download(api.origin + "/cut", tmp_path / "x.bin"))
    assert 3 < len(api.seen) < 10
    changing = iter(range(100))
    api.answers["/changes"] = lambda _: Reply([LARGE[:999]], 200, {"etag": f'"{next(changing)}"'}, len(LARGE), cut=True)
    with pytest.raises(demo.errors.ResponseError, match="changed while it was being read"):
        run(lambda c: c.download(api.origin + "/changes", tmp_path / "x.bin"))
    with pytest.raises(demo.errors.NotFoundError):
        run(lambda c: c.download(api.origin + "/nothing", tmp_path / "x.bin"))

    def stop(done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    api.answers["/fine"] = lambda _: Reply([LARGE])
    with pytest.raises(KeyboardInterrupt):
        run(lambda c: c.download(api.origin + "/fine", tmp_path / "x.bin", on_progress=stop))
    assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("x.bin", b"before")]


def test_another_server_is_told_nothing(api: Scripted, run: Run, output: Any, tmp_path: Path) -> None:
    with scripted() as other:
        other.answers["/x.txt"] = lambda _: Reply([b"hi"])
        api.answers["/away"] = lambda _: Reply(status=307, headers={"location": other.origin + "/x.txt"}, length=0)
        assert run(lambda c: output(other.origin + "/x.txt", c).read()) == b"hi"
        assert run(lambda c: output(api.origin + "/away", c).read()) == b"hi"
        assert run(lambda c: c.download(other.origin + "/x.txt", tmp_path)) == tmp_path / "x.txt"
        assert len(other.seen) == 3 and not any("secret" in str(asked.headers) for asked in other.seen)


def test_data_urls_are_files_too(demo: Any, api: Scripted, run: Run, output: Any, tmp_path: Path) -> None:
    url = "data:image/png;base64," + base64.b64encode(LARGE).decode()
    told: list[tuple[int, int | None]] = []
    assert run(lambda c: output(url, c).read()) == LARGE
    assert (
        run(lambda c: output(url).save(tmp_path / "cat", on_progress=lambda *at: told.append(at)))
        == tmp_path / "cat.png"
    )
    assert (tmp_path / "cat.png").read_bytes() == LARGE and told == [(len(LARGE), len(LARGE))]
    assert not api.seen
    with pytest.raises(demo.errors.ArgumentError, match="not base64"):
        run(lambda c: c.download("data:;base64,&", tmp_path / "x"))
    assert [p.name for p in tmp_path.iterdir()] == ["cat.png"]


def test_a_file_is_its_url(demo: Any, run: Run, output: Any) -> None:
    file = output("https://x/a.png", object())
    assert (
        str(file) == file.url == "https://x/a.png"
        and file == "https://x/a.png" == file
        and hash(file) == hash(file.url)
    )
    assert repr(file) == f"{output.__name__}('https://x/a.png')" and len(repr(output("data:," + "x" * 999))) < 120
    again = pickle.loads(pickle.dumps(file))
    assert again == file
    with pytest.raises(demo.errors.ResponseError, match="no client"):
        run(lambda _: again.read())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://x/a/b%20c.png?q#f", "b c.png"), ("https://x/..%2F..%2Fetc%2Fpasswd", "_.._etc_passwd"),
        ("https://x/", "output"), ("https://x/%2e%2e", "output"), ("https://x/a%00b", "a_b"),
    ],
)  # fmt: skip
def test_a_name_cannot_leave_its_folder(demo: Any, tmp_path: Path, url: str, name: str) -> None:
    assert demo.downloads._name(url) == name
