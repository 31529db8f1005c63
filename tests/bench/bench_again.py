"""What a run costs after one change, as a part of a cold run of the same document.

    python tests/bench/bench_again.py [OPERATIONS] [DOCUMENT ...]

Documents that make themselves (`made_documents`), of 300 operations unless told otherwise, and any that are named. All
surfaces, in seconds of the processor: of a cold run into an empty folder, with nothing kept from runs before; then, into
that folder, after each of these: an operation more, one gone, another description of one, another description of the type
that most refers to, a property more of another type, another page of the docs by its template, another module of the
runtime, and nothing at all. The generator that runs is a copy, whose templates can be changed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from bench import ROOT
from made_documents import MANNERS, document

GOAL = 0.3
"""Of a cold run, for one after a change."""
METHODS = ("get", "put", "post", "delete", "patch")
_REFERRED = re.compile(r'"#/components/schemas/([^"]+)"')


def added(found: Any) -> None:
    found["paths"]["/one-more"] = {"get": {"operationId": "oneMore", "responses": {"200": {"description": "ok"}}}}


def removed(found: Any) -> None:
    del found["paths"]["/one-more"]


def described(found: Any) -> None:
    operations = [item[name] for item in found["paths"].values() for name in METHODS if name in item]
    operations[len(operations) // 2]["description"] = "Another description."


def shared(found: Any) -> None:
    schemas = found["components"]["schemas"]
    names = (name for name, _ in Counter(_REFERRED.findall(json.dumps(found))).most_common() if name in schemas)
    schemas[next(names)]["description"] = "Another description."


def widened(found: Any) -> None:
    schemas = [schema for schema in found["components"]["schemas"].values() if schema.get("properties")]
    schemas[len(schemas) // 2]["properties"]["one_more"] = {"type": "string"}


CHANGES: dict[str, Callable[[Any], None]] = {
    "operation": added,
    "removed": removed,
    "description": described,
    "shared type": shared,
    "property": widened,
}
TEMPLATES = {
    "page": ("docs/docs/pages/functions/[function].md.jinja", "\nMore.\n"),
    "module": ("python/python/[package]/runtime/errors.py", "\n# More.\n"),
}


class House:
    """A copy of the generator, and one project of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("generator", "templates", "spec"):
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))

    def run(self, path: Path, out: Path) -> float:
        """Seconds of the processor."""
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        command = [sys.executable, "-m", "generator", "generate", "--openapi", str(path), "--out", str(out)]
        silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
        os.chdir(self.folder)
        _, status, used = os.wait4(os.posix_spawn(sys.executable, command, environment, file_actions=silent), 0)
        if status:
            sys.exit(f"failed: {' '.join(command)}")
        return used.ru_utime + used.ru_stime


def measured(house: House, path: Path) -> dict[str, float]:
    """The seconds of a cold run, and of one after each change."""
    own, out = house.folder / f"{path.stem}.json", house.folder / "out" / path.stem
    found = json.loads(path.read_text("utf-8"))
    own.write_text(json.dumps(found))
    seconds = {"cold": house.run(own, out)}
    for name, change in CHANGES.items():
        change(found)
        own.write_text(json.dumps(found))
        seconds[name] = house.run(own, out)
    for name, (template, more) in TEMPLATES.items():
        place = house.folder / "templates" / template
        former = place.read_text("utf-8")
        place.write_text(former + more)
        seconds[name] = house.run(own, out)
        place.write_text(former)
        house.run(own, out)
    return {**seconds, "nothing": house.run(own, out)}


def main() -> int:
    """Prints the table; 1 when a goal was missed."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    columns = [*CHANGES, *TEMPLATES, "nothing"]
    print(f"{'':24} {'cold s':>7} " + " ".join(f"{name:>11}" for name in columns))
    missed = []
    with tempfile.TemporaryDirectory() as scratch:
        house = House(Path(scratch))
        paths = [Path(path).absolute() for path in sys.argv[2:]]
        for manner in MANNERS:
            paths.append(Path(scratch) / "made" / f"{manner}-{size}.json")
            paths[-1].parent.mkdir(exist_ok=True)
            paths[-1].write_text(json.dumps(document(manner, size)))
        house.run(paths[-1], Path(scratch) / "first")  # fills the caches of Python and of the templates
        for path in paths:
            seconds = measured(house, path)
            shares = {name: seconds[name] / seconds["cold"] for name in columns}
            print(
                f"{path.stem:24} {seconds['cold']:7.2f} " + " ".join(f"{shares[name]:11.2f}" for name in columns),
                flush=True,
            )
            missed += [f"{path.stem}: {name} {share:.2f}" for name, share in shares.items() if share > GOAL]
    print(
        "\n" + (f"missed (the goal is {GOAL} of a cold run):\n  " + "\n  ".join(missed) if missed else "all goals met")
    )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
