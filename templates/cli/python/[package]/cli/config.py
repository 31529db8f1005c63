"""`config`: the accounts file, shown without its tokens and changed one key at a time."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..runtime.schemes import article
from . import options
from .failure import Failure, usage
from .groups import Nest
from .options import COMMON, Settings
from .output import Printer
from .session import translated

if TYPE_CHECKING:
    from ..runtime.accounts import Account
    from ..runtime.accounts import Settings as Accounts

_DEFAULT = "default"


def _keys() -> list[str]:
    from ..functions import CLASSES

    return ["account", "base_url", *(f"permissions.{name}" for name in CLASSES)]


def _known(key: str) -> None:
    if key == "token":
        raise usage(f"{article(about.CREDENTIAL)} cannot be passed in a command", f"{about.COMMAND} auth login")
    if key not in _keys():
        near = difflib.get_close_matches(key[:80], _keys(), 1, 0.4)
        hint = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(_keys())}"
        raise usage(f"config has no key {key[:80]!r}", hint)


def _meant(known: Accounts, settings: Settings) -> Account:
    """The account that is selected, which may not be in the file yet."""
    from ..runtime import accounts

    return known.find(settings.account or "") or accounts.Account(_DEFAULT)


def _loaded() -> tuple[Printer, Accounts, Account]:
    """The printer, all accounts, and the selected one."""
    from ..runtime import accounts

    settings = options.settings(click.get_current_context())
    printer = Printer(settings)
    with translated():
        known = accounts.read()
        return printer, known, _meant(known, settings)


def _shown(known: Accounts, account: Account, key: str) -> Any:
    match key.partition("."):
        case ("account", _, _):
            return known.account or None
        case ("base_url", _, _):
            return account.base_url or about.BASE_URL
        case (_, _, name):
            from ..functions.policy import PERSON

            return account.permissions.get(name, PERSON[name])


def show(**_: Any) -> None:
    """Show the whole configuration, without tokens."""
    from ..runtime import accounts

    printer, known, account = _loaded()
    values = {key: _shown(known, account, key) for key in _keys()}
    printer.write({"path": str(accounts.config_path()), "accounts": sorted(known.accounts), **values})


def get(key: str, **_: Any) -> None:
    """Show one value."""
    _known(key)
    printer, known, account = _loaded()
    printer.write(_shown(known, account, key))


def set_(key: str, value: str, **_: Any) -> None:
    """Change one value."""
    _known(key)
    if key == "base_url":
        _check_url(value)
    elif key != "account" and value not in ("allow", "ask", "deny"):
        raise usage(f"{key}: {value[:80]!r} is not allow, ask or deny", f"{about.COMMAND} config set {key} ask")

    def changed(known: Accounts, account: Account) -> Accounts:
        if key == "account":
            known.find(value)  # which says where there is none of that name
            return replace(known, account=value)
        if key == "base_url":
            return _with(known, replace(account, base_url=value))
        return _with(known, replace(account, permissions={**account.permissions, key.partition(".")[2]: value}))

    _change(changed)


def unset(key: str, **_: Any) -> None:
    """Reset one value to its default."""
    _known(key)

    def changed(known: Accounts, account: Account) -> Accounts:
        if key == "account":
            return replace(known, account="")
        if key == "base_url":
            return _with(known, replace(account, base_url=""))
        name = key.partition(".")[2]
        kept = {class_: answer for class_, answer in account.permissions.items() if class_ != name}
        return _with(known, replace(account, permissions=kept))

    _change(changed)


def path(**_: Any) -> None:
    """Show where the file is."""
    from ..runtime import accounts

    Printer(options.settings(click.get_current_context())).text(str(accounts.config_path()))


def _check_url(value: str) -> None:
    from ..runtime import config
    from ..runtime.errors import ConfigError

    try:
        config.load("x", value)
    except ConfigError as error:
        raise Failure.of("usage", str(error), f"{about.COMMAND} config set base_url {about.BASE_URL}") from None


def _with(known: Accounts, account: Account) -> Accounts:
    return replace(known, account=known.account or account.name, accounts={**known.accounts, account.name: account})


def _change(changed: Callable[[Accounts, Account], Accounts]) -> None:
    """Write values made from the current settings and the selected account."""
    from ..runtime import accounts

    settings = options.settings(click.get_current_context())
    with translated():
        accounts.change(lambda known: changed(known, _meant(known, settings)))


def command(name: str) -> click.Command:
    """The group."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
        return [key for key in _keys() if key.startswith(incomplete)]

    key = click.Argument(["key"], shell_complete=complete)
    parts: dict[str, tuple[Any, list[Any]]] = {
        "get": (get, [key]),
        "path": (path, []),
        "set": (set_, [key, click.Argument(["value"])]),
        "show": (show, []),
        "unset": (unset, [key]),
    }
    commands = {
        word: click.Command(
            word, callback=made, help=made.__doc__, params=[*more, *options.declared((COMMON,), hidden=(COMMON,))]
        )
        for word, (made, more) in parts.items()
    }
    return Nest(
        name,
        help="Show and change the configuration. Permissions are allow, ask or deny, for each account and class.",
        commands=commands,
        epilog="--account NAME selects the account.",
    )
