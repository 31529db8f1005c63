"""Every snippet of every page is run against the mock, as the Markdown has it."""

from __future__ import annotations

import atexit
import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from forking import Forking
from hanging import HANGS
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated"
PAGES = GENERATED / "docs/pages"
CATALOG = json.loads((GENERATED / "catalog.json").read_text("utf-8"))


@dataclass(frozen=True)
class Snippet:
    """A fenced block of a page: where it stands, the tab it is in, its language and its lines."""

    place: str
    tab: str
    language: str
    code: str


def snippets() -> Iterator[Snippet]:
    """All blocks of all pages, and of the files for agents that lie elsewhere."""
    elsewhere = [GENERATED / "docs/SKILL.md", GENERATED / "python/replikit/AGENTS.md"]
    for page in [*sorted(PAGES.rglob("*.md")), *elsewhere]:
        tab, tab_pad, lines = "", 0, page.read_text("utf-8").split("\n")
        index = 0
        while index < len(lines):
            line = lines[index]
            pad = len(line) - len(line.lstrip())
            if opened := re.match(r' *=== "(.*)"$', line):
                tab, tab_pad = opened[1], pad
            elif fence := re.match(r" *(```+)(\w*)$", line):
                end = next(i for i in range(index + 1, len(lines)) if lines[i].strip() == fence[1])
                code = textwrap.dedent("\n".join(lines[index + 1 : end]))
                place = f"{page.relative_to(GENERATED)}:{index + 1}"
                yield Snippet(place, tab if pad > tab_pad else "", fence[2], code)
                index = end
            elif line.strip() and pad <= tab_pad:
                tab = ""
            index += 1


ALL = list(snippets())


def chosen(wanted: Callable[[Snippet], bool]) -> list[Snippet]:
    found = [snippet for snippet in ALL if wanted(snippet)]
    assert found
    return found


@contextmanager
def serving() -> Iterator[Any]:
    """A mock in this process, so that each snippet can find it as it was at the start."""
    if str(GENERATED / "python") not in sys.path:
        sys.path.insert(0, str(GENERATED / "python"))
    from replikit.mock.server import serve

    with serve(seconds=0.05) as running:
        yield running


REPLIKIT = Forking("replikit", str(GENERATED / "python"), ("replikit.cli.app",), shared=True, PYTHONWARNINGS="error")
atexit.register(REPLIKIT.close)


