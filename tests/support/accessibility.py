"""What axe finds on the pages of built docs: every page, both themes, three widths, and with all opened.

    python tests/support/accessibility.py [DOCUMENT ...] [--most 100]

The docs are those of generated/; of a document they are made anew, and of more than --most pages that many are looked at,
drawn evenly from all kinds. Ends with 1 where there is a finding. Needs chromium, node and `npm ci --prefix tests/npm`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
NPM = ROOT / "tests/npm"
sys.path.insert(0, str(ROOT))

from static_site import served

from generator import pipeline

BESIDE = ("catalog.json", "mcp/tools.json")
VIEWS = 6
"""Of a page: two themes, three widths."""


def main() -> int:
    """Looks at the docs of each document, and prints what is found."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("documents", nargs="*", type=Path, metavar="DOCUMENT")
    parser.add_argument("--most", type=int, default=100, help="pages of a site (default: 100)")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/axe-core").is_dir()):
        parser.error("chromium, node or the packages of tests/npm (npm ci --prefix tests/npm) is not installed")
    findings = 0
    for document in options.documents or [None]:
        with tempfile.TemporaryDirectory() as folder:
            site = built(document, Path(folder))
            pages = drawn(site, options.most)
            print(f"{document or 'generated/docs'}: {len(pages)} pages", flush=True)
            findings += looked_at(site, pages, chromium)
    return int(findings > 0)


def built(document: Path | None, folder: Path) -> Path:
    """The site of a document, or that of generated/."""
    if document is None:
        shutil.copytree(ROOT / "generated/docs", folder / "docs", ignore=shutil.ignore_patterns("site", ".cache"))
        for name in BESIDE:
            (folder / name).parent.mkdir(exist_ok=True)
            shutil.copyfile(ROOT / "generated" / name, folder / name)
    else:
        pipeline.generate(pipeline.Inputs(document.resolve()), folder, ("docs",))
    subprocess.run([sys.executable, "build.py"], cwd=folder / "docs", check=True, stdout=subprocess.DEVNULL)
    return folder / "docs/site"


def drawn(site: Path, most: int) -> list[str]:
    """The paths of pages: all, or as many of each kind (its first folder), evenly over their names."""
    paths = sorted(page.relative_to(site).parent.as_posix() for page in site.rglob("index.html"))
    if len(paths) > most:
        kinds = [list(group) for _, group in groupby(paths, key=lambda path: path.partition("/")[0])]
        each = max(most // len(kinds), 1)
        paths = [path for kind in kinds for path in kind[:: -(-len(kind) // each)]]
    return ["" if path == "." else f"{path}/" for path in paths]


def looked_at(site: Path, pages: list[str], chromium: str) -> int:
    """The number of findings, each of which is printed."""
    sums: dict[str, Any] = {}
    with served(site) as base:
        command = ["node", str(NPM / "axe.mjs"), base, chromium, json.dumps(pages)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as looking:
            for view in map(json.loads, looking.stdout or ()):
                if "views" in view:
                    sums = view
                for found in view.get("found", ()):
                    where = f"{view['path'] or '/'} {view['colorScheme']} {view['width']}, {view['state']}"
                    print(f"{where}: {found}", flush=True)
        assert looking.returncode == 0, f"node ended with {looking.returncode}"
    assert sums["views"] == VIEWS * len(pages) and len(sums["themes"]) == 2, sums
    print(f"{sums['views']} views, {sums['findings']} findings", flush=True)
    return int(sums["findings"])


if __name__ == "__main__":
    raise SystemExit(main())
