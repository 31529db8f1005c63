"""Accounts, permissions and the commands about them: no token in argv, none shown, and a refusal that says what helps."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import VERSION, Cli, mock
from scripted import of, scripted

CREATE = ("predictions", "create", "--version", VERSION, "--input", "text=Ada")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock("--seconds", "0.1", "--token", "r8_secret") as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, url: str) -> Cli:
    return Cli(tmp_path, url, token="")


@pytest.fixture
def known(cli: Cli) -> Cli:
    file(cli).parent.mkdir()
    file(cli).touch(0o600)
    account = {"token": "r8_secret", "base_url": cli.url}
    file(cli).write_text(json.dumps({"account": "default", "accounts": {"default": account}}))
    return cli


def file(cli: Cli) -> Path:
    return cli.folder / "config" / "config.json"


def test_a_token_comes_from_stdin_or_a_file_and_is_checked(cli: Cli) -> None:
    assert cli.json("auth", "login", "--token-file", "-", stdin=b"r8_secret\n")["user"]["username"] == "acme"
    (cli.folder / "token").write_text("r8_secret")
    assert cli.json("auth", "login", "--token-file", "token", "--account", "work")["account"] == "work"
    assert stat.S_IMODE(file(cli).stat().st_mode) == 0o600
    assert cli.json("account")["username"] == "acme"
    assert [a["account"] for a in cli.json("auth", "status")] == ["default", "work"]


def test_a_wrong_token_is_not_stored(cli: Cli) -> None:
    assert cli.error(4, "auth", "login", "--token-file", "-", stdin=b"r8_wrong")["type"] == "authentication"
    assert cli.error(2, "auth", "login", "--token-file", "-", stdin=b"two words")["hint"]
    assert not file(cli).exists()
    assert cli.json("auth", "login", "--token-file", "-", "--no-check", stdin=b"r8_wrong")["user"] is None


@pytest.mark.parametrize("words", [("r8_secret",), ("--token", "r8_secret"), ("--token=r8_secret",)])
def test_a_token_in_the_command_is_refused_and_not_shown_again(cli: Cli, words: tuple[str, ...]) -> None:
    done = cli.run("auth", "login", *words)
    assert done.returncode == 2 and done.stdout == b"" and b"r8_secret" not in done.stderr
    assert b"--token-file" in done.stderr and not file(cli).exists()


def test_without_a_terminal_nothing_is_read_unasked(cli: Cli) -> None:
    assert "--token-file -" in cli.error(2, "auth", "login", stdin=b"r8_secret")["hint"]


def test_accounts_are_switched_and_forgotten(known: Cli) -> None:
    known.json("auth", "login", "--token-file", "-", "--account", "work", stdin=b"r8_secret")
    assert known.json("status")["account"] == "work"
    known.json("auth", "switch", "default")
    assert known.json("status")["account"] == "default"
    assert "did you mean work" in known.error(4, "auth", "switch", "wrok")["message"]
    assert "did you mean work" in known.error(4, "account", "--account", "wrok")["message"]
    assert known.json("account", "--account", "work")["username"] == "acme"
    assert known.json("auth", "logout", "--account", "work")["removed"] is True
    assert known.json("status")["accounts"] == ["default"]
    known.json("auth", "logout")
    assert known.error(4, "account")["type"] == "no_token"


def test_a_file_that_others_may_read_is_refused_with_the_remedy(known: Cli) -> None:
    os.chmod(file(known), 0o644)
    error = known.error(4, "account")
    assert error["type"] in ("config", "no_token") and f"chmod 600 {file(known)}" in error["message"]
    os.chmod(file(known), 0o600)
    assert known.json("account")


@pytest.mark.parametrize(
    "words",
    [
        ("auth", "status"),
        ("status",),
        ("doctor",),
        ("config", "show"),
        (*CREATE, "--curl"),
        (*CREATE, "--dry-run"),
        ("account", "--debug"),
        ("api", "GET", "/account", "--debug"),
    ],
)
def test_no_token_is_ever_shown(known: Cli, words: tuple[str, ...]) -> None:
    for cli in (known, Cli(known.folder, known.url, token="r8_secret")):
        done = cli.run(*words)
        assert done.returncode == 0, done.stderr
        assert b"r8_secret" not in done.stdout + done.stderr
    if "--debug" in words:
        assert b"/account" in done.stderr


@pytest.mark.parametrize(
    ("permission", "flags", "code"),
    [
        ("allow", [], 0),
        ("ask", [], 4),
        ("ask", ["--yes"], 0),
        ("deny", [], 4),
        ("deny", ["--yes"], 4),
        ("deny", ["--force"], 0),
    ],
)
def test_permissions_of_an_account(known: Cli, permission: str, flags: list[str], code: int) -> None:
    known.run("config", "set", "permissions.billed", permission)
    assert known.json("config", "get", "permissions.billed") == permission
    done = known.run(*CREATE, *flags)
    assert done.returncode == code, done.stderr
    if code:
        error = json.loads(done.stderr)["error"]
        kind = ("confirmation_needed", "--yes") if permission == "ask" else ("policy", "permissions.billed allow")
        assert error["type"] == kind[0] and kind[1] in error["hint"]
    raw = known.run("api", "POST", "/predictions", json.dumps({"version": VERSION, "input": {"text": "x"}}), *flags)
    assert raw.returncode == code, raw.stderr


def test_force_is_for_policy_alone(known: Cli) -> None:
    assert known.error(2, "predictions", "create", "--force")["type"] == "invalid_arguments"
    envelope = known.json(*CREATE, "--json", "--force")
    assert envelope["meta"]["permission_bypassed"] is True and envelope["meta"]["account"] == "default"


def test_what_destroys_is_asked_about_unless_said_otherwise(known: Cli) -> None:
    assert known.error(4, "predictions", "cancel", "x")["type"] == "confirmation_needed"
    known.run("config", "set", "permissions.destructive", "allow")
    assert known.error(5, "predictions", "cancel", "x")["type"] == "not_found"
    known.run("config", "unset", "permissions.destructive")
    assert known.json("config", "get", "permissions.destructive") == "ask"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("config", "set", "permissions.biled", "ask"), "did you mean permissions.billed?"),
        (("config", "set", "permissions.billed", "maybe"), "config set permissions.billed ask"),
        (("config", "set", "token", "r8_x"), "auth login"),
        (("config", "set", "base_url", "nonsense"), "config set base_url"),
        (("config", "got"), "did you mean get"),
        (("auth", "logon"), "did you mean"),
    ],
)
def test_mistakes_are_answered_with_the_way(known: Cli, words: tuple[str, ...], said: str) -> None:
    assert said in known.error(2, *words)["hint"]


def test_the_doctor_says_what_to_type_next(cli: Cli) -> None:
    done = cli.run("doctor")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["ok"] is False and "auth login" in found["next"]
    cli.json("auth", "login", "--token-file", "-", stdin=b"r8_secret")
    found = cli.json("doctor")
    assert found["ok"] is True and {c["check"] for c in found["checks"]} >= {
        "token",
        "api",
        "configuration",
        "permissions",
    }
    assert "ask destructive" in next(c["found"] for c in found["checks"] if c["check"] == "permissions")
    cli.json("auth", "login", "--token-file", "-", "--no-check", stdin=b"r8_wrong")
    found = json.loads(cli.run("doctor").stdout)
    assert [c["check"] for c in found["checks"] if c["ok"] is False] == ["api"]


def test_a_token_goes_to_the_server_that_it_was_stored_for_and_to_no_other(tmp_path: Path) -> None:
    """Two servers, an account for each: what either is sent is what was stored for it."""
    with scripted() as one, scripted() as two:
        for server in (one, two):
            server.answers["/v1/account"] = [of({"type": "user", "username": "acme"})]
        cli = Cli(tmp_path, "", token="")
        login = ("auth", "login", "--token-file", "-")
        cli.json(*login, "--base-url", one.base_url, stdin=b"r8_one")
        error = cli.error(2, *login, "--base-url", two.base_url, stdin=b"r8_two")
        assert one.base_url in error["message"] and "--account NAME" in error["hint"] and not two.seen
        cli.json(*login, "--account", "second", stdin=b"r8_two", REPLICATE_BASE_URL=two.base_url)
        cli.json("auth", "switch", "default")
        assert [row["base_url"] for row in cli.json("auth", "status")] == [one.base_url, two.base_url]

        cli.json("account")
        cli.json("account", "--account", "second")
        cli.json("account", "--base-url", two.base_url, REPLICATE_API_TOKEN="r8_env")
        error = cli.error(4, "account", "--base-url", two.base_url)
        assert error["type"] == "no_token" and two.base_url in error["message"] and "--account NAME" in error["message"]
        for words in (("account", "--account", "second", "--base-url", one.base_url), ("api", "GET", "/account")):
            assert cli.error(4, *words, REPLICATE_BASE_URL=two.base_url)["type"] == "no_token"
        assert cli.error(
            4, "lua", "run", "--json", "-e", "return replicate.get_account{}", REPLICATE_BASE_URL=two.base_url
        )
        sent = [[asked.headers["authorization"] for asked in server.seen] for server in (one, two)]
    assert sent == [["Bearer r8_one"] * 2, ["Bearer r8_two"] * 2 + ["Bearer r8_env"]]
