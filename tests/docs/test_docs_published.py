"""A published site: its address, its versions beside one another, and all its pages as files that a model can be given."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hanging import HANGS
from static_site import served
from test_docs_search import NPM
from test_docs_site import build, copy, small

from generator import cli

SITE = "https://docs.zoo.example/api/"
DOCUMENT = {
    "openapi": "3.1.0",
    "info": {"title": "Zoo", "version": "1"},
    "paths": {"/pets": {"get": {"operationId": "listPets", "responses": {"200": {"description": "All."}}}}},
}


def test_the_settings_say_where_the_docs_are_published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "zoo.json").write_text(json.dumps(DOCUMENT), "utf-8")
    monkeypatch.chdir(tmp_path)
    for written in (SITE, SITE.removesuffix("/")):
        settings = f"document: zoo.json\noutput: out\nsurfaces: [docs]\nsite_url: {written}\n"
        (tmp_path / "surfacegen.yaml").write_text(settings, "utf-8")
        assert cli.main(["generate"]) == 0
        assert f'\nsite_url: "{SITE}"\n' in (tmp_path / "out/docs/mkdocs.yml").read_text("utf-8")
    (tmp_path / "surfacegen.yaml").write_text("document: zoo.json\nsite_url: javascript:alert(1)\n", "utf-8")
    assert cli.main(["generate"]) == 1


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three versions, built in no order; only one has the page `new`."""
    docs = copy(tmp_path_factory.mktemp("published"))
    small(docs)
    config = docs / "mkdocs.yml"
    config.write_text(config.read_text("utf-8").replace("\ndocs_dir:", f'\nsite_url: "{SITE}"\ndocs_dir:'), "utf-8")
    for version in ("1.9.0", "1.10.0-rc.1", "1.10.0"):
        if version == "1.10.0":
            (docs / "pages/new.md").write_text('---\ntitle: "New &quot;&lt;x&gt;"\n---\n# New\n', "utf-8")
        done = build(docs, "--version", version)
        assert done.returncode == 0, done.stdout + done.stderr
    assert not (docs / "site").exists() and not (docs / ".mkdocs.yml").exists()
    return docs / "dist"


def test_versions_lie_beside_one_another_and_the_newest_is_first(published: Path) -> None:
    """Semantic Versioning 2.0.0, section 11: numbers by their value, a release after its candidates."""
    assert json.loads((published / "versions.json").read_text("utf-8")) == ["1.10.0", "1.10.0-rc.1", "1.9.0"]
    assert 'url=1.10.0/"' in (published / "index.html").read_text("utf-8")
    assert all((published / name / "llms.txt").is_file() for name in ("1.9.0", "1.10.0"))


def test_pages_name_their_own_address(published: Path) -> None:
    page = (published / "1.10.0/new/index.html").read_text("utf-8")
    assert f'<link rel="canonical" href="{SITE}1.10.0/new/">' in page
    assert f'<meta property="og:url" content="{SITE}1.10.0/new/">' in page
    assert '<meta property="og:title" content="New &quot;&lt;x&gt;">' in page
    assert '<meta property="og:site_name" content="Replicate' in page
    assert '<link rel="alternate" type="text/markdown" href="../new.md">' in page
    assert f"<loc>{SITE}1.10.0/new/</loc>" in (published / "1.10.0/sitemap.xml").read_text("utf-8")


def test_a_reader_changes_the_version_and_stays_on_the_page(published: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/playwright-core").is_dir()):
        pytest.skip("chromium, node or the packages of tests/npm (npm ci --prefix tests/npm) is not installed")
    with served(published) as base:
        command = ["node", str(NPM / "versions.mjs"), base, chromium]
        done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr
    seen: Any = json.loads(done.stdout)
    assert seen["first"] == "1.10.0/"
    assert seen["listed"] == ["1.10.0", "1.10.0-rc.1", "1.9.0"]
    assert (seen["same"], seen["missing"]) == ("1.9.0", "1.9.0")


@pytest.mark.parametrize("version", ["../up", "", ".hidden", "a/b", "a b", "x" * 65])
def test_a_version_is_no_path(version: str, tmp_path: Path) -> None:
    docs = copy(tmp_path)
    done = build(docs, "--version", version)
    assert done.returncode == 2 and "--version" in done.stderr
    assert not (docs / "dist").exists()


def test_all_pages_are_in_files_of_a_size_and_listed(tmp_path: Path) -> None:
    docs = copy(tmp_path)
    small(docs)
    for number in range(3):
        (docs / f"pages/long{number}.md").write_text(f"# Long {number}\n\n" + "é words\n" * 40_000, "utf-8")
    subprocess.run(
        [sys.executable, "-c", "import build; build.SITE.mkdir(); build.publish()"], cwd=docs, check=True, timeout=HANGS
    )
    listed = (docs / "site/llms-full.txt").read_text("utf-8")
    names = re.findall(r"^- \[(.*?)\]\(\1\): ", listed, re.MULTILINE)
    parts = [(docs / "site" / name).read_bytes() for name in names]
    assert len(parts) == 3 and max(map(len, parts)) <= 400_000
    whole = b"\n".join(parts).decode()
    assert [whole.count(f"# Long {number}\n") for number in range(3)] == [1, 1, 1]
    assert whole.count("é words\n") == 120_000


def test_twins_have_no_entities(tmp_path: Path) -> None:
    """What a theme asks for in HTML is text in Markdown; a table's cell, and all that code shows, stays as it is."""
    page = (
        '---\ntitle: "A &quot;b&quot; &amp; c"\n---\n# A\n\n&#45; no list: <code>refs&#47;&#60;name&#62;</code>\n\n'
        "| <code>a&#124;b</code> |\n\n```html\n&#45; <code>x&#47;y</code>\n```\n\n<code>a`b</code>\n"
    )
    (tmp_path / "page.md").write_text(page, "utf-8")
    docs = copy(tmp_path / "copy")
    script = "import build, pathlib, sys; print(build.plain(pathlib.Path(sys.argv[1]).read_text('utf-8')), end='')"
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "page.md")], cwd=docs, capture_output=True, text=True, check=True
    )
    assert done.stdout == (
        '---\ntitle: "A \\"b\\" & c"\n---\n# A\n\n\\- no list: `refs/<name>`\n\n'
        "| <code>a&#124;b</code> |\n\n```html\n&#45; <code>x&#47;y</code>\n```\n\n`` a`b ``\n"
    )
