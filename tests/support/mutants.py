"""Mutants: small changes to the generator and to the building of requests, each of which a test must notice.

    .venv-mutants/bin/python tests/support/mutants.py [SAMPLE] [--seed 1] [--only 'generator/link/*']

The changes are those of mutmut. Its runner is not used: it changes functions alone, and most of what is decided here
stands in tables; it runs the whole suite first to learn what covers what; and it takes no sample. Here one mutant at a
time is written into a copy of the repository, and the tests nearest to its module run in a fork of this process, which
has the libraries loaded. Places are drawn by a seed, so that the same command gives the same mutants.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import libcst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators, operator_string

ROOT = Path(__file__).parents[2]
RUNTIME = "templates/python/python/[[]package]/runtime"
LAID = "generated/python/replikit/runtime"
"""Where the runtime is laid as it is: a mutant of it is written to both places."""

NEAREST: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("generator/read/json_reader.py", ("test_json.py",)),
    ("generator/read/yaml_reader.py", ("test_yaml.py",)),
    ("generator/read/patterns.py", ("test_patterns.py",)),
    ("generator/read/fetch.py", ("test_update.py",)),
    ("generator/read/files.py", ("read/test_files.py", "read/test_bounds.py")),
    ("generator/read/urls.py", ("test_url_problems.py",)),
    ("generator/read/schema_names.py", ("link/test_schemas.py",)),
    ("generator/read/hand_written.py", ("test_hand_written.py",)),
    ("generator/read/spdx.py", ("test_spdx.py",)),
    ("generator/read/source.py", ("test_pointers.py",)),
    ("generator/read/shape.py", ("test_fixed_fields.py", "test_shape.py")),
    ("generator/read/swagger*.py", ("test_swagger.py",)),
    ("generator/read/vendor_extensions.py", ("test_vendor_extensions.py",)),
    ("generator/read/overlay.py", ("test_overlay.py",)),
    ("generator/read/amending.py", ("test_overlay.py",)),
    ("generator/read/jsonpath.py", ("test_overlay.py",)),
    ("generator/read/intersection.py", ("test_intersection.py",)),
    ("generator/read/remote.py", ("test_remote.py",)),
    ("generator/read/catalog*.py", ("test_catalog_model.py",)),
    ("generator/read/returned.py", ("test_returned_catalog.py",)),
    ("generator/read/*", ("test_keywords.py", "test_described.py", "test_referred_kinds.py", "test_errors.py", "test_link.py", "test_cases.py")),
    ("generator/read/allof.py", ("test_named_types.py",)),
    ("generator/link/title.py", ("test_title.py",)),
    ("generator/link/shortening.py", ("test_shortening.py",)),
    ("generator/link/identity.py", ("test_apart.py",)),
    ("generator/link/paths.py", ("link/test_paths.py",)),
    ("generator/link/samples.py", ("test_keywords.py", "test_made_examples.py")),
    ("generator/link/fitting.py", ("test_keywords.py", "test_made_examples.py")),
    ("generator/link/pages.py", ("test_page_ways.py",)),
    ("generator/link/credentials.py", ("link/test_credentials.py",)),
    ("generator/link/effects.py", ("test_effects.py",)),
    ("generator/link/links.py", ("test_links.py",)),
    ("generator/link/calling.py", ("test_derived_callings.py",)),
    ("generator/link/selectors.py", ("test_selectors.py",)),
    ("generator/link/*", ("test_described.py", "test_behaviours.py", "test_errors.py", "test_link.py", "test_cases.py")),
    ("generator/check/*", ("test_lint.py", "test_wrong_examples.py", "test_advice.py", "test_errors.py", "test_document_rules.py", "test_validity.py")),
    ("generator/names/*", ("test_spelling.py", "test_spec.py", "test_errors.py", "test_cases.py")),
    (f"{RUNTIME}/*", ("test_references.py", "test_bodies.py", "test_parameters.py", "test_runtime.py", "test_runtime_views.py", "test_plain_python.py")),
)  # fmt: skip
"""Module to test files, found below tests/ by the end of their path; those of every row that fits run, in this order."""
MODULES = (
    *(f"generator/{folder}/*.py" for folder in ("read", "link", "check", "names")),
    *(f"{RUNTIME}/{name}.py" for name in ("requests", "operation", "references", "paths", "jsonvalues")),
)
LIBRARIES = ("black", "jinja2", "jsonschema", "jsonschema_rs", "yaml", "httpx", "referencing.jsonschema", "mcp")
LOADED = "ignore::pytest.PytestAssertRewriteWarning"
"""Of the libraries that have plug-ins for pytest."""
SECONDS = 240
"""Of the processor, for the tests of one mutant: one that never ends is noticed by that."""


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
        self.found: list[tuple[libcst.CSTNode, list[libcst.CSTNode], int]] = []

    def on_visit(self, node: libcst.CSTNode) -> bool:
        # Annotations are text to Python, and imports and decorators are not decisions.
        if isinstance(node, (libcst.Annotation, libcst.Import, libcst.ImportFrom, libcst.Decorator)):
            return False
        changes = [
            change
            for kind, make in mutation_operators
            if isinstance(node, kind) and not _words(node, make)
            for change in make(node)
        ]
        if changes:
            place = self.get_metadata(PositionProvider, node, None)
            self.found.append((node, changes, place.start.line if place else 0))
        return True


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
        places += [(path, wrapper.module, *place) for place in visitor.found]
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


def nearest(root: Path, path: str) -> list[str]:
    """The test files of a module, the quick ones first."""
    ends = dict.fromkeys(end for pattern, tests in NEAREST if fnmatch(path, pattern) for end in tests)
    return [str(test.relative_to(root)) for end in ends for test in sorted((root / "tests").glob(f"**/{end}"))]


def run(root: Path, tests: Sequence[str]) -> int:
    """pytest's exit code, in a fork."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        with (root / "output.txt").open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        sys.path.insert(0, str(root))
        code = int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", "-W", LOADED, *tests]))
    except BaseException:  # noqa: BLE001 - a fork must end here
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)
        os._exit(code)


