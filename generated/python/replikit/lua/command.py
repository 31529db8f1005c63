"""`lua run FILE|-`, `lua run -e CODE` and `lua repl`: scripts at the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from .. import about
from ..runtime.visible import escaped_json, visible
from . import Event, Limits, MissingError, Sandbox, Session
from .limits import CEILINGS, remedy

if TYPE_CHECKING:
    from ..cli.failure import Failure

_EXITS = {
    "authentication": 4,
    "no_token": 4,
    "config": 4,
    "policy": 4,
    "not_found": 5,
    "rate_limited": 6,
    "connection": 7,
    "timeout": 7,
}
_STATUSES = {401: 4, 403: 4, 404: 5, 429: 6}
_DEFAULT = Limits()

Command = TypeVar("Command", bound=Callable[..., Any])


@click.group()
def command() -> None:
    """Run Lua scripts that call the API, in a sandbox."""


def _shared(function: Command) -> Command:
    """The options of every command that runs scripts."""
    for option in reversed(
        (
            click.option("--account", metavar="NAME", help="The account to call with."),
            click.option(
                "--write",
                type=click.Choice(["deny", "allow"]),
                default="deny",
                help="Whether to allow functions that write.",
            ),
            click.option(
                "--allow",
                multiple=True,
                metavar="CLASS",
                help=f"Also allow functions of this class: {', '.join((*about.CLASSES, 'all'))}.",
            ),
            click.option("--dry-run", is_flag=True, help="Send nothing; record what would be sent."),
            _limit("--timeout", _DEFAULT.wall, CEILINGS["wall"], "Seconds that a script may run."),
            _limit("--cpu", _DEFAULT.cpu, CEILINGS["cpu"], "Seconds of CPU time."),
            _limit("--memory", _DEFAULT.memory >> 20, int(CEILINGS["memory"]) >> 20, "MiB of memory."),
            _limit("--output", _DEFAULT.output >> 10, int(CEILINGS["output"]) >> 10, "KiB of output."),
            _limit("--max-calls", _DEFAULT.calls, int(CEILINGS["calls"]), "Calls that a script may make."),
            click.option(
                "--limit",
                metavar="NAME=NUMBER",
                multiple=True,
                help=f"Any limit by its name, such as events=100 or answer_bytes=1M: {', '.join(CEILINGS)}.",
            ),
        )
    ):
        function = option(function)
    return function


def _limit(flag: str, default: float, ceiling: float, what: str) -> Callable[[Command], Command]:
    """A limit: a number above nothing and up to the ceiling, which help shows."""
    whole = isinstance(default, int)
    kind = click.IntRange(1, int(ceiling)) if whole else click.FloatRange(0, ceiling, min_open=True)
    return click.option(flag, type=kind, default=default, show_default=True, help=what)


@command.command("run")
@click.argument("file", required=False)
@click.option("-e", "--execute", "code", help="The script, instead of a file.")
@click.option("--json", "as_json", is_flag=True, help="Print the complete envelope as JSON, on stderr for a failure.")
@_shared
def run_command(file: str | None, code: str | None, as_json: bool, **options: Any) -> None:
    """Run a script from FILE, from standard input (-) or from -e."""
    if (file is None) == (code is None):
        raise click.UsageError("pass either FILE (or -) or -e CODE")
    script = code if code is not None else _read(str(file), _limits(options).code)
    from ..cli.session import ends_as_interrupt

    ends_as_interrupt()
    with _session(options, _quiet if as_json else _aloud) as session:
        try:
            envelope = session.execute(script)
        except KeyboardInterrupt:
            raise _interrupted(session) from None
    if as_json:
        click.echo(_json(envelope), err=envelope["error"] is not None)
    else:
        show(envelope)
    raise SystemExit(exit_code(envelope["error"]))


@command.command("repl")
@_shared
def repl_command(**options: Any) -> None:
    """Try Lua line by line; globals stay from one to the next."""
    from .repl import loop

    def shown(session: Session) -> str:
        error = _interrupted(session).error
        return "\n".join((error["message"], *error.get("hint", "").splitlines()))

    loop(lambda: _session(options, _aloud), show, shown)


def _interrupted(session: Session) -> Failure:
    """The failure of a script that Ctrl-C has ended. What it started is canceled as a job of `run` is, see there."""
    from ..cli.failure import Failure
    from ..cli.jobs import interrupted

    errors = [interrupted(each.client, each.job, each.data, started=True).error for each in session.left]
    messages = dict.fromkeys(error["message"].removeprefix("interrupted; ") for error in errors)
    hints = dict.fromkeys(error["hint"] for error in errors if "hint" in error)
    return Failure.of("interrupted", "; ".join(("interrupted", *messages)), "\n".join(hints))


def _read(file: str, longest: int) -> str:
    """A script of a file, or of standard input. UsageError where it cannot be read, or is longer than a script may be."""
    try:
        if file == "-":
            content = sys.stdin.buffer.read(longest + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(longest + 1)
        if len(content) > longest:
            raise click.UsageError(f"{file} has more than {longest} bytes; {remedy('code')}")
        return content.decode("utf-8")
    except OSError as problem:
        raise click.UsageError(f"cannot read {file}: {problem.strerror}") from None
    except UnicodeDecodeError as problem:
        raise click.UsageError(f"{file} is not UTF-8: byte {problem.start} of it") from None


def _limits(options: dict[str, Any]) -> Limits:
    try:
        return Limits(
            wall=options["timeout"],
            cpu=options["cpu"],
            memory=options["memory"] << 20,
            output=options["output"] << 10,
            calls=options["max_calls"],
        ).changed(options["limit"])
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None


@contextmanager
def _session(options: dict[str, Any], on_event: Callable[[Event], None]) -> Iterator[Session]:
    """A process for scripts, under the limits and the policy of the options, and the clients of all accounts."""
    from .. import client as clients
    from .. import functions
    from ..runtime import accounts
    from ..runtime.decoding import SHOWN_DEPTH

    try:
        policy = functions.Policy.gateway(options["write"] == "allow", options["allow"])
    except ValueError as problem:
        raise click.UsageError(str(problem)) from None
    make = partial(getattr(clients, about.CLIENT), max_depth=SHOWN_DEPTH)
    settings = accounts.read()
    chosen = settings.find(options["account"] or "")
    owners = {**settings.accounts, **({"default": chosen} if chosen else {})}
    # Whoever starts a script with --allow has said yes to it; what the owner denies stays denied.
    policies = {name: functions.Policy.person(owner.permissions, owner.name) for name, owner in owners.items()}
    permissions = {name: own.granting(own.asked) for name, own in policies.items()}
    named = {name: make(account=name) for name in settings.accounts}
    with make(account=options["account"]) as client, Sandbox(ready=0) as sandbox:
        try:
            session = sandbox.session(
                client=client,
                policy=policy,
                limits=_limits(options),
                dry_run=options["dry_run"],
                accounts=named,
                permissions=permissions,
                on_event=on_event,
            )
        except MissingError as problem:
            raise click.UsageError(str(problem)) from None
        try:
            yield session
        finally:
            session.close()
            for each in named.values():
                each.close()


def _aloud(event: Event) -> None:
    """Prints the output of a script unchanged to stdout; its log and progress go to stderr."""
    if event.kind == "print":
        click.echo(event.text, nl=False)
    else:
        _quiet(event)


def _quiet(event: Event) -> None:
    if event.kind == "log":
        click.echo(event.text, err=True, nl=False)
    elif event.kind == "progress" and sys.stderr.isatty():
        share = "" if event.fraction is None else f"{event.fraction:.0%} "
        click.echo(f"{share}{event.text}", err=True)


def show(envelope: dict[str, Any]) -> None:
    """Prints the outcome: the result of the script to stdout, errors and notes to stderr."""
    error = envelope["error"]
    for call in envelope["integration_calls"] if envelope["meta"]["dry_run"] else ():
        if "request" in call:
            click.echo(f"would send {call['request']['method']} {call['request']['url']}", err=True)
    if envelope["result"] is not None:
        click.echo(_json(envelope["result"], indent=2))
    for note in envelope["meta"]["notes"]:
        click.echo(f"note: {note['at']}: {note['note']}", err=True)
    for number, part in enumerate(envelope["meta"].get("deeper", ())):
        click.echo(f"note: /meta/deeper/{number} is {_json(part)}", err=True)
    if error is None:
        return
    place = f"line {error['line']}: " if error.get("line") else ""
    click.echo(f"error: {place}{error.get('message', 'failed')}", err=True)
    if error.get("hint"):
        click.echo(f"  {error['hint']}", err=True)


def _json(value: Any, indent: int | None = None) -> str:
    """The value as JSON with invisible characters escaped."""
    return visible(json.dumps(value, indent=indent, ensure_ascii=False), escaped_json)


def exit_code(error: dict[str, Any] | None) -> int:
    """The exit code for an error, as every command of ours has it."""
    if error is None:
        return 0
    status = error.get("status")
    if isinstance(status, int):
        return _STATUSES.get(status, 7 if status >= 500 else 1)
    if error.get("type") == "limit":
        return 8 if error.get("limit") == "wall" else 1
    return _EXITS.get(str(error.get("type")), 1)
