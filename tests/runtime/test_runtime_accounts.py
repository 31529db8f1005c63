"""Accounts: what wins, what is refused, and that a token lies nowhere it should not."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

FILE = """
{"account": "work",
 "accounts": {
  "work": {"token": "t-work", "base_url": "http://own.invalid/v1", "permissions": {"billed": "ask"}},
  "home": {"token": "t-home"},
  "vault": {"keyring": true}}}
"""


@pytest.fixture(autouse=True)
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DEMO_TOKEN", "DEMO_BASE_URL", "DEMO_RUNTIME_ACCOUNT", "DEMO_ACCOUNT"):
        monkeypatch.delenv(name, raising=False)
    found = tmp_path / "config.json"
    monkeypatch.setenv("DEMO_CONFIG", str(found))
    return found


@pytest.fixture
def written(path: Path) -> Path:
    path.touch(0o600)
    path.write_text(FILE)
    return path


def test_where_the_file_lies(demo: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert demo.accounts.config_path() == path
    monkeypatch.delenv("DEMO_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", "/xdg")
    assert demo.accounts.config_path() == Path("/xdg/demo/config.json")
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/absolute")
    monkeypatch.setenv("HOME", "/h")
    assert demo.accounts.config_path() == Path("/h/.config/demo/config.json")


def test_what_counts_more(demo: Any, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def found(*arguments: str | None) -> tuple[str, str]:
        config = demo.config.load(*arguments)
        return config.token, config.base_url

    own = "https://demo.invalid/v1"
    assert found() == ("t-work", "http://own.invalid/v1")
    monkeypatch.setenv("DEMO_ACCOUNT", "home")
    assert found() == ("t-home", own)
    monkeypatch.setenv("DEMO_TOKEN", "t-env")
    assert found() == ("t-env", own)
    assert found(None, None, "work") == ("t-work", "http://own.invalid/v1")
    assert found("t-arg", None, "work") == ("t-arg", "http://own.invalid/v1")
    assert found("t-arg") == ("t-arg", own)
    assert found(None, "http://own.invalid:80/v2", "work") == ("t-work", "http://own.invalid:80/v2")
    assert found(None, "http://arg", "work") == ("", "http://arg"), "it was stored for another server"
    monkeypatch.setenv("DEMO_BASE_URL", "http://env")
    assert found(None, None, "work") == ("t-work", "http://own.invalid/v1")
    assert found(None, None, "home") == ("", "http://env")
    with pytest.raises(
        demo.errors.NoTokenError, match="account home was stored for https://demo.invalid/v1 and is not"
    ):
        demo.config.load(None, None, "home").credentials.chosen(demo.operation.SECURITY)
    with pytest.raises(demo.errors.ConfigError, match="no account 'hom'; did you mean home"):
        found(None, None, "hom")


def test_no_file_and_no_token(demo: Any) -> None:
    assert demo.accounts.read() == demo.accounts.Settings()
    assert demo.config.load().token == ""
    with pytest.raises(demo.errors.ConfigError, match="no account 'x'; it has none"):
        demo.sync.client.SyncClient(account="x")


def test_a_client_uses_the_account(demo: Any, server: Any) -> None:
    account = demo.accounts.Account("mine", "t-mine", server.base_url)
    demo.accounts.save(demo.accounts.Settings("", {"mine": account}))
    with demo.sync.client.SyncClient(account="mine") as client:
        client.call(demo.operation.Operation("do", "do", "GET", "/x"), {})
    assert server.requests[0].headers["authorization"] == "Bearer t-mine"


def test_the_file_is_its_owners_alone(demo: Any, written: Path) -> None:
    settings = demo.accounts.read()
    assert settings.accounts["work"].permissions == {"billed": "ask"} and "t-work" not in repr(settings)
    written.chmod(0o640)
    with pytest.raises(demo.errors.ConfigError, match=f"mode 0640.*: chmod 600 {written}"):
        demo.accounts.read()
    demo.accounts.save(settings)
    assert written.stat().st_mode & 0o777 == 0o600
    assert demo.accounts.read() == settings
    assert os.listdir(written.parent) == ["config.json"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "is not JSON"),
        ("[]", "it must be a JSON object"),
        ('{"acount": "x"}', "acount: unknown; did you mean account"),
        ('{"accounts": {"a": "secret"}}', "accounts.a must be a JSON object"),
        ('{"accounts": {"a": {"tokn": "secret"}}}', "accounts.a.tokn: unknown; did you mean token"),
        ('{"accounts": {"a": {"token": 1}}}', "accounts.a.token: must be text"),
        ('{"accounts": {"a": {"permissions": {"billed": "secret"}}}}', "accounts.a.permissions.billed: must be one of"),
    ],
)
def test_files_that_are_wrong(demo: Any, path: Path, text: str, message: str) -> None:
    path.touch(0o600)
    path.write_text(text)
    with pytest.raises(demo.errors.ConfigError) as caught:
        demo.accounts.read()
    assert message in str(caught.value) and str(path) in str(caught.value) and "secret" not in str(caught.value)


def test_a_failed_save_leaves_what_was(demo: Any, written: Path) -> None:
    before = written.read_text()
    with pytest.raises(demo.errors.ConfigError, match="cannot be the name of an account"):
        demo.accounts.save(demo.accounts.Settings("", {"a b": demo.accounts.Account("a b")}))
    bad = demo.accounts.Account("a", permissions={"billed": "maybe"})
    with pytest.raises(demo.errors.ConfigError, match="must be one of allow, ask, deny"):
        demo.accounts.save(demo.accounts.Settings("", {"a": bad}))
    assert written.read_text() == before


def test_the_keyring(demo: Any, written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(demo.errors.ConfigError, match=r"pip install 'demo\[keyring\]'"):
        demo.config.load(account="vault")
    kept: dict[tuple[str, str], str] = {}
    ring = SimpleNamespace(
        get_password=lambda service, name: kept.get((service, name)),
        set_password=lambda service, name, token: kept.update({(service, name): token}),
        delete_password=lambda service, name: kept.pop((service, name)),
    )
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert demo.config.load(account="vault").token == ""
    vault = demo.accounts.Account("vault", "t-vault", keyring=True)
    demo.accounts.save(demo.accounts.Settings("vault", {"vault": vault}))
    assert kept == {("demo", "vault"): "t-vault"} and "t-vault" not in written.read_text()
    assert demo.config.load().token == "t-vault"
    demo.accounts.forget(demo.accounts.read().accounts["vault"])
    assert kept == {} and demo.config.load().token == ""
