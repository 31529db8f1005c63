"""Mutants: small changes to the generator and to the building of requests, each of which a test must notice.

    .venv-mutants/bin/python tests/support/mutants.py [SAMPLE] [--seed 1] [--only 'generator/link/*']

The changes are those of mutmut. Its runner is not used: it changes functions alone, and most of what is decided here
stands in tables; and it takes no sample. Here one mutant at a time is written into a copy of the repository, and the
tests that reach its line run in a fork of this process, which has the libraries loaded. Places are drawn by a seed, so that
the same command gives the same mutants.

The tests nearest to a mutant have some seconds of the processor to notice it; where they do not, every test file that
reaches its line has as long as it takes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import libcst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string
from nearest_tests import NOTHING_RUN, Nearest, forked

ROOT = Path(__file__).parents[2]
RUNTIME = "templates/python/python/[[]package]/runtime"
LAID = "generated/python/replikit/runtime"
"""Where the runtime is laid as it is: a mutant of it is written to both places."""

MODULES = (
    *(f"generator/{folder}/*.py" for folder in ("read", "link", "check", "check/document", "names")),
    *(f"{RUNTIME}/{name}.py" for name in ("requests", "operation", "references", "paths", "jsonvalues")),
    *(f"{RUNTIME}/{name}.py" for name in ("bodies", "response", "pages", "streams", "credentials")),
)
LIBRARIES = ("black", "jinja2", "jsonschema", "jsonschema_rs", "yaml", "httpx", "referencing.jsonschema", "mcp")
LIBRARIES += ("openapi_spec_validator", "jsonpath")
SECONDS = 240
"""Of the processor, for a run of tests of one mutant: one that never ends is noticed by that."""
BUDGET = 10
"""Of the processor, for the tests nearest to a mutant."""


@dataclass(frozen=True)
class Mutant:
    """One change: in which file, where, and the file's text with it."""

    path: str
    line: int
    before: str
    after: str
    text: str


# ── what is changed ─────────────────────────────────────────────────────────────────────────────────────────────


