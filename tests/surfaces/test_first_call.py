"""The first call that the README of a package shows: with the variables that it names it is sent, as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from hanging import HANGS
from recorder import recorder

from generator import cli, pipeline
from generator.surfaces.shared import calls

DOCUMENT = """\
openapi: 3.1.0
info: {title: X7SMS Gateway., version: "1"}
servers: [{url: http://localhost:1/}]
security: [{who: []}]
paths:
  /prices/{country}:
    get:
      operationId: prices.get
      tags: [prices]
      parameters: [{name: country, in: path, required: true, schema: {type: string}, example: NO}]
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
components: {securitySchemes: {who: {type: http, scheme: basic}}}
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("first")
    (folder / "openapi.yaml").write_text(DOCUMENT)
    out = folder / "out"
    surfaces = [word for name in ("python", "cli") for word in ("--surface", name)]
    assert cli.main(["generate", "--openapi", str(folder / "openapi.yaml"), "--out", str(out), *surfaces]) == 0
    return out / "python"


QUIET = """\
openapi: 3.1.0
info: {title: Bells, version: "1"}
servers: [{url: http://localhost:1/}]
paths:
  /bells/{bell}:
    get:
      operationId: bells.ring
      tags: [bells]
      parameters: [{name: bell, in: path, required: true, schema: {type: string}, example: a}]
      responses: {"200": {description: No content is described.}}
"""


def run(package: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "LANG")}
    return subprocess.run(
        [sys.executable, *words],
        env={**kept, "PYTHONPATH": str(package), **variables},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip


def test_it_is_sent_with_the_variables_that_are_named(package: Path) -> None:
    """The user, the password and what is sent of them: RFC 7617, 2."""
    readme = (package / "README.md").read_text("utf-8")
    user, password = re.findall(r"\b[A-Z][A-Z0-9_]+_(?:USERNAME|PASSWORD)\b", readme)
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    base_url = user.replace("_USERNAME", "_BASE_URL")
    with recorder() as server:
        done = run(package, "-c", code, **{user: "Aladdin", password: "open sesame", base_url: server.base_url})
        assert done.returncode == 0, done.stderr
        seen = server.one()
    assert (seen.method, seen.path) == ("GET", "/v1/prices/NO")
    assert seen.headers["authorization"] == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="


def test_without_them_the_same_are_asked_for(package: Path) -> None:
    name = next(path.parent.name for path in package.glob("*/about.py"))
    done = run(package, "-m", name, "prices", "get", "NO")
    assert done.returncode == 4 and re.search(r"set X7SMS\w*_USERNAME and X7SMS\w*_PASSWORD\b", done.stderr)


def test_help_names_them_and_ends_each_sentence_once(package: Path) -> None:
    name = next(path.parent.name for path in package.glob("*/about.py"))
    said = " ".join(run(package, "-m", name, "--help").stdout.split())
    assert re.search(r"Credentials are read from X7SMS\w*_USERNAME and X7SMS\w*_PASSWORD,", said)
    assert "Client for X7SMS Gateway." in said and "Gateway.:" not in said and "Gateway.." not in said


def test_where_no_content_is_described_it_shows_that_it_was_answered(tmp_path: Path) -> None:
    """By the README above the packages: the status (RFC 9110, 15.3.1) and whatever came; a word from Lua."""
    (tmp_path / "openapi.yaml").write_text(QUIET)
    surfaces = [word for name in ("python", "cli", "lua") for word in ("--surface", name)]
    out = tmp_path / "out"
    assert cli.main(["generate", "--openapi", str(tmp_path / "openapi.yaml"), "--out", str(out), *surfaces]) == 0
    readme = (out / "README.md").read_text("utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", readme, re.DOTALL)
    (script,) = re.findall(r"lua run -e (.*)\n", readme)
    package = next((out / "python").glob("*/client.py")).parent.name
    with recorder() as server:
        server.content, server.content_type = b'{"rung": true}', "application/json"
        address = {f"{name}_BASE_URL": server.base_url for name in ("BELLS", package.upper())}
        done = run(out / "python", "-c", code, **address)
        assert done.stdout == '200 {"rung": true}\n', done.stderr
        done = run(out / "python", "-m", package, "lua", "run", "-e", *shlex.split(script), **address)
        assert "answered" in done.stdout, done.stderr
        assert len(server.seen) == 2 and all(seen.path.endswith("/bells/a") for seen in server.seen)


def test_what_answers_something_is_shown_before_what_does_not(tmp_path: Path) -> None:
    document = QUIET + """\
  /towers/{tower}/{floor}:
    get:
      operationId: towers.get
      parameters:
        - {name: tower, in: path, required: true, schema: {type: string}}
        - {name: floor, in: path, required: true, schema: {type: string}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
"""
    (tmp_path / "openapi.yaml").write_text(document)
    found = calls.first(pipeline.load(pipeline.Inputs(tmp_path / "openapi.yaml")))
    assert found is not None and found[0].path == "/towers/{tower}/{floor}"
