"""The curl lines of the docs and of `--curl`, run by curl itself: names and media types send nothing that is not there."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from hanging import HANGS
from programs import needs
from recorder import Recorder, recorder

from generator import link
from generator.read import documents
from generator.surfaces.shared import calls

sys.path.insert(0, str(Path(__file__).parents[2] / "generated/python"))
NAMES = ["plain", "a=@/etc/hostname;filename=x", "@/etc/hostname", "<a", "a;type=text/html", "-o/tmp/x", "a'b", "a b", "=", "\u4e2d"]  # fmt: skip
VALUES = ["a value", "@/etc/hostname", "</etc/hostname", "a;type=text/html", "line\nline", "'\"\\", "\u4e2d\U0001f600", "-o", "&a=b", ""]  # fmt: skip
MEDIA = ["text/plain", "text/plain;headers=@/etc/hostname", "text/plain; filename=x", "a", ""]


def ran(command: str, server: Recorder, folder: Path) -> Any:
    """What the server saw of a command."""
    needs("curl")
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, capture_output=True, text=True, timeout=HANGS, check=False
    )
    assert done.returncode == 0, done.stderr
    assert not list(folder.iterdir())
    return server.one()


def fields(body: Any) -> list[tuple[str, str | None, bytes]]:
    """Names, file names and contents of the parts, sorted."""
    return sorted((name.encode("utf-8", "surrogateescape").decode(), file, content) for name, file, _, content in body)


def described(tmp_path: Path, url: str, name: str, media: str) -> Any:
    """An API that takes a form of two fields, the second of this name."""
    schema = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary"},
            name: {"type": "string"},
            "more": {"type": "object"},
        },
    }
    content = {"multipart/form-data": {"schema": schema, "encoding": {"more": {"contentType": media}} if media else {}}}
    operation = {
        "operationId": "send",
        "requestBody": {"content": content},
        "responses": {"200": {"description": "ok"}},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Harm", "version": "1"}, "servers": [{"url": url}], "paths": {"/a[1-3] d": {"post": operation}}}  # fmt: skip
    (tmp_path / "openapi.yaml").write_text(yaml.dump(document, default_style='"', sort_keys=False))
    return link.load(documents.read(tmp_path / "openapi.yaml"))


CASES = [(name, "a value", "") for name in NAMES] + [("plain", value, "") for value in VALUES] + [("plain", "x", media) for media in MEDIA]  # fmt: skip


@pytest.mark.parametrize(("name", "value", "media"), CASES, ids=ascii)
def test_a_line_of_the_docs_sends_the_fields_and_nothing_else(
    name: str, value: str, media: str, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    with recorder() as server:
        api = described(tmp_path, server.base_url, name, media)
        function = api.functions[0]
        arguments = {calls.argument(function.params[1]): value, "more": {"a": "@b"}}
        seen = ran(calls.curl(api, function, arguments), server, tmp_path / "empty")
    assert seen.path.endswith("/a[1-3]%20d")
    assert fields(seen.body) == sorted([(name, None, value.encode()), ("more", None, b'{"a": "@b"}')])


@pytest.mark.parametrize(("name", "value", "media"), CASES, ids=ascii)
def test_a_line_of_the_command_line_does_so_too(name: str, value: str, media: str, tmp_path: Path) -> None:
    parts = [
        SimpleNamespace(name=name, filename=None, content=value.encode(), content_type=None, headers=()),
        SimpleNamespace(
            name="more", filename=None, content=b'{"a": "@b"}', content_type=media or "application/json", headers=()
        ),
    ]
    with recorder() as server:
        request = {"method": "POST", "url": f"{server.base_url}/a[1-3]{{b,c}}", "headers": {}, "body": None}
        written = importlib.import_module("replikit.cli.curl").command(request, parts)
        seen = ran(written, server, tmp_path)
    assert seen.path.endswith("/a[1-3]{b,c}")
    assert fields(seen.body) == sorted([(name, None, value.encode()), ("more", None, b'{"a": "@b"}')])
