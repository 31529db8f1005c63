"""`auth`: tokens go into the accounts file, or the keyring, and come from a prompt, a file or stdin: never from argv."""

from __future__ import annotations

import getpass
import importlib
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..credentials import SCHEMES
from ..runtime.placeholders import variables
from ..runtime.schemes import article
from ..runtime.visible import line
from . import options, schemes, values
from .failure import Failure, usage
from .groups import Nest
from .options import COMMON, Settings
from .output import Printer
from .progress import notify
from .session import bounds, translated

if TYPE_CHECKING:
    from ..runtime.accounts import Account

_DEFAULT = "default"
_SECRET = about.CREDENTIAL
_FILED = "USER:PASSWORD" if _SECRET == "password" else f"the {_SECRET}"
_LOGIN = f"{about.COMMAND} auth login --token-file -"


def _settings() -> Settings:
    return options.settings(click.get_current_context())


def _several() -> bool:
    """Whether an account may have more than a token."""
    return len(SCHEMES) > 1 or any(len(scheme.parts) > 1 for scheme in SCHEMES)


def login(
    words: tuple[str, ...],
    token_file: str | None,
    keyring: bool,
    no_check: bool,
    scheme: str | None = None,
    browser: bool = False,
    device: bool = False,
    client_id: str | None = None,
    scopes: str = "",
    port: int = 0,
    **_: Any,
) -> None:
    if words:
        # Not shown: it may be a token, and is in the history of the shell already.
        what = f"{article(_SECRET)} cannot be passed in a command: it is prompted for, or read from --token-file"
        raise usage(what, _LOGIN)
    from ..runtime import accounts

    settings, several = _settings(), _several()
    printer = Printer(settings)
    with translated():
        known = accounts.read()
        name = settings.account or known.account or _DEFAULT
        address = _address(settings, known.accounts.get(name))
        chosen = schemes.chosen(scheme)
        ways = schemes.Ways(browser, device, client_id, scopes, port)
        secrets = schemes.fetched(chosen, ways, address, known.accounts.get(name), settings)
        if secrets is None:
            what = chosen.secret
            secrets = schemes.typed(chosen, lambda: _token(token_file, name, what), lambda: _pair(token_file, name))

        def made(known: accounts.Settings) -> accounts.Account:
            former = known.accounts.get(name, accounts.Account(name))
            if several:
                former = replace(former, credentials=former.kept(), token=former.secret())
            return schemes.with_parts(replace(former, base_url=address, keyring=keyring), chosen, secrets)

        def stored(known: accounts.Settings) -> accounts.Settings:
            former = known.accounts.get(name)
            if former is not None and former.keyring and not keyring:
                accounts.forget(former)
            return replace(known, account=name, accounts={**known.accounts, name: made(known)})

        who = None if no_check or not about.WHOAMI else _who(made(known), settings)
        accounts.change(stored)
    for variable in variables():
        if os.environ.get(variable):
            notify(
                f"{variable} is set, and takes precedence over the account's {_SECRET}; --account {name} asks for the account's"
            )
    shown = {"account": name, "stored": "keyring" if keyring else str(accounts.config_path()), "user": who}
    printer.write(shown if len(SCHEMES) < 2 else {**shown, "scheme": chosen.key})


def _address(settings: Settings, former: Account | None) -> str:
    """The base URL that a token is stored for, and sent to alone; empty for the API's own.

    Raises Failure where it would replace the token for another server, and nobody said so by the account's name.
    """
    from ..runtime.config import load, origin

    own = former.base_url if former is not None else ""
    url = settings.base_url or os.environ.get(about.BASE_URL_ENV or " ", "")
    address = load(token="", base_url=url).base_url if url else own
    if former is None or settings.account or not (former.token or former.keyring or former.credentials):
        return address
    known = own or about.BASE_URL
    if origin(address or about.BASE_URL) != origin(known):
        warning = f"the account {former.name} holds {article(_SECRET)} for {known}"
        raise usage(warning, f"--account NAME keeps another beside it; --account {former.name} replaces it")
    return address


def _pair(source: str | None, name: str) -> tuple[str, str]:
    """A user and a password: `user:password` of a file, or typed at a prompt."""
    if source is not None:
        user, _, password = (
            values.content("@" + source, "--token-file").decode("utf-8", "replace").strip().partition(":")
        )
    elif sys.stdin.isatty() and sys.stderr.isatty():
        user = click.prompt(f"User name of {line(name)}", err=True)
        password = getpass.getpass("Password (not shown): ", stream=sys.stderr)
    else:
        raise usage("there is no terminal to prompt for the user name and the password", _LOGIN)
    return user, password


