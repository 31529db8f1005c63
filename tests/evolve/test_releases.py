"""Changelog, version and deprecations: from what changed in the spec to what users of the package are told."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import re
import warnings
from pathlib import Path
from typing import Any

import old_calls
import pytest
from making_many import made_in_memory

from generator import cli, pipeline
from generator.errors import SpecError
from generator.evolve.update import release, update

ROOT = Path(__file__).parents[2]
DOCUMENT = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
servers: [{url: "https://zoo.example"}]
paths:
  /pets:
    get:
      operationId: pets.list
      parameters:
        - {name: limit, in: query, schema: {type: integer}}
        - {name: most, in: query, schema: {type: integer}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object}, example: {}}}}}
"""
CATALOG = """\
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
functions:
  zoo_list_pets: {operation: pets.list, type: read, title: Pets, summary: List pets.}
"""


@pytest.fixture
def spec(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "spec"
    folder.mkdir()
    (folder / "openapi.yaml").write_text(DOCUMENT)
    (folder / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "surfacegen.yaml").write_text("document: spec/openapi.yaml\ncatalog: spec/catalog.yaml\n")
    monkeypatch.chdir(tmp_path)
    return folder


def inputs(spec: Path) -> pipeline.Inputs:
    return pipeline.Inputs(spec / "openapi.yaml", spec / "catalog.yaml", history=spec / "history")


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def changelog(spec: Path) -> str:
    files = {file.path: file.content.decode() for file in pipeline.make(inputs(spec), ("python",)).files}
    return files["python/CHANGELOG.md"]


def test_without_a_history_there_is_a_first_version(spec: Path) -> None:
    assert pipeline.load(inputs(spec)).version == "1.4.0"
    assert "## 1.4.0\n\n### Added\n\n- First version: 1 functions.\n" in changelog(spec)


def test_what_changes_after_a_release_makes_the_next_version(spec: Path) -> None:
    assert release(inputs(spec)) == "1.4.0"
    assert pipeline.load(inputs(spec)).version == "1.4.0"
    edit(spec / "openapi.yaml", "name: most", "name: kind")
    assert pipeline.load(inputs(spec)).version == "2.0.0"
    text = changelog(spec)
    assert text.index("## 2.0.0") < text.index("### Breaking") < text.index("## 1.4.0")
    assert "- **pets.list**: parameter removed: most" in text
    assert "  - Python: `client.pets.list(…)` raises TypeError: `most` is no longer taken\n" in text
    assert "  - CLI: `zookit pets list` exits 2: `--most` is no longer taken\n" in text


def test_prose_alone_is_no_entry_and_no_version(spec: Path) -> None:
    release(inputs(spec))
    before = changelog(spec)
    edit(spec / "catalog.yaml", "summary: List pets.", "summary: List all pets.")
    assert pipeline.load(inputs(spec)).version == "1.4.0"
    assert changelog(spec) == before


def test_a_release_closes_the_entry_and_stays_closed(spec: Path) -> None:
    release(inputs(spec))
    edit(spec / "openapi.yaml", "{name: most, in: query", "{name: most, in: query, deprecated: true")
    assert release(inputs(spec)) == "1.5.0"
    before = changelog(spec)
    assert release(inputs(spec)) == "1.5.0"
    assert changelog(spec) == before
    edit(spec / "openapi.yaml", "        - {name: limit, in: query, schema: {type: integer}}\n", "")
    text = changelog(spec)
    assert [line for line in text.splitlines() if line.startswith("## ")] == ["## 2.0.0", "## 1.5.0", "## 1.4.0"]
    assert "### Deprecated\n\n- **pets.list**: parameter deprecated: most\n" in text


def test_the_catalog_may_go_ahead_but_not_stay_behind(spec: Path) -> None:
    release(inputs(spec))
    edit(spec / "openapi.yaml", "name: most", "name: kind")
    edit(spec / "catalog.yaml", "version: 1.4.0", "version: 3.0.0")
    assert pipeline.load(inputs(spec)).version == "3.0.0"
    edit(spec / "catalog.yaml", "version: 3.0.0", "version: 1.4.1")
    assert pipeline.load(inputs(spec)).version == "2.0.0"


def test_a_release_of_any_project(tmp_path: Path) -> None:
    """A document of another name with a part above it, an overlay and no catalog: what was released is no change."""
    (tmp_path / "apis").mkdir()
    (tmp_path / "parts.yaml").write_text("Pet: {type: object, properties: {name: {type: string}}}\n")
    document = tmp_path / "apis/zoo.yaml"
    document.write_text(DOCUMENT.replace("{type: object}", "{$ref: '../parts.yaml#/Pet'}"))
    overlay = tmp_path / "more.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: More, version: '1'}\nactions:\n"
        "  - target: $.paths['/pets'].get\n    update: {operationId: pets.every}\n"
    )
    found = pipeline.Inputs(document, root=tmp_path, overlays=(overlay,), history=tmp_path / "history")
    assert release(found) == "0.1.0"
    names = {path.relative_to(tmp_path / "history").as_posix() for path in (tmp_path / "history").rglob("*.*")}
    assert names == {"apis/zoo.yaml", "parts.yaml", "overlays/1-more.yaml", "releases.json"}
    assert [each.version for each in pipeline.load(found).releases] == ["0.1.0"]
    edit(document, "{name: most", "{name: kind")
    versions = [each.version for each in pipeline.load(found).releases]
    assert len(versions) == 2 and versions[1] == "0.1.0"
    listed = tmp_path / "history/releases.json"
    listed.write_text(listed.read_text().replace("overlays/1-more.yaml", "../../outside.yaml"))
    with pytest.raises(SpecError, match="is no list of releases"):
        pipeline.load(found)


