"""The site as people see it: in headless Chromium, from a static server below a path, at two widths, in both themes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from static_site import served
from test_docs_site import built

pytestmark = pytest.mark.long

NPM = Path(__file__).parents[1] / "npm"
PAGES = {
    "home": "",
    "function": "functions/create_prediction/",
    "group": "groups/models.versions/",
    "type": "types/prediction/",
    "guide": "guides/waiting/",
    "errors": "errors/",
}
"""One page of each kind. Beside the group stands a page with an apostrophe in its title."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """What the browser saw. Screenshots are kept where DOCS_SHOTS names a folder."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    missing = [
        name
        for name, there in (
            ("chromium", chromium),
            ("node", shutil.which("node")),
            ("the packages of tests/npm (npm ci --prefix tests/npm)", (NPM / "node_modules/axe-core").is_dir()),
        )
        if not there
    ]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    root = tmp_path_factory.mktemp("root")
    (root / "some").mkdir()
    (root / "some/where").symlink_to(built(tmp_path_factory, "zensical"))
    with served(root) as base:
        command = ["node", str(NPM / "site.mjs"), f"{base}some/where/", str(chromium), json.dumps(PAGES)]
        if shots := os.environ.get("DOCS_SHOTS"):
            command.append(shots)
        browser = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert browser.returncode == 0, browser.stderr
    yield json.loads(browser.stdout)


def test_nothing_is_asked_of_another_host_and_nothing_complains(seen: Any) -> None:
    assert seen["outside"] == []
    assert seen["errors"] == []


def test_every_page_fits_in_both_themes_at_both_widths(seen: Any) -> None:
    """Each at one width in the light theme and at the other in the dark one; one page in all four ways."""
    views = seen["views"]
    assert len(views) == 2 * len(PAGES) + 4
    assert [v for v in views if v["wide"] > 0] == []
    assert all(v["picture"] for v in views), "a picture does not load, or says nothing to who cannot see it"
    backgrounds = {v["scheme"]: v["background"] for v in views}
    assert backgrounds["light"] != backgrounds["dark"]


def test_axe_finds_no_violation(seen: Any) -> None:
    asked = {f"{v['kind']} {v['size']} {v['scheme']}": v["violations"] for v in seen["views"]}
    assert {view: violations for view, violations in asked.items() if violations} == {}


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_tabs_and_theme_are_remembered_and_code_is_copied(seen: Any, size: str) -> None:
    assert seen[size]["tab"].startswith("local result = app.integrations.replicate.get_model(")
    assert seen[size]["copied"].strip() == seen[size]["tab"].strip()
    assert seen[size]["theme"] == "slate"


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_search_finds_an_argument_and_lands_on_its_heading(seen: Any, size: str) -> None:
    found = seen[size]["searched"]
    assert found["url"].startswith("functions/") and found["url"].endswith("#argument-webhook_events_filter")
    assert 0 <= found["top"] < found["height"]


@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_anchors_open_what_is_closed_and_names_lead_to_pages(seen: Any, size: str) -> None:
    assert seen[size]["opened"]
    assert seen[size]["renamed"] == "functions/get_model/"
    assert seen[size]["twin"] == "# Show a model"
