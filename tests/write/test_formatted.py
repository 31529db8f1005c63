"""What was formatted before is not formatted again; what was touched since is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator import pipeline
from generator.write.formatter import Formatter

DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Zoo", "version": "1"},
    "paths": {
        f"/{noun}": {
            "get": {"operationId": f"list_{noun}", "tags": [noun], "responses": {"200": {"description": "ok"}}}
        }
        for noun in ("pets", "keepers", "cages")
    },
}


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were given to the formatter."""
    found: list[str] = []
    submit = Formatter.submit

    def noted(self: Formatter, path: str, source: str, origin: str) -> None:
        found.append(path)
        submit(self, path, source, origin)

    monkeypatch.setattr(Formatter, "submit", noted)
    return found


def run(folder: Path, change: str = "") -> dict[str, bytes]:
    document = json.loads(json.dumps(DOCUMENT))
    document["paths"]["/pets"]["get"]["summary"] = change or "List pets."
    (folder / "openapi.json").write_text(json.dumps(document))
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out")
    return {str(p.relative_to(folder / "out")): p.read_bytes() for p in (folder / "out").rglob("*.py")}


def test_only_what_changed_is_formatted(tmp_path: Path, sent: list[str]) -> None:
    before = run(tmp_path)
    assert len(sent) > 10
    sent.clear()
    after = run(tmp_path, "List all pets.")
    changed = {path for path, content in after.items() if before[path] != content}
    assert changed and set(sent) == changed
    (tmp_path / "fresh").mkdir()
    assert run(tmp_path / "fresh", "List all pets.") == after


def test_what_was_edited_is_made_again(tmp_path: Path, sent: list[str]) -> None:
    before = run(tmp_path)
    edited = tmp_path / "out/python/zoo/types.py"
    edited.write_text(edited.read_text() + "# mine\n")
    sent.clear()
    assert run(tmp_path) == before
    assert sent == ["python/zoo/types.py"]


def test_another_version_of_the_formatter_formats_all(
    tmp_path: Path, sent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run(tmp_path)
    manifest = tmp_path / "out/manifest.json"
    manifest.write_text(manifest.read_text().replace('"formatter": "black ', '"formatter": "black 1.'))
    first = len(sent)
    run(tmp_path)
    assert len(sent) == 2 * first
