"""Which tests reach a line: learned by one run of every quick test file under coverage, each test a context of its own.

What was learned is kept in .cache/ until the test file changes; where a module changes, its lines are found again by what
they say, and only new ones are not known. A mutant is then looked for by the tests that run its line: first by the
quickest of each file, then by those files as a whole.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import json
import os
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import coverage
import pytest

TESTS = (
    *(f"{folder}/**/test_*.py" for folder in ("check", "functions", "generator", "link", "names", "read", "surfaces")),
    *(
        "runtime/test_runtime*.py",
        "runtime/test_answer*.py",
        "runtime/test_page*.py",
        "models/test_derived_link.py",
        "evolve/test_update.py",
        "hostile/test_kept_names.py",
    ),
    *(f"wire/test_{name}.py" for name in ("answers", "bodies", "chosen_servers", "parameters", "parts", "references")),
    *(
        f"wire/test_{name}.py"
        for name in ("credential_places", "credentials_sent", "deep_lists", "paged_lists", "streams")
    ),
)
"""Below tests/: those that call what is mutated in their own process."""
SLOWEST = 60
"""Seconds of the processor: a test file that takes more is nearest to nothing."""
QUICKEST = 12
"""Tests of a file that are tried before the file as a whole."""
BRIEF = 8.0
"""Seconds of the processor: a file of tests that is called after the module, and takes no more, is run whole at first."""
TOGETHER = 4
"""Test files that one process runs."""
LOADED = "ignore::pytest.PytestAssertRewriteWarning"
"""Of the libraries that have plug-ins for pytest."""
_TABLE = re.compile(r"[\w/]+\.(?:yaml|json)")
NOTHING_RUN = 5
"""pytest's exit code where no test is selected."""


@dataclass
class File:
    """What is known of one test file."""

    seconds: float = 0.0
    tests: dict[str, float] = field(default_factory=dict)
    """Those that pass, with the seconds of the processor that each takes."""
    failed: list[str] = field(default_factory=list)
    lines: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    """module -> line -> tests"""
    texts: dict[str, str] = field(default_factory=dict)
    """module -> the digest of its text then"""


class _Contexts:
    """A plug-in of pytest: each test is a context of the coverage, and is timed."""

    def __init__(self, measured: coverage.Coverage, file: File) -> None:
        self._measured, self._file = measured, file
        self._begun = 0.0

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._measured.switch_context(nodeid)
        self._begun = _processor()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and report.nodeid not in self._file.failed:
            self._file.failed.append(report.nodeid)

    def pytest_runtest_logfinish(self, nodeid: str) -> None:
        self._file.tests[nodeid] = round(_processor() - self._begun, 3)
        self._measured.switch_context("")


def _processor() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def forked(root: Path, seconds: int, tests: Sequence[str], measured: tuple[Sequence[str], Path] | None = None) -> int:
    """pytest's exit code, in a fork with so many seconds of the processor.

    measured: the modules whose lines are noted, as patterns, and the file that a File is written to.
    """
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 70
    try:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
        with (root / "output.txt").open("w") as output:
            os.dup2(output.fileno(), 1)
            os.dup2(output.fileno(), 2)
        sys.path.insert(0, str(root))
        arguments = ["-q", "-p", "no:cacheprovider", "-W", LOADED, *tests]
        if measured is None:
            code = int(pytest.main(["-x", *arguments]))
        else:
            code = _measure(root, arguments, *measured)
    except BaseException:  # noqa: BLE001 - a fork must end here
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            os.killpg(0, signal.SIGTERM)
        os._exit(code)


def _measure(root: Path, arguments: Sequence[str], patterns: Sequence[str], result: Path) -> int:
    file = File()
    measured = coverage.Coverage(data_file=None, include=[*patterns], config_file=False)
    measured.start()
    code = int(pytest.main([*arguments], plugins=[_Contexts(measured, file)]))
    measured.stop()
    data = measured.get_data()
    for path in data.measured_files():
        lines = file.lines.setdefault(_known_as(path.removeprefix(f"{root}/")), {})
        for line, contexts in data.contexts_by_lineno(path).items():
            lines[str(line)] = sorted({*lines.get(str(line), ()), *filter(None, contexts)} - {*file.failed})
    file.tests = {name: seconds for name, seconds in file.tests.items() if name not in file.failed}
    file.seconds = round(_processor(), 2)
    result.write_text(json.dumps(file.__dict__), "utf-8")
    return code


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _with_tables(path: Path) -> str:
    """The text of a test file, and of the tables beside it that it names: what they say decides which lines it reaches."""
    text = path.read_text("utf-8")
    named = (path.parent / name for name in sorted({*_TABLE.findall(text)}))
    return "\n".join([text, *(each.read_text("utf-8") for each in named if each.is_file())])


def _moved(then: str, now: str) -> dict[str, str]:
    """Where the lines of a text are in a later one."""
    blocks = SequenceMatcher(None, then.splitlines(), now.splitlines(), autojunk=False).get_matching_blocks()
    return {str(block.a + n + 1): str(block.b + n + 1) for block in blocks for n in range(block.size)}


def _known_as(module: str) -> str:
    """The runtime is imported from wherever a test lays a package."""
    return f"runtime/{Path(module).name}" if "/runtime/" in module else module


# ── what is known ───────────────────────────────────────────────────────────────────────────────────────────────


