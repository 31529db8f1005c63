"""update-spec against real servers on the loopback: good ones, and ones that break off, drip, swell and mislead."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from generator import cli, link, pipeline
from generator.errors import SpecError
from generator.evolve.update import update
from generator.read import documents, fetch, source

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared/upstream/replicate-openapi.json"
OURS = """\
# Ours.
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      tags: [pets]
      summary: Our words.
      parameters:
        - name: limit
          in: query
          description: Ours too.
          schema: {type: integer}
      responses:
        '200':
          description: Ours as well.
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: {type: string, description: What we call it.}
              example: {name: Rex}
  /keepers:
    get:
      operationId: listKeepers
      tags: [keepers]
      responses:
        '204': {description: ok}
"""
CATALOG = """\
# Who does what.
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
functions:
  zoo_pets:
    operation: listPets
    type: read
    title: Pets
    summary: List pets.  # ours
    parameters:
      limit: {name: most}
    examples:
      - title: Two
        arguments: {most: 2}
  zoo_keepers:
    operation: listKeepers
    type: read
    title: Keepers
    summary: List keepers.
"""
THEIRS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Zoo", "version": "2", "description": "Their words."},
    "paths": {
        "/pets": {
            "get": {
                "operationId": "pets.list",
                "summary": "Their words.",
                "parameters": [
                    {"name": "max_limit", "in": "query", "description": "Theirs.", "schema": {"type": "integer"}},
                    {"name": "kind", "in": "query", "description": "Theirs 🐕.", "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "Theirs.",
                        "content": {
                            "application/json": {
                                "schema": {"type": "object", "properties": {"name": {"type": "string", "description": "Theirs."}}}
                            }
                        },
                    },
                    "404": {"description": "Theirs."},
                },
            },
            "post": {"operationId": "pets.add", "summary": "Theirs.", "responses": {"204": {"description": "x"}}},
        }
    },
}  # fmt: skip


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(OURS)
    (folder / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "surfacegen.yaml").write_text("document: spec/openapi.yaml\ncatalog: spec/catalog.yaml\n")
    return folder


def inputs(spec: Path) -> pipeline.Inputs:
    return pipeline.Inputs(spec / "openapi.yaml", spec / "catalog.yaml", history=spec / "history")


def held(spec: Path) -> dict[str, bytes]:
    """What the folder holds: files by their path, folders too."""
    return {
        path.relative_to(spec).as_posix(): path.read_bytes() if path.is_file() else b""
        for path in sorted(spec.rglob("*"))
    }


Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer) -> Iterator[str]:
    """A server on a free port of the loopback whose every GET is answered by a function."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                answer(self)
            except OSError:
                self.close_connection = True  # the client has had enough

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/openapi.json"
    finally:
        server.shutdown()
        server.server_close()


def sends(content: bytes, status: int = 200, length: int | None = None, **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(content) if length is None else length))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def test_structure_is_theirs_and_words_are_ours(spec: Path) -> None:
    with serving(sends(json.dumps(THEIRS).encode(), ETag='"two"')) as url:
        done = update(inputs(spec), url)
    text = (spec / "openapi.yaml").read_text()
    assert text.startswith("# Ours.\nopenapi: 3.1.0\n")
    assert "heirs" not in text and "Their words" not in text
    found = source.load(spec / "openapi.yaml").value
    listed = found["paths"]["/pets"]["get"]
    assert (listed["operationId"], listed["summary"]) == ("pets.list", "Our words.")
    assert listed["responses"]["200"]["content"]["application/json"]["example"] == {"name": "Rex"}
    assert listed["responses"]["404"] == {"description": "Not Found"}
    assert "/paths/~1pets/post" in done.unwritten
    assert "/paths/~1pets/get/parameters/1" in done.unwritten
    assert json.loads((spec / "upstream.json").read_text()) == {"url": url, "etag": '"two"'}


