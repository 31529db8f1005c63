"""Documents at URLs, and files above the document's folder: what is fetched and read, and what never is."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from generator import cli, pipeline, settings
from generator.errors import SpecError
from generator.ir import Api
from generator.read import bounds, remote

REFERENCE = "../schemas/pet.yaml#/Pet"
PARTS = "Pet: {type: object, properties: {name: {$ref: 'name.yaml'}}}\n"


def document(reference: str = "schemas/pet.yaml#/Pet", **more: Any) -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": reference}}}
    operation = {"operationId": "pet", "responses": {"200": {"description": ".", "content": content}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pets", "version": "1"},
        "paths": {"/pet": {"get": operation}},
        **more,
    }


class Site:
    """A server of files: path -> bytes, or where it redirects to."""

    def __init__(self) -> None:
        self.url = ""
        self.files: dict[str, bytes | str] = {}
        self.asked: list[str] = []

    def api(self, path: str, folder: Path) -> Api:
        found = remote.fetched(self.url + path, folder)
        return pipeline.load(pipeline.Inputs(found.path, url=found.url))


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            held = found.files.get(self.path)
            self.send_response(404 if held is None else 302 if isinstance(held, str) else 200)
            if isinstance(held, str):
                self.send_header("Location", held)
            self.end_headers()
            self.wfile.write(held if isinstance(held, bytes) else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield found
        server.shutdown()


def test_a_document_and_what_it_refers_to(site: Site, tmp_path: Path) -> None:
    site.files = {
        "/v1/api.json": json.dumps(document()).encode(),
        "/v1/schemas/pet.yaml": PARTS.encode(),
        "/v1/schemas/name.yaml": b"\xef\xbb\xbftype: string\n",
    }
    found = site.api("/v1/api.json", tmp_path)
    assert [field.type.kind for field in found.models["Pet"].fields] == ["string"]
    assert sorted(site.asked) == sorted(site.files)  # each once
    assert found.documents == ("api.json", "schemas/pet.yaml", "schemas/name.yaml")


@pytest.mark.parametrize(
    ("servers", "wanted"),
    [  # OpenAPI 3.1.1, 4.8.5: relative to the location where the document is being served; the default is `/`
        ([{"url": "/v2"}], "/v2"),
        ([{"url": "v2/"}], "/docs/v2"),
        ([{"url": "../{part}", "variables": {"part": {"default": "v3"}}}], "/v3"),
        ([{"url": "/"}], ""),
        (None, ""),
    ],
)
def test_relative_servers(servers: Any, wanted: str, site: Site, tmp_path: Path) -> None:
    more = {} if servers is None else {"servers": servers}
    site.files = {"/docs/api.json": json.dumps({**document(**more), "paths": {}}).encode()}
    assert [server.url for server in site.api("/docs/api.json", tmp_path).servers] == [site.url + wanted]


def test_redirects_move_what_is_relative(site: Site, tmp_path: Path) -> None:
    site.files = {
        "/latest": "/v9/api.json",
        "/v9/api.json": json.dumps({**document(), "servers": [{"url": "x"}]}).encode(),
    }
    site.files |= {"/v9/schemas/pet.yaml": PARTS.encode(), "/v9/schemas/name.yaml": b"type: string"}
    assert [server.url for server in site.api("/latest", tmp_path).servers] == [f"{site.url}/v9/x"]


def test_self_names_the_base(tmp_path: Path) -> None:
    """OpenAPI 3.2.0, 4.1.2.2: `$self` is the base URI that relative references are resolved against."""
    written = {
        **document(servers=[{"url": "v2"}]),
        "openapi": "3.2.0",
        "$self": "https://pets.example/apis/a.json",
        "paths": {},
    }
    (tmp_path / "api.json").write_text(json.dumps(written), "utf-8")
    found = pipeline.load(pipeline.Inputs(tmp_path / "api.json"))
    assert [server.url for server in found.servers] == ["https://pets.example/apis/v2"]


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.yaml",
        "/secret.yaml",
        "http://127.0.0.1:1/x.yaml",
        "//127.0.0.1:1/x.yaml",
        "%2e%2e/secret.yaml",
        ".hidden/x.yaml",
        "moved.yaml",
    ],
)
def test_nothing_is_fetched_from_elsewhere(reference: str, site: Site, tmp_path: Path) -> None:
    site.files = {"/v1/api.json": json.dumps(document(reference)).encode(), "/secret.yaml": b"type: string"}
    site.files |= {"/v1/.hidden/x.yaml": b"type: string", "/v1/moved.yaml": "/secret.yaml"}
    with pytest.raises(SpecError):
        site.api("/v1/api.json", tmp_path)
    assert site.asked[0] == "/v1/api.json" and not {"/v1/.hidden/x.yaml"} & {*site.asked}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["api.json"]


def test_how_much_is_fetched(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = json.dumps(document()).encode()
    site.files = {"/v1/api.json": whole, "/v1/schemas/pet.yaml": PARTS.encode() + b" " * 2000}
    monkeypatch.setenv(bounds.BYTES.variable, str(len(whole) + 1000))
    with pytest.raises(SpecError, match="is larger than"):
        site.api("/v1/api.json", tmp_path)
    monkeypatch.setenv(bounds.FILES.variable, "1")
    monkeypatch.delenv(bounds.BYTES.variable)
    with pytest.raises(SpecError, match="refers to more than the 1 files"):
        site.api("/v1/api.json", tmp_path)


@pytest.mark.parametrize(
    "url", ["http://pets.example/api.json", "http://127.0.0.1:1/api.json", "https://user:pw@pets.example/"]
)
def test_a_url_that_cannot_be_had(url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate", "--openapi", url, "--out", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert told.startswith("error: http") and "fix: " in told and "Traceback" not in told and "pw" not in told
    assert not (tmp_path / "out").exists()


def test_the_command_line_takes_a_url(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.files = {"/api.json": json.dumps({**document(), "servers": [{"url": "/v1"}], "paths": {}}).encode()}
    assert cli.main(["ir", "--openapi", f"{site.url}/api.json"]) == 0
    assert f'"url": "{site.url}/v1"' in capsys.readouterr().out


# Files above the document's folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A document in a folder of its own, whose parts stand beside that folder."""
    (tmp_path / "top/apis").mkdir(parents=True)
    (tmp_path / "top/schemas/.private").mkdir(parents=True)
    (tmp_path / "top/apis/api.json").write_text(json.dumps(document(REFERENCE)), "utf-8")
    (tmp_path / "top/schemas/pet.yaml").write_text(PARTS, "utf-8")
    (tmp_path / "top/schemas/name.yaml").write_text("type: string\n", "utf-8")
    (tmp_path / "top/schemas/.private/x.yaml").write_text("type: string\n", "utf-8")
    (tmp_path / "outside.yaml").write_text("type: string\n", "utf-8")
    (tmp_path / "top/schemas/link.yaml").symlink_to(tmp_path / "outside.yaml")
    return tmp_path / "top"