class Nearest:
    """The tests that reach each line of the modules."""

    def __init__(self, root: Path, modules: Iterable[str], kept: Path) -> None:
        self._root = root
        self._files: dict[str, File] = {}
        self._learn([*modules], kept)

    def _learn(self, modules: Sequence[str], kept: Path) -> None:
        (kept / "texts").mkdir(parents=True, exist_ok=True)
        now = {_known_as(module): (self._root / module).read_text("utf-8") for module in modules}
        digests = {module: _digest(text) for module, text in now.items()}
        for module, text in now.items():
            (kept / "texts" / digests[module]).write_text(text, "utf-8")
        patterns = [str(self._root / module) for module in modules if module.startswith("generator/")]
        patterns += [f"*/{_known_as(module)}" for module in modules if not module.startswith("generator/")]
        tests = [path for pattern in TESTS for path in sorted((self._root / "tests").glob(pattern))]
        moved: dict[tuple[str, str], dict[str, str]] = {}
        for number, path in enumerate(tests, 1):
            name = path.relative_to(self._root).as_posix()
            result = kept / f"{path.stem}.{_digest(_with_tables(path))}.json"
            if not result.exists():
                for old in kept.glob(f"{path.stem}.*.json"):
                    old.unlink()
                print(f"{number}/{len(tests)} {name}", end="\r", file=sys.stderr, flush=True)
                code = forked(self._root, SLOWEST, [name], (patterns, result))
                if not result.exists():
                    print(f"{name} is left out: exited with {code}")
                    result.write_text(json.dumps(File().__dict__), "utf-8")
                known = File(**json.loads(result.read_text("utf-8")))
                result.write_text(json.dumps({**known.__dict__, "texts": digests}), "utf-8")
            self._files[name] = file = File(**json.loads(result.read_text("utf-8")))
            for module in file.lines.keys() & now.keys():
                if (then := file.texts[module]) != digests[module]:
                    if (module, then) not in moved:
                        moved[module, then] = _moved((kept / "texts" / then).read_text("utf-8"), now[module])
                    learnt = moved[module, then]
                    file.lines[module] = {learnt[n]: names for n, names in file.lines[module].items() if n in learnt}
            if file.failed:
                print(f"{name}: failed without a mutant: {', '.join(file.failed[:3])}")

    def runs(self, module: str, line: int) -> Iterator[list[str]]:
        """What is given to pytest to notice a change of this line, one process after the other."""
        reached = self._reached(module, line)
        stem = Path(module).stem

        def nearness(name: str) -> tuple[bool, bool, float]:
            folder = Path(module).parent.name
            return stem not in Path(name).stem, Path(name).parent.name != folder, self._files[name].seconds

        names = sorted(reached, key=nearness)
        if own := [name for name in names if stem in Path(name).stem and self._files[name].seconds <= BRIEF]:
            yield [*own, *(f"--deselect={test}" for name in own for test in self._files[name].failed)]
        for start in range(0, len(names), TOGETHER):
            chosen = []
            for name in names[start : start + TOGETHER]:
                known = self._files[name].tests
                chosen += sorted(reached[name], key=lambda test: known.get(test, 0.0))[:QUICKEST]
            yield chosen
            if not start:  # the nearest as a whole, before those that only lead through it
                brief = [name for name in names[:TOGETHER] if self._files[name].seconds <= BRIEF]
                if brief:
                    yield [*brief, *(f"--deselect={test}" for name in brief for test in self._files[name].failed)]
        for start in range(0, len(names), TOGETHER):
            chosen = names[start : start + TOGETHER]
            if any(len(self._files[name].tests) > min(QUICKEST, len(reached[name])) for name in chosen):
                yield [*chosen, *(f"--deselect={test}" for name in chosen for test in self._files[name].failed)]

    def _reached(self, module: str, line: int) -> Mapping[str, list[str]]:
        """test file -> tests that run this line, else what it is a part of."""
        for lines in _wider((self._root / module).read_text("utf-8"), line):
            reached = {}
            for name, file in self._files.items():
                known = file.lines.get(_known_as(module), {})
                if tests := list(dict.fromkeys(test for n in lines for test in known.get(str(n), ()))):
                    reached[name] = tests
            if reached:
                return reached
        # A module of tables alone: what runs its neighbours, which read them.
        folder = f"{Path(module).parent}/"
        beside = {name: [n for n in file.lines if n.startswith(folder)] for name, file in self._files.items()}
        return {name: [*self._files[name].tests] for name, neighbours in beside.items() if neighbours}


def _wider(text: str, line: int) -> Iterator[Iterable[int]]:
    """Lines to look for, each time more: the line; its statement; its function; the readers of what it defines; all.

    Only lines within functions: the others run when a module is imported, by whichever test is first to need it.
    """
    tree = ast.parse(text)
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    within = {n for node in functions for n in range(node.body[0].lineno, (node.end_lineno or node.lineno) + 1)}
    around = [node for node in ast.walk(tree) if isinstance(node, ast.stmt) and line in _lines(node)]
    yield {line} & within
    for node in reversed(around):
        if node in functions or not hasattr(node, "body"):
            yield within.intersection(_lines(node))
    loads = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)]
    names = {
        node.id
        for statement in around
        if not hasattr(statement, "body")
        for node in ast.walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    yield within.intersection(node.lineno for node in loads if node.id in names)
    yield within


def _lines(node: ast.stmt) -> range:
    return range(node.lineno, (node.end_lineno or node.lineno) + 1)
