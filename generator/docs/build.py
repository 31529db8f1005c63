"""Renders the sources of the site into a folder: `python -m generator.docs [--out FOLDER]`, then `python FOLDER/build.py`.

The folder holds what a generated site's does, `build.py` included: one way to build both.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from ..read.patterns import TEMPLATES
from ..surfaces.base import Page
from ..write.rendering import SUFFIX, Renderer
from . import oasdiff_page, reference

HERE = Path(__file__).parent
PAGES, BUILD = HERE / "pages", HERE.parents[1] / "build/docs"
SPEC = HERE.parents[1] / "spec"
SURFACES = ("python", "cli", "mcp", "lua", "mock", "docs")
VIEWS: Mapping[str, Callable[[], Any]] = {
    "reference/command-line.md": reference.command_line,
    "reference/settings.md": reference.settings,
    "reference/catalog.md": reference.catalog,
    "reference/extensions.md": reference.vendor_extensions,
    "reference/lint.md": reference.lint_rules,
    "reference/ir.md": reference.ir,
    "reference/ledger.md": reference.ledger,
    "reference/bounds.md": reference.limits,
    "reference/oasdiff.md": oasdiff_page.page,
    **{f"reference/templates/{name}.md": partial(reference.templates, name, SPEC) for name in SURFACES},
}
"""What each rendered page is rendered from."""
_SHARED = (
    "build.py",
    "indexing.py",
    "parts.py",
    "requirements.txt",
    "overrides",
    "pages/assets/docs.css",
    "pages/assets/search.js",
)
"""What a generated site is built with, of the docs' templates."""


def write(out: Path) -> None:
    """The sources of the site: pages, mkdocs.yml, and the script that builds them."""
    shutil.rmtree(out / "pages", ignore_errors=True)
    for source in sorted(PAGES.rglob("*.md")):
        target = out / "pages" / source.relative_to(PAGES)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    renderer = Renderer(HERE)
    for name, view in VIEWS.items():
        target = out / "pages" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(renderer.render("pages", Page(name + SUFFIX, view())), "utf-8")
    docs = TEMPLATES / "docs/docs"
    (out / "pages/assets").mkdir(exist_ok=True)
    for shared in _SHARED:
        if (docs / shared).is_dir():
            shutil.copytree(docs / shared, out / shared, dirs_exist_ok=True)
        else:
            shutil.copyfile(docs / shared, out / shared)
    shutil.copyfile(HERE / "mkdocs.yml", out / "mkdocs.yml")


def main() -> int:
    """Writes them, and says how the site is built."""
    parser = argparse.ArgumentParser(prog="python -m generator.docs", description="Write the sources of the site.")
    parser.add_argument("--out", type=Path, default=BUILD, metavar="FOLDER", help="(default: build/docs)")
    out: Path = parser.parse_args().out
    write(out)
    print(f"wrote {out}: build the site with `python {out / 'build.py'}`")
    return 0
