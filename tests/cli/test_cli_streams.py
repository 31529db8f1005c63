"""Standard streams that are closed, full or strange: a command that could write nothing never ends with 0."""

from __future__ import annotations

import ast
import json
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import ROOT, Cli, program
from hanging import HANGS
from scripted import Scripted, of, scripted

pytestmark = pytest.mark.long

SAYS = [
    "functions", "--help", "completion bash", "lua run -e 'print(1)'", "predictions create --version v --input a=b --curl",
    "account --jq .username", "predictions list --all --format jsonl", "api GET /account", "models readme a/b", "mock --port 0",
]  # fmt: skip
"""A command for each way to stdout, which end by themselves, or could not tell where they listen."""
QUIET = ["config set permissions.billed ask", "account --output x.json", "lua run -e 'local x = 1'"]
"""Commands that write nothing to stdout."""


@pytest.fixture(scope="module")
def server() -> Iterator[Scripted]:
    with scripted() as server:
        server.answers["/v1/account"] = lambda _: of({"type": "user", "username": "acme"})
        server.answers["/v1/predictions"] = lambda _: of({"results": [{"id": "p1"}], "next": None})
        server.answers["/v1/models/a/b/readme"] = lambda _: of("text")
        yield server


def shell(cli: Cli, command: str, redirection: str, **more: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**cli.environment, **more}
    return subprocess.run(
        ["bash", "-c", f"{shlex.join(program(shlex.split(command), environment))} {redirection}"],
        cwd=cli.folder, env=environment, capture_output=True, check=False, timeout=HANGS,
    )  # fmt: skip


@pytest.mark.parametrize("command", SAYS)
def test_who_can_write_nothing_says_so(tmp_path: Path, server: Scripted, command: str) -> None:
    cli = Cli(tmp_path, server.base_url)
    closed = ((">&-", "closed"),) if command in SAYS[::3] else ()  # which is seen before it is known what is asked
    for redirection, reason in (*closed, (">/dev/full", "No space left")):
        done = shell(cli, command, redirection)
        error = json.loads(done.stderr)["error"]
        assert done.returncode == 1 and error["type"] == "error" and reason in error["message"], done
        assert "--output" in error["hint"]


@pytest.mark.parametrize("command", QUIET)
def test_who_has_nothing_to_write_needs_no_stdout(tmp_path: Path, server: Scripted, command: str) -> None:
    cli = Cli(tmp_path, server.base_url)
    for redirection in (">&-", ">/dev/full", "2>&-", "<&-", "<&- >&- 2>&-"):
        done = shell(cli, command, redirection)
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b""), redirection


@pytest.mark.parametrize("command", ["account", "lua run -e 'print(1)'", "--version"])
def test_the_other_streams_are_not_needed(tmp_path: Path, server: Scripted, command: str) -> None:
    cli = Cli(tmp_path, server.base_url)
    whole = shell(cli, command, "</dev/null").stdout
    for redirection in ("2>&-", "<&-", "<&- 2>&-", "2>/dev/full"):
        done = shell(cli, command, redirection)
        assert done.returncode == 0 and done.stderr == b"", (redirection, done)
        assert len(done.stdout.splitlines()) == len(whole.splitlines()) > 0


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full", ">&- 2>&-"])
def test_an_error_that_cannot_be_told_is_an_exit_code(tmp_path: Path, server: Scripted, redirection: str) -> None:
    cli = Cli(tmp_path, server.base_url)
    for command, code in (("models get no/body --output x", 5), ("modles", 2), ("lua run -e 'error(1)'", 1)):
        assert shell(cli, command, redirection).returncode == code, command


def test_nothing_is_written_into_a_file_in_the_stead_of_a_closed_stream(tmp_path: Path, server: Scripted) -> None:
    """Each file that a command opens would take the number of what is closed."""
    cli = Cli(tmp_path, server.base_url)
    (tmp_path / "in.lua").write_text("log('logged') error('failed')")
    for command in ("account --debug --output x.json", "lua run in.lua", "models get no/body --debug --output x.json"):
        for redirection in ("2>&-", ">&- 2>&-", "<&- >&- 2>&-"):
            shell(cli, command, redirection, REPLIKIT_LOG="debug")
    assert json.loads((tmp_path / "x.json").read_text())["username"] == "acme"
    assert (tmp_path / "in.lua").read_text() == "log('logged') error('failed')"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.lua", "x.json"]


def test_who_needs_stdin_says_that_it_is_closed(tmp_path: Path, server: Scripted) -> None:
    cli = Cli(tmp_path, server.base_url)
    for command in ("call get_account -", "lua run -", "auth login --token-file - --no-check", "mcp serve",
                    "predictions create --version @- --dry-run"):  # fmt: skip
        done = shell(cli, command, "<&-")
        error = json.loads(done.stderr)["error"]
        assert done.returncode == 2 and "stdin is closed" in error["message"] and error["hint"], command


def test_an_agent_that_cannot_be_answered_is_not_served(tmp_path: Path) -> None:
    done = shell(Cli(tmp_path), "mcp serve", "</dev/null >&-")
    assert done.returncode == 1 and "stdout" in json.loads(done.stderr)["error"]["message"]


def test_a_result_that_was_paid_for_is_in_the_error(tmp_path: Path, server: Scripted) -> None:
    """A closed stdout is seen before anything is sent; a full one only afterwards."""
    cli = Cli(tmp_path, server.base_url)
    before = len(server.to("/v1/account"))
    assert shell(cli, "account", ">&-").returncode == 1 and len(server.to("/v1/account")) == before
    error = json.loads(shell(cli, "account", ">/dev/full").stderr)["error"]
    assert error["data"]["username"] == "acme" and len(server.to("/v1/account")) == before + 1


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    for command in ("functions --format json", "docs", "lua run -e 'for i = 1, 9999 do print(i) end'"):
        done = shell(Cli(tmp_path), command, "| head -c 1; echo ${PIPESTATUS[0]}")
        assert done.stdout[1:].strip() == b"0" and done.stderr == b"", (command, done)


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}]
)  # fmt: skip
def test_a_locale_without_the_character_gets_an_escape(tmp_path: Path, locale: dict[str, str]) -> None:
    cli = Cli(tmp_path)
    for command in (
        "lua run -e 'print(\"日本 é\")'",
        "docs",
        "predictions create --version é日本 --input a=b --dry-run",
    ):
        done = shell(cli, command, "", **locale)
        assert done.returncode == 0 and done.stderr == b"" and done.stdout, (command, done)


SURFACES = [ROOT / "templates" / surface for surface in ("cli", "lua", "mcp", "mock")]
WRITERS = {("cli", "streams.py"), ("cli", "pager.py"), ("lua", "child.py")}


def test_there_is_one_way_to_the_terminal() -> None:
    """No other module writes to a descriptor, to a stream of Python's own or to the tty, or calls a text clean."""
    for path in (path for folder in SURFACES for path in folder.rglob("*.py")):
        if (path.parent.name, path.name) in WRITERS:
            continue  # and what a script's child writes goes into a pipe of ours
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            written = ast.unparse(node) if isinstance(node, (ast.Call, ast.Attribute)) else ""
            assert not written.startswith(("sys.__std", "sys.stdout.buffer", "sys.stderr.buffer", "os.write(1", "os.write(2", "open('/dev/tty")), (path, written)  # fmt: skip
            if written.startswith("Shown(") and isinstance(node, ast.Call):
                assert path.name in ("paint.py", "progress.py"), (path, written)
