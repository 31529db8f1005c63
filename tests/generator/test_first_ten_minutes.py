"""The first ten minutes of somebody who has a document of their own: what they are told to do is done, word for word.

`make newcomer` goes the whole way with documents of others: each surface called, and a second version.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import newcomer
import pytest
import yaml

pytestmark = pytest.mark.long

DOCUMENT = """\
swagger: "2.0"
info: {title: Harbour Office API, version: "2024-05", description: Berths and the ships in them.}
host: api.harbour.example
basePath: /v2
schemes: [https]
produces: [application/json]
securityDefinitions: {key: {type: apiKey, in: header, name: X-Harbour-Key}}
security: [{key: []}]
paths:
  /berths:
    get:
      operationId: listBerths
      tags: [berths]
      summary: List the berths
      parameters: [{name: free, in: query, type: boolean}]
      responses:
        "200": {description: ok, schema: {type: array, items: {$ref: "#/definitions/Berth"}}}
  /berths/{number}/ship:
    put:
      operationId: assignShip
      tags: [berths]
      summary: Assign a ship to a berth
      parameters:
        - {name: number, in: path, required: true, type: integer}
        - {name: ship, in: body, required: true, schema: {type: object, properties: {name: {type: string}}}}
      responses: {"204": {description: done}}
definitions:
  Berth: {type: object, properties: {number: {type: integer}, ship: {type: string}}}
"""
MORE = """\
  /tides:
    get:
      operationId: listTides
      tags: [tides]
      responses: {"200": {description: ok, schema: {type: array, items: {type: number}}}}
definitions:
"""


@dataclass
class Project:
    """A person's folder after `init` and `generate`, the package installed."""

    person: newcomer.Person
    folder: Path
    begun: str
    next: list[str]

    @property
    def out(self) -> Path:
        return self.folder / "generated"

    @property
    def names(self) -> SimpleNamespace:
        """What the settings that `init` wrote call the package, its command and the client."""
        return SimpleNamespace(**yaml.safe_load((self.folder / "surfacegen.yaml").read_text("utf-8")))

    @property
    def readme(self) -> str:
        return (self.out / "README.md").read_text("utf-8")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Project:
    home = tmp_path_factory.mktemp("newcomer")
    person = newcomer.Person(home)
    folder = home / "harbour"
    (folder / "api").mkdir(parents=True)
    (folder / "api/swagger.yaml").write_text(DOCUMENT, "utf-8")
    begun = person.run("surfacegen init", folder)
    made = person.run("surfacegen generate", folder)
    found = newcomer.steps(made.stderr)
    person.run(found[0], folder)
    return Project(person, folder, begun.stdout + begun.stderr, found)


@pytest.fixture(scope="module")
def served(project: Project) -> Iterator[dict[str, str]]:
    with project.person.mock(project.next[1], project.folder, lines=2) as environment:
        yield environment


def test_init_says_what_it_took_and_wrote(project: Project) -> None:
    assert "took api/swagger.yaml" in project.begun and "next: surfacegen generate" in project.begun
    assert yaml.safe_load((project.folder / "surfacegen.yaml").read_text())["document"] == "api/swagger.yaml"


def test_the_next_steps_are_commands_that_work_in_their_order(project: Project, served: dict[str, str]) -> None:
    install, mock, call, more = project.next
    assert install.startswith("pip install './generated/python[") and mock.startswith(f"{project.names.command} mock ")
    assert sorted(re.sub("^HARBOUR[A-Z_]*?_(?=BASE|API)", "", name) for name in served) == ["API_TOKEN", "BASE_URL"]
    done = project.person.run(f"{call} --json", project.folder, **served)
    assert json.loads(done.stdout)["data"][0].keys() == {"number", "ship"}
    assert more.split()[1] == "generated/README.md"


def test_each_first_call_of_the_readme_is_answered(project: Project, served: dict[str, str]) -> None:
    found = newcomer.blocks(project.readme, "First call")
    assert [language for language, _ in found] == ["sh", "python", "sh", "sh"]
    for language, code in found[:3]:
        command = f"python -c {shlex.quote(code)}" if language == "python" else f"set -e\n{code}"
        assert project.person.run(command, project.out, **served).stdout.strip()
    told = {"jsonrpc": "2.0", "id": 1, "method": "initialize"}
    params = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "x", "version": "1"}}
    message = shlex.quote(json.dumps({**told, "params": params}))
    answer = project.person.run(f"echo {message} | {found[3][1]}", project.out, **served)
    assert json.loads(answer.stdout.splitlines()[0])["result"]["serverInfo"]["version"] == "0.1.0"


