"""`models add` and `models update`: schemas come through the client that is made, from a server that speaks HTTP."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from generator.cli import main
from generator.loading import load
from tests.support.derivations import OWNER, ROOT, pinned, project, snapshot, version

GENERATED = ROOT / "generated"
sys.path.insert(0, str(GENERATED / "python"))

from replikit.mock.server import Mock, serve


def record(name: str, *, official: bool, described: str = "Draws. It is nobody's.") -> dict[str, Any]:
    """What the API answers of a model."""
    document = {key: value for key, value in snapshot(name).items() if key != "x-snapshot"}
    newest = {"id": version(name), "openapi_schema": document}
    shown = {"owner": OWNER, "name": name, "description": described, "is_official": official}
    return {**shown, "latest_version": newest}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mock]:
    seeds = {
        f"/models/{OWNER}/image": record("image", official=True),
        f"/models/{OWNER}/upscaling": record("upscaling", official=False),
        f"/models/{OWNER}/trainer": record("trainer", official=False),
    }
    with serve(seeds=[seeds]) as mock:
        for name, value in mock.environment().items():
            monkeypatch.setenv(name, value)
        yield mock


def run(folder: Path, *arguments: str) -> int:
    given = ["--catalog", str(folder / "catalog.yaml"), "--openapi", str(folder / "openapi.yaml")]
    return main(["models", *arguments, *given, "--out", str(GENERATED)])


def test_a_model_is_added_as_the_api_describes_it(
    server: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = project(tmp_path, ("text",))
    assert inputs.catalog is not None
    before = inputs.catalog.read_text("utf-8")
    assert run(tmp_path, "add", f"{OWNER}/image", "--dry-run") == 0
    assert inputs.catalog.read_text("utf-8") == before
    assert not (tmp_path / "models" / OWNER / "image.json").exists()
    assert run(tmp_path, "add", f"{OWNER}/image") == 0
    told = capsys.readouterr().out
    assert "calls replicate_create_model_prediction" in told and "takes 10 arguments" in told
    written = json.loads((tmp_path / "models" / OWNER / "image.json").read_text("utf-8"))
    note = {"source": f"{OWNER}/image", "version": version("image")}
    assert written.pop("x-snapshot") == {**note, "description": "Draws. It is nobody's.", "named": True}
    assert written == {key: value for key, value in snapshot("image").items() if key != "x-snapshot"}
    # Whatever else the catalog says stays as it was written.
    after = inputs.catalog.read_text("utf-8")
    assert after.startswith(before.rstrip("\n").rpartition("\n")[0])
    assert {each.name for each in load(inputs).derived} == {"replicate_text", "replicate_image"}
    assert run(tmp_path, "add", f"{OWNER}/image", "--as", "replicate_image") == 1
    assert "there is a function 'replicate_image' already" in capsys.readouterr().err


def test_a_model_that_is_not_official_runs_by_its_version(server: Mock, tmp_path: Path) -> None:
    inputs = project(tmp_path, ("text",))
    assert run(tmp_path, "add", f"{OWNER}/upscaling", "--as", "replicate_enlarge") == 0
    found = next(each for each in load(inputs).derived if each.name == "replicate_enlarge")
    assert found.derived is not None and found.derived.base == "replicate_create_prediction"
    assert found.derived.fixed == {"version": pinned("upscaling")}


def test_a_training_is_added_with_where_it_goes(
    server: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = project(tmp_path, ("text",))
    assert inputs.catalog is not None
    before = inputs.catalog.read_text("utf-8")
    train = ("add", f"{OWNER}/trainer", "--derivation", "training", "--as", "replicate_train_it")
    assert run(tmp_path, *train) == 1
    assert "replicate_create_training needs 'destination'" in capsys.readouterr().err
    assert run(tmp_path, *train, "--fix", "destinatoin=octo-labs/mine") == 1
    assert "did you mean 'destination'?" in capsys.readouterr().err
    assert inputs.catalog.read_text("utf-8") == before
    assert run(tmp_path, *train, "--fix", f"destination={OWNER}/mine") == 0
    assert run(tmp_path, "add", f"{OWNER}/trainer") == 0  # the model itself, of the same schema
    made = {each.name: each for each in load(inputs).derived}
    found, model = made["replicate_train_it"], made["replicate_trainer"]
    assert found.derived is not None and model.derived is not None
    where = {"model_owner": OWNER, "model_name": "trainer", "version_id": version("trainer")}
    assert (found.derived.base, found.derived.fixed) == (
        "replicate_create_training",
        {**where, "destination": f"{OWNER}/mine"},
    )
    document = snapshot("trainer")["components"]["schemas"]  # type: ignore[index]
    assert {each.wire_name for each in found.params} == document["TrainingInput"]["properties"].keys()
    assert {each.wire_name for each in model.params} == document["Input"]["properties"].keys()
    assert not found.derived.follow


REFUSED = {
    "nobody has it": (f"{OWNER}/nothing", "replicate_get_model failed"),
    "no form": ("nothing", "write it as {owner}/{name}[:VERSION]"),
    "another folder": (f"../{OWNER}", "write it as {owner}/{name}[:VERSION]"),
    "a hidden file": (f"{OWNER}/.git", "replicate_get_model failed"),
}


@pytest.mark.parametrize("why", REFUSED)
def test_what_cannot_be_added_leaves_everything_as_it_is(
    server: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str], why: str
) -> None:
    inputs = project(tmp_path, ("text",))
    assert inputs.catalog is not None
    before = inputs.catalog.read_text("utf-8")
    reference, told = REFUSED[why]
    assert run(tmp_path, "add", reference) == 1
    assert told in (said := capsys.readouterr().err) and "Traceback" not in said
    assert inputs.catalog.read_text("utf-8") == before
    assert sorted(path.name for path in (tmp_path / "models").rglob("*.json")) == ["text.json"]


def test_an_update_tells_what_it_breaks_and_where(
    server: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = project(tmp_path, ("text",))
    assert run(tmp_path, "add", f"{OWNER}/image") == 0
    place = tmp_path / "models" / OWNER / "image.json"
    kept = json.loads(place.read_text("utf-8"))
    kept["components"]["schemas"]["output_format"]["enum"].append("gif")  # as it was before the server's
    place.write_text(json.dumps(kept), "utf-8")
    capsys.readouterr()
    assert run(tmp_path, "update", "replicate_image", "--dry-run") == 0
    assert json.loads(place.read_text("utf-8")) == kept
    assert run(tmp_path, "update", "replicate_image") == 0
    told = capsys.readouterr().out
    assert told.count("parameter narrowed: output_format") == 2
    assert "`client.models.octo_labs.image(…)`" in told and "`replikit image` exits 2" in told
    assert "gif" not in place.read_text("utf-8")
    assert run(tmp_path, "update", "replicate_image") == 0
    assert "no schema has changed" in capsys.readouterr().err
    assert load(inputs)


def test_an_update_names_functions_that_are_derived(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project(tmp_path, ("text",))
    assert run(tmp_path, "update", "replicate_txt") == 1
    assert "did you mean 'replicate_text'?" in capsys.readouterr().err


def test_a_catalog_without_derivations_says_what_to_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    inputs = project(tmp_path, ("text",))
    assert inputs.catalog is not None
    inputs.catalog.write_text("catalog: 1\nfunctions: {}\n", "utf-8")
    assert run(tmp_path, "add", f"{OWNER}/image") == 1
    assert "write under `derivations`" in capsys.readouterr().err
