"""Patterns of a document: matched in linear time on every surface, as ECMA-262 means them, or not at all."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from generator import pipeline
from generator.read import patterns

HERE = Path(__file__).parent
SUITE = json.loads((HERE / "json_schema_suite.json").read_text("utf-8"))["files"]
SECONDS = 60
"""Of a processor, for all calls of a surface; an engine that backtracks needs more than that for one."""
LONG = 50_000

CHECKED = {
    "issue": (r"^(a|a)*$", "a" * LONG + "!", "aaa"),
    # OWASP, "Regular expression Denial of Service": its evil patterns and its two examples of RegExLib.
    "owasp_plus": (r"^(a+)+$", "a" * LONG + "!", "aaa"),
    "owasp_letters": (r"^([a-zA-Z]+)*$", "a" * LONG + "!", "aB"),
    "owasp_either": (r"^(a|aa)+$", "a" * LONG + "!", "aaa"),
    "owasp_optional": (r"^(a|a?)+$", "a" * LONG + "!", "aaa"),
    "owasp_times": (r"^(.*a){20}$", "a" * LONG + "!", "ba" * 20),
    "owasp_class_name": (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a" * LONG, "java.lang.String"),
    "owasp_email": (
        r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*(@){1}[a-z0-9]+[.]{1}(([a-z]{2,3})|([a-z]{2,3}[.]{1}[a-z]{2,3}))$",
        "a" * LONG + "!",
        "someone@example.com",
    ),
    # Outages: Stack Overflow in July 2016, Cloudflare in July 2019.
    "stack_overflow": (r"^[\s\u200c]+|[\s\u200c]+$", "a" + " " * LONG + "a", "a "),
    "cloudflare": (r"^.*.*=.*;$", "=" * LONG, "x=x;"),
    # CVE-2020-8492 in Python's urllib.
    "cve_2020_8492": (r"^(?:.*,)*[ \t]*([^ \t]+)[ \t]+realm=", "," * LONG, "Basic realm="),
    # regular-expressions.info, "Catastrophic Backtracking"; Russ Cox, "Regular Expression Matching Can Be Simple And Fast".
    "catastrophic": (r"^(x+x+)+y$", "x" * LONG, "xxy"),
    "russ_cox": (r"^(a?){30}a{30}$", "a" * 29, "a" * 30),
    # .NET's documentation of backtracking.
    "dot_net": (r"^(\w+\s?)*$", "a" * LONG + "!", "a b"),
    "many_states": (r"^(x{0,20}){0,20}y$", "x" * LONG, "xy"),
}
"""A pattern, a text that it does not describe and that is hard to tell, and one that it does."""
UNCHECKED = {
    "look_ahead": (r"^(?!x)(a+)+$", "a" * LONG + "!"),
    "look_behind": (r"(?<=(a|a)*)b$", "a" * LONG),
    "backreference": (r"^(a+)+\1$", "a" * LONG + "!"),
    "word_edge": (r"^\bé", "e"),
    "set_within_set": (r"^[[a]b]$", "x"),
    "too_many_states": (r"^(x{0,1000}){0,100}y$", "x" * LONG),
    "large": (r"^(é{1,1000}){1,1000}$", "x"),
    "no_pattern": (r"^(", "x"),
}
"""A pattern that the engine cannot compile or would read otherwise, and a text that it may or may not describe."""


@pytest.fixture(scope="module")
def zoo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A package whose one function has an argument for each pattern, and the calls to make."""
    folder = tmp_path_factory.mktemp("patterns")
    table = {name: row[0] for name, row in [*CHECKED.items(), *UNCHECKED.items()]}
    schema = {"properties": {name: {"type": "string", "pattern": pattern} for name, pattern in table.items()}}
    body = {"content": {"application/json": {"schema": {"type": "object", **schema}}}}
    done = {"200": {"description": "ok", "content": {"application/json": {"schema": {"type": "object"}}}}}
    operation = {"operationId": "search", "requestBody": body, "responses": done}
    document = {"openapi": "3.1.0", "info": {"title": "Zoo", "version": "1"}, "paths": {"/search": {"post": operation}}}
    (folder / "zoo.json").write_text(json.dumps(document))
    functions = {"zoo_search": {"operation": "search", "type": "read", "title": "Search", "summary": "Search."}}
    api = {"name": "zoo", "title": "Zoo", "package": "zoo", "client": "Zoo", "version": "1.0.0"}
    (folder / "catalog.yaml").write_text(json.dumps({"catalog": 1, "api": api, "functions": functions}))
    pipeline.generate(pipeline.Inputs(folder / "zoo.json", folder / "catalog.yaml"), folder)
    calls = [{name: bad} for name, (_, bad, _) in CHECKED.items()]
    calls += [{name: good} for name, (_, _, good) in CHECKED.items()]
    calls += [{name: text} for name, (_, text) in UNCHECKED.items()]
    (folder / "calls.json").write_text(json.dumps(calls))
    return folder


