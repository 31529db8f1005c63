"""The session of one command: its permissions, its client, and the envelope of a call."""

from __future__ import annotations

import importlib
import json
import signal
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

import click

from .. import about
from ..runtime.visible import line
from .failure import Failure
from .options import Settings
from .output import Printer

if TYPE_CHECKING:
    from ..functions import FunctionInfo, Policy
    from ..runtime.accounts import Account


def ends_as_interrupt() -> None:
    """Handles SIGTERM, which ends a job of CI, as Ctrl-C is handled, so that nothing is left behind."""
    with suppress(ValueError):  # where it is not the main thread's
        signal.signal(signal.SIGTERM, signal.default_int_handler)


class Session:
    """The settings of one command, with what follows from them. Nothing is read or connected before it is needed."""

    def __init__(self, settings: Settings, info: FunctionInfo | None = None) -> None:
        """info: the function that the command is, where it is one: with --json its failures have an envelope, too."""
        self.settings = settings
        self.info = info
        self._begun = time.perf_counter()
        if settings.debug:
            from .debug import listen

            listen(settings)
        self.printer = Printer(settings)
        self._client: Any = None

    def __enter__(self) -> Self:
        ends_as_interrupt()
        return self

    def __exit__(self, _: object, error: object, __: object) -> None:
        if self._client is not None:
            self._client.close()
        if not isinstance(error, Failure):
            return
        error.error = self.printer.hide(error.error)
        if error.error["type"] in ("no_token", "authentication"):
            error.error["hint"] = f"{about.COMMAND} auth login, or {error.error['hint']}"
        if self.info is not None and self.settings.json:
            error.envelope = self.envelope(self.info, error=error.error)

    @cached_property
    def account(self) -> Account | None:
        """The requested or the default account; None if the token of the environment is used."""
        from ..runtime import accounts, config

        with translated():
            if not self.settings.account and config.in_environment():
                return None
            return accounts.read().find(self.settings.account or "")

    @cached_property
    def policy(self) -> Policy:
        """What this command may do."""
        from ..functions import Policy

        if self.settings.force:
            return Policy.everything()
        account = self.account
        return Policy.person(account.permissions, account.name) if account else Policy.person({})

    @property
    def client(self) -> Any:
        """The client, made on first use."""
        if self._client is None:
            package = importlib.import_module((__package__ or "").rpartition(".")[0])
            chosen = {"base_url": self.settings.base_url, **bounds(self.settings)}
            if self.settings.account:
                chosen["account"] = self.settings.account
            with translated():
                self._client = getattr(package, about.CLIENT)(**{k: v for k, v in chosen.items() if v is not None})
        return self._client

    def admit(self, info: FunctionInfo, arguments: Mapping[str, Any]) -> Policy:
        """The policy under which this call may be made; asks where a yes is needed. Raises Failure.

        What cannot be sent is refused before anybody is asked.
        """
        from .. import functions
        from ..functions import failures

        problem = functions.check(arguments, info.input_schema)
        if problem is not None:
            raise Failure(failures.bad_arguments(info, problem))
        return self.permit(info, arguments)

    def permit(self, info: FunctionInfo, arguments: Mapping[str, Any]) -> Policy:
        """The policy after the questions it asks about this call. Raises Failure."""
        from ..functions import PolicyError, failures

        policy = self.policy
        needed = policy.asks(info)
        if needed:
            try:
                replace(policy, asked=frozenset()).granting(needed).check(info)
            except PolicyError as refused:
                raise Failure(failures.describe(refused, info)) from None
            if not self.settings.yes:
                confirm(info.name, needed, self.printer.hide(arguments))
            policy = policy.granting(needed)
        try:
            policy.check(info)
        except PolicyError as refused:
            raise Failure(failures.describe(refused, info)) from None
        return policy

    def call(self, name: str, arguments: Mapping[str, Any], cursor: str = "") -> dict[str, Any]:
        """The envelope of a call that went well, or of its dry run. Raises Failure."""
        from .. import functions

        info = functions.find(name)
        if self.settings.dry_run or self.settings.curl:
            base = _Address(self.settings.base_url or (self.account.base_url if self.account else "") or None)
            envelope = functions.call(base, name, arguments, policy=functions.Policy.everything(), dry_run=True)
        else:
            policy = self.admit(info, arguments)
            envelope = functions.call(self.client, name, arguments, policy=policy, cursor=cursor)
            envelope["meta"] |= self.meta()
        if not envelope["success"]:
            raise Failure(_typed(envelope["error"]))
        return envelope

    def meta(self) -> dict[str, Any]:
        """The part of an envelope that describes the caller."""
        try:
            account = self.account
        except Failure:  # it is what went wrong
            account = None
        return {"account": account.name if account else None, "permission_bypassed": self.settings.force}

    def envelope(self, info: FunctionInfo, *, data: Any = None, error: dict[str, Any] | None = None) -> dict[str, Any]:
        """The envelope of a result that is not that of one successful call."""
        meta = {"dry_run": False, "operation": info.type, "classes": list(info.classes), **self.meta()}
        return {
            "function": info.name,
            "success": error is None,
            "data": data,
            "error": error,
            "meta": meta,
            "duration_ms": round((time.perf_counter() - self._begun) * 1000, 1),
        }