def test_an_update_is_an_entry(spec: Path) -> None:
    theirs = spec.parent / "theirs.yaml"
    theirs.write_text(DOCUMENT.replace("operationId: pets.list", "operationId: pets.all"))
    update(inputs(spec), str(theirs))
    theirs.write_text(DOCUMENT.replace("operationId: pets.list", "operationId: pets.every"))
    update(inputs(spec), str(theirs))
    versions = [line for line in changelog(spec).splitlines() if line.startswith("## ")]
    assert versions == ["## 3.0.0", "## 2.0.0", "## 1.4.0"]
    assert update(inputs(spec), str(theirs)).written == ()


def test_two_runs_in_two_folders_give_the_same_changelog(spec: Path) -> None:
    release(inputs(spec))
    edit(spec / "openapi.yaml", "name: most", "name: kind")
    for name in ("one", "two"):
        assert cli.main(["generate", "--surface", "python", "--out", name]) == 0
    assert Path("one/python/CHANGELOG.md").read_bytes() == Path("two/python/CHANGELOG.md").read_bytes()
    assert cli.main(["check", "--surface", "python", "--out", "one"]) == 0
    assert 'VERSION = "2.0.0"' in Path("one/python/zookit/about.py").read_text()


def test_release_is_a_command(spec: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["release"]) == 0
    assert capsys.readouterr().out.startswith("1.4.0 is released")
    (spec / "history/releases.json").write_text("[]")
    assert cli.main(["release"]) == 1
    assert "is no list of releases" in capsys.readouterr().err


def test_names_of_the_spec_cannot_leave_the_changelog(spec: Path) -> None:
    release(inputs(spec))
    edit(spec / "openapi.yaml", "name: most", "name: '<script>`x`](y)\\n# top'")
    text = changelog(spec)
    assert "<script>" not in text.replace("&#60;script&#62;", "")
    assert "\n# top" not in text


# ── deprecations ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def deprecated(spec: Path) -> Path:
    edit(spec / "catalog.yaml", "summary: List pets.}", """summary: List pets.,
    deprecated: {since: 1.5.0, removed: '2027-01-31', use: zoo_list_animals},
    parameters: {most: {deprecated: {removed: 2.0.0, use: '`limit`'}}}}""")  # fmt: skip
    return spec


FUNCTION = "Deprecated since 1.5.0, removed on 2027-01-31: use zoo_list_animals."
ARGUMENT = "Deprecated, removed in 2.0.0: use `limit`."


