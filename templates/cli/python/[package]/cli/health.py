"""`status` and `doctor`: what is configured, whether it works, and what to type next."""

from __future__ import annotations

import importlib.util
import os
import platform
import sys
from collections.abc import Callable
from typing import Any

import click

from .. import about
from ..credentials import SCHEMES
from ..runtime.placeholders import variables
from . import options
from .failure import FAILED, Failure
from .options import COMMON
from .output import Printer
from .session import Session, translated

_EXTRAS = {"jq": "jq", "keyring": "keyring", "lua": "lupa", "mcp": "mcp"}


def facts(session: Session) -> dict[str, Any]:
    """The configuration, without secrets. Raises Failure if it cannot be read."""
    from ..functions.policy import PERSON
    from ..runtime import accounts, config

    account = session.account
    with translated():
        known = accounts.read()
        stored = account is not None and bool(account.secret() or any(account.kept().values()))
        environment = config.in_environment()
    token = "account" if stored else "environment" if environment and not session.settings.account else None
    base_url = session.settings.base_url or (account.base_url if account else "")
    return {
        "command": about.COMMAND,
        "version": about.VERSION,
        "account": account.name if account else None,
        "accounts": sorted(known.accounts),
        "token": token,
        "base_url": base_url or os.environ.get(about.BASE_URL_ENV or " ") or about.BASE_URL,
        "config": str(accounts.config_path()),
        "permissions": {**PERSON, **(account.permissions if account else {})},
    }


def _status(**_: Any) -> None:
    with Session(options.settings(click.get_current_context())) as session:
        session.printer.write(facts(session))


def _doctor(**_: Any) -> None:
    settings = options.settings(click.get_current_context())
    printer = Printer(settings)
    checks: list[dict[str, Any]] = []

    def check(name: str, look: Callable[[], str], remedy: str, *, needed: bool = True) -> bool:
        try:
            checks.append({"check": name, "ok": True, "found": look()})
        except Failure as failure:
            hint = failure.error.get("hint") or remedy
            checks.append({"check": name, "ok": None if not needed else False, "found": str(failure), "remedy": hint})
        return bool(checks[-1]["ok"])

    with Session(settings) as session:
        check("python", lambda: f"{platform.python_version()} at {sys.executable}", "")
        known = check("configuration", lambda: str(facts(session)["config"]), f"{about.COMMAND} config path")
        token = known and (not SCHEMES or check("token", lambda: _token(session), f"{about.COMMAND} auth login"))
        if about.WHOAMI and token:
            check("api", lambda: _reached(session), f"{about.COMMAND} status")
        if known:
            check("permissions", lambda: _permitted(session), "")
        for extra, module in _EXTRAS.items():
            check(extra, lambda m=module: _installed(m), f"pip install '{about.PACKAGE}[{extra}]'", needed=False)  # type: ignore[misc]
    broken = [entry for entry in checks if entry["ok"] is False]
    following = broken[0]["remedy"] if broken else f"{about.COMMAND} functions"
    if printer.terminal and printer.format is None and printer.filter is None:
        marks = {True: "ok", False: "BROKEN", None: "not there"}
        lines = [f"{marks[e['ok']]:9}  {e['check']:13}  {e['found']}" for e in checks]
        printer.text("\n".join([*lines, "", f"next: {following}"]))
    else:
        printer.write({"ok": not broken, "checks": checks, "next": following})
    if broken:
        click.get_current_context().exit(FAILED)


def _token(session: Session) -> str:
    fact = facts(session)["token"]
    if fact is None:
        names = variables()
        listed = about.TOKEN_ENV or (names[0] if names else "")
        raise Failure.of("no_token", "there is none", f"{about.COMMAND} auth login, or set {listed}")
    return f"from the {fact}"


def _reached(session: Session) -> str:
    from ..functions import Policy, call

    envelope = call(session.client, about.WHOAMI, {}, policy=Policy.everything())
    if not envelope["success"]:
        raise Failure(envelope["error"])
    return f"{session.client.base_url} answers in {envelope['duration_ms']:.0f} ms"


def _permitted(session: Session) -> str:
    answers: dict[str, list[str]] = {}
    for class_, answer in facts(session)["permissions"].items():
        answers.setdefault(answer, []).append(class_)
    return "; ".join(f"{answer} {', '.join(classes)}" for answer, classes in answers.items())


def _installed(module: str) -> str:
    if importlib.util.find_spec(module) is None:
        raise Failure.of("missing_extra", "is not installed")
    return "is installed"


def command(name: str) -> click.Command:
    """One of the two."""
    texts = {
        "status": (_status, "Show the configuration, without calling the API."),
        "doctor": (
            _doctor,
            "Check the configuration, the connection and the permissions, and suggest the next command.",
        ),
    }
    callback, help = texts[name]
    return click.Command(name, callback=callback, help=help, params=options.declared((COMMON,), hidden=(COMMON,)))
