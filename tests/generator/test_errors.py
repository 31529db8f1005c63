"""Each mistake on its own: a broken input, and the whole message it gets. Nothing is written."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from generator import cli

MISTAKES = sorted(p for p in (Path(__file__).parent / "errors").iterdir() if p.is_dir())


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda p: p.name)
def test_mistake(
    mistake: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    snapshot: SnapshotAssertion,
) -> None:
    shutil.copytree(mistake, tmp_path / "spec")
    monkeypatch.chdir(tmp_path)
    catalog = ["--catalog", "spec/catalog.yaml"] if (mistake / "catalog.yaml").exists() else []
    code = cli.main(["generate", "--openapi", "spec/openapi.yaml", *catalog, "--out", "out"])
    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "")
    assert "Traceback" not in shown.err and str(tmp_path) not in shown.err
    assert shown.err == snapshot
    assert [p.name for p in tmp_path.iterdir()] == ["spec"]