def test_deprecations_warn_and_are_marked(deprecated: Path, tmp_path: Path) -> None:
    package = old_calls.Package(pipeline.load(inputs(deprecated)), inputs(deprecated), tmp_path / "out")
    with package.imported("") as running:
        Client = running.module("client").Zoo
        Async = running.module("client").AsyncZoo

        async def call() -> None:
            async with Async() as client:
                await client.pets.list(most=1)

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            with Client() as client:
                client.pets.list(limit=1)
                client.pets.list(most=1)
            asyncio.run(call())
        told = [(str(each.message), Path(each.filename).name) for each in caught]
        assert told == [
            (f"zoo_list_pets: {FUNCTION}", "test_releases.py"),
            *[
                (f"zoo_list_pets: {FUNCTION}", "test_releases.py"),
                (f"zoo_list_pets: most: {ARGUMENT}", "test_releases.py"),
            ]
            * 2,
        ]
        assert all(each.category is DeprecationWarning for each in caught)
        assert FUNCTION in Client.pets.func(client).list.__doc__
        shown = io.StringIO()
        with contextlib.redirect_stdout(shown), contextlib.suppress(SystemExit):
            running.module("cli").main(["pets", "list", "--help"])
        help_text = " ".join(shown.getvalue().split())
        assert "DEPRECATED: Deprecated since 1.5.0, removed on 2027-01-31: use zoo_list_animals" in help_text
        assert ARGUMENT in help_text
    files = {str(file.path): file.content.decode() for file in made_in_memory(inputs(deprecated)).files}
    tool = json.loads(files["mcp/tools.json"])["tools"][0]
    assert tool["description"] == f"Pets. {FUNCTION}"  # a tool that reads is told without the verb
    assert tool["inputSchema"]["properties"]["most"] == {
        "type": "integer", "deprecated": True, "description": ARGUMENT.removesuffix("."),
    }  # fmt: skip
    page = files["docs/pages/functions/list_pets.md"]
    assert "Deprecated since 1.5.0, removed on 2027-01-31: use zoo\\_list\\_animals." in page
    assert "**deprecated**, removed in 2.0.0" in page


def test_what_stays_warns_of_nothing(spec: Path, tmp_path: Path) -> None:
    package = old_calls.Package(pipeline.load(inputs(spec)), inputs(spec), tmp_path / "out")
    with package.imported("") as running, warnings.catch_warnings():
        warnings.simplefilter("error")
        with running.module("client").Zoo() as client:
            client.pets.list(most=1)


def test_deprecating_is_a_change_that_breaks_nothing(spec: Path) -> None:
    release(inputs(spec))
    edit(spec / "catalog.yaml", "summary: List pets.}", "summary: List pets., deprecated: {use: another}}")
    assert pipeline.load(inputs(spec)).version == "1.5.0"


# ── what a change touches ─────────────────────────────────────────────────────────────────────────────────


def test_one_line_of_the_spec_touches_only_what_must_change(tmp_path: Path) -> None:
    def made() -> dict[str, Any]:
        return {file.path: file.content for file in pipeline.make(inputs(tmp_path)).files}

    for name in ("openapi.yaml", "catalog.yaml"):
        (tmp_path / name).write_bytes((ROOT / "spec" / name).read_bytes())
    before = made()
    edit(tmp_path / "catalog.yaml", "summary: List hardware SKUs.", "summary: List machines.")
    after = made()
    assert before.keys() == after.keys()
    touched = {path for path in before if before[path] != after[path]}
    # Whatever quotes the sentence (tools without the verb), or names the very spec that it was made from; of 280 files
    # these are about 14.
    digest = pipeline.load(inputs(tmp_path)).digest.encode()
    quotes = re.compile(rb'List machines|"Machines"|' + digest)
    assert touched == {path for path in after if quotes.search(after[path])}
    assert all(b"List hardware SKUs" not in content for content in after.values())
    assert {"python/replikit/resources/hardware.py", "mcp/tools.json", "catalog.json"} <= touched
    assert len(touched) < len(before) / 10
