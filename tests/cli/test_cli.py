"""The command line, as real processes of a package made for the purpose."""

from __future__ import annotations

import atexit
import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import demo_api
import echo
import pytest
from forking import Forked, Forking
from hanging import HANGS

from generator import names
from generator.surfaces import cli


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with echo.echo() as url:
        yield url


@pytest.fixture(scope="module")
def where(tmp_path_factory: pytest.TempPathFactory, server: str) -> Path:
    folder = demo_api.whole(tmp_path_factory.mktemp("cli"))
    (folder / "url").write_text(server)
    return folder


def environment(where: Path, token: str | None = "secret", **more: str) -> dict[str, str]:
    nowhere = {"DEMOPKG_CONFIG": str(where / "none.json"), "DEMO_URL": (where / "url").read_text()}
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(where),
        **nowhere,
        **({"DEMO_TOKEN": token} if token else {}),
        **more,
    }


@cache
def forking(where: Path) -> partial[Forked]:
    """What starts the package that lies there."""
    server = Forking("demopkg", str(where), ("demopkg.cli.app", "demopkg.lua", "demopkg.mcp", "demopkg.mock"))
    atexit.register(server.close)
    return partial(Forked, server)


def run(
    where: Path, *words: str, stdin: bytes = b"", token: str | None = "secret", **more: str
) -> subprocess.CompletedProcess[bytes]:
    pipes: dict[str, Any] = {name: subprocess.PIPE for name in ("stdin", "stdout", "stderr")}
    with forking(where)(list(words), cwd=where, env=environment(where, token, **more), **pipes) as process:
        stdout, stderr = process.communicate(stdin, HANGS)
    return subprocess.CompletedProcess(list(words), process.returncode, stdout, stderr)


def got(where: Path, *words: str, stdin: bytes = b"") -> Any:
    done = run(where, *words, stdin=stdin)
    assert done.returncode == 0, done.stderr
    assert done.stderr == b""
    return json.loads(done.stdout)["got"]


def error(where: Path, code: int, *words: str, **more: Any) -> Any:
    done = run(where, *words, **more)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert done.stdout == b"" and b"Traceback" not in done.stderr
    return json.loads(done.stderr)["error"]


CREATE = ("jobs", "create", "--version", "v", "--input", "{}")


def test_every_function_is_a_command(where: Path) -> None:
    for path in (["jobs", "create"], ["jobs", "delete"], ["jobs", "logs", "list"], ["files", "download"]):
        done = run(where, *path, "--help")
        assert done.returncode == 0 and b"Usage: demo " + " ".join(path).encode() in done.stdout
    names = [entry["name"] for entry in json.loads(run(where, "functions", "--json").stdout)["functions"]]
    assert names == [function.name for function in demo_api.api().functions]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--input", "a=1", "--input", "b:=2"], {"input": {"a": "1", "b": 2}}),
        (["--input", '{"a": [1, null]}', "--input", "b=x=y"], {"input": {"a": [1, None], "b": "x=y"}}),
        (["--tags", "a", "--tags", "b"], {"tags": ["a", "b"]}),
        (["--tags", '["a", "b"]'], {"tags": ["a", "b"]}),
        (["--wait", "30"], {"wait": 30}),
        (["--notify"], {"notify": True}),
        (["--no-notify"], {"notify": False}),
        (["--help-value", "me"], {"help": "me"}),
        (["--help-value", "123"], {"help": "123"}),
        (["--help-value", "@@home"], {"help": "@home"}),
        (["--help-value=-x"], {"help": "-x"}),
        (["--node", "name=n"], {"node": {"name": "n"}}),
        (["--node", '{"name": "n", "next": {"name": "m"}}'], {"node": {"name": "n", "next": {"name": "m"}}}),
    ],
)
def test_flags_become_arguments(where: Path, words: list[str], expected: dict[str, Any]) -> None:
    assert got(where, *CREATE, *words) == {"version": "v", "input": {}, **expected}


def test_files_and_stdin_become_arguments(where: Path, tmp_path: Path) -> None:
    file = tmp_path / "input.json"
    file.write_text('{"version": "v", "input": {"ä": 1}}')
    expected = {"version": "v", "input": {"ä": 1}}
    assert got(where, "call", "create_job", f"@{file}") == expected
    assert got(where, "call", "jobs.create", "-", stdin=file.read_bytes()) == expected
    assert got(where, "jobs", "create", "--version", "v", "--input", f"text=@{file}")["input"] == {
        "text": file.read_text()
    }


