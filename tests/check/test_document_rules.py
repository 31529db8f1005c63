"""The rules of the field's linters, on documents that break each in every way, and the overlay that mends what it can.

What each rule asks for is that of Spectral's ruleset `oas` and of Redocly's `recommended`, by the names of the catalogue;
every line of `advised/` was held against them by hand. Both linters were run over ten real documents beside ours when the rules were written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from generator import cli, pipeline, review
from generator.check import document
from generator.check.catalogue import RULES
from generator.ir import Place
from generator.read import openapi
from generator.read.amending import amended
from generator.read.source import load

CLEAN = """\
openapi: 3.0.3
info:
  title: Zoo
  version: "1"
  description: Animals.
  contact: {url: "https://zoo.test"}
  license: {name: MIT, url: "https://mit.test"}
servers:
  - {url: "https://{stage}.zoo.test", variables: {stage: {default: a, enum: [a, b]}}}
security: [{key: []}]
tags: [{name: pets, description: Animals.}]
paths:
  /pets/{id}:
    get:
      operationId: getPet
      summary: Get a pet
      description: One of them.
      tags: [pets]
      parameters:
        - {name: id, in: path, required: true, description: Its number., schema: {type: string}, example: "7"}
      responses:
        "200": {description: OK, content: {application/json: {schema: {$ref: "#/components/schemas/Pet"}}}}
        "404": {description: None}
components:
  securitySchemes: {key: {type: http, scheme: bearer}}
  schemas:
    Pet:
      type: object
      description: One.
      required: [id]
      properties:
        id: {type: string, description: Its number.}
        kind: {type: string, nullable: true, enum: [cat, dog, null], description: What it is.}
"""


def rules(folder: Path, text: str) -> list[tuple[str, int]]:
    """The rules of a document that are broken, with the lines."""
    (folder / "api.yaml").write_text(text, "utf-8")
    found = review.lint(pipeline.Inputs(folder / "api.yaml"))
    assert all(each.finding.hint for each in found)
    return [(each.rule, each.finding.order[1]) for each in found]


def test_nothing_to_mend(tmp_path: Path) -> None:
    """All but what a catalog would add."""
    assert rules(tmp_path, CLEAN) == []


ADVISED = Path(__file__).parent / "advised"


@pytest.mark.parametrize("name", sorted(path.stem for path in ADVISED.glob("*.txt")))
def test_all_that_is_said_of_a_document(name: str) -> None:
    """Each rule broken in each of its ways, and what is beside it and breaks none: place, rule, words, remedy and mending."""
    found = document.advise(openapi.read(ADVISED / f"{name}.yaml"))
    shown = []
    for each in found:
        where, fix = each.finding.where, each.fix
        assert isinstance(where, Place)
        file = "" if Path(where.file).stem == name else f" {Path(where.file).name}"
        mended = f" | {fix.target} {'remove' if fix.remove else fix.update}" if fix else ""
        what = each.finding.what.replace(f"{Path(where.file).parent.as_posix()}/", "")
        shown.append(
            f"{where.line}:{where.column}{file} {each.rule} {each.severity}: {what} | {each.finding.hint}{mended}"
        )
    assert shown == (ADVISED / f"{name}.txt").read_text("utf-8").splitlines()


def test_every_rule_is_listed_once_and_may_be_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert cli.main(["lint", "--rules"]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in listed] == [rule.id for rule in RULES]
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(CLEAN.replace('zoo.test", variables', 'zoo.test/", variables'))
    command = ["lint", "--openapi", "api.yaml", "--strict", "--ignore"]
    assert cli.main([*command, "info-contact"]) == 1
    capsys.readouterr()
    assert cli.main([*command, "oas3-server-trailing-slash"]) == 0
    capsys.readouterr()
    assert cli.main([*command, "oas3-server-trailing-slsh"]) == 1
    assert "nearest: oas3-server-trailing-slash" in capsys.readouterr().err


def test_what_is_only_told_to_publishers_fails_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(CLEAN.replace('  contact: {url: "https://zoo.test"}\n', ""))
    assert cli.main(["lint", "--openapi", "api.yaml", "--strict"]) == 0
    assert capsys.readouterr().out.endswith("0 errors, 0 warnings, 1 infos\n")


BROKEN = (
    CLEAN.replace('zoo.test", variables', 'zoo.test/", variables')
    .replace("      operationId: getPet\n", "")
    .replace("tags: [{name: pets, description: Animals.}]\n", "")
    .replace("in: path, required: true", "in: path")
    .replace("[cat, dog, null]", "[cat, dog, cat, dog, null, cat]")
    .replace("/pets/{id}:", "/pets/{id}/it's/{owner}:")
    .replace("  schemas:\n", "  schemas:\n    A: {items: {$ref: '#/components/schemas/B'}}\n    B: {type: string}\n")
)
MENDED = {
    "oas3-server-trailing-slash",
    "operation-operationId",
    "operation-tag-defined",
    "path-params",
    "duplicated-entry-in-enum",
    "oas3-unused-component",
}


def test_what_can_be_mended_is_appended_to_an_overlay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(BROKEN)
    before = dict(rules(Path(), BROKEN))
    assert before.keys() >= MENDED and {rule.id for rule in RULES if rule.fixed} == MENDED
    command = ["lint", "--openapi", "api.yaml", "--json", "--fix"]
    cli.main(command)
    document = json.loads(capsys.readouterr().out)
    assert {each["rule"] for each in document["mended"]} == MENDED
    assert not MENDED & {each["rule"] for each in document["findings"]}
    written = Path("lint.overlay.yaml").read_bytes()
    assert Path("api.yaml").read_text() == BROKEN
    value: Any = amended(load(Path("api.yaml")), [Path("lint.overlay.yaml")]).source.value
    [operation] = [item["get"] for item in value["paths"].values()]
    assert value["servers"][0]["url"] == "https://{stage}.zoo.test"
    assert operation["operationId"] == "getPetsByIdItSByOwner"
    assert value["tags"] == [{"name": "pets"}]
    assert operation["parameters"][0]["required"] is True
    assert operation["parameters"][1] == {"name": "owner", "in": "path", "required": True, "schema": {"type": "string"}}
    assert value["components"]["schemas"].keys() == {"Pet"}
    assert value["components"]["schemas"]["Pet"]["properties"]["kind"]["enum"] == ["cat", "dog", None]
    assert all(each["x-surfacegen-lint"] in MENDED for each in load(Path("lint.overlay.yaml")).value["actions"])
    cli.main(command)
    assert json.loads(capsys.readouterr().out)["mended"] == []
    assert Path("lint.overlay.yaml").read_bytes() == written


def test_it_says_how_the_overlay_is_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where there are settings, by a key of theirs: from then on, nothing is to be said again."""
    (tmp_path / "api").mkdir()
    (tmp_path / "api/api.yaml").write_text(BROKEN)
    monkeypatch.chdir(tmp_path)
    cli.main(["lint", "--openapi", "api/api.yaml", "--fix", "loose.yaml"])
    assert "pass --overlay loose.yaml to every command" in capsys.readouterr().err
    Path("surfacegen.yaml").write_text("document: api/api.yaml\n")
    cli.main(["lint", "--fix"])
    said = capsys.readouterr().err
    assert "add api/lint.overlay.yaml to `overlays` in " in said and "--overlay" not in said
    Path("surfacegen.yaml").write_text("document: api/api.yaml\noverlays: [api/lint.overlay.yaml]\n")
    cli.main(["lint", "--fix"])
    assert "nothing to fix" in capsys.readouterr().err


