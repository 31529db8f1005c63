"""What `auth login` stores for one security scheme: a token or a password that was typed, or a token that was fetched."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .. import about
from ..credentials import SCHEMES
from ..runtime.visible import line
from .failure import usage
from .options import Settings
from .progress import notify

if TYPE_CHECKING:
    from ..runtime.accounts import Account
    from ..runtime.schemes import Scheme


class Ways(NamedTuple):
    """How somebody wants to log in."""

    browser: bool
    device: bool
    client_id: str | None
    scopes: str
    port: int


def chosen(key: str | None) -> Scheme:
    """The selected scheme. Raises Failure if nothing can be stored for it."""
    if not SCHEMES:
        raise usage(f"{about.TITLE} has no credentials: no login is needed")
    match = next((scheme for scheme in SCHEMES if scheme.key == key), SCHEMES[0])
    if match.kind == "mutualTLS":
        names = " and ".join(variable for part, variable in match.parts if part in ("certificate", "key"))
        raise usage(
            f"{match.key} is a client certificate, which is not stored", f"set {names} to the paths of its files"
        )
    return match


def typed(scheme: Scheme, token: Callable[[], str], pair: Callable[[], tuple[str, str]]) -> dict[str, str]:
    """What a person gives of a scheme, checked."""
    from ..runtime.credentials import checked

    if scheme.kind in ("basic", "digest"):
        user, password = pair()
        secrets = {"username": user, "password": password}
    else:
        secrets = {"token": token()}
    return {part: checked(scheme, part, text, "what was typed") for part, text in secrets.items()}


def fetched(
    scheme: Scheme, ways: Ways, address: str, account: Account | None, settings: Settings
) -> dict[str, str] | None:
    """The token that a person gets by logging in; None where it is to be typed. Raises Failure."""
    if not (ways.browser or ways.device):
        return None
    if ways.browser and ways.device:
        raise usage("pass either --browser or --device")
    if not scheme.fetches:
        raise usage(f"{scheme.key} has no login flow: enter its secret", f"{about.COMMAND} auth login")
    from ..runtime import login
    from ..runtime.oauth import stored

    application = _application(scheme, ways, account)
    scopes = ways.scopes or " ".join(_required(scheme))
    package = importlib.import_module((__package__ or "").rpartition(".")[0])
    with getattr(package, about.CLIENT)(base_url=address or None, **_bounds(settings)) as client:
        if ways.device:
            token = login.device(client, scheme, application, scopes, _code)
        else:
            token = login.browser(client, scheme, application, scopes, _page, ways.port)
    return {**stored(token), **application}


def _application(scheme: Scheme, ways: Ways, account: Account | None) -> dict[str, str]:
    kept = account.kept().get(scheme.key, {}) if account is not None else {}
    variables = dict(scheme.parts)
    secrets = {}
    for part in ("client_id", "client_secret"):
        if text := os.environ.get(variables.get(part) or " ") or kept.get(part):
            secrets[part] = text
    if ways.client_id:
        secrets["client_id"] = ways.client_id
    if "client_id" not in secrets:
        raise usage("the client ID is missing", f"--client-id ID, or set {variables['client_id']}")
    return secrets


def _required(scheme: Scheme) -> list[str]:
    """The scopes that functions require of a scheme."""
    from ..operations import OPERATIONS

    scopes_ = {
        scope: None
        for operation in OPERATIONS.values()
        for requirement in operation.security
        for key, scopes in requirement
        if key == scheme.key
        for scope in scopes
    }
    return sorted(scopes_)


def _page(url: str) -> None:
    from .web import opened

    if not opened(url):
        click.echo(f"Open this address in a browser:\n{line(url)}", err=True)
    else:
        notify("confirm in the browser")


def _code(page: str, code: str) -> None:
    click.echo(f"Open {line(page)} and enter {line(code)}", err=True)


def _bounds(settings: Settings) -> dict[str, Any]:
    from .session import bounds

    return bounds(settings)


def with_parts(account: Account, scheme: Scheme, parts: Mapping[str, str]) -> Account:
    """The account with the credentials of this scheme replaced."""
    own = scheme is SCHEMES[0]
    token = parts.get("token", "") if own else account.token
    rest = {part: text for part, text in parts.items() if not (own and part == "token")}
    others = {key: secrets for key, secrets in account.credentials.items() if key != scheme.key}
    return replace(account, token=token, credentials={**others, scheme.key: rest} if rest else others)


def arguments(account: Account) -> dict[str, Any]:
    """What a client takes to call with what an account is to hold, before it is stored."""
    arguments_: dict[str, Any] = {"token": account.token} if account.token else {}
    for scheme in SCHEMES:
        parts = dict(account.credentials.get(scheme.key, {}))
        if token := parts.pop("access_token", ""):
            parts = {"token": token}
        known = {part: text for part, text in parts.items() if part in dict(scheme.parts)}
        if known and not (scheme is SCHEMES[0] and account.token):
            arguments_[scheme.argument] = known
    return arguments_