def _token(source: str | None, name: str, what: str) -> str:
    if source is not None:
        text = values.content("@" + source, "--token-file").decode("utf-8", "replace")
    elif sys.stdin.isatty() and sys.stderr.isatty():
        if about.TOKEN_URL:
            click.echo(f"Get {article(what)} at {about.TOKEN_URL}", err=True)
        text = getpass.getpass(f"{what[0].upper()}{what[1:]} of {line(name)} (not shown): ", stream=sys.stderr)
    else:
        raise usage(f"there is no terminal to prompt for the {what}", _LOGIN)
    token = text.strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise usage(f"that is no {what}: it must be one word of printable characters", "copy it again")
    return token


def _who(account: Any, settings: Settings) -> Any:
    """Whose token it is. Raises Failure where the API takes no such token."""
    from ..functions import find
    from ..operations import OPERATIONS

    info = find(about.WHOAMI)
    package = importlib.import_module((__package__ or "").rpartition(".")[0])
    made = {"base_url": account.base_url or None, **bounds(settings), **schemes.arguments(account)}
    with translated(info), getattr(package, about.CLIENT)(**made) as client:
        try:
            return client.call(OPERATIONS[info.name], {})
        except Exception as error:
            if getattr(error, "status", None) != 401:
                raise
            raise Failure.of(
                "authentication", f"the API does not accept this {_SECRET}; nothing was stored", _again()
            ) from None


def _again() -> str:
    return f"get {article(_SECRET)} at {about.TOKEN_URL}" if about.TOKEN_URL else f"{about.COMMAND} auth login"


def logout(**_: Any) -> None:
    from ..runtime import accounts

    settings = _settings()
    printer = Printer(settings)
    removed = []

    def without(known: accounts.Settings) -> accounts.Settings:
        account = known.find(settings.account or "")
        if account is None:
            raise usage("there is no account to log out of", f"{about.COMMAND} auth status")
        accounts.forget(account)
        removed.append(account.name)
        rest = {name: other for name, other in known.accounts.items() if name != account.name}
        default = known.account if known.account in rest else next(iter(rest), "")
        return replace(known, account=default, accounts=rest)

    with translated():
        left = accounts.change(without)
    printer.write({"account": removed[0], "removed": True, "default": left.account or None})


def status(**_: Any) -> None:
    from ..runtime import accounts

    printer = Printer(_settings())
    several = _several()
    with translated():
        known = accounts.read()
    printer.write(
        [
            {
                "account": name,
                "default": name == known.account,
                "token": "keyring" if account.keyring else "file" if account.token else None,
                **({"credentials": sorted(account.kept())} if several else {}),
                "base_url": account.base_url or about.BASE_URL,
                "permissions": dict(account.permissions),
            }
            for name, account in known.accounts.items()
        ]
    )


def switch(name: str, **_: Any) -> None:
    from ..runtime import accounts

    printer = Printer(_settings())

    def switched(known: accounts.Settings) -> accounts.Settings:
        known.find(name)  # which says where there is none of that name
        return replace(known, account=name)

    with translated():
        accounts.change(switched)
    printer.write({"account": name})


def command(name: str) -> click.Command:
    """The group."""
    own = [
        click.Argument(["words"], nargs=-1, metavar=""),
        click.Option(
            ["--token-file"], type=options.Named("file"), metavar="FILE", help=f"Read {_FILED} from there; - is stdin."
        ),
        click.Option(["--keyring"], is_flag=True, help=f"Keep the {_SECRET} in the system's keyring."),
        click.Option(["--no-check"], is_flag=True, help=f"Store the {_SECRET} without checking it against the API."),
    ]
    if len(SCHEMES) > 1:
        keys = click.Choice([scheme.key for scheme in SCHEMES])
        own.append(click.Option(["--scheme"], type=keys, help="The credential to use; by default the API's own."))
    if any(scheme.fetches for scheme in SCHEMES):
        own += [
            click.Option(["--browser"], is_flag=True, help="Log in with a browser on this machine."),
            click.Option(["--device"], is_flag=True, help="Log in with a code that is typed on another device."),
            click.Option(["--client-id"], help="The client ID that is registered with the API."),
            click.Option(
                ["--scopes"], default="", help="The scopes of the token; by default those that functions require."
            ),
            click.Option(
                ["--port"], type=click.IntRange(0, 65535), default=0, help="The redirect URI for the browser."
            ),
        ]
    parts: dict[str, tuple[Any, str, list[Any]]] = {
        "login": (login, f"Store {article(_SECRET)}, after checking it against the API.", own),
        "logout": (logout, f"Remove an account and its {_SECRET}.", []),
        "status": (status, f"List accounts, without their {_SECRET}s.", []),
        "switch": (switch, "Set the default account.", [click.Argument(["name"])]),
    }
    return Nest(
        name,
        help="Log in and out, and switch accounts.",
        commands={
            word: click.Command(
                word,
                callback=made,
                help=text,
                params=[*more, *options.declared((COMMON,), hidden=(COMMON,))],
                epilog="--account NAME selects the account." if word != "switch" else None,
            )
            for word, (made, text, more) in parts.items()
        },
    )
