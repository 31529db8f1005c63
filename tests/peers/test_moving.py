"""Programs written for the official clients, run with them and with ours, against the mock."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hanging import HANGS
from mcp_harness import GENERATED, mocked
from moving_calls import METHODS, NAMES, as_sync, caller
from moving_snippets import PRELUDE, SNIPPETS, as_ours
from test_dropin_table import rows

from generator import pipeline

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "spec/extensions/docs/moving.md"
PEERS = {"1.0.7": ".venv-bench-replicate1", "2.0.0b4": ".venv-bench-replicate2"}


def run(python: str, programs: list[str], base: str, **more: str) -> list[str]:
    """What each of them failed with, in one process, against a mock of its own."""
    with mocked(bare=False, seconds=0.02, page_size=10) as env:
        if base == "host":  # version 1 puts the version of the API before its paths by itself
            env = {**env, "REPLICATE_BASE_URL": env["REPLICATE_BASE_URL"].removesuffix("/v1")}
        kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
        done = subprocess.run(
            [python, str(ROOT / "tests/peers/moving_worker.py")],
            input=json.dumps([PRELUDE + program for program in programs]),
            env={**kept, **env, "REPLICATE_POLL_INTERVAL": "0.02", **more},
            capture_output=True, text=True, check=True, timeout=HANGS, cwd=ROOT,
        )  # fmt: skip
    found: list[str] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_program_works_or_has_one_in_its_place() -> None:
    assert len(SNIPPETS) >= 76 and len({snippet.name for snippet in SNIPPETS}) == len(SNIPPETS)
    programs = [as_ours(snippet.code) for snippet in SNIPPETS]
    replaced = [snippet for snippet in SNIPPETS if snippet.ours]
    environment = {"PYTHONPATH": str(GENERATED), "REPLIKIT_CONFIG": os.devnull + ".none"}
    ended = run(sys.executable, programs + [snippet.ours for snippet in replaced], "", **environment)
    ours, instead = ended[: len(programs)], ended[len(programs) :]
    wrong = {s.name: failed for s, failed in zip(SNIPPETS, ours, strict=True) if failed and not s.ours}
    wrong |= {f"{s.name}, ours": failed for s, failed in zip(replaced, instead, strict=True) if failed}
    assert wrong == {}
    needless = [s.name for s, failed in zip(SNIPPETS, ours, strict=True) if s.ours and not failed]
    assert needless == [], "these work as they are"
    listed = PAGE.read_text("utf-8")
    assert [
        s.name for s in replaced if f"| {s.name[0].upper()}{s.name[1:]} |" not in listed
    ] == [], "the page lacks them"
    scores = {"replikit": f"{ours.count('')} as they are, {len(replaced)} in another form"}
    for name, venv in PEERS.items():
        python = ROOT / venv / "bin/python"
        if python.exists():
            theirs = run(str(python), [s.code for s in SNIPPETS], "host" if name.startswith("1") else "")
            scores[name] = str(theirs.count(""))
            assert 0 < theirs.count("") < ours.count("")
        elif os.environ.get("CI") == "true":
            pytest.fail(f"{python} is missing: make {venv}/installed")
    print(f"{len(SNIPPETS)} programs:", *(f"{name}: {score}" for name, score in scores.items()), sep="\n  ")


def names(line: str, cell: int) -> set[str]:
    """The names in a cell of the table of names."""
    return set(re.findall(r"`(\w+)`", line.split(" | ")[cell]))


def table() -> list[str]:
    section = PAGE.read_text("utf-8").split("{ #names }")[1].split("\n## ")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("venv", PEERS.values())
def test_every_name_of_the_package_is_in_the_table(venv: str) -> None:
    python = ROOT / venv / "bin/python"
    if not python.exists():
        pytest.skip(f"the official client is not running: make {venv}/installed")
    done = subprocess.run(
        [python, ROOT / "tests/peers/moving_names.py"],
        env={**os.environ, "REPLICATE_API_TOKEN": "t"},
        capture_output=True, text=True, check=True, timeout=HANGS, cwd=ROOT,
    )  # fmt: skip
    theirs = set(done.stdout.split())
    assert len(theirs) > 15
    assert theirs - {name for line in table() for name in names(line, 0)} == set()


def test_every_row_of_the_tables_does_what_it_says() -> None:
    """Each name of ours is called, the clients' own by both of them; what deletes comes last."""
    api = pipeline.load(pipeline.Inputs(ROOT / "spec/openapi.yaml", ROOT / "spec/catalog.yaml"))
    ours = {name for line in table() for name in names(line, 1)}
    assert ours == NAMES.keys() and len(ours) > 40
    methods = sorted({name for anchor in ("from-1", "from-2") for _, found in rows(anchor) for name in found})
    methods.sort(key=lambda name: name.endswith((".delete", ".cancel")))
    assert len(methods) > 45 and METHODS.keys() <= set(methods)
    awaited = {name: caller(name, api.functions) for name in methods}
    environment = {"PYTHONPATH": str(GENERATED), "REPLIKIT_CONFIG": os.devnull + ".none"}
    for programs in (NAMES, awaited, {name: as_sync(code) for name, code in awaited.items()}):
        ended = run(sys.executable, list(programs.values()), "", **environment)
        assert {name: failed for name, failed in zip(programs, ended, strict=True) if failed} == {}