@pytest.mark.parametrize("surface", ["validate", "call", "cli", "mcp", "lua", "mock"])
def test_no_text_takes_long_and_surfaces_agree(zoo: Path, surface: str) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "patterns_worker.py"), surface, str(zoo)],
        capture_output=True, text=True, check=False, cwd=zoo,
        env={"PATH": os.environ["PATH"], "HOME": str(zoo)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == [*CHECKED, *[""] * len(CHECKED), *[""] * len(UNCHECKED)]


def test_the_ledger_names_what_is_not_checked(zoo: Path) -> None:
    losses = json.loads((zoo / "ledger.json").read_text())["losses"]
    named = [loss["pointer"].split("/")[-2] for loss in losses if "`pattern`" in loss["reason"]]
    assert named == sorted(UNCHECKED)
    assert all(loss["kind"] == "degraded" for loss in losses if "`pattern`" in loss["reason"])


def test_each_bound_leaves_a_pattern_unchecked() -> None:
    assert patterns.matches("a{2000}$", "x") is False
    assert patterns.matches("é{200000}$", "x") is None, "larger than LARGEST"
    assert patterns.matches("a" * 10_000, "x") is False
    assert patterns.matches("a" * 10_001, "x") is None, "longer than LONGEST"
    assert patterns.matches("(x{0,100}){0,9}y", "x" * 1000) is False
    assert patterns.matches("(x{0,100}){0,9}y", "x" * 10_000_000) is None, "more than WORK with so long a text"
    assert patterns.matches("^[a-z]+$", "x" * 1_000_000) is True


PIECES = [
    *"aA1_-.^$|()[]{}*+?/<>&~,:é💩", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\b", r"\B", r"\.", r"\-", r"\/", r"\<",
    r"\>", r"\A", r"\z", r"\x41", r"\x{41}", r"\u0041", r"\u{41}", r"\cA", r"\n", r"\t", r"\p{L}", r"\P{Lu}", r"\pL",
    "(?:", "(?i)", "(?<n>", "(?P<n>", "(?=", "[^", "[a-z]", "[[:alpha:]]", "&&", "--", "{2}", "{1,2}", "{,2}", "{ 2}", "*?", "++",
]  # fmt: skip
TEXTS = [
    "", "a", "A", "1", "_", "-", ".", "é", "ſ", "\u00a0", "\u2028", "\ufeff", "\u3000", "\u180e", "\n", "\r", "💩", "aa",
    "<a>", "[a", "a-z", "aé", "x41", "&&", "٣", "\x01", "{2}", "a{ 2}", "L", "zA",
]  # fmt: skip


def test_what_is_checked_is_read_as_ecmascript_reads_it() -> None:
    """Every pattern and every class of two pieces that both take, against V8."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node is not installed")
    table = [a + b for a in ["", *PIECES] for b in ["", *PIECES]]
    table += [f"^[{a}{b}]+$" for a in PIECES for b in PIECES]
    program = """
        const [patterns, texts] = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const read = (p) => { try { return new RegExp(p, "u"); } catch { return null; } };
        const verdicts = (r) => r && texts.map((t) => r.test(t));
        console.log(JSON.stringify(patterns.map((p) => verdicts(read(p)))));
    """
    done = subprocess.run(
        [node, "-e", program], input=json.dumps([table, TEXTS]), capture_output=True, text=True, check=True
    )
    compared = 0
    for pattern, expected in zip(table, json.loads(done.stdout), strict=True):
        if expected is not None and patterns.checked(pattern):
            assert [patterns.matches(pattern, text) for text in TEXTS] == expected, pattern
            compared += 1
    assert compared > 1000, compared


@pytest.mark.parametrize("name", SUITE)
def test_the_json_schema_test_suite(name: str) -> None:
    """Each case of the keywords that clients check; those of a pattern that is not checked must at least not refuse."""
    sys.path.insert(0, str(HERE.parents[1] / "generated/python"))
    from replikit.functions import check  # type: ignore[import-not-found]

    for group in SUITE[name]:
        for case in group["tests"]:
            found: Any = check(case["data"], group["schema"])
            assert (found is None) == case["valid"], (group["description"], case["description"], found)
