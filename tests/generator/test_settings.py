"""Settings: where they are found, what each key may be, what goes before what, and what they may not reach."""

from __future__ import annotations

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from generator import choices, cli, pipeline, settings
from generator.errors import SpecError
from generator.read.project import Project
from generator.settings import Settings

DOCUMENT = """\
openapi: 3.1.0
info: {title: Zoo, version: "1"}
paths:
  /pets: {get: {operationId: listPets, responses: {"204": {description: ok}}}}
"""
SCHEMA: dict[str, Any] = json.loads(settings.SCHEMA_FILE.read_text("utf-8"))["properties"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with a document and a folder below it, in which the commands are run."""
    made = tmp_path / "project"
    (made / "below").mkdir(parents=True)
    (made / ".git").mkdir()
    (made / "api.yaml").write_text(DOCUMENT)
    (made / "catalog.yaml").write_text("{}")
    monkeypatch.chdir(made)
    return made


def read(*arguments: str) -> pipeline.Inputs:
    return choices.inputs_of(cli._parser().parse_args(["ir", *arguments]))


def message(text: str, folder: Path, name: str = settings.YAML) -> str:
    (folder / name).write_text(text)
    with pytest.raises(SpecError) as caught:
        settings.load().project  # noqa: B018 - the licence is looked for when it is asked for
    return str(caught.value)


# ── found ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("surfacegen.yaml", "document: api.yaml\noutput: out\nversion: 1.2.0\nsurfaces: [lua, docs]\n"),
        (
            "surfacegen.yaml",
            '{"document": "api.yaml", "output": "out", "version": "1.2.0", "surfaces": ["lua", "docs"]}',
        ),
        (
            "pyproject.toml",
            (
                '[project]\nname = "x"\n\n[tool.surfacegen]\ndocument = "api.yaml"\noutput = "out"\nversion = "1.2.0"\n'
                'surfaces = [\n  "lua",\n  "docs",\n]\n[tool.other]\ndocument = 1\n'
            ),
        ),
    ],
)
@pytest.mark.parametrize("below", [False, True])
def test_both_kinds_of_file_say_the_same_from_anywhere_below(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str, below: bool
) -> None:
    (folder / name).write_text(text)
    monkeypatch.chdir(folder / ("below" if below else "."))
    found = settings.load()
    up = Path("..") if below else Path()
    assert found == Settings(
        file=folder / name, document=str(up / "api.yaml"), output=up / "out", version="1.2.0", surfaces=("lua", "docs")
    )


def test_the_nearest_is_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "surfacegen.yaml").write_text("package: far\n")
    (folder / "below/pyproject.toml").write_text('[tool.surfacegen]\npackage = "near"\n')
    monkeypatch.chdir(folder / "below")
    assert settings.load().package == "near"
    (folder / "below/pyproject.toml").write_text('[project]\nname = "x"\n')
    assert settings.load().package == "far"
    (folder / "below/pyproject.toml").write_text("[project\n")  # broken, and nothing of ours
    assert settings.load().package == "far"
    assert settings.load(Path("pyproject.toml").parent / "../surfacegen.yaml").package == "far"


def test_both_beside_each_other_are_refused_by_name(folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.surfacegen]\n")
    found = message("package: a\n", folder)
    assert "pyproject.toml: [tool.surfacegen] and surfacegen.yaml both" in found and "--settings" in found
    assert settings.load(folder / "surfacegen.yaml").package == "a"
    assert settings.load(folder / "pyproject.toml").package == ""


def test_another_users_settings_above_are_not_followed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "surfacegen.yaml").write_text("package: a\n")
    monkeypatch.chdir(folder / "below")
    owner = folder.stat().st_uid
    monkeypatch.setattr(settings, "_owner", lambda path: owner + 1)
    with pytest.raises(SpecError, match="belongs to another user"):
        settings.load()
    monkeypatch.chdir(folder)
    assert settings.load().package == "a"


def test_without_settings_and_document_the_way_is_shown(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate"]) == 1
    shown = capsys.readouterr().err
    assert "surfacegen.yaml" in shown and "init" in shown and "--openapi" in shown
    (folder / "surfacegen.yaml").write_text("package: a\n")
    assert cli.main(["generate"]) == 1
    assert "surfacegen.yaml: does not name a document" in capsys.readouterr().err


# ── what may be written ─────────────────────────────────────────────────────────────────────────────────


def test_schema_and_settings_have_the_same_keys() -> None:
    kinds = {"str": "string", "tuple[str, ...]": "array", "tuple[Path, ...]": "array", "bool | None": "boolean"}
    found = {each.name: kinds.get(str(each.type), "string") for each in fields(Settings) if each.init}
    del found["file"], found["places"], found["programs"], found["options"]  # programs stand among the surfaces
    assert found == {key: schema["type"] for key, schema in SCHEMA.items()}
    assert all(schema["description"] for schema in SCHEMA.values())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("docment: a\n", "surfacegen.yaml:1:1: 'docment' is not a valid key here\n  fix: did you mean 'document'?"),
        ("package: a\nversion: 1.2\n", "surfacegen.yaml:2:1: 1.2 is not a string\n  fix: write it in quotes: \"1.2\""),
        ("version: '1.2'\n", "surfacegen.yaml:1:1: '1.2' does not match"),
        ("version: 1.2.3-1\n", "does not match"),
        ("surfaces: lua\n", 'surfacegen.yaml:1:1: "lua" is not an array'),
        ("surfaces: []\n", "surfacegen.yaml:1:1: is an empty list"),
        ("[]\n", "surfacegen.yaml:1:1: [] is not an object"),
        ("package: My Package\n", "does not match ^[a-z][a-z0-9_]*$"),
        ("author: \"A\\nB\"\n", "does not match"),
        ("author: A <b>\n", "does not match"),
        ("regenerate: \"x --> y\"\n", "does not match"),
        ("homepage: javascript:alert(1)\n", "surfacegen.yaml:1:1: the URL is neither http nor https"),
        ("servers: [https://a.example, 'https://u:p@b.example']\n", "contains a user name or a password"),
        ("license: Not a licence\n", "nor an SPDX expression"),
        ("license: apache-2\n", "'apache-2' is not an SPDX licence; did you mean 'Apache-2.0'?"),
        ("license: MIT OR\n", "nor an SPDX expression: it is incomplete"),
        ("license: LICENCE.txt\n", "is neither a file of the project"),
        ("document: ''\n", "surfacegen.yaml:1:1: is empty"),
        ("validate: yes please\n", "is not a boolean"),
        ("package: [\n", "surfacegen.yaml:"),
    ],
)  # fmt: skip
def test_a_mistake_is_cited_and_mended(folder: Path, text: str, found: str) -> None:
    assert found in message(text, folder)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('[tool.surfacegen]\npackage = "a"\ndocment = "b"\n', "pyproject.toml:3:1: 'docment' is not a valid key here"),
        ("# x\n[tool.surfacegen]\n  version = 1\n", "pyproject.toml:3:3: 1 is not a string"),
        ('[tool]\nsurfacegen = "a"\n', 'pyproject.toml:1:1: "a" is not an object'),
        ("[tool.surfacegen]\nversion = 2026-01-01\n", "pyproject.toml:2:1: "),
        ("[tool.surfacegen]\nversion = \n", "pyproject.toml: is not TOML: Invalid value (at line 2, column 11)"),
    ],
)  # fmt: skip
def test_a_mistake_in_toml_is_cited_too(folder: Path, text: str, found: str) -> None:
    assert found in message(text, folder, "pyproject.toml")


@pytest.mark.parametrize(
    "key", ["document", "catalog", "extensions", "history", "root", "output", "overlays", "templates"]
)
@pytest.mark.parametrize("path", ["../elsewhere", "/etc/passwd", "link/x", ".git/hooks"])
def test_no_path_leaves_the_project(folder: Path, key: str, path: str) -> None:
    (folder / "link").symlink_to(folder.parent)
    written = f"[{path}]" if SCHEMA[key]["type"] == "array" else path
    assert f"surfacegen.yaml:1:{1 if written == path else 12 if key == 'overlays' else 13}" in message(
        f"{key}: {written}\n", folder
    )


def test_a_project_may_stand_below_its_repository(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "below/surfacegen.yaml").write_text("document: ../api.yaml\nlicense: ../LICENSE\n")
    (folder / "LICENSE").write_text("All rights reserved.\n")
    monkeypatch.chdir(folder / "below")
    assert settings.load().document == "../api.yaml"
    assert settings.load().project.license_text == "All rights reserved.\n"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("MIT", "MIT"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("GPL-2.0-or-later WITH Classpath-exception-2.0", "GPL-2.0-or-later WITH Classpath-exception-2.0"),
        ("(MIT AND 0BSD) OR LicenseRef-Own.1", "(MIT AND 0BSD) OR LicenseRef-Own.1"),
        ("GPL-2.0+", "GPL-2.0+"),
    ],
)
def test_an_expression_of_licences(folder: Path, written: str, expected: str) -> None:
    """SPDX 2.3, annex D, and PEP 639: identifiers in any case, spelled as the list has them."""
    (folder / "surfacegen.yaml").write_text(f"license: {written}\n")
    assert settings.load().project.license == expected


# ── what goes before what ───────────────────────────────────────────────────────────────────────────────


def test_a_flag_goes_before_its_key(folder: Path) -> None:
    (folder / "surfacegen.yaml").write_text(
        "document: api.yaml\ncatalog: catalog.yaml\nauth: bearer\noutput: out\nroot: .\npackage: zoo\nsurfaces: [lua]\n"
    )
    found = read()
    assert (found.openapi, found.catalog, found.auth, found.root) == (
        Path("api.yaml"), Path("catalog.yaml"), "bearer", Path()
    )  # fmt: skip
    assert (found.history, found.project) == (Path("history"), Project(package="zoo"))
    assert read("--auth", "basic").auth == "basic"
    assert read("--catalog", "other.yaml").catalog == Path("other.yaml")
    options = cli._parser().parse_args(["generate", "--out", "x", "--surface", "docs"])
    assert choices.output_of(options, settings.load()) == Path("x")
    assert choices.surfaces_of(options, settings.load(), found) == ("docs",)
    options = cli._parser().parse_args(["generate"])
    assert choices.output_of(options, settings.load()) == Path("out")
    assert choices.surfaces_of(options, settings.load(), found) == ("lua",)


def test_another_document_takes_nothing_that_belongs_to_the_settings_own(folder: Path) -> None:
    (folder / "surfacegen.yaml").write_text(
        "document: api.yaml\ncatalog: catalog.yaml\nextensions: below\nhistory: below\nroot: below\nauth: bearer\n"
        "servers: ['https://zoo.example']\npackage: zoo\nregenerate: make zoo\n"
    )
    (folder / "other.yaml").write_text(DOCUMENT)
    found = read("--openapi", "other.yaml")
    assert (found.catalog, found.extensions, found.history, found.auth) == (None, None, None, "")
    assert found.project == Project(package="zoo")
    assert read("--openapi", "other.yaml", "--catalog", "catalog.yaml").catalog == Path("catalog.yaml")


def test_a_surface_that_is_not_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "surfacegen.yaml").write_text("document: api.yaml\nsurfaces: [luas]\n")
    assert cli.main(["generate"]) == 1
    assert (
        "surfacegen.yaml:2:1: there is no surface 'luas': it is not installed\n  fix: did you mean lua?"
        in capsys.readouterr().err
    )


def test_what_the_settings_say_is_what_is_made(folder: Path) -> None:
    (folder / "surfacegen.yaml").write_text(
        "document: api.yaml\npackage: menagerie\ncommand: beasts\nclient: Beasts\nversion: 2.3.4\n"
        "homepage: https://zoo.example/sdk\nservers: ['https://one.example/', 'https://two.example/v1']\n"
    )
    api = pipeline.load(read())
    assert (api.package, api.command, api.client, api.version) == ("menagerie", "beasts", "Beasts", "2.3.4")
    assert api.homepage == "https://zoo.example/sdk"
    assert [server.url for server in api.servers] == ["https://one.example", "https://two.example/v1"]


def test_a_name_that_is_taken_cites_the_settings(folder: Path) -> None:
    (folder / "surfacegen.yaml").write_text("document: api.yaml\npackage: httpx\n")
    with pytest.raises(SpecError, match=r"surfacegen.yaml:2:1: the package 'httpx' is already taken"):
        pipeline.load(read())


def test_the_digest_says_what_the_settings_say(folder: Path) -> None:
    (folder / "surfacegen.yaml").write_text("document: api.yaml\nversion: 1.0.0\n")
    first = pipeline.digest(read())
    (folder / "surfacegen.yaml").write_text("# moved\nversion: 1.0.0\ndocument: api.yaml\n")
    assert pipeline.digest(read()) == first
    (folder / "surfacegen.yaml").write_text("document: api.yaml\nversion: 1.0.1\n")
    now = pipeline.digest(read())
    assert {part for part in now if now[part] != first.get(part)} == {"settings"}