@pytest.mark.parametrize("words", [["x"], ["--job-id", "x"], ["--", "x"]])
def test_parts_of_the_path_stand_by_place_or_by_flag(where: Path, words: list[str]) -> None:
    assert got(where, "jobs", "get", *words) == {"job_id": "x"}


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (2, "usage", ["jobs", "gett", "x"]),
        (2, "usage", ["jobs", "get", "x", "--nope"]),
        (2, "usage", ["jobs", "get", "x", "y"]),
        (2, "invalid_arguments", ["jobs", "get"]),
        (2, "usage", ["jobs", "get", "x", "--job-id", "y"]),
        (2, "usage", ["call", "get_job", "{"]),
        (2, "usage", ["call", "get_job", "[]"]),
        (2, "usage", ["call", "get_job", "@/nowhere"]),
        (2, "usage", ["call", "get_job", '{"job_id": NaN}']),
        (2, "usage", ["call", "get_job", "[" * 100_000]),
        (2, "unknown_function", ["call", "get_jub"]),
        (2, "unknown_function", ["schema", "get_jub"]),
        (2, "invalid_arguments", ["call", "get_job", '{"job": 1}']),
        (2, "invalid_arguments", [*CREATE, "--wait", "soon"]),
        (2, "invalid_arguments", [*CREATE, "--wait", "61"]),
        (2, "invalid_arguments", [*CREATE, "--color", "rad"]),
        (2, "usage", [*CREATE, "--input", "a"]),
        (2, "usage", [*CREATE, "--wait", "1", "--wait", "2"]),
        (3, "job_failed", []),
        (4, "confirmation_needed", ["jobs", "delete", "x"]),
        (4, "confirmation_needed", ["call", "delete_job", '{"job_id": "x"}']),
        (4, "authentication", ["jobs", "get", "401"]),
        (4, "permission_denied", ["jobs", "get", "403"]),
        (5, "not_found", ["jobs", "get", "404"]),
        (6, "rate_limited", ["jobs", "get", "429"]),
        (7, "server_error", ["jobs", "get", "503"]),
        (7, "connection", ["jobs", "get", "x", "--base-url", "http://127.0.0.1:9"]),
        (8, "timeout", ["jobs", "get", "slow", "--timeout", "0.2"]),
        (1, "api_error", ["jobs", "get", "418"]),
    ],
)
def test_every_failure_has_its_code(where: Path, code: int, kind: str, words: list[str]) -> None:
    if kind == "job_failed":
        done = run(where, *CREATE, "--color", "red")
        found = json.loads(done.stderr)["error"]
        assert done.returncode == code and done.stdout == b""
        assert found["type"] == kind and found["data"]["status"] == "bad" and "get_job" in found["hint"]
        return
    assert error(where, code, *words)["type"] == kind


def test_a_missing_token_is_code_4_with_a_remedy(where: Path) -> None:
    assert "DEMO_TOKEN" in error(where, 4, "jobs", "get", "x", token=None)["hint"]


def test_a_typo_is_answered_with_the_nearest(where: Path) -> None:
    assert "get" in error(where, 2, "jobs", "gett")["hint"]
    assert "jobs" in error(where, 2, "jbos")["hint"]


@pytest.mark.parametrize("words", [["--yes", "jobs", "delete", "gone"], ["jobs", "delete", "gone", "--yes"]])
def test_destroying_needs_a_yes(where: Path, words: list[str]) -> None:
    done = run(where, *words)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_results_that_are_no_json_come_as_they_are(where: Path, tmp_path: Path) -> None:
    assert run(where, "files", "download", "bytes").stdout == b"\x00\xff"
    assert run(where, "jobs", "logs", "list", "text").stdout == b"line\n"
    file = tmp_path / "out"
    assert run(where, "files", "download", "bytes", "--output", str(file)).stdout == b""
    assert file.read_bytes() == b"\x00\xff"


def test_json_that_is_piped_is_one_line(where: Path) -> None:
    assert run(where, "jobs", "get", "x").stdout.count(b"\n") == 1


def test_dry_run_shows_the_request_without_a_token(where: Path) -> None:
    done = run(where, *CREATE, "--dry-run", token=None)
    shown = json.loads(done.stdout)
    assert (shown["method"], shown["body"]) == ("POST", {"version": "v", "input": {}})
    assert shown["headers"]["Authorization"] == "Bearer $DEMO_TOKEN"


