"""What `diff` takes of two versions of a large document, beside reading and linking the new one alone (`ir`).

    python tests/bench/bench_diff.py [OLD NEW]

Without documents: one of 1,000 operations that makes itself, and the same with a change in each twentieth operation. The
goal is that of GitHub Enterprise Server 3.7 and 3.8, 5.5 MB each: 5 s. Each run is one process; the CPU time and the
memory are its own, the fewest of three runs.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))

from made_documents import document

GOAL = 5.0
"""Seconds of CPU."""
OPERATIONS = 1_000
RUNS = 3


def measured(*arguments: str) -> tuple[float, int]:
    """(seconds of CPU, MB at most) of one command; 0 and 1 are the codes of a comparison that was made."""
    command = [sys.executable, "-m", "generator", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode in (0, 1), f"{arguments} ended with {process.returncode}"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024


def changed(written: dict[str, object]) -> dict[str, object]:
    """The same document with another description of what is answered, and a header that is asked for, here and there."""
    new = json.loads(json.dumps(written))
    for item in list(new["paths"].values())[::20]:
        for operation in item.values():
            if isinstance(operation, dict) and "responses" in operation:
                header = {"name": "X-Trace", "in": "header", "required": True, "schema": {"type": "string"}}
                operation.setdefault("parameters", []).append(header)
    return new  # type: ignore[no-any-return]


def main() -> int:
    """Prints the figures; 1 where the comparison is beyond its goal."""
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 2:
            old, new = (Path(each).resolve() for each in sys.argv[1:3])
        else:
            old, new = Path(folder, "old.json"), Path(folder, "new.json")
            written = document("github", OPERATIONS)
            old.write_text(json.dumps(written), "utf-8")
            new.write_text(json.dumps(changed(written)), "utf-8")
        compared = [measured("diff", str(old), str(new)) for _ in range(RUNS)]
        read = [measured("ir", "--openapi", str(new)) for _ in range(RUNS)]
    best, floor = min(compared), min(read)
    missed = f" (at most {GOAL:g} wanted)" if best[0] > GOAL else ""
    print(f"{old.name} and {new.name}")
    print(f"{'CPU of diff':24} {best[0]:>9.1f} s{missed}")
    print(f"{'of reading one alone':24} {floor[0]:>9.1f} s, diff is {best[0] / floor[0]:.1f} times that")
    print(f"{'memory of diff':24} {best[1]:>9,} MB")
    return int(best[0] > GOAL)


if __name__ == "__main__":
    raise SystemExit(main())
