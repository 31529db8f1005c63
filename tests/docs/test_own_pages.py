"""surfacegen's own pages: every command of them is run, every link leads somewhere, the reference leaves nothing out."""

from __future__ import annotations

import ast
import contextlib
import html
import io
import json
import os
import posixpath
import re
import shlex
import signal
import subprocess
import sys
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
import yaml
from generating import FORKING
from hanging import HANGS

from generator import cli, ir
from generator.docs import build
from generator.docs.losses import reasons
from generator.settings import Settings

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "generator/docs/pages"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUN = [
    path.relative_to(PAGES).as_posix()
    for path in sorted(PAGES.rglob("*.md"))
    if any(language == "sh" for language, _ in FENCE.findall(path.read_text("utf-8")))
]
LEAVING = "trap 'jobs -p | xargs -r kill || true' EXIT"
"""Whatever a page leaves running ends with it."""


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `surfacegen` and `python`, as an installation would put them on the path."""
    folder = tmp_path_factory.mktemp("bin")
    for name, words in (("surfacegen", FORKING.shim()), ("python", [sys.executable])):
        (folder / name).write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    build.write(folder)
    return folder


@pytest.mark.parametrize("name", RUN)
def test_the_commands_of_a_page_run_in_order_in_an_empty_folder(name: str, commands: Path, tmp_path: Path) -> None:
    blocks = [text for language, text in FENCE.findall((PAGES / name).read_text("utf-8")) if language == "sh"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SURFACEGEN_", "PYTHONPATH"))}
    environment["PATH"] = f"{commands}{os.pathsep}{environment['PATH']}"
    with subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", "\n".join([LEAVING, *blocks])],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=HANGS)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, said
    assert "Traceback" not in said


def test_the_site_builds(tmp_path: Path) -> None:
    build.write(tmp_path)
    made = subprocess.run(
        [sys.executable, "build.py"], cwd=tmp_path, check=False, capture_output=True, text=True, timeout=HANGS
    )
    assert made.returncode == 0, made.stderr
    pages = {path.relative_to(tmp_path / "pages").with_suffix("") for path in (tmp_path / "pages").rglob("*.md")}
    homes = {page.parent if page.name == "index" else page for page in pages}
    assert {home for home in homes if not (tmp_path / "site" / home / "index.html").is_file()} == set()


def test_every_page_is_in_the_navigation(site: Path) -> None:
    nav = yaml.safe_load((site / "mkdocs.yml").read_text("utf-8"))["nav"]
    listed = set(re.findall(r"[\w/-]+\.md", json.dumps(nav)))
    assert listed == {path.relative_to(site / "pages").as_posix() for path in (site / "pages").rglob("*.md")}


def test_every_link_leads_to_a_page_and_an_anchor(site: Path) -> None:
    pages = {
        path.relative_to(site / "pages").as_posix(): path.read_text("utf-8") for path in site.rglob("pages/**/*.md")
    }
    broken = []
    for name, text in pages.items():
        for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", text)):
            if re.match(r"https?:", target):
                continue
            path, _, anchor = target.partition("#")
            to = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if to not in pages or (anchor and anchor not in _anchors(pages[to])):
                broken.append(f"{name}: {target}")
    assert broken == []


def _anchors(text: str) -> set[str]:
    titles = re.findall(r"^#+ (.*?)(?: \{ #\S+ \})?$", text, re.MULTILINE)
    made = {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}
    return made | set(
        re.findall(r'\{ #(\S+) \}|<a id="([^"]+)">', text) and re.findall(r"(?:\{ #|<a id=\")([\w-]+)", text)
    )


def test_the_reference_has_every_command_and_flag(site: Path) -> None:
    """What `--help` of each command lists."""
    text = (site / "pages/reference/command-line.md").read_text("utf-8")
    help_of = _help()
    commands = re.findall(r"^    ([a-z][a-z-]+)(?= {2}|$)", help_of, re.MULTILINE)
    assert {"generate", "check", "ir", "diff", "lint"} <= set(commands)
    for command in commands:
        section = text.partition(f"{{ #{command} }}")[2].partition("\n## ")[0]
        flags = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", _help(command))) - {"--help"}
        assert section and {flag for flag in flags if flag not in section} == set(), command


def _help(*command: str) -> str:
    said = io.StringIO()
    with contextlib.redirect_stdout(said), pytest.raises(SystemExit) as ended:
        cli.main([*command, "--help"])
    assert ended.value.code == 0
    return said.getvalue()


def test_the_reference_has_every_key_of_the_catalog(site: Path) -> None:
    text = (site / "pages/reference/catalog.md").read_text("utf-8")
    schema = json.loads((ROOT / "generator/read/catalog.schema.json").read_text("utf-8"))
    keys = {key for part in (schema, *schema["$defs"].values()) for key in part.get("properties", {})}
    assert {key for key in keys if f"### `{key}`" not in text} == set()


def test_the_reference_has_every_rule_of_lint(site: Path) -> None:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert cli.main(["lint", "--rules"]) == 0
    listed = {line.split()[0] for line in said.getvalue().splitlines() if re.match(r"[a-z]", line)}
    text = (site / "pages/reference/lint.md").read_text("utf-8")
    assert len(listed) > 20 and listed == set(re.findall(r"^- <a id=\"[^\"]+\"></a>`([^`]+)`", text, re.MULTILINE))


def test_the_reference_has_every_extension_that_is_read(site: Path) -> None:
    """Every string of the module's code that is such a name."""
    source = (ROOT / "generator/read/vendor_extensions.py").read_text("utf-8")
    read = set(re.findall(r'"(x-[a-z-]+)"', source))
    assert (
        read
        and {name for name in read if name not in (site / "pages/reference/extensions.md").read_text("utf-8")} == set()
    )


