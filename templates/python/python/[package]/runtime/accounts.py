"""Named accounts: a JSON file that only its owner can read, and optionally the keyring.

{"account": "work",
 "accounts": {"work": {"token": "…", "base_url": "…", "keyring": false, "permissions": {"billed": "ask"},
                       "credentials": {"scheme": {"username": "…", "password": "…"}}}}}
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from .. import about
from ..credentials import SCHEMES
from . import configured, private
from .errors import ConfigError
from .secrets import Secret

_SEVERAL = len(SCHEMES) > 1 or any(len(scheme.parts) > 1 for scheme in SCHEMES)
"""Whether an account may have more than a token."""
_ANSWERS = ("allow", "ask", "deny")
PUBLIC = frozenset(("certificate", "key", "expires_at", "scope", "client_id"))
"""Parts of credentials that are not secret: paths, and facts about a token."""
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")
_ALL = "/credentials"
"""Suffix of the keyring entry for the credentials of an account besides its token, as JSON."""
CONFIG_ENV, config_path = configured.CONFIG_ENV, configured.config_path
ACCOUNT_ENV = f"{about.PACKAGE.upper()}_ACCOUNT"


@dataclass(frozen=True, slots=True)
class Account:
    """One account. Its `repr` does not show the token."""

    name: str
    token: str = field(default="", repr=False)
    base_url: str = ""
    keyring: bool = False
    """The token lies in the keyring, not in the file."""
    permissions: Mapping[str, str] = field(default_factory=dict)
    """Policy class -> allow, ask or deny."""
    credentials: Mapping[str, Mapping[str, str]] = field(default_factory=dict, repr=False)
    """The credentials besides the token, by security scheme, then by part."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "token", Secret(self.token))
        hidden = {
            key: {part: text if part in PUBLIC else Secret(text) for part, text in parts.items()}
            for key, parts in self.credentials.items()
        }
        object.__setattr__(self, "credentials", hidden)

    def secret(self) -> str:
        """The token, from the file or the keyring; empty where there is none. ConfigError where the keyring cannot be
        read."""
        if self.token or not self.keyring:
            return self.token
        return Secret(_in_keyring("get_password", self.name) or "")

    def kept(self) -> Mapping[str, Mapping[str, str]]:
        """The credentials besides the token, from the file or the keyring. ConfigError where the keyring cannot be
        read."""
        if self.credentials or not self.keyring or not _SEVERAL:
            return self.credentials
        text = _in_keyring("get_password", self.name + _ALL)
        return _credentials("the keyring", self.name, json.loads(text)) if text else {}


@dataclass(frozen=True, slots=True)
class Settings:
    """All accounts, and the name of the default one."""

    account: str = ""
    accounts: Mapping[str, Account] = field(default_factory=dict)

    def find(self, name: str = "") -> Account | None:
        """The account of this name, else the one the environment names, else the default; None where there is none.

        Raises ConfigError where the chosen one does not exist.
        """
        chosen = name or os.environ.get(ACCOUNT_ENV, "") or self.account
        if not chosen:
            return None
        if chosen not in self.accounts:
            near = get_close_matches(chosen, self.accounts, 1)
            known = f"did you mean {near[0]}?" if near else f"it has {', '.join(sorted(self.accounts)) or 'none'}"
            raise ConfigError(f"{config_path()} has no account {chosen!r}; {known}")
        return self.accounts[chosen]


def read() -> Settings:
    """Reads the accounts file; no accounts where there is no file. ConfigError where it cannot be trusted or
    understood."""
    path = config_path()
    return _settings(path, private.read_json(path, "a configuration"))


def change(made: Callable[[Settings], Settings]) -> Settings:
    """Applies `made` to the settings, writes the result and returns it, all under a lock.

    Raises ConfigError, also where another command holds the file for longer than `private.LONGEST_WAIT` seconds.
    """
    with private.locked(config_path()):
        settings = made(read())
        save(settings)
        return settings


