"""The built site: HTML by either tool, and beside it what agents read."""

from __future__ import annotations

import html
import importlib
import json
import os
import posixpath
import re
import shutil
import subprocess
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import jsonschema
import pytest
import yaml
from hanging import HANGS
from replikit_package import imported
from shared import shared

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"
NEEDED = ("docs", "catalog.json", "mcp/tools.json", "python/replikit/AGENTS.md")


def copy(to: Path) -> Path:
    """The generated docs, where they can be built without touching the checkout."""
    for name in NEEDED:
        (to / name).parent.mkdir(parents=True, exist_ok=True)
        if (GENERATED / name).is_dir():
            shutil.copytree(GENERATED / name, to / name, ignore=shutil.ignore_patterns("site", ".cache"))
        else:
            shutil.copyfile(GENERATED / name, to / name)
    return to / "docs"


def small(docs: Path) -> None:
    """Leaves three pages of the copied docs."""
    for folder in ("functions", "groups", "types", "guides"):
        shutil.rmtree(docs / "pages" / folder)
    (docs / "pages/index.md").write_text("# Home\n\n[x](errors.md)\n", "utf-8")
    (docs / "pages/errors.md").write_text("# Errors\n", "utf-8")
    (docs / "pages/types.md").unlink()
    config = (docs / "mkdocs.yml").read_text("utf-8")
    (docs / "mkdocs.yml").write_text(config.partition("\nnav:\n  -")[0] + "\n", "utf-8")


