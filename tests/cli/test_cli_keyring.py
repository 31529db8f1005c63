"""Tokens in a keyring: the real package with a backend that keeps them in a file, and one that keeps nothing."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_harness import Cli, mock

STORED = base64.encodebytes(b"r8_secret").decode().strip()
"""How the backend writes it."""
LOGIN = ("auth", "login", "--keyring", "--token-file", "-")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with mock("--token", "r8_secret") as url:
        yield url


@pytest.fixture
def cli(tmp_path: Path, url: str) -> Cli:
    more = {"PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring", "XDG_DATA_HOME": str(tmp_path / "data")}
    return Cli(tmp_path, url, token="", more=more)


def ring(cli: Cli) -> str:
    """What the keyring holds; empty before anything was put there."""
    found = [path.read_text() for path in (cli.folder / "data").rglob("*.cfg")]
    return "".join(found)


def config(cli: Cli) -> str:
    return (cli.folder / "config" / "config.json").read_text()


def test_a_token_lies_in_the_keyring_alone_and_works_from_there(cli: Cli) -> None:
    login = cli.json(*LOGIN, stdin=b"r8_secret\n")
    assert login["stored"] == "keyring" and login["user"]["username"] == "acme"
    assert "r8_secret" not in config(cli) and json.loads(config(cli))["accounts"]["default"]["keyring"] is True
    assert STORED in ring(cli)
    assert stat.S_IMODE((cli.folder / "config" / "config.json").stat().st_mode) == 0o600
    assert cli.json("account")["username"] == "acme"
    assert cli.json("auth", "status")[0]["token"] == "keyring"
    assert cli.json("status")["token"] == "account"
    assert cli.json("doctor")["ok"] is True
    for words in (("status",), ("auth", "status"), ("config", "show"), ("account", "--debug"), ("account", "--curl")):
        done = cli.run(*words)
        assert done.returncode == 0 and b"r8_secret" not in done.stdout + done.stderr


def test_accounts_of_both_kinds_are_switched_and_logged_out(cli: Cli) -> None:
    cli.json("auth", "login", "--token-file", "-", stdin=b"r8_secret")
    cli.json(*LOGIN, "--account", "work", stdin=b"r8_secret")
    assert {a["account"]: a["token"] for a in cli.json("auth", "status")} == {"default": "file", "work": "keyring"}
    for name in ("default", "work"):
        cli.json("auth", "switch", name)
        assert cli.json("status")["account"] == name and cli.json("account")["username"] == "acme"
    cli.json("auth", "logout")
    assert STORED not in ring(cli)
    assert cli.json("status")["account"] == "default" and cli.json("account")["username"] == "acme"
    cli.json("auth", "logout")
    assert cli.error(4, "account")["type"] == "no_token"


def test_a_new_login_leaves_no_token_where_the_old_one_was(cli: Cli) -> None:
    cli.json("auth", "login", "--token-file", "-", stdin=b"r8_secret")
    cli.json(*LOGIN, stdin=b"r8_secret")
    assert "r8_secret" not in config(cli) and STORED in ring(cli)
    cli.json("auth", "login", "--token-file", "-", stdin=b"r8_secret")
    assert "r8_secret" in config(cli) and STORED not in ring(cli)
    assert cli.json("account")["username"] == "acme"


def test_a_keyring_that_keeps_nothing_is_told_and_nothing_is_stored(cli: Cli) -> None:
    cli.more["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    error = cli.error(4, *LOGIN, stdin=b"r8_secret")
    assert error["type"] == "config" and "the keyring cannot be used" in error["message"] and error["hint"]
    assert "r8_secret" not in json.dumps(error)
    assert not (cli.folder / "config" / "config.json").exists()


def test_a_token_that_is_gone_from_the_keyring_is_missed(cli: Cli) -> None:
    cli.json(*LOGIN, stdin=b"r8_secret")
    for path in (cli.folder / "data").rglob("*.cfg"):
        path.unlink()
    error = cli.error(4, "account")
    assert error["type"] == "no_token" and "auth login" in error["hint"]
    assert cli.json("auth", "logout")["removed"] is True
