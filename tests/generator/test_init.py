"""`init`: what it finds out, what it writes, and that a second run touches nothing that stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from programs import needs

from generator import choices, cli, pipeline, settings
from generator.init import catalog

PETS: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Pet House", "version": "1"},
    "servers": [{"url": "https://pets.example/v1"}],
    "security": [{"key": []}],
    "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}}},
    "paths": {
        "/pets": {
            "get": {"operationId": "listPets", "summary": "List: \"all\" # pets", "tags": ["pets"], "responses": {}},
            "post": {"operationId": "y", "summary": "On two", "tags": ["pets"], "responses": {}},
        },
        "/pets/{id}": {
            "delete": {
                "tags": ["pets"],
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {},
            }
        },
    },
}  # fmt: skip
SWAGGER: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "Old House", "version": "1"},
    "paths": {"/cats": {"get": {"operationId": "listCats", "responses": {"200": {"description": "ok"}}}}},
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, and a person whose git says who they are."""
    (tmp_path / "gitconfig").write_text("[user]\n\tname = Ada Example\n\temail = ada@pets.example\n")
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    (tmp_path / "project").mkdir()
    monkeypatch.chdir(tmp_path / "project")
    return tmp_path / "project"


def put(path: Path, document: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def held(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def uncommented(text: str) -> Any:
    """A catalog with every function in it uncommented; what is said about them stays a comment."""
    return yaml.safe_load(re.sub(r"^  # ", "  ", text, flags=re.MULTILINE))


def test_what_is_found_out_is_written(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    needs("git")
    put(folder / "openapi.json", PETS)
    (folder / "LICENSE").write_text("Mine.\n")
    assert cli.main(["init"]) == 0
    shown = capsys.readouterr()
    assert "took openapi.json" in shown.err and "next: surfacegen generate" in shown.err
    assert "wrote surfacegen.yaml\nwrote catalog.yaml\nwrote catalog.offered\n3 new functions" in shown.out
    written = yaml.safe_load((folder / "surfacegen.yaml").read_text())
    derived = pipeline.load(pipeline.Inputs(folder / "openapi.json"))
    assert written == {
        "document": "openapi.json",
        "catalog": "catalog.yaml",
        "output": "generated",
        "name": derived.name,
        "package": derived.package,
        "command": derived.command,
        "client": derived.client,
        "version": "0.1.0",
        "author": "Ada Example <ada@pets.example>",
        "license": "LICENSE",
    }
    text = (folder / "surfacegen.yaml").read_text()
    assert "https://pets.example/v1" in text and f"from {derived.token_env}" in text
    assert settings.load().project.license_text == "Mine.\n"


def test_what_is_derived_stays_derived_until_it_is_uncommented(folder: Path) -> None:
    put(folder / "openapi.json", PETS)
    assert cli.main(["init"]) == 0
    text = (folder / "catalog.yaml").read_text()
    assert yaml.safe_load(text) == {"catalog": 1, "functions": None}
    alone = pipeline.load(pipeline.Inputs(folder / "openapi.json"))
    api = pipeline.load(choices.inputs_of(cli._parser().parse_args(["ir"])))
    assert api.functions == alone.functions
    found = uncommented(text)["functions"]
    assert {name: entry["operation"] for name, entry in found.items()} == {
        function.name: function.operation_id for function in alone.functions
    }
    for function in alone.functions:
        entry = found[function.name]
        assert (entry["type"], entry["title"], entry["summary"]) == (function.access, function.title, function.summary)
        assert (entry["group"], entry["verb"]) == (function.group, "_".join(function.verb))
        assert entry.get("destructive", False) is function.destructive
    assert {entry["operation"] for entry in found.values()} > {"listPets", "y"}


def test_each_derived_value_is_read_as_text(folder: Path) -> None:
    """YAML 1.1 reads `y`, `1e3` and `null` as something else."""
    for written in ("y", "No", "null", "1e3", "0x1", "~", "a: b", "a #b", "- a", "2020-01-01", "é\u2028", ".", ""):
        from generator.init.scalars import scalar

        assert yaml.safe_load(f"x: {scalar(written)}\n") == {"x": written}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_a_second_run_adds_what_is_new_and_touches_nothing_else(folder: Path, ending: str) -> None:
    put(folder / "openapi.json", PETS)
    assert cli.main(["init"]) == 0
    place = folder / "catalog.yaml"
    own = place.read_text() + "\n# About groups.\ngroups:\n  pets: {title: Animals}\n# the end\n"
    place.write_bytes(own.replace("\n", ending).encode())
    (folder / "surfacegen.yaml").write_text("# mine\ndocument: openapi.json\ncatalog: catalog.yaml\n")
    before = held(folder)
    assert cli.main(["init"]) == 0
    assert cli.main(["init", "openapi.json"]) == 0
    assert held(folder) == before

    paths = {**PETS["paths"], "/cages": {"get": {"operationId": "listCages", "responses": {}}}}
    put(folder / "openapi.json", {**PETS, "paths": paths})
    assert cli.main(["init"]) == 0
    after = held(folder)
    assert {name for name in after if after[name] != before[name]} == {
        "catalog.yaml",
        "catalog.offered",
        "openapi.json",
    }
    old, new = (each["catalog.yaml"].decode().splitlines(keepends=True) for each in (before, after))
    added = [line for line in new if line not in old]
    assert [line for line in added if "list_cages:" in line] and all(line.endswith(ending) for line in added)
    rest = iter(new)
    assert all(line in rest for line in old), "a line was changed, moved or lost"
    found = uncommented("".join(new).replace("\r\n", "\n"))
    assert "pet_house_list_cages" in found["functions"] and found["groups"] == {"pets": {"title": "Animals"}}


def test_a_function_that_was_uncommented_or_renamed_is_known(folder: Path) -> None:
    api = pipeline.load(pipeline.Inputs(put(folder / "openapi.json", PETS)))
    text, added = catalog.extended("", api)
    assert len(added) == 3
    mine = text.replace("  # pet_house_list_pets:", "  pet_house_all:").replace(
        "  #   operation: listPets", "  \toperation: listPets".replace("\t", "  ")
    )
    assert mine != text and catalog.extended(mine, api) == (mine, ())
    without = "catalog: 1\nfunctions:\n  pet_house_list_pets: {type: read}\n"
    assert [each.operation_id for each in catalog.extended(without, api)[1]] != []
    assert "pet_house_list_pets" not in {each.name for each in catalog.extended(without, api)[1]}
    assert "functions:" in catalog.extended("catalog: 1", api)[0]


def test_names_stay_when_the_title_of_the_document_changes(folder: Path) -> None:
    put(folder / "openapi.json", PETS)
    assert cli.main(["init"]) == 0
    with (folder / "catalog.yaml").open("a") as file:
        file.write("groups:\n  # pets:\n")
    with (folder / "surfacegen.yaml").open("a") as file:
        file.write("overlays: [ours.yaml]\n")
    change = {"target": "$.info", "update": {"title": "Another House"}}
    put(folder / "ours.yaml", {"overlay": "1.0.0", "info": {"title": "x", "version": "1"}, "actions": [change]})
    api = pipeline.load(choices.inputs_of(cli._parser().parse_args(["ir"])))
    assert (api.title, api.name) == ("Another House", "pet_house")
    assert all(each.name.startswith("pet_house_") for each in api.functions)


def test_a_block_that_was_deleted_stays_away(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "openapi.json", PETS)
    assert cli.main(["init"]) == 0
    place = folder / "catalog.yaml"
    head, *blocks = re.split(r"^(?=  ## )", place.read_text(), flags=re.MULTILINE)
    left = "".join([head, *(each for each in blocks if "listPets" not in each)])
    assert left != place.read_text()
    place.write_text(left)
    capsys.readouterr()
    assert cli.main(["init"]) == 0
    assert place.read_text() == left and "nothing to do" in capsys.readouterr().out
    paths = {**PETS["paths"], "/cages": {"get": {"operationId": "listCages", "responses": {}}}}
    put(folder / "openapi.json", {**PETS, "paths": paths})
    assert cli.main(["init"]) == 0
    assert "1 new functions" in capsys.readouterr().out
    assert "listCages" in place.read_text() and "listPets" not in place.read_text()
    assert len(pipeline.load(choices.inputs_of(cli._parser().parse_args(["ir"]))).functions) == 4


def test_a_lone_document_is_taken_whatever_its_name(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "package.json", {"name": "openapi", "version": "1"})
    (folder / "compose.yaml").write_text("services:\n  openapi: {image: x}\n")
    (folder / "broken.yaml").write_text("openapi: 3.1.0\n  : [")
    put(folder / "docs/zoo-v2.json", SWAGGER)
    assert cli.main(["init"]) == 0
    assert "took docs/zoo-v2.json" in capsys.readouterr().err
    assert settings.load().document == "docs/zoo-v2.json"


def test_of_several_documents_none_is_guessed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "zoo.json", PETS)
    (folder / "farm.yml").write_text(yaml.safe_dump(SWAGGER))
    assert cli.main(["init"]) == 1
    assert (
        "found several documents: farm.yml, zoo.json" in (shown := capsys.readouterr().err) and "pass the one" in shown
    )
    assert not (folder / "surfacegen.yaml").exists()
    put(folder / "openapi.json", PETS)
    assert cli.main(["init"]) == 0 and settings.load().document == "openapi.json"


def test_functions_on_one_line_are_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "openapi.json", PETS)
    (folder / "catalog.yaml").write_text("functions: {}\n")
    assert cli.main(["init"]) == 1
    assert "functions are written on one line" in capsys.readouterr().err
    assert not (folder / "surfacegen.yaml").exists()


@pytest.mark.parametrize(
    "place", ["openapi.yaml", "swagger.json", "spec/openapi.json", "docs/swagger.yaml", "api/openapi.yml"]
)
def test_the_document_is_looked_for(folder: Path, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / place, SWAGGER if "swagger" in place else PETS)
    assert cli.main(["init"]) == 0
    assert f"took {place}" in capsys.readouterr().err
    assert settings.load().document == place
    assert len(pipeline.load(choices.inputs_of(cli._parser().parse_args(["ir"]))).functions) == (
        1 if "swagger" in place else 3
    )


def test_without_a_document_it_says_what_to_give(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["init"]) == 1
    assert "no document found" in (shown := capsys.readouterr().err) and "pass one" in shown
    assert cli.main(["init", "none.yaml"]) == 1
    assert "none.yaml: cannot be read" in capsys.readouterr().err
    put(folder / "openapi.json", {**PETS, "paths": {}})
    assert cli.main(["init"]) == 1
    assert "has no operation" in capsys.readouterr().err
    assert set(held(folder)) == {"openapi.json"}


def test_the_settings_document_is_not_exchanged(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder / "openapi.json", PETS)
    put(folder / "other.json", SWAGGER)
    assert cli.main(["init"]) == 0
    assert cli.main(["init", "other.json"]) == 1
    assert "names the document openapi.json, not other.json" in capsys.readouterr().err


def test_a_document_from_elsewhere_is_kept_with_what_it_refers_to(folder: Path) -> None:
    there = folder.parent / "elsewhere"
    paths = {"/pets": {"$ref": "paths/pets.json"}}
    put(there / "pets.json", {**PETS, "paths": paths})
    put(there / "paths/pets.json", PETS["paths"]["/pets"])
    assert cli.main(["init", str(there / "pets.json")]) == 0
    assert set(held(folder)) == {"pets.json", "paths/pets.json", "surfacegen.yaml", "catalog.yaml", "catalog.offered"}
    assert len(pipeline.load(choices.inputs_of(cli._parser().parse_args(["ir"]))).functions) == 2


def test_a_file_of_that_name_is_not_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(folder.parent / "pets.json", PETS)
    (folder / "pets.json").write_text("mine")
    assert cli.main(["init", str(folder.parent / "pets.json")]) == 1
    assert "pets.json: exists, and is not" in capsys.readouterr().err
    assert held(folder) == {"pets.json": b"mine"}


@pytest.fixture
def site() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(PETS).encode()
            self.send_response(200 if self.path == "/api/pets.json" else 404)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/api/pets.json"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_url_is_fetched_and_remembered(folder: Path, site: str) -> None:
    assert cli.main(["init", site]) == 0
    assert set(held(folder)) == {"pets.json", "upstream.json", "surfacegen.yaml", "catalog.yaml", "catalog.offered"}
    assert json.loads((folder / "upstream.json").read_text()) == {"url": site, "prose": "theirs"}
    before = held(folder)
    assert cli.main(["init"]) == 0
    assert held(folder) == before
    assert cli.main(["update-spec", "--dry-run"]) == 0


def test_the_workflow_builds_what_is_made_with_actions_by_commit(folder: Path) -> None:
    put(folder / "sdk/openapi.json", PETS)
    (folder / ".git").mkdir()
    os.chdir(folder / "sdk")
    assert cli.main(["init", "--workflow"]) == 0
    written = yaml.safe_load((folder / ".github/workflows/surfacegen.yml").read_text())
    job = written["jobs"]["build"]
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"[a-z]+/[a-z-]+@[0-9a-f]{40}", each) for each in used)
    assert job["env"] == {"OUTPUT": "sdk/generated"} and written["permissions"] == {"contents": "read"}
    for step in job["steps"]:
        subprocess.run(["bash", "-n"], input=step.get("run", ""), text=True, check=True)
    review = yaml.safe_load((folder / ".github/workflows/surfacegen-review.yml").read_text())
    (job,) = review["jobs"].values()
    steps = {step["name"]: step for step in job["steps"] if "name" in step}
    used = [step["uses"] for step in job["steps"] if "uses" in step]
    assert used and all(re.fullmatch(r"[a-z]+/[a-z-]+@[0-9a-f]{40}", each) for each in used)
    assert job["defaults"] == {"run": {"working-directory": "sdk"}}
    assert review["permissions"] == {"contents": "read", "pull-requests": "write"}
    assert (
        steps["diff"]["env"]["DOCUMENT"] == "sdk/openapi.json" and steps["diff"]["env"]["CATALOG"] == "sdk/catalog.yaml"
    )
    assert "steps.diff.outputs.report == 'written'" in steps["comment"]["if"]
    for step in steps.values():
        assert "${{" not in step["run"]  # a title or a branch is no part of a script
        subprocess.run(["bash", "-n"], input=step["run"], text=True, check=True)
    before = held(folder)
    assert cli.main(["init", "--workflow"]) == 0
    assert held(folder) == before


