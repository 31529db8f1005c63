"""How a run grows with its document: all our surfaces beside one peer's client alone.

    python tests/bench/bench_sizes.py PEER [OPERATIONS,...] [DOCUMENT ...]     PEER: the command openapi-python-client

Documents that make themselves (`made_documents`), 100, 300, 1,000 and 3,000 operations unless told otherwise, and any
documents that are named. Wall time and peak memory of one run each, ours and the peer's by turns; a size at which either
would take longer than `PATIENCE`, by the size before it, is not run. "Changed": ours again, into the same folder, after
one sentence of the document was changed. "Lint", for documents that are named: beside `ir`, which reads and links the
same document; it holds it against its OpenAPI schema as well. The exponent is that of a power of the document's bytes, over all sizes: 1 is
linear.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from bench import ROOT, environment, held, tree
from made_documents import MANNERS, document

GOAL_EXPONENT = 1.1
GOAL_CHANGED = 0.3
"""Of the time of a cold run, for one after a change."""
GOAL_LINT = 3
"""Times what `ir` takes of the same document."""
TIMEOUT = 900
PATIENCE = 300
"""Seconds that a run is expected to take at most."""


def measured(command: list[str]) -> tuple[float, float] | None:
    """(seconds, MB at most over all processes); None for a run that failed."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0
    while process.poll() is None:
        most = max(most, sum(held(pid) for pid in tree(process.pid)))
        time.sleep(0.05)
        if time.perf_counter() - start > TIMEOUT:
            process.kill()
    return (time.perf_counter() - start, most / 1024) if process.returncode == 0 else None


def exponent(points: list[tuple[float, float]]) -> float:
    """The slope of the line that fits the logarithms best."""
    xs, ys = [math.log(x) for x, _ in points], [math.log(y) for _, y in points]
    middle_x, middle_y = sum(xs) / len(xs), sum(ys) / len(ys)
    spread = sum((x - middle_x) ** 2 for x in xs)
    return sum((x - middle_x) * (y - middle_y) for x, y in zip(xs, ys, strict=True)) / spread


def megabytes(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def changed(path: Path) -> None:
    """Writes the document again with another sentence for its first operation."""
    document = json.loads(path.read_text("utf-8"))
    operation = next(iter(next(iter(document["paths"].values())).values()))
    operation["summary"] = f"{operation.get('summary', '')} Changed."
    path.write_text(json.dumps(document, indent=1))


def ours(document: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "generator", "generate", "--openapi", str(document), "--out", str(out)]


def other(command: str, document: Path) -> list[str]:
    """A command that reads the document and writes nothing; `lint` ends with 1 where it finds an error."""
    run = "import subprocess, sys; sys.exit(subprocess.run([sys.executable, '-m', 'generator', *sys.argv[1:]]).returncode > 1)"
    return [sys.executable, "-c", run, command, "--openapi", str(document)]


def theirs(peer: str, document: Path, out: Path) -> list[str]:
    return [peer, "generate", "--path", str(document), "--meta", "none", "--overwrite", "--output-path", str(out)]


class Table:
    """The rows of one series of documents, each larger than the one before; `missed` has the goals that are not met."""

    def __init__(self, peer: str, folder: Path) -> None:
        self.peer, self.folder = peer, folder
        self.missed: list[str] = []
        self.points: dict[str, list[tuple[float, float]]] = {}
        self._last: tuple[float, float] | None = None
        """MB of the document before, and the seconds of the slower of the two."""

    def start(self) -> None:
        self.points, self._last = {"time": [], "memory": [], "the peer's time": []}, None

    def row(self, path: Path) -> None:
        read = path.stat().st_size / 1e6
        expected = self._last[1] * read / self._last[0] if self._last else 0
        if expected > PATIENCE:
            print(f"{path.stem:28} {read:6.2f} not run: {expected:.0f} s are expected")
            return
        out = self.folder / "ours" / path.stem
        # The same layout before and after: what is changed is one sentence, not the line of every other one.
        copy = self.folder / path.name
        copy.write_text(json.dumps(json.loads(path.read_text("utf-8")), indent=1))
        us = measured(ours(copy, out))
        them = measured(theirs(self.peer, copy, self.folder / "theirs" / path.stem))
        if us is None:
            print(f"{path.stem:28} failed")
            self.missed.append(f"{path.stem}: no output")
            return
        size = megabytes(out)
        changed(copy)
        again = measured(ours(copy, out))
        peers = (f"{them[0]:7.1f}", f"{them[1]:8.0f}") if them else (f"{'failed':>7}", f"{'':8}")
        share = again[0] / us[0] if again else math.inf
        print(
            f"{path.stem:28} {read:6.2f} {us[0]:7.1f} {peers[0]} {share:8.2f} {us[1]:8.0f} {peers[1]} {size:7.1f}",
            flush=True,
        )
        self.points["time"].append((read, us[0]))
        self.points["memory"].append((read, us[1]))
        self._last = read, max(us[0], them[0] if them else 0)
        if them:
            self.points["the peer's time"].append((read, them[0]))
            if us[0] > them[0] or us[1] > them[1]:
                times, memory = us[0] / them[0], us[1] / them[1]
                self.missed.append(f"{path.stem}: {times:.1f} x the peer's time, {memory:.1f} x its memory")
        if share > GOAL_CHANGED:
            self.missed.append(f"{path.stem}: {share:.2f} of a cold run after one change")

    def lint(self, path: Path) -> None:
        """What `lint` costs, validation and examples included."""
        read, linted = measured(other("ir", path)), measured(other("lint", path))
        if read is None or linted is None:
            self.missed.append(f"{path.stem}: lint or ir failed")
            return
        share = linted[0] / read[0]
        print(f"{path.stem:28} lint {linted[0]:.1f} s, {linted[1]:.0f} MB: {share:.1f} x what ir takes", flush=True)
        if share > GOAL_LINT:
            self.missed.append(f"{path.stem}: lint takes {share:.1f} x what ir does")

    def end(self, name: str) -> None:
        found = {what: exponent(points) for what, points in self.points.items() if len(points) > 1}
        if found:
            said = ", ".join(f"{what} grows with power {power:.2f}" for what, power in found.items())
            print(f"{name:28} over {len(self.points['time'])} sizes {said}", flush=True)
        for what in ("time", "memory"):
            if found.get(what, 0) > GOAL_EXPONENT:
                self.missed.append(f"{name}: {what} grows with power {found[what]:.2f}")


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    sizes = [int(size) for size in (sys.argv[2] if len(sys.argv) > 2 else "100,300,1000,3000").split(",")]
    print(
        f"{'':28} {'MB in':>6} {'ours s':>7} {'peer s':>7} {'changed':>8} {'ours MB':>8} {'peer MB':>8} {'MB out':>7}"
    )
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        table = Table(str(Path(sys.argv[1]).absolute()), folder)
        named: list[tuple[str, list[Path]]] = [(Path(path).stem, [Path(path)]) for path in sys.argv[3:]]
        for manner in MANNERS:
            made = []
            for size in sizes:
                made.append(folder / f"{manner}-{size}.json")
                made[-1].write_text(json.dumps(document(manner, size)))
            named.append((manner, made))
        for name, documents in named:
            table.start()
            for path in documents:
                table.row(path)
                if name not in MANNERS:
                    table.lint(path)
            table.end(name)
    missed = table.missed
    print("\n" + ("missed:\n  " + "\n  ".join(missed) if missed else "all goals met"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