def test_call_can_answer_with_the_envelope(where: Path) -> None:
    done = run(where, "call", "get_job", '{"job_id": "x"}', "--json")
    assert json.loads(done.stdout)["success"] is True
    done = run(where, "call", "get_job", '{"job_id": "404"}', "--json")
    envelope = json.loads(done.stderr)
    assert done.returncode == 5 and done.stdout == b"" and envelope["error"]["type"] == "not_found"
    assert envelope["success"] is False and envelope["function"] == "demo_get_job"


def test_version_is_the_root_s_alone(where: Path) -> None:
    assert run(where, "--version").stdout == b"demo, version 1.2.3\n"
    assert got(where, *CREATE)["version"] == "v"


def test_help_imports_no_client(where: Path) -> None:
    code = "import sys\nfrom demopkg.cli import main\ntry:\n    main(sys.argv[1:])\nfinally:\n    print(sorted(sys.modules))"
    for words in (["--help"], ["jobs", "create", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *words], cwd=where, check=False, capture_output=True, text=True, timeout=HANGS
        )
        loaded = done.stdout.splitlines()[-1]
        assert "'demopkg.cli.app'" in loaded and "'httpx'" not in loaded and "'demopkg.runtime.client'" not in loaded


def test_without_click_it_says_what_to_install(where: Path) -> None:
    code = "import sys\nsys.modules['click'] = None\nfrom demopkg.cli import main\nmain(sys.argv[1:])"

    def bare(*words: str) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, cwd=where, check=False, capture_output=True, timeout=HANGS)

    assert bare("--version").stdout == b"demo, version 1.2.3\n"
    done = bare("jobs", "get", "x")
    assert done.returncode == 2 and "pip install 'demopkg[cli]'" in json.loads(done.stderr)["error"]["hint"]


def test_a_reader_that_goes_away_is_no_error(where: Path) -> None:
    command = f"{sys.executable} -m demopkg functions --json | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=where, check=False, capture_output=True, env=environment(where), timeout=HANGS
    )
    assert done.stdout == b"0\n" and done.stderr == b""


def on_terminal(where: Path, words: list[str], typed: bytes) -> tuple[int, str]:
    """Run on a pseudo-terminal, type, and give the exit code with what was shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(where)
        os.execve(sys.executable, [sys.executable, "-m", "demopkg", *words], environment(where))
    shown = b""
    os.write(terminal, typed)
    while True:
        try:
            part = os.read(terminal, 4096)
        except OSError:  # Linux tells the end of a terminal's other side this way
            break
        if not part:
            break
        shown += part
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), shown.decode()


@pytest.mark.filterwarnings("ignore:.*forkpty.*:DeprecationWarning")
def test_on_a_terminal_a_person_is_asked_and_data_is_laid_out(where: Path) -> None:
    code, shown = on_terminal(where, ["jobs", "delete", "gone"], b"y\n")
    assert code == 0 and "destroys gone. Go on?" in shown
    code, shown = on_terminal(where, ["jobs", "delete", "gone"], b"n\n")
    assert code == 4 and "nothing was done" in shown
    code, shown = on_terminal(where, ["jobs", "get", "x"], b"")
    assert code == 0 and '\r\n  \x1b[36m"id"\x1b[0m: \x1b[32m"1"' in shown
    code, shown = on_terminal(where, ["jobs", "get", "404"], b"")
    assert code == 5 and "error: no such luck" in shown and "hint: " in shown
    code, shown = on_terminal(where, ["files", "download", "bytes"], b"")
    assert code == 2 and "--output FILE" in shown


def test_a_command_that_is_also_a_group_is_told() -> None:
    api = demo_api.api()
    taken = replace(api.functions[3], group="", verb=("jobs",), name="demo_jobs")
    made = cli.render(replace(api, functions=(*api.functions, taken)))
    assert [loss.reason for loss in made.losses] == [
        "`jobs` is a group of commands: demo_jobs is reached by `demo call` only"
    ]


def test_a_noun_that_is_ours_is_set_apart() -> None:
    api = demo_api.api()
    search = replace(api.functions[3], group="", verb=("schema",), name="demo_schema")
    assert names.call(api, search).command == ("schema-api",)
