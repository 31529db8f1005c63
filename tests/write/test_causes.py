"""Why the folder is not as the generator makes it; and the run that follows every change."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS

from generator import inputs as parts
from generator import pipeline
from generator.write.comparison import Drift

ROOT = Path(__file__).parents[2]
DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get: {operationId: listPets, tags: [pets], summary: List pets., responses: {"204": {description: ok}}}
"""
CATALOG = """
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
functions:
  zoo_pets: {operation: listPets, type: read, title: Pets, summary: List pets.}
"""
SURFACES = ("cli", "lua")


class Project:
    """A folder with a spec, templates of its own and what was made of them."""

    def __init__(self, folder: Path) -> None:
        spec = folder / "spec"
        spec.mkdir()
        self.document, self.catalog, self.out = spec / "openapi.yaml", spec / "catalog.yaml", folder / "generated"
        self.document.write_text(DOCUMENT)
        self.catalog.write_text(CATALOG)
        self.templates = folder / "templates"
        for name in (*SURFACES, "project"):
            shutil.copytree(ROOT / "templates" / name, self.templates / name)
        self.inputs = pipeline.Inputs(self.document, self.catalog, templates=self.templates)
        pipeline.generate(self.inputs, self.out, SURFACES)

    def drift(self) -> dict[str, Drift]:
        return {each.path: each for each in pipeline.check(self.inputs, self.out, SURFACES)}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


COMMANDS = "python/zookit/cli/tables/pets.json"


def test_nothing_is_wrong_with_what_was_just_made(project: Project) -> None:
    assert project.drift() == {}


def test_the_document(project: Project) -> None:
    edit(project.document, "operationId: listPets", "deprecated: true, operationId: listPets")
    found = project.drift()
    assert {each.cause for each in found.values()} == {"document"}
    assert found[COMMANDS].remedy.startswith("run `surfacegen generate`")


def test_the_catalog(project: Project) -> None:
    edit(project.catalog, "summary: List pets.", "summary: List all pets.")
    assert {each.cause for each in project.drift().values()} == {"catalog"}


def test_a_template_and_no_other_surface(project: Project) -> None:
    source = next((project.templates / "cli").rglob("app.py"))
    edit(source, "import click", "import click  # here")
    edit(project.catalog, "summary: List pets.", "summary: List all pets.")
    found = project.drift()
    assert found["python/zookit/cli/app.py"].cause == "template"
    assert "templates/cli changed" in found["python/zookit/cli/app.py"].reason
    assert found[COMMANDS].cause == "catalog and template"
    assert {each.cause for path, each in found.items() if path.startswith("lua/")} == {"catalog"}


def test_the_generator(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    real = parts.digest(project.inputs)
    monkeypatch.setattr(pipeline, "digest", lambda *_: {**real, "generator": "another"})
    made = pipeline.make
    monkeypatch.setattr(pipeline, "make", lambda *given: _with(made(*given), COMMANDS, b"# new\n"))
    assert {path: each.cause for path, each in project.drift().items() if path == COMMANDS} == {COMMANDS: "generator"}


def _with(made: pipeline.Made, path: str, content: bytes) -> pipeline.Made:
    files = tuple(replace(file, content=content) if file.path == path else file for file in made.files)
    return replace(made, files=files)


def test_hand_edits_name_where_the_edit_belongs(project: Project) -> None:
    edit(project.out / COMMANDS, "{", "{  ")
    (project.out / "lua/zookit/json.lua").unlink()
    (project.out / "python/zookit/cli/mine.py").write_text("")
    found = project.drift()
    assert {path: each.cause for path, each in found.items()} == {
        COMMANDS: "hand edit", "lua/zookit/json.lua": "hand edit", "python/zookit/cli/mine.py": "foreign",
    }  # fmt: skip
    assert "templates/cli/python/[package]/cli/tables/[table].json.jinja" in found[COMMANDS].remedy
    assert "removed after" in found["lua/zookit/json.lua"].reason


def test_a_hand_edit_is_not_blamed_on_the_catalog(project: Project) -> None:
    edit(project.out / COMMANDS, "{", "{  ")
    edit(project.catalog, "summary: List pets.", "summary: List all pets.")
    found = project.drift()
    assert found[COMMANDS].cause == "hand edit"
    assert "catalog" in {each.cause for each in found.values()}


def test_a_manifest_of_an_older_make_is_read(project: Project) -> None:
    manifest = project.out / "manifest.json"
    import json

    document = json.loads(manifest.read_text())
    for made in document["surfaces"].values():
        made["inputs"] = "0123"
    manifest.write_text(json.dumps(document))
    edit(project.catalog, "summary: List pets.", "summary: List all pets.")
    assert project.drift()[COMMANDS].cause == "first run"
    assert pipeline.generate(project.inputs, project.out, SURFACES).nothing_to_do is False
    assert project.drift() == {}


class Lines:
    """What a process prints, as it comes."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.text = ""
        self._thread = threading.Thread(target=self._read, args=(process.stdout,), daemon=True)
        self._thread.start()

    def _read(self, stream: Any) -> None:
        for line in stream:
            self.text += line

    def wait(self, holds: Callable[[str], bool], seconds: float = 60) -> str:
        end = time.monotonic() + seconds
        while not holds(self.text):
            assert time.monotonic() < end, self.text
            time.sleep(0.05)
        return self.text


def test_watch_regenerates_and_shows_what_moved(tmp_path: Path) -> None:
    document = tmp_path / "openapi.yaml"
    document.write_text(DOCUMENT)
    command = [sys.executable, "-m", "generator", "generate", "--watch", "--surface", "lua"]
    process = subprocess.Popen(
        [*command, "--openapi", str(document), "--out", str(tmp_path / "out")],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        lines = Lines(process)
        first = lines.wait(lambda text: "watching" in text)
        assert "+ lua/zoo_kit.lua" in first
        document.write_text(DOCUMENT.replace("operationId: listPets", "operationId: allPets"))
        second = lines.wait(lambda text: text.count("watching") == 2)[len(first) :]
        assert second.startswith("document changed\n")
        assert "~ lua/zoo_kit/operations.lua" in second
        assert "function renamed (zoo_list_pets -> zoo_all_pets)" in second
        document.write_text("openapi: [")
        third = lines.wait(lambda text: "is not valid YAML" in text)
        document.write_text(DOCUMENT)
        lines.wait(lambda text: text.count("watching") == 3 and len(text) > len(third))
        process.send_signal(signal.SIGINT)
        assert process.wait(HANGS) == 0
    finally:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()