class _Places(libcst.CSTVisitor):
    """The nodes that can be changed, each with its changes."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.places: list[tuple[libcst.CSTNode, list[libcst.CSTNode], int]] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        # Annotations are text to Python, and imports and decorators are not decisions.
        if isinstance(node, (libcst.Annotation, libcst.Import, libcst.ImportFrom, libcst.Decorator)):
            return False
        if isinstance(node, libcst.Assign) and (_is_type(node.value) or _is_exports(node.targets[0].target)):
            return False
        if isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name) and node.func.value == "cast":
            node.args[1].visit(self)
            return False
        changes = [
            change
            for kind, make in mutation_operators
            if isinstance(node, kind) and not _words(node, make)
            for change in make(node)
        ]
        if changes:
            place = self.get_metadata(PositionProvider, node, None)
            self.places.append((node, changes, place.start.line if place else 0))
        return True


_TYPES = frozenset(
    {"tuple", "list", "dict", "Callable", "Mapping", "Sequence", "Iterator", "Iterable", "Generator", "Literal"}
)


def _is_type(value: libcst.CSTNode) -> bool:
    """Whether it is what annotations alone have a use for: a variable of types, or another name of one."""
    if isinstance(value, libcst.BinaryOperation):
        return _is_type(value.left)
    if isinstance(value, libcst.Subscript):
        return isinstance(value.value, libcst.Name) and value.value.value in _TYPES
    return isinstance(value, libcst.Call) and isinstance(value.func, libcst.Name) and value.func.value == "TypeVar"


def _is_exports(target: libcst.CSTNode) -> bool:
    return isinstance(target, libcst.Name) and target.value == "__all__"


def _words(node: libcst.CSTNode, make: object) -> bool:
    """Whether it is a text for people: how it is put is no decision that a test should hold."""
    return make is operator_string and isinstance(node, libcst.SimpleString) and " " in node.value


def mutants(root: Path, patterns: Sequence[str], count: int, seed: int) -> list[Mutant]:
    """A sample: as many places, and one change at each."""
    places = []
    modules = sorted({path for pattern in patterns for path in root.glob(pattern)})
    for path in modules:
        wrapper = MetadataWrapper(libcst.parse_module(path.read_text("utf-8")))
        visitor = _Places()
        wrapper.visit(visitor)
        places += [(path, wrapper.module, *place) for place in visitor.places]
    print(f"{len(places)} places in {len(modules)} modules", flush=True)
    chance = random.Random(seed)
    made = []
    for path, module, node, changes, line in chance.sample(places, min(count, len(places))):
        change = chance.choice(changes)
        text = module.deep_replace(node, change).code  # type: ignore[arg-type]
        code = (module.code_for_node(each).strip() for each in (node, change))
        made.append(Mutant(path.relative_to(root).as_posix(), line, *code, text))
    return made


# ── whether it is noticed ───────────────────────────────────────────────────────────────────────────────────────


def noticed(root: Path, runs: Iterable[list[str]]) -> str:
    """Which runs of tests fail: those within the budget, those after it, or none."""
    begun, stage = _processor(), "by the nearest"
    for tests in runs:
        code = forked(root, SECONDS, tests)
        if code == 4 and "found no collectors" in (root / "output.txt").read_text():
            return stage  # the test file cannot be imported
        if code in (3, 4, 70):
            raise SystemExit(f"no answer ({code})\n{(root / 'output.txt').read_text()}")
        if code not in (0, NOTHING_RUN):
            return stage
        if _processor() - begun > BUDGET:
            stage = "by the rest"
    return ""


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextlib.contextmanager
def written(root: Path, mutant: Mutant) -> Iterator[None]:
    """The mutant in the place of the module, of which nothing stays compiled: it may be as long, and as old, as another."""
    paths = [root / mutant.path]
    laid = root / LAID / paths[0].name
    paths += [laid] if fnmatch(mutant.path, f"{RUNTIME}/*") else []
    true = [path.read_text("utf-8") for path in paths]
    for path in paths:
        _write(path, mutant.text)
    try:
        yield
    finally:
        for path, text in zip(paths, true, strict=True):
            _write(path, text)


def _write(path: Path, text: str) -> None:
    path.write_text(text, "utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        compiled.unlink()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", type=int, nargs="?", default=100, help="how many mutants (100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="modules, as a pattern of paths")
    options = parser.parse_args()
    for name in LIBRARIES:
        importlib.import_module(name)
    sys.dont_write_bytecode = False  # what is compiled once serves every mutant of another module
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder).resolve()
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copyfile(ROOT / name, root / name)
        os.chdir(root)
        modules = sorted({path.relative_to(root).as_posix() for each in MODULES for path in root.glob(each)})
        nearest = Nearest(root, modules, ROOT / ".cache/mutants")
        return examine(root, mutants(root, options.only or MODULES, options.sample, options.seed), nearest)


def examine(root: Path, drawn: Sequence[Mutant], nearest: Nearest) -> int:
    """Runs the tests for each mutant and prints those that none of them notices."""
    counts: dict[str, Counter[str]] = {}
    stages: Counter[str] = Counter()
    for number, mutant in enumerate(drawn, 1):
        begun = _processor()
        runs = [*nearest.runs(mutant.path, mutant.line)]
        with written(root, mutant):
            stage = noticed(root, runs)
        counts.setdefault(mutant.path, Counter())["killed" if stage else "survived"] += 1
        stages[stage or "survived"] += 1
        if not stage:
            before, after = (" ".join(each.split())[:300] for each in (mutant.before, mutant.after))
            print(f"survived {mutant.path}:{mutant.line} ({len(runs)} runs)\n    - {before}\n    + {after}", flush=True)
        print(f"{number}/{len(drawn)} {_processor() - begun:.1f} s", end="\r", file=sys.stderr, flush=True)
    for path, count in sorted(counts.items()):
        print(f"{path}: {count['killed']} killed, {count['survived']} survived")
    near, rest, alive = (stages[each] for each in ("by the nearest", "by the rest", "survived"))
    share = alive / max(1, len(drawn))
    print(
        f"{len(drawn)} mutants: {near} noticed by the nearest tests, {rest} by the rest, {alive} survived ({share:.0%})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