def build(docs: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Runs the build script as a user does."""
    return subprocess.run(
        [sys.executable, "build.py", *options], cwd=docs, capture_output=True, text=True, timeout=HANGS, check=False
    )


def built(factory: pytest.TempPathFactory, tool: str) -> Path:
    """The site as a tool builds it, once for all files of tests."""

    def make(folder: Path) -> None:
        done = build(copy(folder), "--with", tool)
        assert done.returncode == 0, done.stdout + done.stderr

    return shared(factory, f"site-{tool}", make) / "docs/site"


@pytest.fixture(scope="module", params=["zensical", "mkdocs"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as each tool builds it."""
    return built(tmp_path_factory, request.param)


class _Reader(HTMLParser):
    """What a page links to, the anchors it has, and the text of its article."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.text = ""
        self._open: list[str] = []
        self._skip = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        if given.get("id"):
            self.anchors.add(given["id"])
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif (source := given.get("src") or given.get("href")) and given.get("rel") != "canonical":
            self.loads.append(source)
        if tag == "article":
            self._open.append(tag)
        # What the theme adds: the link to a heading, the button, the labels of tabs, which the Markdown has too.
        if self._skip or tag in ("svg", "button") or given.get("class") in ("headerlink", "md-content__button md-icon"):
            self._skip += tag not in ("img", "input", "path", "br", "hr", "link", "meta")

    def handle_endtag(self, tag: str) -> None:
        if self._skip:
            self._skip -= tag not in ("img", "input", "path", "br", "hr", "link", "meta")
        if tag == "article" and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._open and not self._skip:
            self.text += data + " "


@pytest.fixture(scope="module")
def read(site: Path) -> dict[str, _Reader]:
    """Every page by the path of its folder."""
    files = sorted(site.rglob("index.html"))
    return {file.relative_to(site).parent.as_posix(): _Reader(file.read_text("utf-8")) for file in files}


def test_every_link_and_anchor_leads_somewhere_and_nothing_is_loaded_from_elsewhere(
    site: Path, read: dict[str, _Reader]
) -> None:
    assert len(read) > 80
    for folder, page in read.items():
        for link in [*page.links, *page.loads]:
            parts = urlsplit(link)
            if parts.scheme or link.startswith("data:"):
                assert link not in page.loads or link.startswith("data:"), f"{folder} loads {link}"
                continue
            path = posixpath.normpath(posixpath.join(folder, unquote(parts.path)))
            assert not path.startswith(".."), f"{folder} leaves the site by {link}"
            file = site / path
            assert file.is_file() or (file / "index.html").is_file(), f"{folder} links to {link}"
            if parts.fragment and not file.is_file() and parts.fragment not in ("__skip", "__search"):
                assert unquote(parts.fragment) in read[path].anchors, f"{folder} links to {link}"


def test_no_path_is_absolute_so_that_any_folder_of_a_server_will_do(read: dict[str, _Reader]) -> None:
    for folder, page in read.items():
        assert not [link for link in (*page.links, *page.loads) if link.startswith("/")], folder


def words(text: str) -> list[str]:
    return re.findall(r"[\w$@%]+", html.unescape(text))


def test_each_markdown_twin_says_what_its_page_says(site: Path, read: dict[str, _Reader]) -> None:
    for folder, page in read.items():
        twin = site / ("index.md" if folder == "." else f"{folder}.md")
        said = re.sub(r"\A---\n.*?\n---\n", "", twin.read_text("utf-8"), flags=re.DOTALL)
        body, _, footer = said.rpartition("\n---\n")
        assert footer.strip() in (site / folder / "index.html").read_text("utf-8")
        shown = markdown(body)
        assert words(page.text) == words(shown), folder


def markdown(written: str) -> str:
    """The text of Markdown, read by Python-Markdown alone and not by the tool that built the page."""
    import markdown as library

    extensions = ["attr_list", "tables", "admonition", "pymdownx.details", "pymdownx.superfences", "pymdownx.tabbed"]
    settings = {"pymdownx.tabbed": {"alternate_style": True}}
    reader = _Reader("")
    reader.feed(
        "<article>" + library.markdown(written, extensions=extensions, extension_configs=settings) + "</article>"
    )
    return reader.text


def test_what_agents_read_is_there_and_whole(site: Path) -> None:
    catalog = json.loads((site / "catalog.json").read_text("utf-8"))
    schema = json.loads((site / "catalog.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(catalog)
    names = [function["name"] for function in catalog["functions"]]
    assert len(names) == 37
    everything = (site / "llms-full.txt").read_text("utf-8")
    if parts := re.findall(r"^- \[(llms-full-\d+\.txt)\]", everything, re.MULTILINE):
        assert max((site / part).stat().st_size for part in parts) <= 400_000
        everything = "".join((site / part).read_text("utf-8") for part in parts)
    index = (site / "llms.txt").read_text("utf-8")
    for function in catalog["functions"]:
        assert function["name"] in everything
        assert f"<!-- {function['surfaces']['docs']} -->" in everything
        assert f"]({function['surfaces']['docs']})" in index
        assert function["summary"] in index
    for target in re.findall(r"\]\(([^)]+)\)", index):
        assert (site / target).is_file(), target
    assert [tool["name"] for tool in json.loads((site / "tools.json").read_text("utf-8"))["tools"]] == names
    assert (site / "openapi.yaml").read_text("utf-8").startswith("#")
    skill = (site / "SKILL.md").read_text("utf-8")
    front = dict(line.split(": ", 1) for line in skill.split("---\n")[1].splitlines())
    assert front["name"] == "replikit" and len(front["description"]) <= 1024 and skill.count("\n") < 500
    assert all(f"`{name}`" in skill for name in names)
    agents = (site / "AGENTS.md").read_text("utf-8")
    assert "`replicate_delete_model`" in agents and "`replicate_get_default_webhook_secret`" in agents


@pytest.mark.parametrize("tool", ["zensical", "mkdocs"])
def test_a_broken_link_or_anchor_fails_the_build(tool: str, tmp_path: Path) -> None:
    docs = copy(tmp_path)
    small(docs)
    assert build(docs, "--with", tool).returncode == 0
    for broken in ("[x](nowhere.md)", "[x](errors.md#nowhere)"):
        (docs / "pages/index.md").write_text(f"# Home\n\n{broken}\n", "utf-8")
        done = build(docs, "--with", tool)
        assert done.returncode != 0, (broken, done.stdout)


def test_the_exit_codes_are_those_of_the_command_line() -> None:
    section = (GENERATED / "docs/pages/errors.md").read_text("utf-8").split("## Exit codes")[1]
    rows = [re.split(r" *\| *", line)[1:-1] for line in section.splitlines() if re.match(r"\| \d", line)]
    with imported():
        failure, manual = (importlib.import_module(f"replikit.cli.{name}") for name in ("failure", "manual"))
        told = {int(code): meaning for code, meaning, _ in rows}
        assert told == {code: text[0].upper() + text[1:] for code, text in manual.CODES.items()}
        kinds = {kind: int(code) for code, _, cell in rows for kind in re.findall(r"`(\w+)`", cell)}
        assert kinds == failure._CODES
        assert [int(code) for code, _, cell in rows if cell == "Any other"] == [failure.exit_code({"type": "odd"})]


def test_every_error_has_a_line() -> None:
    page = (GENERATED / "docs/pages/errors.md").read_text("utf-8")
    package = GENERATED / "python/replikit"
    errors = (package / "runtime/errors.py").read_text("utf-8")
    for name in re.findall(r"^class (\w+)\(", errors, re.MULTILINE):
        assert f"`{name}`" in page, name
    for status, name in re.findall(r"^    (\d{3}): (\w+),$", errors, re.MULTILINE):
        assert f"| `{status}` | `{name}` |" in page
    failures = (package / "functions/failures.py").read_text("utf-8")
    kinds = re.findall(r'^    (\d{3}): "(\w+)",$', failures, re.MULTILINE)
    assert len(kinds) > 5
    for status, kind in kinds:
        assert re.search(rf"^\| `{status}` \| `\w+` \| `{kind}` \|", page, re.MULTILINE), status
    for kind in re.findall(r'_error\(\s*"(\w+)"', failures):
        assert f"| `{kind}` |" in page, kind


@pytest.mark.parametrize("top", ["", "api/our clients"], ids=["published alone", "in a folder of its own name"])
def test_the_workflow_builds_the_site_from_where_it_stands(top: str, tmp_path: Path) -> None:
    written = yaml.safe_load((GENERATED / ".github/workflows/docs.yml").read_text("utf-8"))
    script = next(step["run"] for step in written["jobs"]["build"]["steps"] if "run" in step)
    used = [step["uses"] for job in written["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used and [each for each in used if not re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", each)] == []
    install = "pip install --quiet -r docs/requirements.txt\n"
    assert install in script
    pins = (GENERATED / "docs/requirements.txt").read_text("utf-8").split()
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["dev"]
    assert pins and set(pins) <= set(dev), "the tests build the site by another version than readers get"
    small(copy(tmp_path / "repository" / top))
    runner = tmp_path / "runner"
    runner.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", script.replace(install, "")],
        cwd=tmp_path / "repository",
        env={**os.environ, "RUNNER_TEMP": str(runner), "PATH": path},
        capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (runner / "site/index.html").is_file() and (runner / "site/llms-full.txt").is_file()