def test_the_reference_has_every_key_of_the_settings(site: Path) -> None:
    """By the class that they are read into. What of it is no key: where they stand, and the programs of `surfaces`."""
    text = (site / "pages/reference/settings.md").read_text("utf-8")
    keys = {field.name for field in fields(Settings) if field.name not in ("file", "places", "programs")}
    assert {key for key in keys if f"### `{key}`" not in text} == set()


def test_the_reference_has_every_field_of_the_ir(site: Path) -> None:
    text = (site / "pages/reference/ir.md").read_text("utf-8")
    classes = [each for each in vars(ir).values() if isinstance(each, type) and is_dataclass(each)]
    expected = {f"{each.__name__}-{field.name}".lower() for each in classes for field in fields(each)}
    assert expected == set(re.findall(r'<a id="([^"]+)">', text))


def test_the_reference_has_every_template(site: Path) -> None:
    """`_name` is a part of others and is rendered with their views."""
    for surface in build.SURFACES:
        text = (site / f"pages/reference/templates/{surface}.md").read_text("utf-8")
        folder = ROOT / "templates" / surface
        there = {
            path.relative_to(folder).as_posix() for path in folder.rglob("*.jinja") if not re.match("_[a-z]", path.name)
        }
        assert there == set(re.findall(r"`([^`]+\.jinja)`", text)), surface


def test_the_reference_has_every_bound(site: Path) -> None:
    text = (site / "pages/reference/bounds.md").read_text("utf-8")
    named = set(re.findall(r"SURFACEGEN_MAX_\w+", (ROOT / "generator/read/bounds.py").read_text("utf-8")))
    assert named == set(re.findall(r"SURFACEGEN_MAX_\w+", text))


def test_the_reference_has_the_reasons_of_real_ledgers(site: Path) -> None:
    """What a run really entered, against the texts of the page; `…` stands for any text there."""
    text = (site / "pages/reference/ledger.md").read_text("utf-8")
    lines = [line for line in re.findall(r"^- <a id=\"[^\"]+\"></a>(.*) · `\S+`$", text, re.MULTILINE)]
    told = [re.compile(".*".join(map(re.escape, _plain(line).split("…")))) for line in lines]
    entered = {loss["reason"] for loss in json.loads((ROOT / "generated/ledger.json").read_text("utf-8"))["losses"]}
    assert entered and {reason for reason in entered if not any(each.fullmatch(reason) for each in told)} == set()


def _plain(line: str) -> str:
    return re.sub(r"\\(.)", r"\1", html.unescape(line))


def test_a_call_that_enters_a_loss_with_a_text_is_in_the_reference() -> None:
    """Every literal that is handed to `lose` and its like, counted by another walk than the page's."""
    found = {(each.module, each.line) for each in reasons(ROOT / "generator")}
    for path in sorted((ROOT / "generator").rglob("*.py")):
        calls = (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call))
        for call in calls:
            entering = ast.unparse(call.func).split(".")[-1] in ("lose", "_lose", "_lost")
            if entering and any(isinstance(each, ast.JoinedStr) for each in call.args):
                assert (path.relative_to(ROOT / "generator").as_posix(), call.lineno) in found