def test_the_catalog_follows_keeps_and_lets_go(spec: Path) -> None:
    with serving(sends(json.dumps(THEIRS).encode())) as url:
        done = update(inputs(spec), url)
    catalog = (spec / "catalog.yaml").read_text()
    assert "    operation: pets.list\n" in catalog
    assert "    summary: List pets.  # ours\n" in catalog
    assert "      max_limit:\n        name: most\n" in catalog
    assert "zoo_keepers" not in catalog
    assert list(done.catalog.dropped) == ["/functions/zoo_keepers"]
    assert done.catalog.added == ["zoo_add_pet"]
    api = link.load(documents.read(spec / "openapi.yaml", spec / "catalog.yaml"))
    assert [function.name for function in api.functions] == ["zoo_add_pet", "zoo_pets"]
    assert done.diff.breaking


def test_dry_run_writes_nothing(
    spec: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(spec.parent)
    before = held(spec)
    with serving(sends(json.dumps(THEIRS).encode())) as url:
        assert cli.main(["update-spec", url, "--dry-run"]) == 0
    assert held(spec) == before
    shown = capsys.readouterr()
    assert "function removed (zoo_keepers)" in shown.out
    assert "would change: spec/openapi.yaml, spec/catalog.yaml, spec/upstream.json" in shown.err
    assert "needs a description" in shown.err


def test_an_etag_saves_the_second_fetch(spec: Path) -> None:
    asked: list[str | None] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked.append(handler.headers.get("If-None-Match"))
        if asked[-1] == '"two"':
            sends(b"", 304)(handler)
        else:
            sends(json.dumps(THEIRS).encode(), ETag='"two"')(handler)

    with serving(answer) as url:
        assert not update(inputs(spec), url).unchanged
        before = held(spec)
        assert update(inputs(spec)).unchanged
    assert asked == [None, '"two"']
    assert held(spec) == before


def test_a_document_that_is_kept_as_it_comes_is_taken_whole(spec: Path) -> None:
    """As `init` notes it of one that it fetched: their words are what there is to keep."""
    content = json.dumps(THEIRS).encode()
    with serving(sends(content, ETag='"two"')) as url:
        (spec / "upstream.json").write_text(json.dumps({"url": url, "prose": "theirs"}))
        done = update(inputs(spec))
        assert (spec / "openapi.yaml").read_bytes() == content and done.unwritten == ()
        assert json.loads((spec / "upstream.json").read_text()) == {"url": url, "prose": "theirs", "etag": '"two"'}


def test_the_same_document_touches_nothing(spec: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.yaml"
    copy.write_text(OURS)
    before = held(spec)
    assert update(inputs(spec), str(copy)).written == ()
    assert held(spec) == before


@pytest.mark.skipif(not UPSTREAM.exists(), reason="Replicate's own document is not here")
def test_upstreams_document_leaves_ours_as_it_is(tmp_path: Path) -> None:
    for name in ("openapi.yaml", "catalog.yaml"):
        (tmp_path / name).write_bytes((ROOT / "spec" / name).read_bytes())
    before = held(tmp_path)
    with serving(sends(UPSTREAM.read_bytes())) as url:
        update(inputs(tmp_path), url)
    after = held(tmp_path)
    assert after.pop("upstream.json")
    assert after == before


def bomb() -> bytes:
    """YAML whose aliases stand for ten to the ninth values."""
    lines = ["a0: &a0 [x]"] + [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10)}]" for i in range(1, 10)]
    return "\n".join(["openapi: 3.1.0", *lines]).encode()


