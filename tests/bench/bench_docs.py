"""The docs of a large API beside Redocly's: what a build takes, what a page weighs, and how long a search of them takes.

    python tests/bench/bench_docs.py [DOCUMENT]

Without a document: 1,000 functions, five for each of 200 nouns whose objects hold one another. Redocly is there after
`npm ci --prefix tests/bench/redocly`; its page is one, with a script that it loads from elsewhere. The search is that of
a reader in headless Chromium, by the packages of tests/npm.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
for folder in (ROOT, ROOT / "tests/docs", ROOT / "tests/support"):
    sys.path.insert(0, str(folder))

from static_site import served
from test_docs_large import NOUNS, document

from generator import pipeline

NPM = ROOT / "tests/npm"
REDOCLY = ROOT / "tests/bench/redocly/node_modules"
SEARCH_MS = 300
Row = tuple[str, float, str, float | None]
"""What is measured, the figure, its unit and what it may be at most."""


def measured(command: list[str], cwd: Path, **environment: str) -> tuple[float, float, int]:
    """(seconds of CPU, seconds, MB at most) of a command and all that it starts."""
    began = time.perf_counter()
    env = {**os.environ, **environment}
    process = subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime, time.perf_counter() - began, usage.ru_maxrss // 1024


def ours(docs: Path) -> tuple[list[Row], float]:
    """The rows of our site, and the CPU of its build."""
    cpu, took, memory = measured([sys.executable, "build.py"], docs)
    site = docs / "site"
    pages = sorted((page.stat().st_size, page.parent.name) for page in site.rglob("index.html"))
    index = [file.stat().st_size for file in (site / "search").iterdir()]
    usual = site / "functions" / min(os.listdir(docs / "pages/functions")).partition(".")[0]
    return [
        ("pages", len(pages), "", None),
        ("CPU of the build", round(cpu, 1), "s", None),
        ("CPU of a page", round(1000 * cpu / len(pages)), "ms", None),
        ("time of the build", round(took, 1), "s", None),
        ("memory of the build", memory, "MB", None),
        ("largest page", pages[-1][0] // 1000, f"KB, {pages[-1][1]}", 150),
        ("usual page", pages[len(pages) // 2][0] // 1000, "KB", None),
        ("with all that it loads", loaded(site, usual) // 1000, "KB", None),
        ("index of the search", sum(index) // 1000, f"KB in {len(index)} files", None),
        ("largest file of it", max(index) // 1000, "KB", 60),
    ], cpu


def loaded(site: Path, folder: Path) -> int:
    """Bytes of a page with its scripts, styles and pictures, uncompressed."""
    page = (folder / "index.html").read_text("utf-8")
    links = set(re.findall(r'<(?:script|img)[^>]*? src="?([^"\s>]+)|<link rel="?stylesheet"? href="?([^"\s>]+)', page))
    files = {(folder / (script or style)).resolve() for script, style in links}
    return len(page.encode()) + sum(file.stat().st_size for file in files if file.is_file())


def redocly(spec: Path, folder: Path, cpu: float) -> list[Row]:
    """The rows of Redocly's page; cpu: what ours took. The row says so where it is not installed."""
    script = REDOCLY / "@redocly/cli/lib/chunks/redoc.standalone.js"
    if not (shutil.which("node") and script.is_file()):
        print("Redocly is not installed: npm ci --prefix tests/bench/redocly")
        return []
    command = ["node", str(REDOCLY / ".bin/redocly"), "build-docs", str(spec), "-o", "redoc.html"]
    environment = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    its, took, memory = measured(command, folder, **environment)
    page = (folder / "redoc.html").stat().st_size
    return [
        ("Redocly: CPU", round(its, 1), f"s, ours {cpu / its:.1f} times that", None),
        ("Redocly: time", round(took, 1), "s", None),
        ("Redocly: memory", memory, "MB", None),
        ("Redocly: page", page // 1000, "KB", None),
        ("with all that it loads", (page + script.stat().st_size) // 1000, "KB", None),
    ]


def searched(site: Path, queries: list[str]) -> list[Row]:
    """How long searches take in a browser, from the key to the list, the index not yet loaded at the first."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not (chromium and shutil.which("node") and (NPM / "node_modules/playwright-core").is_dir()):
        print("No search: chromium, node or the packages of tests/npm (npm ci --prefix tests/npm) is not installed")
        return []
    with served(site) as base:
        command = ["node", str(NPM / "search.mjs"), base, chromium, json.dumps(queries)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    took = json.loads(done.stdout)["took"]
    slowest = max(took, key=lambda query: took[query])
    middle = sorted(took.values())[len(took) // 2]
    return [
        ("search, the middle one", round(middle), f"ms of {len(took)}", SEARCH_MS),
        ("search, the slowest", round(took[slowest]), f"ms, {slowest}", SEARCH_MS),
    ]


def main() -> int:
    """Prints the figures; 1 where one is beyond its goal."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        spec = folder / "api.json"
        if len(sys.argv) > 1:
            spec = Path(sys.argv[1]).resolve()
        else:
            nouns = [f"{a}{noun}" for a in ("", "old", "new", "far") for noun in NOUNS][:200]
            spec.write_text(json.dumps(document(nouns)))
        pipeline.generate(pipeline.Inputs(spec), folder / "out", ("docs",))
        rows, cpu = ours(folder / "out/docs")
        rows += redocly(spec, folder, cpu)
        catalog = json.loads((folder / "out/catalog.json").read_text("utf-8"))["functions"]
        some = catalog[:: max(len(catalog) // 6, 1)][:6]
        queries = [text for each in some for text in (each["name"], f"{each['method']} {each['path']}", each["title"])]
        rows += searched(folder / "out/docs/site", [*queries, "429", "pagination", some[0]["name"]])
    for name, value, unit, goal in rows:
        missed = f" (at most {goal:g} wanted)" if goal is not None and value > goal else ""
        print(f"{name:24} {value:>9,} {unit}{missed}")
    return int(any(goal is not None and value > goal for _, value, _, goal in rows))


if __name__ == "__main__":
    raise SystemExit(main())
