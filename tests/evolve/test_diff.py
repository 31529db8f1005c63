"""The diff command: its inputs, its formats, its exit codes; and the real documents held against one another."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from generator import cli, link
from generator.evolve.diff import Change, Diff, Effect, diff
from generator.evolve.diff.version import following, level
from generator.read import documents

ROOT = Path(__file__).parents[2]
UPSTREAM = ROOT.parent / "shared/upstream/replicate-openapi.json"
DOCUMENT = """
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get: {operationId: listPets, tags: [pets], parameters: [{name: limit, in: query, schema: {type: integer}}], responses: {"204": {description: ok}}}
"""
CATALOG = """
catalog: 1
api: {name: zoo, title: Zoo, package: zookit, client: Zoo, version: 1.4.0}
functions:
  zoo_pets: {operation: listPets, type: read, title: Pets, summary: List pets.}
"""


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "openapi.yaml").write_text(DOCUMENT)
        (folder / "catalog.yaml").write_text(CATALOG)
    return old, new


def edit(path: Path, before: str, after: str) -> None:
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))


def test_nothing_changed(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["diff", *map(str, folders)]) == 0
    assert capsys.readouterr().out == "nothing changed\n"


def test_text_names_each_surface(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    edit(folders[1] / "openapi.yaml", "name: limit", "name: most")
    edit(folders[1] / "openapi.yaml", "type: integer", "type: boolean")
    assert cli.main(["diff", *map(str, folders)]) == 1
    out = capsys.readouterr().out
    assert "python   `client.pets.list(…)` raises TypeError: `limit` is no longer taken" in out
    assert "cli      `zookit pets list` exits 2: `--limit` is no longer taken" in out
    assert "mcp      `zoo_pets` is refused before it is sent: `limit` is no longer taken" in out
    assert "lua      `app.integrations.zoo.pets{…}` is refused before it is sent" in out
    assert "deployed `GET /pets` is taken as sent, but not as it was meant: `limit` is no longer taken" in out
    assert "\n  RD - parameter removed: limit (integer)" in out
    assert out.endswith(
        "2 changes, 1 breaking (1 when generated again, 1 for deployed clients); version: major (1.4.0 -> 2.0.0)\n"
    )


def test_only_the_chosen_surfaces_decide(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    edit(folders[1] / "openapi.yaml", "/pets:", "/animals:")
    assert cli.main(["diff", *map(str, folders)]) == 1
    capsys.readouterr()
    assert cli.main(["diff", *map(str, folders), "--surface", "python", "--surface", "mcp"]) == 0
    assert "path" not in capsys.readouterr().out


def test_markdown_is_a_table_that_text_cannot_leave(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    edit(folders[0] / "openapi.yaml", "type: integer", "type: string, enum: ['a|b', '<i>', x]")
    edit(folders[1] / "openapi.yaml", "type: integer", "type: string, enum: [x]")
    assert cli.main(["diff", *map(str, folders), "--format", "markdown"]) == 1
    out = capsys.readouterr().out
    rows = [line for line in out.splitlines() if line.startswith("| **")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 8
    assert "<i>" not in out.replace("`", "")


def test_json_is_for_machines(folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    edit(folders[1] / "catalog.yaml", "type: read", "type: write")
    assert cli.main(["diff", *map(str, folders), "--format", "json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["version"] == {"from": "1.4.0", "to": "2.0.0"}
    [change] = found["changes"]
    assert {name: each["outcome"] for name, each in change["surfaces"].items()} == {
        "python": "ok", "cli": "ok", "mcp": "policy", "lua": "policy", "docs": "ok",
    }  # fmt: skip
    assert (found["breaks"], change["breaks"], change["deployed"]["outcome"]) == (
        ["regenerated"],
        ["regenerated"],
        "ok",
    )


@pytest.mark.parametrize(
    ("edits", "both", "regenerated", "deployed"),
    [
        ((), 0, 0, 0),
        ((("/pets:", "/animals:"),), 1, 0, 1),  # regenerated clients call the new path
        ((("operationId: listPets", "operationId: allPets"),), 1, 1, 0),
        ((("name: limit", "name: most"),), 1, 1, 1),
        ((("schema: {type: integer}", "schema: {type: number}"),), 0, 0, 0),
    ],
    ids=["nothing", "path moved", "function renamed", "argument renamed", "type widened"],
)
def test_either_audience_decides(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str], edits: tuple[tuple[str, str], ...],
    both: int, regenerated: int, deployed: int,
) -> None:  # fmt: skip
    for folder in folders:
        (folder / "catalog.yaml").unlink()
    for before, after in edits:
        edit(folders[1] / "openapi.yaml", before, after)
    words = ["diff", *map(str, folders)]
    for more, expected in (((), both), (("--for", "regenerated"), regenerated), (("--for", "deployed"), deployed)):
        for form in ("text", "markdown", "json"):
            assert cli.main([*words, *more, "--format", form]) == expected, (more, form)
            out = capsys.readouterr().out
            # Who is not looked at is not told of either.
            assert not (more and "deployed" not in more) or "Deployed clients" not in out
            assert "raises" not in out or "regenerated" in more or not more


def test_surfaces_are_of_those_who_generate_again(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["diff", *map(str, folders), "--surface", "python", "--for", "deployed"]) == 2
    assert "--surface: selects a surface of regenerated clients" in capsys.readouterr().err


def test_a_document_borrows_the_other_sides_catalog(
    folders: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    alone = tmp_path / "alone.yaml"
    shutil.copy(folders[1] / "openapi.yaml", alone)
    edit(alone, "operationId: listPets", "operationId: allPets")
    assert cli.main(["diff", str(folders[0]), str(alone)]) == 1
    out = capsys.readouterr().out
    assert "function renamed" in out and "removed" not in out
    assert "mcp" not in out  # the catalog's name stays, and with it the tool
    assert cli.main(["diff", str(folders[0] / "catalog.yaml"), str(folders[1])]) == 0


@pytest.mark.parametrize("text", ["", "{", "swagger: '2.0'", "openapi: 3.1.0\npaths: {x: {}}", "[1]"])
def test_what_cannot_be_read_is_a_mistake_of_usage(
    folders: tuple[Path, Path], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (folders[1] / "openapi.yaml").write_text(text)
    assert cli.main(["diff", *map(str, folders)]) == 2
    assert "openapi.yaml" in capsys.readouterr().err
    assert cli.main(["diff", str(folders[0]), "nowhere"]) == 2


@pytest.mark.skipif(not UPSTREAM.exists(), reason="Replicate's own document is not here")
@pytest.mark.parametrize("turned", [False, True], ids=["to upstream", "and back"])
def test_our_document_and_upstreams_differ_in_prose_alone(turned: bool, capsys: pytest.CaptureFixture[str]) -> None:
    sides = [str(ROOT / "spec"), str(UPSTREAM)]
    assert cli.main(["diff", *(sides[::-1] if turned else sides)]) == 0
    assert capsys.readouterr().out.startswith("no difference but prose")


def test_renames_are_not_removals(tmp_path: Path) -> None:
    """Ten names of one API change at once; each is found again, and nothing is removed or added."""
    text = (ROOT / "spec/openapi.yaml").read_text()
    for before, after in (
        ("operationId: predictions.get\n", "operationId: predictions.fetch\n"),
        ("/collections/{collection_slug}", "/collections/{slug}"),
        ("name: collection_slug", "name: slug"),
        ("name: created_after", "name: created_since"),
        ("/hardware:", "/hardwares:"),
        ("deployments.list\n", "deployments.list_all\n"),
        ("schemas_deployment_response", "schemas_deployment_result"),
    ):
        assert before in text, before
        text = text.replace(before, after)
    (tmp_path / "openapi.yaml").write_text(text)
    found = diff(
        link.load(documents.read(ROOT / "spec/openapi.yaml")), link.load(documents.read(tmp_path / "openapi.yaml"))
    )
    assert not [change for change in found.changes if change.action in ("removed", "added")]
    kinds = {change.kind for change in found.changes}
    assert {"function renamed", "parameter renamed", "type renamed", "path changed"} <= kinds


@pytest.mark.parametrize(
    ("version", "change", "expected"),
    [
        ("1.2.3", "major", "2.0.0"), ("1.2.3", "minor", "1.3.0"), ("1.2.3", "patch", "1.2.4"), ("1.2.3", "none", "1.2.3"),
        ("0.2.3", "major", "0.3.0"), ("0.2.3", "minor", "0.2.4"), ("0.2.3", "patch", "0.2.4"), ("1.0.0rc1", "major", "2.0.0"),
    ],
)  # fmt: skip
def test_the_version_that_follows(version: str, change: str, expected: str) -> None:
    assert following(version, change) == expected  # type: ignore[arg-type]


def test_docs_alone_make_no_major_version() -> None:
    effects = (Effect(surface="python", outcome="ok"), Effect(surface="docs", outcome="refused", text="x"))
    assert level(Diff((Change(kind="path changed", action="changed", subject="a", effects=effects),))) == "patch"


def test_what_is_left_out_is_what_the_settings_and_the_last_release_say(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`diff OLD` is held against the document, catalog and names of the settings; `diff` against the last release."""
    folder = folders[1]
    (folder / "surfacegen.yaml").write_text("document: openapi.yaml\ncatalog: catalog.yaml\ncommand: menagerie\n")
    monkeypatch.chdir(folder)
    assert cli.main(["diff"]) == 2
    assert "there is no release to compare with" in capsys.readouterr().err
    assert cli.main(["release"]) == 0
    capsys.readouterr()
    assert cli.main(["diff"]) == 0 and capsys.readouterr().out == "nothing changed\n"
    edit(folder / "openapi.yaml", "name: limit", "name: most")
    for words in (["diff"], ["diff", str(folders[0])], ["diff", str(folders[0] / "openapi.yaml")]):
        assert cli.main(words) == 1, words
        out = capsys.readouterr().out
        assert "`menagerie pets list` exits 2: `--limit` is no longer taken" in out


def test_overlays_of_the_settings_amend_what_was_as_well(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = folders[1]
    (folder / "overlay.yaml").write_text(
        "overlay: 1.0.0\ninfo: {title: Zoo, version: '1'}\nactions:\n"
        "  - {target: '$.paths[*].get.parameters[0]', update: {required: true}}\n"
    )
    (folder / "surfacegen.yaml").write_text("document: openapi.yaml\ncatalog: catalog.yaml\noverlays: [overlay.yaml]\n")
    monkeypatch.chdir(folder)
    assert cli.main(["diff", str(folders[0])]) == 0
    assert capsys.readouterr().out == "nothing changed\n"


def test_without_settings_both_are_named(
    folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(folders[0])
    assert cli.main(["diff", "openapi.yaml"]) == 2
    said = capsys.readouterr().err
    assert "no settings file names a document" in said and "pass both OLD and NEW" in said