HAND_WRITTEN = {
    "o.yaml": (
        "# ours\noverlay: 1.0.0\ninfo: {title: Ours, version: '7'}  # by hand\nactions:\n"
        "# the name\n- target: $.info\n  update:\n    title: The zoo   # shown\n"
    ),
    "o.yml": "info: {title: Ours, version: '7'}\noverlay: 1.1.0\nactions:\n    -   target: $.info\n        update: {title: The zoo}",
    "o.json": '{"overlay": "1.1.0", "actions": [{"target": "$.info", "update": {"title": "The zoo"}}], "info": {"title": "O", "version": "7"}}',
}  # fmt: skip


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_what_a_person_wrote_stays(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(BROKEN)
    Path(name).write_text(HAND_WRITTEN[name])
    first = load(Path(name)).value
    cli.main(["lint", "--openapi", "api.yaml", "--fix", name])
    capsys.readouterr()
    now = load(Path(name)).value
    assert {**now, "actions": now["actions"][:1]} == first and len(now["actions"]) > 8
    if not name.endswith(".json"):
        assert Path(name).read_text().startswith(HAND_WRITTEN[name])


@pytest.mark.parametrize(
    "text",
    [
        "overlay: 1.1.0\nactions: [{target: $.info, update: {title: A}}]\ninfo: {title: O, version: '7'}\n",
        "overlay: 1.1.0\nactions:\n  - {target: $.info, update: {title: A}}\ninfo: {title: O, version: '7'}\n",
        "overlay: 1.1.0\ninfo: {title: O, version: '7'}\nactions:\n  - target: $.info\n    update: {title: A}\n...\n",
        "not an overlay\n",
    ],
)
def test_what_cannot_be_appended_to_is_left_alone(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("api.yaml").write_text(BROKEN)
    Path("o.yaml").write_text(text)
    assert cli.main(["lint", "--openapi", "api.yaml", "--fix", "o.yaml"]) == 1
    assert "fix: " in capsys.readouterr().err
    assert Path("o.yaml").read_text() == text
    assert sorted(each.name for each in tmp_path.iterdir()) == ["api.yaml", "o.yaml"]