def test_a_folder_above_is_named(tree: Path) -> None:
    found = pipeline.load(pipeline.Inputs(tree / "apis/api.json", root=tree))
    assert [field.wire_name for field in found.models["Pet"].fields] == ["name"]
    assert found.documents == ("apis/api.json", "schemas/pet.yaml", "schemas/name.yaml")
    with pytest.raises(SpecError, match="is outside the folder of the document"):
        pipeline.load(pipeline.Inputs(tree / "apis/api.json"))


@pytest.mark.parametrize("repository", [True, False])
def test_without_one_it_is_the_repository_or_the_folder_above(repository: bool, tree: Path, tmp_path: Path) -> None:
    if repository:
        (tmp_path / ".git").mkdir()
    assert settings.repository(tree / "apis") == (tmp_path if repository else tree).resolve()
    assert cli.main(["ir", "--openapi", str(tree / "apis/api.json")]) == 0


def test_made_again_from_files_above_there_is_nothing_to_do(tree: Path, tmp_path: Path) -> None:
    inputs = pipeline.Inputs(tree / "apis/api.json", root=tree)
    assert not pipeline.generate(inputs, tmp_path / "out", ("mcp",)).nothing_to_do
    assert pipeline.generate(inputs, tmp_path / "out", ("mcp",)).nothing_to_do
    (tree / "schemas/name.yaml").write_text("type: integer\n", "utf-8")
    assert not pipeline.generate(inputs, tmp_path / "out", ("mcp",)).nothing_to_do


@pytest.mark.parametrize(
    "reference",
    ["../../outside.yaml", "../schemas/link.yaml", "../schemas/.private/x.yaml", "/etc/hostname", "../.git/config"],
)
def test_nothing_outside_it_is_read(reference: str, tree: Path) -> None:
    (tree / "apis/api.json").write_text(json.dumps(document(reference)), "utf-8")
    with pytest.raises(SpecError, match="is outside the root for references, or a hidden file"):
        pipeline.load(pipeline.Inputs(tree / "apis/api.json", root=tree))


def test_a_root_that_the_document_is_not_in(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = cli.main(["ir", "--openapi", str(tree / "apis/api.json"), "--root", str(tree / "schemas")])
    assert code == 1 and "is not above the document" in capsys.readouterr().err


def test_a_mistake_above_is_told_by_its_way(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    (tree / "schemas/name.yaml").write_text("$ref: '#/none'\n", "utf-8")
    with pytest.raises(SpecError, match=r"^schemas/name.yaml:1:1: "):
        pipeline.load(pipeline.Inputs(Path("apis/api.json"), root=Path()))
