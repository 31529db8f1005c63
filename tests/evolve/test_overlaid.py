"""Overlays where a document is followed: what a person amends stays amended when a new document comes, and is not written into it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import cli
from generator.errors import SpecError
from generator.evolve.update import update
from generator.inputs import Inputs

OLD = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets:
    get:
      operationId: listPets
      responses: {"200": {description: OK}}
"""
NEW = OLD.replace(
    "      responses", "      parameters: [{name: limit, in: query, schema: {type: integer}}]\n      responses"
)
OVERLAY = """\
overlay: 1.1.0
info: {title: Ours, version: "1"}
actions:
  - target: $.paths['/pets'].get
    update:
      parameters:
        - {name: colour, in: query, schema: {type: string}}
"""


INPUTS = Inputs(Path("spec/openapi.yaml"), overlays=(Path("o.yaml"),), history=Path("spec/history"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec/openapi.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    (tmp_path / "o.yaml").write_text(OVERLAY)
    (tmp_path / "surfacegen.yaml").write_text("document: spec/openapi.yaml\n")
    return tmp_path


def test_an_update_keeps_the_overlay_out_of_the_document(folder: Path) -> None:
    done = update(INPUTS, "new.yaml", say=lambda _: None)
    assert [[p.wire_name for p in api.functions[0].params] for api in (done.old, done.new)] == [
        ["colour"],
        ["limit", "colour"],
    ]
    written = Path("spec/openapi.yaml").read_text()
    assert "limit" in written and "colour" not in written
    assert done.invalid == ()


def test_an_overlay_that_no_longer_fits_ends_the_update(folder: Path) -> None:
    Path("new.yaml").write_text(
        NEW.replace("parameters: [{name", "parameters: {a: [{name").replace("integer}}]", "integer}}]}")
    )
    with pytest.raises(SpecError):
        update(INPUTS, "new.yaml", say=lambda _: None)
    assert Path("spec/openapi.yaml").read_text() == OLD


def test_an_update_is_held_against_its_schema(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("new.yaml").write_text(NEW.replace("schema: {type: integer}", "schema: {type: integer, default: many}"))
    assert cli.main(["update-spec", "new.yaml", "--overlay", "o.yaml"]) == 0
    told = capsys.readouterr().err
    assert "warning: spec/openapi.yaml:" in told and "'many' is not of type 'integer'" in told


def test_a_diff_amends_both_sides(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["diff", "spec/openapi.yaml", "new.yaml", "--format", "json", "--overlay", "o.yaml"])
    both = capsys.readouterr().out
    assert "limit" in both and "colour" not in both
    cli.main(["diff", "spec/openapi.yaml", "spec/openapi.yaml", "--format", "json", "--overlay", "o.yaml"])
    assert not json.loads(capsys.readouterr().out)["changes"]


def test_lint_tells_of_an_action_without_effect(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("o.yaml").write_text(OVERLAY.replace("'/pets'", "'/pet'"))
    assert cli.main(["lint", "--openapi", "new.yaml", "--overlay", "o.yaml"]) == 0
    assert "o.yaml:4:5: warning [overlay-target] the target" in capsys.readouterr().out


def test_the_docs_offer_the_document_as_it_is_amended(folder: Path) -> None:
    assert (
        cli.main(["generate", "--openapi", "new.yaml", "--overlay", "o.yaml", "--surface", "docs", "--out", "out"]) == 0
    )
    assert "colour" in Path("out/docs/pages/new.yaml").read_text()
    assert "colour" not in Path("new.yaml").read_text()
