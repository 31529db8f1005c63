"""A run into what a former one made: whatever changed between them, what stands there is what a cold run makes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generator import beside, caching, pipeline
from generator import inputs as parts
from generator.losses import Loss
from generator.surfaces.base import Page
from generator.surfaces.docs import site
from generator.write.rendering import Renderer

ROOT = Path(__file__).parents[2]
TYPES = "#/components/schemas"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Zoo", "version": "1"},
    "servers": [{"url": "https://zoo.example"}],
    "paths": {
        f"/{name}": {
            "get": {
                "operationId": f"list_{name}",
                "tags": [name],
                "summary": f"List {name}.",
                "responses": {
                    "200": {"description": "ok", "content": {"application/json": {"schema": {"$ref": f"{TYPES}/{of}"}}}}
                },
            }
        }
        for name, of in (("pets", "Pet"), ("cages", "Cage"))
    },
    "components": {
        "schemas": {
            "Pet": {"type": "object", "description": "A pet.", "properties": {"name": {"type": "string"}}},
            "Cage": {"type": "object", "properties": {"pet": {"$ref": f"{TYPES}/Pet"}}},
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    },
    "security": [{"key": []}],
}
CATALOG = """
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
"""
SURFACES = ("mcp", "lua", "docs")
ALL = frozenset(SURFACES)
CHANGELOG = "python/python/CHANGELOG.md.jinja"
"""A template of one surface that another one includes."""
FIELDS = "docs/docs/pages/_fields.md.jinja"
"""A template that others of its surface include."""


class Project:
    """A document, templates and a generator of its own, and what a run made of them."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        self.document = json.loads(json.dumps(DOCUMENT))
        self.indent: int | None = None
        self.catalog, self.generator = folder / "catalog.yaml", folder / "generator"
        for name in (*SURFACES, "project", CHANGELOG):
            place = folder / "templates" / name
            place.parent.mkdir(parents=True, exist_ok=True)
            (shutil.copytree if "." not in name else shutil.copy)(ROOT / "templates" / name, place)
        self.generator.mkdir()
        self.inputs = pipeline.Inputs(folder / "api.json", templates=folder / "templates")

    def generate(self) -> pipeline.Report:
        (self.folder / "api.json").write_text(json.dumps(self.document, indent=self.indent))
        return pipeline.generate(self.inputs, self.out, SURFACES)

    def append(self, path: str, text: str) -> None:
        place = self.folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text((place.read_text() if place.exists() else "") + text)

    def get(self, name: str) -> Any:
        return self.document["paths"][f"/{name}"]["get"]


def changed(project: Project) -> None:
    """A name that moves others, a description that many pages have, another scheme."""
    project.get("cages").update(operationId="list-pets")
    project.document["components"]["schemas"]["Pet"].update(description="Any pet.")
    project.document["components"]["securitySchemes"]["key"] = {"type": "http", "scheme": "bearer"}


def described(project: Project) -> None:
    """What one operation is for."""
    project.get("cages").update(description="Of all animals.")


def widened(project: Project) -> None:
    """A type that one of two operations refers to."""
    project.document["components"]["schemas"]["Cage"]["properties"]["width"] = {"type": "integer"}


def added(project: Project) -> None:
    """An operation and its tag."""
    project.document["paths"]["/visits"] = {
        "get": {"operationId": "list_visits", "tags": ["visits"], "responses": {"204": {"description": "ok"}}}
    }


def moved(project: Project) -> None:
    """All that stands in the document stands further down."""
    project.indent = 1


def removed(project: Project) -> None:
    """An operation and its tag; and there is a catalog."""
    project.catalog.write_text(CATALOG)
    project.inputs = replace(project.inputs, catalog=project.catalog)
    del project.document["paths"]["/cages"]
    project.document["paths"]["/keepers"] = {"get": {"tags": ["people"], "responses": {"204": {"description": "ok"}}}}


def miscounted(project: Project) -> None:
    """What is kept of the pages are not the digests of any, and a file was edited by hand."""
    for kept in (project.folder / "cache").rglob("pages/*.json"):
        written = json.loads(kept.read_bytes())
        kept.write_text(json.dumps({**written, "pages": {path: [1] for path in written["pages"]}}))
    project.append("out/docs/SKILL.md", "by hand\n")


def layered(project: Project) -> None:
    """The folder of the user has a template for lua, which looks into that of another surface."""
    project.append("mine/lua/lua/own.txt.jinja", '{% include "mine.txt" ignore missing %}\n')
    project.append("mine/docs/docs/pages/own.md", "# Own\n")
    project.inputs = replace(project.inputs, layers=(project.folder / "mine",))


def unreadable(project: Project) -> None:
    """What is kept of the API is no API, and a file was edited by hand."""
    for kept in (project.folder / "cache").rglob("apis/*.json"):
        kept.write_bytes(kept.read_bytes()[:-9])
    project.append("out/docs/SKILL.md", "by hand\n")