def bounds(settings: Settings) -> dict[str, Any]:
    """How long a client waits and how much it takes, by the options of a command."""
    from ..runtime.decoding import SHOWN_DEPTH

    bounds_ = {
        "timeout": settings.timeout,
        "deadline": settings.timeout,
        "max_response_bytes": settings.max_response_bytes,
    }
    return {**bounds_, "max_depth": SHOWN_DEPTH}


class _Address:
    """What a dry run needs of a client: the base URL of the API."""

    def __init__(self, base_url: str | None) -> None:
        self.base_url = base_url


def confirm(function: str, classes: tuple[str, ...], arguments: Mapping[str, Any]) -> None:
    """Ask a person on a terminal; elsewhere there is nobody to ask, which is a refusal."""
    texts = [v if isinstance(v, str) else json.dumps(v, default=str, ensure_ascii=False) for v in arguments.values()]
    what = line(", ".join(text[:60] for text in texts))
    does = "destroys" if "destructive" in classes else f"is {' and '.join(classes)}:"
    sentence = f"{function} {does} {what or 'this'}"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Failure.of("confirmation_needed", sentence, "repeat the command with --yes")
    if not click.confirm(f"{sentence}. Go on?", err=True):
        raise Failure.of("confirmation_needed", "not confirmed; nothing was done", "answer y, or give --yes")


@contextmanager
def translated(info: FunctionInfo | None = None) -> Iterator[None]:
    """Errors of the client as failures of the command."""
    from ..functions import failures

    try:
        yield
    except failures.caught() as error:
        if info is not None:
            raise Failure(_typed(failures.describe(error, info))) from None
        from ..runtime.errors import ConfigError

        kind = "config" if isinstance(error, ConfigError) else "error"
        raise Failure.of(kind, str(error), f"{about.COMMAND} doctor") from None


def _typed(error: dict[str, Any]) -> dict[str, Any]:
    """The error with a hint that names a command in place of a function."""
    name, hint = error.get("look_with"), error.get("hint")
    if name and hint:
        from ..functions import find

        shown = find(name)
        words = f"{shown.group.replace('.', ' ')} {shown.verb}"
        error["hint"] = hint.replace(name, f"`{about.COMMAND} {words}`")
    return error


def ended_badly(info: FunctionInfo, data: Any) -> Failure | None:
    """The failure of the job that an answer is, where it has ended and not well."""
    from .paint import at

    job = info.job or {}
    status = at(data, job.get("status", "")) if job else None
    if status not in job.get("terminal", ()) or status in job.get("successful", ()):
        return None
    reason = at(data, job["error"]) if job.get("error") else None
    hint = f"{about.COMMAND} call {job['poll']} --arg {job['argument']}={at(data, job['id'])}"
    message = f"the job ended {status}" + (f": {reason}" if reason else "")
    return Failure.of("job_failed", message, hint, status=status, data=data)
