"""`lua run` and `lua repl`: code mode at the command line."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_harness import run
from lua_stub import GENERATED
from recorder import Recorder, recorder
from terminal import Terminal

COMMAND = [sys.executable, "-m", "replikit", "lua"]


def environment(server: Recorder, config: Path | None = None) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"], "HOME": "/nonexistent", "PYTHONPATH": str(GENERATED),
        "REPLICATE_API_TOKEN": "r8_x", "REPLICATE_BASE_URL": server.base_url,
        "REPLIKIT_CONFIG": str(config or "/nonexistent"),
    }  # fmt: skip


def cli(
    *arguments: str, server: Recorder, stdin: str = "", config: Path | None = None
) -> subprocess.CompletedProcess[str]:
    return run("lua", *arguments, input=stdin, text=True, env=environment(server, config))


def test_command_line(tmp_path: Path) -> None:
    script = tmp_path / "script.lua"
    script.write_text("print('printed') log('logged') return replicate.get_account{}.username")
    with recorder() as server:
        server.content = b'{"username": "alice"}'
        done = cli("run", str(script), server=server)
        assert (done.returncode, done.stdout, done.stderr) == (0, 'printed\n"alice"\n', "logged\n")
        done = cli("run", "-", "--json", server=server, stdin="return 1")
        assert json.loads(done.stdout)["result"] == 1 and done.returncode == 0
        done = cli("run", "-e", "print('printed') error('own')", "--json", server=server)
        failed = json.loads(done.stderr)
        assert failed["output"] == "printed\n" and failed["error"]["message"] == "own" and done.stdout == ""
        done = cli("run", "-e", "replicate.delete_file{file_id = 'f'}", server=server)
        assert done.returncode == 4 and "write" in done.stderr and done.stdout == ""
        server.status, server.content = 404, b'{"detail": "gone"}'
        done = cli("run", "-e", "replicate.delete_file{file_id = 'f'}", "--write=allow", "--allow=all", server=server)
        assert done.returncode == 5 and "error: line 1: gone" in done.stderr
        assert cli("run", "-e", "while true do end", "--cpu=0.1", server=server).returncode == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["-e", "x", "--cpu=0"], "0.0 is not in the range 0<x<=300.0"),
        (["-e", "x", "--memory=4096"], "4096 is not in the range 1<=x<=1024"),
        (["-e", "x", "--allow=nothing"], "no policy class is called 'nothing'"),
        (["none.lua"], "cannot read none.lua: No such file or directory"),
        (["latin.lua"], "latin.lua is not UTF-8: byte 8 of it"),
        (["-e", "x", "-"], "pass either FILE (or -) or -e CODE"),
        ([], "pass either FILE (or -) or -e CODE"),
    ],
)
def test_what_cannot_be_run_is_told(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("latin.lua").write_bytes("return '\xe9'".encode("latin-1"))
    with recorder() as server:
        done = cli("run", *arguments, server=server)
    error = json.loads(done.stderr)["error"]
    assert done.returncode == 2 and not done.stdout and said in error["message"] and error["hint"], done.stderr


def test_a_mistake_in_a_script_is_told_with_its_line_and_its_mend() -> None:
    code = "local id = 'x'\nreplicate.get_prediction{id = id}"
    with recorder() as server:
        done = cli("run", "-e", code, server=server)
        assert done.stderr == "error: line 2: id: unknown argument\n  it takes prediction_id\n"
        done = cli("run", "-e", "error('own')", server=server)
        assert done.stderr == "error: line 1: own\n" and done.returncode == 1


def test_a_script_that_fails_names_what_it_started_and_what_may_have_been() -> None:
    starts = "replicate.create_prediction{version = 'v', input = {}}"
    with recorder() as server:
        for status, code, told in (
            (
                b'{"id": "p1", "status": "starting"}',
                f"{starts} error('own')",
                "note: /error: the prediction p1 may still run: replicate_get_prediction with prediction_id=p1 shows it\n",
            ),
            (b'{"id": "p1", "status": "succeeded"}', f"{starts} error('own')", ""),
            (b'{"id": "p1", "status": "starting"}', f"{starts} return 1", ""),
            (b'{"status": "starting"}', starts, ""),
        ):
            server.status, server.content = 201, status
            done = cli("run", "-e", code, "--write=allow", "--allow=all", server=server)
            shown = [line + "\n" for line in done.stderr.splitlines() if line.startswith("note:")]
            assert "".join(shown) == told, (status, code, done.stderr)
    assert "(status 201) holds no id of the prediction; a prediction may have been started" in done.stderr


def test_command_line_knows_the_accounts_of_the_config_file(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    with recorder() as server:
        server.content = b'{"username": "alice"}'
        account = {"token": "r8_work", "base_url": server.base_url, "permissions": {"write": "deny"}}
        config.write_text(json.dumps({"accounts": {"work": account}}))
        config.chmod(0o600)
        code = "return replicate.work.get_account{}.username"
        done = cli("run", "-e", code, server=server, config=config)
        assert (done.returncode, done.stdout) == (0, '"alice"\n'), done.stderr
        assert server.one().headers["authorization"] == "Bearer r8_work"
        done = cli(
            "run", "-e", "return replicate.get_account{}.username", "--account=work", server=server, config=config
        )
        assert done.returncode == 0 and server.one().headers["authorization"] == "Bearer r8_work", done.stderr
        code = "replicate.work.delete_file{file_id = 'f'}"
        done = cli("run", "-e", code, "--write=allow", "--allow=all", server=server, config=config)
        assert done.returncode == 4 and "config set permissions.write allow --account work" in done.stderr
        done = cli("run", "-e", "", "--account=none", server=server, config=config)
    assert done.returncode and "has no account 'none'" in done.stderr


def test_repl() -> None:
    lines = "x = 20\nx + 1\nfor i = 1, 2 do\nprint(i)\nend\nerror('own')\nwhile true do end\nx == nil\nlocal =\n"
    with recorder() as server:
        done = cli("repl", "--cpu=0.2", server=server, stdin=lines)
    assert done.stdout == "21\n1\n2\ntrue\n" and done.returncode == 0, done
    assert "own" in done.stderr and "0.2 s of CPU time" in done.stderr and "this is a new session" in done.stderr


def test_repl_at_a_terminal(tmp_path: Path) -> None:
    with recorder() as server:
        terminal = Terminal([*COMMAND, "repl"], tmp_path, environment(server))
        terminal.until("Ctrl-D ends")
        terminal.until("> $")
        terminal.type("6 * 7\n")
        terminal.until("42\\s+> $")
        terminal.type("for i = 1, 2 do\n")
        terminal.until(">> $")
        terminal.press("\x03", "\\s> $")  # drops what was begun
        terminal.type("'whole'\n")
        terminal.until('"whole"\\s+> $')
        terminal.type("print('begun') while true do end\n")
        terminal.until("\nbegun")  # it runs, for Ctrl-C drops what does not
        terminal.press("\x03", "this is a new session\\s+> $")
        terminal.type("\x04")
        code, shown = terminal.end()
    assert code == 0 and "error" not in shown, shown
