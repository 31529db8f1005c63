"""All our surfaces beside one peer's client alone: wall time, peak memory, files, lines; cold, and again.

    python tests/bench/bench.py PEER [ROUNDS]      PEER: the command openapi-python-client, in a venv of its own

Both read the same document. The rounds are interleaved, so that a machine that grows slower does so for both, and the
medians are shown. Cold: into an empty folder. Again: into the folder of the run before, with nothing changed.
Memory is the peak of the proportional set size over all processes of a run, sampled in rounds that are not timed.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "spec" / "openapi.yaml"
GOAL_AGAIN = 0.3

Command = Callable[[Path], list[str]]


def ours(out: Path) -> list[str]:
    """Every surface, from document and catalog."""
    return [sys.executable, "-m", "generator", "generate", "--out", str(out)]


def peer(command: Path) -> Command:
    """Its client, without a project around it, as it is run anew by its users."""
    return lambda out: [
        str(command), "generate", "--path", str(DOCUMENT), "--meta", "none", "--overwrite", "--output-path", str(out),
    ]  # fmt: skip


def timed(command: list[str]) -> float:
    """Seconds that the command took."""
    start = time.perf_counter()
    run = subprocess.run(command, check=False, cwd=ROOT, env=environment(command), capture_output=True, text=True)
    took = time.perf_counter() - start
    if run.returncode:
        sys.exit(f"{command[0]} failed:\n{run.stdout}{run.stderr}")
    return took


def peak(command: list[str]) -> float:
    """MB that the command and its children held at most, together. 0 where the system does not tell."""
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment(command), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    most = 0
    while process.poll() is None:
        most = max(most, sum(held(pid) for pid in tree(process.pid)))
        time.sleep(0.003)
    return most / 1024


def environment(command: list[str]) -> dict[str, str]:
    # As in an activated venv: the peer lays out its Python with the ruff that it finds beside itself. And as both are
    # installed: what they are compiled to is kept, which the first round writes.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PATH": f"{Path(command[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}


def tree(pid: int) -> list[int]:
    found = [pid]
    for each in found:
        try:
            found += map(int, Path(f"/proc/{each}/task/{each}/children").read_text().split())
        except OSError:
            continue
    return found


def held(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0


def size(folder: Path) -> tuple[int, int]:
    """Files and lines in a folder, without what tools left there."""
    files = [p for p in folder.rglob("*") if p.is_file() and not any(part.startswith(".") for part in p.parts[-3:])]
    return len(files), sum(path.read_bytes().count(b"\n") for path in files)


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    if len(sys.argv) < 2 or not Path(sys.argv[1]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 9
    rivals: dict[str, Command] = {"surfacegen": ours, "openapi-python-client": peer(Path(sys.argv[1]).absolute())}
    cold: dict[str, list[float]] = {name: [] for name in rivals}
    again: dict[str, list[float]] = {name: [] for name in rivals}
    memory: dict[str, list[float]] = {name: [] for name in rivals}
    sizes: dict[str, tuple[int, int]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds + 1):
            for name, command in rivals.items():
                out = Path(scratch) / f"{name}-{number}"
                first, second = timed(command(out)), timed(command(out))
                if number:  # the first round fills the caches of Python and of the disk
                    cold[name].append(first)
                    again[name].append(second)
                sizes[name] = size(out)
        for number in range(3):
            for name, command in rivals.items():
                memory[name].append(peak(command(Path(scratch) / f"{name}-memory-{number}")))
    print(f"{DOCUMENT.relative_to(ROOT)}, medians of {rounds} interleaved rounds\n")
    print(f"{'':22} {'cold s':>7} {'again s':>8} {'MB':>5} {'files':>6} {'lines':>7}")
    middle = statistics.median
    for name in rivals:
        files, lines = sizes[name]
        print(
            f"{name:22} {middle(cold[name]):7.2f} {middle(again[name]):8.2f} {middle(memory[name]):5.0f}"
            f" {files:6} {lines:7}"
        )
    missed = []
    if middle(cold["surfacegen"]) > middle(cold["openapi-python-client"]):
        missed.append("slower than the peer, cold")
    if middle(again["surfacegen"]) > GOAL_AGAIN:
        missed.append(f"more than {GOAL_AGAIN} s with nothing to do")
    print("\n" + ("missed: " + "; ".join(missed) if missed else "both goals met"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