GOOD = json.dumps(THEIRS).encode()
HOSTILE: dict[str, tuple[Answer, str]] = {
    "not there": (sends(b"no", 404), "returned 404"),
    "broken": (sends(b'{"openapi": "3.1.0", "paths"'), "is not valid YAML"),
    "truncated": (sends(GOOD[:300], length=len(GOOD)), "cannot be fetched|broke off"),
    "a web page": (sends(b"<html><body>Log in</body></html>"), "is not an OpenAPI document|is not valid YAML"),
    "empty": (sends(b""), "is empty"),
    "binary": (sends(bytes(range(256)) * 8), "not UTF-8"),
    "no operations": (sends(b"openapi: 3.1.0\ninfo: {title: Zoo}\npaths: {}"), "has no operation"),
    "an alias bomb": (sends(bomb()), "values once its aliases are followed"),
    "nested": (sends(b'{"openapi": "3.1.0", "paths": ' + b"[" * 5000 + b"]" * 5000 + b"}"), "nested more deeply"),
    "leads to a file": (
        sends(GOOD.replace(b'{"type": "string"}', b'{"$ref": "/etc/passwd"}', 1)), "outside the folder"),
    "leads nowhere": (sends(GOOD.replace(b'{"type": "string"}', b'{"$ref": "#/nowhere"}', 1)), "points to nothing"),
    "redirects for ever": (sends(b"", 302, Location="/again"), "redirects more than"),
    "redirects to a file": (sends(b"", 302, Location="file:///etc/passwd"), "neither an https URL"),
    "redirects to plain http": (sends(b"", 302, Location="http://example.invalid/x"), "neither an https URL"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_answer_leaves_spec_untouched(name: str, spec: Path) -> None:
    answer, message = HOSTILE[name]
    before = held(spec)
    with serving(answer) as url, pytest.raises(SpecError, match=message):
        update(inputs(spec), url)
    assert held(spec) == before


def test_what_is_huge_is_not_read_to_its_end(spec: Path) -> None:
    sent = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        for _ in range(1000):
            sent.append(handler.wfile.write(b" " * 65536))

    with serving(answer) as url, pytest.raises(SpecError, match="larger than 1,000,000 bytes"):
        fetch.fetch(url, most=1_000_000)
    assert sum(sent) < 30_000_000


def test_what_unpacks_to_more_is_not_unpacked_to_its_end(spec: Path) -> None:
    packed = gzip.compress(b" " * 100_000_000)
    before = held(spec)
    with serving(sends(packed, Content_Encoding="gzip")) as url, pytest.raises(SpecError, match="larger than"):
        update(inputs(spec), url)
    assert held(spec) == before


def test_a_password_is_neither_kept_nor_shown(spec: Path) -> None:
    before = held(spec)
    with pytest.raises(SpecError) as caught:
        update(inputs(spec), "https://ada:s3cret@example.invalid/openapi.json")
    assert "s3cret" not in str(caught.value) and "https://example.invalid/openapi.json" in str(caught.value)
    assert held(spec) == before


def test_a_slow_drip_ends(spec: Path) -> None:
    over = threading.Event()

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not over.wait(0.05):
            handler.wfile.write(b" ")
            handler.wfile.flush()

    with serving(answer) as url, pytest.raises(SpecError, match="did not respond in time"):
        try:
            fetch.fetch(url, seconds=0.5)
        finally:
            over.set()


def test_a_redirect_to_another_host_is_told_before_it_is_followed(spec: Path) -> None:
    told: list[str] = []
    with serving(sends(GOOD)) as there, serving(sends(b"", 302, Location=there)) as here:
        update(inputs(spec), here, say=told.append)
    assert len(told) == 1 and "redirects to another host: 127.0.0.1" in told[0]


@pytest.mark.parametrize("address", ["http://example.invalid/x", "ftp://example.invalid/x", "nowhere.yaml", "https://"])
def test_an_address_must_be_safe_and_there(spec: Path, address: str) -> None:
    before = held(spec)
    with pytest.raises(SpecError) as caught:
        update(inputs(spec), address)
    assert caught.value.findings[0].hint
    assert held(spec) == before


def test_without_an_address_it_says_where_to_give_one(spec: Path) -> None:
    with pytest.raises(SpecError, match="names no address"):
        update(inputs(spec))


def test_a_write_that_fails_is_undone(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    before, real, count = held(spec), os.replace, [0]

    def failing(src: Any, dst: Any) -> None:
        count[0] += 1
        if count[0] == 2:
            raise OSError(28, "No space left on device", str(dst))
        real(src, dst)

    with serving(sends(GOOD)) as url:
        monkeypatch.setattr("generator.write.together.os.replace", failing)
        with pytest.raises(SpecError, match="No space left"):
            update(inputs(spec), url)
    assert held(spec) == before