NOTHING: frozenset[str] = frozenset()
CHANGES: tuple[tuple[Callable[[Project], object], frozenset[str], bool, frozenset[str] | None], ...] = (
    (described, ALL, True, frozenset(("list_cages",))),
    (widened, ALL, True, frozenset(("list_cages", "cage"))),
    (moved, ALL, True, NOTHING),
    (added, ALL, True, frozenset(("list_visits",))),
    (changed, ALL, True, None),
    (removed, ALL, True, None),
    (
        lambda project: project.append("templates/lua/lua/[package]/json.lua", "\n-- more\n"),
        frozenset({"lua"}),
        False,
        NOTHING,
    ),
    (lambda project: project.append(f"templates/{CHANGELOG}", "\nmore\n"), frozenset({"docs"}), False, NOTHING),
    (lambda project: project.append(f"templates/{FIELDS}", "\nmore\n"), frozenset({"docs"}), False, None),
    (lambda project: project.append("templates/project/README.md.jinja", "\nmore\n"), NOTHING, False, NOTHING),
    (miscounted, frozenset({"docs"}), False, None),
    (layered, frozenset({"lua", "docs"}), False, None),
    (lambda project: project.append("mine/mine.txt", "one\n"), frozenset({"lua"}), False, NOTHING),
    (unreadable, frozenset({"docs"}), True, None),
    (lambda project: (project.out / "ledger.json").unlink(), ALL, True, None),
    (lambda project: project.append("generator/code.py", "pass\n"), ALL, True, None),
)
"""A change, the surfaces that are made again, whether the document is read, and the pages of the docs that are rendered."""


def test_what_changed_is_made_again_as_a_cold_run_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = Project(tmp_path)
    monkeypatch.setattr(parts, "_HERE", project.generator)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(caching, "SMALLEST", 0)
    monkeypatch.setattr(site, "LARGE", 0)
    monkeypatch.setattr(beside, "is_possible", lambda: False)  # what a second process renders is not seen here
    project.generate()
    made: list[str] = []
    rendered: set[str] = set()
    surface, load, render = pipeline.surface, pipeline.load, Renderer.render

    def noting(self: Renderer, name: str, page: Page, template: str = "") -> str:
        if "/pages/functions/" in page.template or "/pages/types/" in page.template:
            rendered.update(page.fill.values())
        return render(self, name, page, template)

    monkeypatch.setattr(pipeline, "surface", lambda name: (made.append(name), surface(name))[1])
    monkeypatch.setattr(pipeline, "load", lambda inputs: (made.append("read"), load(inputs))[1])
    monkeypatch.setattr(Renderer, "render", noting)
    for number, (change, stale, reads, pages) in enumerate(CHANGES):
        change(project)
        made.clear()
        rendered.clear()
        report = project.generate()
        assert set(made) == stale | ({"read"} if reads else set()) and not report.nothing_to_do, number
        assert pages is None or rendered == pages, (number, rendered)
        made_cold = pipeline.make(project.inputs, SURFACES)
        cold = {file.path: file.content for file in (*made_cold.files, made_cold.readme)}
        there = {str(path.relative_to(project.out)) for path in project.out.rglob("*") if path.is_file()}
        assert there == {*cold, "ledger.json", "manifest.json"}, number
        assert {path: (project.out / path).read_bytes() for path in cold} == cold, number
        losses = [Loss(**each) for each in json.loads((project.out / "ledger.json").read_text())["losses"]]
        assert tuple(losses) == made_cold.losses, number
        assert project.generate().nothing_to_do, number


BESIDE = """
import os, sys
from pathlib import Path
from generator import beside, caching, pipeline

caching.SMALLEST = 0
forked, fork = [], os.fork
os.fork = lambda: (forked.append(1), fork())[1]
made = []
for number, possible in enumerate((True, False, True)):
    beside.is_possible = lambda: possible
    if number == 2:  # what the second process does fails, and is done again by the first one
        first, dump = os.getpid(), beside.pickle.dump
        beside.pickle.dump = lambda *given: dump(*given) if os.getpid() == first else 1 / 0
    out = Path(sys.argv[2], str(number))
    pipeline.generate(pipeline.Inputs(Path(sys.argv[1]), templates=Path(sys.argv[3])), out, ("mcp", "lua", "docs"))
    made.append({path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()})
    assert not [*out.glob(".surfacegen-*")]
assert made[0] == made[1] == made[2] and len(forked) == 2
print(len(made[0]))
"""


def test_a_second_process_makes_what_one_makes(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.generate()
    command = [sys.executable, "-c", BESIDE, str(project.inputs.openapi), str(tmp_path), str(project.inputs.templates)]
    environment = {**os.environ, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and int(done.stdout) > 50, done.stderr