def test_the_review_compares_with_the_state_that_a_pull_request_begins_at(folder: Path) -> None:
    """The step itself, run by bash in a repository of two states; `surfacegen` is the generator that is tested."""
    needs("git")
    put(folder / "openapi.json", PETS)
    git = ("git", "-c", "user.name=t", "-c", "user.email=t@example.invalid")
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "-m", "nothing"], check=True)
    empty = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    assert cli.main(["init", "--workflow"]) == 0
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "--quiet", "-m", "one"], check=True)
    base = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    review = yaml.safe_load((folder / ".github/workflows/surfacegen-review.yml").read_text())
    step = next(each for each in review["jobs"]["review"]["steps"] if each.get("name") == "diff")
    document = json.loads((folder / "openapi.json").read_text())
    document["paths"] = {f"/v2{path}": item for path, item in document["paths"].items()}
    (folder / "openapi.json").write_text(json.dumps(document))
    (folder / "bin").mkdir()
    root = Path(__file__).parents[2]
    (folder / "bin/surfacegen").write_text(
        f'#!/bin/sh\nPYTHONPATH="{root}" exec "{sys.executable}" -m generator "$@"\n'
    )
    (folder / "bin/surfacegen").chmod(0o755)

    def run(commit: str, name: str) -> tuple[int, str]:
        place = folder / name
        place.mkdir()
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]], check=False, capture_output=True,
            env={
                **os.environ, "PATH": f"{folder}/bin{os.pathsep}{os.environ['PATH']}", "BASE": commit,
                "RUNNER_TEMP": str(place), "GITHUB_OUTPUT": str(place / "output"),
                "GITHUB_STEP_SUMMARY": str(place / "summary"), "DOCUMENT": "openapi.json", "CATALOG": "catalog.yaml",
            },
        )  # fmt: skip
        return done.returncode, (place / "output").read_text() if (place / "output").is_file() else ""

    assert run(empty, "first") == (0, "")  # the document is new, and nothing is told
    assert run(base, "second") == (0, "report=written\n")
    report = (folder / "comment.md").read_text()
    assert report.startswith("<!-- surfacegen diff -->\n") and "### Breaking" in report and "path changed" in report
    (folder / "openapi.json").write_text("{")
    code, output = run(base, "third")
    assert (code, output) == (2, "")