def test_what_is_installed_is_what_the_readme_says(project: Project) -> None:
    folders = re.findall(r"^\| `([^`]+)` \|", project.readme, re.MULTILINE)
    assert sorted(folders) == sorted(
        [*(f"{p.name}/" if p.is_dir() else p.name for p in project.out.iterdir() if p.name != "README.md")]
    )
    lines = newcomer.blocks(project.readme, "Install")[0][1].splitlines()
    assert lines[:2] == ["python3 -m venv .venv", ". .venv/bin/activate"]
    extras = tomllib.loads((project.out / "python/pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(re.findall(r"\w+", lines[2].partition("[")[2])) <= set(extras)


def test_nothing_of_ours_is_claimed(project: Project) -> None:
    found = tomllib.loads((project.out / "python/pyproject.toml").read_text())["project"]
    author = yaml.safe_load((project.folder / "surfacegen.yaml").read_text()).get("author")
    assert "license" not in found and [each["name"] for each in found.get("authors", [])] == (
        [author] if author else []
    )
    assert not list(project.out.rglob("LICENSE*"))
    text = b"".join(p.read_bytes() for p in project.out.rglob("*") if p.is_file() and p.suffix != ".pyc")
    assert b"surfacegen authors" not in text and b"run `surfacegen generate`" in text


def test_another_run_has_nothing_to_do(project: Project) -> None:
    again = project.person.run("surfacegen init && surfacegen generate", project.folder)
    assert again.stdout.count("nothing to do") == 2 and "next:\n" not in again.stderr


def test_settings_are_the_users_own_all_the_way(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("generated"))
    written = (folder / "surfacegen.yaml").read_text()
    written = re.sub(r"^(# )?author:.*$", "author: Ada Example <ada@harbour.example>", written, flags=re.MULTILINE)
    written = re.sub(r"^(# )?license:.*$", "license: mit", written, flags=re.MULTILINE)
    (folder / "surfacegen.yaml").write_text(written.replace('version: "0.1.0"', "version: 1.2.3rc1"))
    project.person.run("surfacegen generate", folder)
    out = folder / "generated"
    for place in ("python", "lua"):
        assert (out / place / "LICENSE").read_text().startswith("MIT License\n\nCopyright (c) Ada Example\n")
    (rock,) = (out / "lua").glob("*.rockspec")
    assert rock.name == f"{project.names.package}-1.2.3rc1-1.rockspec" and 'license = "MIT"' in rock.read_text()
    assert json.loads((out / "mcp/server.json").read_text())["version"] == "1.2.3rc1"
    command = f"{shlex.quote(newcomer.sys.executable)} -m hatchling build -t wheel -d {tmp_path}/dist"
    project.person.run(command, out / "python")
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with ZipFile(wheel) as held:
        name = next(name for name in held.namelist() if name.endswith(".dist-info/METADATA"))
        data = HeaderParser().parsestr(held.read(name).decode())
        assert any(each.endswith("licenses/LICENSE") for each in held.namelist())
    assert (data["Version"], data["License-Expression"]) == ("1.2.3rc1", "MIT")
    assert data["Author-email"] == "Ada Example <ada@harbour.example>"


def test_one_thing_is_changed_in_the_catalog(project: Project, tmp_path: Path) -> None:
    """Two lines are uncommented, the function's name and the one to be changed: the rest goes on being derived."""
    folder = tmp_path / "override"
    shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("generated"))
    before = json.loads(project.person.run("surfacegen ir", folder).stdout)["api"]["functions"]
    name = next(each["name"] for each in before if each["operation_id"] == "assignShip")
    lines = (folder / "catalog.yaml").read_text().splitlines()
    start = lines.index(f"  # {name}:")
    verb = next(i for i in range(start, len(lines)) if lines[i].startswith("  #   verb:"))
    lines[start], lines[verb] = f"  {name}:", "    verb: moor"
    (folder / "catalog.yaml").write_text("\n".join(lines) + "\n")
    after = json.loads(project.person.run("surfacegen ir", folder).stdout)["api"]["functions"]
    assert [each["verb"] for each in after if each["name"] == name] == [["moor"]]
    assert [each for each in after if each["name"] != name] == [each for each in before if each["name"] != name]
    assert "functions are new" not in project.person.run("surfacegen init", folder).stdout


def test_the_next_version_of_the_document(project: Project, tmp_path: Path) -> None:
    """Released, changed, and made again: the version and the changelog follow, and the catalog keeps what was written."""
    folder = tmp_path / "next"
    shutil.copytree(project.folder, folder, ignore=shutil.ignore_patterns("generated"))
    released = project.person.run("surfacegen release", folder)
    assert released.stdout.startswith("0.1.0 is released") and "surfacegen generate" in released.stdout
    catalog = folder / "catalog.yaml"
    before = catalog.read_text()
    (folder / "later.yaml").write_text(DOCUMENT.replace("definitions:\n", MORE, 1))
    shown = project.person.run("surfacegen update-spec later.yaml", folder)
    added = re.search(r"function added \((\w*tides\w*)\)", shown.stdout)
    assert added, shown.stdout
    project.person.run("surfacegen init && surfacegen generate --surface python --surface lua", folder)
    after = catalog.read_text()
    assert after.startswith(before.rstrip("\n")) and f"{added[1]}:" in after[len(before) - 1 :]
    log = (folder / "generated/python/CHANGELOG.md").read_text()
    versions = re.findall(r"^## (.*)$", log, re.MULTILINE)
    assert versions[-1] == "0.1.0" and len(versions) == 2
    assert (folder / f"generated/lua/{project.names.package}-{versions[0]}-1.rockspec").is_file()
    readme = (folder / "generated/README.md").read_text()
    assert f"version `{versions[0]}`" in readme and "`docs/`" not in readme