def save(settings: Settings) -> None:
    """Writes the file in one step, readable by its owner alone; tokens of keyring accounts go to the keyring.

    To change settings that were read before, use `change`: another command may have written in between.
    """
    path = config_path()
    accounts = {}
    for name, account in settings.accounts.items():
        if not _NAME.fullmatch(name):
            raise ConfigError(f"{name!r} cannot be the name of an account: letters, digits, '.', '_' and '-'")
        if account.keyring and account.token:
            _in_keyring("set_password", name, account.token)
            account = replace(account, token="")
        if account.keyring and account.credentials:
            _in_keyring("set_password", name + _ALL, json.dumps(account.credentials))
            account = replace(account, credentials={})
        accounts[name] = _plain(account)
    data = {"account": settings.account, "accounts": accounts}
    _settings(path, data)  # do not write what could not be read again
    private.write(path, (json.dumps(data, indent=2) + "\n").encode())


def keep(name: str, scheme: str, parts: Mapping[str, str]) -> None:
    """Adds these parts of a scheme to an account; does nothing where there is no such account."""

    def kept(known: Settings) -> Settings:
        account = known.accounts.get(name)
        if account is None:
            return known
        all_parts = {**account.kept(), scheme: {**account.kept().get(scheme, {}), **parts}}
        return replace(known, accounts={**known.accounts, name: replace(account, credentials=all_parts)})

    change(kept)


def forget(account: Account) -> None:
    """Deletes the token of an account from the keyring, if it is there."""
    if account.keyring and account.secret():
        _in_keyring("delete_password", account.name)
    if account.keyring and account.kept():
        _in_keyring("delete_password", account.name + _ALL)


def _in_keyring(action: str, *arguments: str) -> str | None:
    try:
        keyring: Any = import_module("keyring")
    except ImportError:
        raise ConfigError(
            f"the token of account {arguments[0]!r} lies in the keyring: pip install '{about.PACKAGE}[keyring]'"
        ) from None
    try:
        password: str | None = getattr(keyring, action)(about.PACKAGE, *arguments)
    except Exception as error:  # each backend has exceptions of its own
        raise ConfigError(f"the keyring cannot be used for account {arguments[0]!r}: {error}") from error
    return password


def _plain(account: Account) -> dict[str, Any]:
    values: dict[str, Any] = {
        "token": account.token,
        "base_url": account.base_url,
        "keyring": account.keyring,
        "permissions": dict(account.permissions),
        "credentials": {key: dict(parts) for key, parts in account.credentials.items() if parts},
    }
    return {key: value for key, value in values.items() if value}


def _settings(path: Path, data: Any) -> Settings:
    settings = _checked(path, "", data, {"account": str, "accounts": dict})
    accounts = {}
    for name, entry in settings.get("accounts", {}).items():
        where = f"accounts.{name}"
        known = {"token": str, "base_url": str, "keyring": bool, "permissions": dict, "credentials": dict}
        fields = _checked(path, where, entry, known)
        for class_, answer in fields.get("permissions", {}).items():
            if answer not in _ANSWERS:
                raise ConfigError(f"{path}: {where}.permissions.{class_}: must be one of {', '.join(_ANSWERS)}")
        _credentials(str(path), f"{where}.credentials", fields.get("credentials", {}))
        accounts[name] = Account(name, **fields)
    return Settings(settings.get("account", ""), accounts)


def _credentials(place: str, where: str, data: Any) -> dict[str, dict[str, str]]:
    """Checks that these are texts by scheme and part. Raises ConfigError, which shows no value."""
    if not isinstance(data, dict) or not all(isinstance(parts, dict) for parts in data.values()):
        raise ConfigError(f"{place}: {where}: must be an object of objects")
    for key, parts in data.items():
        if not all(isinstance(text, str) for text in parts.values()):
            raise ConfigError(f"{place}: {where}.{key}: must hold texts")
    return data


def _checked(path: Path, where: str, data: Any, known: Mapping[str, type]) -> dict[str, Any]:
    # Values are never shown: any of them may be a token that was put in the wrong place.
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: {where or 'it'} must be a JSON object")
    dot = f"{where}." if where else ""
    for key, value in data.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            raise ConfigError(f"{path}: {dot}{key}: unknown; {hint}")
        if not isinstance(value, known[key]):
            kind = {str: "text", bool: "true or false", dict: "an object"}[known[key]]
            raise ConfigError(f"{path}: {dot}{key}: must be {kind}")
    return data
