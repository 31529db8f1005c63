"""The site that is built of a hostile document, in Chromium: the same elements as of a harmless one, and no script."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from itertools import groupby, islice
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from making import dumped
from places import Tree, filled, harmless, hostile
from static_site import served
from test_documents import TURNS, WHOLE, given

from generator import pipeline

pytestmark = pytest.mark.long

NPM = Path(__file__).parents[1] / "npm"


def build(tree: Tree, folder: Path) -> Path:
    """The site of the documents, as MkDocs builds it."""
    folder.mkdir()
    for name, part in tree.items():
        (folder / f"{name}.yaml").write_text(dumped(part))
    inputs = pipeline.Inputs(folder / "openapi.yaml", folder / "catalog.yaml")
    pipeline.generate(inputs, folder / "out", ("docs", "mcp"))
    done = subprocess.run(
        [sys.executable, "build.py", "--with", "mkdocs"],
        cwd=folder / "out/docs", capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return folder / "out/docs/site"


def look(site: Path, chromium: str) -> Any:
    """What Chromium makes of the pages: of each, or of two of each folder."""
    folders = sorted((file.parent for file in site.rglob("index.html")), key=lambda folder: (folder.parent, folder))
    if not WHOLE:
        folders = [each for _, among in groupby(folders, lambda folder: folder.parent) for each in islice(among, 2)]
    paths = [folder.relative_to(site).as_posix() + "/" for folder in folders]
    with served(site) as base:
        command = ["node", str(NPM / "dom.mjs"), base, chromium, json.dumps(paths)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("turn", TURNS[::10] if WHOLE else TURNS[1:2])
def test_a_browser_sees_the_same_elements_and_runs_nothing(turn: int, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/playwright-core").is_dir()):
        pytest.skip("chromium, node or the packages of tests/npm are not installed")
    texts = given(turn)
    harm = {place: hostile(place, payload, each) for place, (payload, each, _) in texts.items()}
    none = {place: harmless(place, payload, each, index) for place, (payload, each, index) in texts.items()}
    seen = look(build(filled(harm), tmp_path / "hostile"), chromium)
    wanted = look(build(filled(none), tmp_path / "harmless"), chromium)
    assert seen["run"] == [] and seen["outside"] == [] and seen["errors"] == wanted["errors"] == []
    assert set(seen["pages"]) == set(wanted["pages"]) and len(seen["pages"]) > (25 if WHOLE else 8)
    for path, counts in wanted["pages"].items():
        assert seen["pages"][path] == counts, path
    print(f"{len(seen['pages'])} pages")
