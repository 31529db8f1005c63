"""The file of accounts: changed by many at once, trusted only where nobody else could have written it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cli_harness import Cli, popen
from hanging import HANGS


@pytest.fixture
def cli(tmp_path: Path) -> Cli:
    return Cli(tmp_path, token="")


def login(cli: Cli, name: str) -> subprocess.Popen[bytes]:
    return popen(
        ["auth", "login", "--no-check", "--token-file", "-", "--account", name],
        cwd=cli.folder, env=cli.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def config(cli: Cli) -> Path:
    return cli.folder / "config" / "config.json"


def written(cli: Cli, text: str = '{"account": "a", "accounts": {"a": {"token": "r8_secret"}}}') -> Path:
    path = config(cli)
    path.parent.mkdir(0o700, exist_ok=True)
    path.touch(0o600)
    path.write_text(text)
    return path


def test_many_at_once_are_all_kept(cli: Cli) -> None:
    """As many processes as agree to write at the same moment: each waits for stdin before it reads the file."""
    logins = {f"n{n}": login(cli, f"n{n}") for n in range(10)}
    permissions = ["read", "write", "billed", "destructive", "secret"]
    for name, process in logins.items():
        assert process.stdin
        process.stdin.write(f"r8_{name}".encode())
    for process in logins.values():
        assert process.stdin
        process.stdin.close()
    for name, process in logins.items():
        assert process.wait(HANGS) == 0 and process.stdout and process.stderr
        assert json.loads(process.stdout.read())["account"] == name
        process.stdout.close()
        process.stderr.close()
    stored = json.loads(config(cli).read_text())["accounts"]
    assert {name: entry["token"] for name, entry in stored.items()} == {name: f"r8_{name}" for name in logins}
    assert stat.S_IMODE(config(cli).stat().st_mode) == 0o600
    setters = [cli.start("config", "set", f"permissions.{name}", "ask", "--account", "n0") for name in permissions]
    setters += [cli.start("auth", "logout", "--account", f"n{n}") for n in range(5, 10)]
    for process in setters:
        _, errors = process.communicate(timeout=HANGS)
        assert process.returncode == 0, errors
    stored = json.loads(config(cli).read_text())["accounts"]
    assert sorted(stored) == [f"n{n}" for n in range(5)]
    assert stored["n0"]["permissions"] == dict.fromkeys(permissions, "ask")


def test_a_change_waits_for_the_one_before(cli: Cli) -> None:
    """The lock is the kernel's: who holds it is waited for, and who was killed holds it no longer."""
    path = written(cli)
    with (path.parent / ".config.json.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        waiting = cli.start("config", "set", "permissions.billed", "ask")
        other = json.loads(path.read_text())
        other["accounts"]["b"] = {"token": "r8_b"}
        path.write_text(json.dumps(other))
    assert waiting.wait(HANGS) == 0
    waiting.communicate()
    stored = json.loads(path.read_text())["accounts"]
    assert stored["b"] == {"token": "r8_b"} and stored["a"]["permissions"] == {"billed": "ask"}


def test_a_lock_is_waited_for_so_long_and_no_longer(demo: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEMO_CONFIG", str(tmp_path / "config.json"))
    monkeypatch.setattr(demo.private, "LONGEST_WAIT", 0.1)
    lock = tmp_path / ".config.json.lock"
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(demo.errors.ConfigError, match=rf"has held {lock} for 0\.1 seconds"):
            demo.accounts.change(lambda known: known)
    demo.accounts.change(lambda known: known)


def _bound(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as found:
        found.bind(os.path.relpath(path))  # the names of sockets are short


KINDS = {
    "FIFO": lambda path: os.mkfifo(path, 0o600),
    "folder": lambda path: path.mkdir(0o700),
    "socket": lambda path: _bound(path),
    "device": lambda path: path.symlink_to("/dev/zero"),
    "deep": lambda path: path.write_text('{"account": ' * 10_000),
    "deep list": lambda path: path.write_text('{"accounts": ' + "[" * 100_000),
    "large": lambda path: path.write_bytes(b" " * ((1 << 20) + 1)),
    "endless link": lambda path: path.symlink_to(path.name),
    "no JSON": lambda path: path.write_text("account = 'work'"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00"),
    "NaN": lambda path: path.write_text('{"accounts": NaN}'),
    "number": lambda path: path.write_text("1" * 5000),
}
SAID = {"socket": "No such device", "deep": "too deep", "deep list": "too deep", "large": "1,048,576 bytes", "endless link": "symbolic links",
        "no JSON": "is not JSON", "no text": "is not JSON", "NaN": "must be an object", "number": "is not JSON"}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_no_configuration_is_refused(cli: Cli, kind: str) -> None:
    path = config(cli)
    path.parent.mkdir(0o700)
    before = os.umask(0o077)
    try:
        KINDS[kind](path)
    finally:
        os.umask(before)
    more = (("status",), ("account",), ("lua", "run", "-e", "return 1"), ("mcp", "tools"), ("mcp", "serve"))
    for words in (
        ("auth", "status"),
        ("config", "set", "permissions.billed", "ask"),
        *(more if kind == "FIFO" else ()),
    ):
        error = cli.error(4, *words)
        assert error["type"] == "config" and str(path) in error["message"], error
        assert SAID.get(kind, f"is a {kind}") in error["message"], error
    assert path.is_symlink() or stat.S_IFMT(path.lstat().st_mode), "it is left as it was"


def test_a_link_stays_a_link(cli: Cli) -> None:
    real = cli.folder / "dotfiles" / "replikit.json"
    real.parent.mkdir(0o700)
    config(cli).parent.mkdir(0o700)
    config(cli).symlink_to("../dotfiles/replikit.json")
    for name in ("a", "b"):
        process = login(cli, name)
        assert process.communicate(f"r8_{name}".encode(), timeout=HANGS)[0] and process.returncode == 0
    assert config(cli).is_symlink() and not real.is_symlink() and stat.S_IMODE(real.stat().st_mode) == 0o600
    assert sorted(json.loads(real.read_text())["accounts"]) == ["a", "b"]
    assert [entry["account"] for entry in cli.json("auth", "status")] == ["a", "b"]


def test_others_may_neither_read_nor_exchange_it(cli: Cli) -> None:
    path = written(cli)
    for place, mode, mended, remedy in (
        (path, 0o640, 0o600, "chmod 600"), (path, 0o602, 0o600, "chmod 600"), (path.parent, 0o777, 0o700, "chmod go-w"),
        (path.parent, 0o770, 0o700, "chmod go-w"),
    ):  # fmt: skip
        place.chmod(mode)
        error = cli.error(4, "auth", "status")
        assert f"mode {mode:04o}" in error["message"] and f"{remedy} {place}" in error["message"]
        assert "r8_secret" not in json.dumps(error)
        place.chmod(mended)
    assert cli.json("auth", "status")
    path.parent.chmod(0o1777)  # as /tmp: nobody can move what is another's
    assert cli.json("auth", "status")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_another_users_file_is_not_believed(cli: Cli) -> None:
    path = written(cli)
    os.chown(path, 1, 1)
    assert "belongs to user 1" in cli.error(4, "auth", "status")["message"]
    os.chown(path, 0, 0)
    os.chown(path.parent, 1, 1)
    assert "belongs to user 1" in cli.error(4, "auth", "status")["message"]
    assert "belongs to user 1" in cli.error(4, "config", "set", "permissions.billed", "ask")["message"]


@pytest.mark.parametrize(("name", "value"), [("REPLIKIT_CONFIG", "~nobody-of-that-name/x"), ("REPLIKIT_CONFIG", "/proc/self/mem"), ("REPLIKIT_CONFIG", "/dev/null/x")])  # fmt: skip
def test_a_path_that_leads_nowhere(cli: Cli, name: str, value: str) -> None:
    cli.more[name] = value
    process = login(cli, "a")
    _, errors = process.communicate(b"r8_secret", timeout=HANGS)
    assert process.returncode == 4 and b"Traceback" not in errors and b"r8_secret" not in errors
    assert json.loads(errors)["error"]["type"] == "config"