@contextlib.contextmanager
def written(root: Path, mutant: Mutant) -> Iterator[None]:
    """The mutant in the place of the module."""
    paths = [root / mutant.path]
    laid = root / LAID / paths[0].name
    paths += [laid] if fnmatch(mutant.path, f"{RUNTIME}/*") else []
    true = [path.read_text("utf-8") for path in paths]
    for path in paths:
        path.write_text(mutant.text, "utf-8")
    try:
        yield
    finally:
        for path, text in zip(paths, true, strict=True):
            path.write_text(text, "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sample", type=int, nargs="?", default=100, help="how many mutants (100)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", help="modules, as a pattern of paths")
    options = parser.parse_args()
    for name in LIBRARIES:
        importlib.import_module(name)
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        root = Path(folder).resolve()
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, listed.split("\0")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).exists():
                shutil.copyfile(ROOT / name, root / name)
        os.chdir(root)
        drawn = mutants(root, options.only or MODULES, options.sample, options.seed)
        tests = list(dict.fromkeys(test for mutant in drawn for test in nearest(root, mutant.path)))
        if code := run(root, tests):
            print(f"the tests fail without a mutant ({code}): {' '.join(tests)}\n{(root / 'output.txt').read_text()}")
            return 2
        return examine(root, drawn)


def examine(root: Path, drawn: Sequence[Mutant]) -> int:
    """Runs the tests for each mutant and prints those that none of them notices."""
    counts: dict[str, Counter[str]] = {}
    for number, mutant in enumerate(drawn, 1):
        begun = time.monotonic()
        with written(root, mutant):
            code = run(root, nearest(root, mutant.path))
        if code in (3, 4, 5, 70):
            print(f"no answer ({code}) for {mutant.path}:{mutant.line}\n{(root / 'output.txt').read_text()}")
            return 2
        counts.setdefault(mutant.path, Counter())["survived" if code == 0 else "killed"] += 1
        if code == 0:
            before, after = (" ".join(each.split())[:300] for each in (mutant.before, mutant.after))
            print(f"survived {mutant.path}:{mutant.line}\n    - {before}\n    + {after}", flush=True)
        print(f"{number}/{len(drawn)} {time.monotonic() - begun:.1f} s", end="\r", file=sys.stderr, flush=True)
    for path, count in sorted(counts.items()):
        print(f"{path}: {count['killed']} killed, {count['survived']} survived")
    killed, survived = (sum(count[each] for count in counts.values()) for each in ("killed", "survived"))
    print(
        f"{killed + survived} mutants: {killed} killed, {survived} survived ({survived / max(1, killed + survived):.0%})"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
