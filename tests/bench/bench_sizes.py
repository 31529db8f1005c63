"""How a run grows with its document: all our surfaces beside one peer's client alone.

    python tests/bench/bench_sizes.py PEER [OPERATIONS,...] [DOCUMENT ...]     PEER: the command openapi-python-client

Documents that make themselves (`made_documents`), 100, 300 and 1,000 operations unless told otherwise, and any
documents that are named. Wall time and peak memory of one run each, ours and the peer's by turns. The exponent is that
of a power of the document's bytes: 1 is linear.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import ROOT, environment, held, tree
from made_documents import MANNERS, document

GOAL_EXPONENT = 1.1
TIMEOUT = 900


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


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    peer = str(Path(sys.argv[1]).absolute())
    sizes = [int(size) for size in (sys.argv[2] if len(sys.argv) > 2 else "100,300,1000").split(",")]
    missed = []
    print(f"{'':28} {'MB in':>6} {'ours s':>7} {'peer s':>7} {'ours MB':>8} {'peer MB':>8} {'MB out':>7}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        named: list[tuple[str, list[Path]]] = [(Path(path).stem, [Path(path)]) for path in sys.argv[3:]]
        for manner in MANNERS:
            made = []
            for size in sizes:
                made.append(folder / f"{manner}-{size}.json")
                made[-1].write_text(json.dumps(document(manner, size)))
            named.append((manner, made))
        for name, documents in named:
            grown: dict[str, list[tuple[float, float]]] = {"time": [], "memory": []}
            for path in documents:
                out = folder / "ours" / path.stem
                us = measured(
                    [sys.executable, "-m", "generator", "generate", "--openapi", str(path), "--out", str(out)]
                )
                them = measured(
                    [peer, "generate", "--path", str(path), "--meta", "none", "--overwrite",
                     "--output-path", str(folder / "theirs" / path.stem)]
                )  # fmt: skip
                if us is None:
                    print(f"{path.stem:28} failed")
                    missed.append(f"{path.stem}: no output")
                    continue
                read = path.stat().st_size / 1e6
                theirs = f"{them[0]:7.1f} {them[1]:8.0f}" if them else f"{'failed':>7} {'':>8}"
                print(
                    f"{path.stem:28} {read:6.2f} {us[0]:7.1f} {theirs[:7]} {us[1]:8.0f} {theirs[8:]:>8}"
                    f" {megabytes(out):7.1f}",
                    flush=True,
                )
                grown["time"].append((read, us[0]))
                grown["memory"].append((read, us[1]))
                if them and (us[0] > them[0] or us[1] > them[1]):
                    missed.append(
                        f"{path.stem}: {us[0] / them[0]:.1f} x the peer's time, {us[1] / them[1]:.1f} x its memory"
                    )
            if len(grown["time"]) > 1:
                found = {what: exponent(points) for what, points in grown.items()}
                print(
                    f"{name:28} " + ", ".join(f"{what} grows with power {power:.2f}" for what, power in found.items())
                )
                missed += [f"{name}: {what} grows with power {p:.2f}" for what, p in found.items() if p > GOAL_EXPONENT]
    print("\n" + ("missed:\n  " + "\n  ".join(missed) if missed else "all goals met"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
