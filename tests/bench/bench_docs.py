"""The docs of a large API: what their build takes, what a page weighs, and what a search loads.

    python tests/bench/bench_docs.py [DOCUMENT]

Without a document: 1,200 functions, five for each of 240 nouns whose objects hold one another.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
for folder in (ROOT, ROOT / "tests/docs", ROOT / "tests/support"):
    sys.path.insert(0, str(folder))

from test_docs_large import NOUNS, document

from generator import pipeline


def main() -> int:
    """Prints the figures; 1 where one is beyond its goal."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        spec = folder / "api.json"
        if len(sys.argv) > 1:
            spec = Path(sys.argv[1])
        else:
            spec.write_text(json.dumps(document([f"{a}{noun}" for a in ("", "old", "new", "far") for noun in NOUNS])))
        pipeline.generate(pipeline.Inputs(spec), folder / "out", ("docs",))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        began = time.perf_counter()
        subprocess.run([sys.executable, "build.py"], cwd=folder / "out/docs", check=True, stdout=subprocess.DEVNULL)
        took = time.perf_counter() - began
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        site = folder / "out/docs/site"
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        pages = sorted((page.stat().st_size, page.parent.name) for page in site.rglob("index.html"))
        index = [file.stat().st_size for file in (site / "search").iterdir()]
        figures = [
            ("pages", len(pages), "", None),
            ("CPU of the build", round(cpu, 1), "s", None),
            ("CPU of a page", round(1000 * cpu / len(pages)), "ms", None),
            ("time of the build", round(took, 1), "s", None),
            ("memory of the build", after.ru_maxrss // 1024, "MB", None),
            ("largest page", pages[-1][0] // 1000, f"KB, {pages[-1][1]}", 150),
            ("usual page", pages[len(pages) // 2][0] // 1000, "KB", None),
            ("index of the search", sum(index) // 1000, f"KB in {len(index)} files", None),
            ("largest file of it", max(index) // 1000, "KB", 60),
        ]
    for name, value, unit, goal in figures:
        missed = f" (at most {goal} wanted)" if goal is not None and value > goal else ""
        print(f"{name:24} {value:>9,} {unit}{missed}")
    return int(any(goal is not None and value > goal for _, value, _, goal in figures))


if __name__ == "__main__":
    raise SystemExit(main())