@pytest.fixture(scope="module")
def mock() -> Iterator[Any]:
    with serving() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where `replikit` lies, as an installation would put it on the path."""
    found = tmp_path_factory.mktemp("bin")
    (found / "replikit").write_text(f'#!/bin/sh\nexec {" ".join(REPLIKIT.shim())} "$@"\n', "utf-8")
    (found / "replikit").chmod(0o755)
    return found


def variables(mock: Any, folder: Path) -> dict[str, str]:
    """What a reader has exported."""
    return {
        **mock.environment(),
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "PYTHONPATH": str(GENERATED / "python"),
        "PYTHONWARNINGS": "error",
    }


@pytest.fixture(scope="module")
def environment(mock: Any, folder: Path) -> dict[str, str]:
    return variables(mock, folder)


def run_all(mock: Any, given: list[Snippet], run: Callable[[Snippet], str]) -> None:
    """Runs each against a mock that is as it was at the start; names those that failed, with place and reason."""
    failed = []
    for snippet in given:
        mock.reset()
        if problem := run(snippet):
            failed.append(f"{snippet.place} {snippet.tab}\n{textwrap.indent(problem, '    ')}")
    assert not failed, f"{len(failed)} of {len(given)} snippets failed:\n" + "\n".join(failed)


@contextmanager
def worker(environment: dict[str, str], language: str) -> Iterator[Callable[[Snippet], str]]:
    """One process that runs the snippets of a language one after another."""
    command = [sys.executable, "-W", "error", str(ROOT / "tests/docs/snippet_worker.py")]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, text=True, env=environment, cwd=environment["HOME"]
    ) as child:
        assert child.stdin is not None and child.stdout is not None
        stdin, stdout = child.stdin, child.stdout

        def run(snippet: Snippet) -> str:
            stdin.write(json.dumps({"language": language, "code": snippet.code}) + "\n")
            stdin.flush()
            problem: str = json.loads(stdout.readline() or '"the process has ended"')
            return problem

        yield run
        stdin.close()
        assert child.wait(HANGS) == 0


@pytest.mark.parametrize("language", ["python", "lua"])
def test_in_one_process(language: str, mock: Any, environment: dict[str, str]) -> None:
    with worker(environment, language) as run:
        run_all(mock, chosen(lambda s: s.language == language), run)


@pytest.mark.parametrize("curl", [False, True], ids=["commands", "curl"])
def test_in_the_shell(curl: bool, folder: Path, tmp_path: Path) -> None:
    given = chosen(lambda s: s.language == "bash" and (s.tab == "curl") == curl)

    def part(which: int) -> None:
        home = tmp_path / str(which)
        home.mkdir()
        with serving() as mock:
            run_all(mock, given[which::2], partial(in_bash, mock, variables(mock, folder) | {"HOME": str(home)}, home))

    # Two at a time, each with a mock of its own: starting a process is what takes the time.
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(part, which) for which in range(2)]:
            done.result()


def in_bash(mock: Any, environment: dict[str, str], folder: Path, snippet: Snippet) -> str:
    """What went wrong, or nothing."""
    if snippet.code.startswith("pip install"):
        return installs(snippet.code)
    code = snippet.code
    command = [shutil.which("bash") or "bash", "-euo", "pipefail", "-c", code]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=HANGS, check=False)
    return "" if done.returncode == 0 else f"exit code {done.returncode}: {done.stderr.decode()}"


def installs(command: str) -> str:
    """Whether what is to be installed is there: the package, and each of its extras."""
    wanted = re.fullmatch(r"pip install '?(\w+)(?:\[([\w,]+)\])?'?\s*", command)
    project = tomllib.loads((GENERATED / "python/pyproject.toml").read_text("utf-8"))["project"]
    if not wanted or wanted[1] != project["name"]:
        return f"not this package: {command}"
    missing = set((wanted[2] or "").split(",")) - {""} - set(project["optional-dependencies"])
    return f"no extra {missing}" if missing else ""


def test_over_mcp(mock: Any, environment: dict[str, str]) -> None:
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "replikit", "mcp", "serve", "--write=allow", "--allow=all"], env=environment
    )
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(command)) as client:

        def run(snippet: Snippet) -> str:
            asked = json.loads(snippet.code)
            result = portal.call(client.call_tool, asked["name"], asked["arguments"])
            return str(result.content) if result.is_error else ""

        run_all(mock, chosen(lambda s: s.tab == "MCP"), run)


def test_sessions_look_as_shown(environment: dict[str, str]) -> None:
    for snippet in chosen(lambda s: s.language == "console"):
        first, *shown = snippet.code.strip().split("\n")
        with subprocess.Popen(
            ["bash", "-c", "exec " + first.removeprefix("$ ")], env=environment, stdout=subprocess.PIPE, text=True
        ) as running:
            assert running.stdout is not None
            seen = [running.stdout.readline().rstrip("\n") for _ in shown]
            running.terminate()
        ports = [re.sub(r":\d+/", ":0/", line) for line in shown]
        assert [re.sub(r":\d+/", ":0/", line) for line in seen] == ports, snippet.place


def test_settings_of_hosts_are_those_that_the_command_prints(environment: dict[str, str]) -> None:
    written = [s for s in ALL if s.place.startswith("docs/pages/guides/mcp.md") and s.tab and s.tab != "MCP"]
    hosts = {s.tab: s.code.split()[3] for s in written if s.language == "bash"}
    shown = {hosts[s.tab]: read(s.language, s.code) for s in written if s.language != "bash"}
    assert len(shown) == 6
    replikit = shutil.which("replikit", path=environment["PATH"])
    for host, settings in shown.items():
        command = [str(replikit), "mcp", "config", host]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=HANGS, check=True)
        printed = read("toml" if host == "codex" else "json", done.stdout.replace(str(replikit), "replikit"))
        assert settings == printed, host


def read(language: str, code: str) -> Any:
    return tomllib.loads(code) if language == "toml" else json.loads(code)


def test_data_is_well_formed() -> None:
    for snippet in chosen(lambda s: s.language in ("json", "toml")):
        read(snippet.language, snippet.code)


def test_no_kind_of_snippet_is_left_out() -> None:
    kinds = Counter(snippet.language for snippet in ALL)
    assert set(kinds) == {"python", "bash", "json", "lua", "console", "toml", "text", "yaml"}
    functions = CATALOG["functions"]
    examples = sum(max(1, len(function["examples"])) for function in functions)
    for tab in ("Python", "Python async", "CLI", "MCP", "Lua", "curl"):
        shown = [s for s in ALL if s.tab == tab and s.place.startswith("docs/pages/functions/")]
        assert len(shown) == examples, tab
