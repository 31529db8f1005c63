"""One function as a click command, made from its row of the table."""

from __future__ import annotations

import sys
from typing import Any

import click

from .. import about
from . import values
from .failure import JOB, Failure, usage
from .table import Command, Flag


class _Argument(click.Argument):
    """A positional that may also be given by its flag."""

    def __init__(self, flag: Flag) -> None:
        super().__init__([f"positional_{flag.name}"], required=False, metavar=flag.flag.replace("-", "_").upper())


def build(command: Command) -> click.Command:
    """The click command of a row."""
    params: list[click.Parameter] = []
    params += [_Argument(flag) for flag in command.flags if flag.positional]
    params += [_option(flag) for flag in command.flags]
    params += _own(command)
    epilog = None
    if any(flag.kind in ("object", "binary", "any") or flag.repeat for flag in command.flags):
        epilog = "Any text may be @FILE. Objects are JSON or key=text and key:=json, given as often as needed."

    def run(**given: Any) -> None:
        _run(command, given)

    return click.Command(
        command.words[-1],
        params=params,
        callback=run,
        help=command.help,
        short_help=command.summary,
        epilog=epilog,
        deprecated=command.deprecated,
        context_settings={"max_content_width": 100},
    )


def _option(flag: Flag) -> click.Option:
    name = f"flag_{flag.name}"
    facts = "; ".join(
        part for part in ("required" if flag.required and not flag.positional else "", flag.facts) if part
    )
    text = f"{flag.help}  [{facts}]" if facts else flag.help
    if flag.kind == "boolean" and not flag.repeat:
        return click.Option([name, f"--{flag.flag}/--no-{flag.flag}"], default=None, help=text)
    metavar = f"[{'|'.join(flag.choices)}]" if flag.choices else _METAVARS[flag.kind]
    return click.Option([name, f"--{flag.flag}"], multiple=True, metavar=metavar, help=text, hidden=flag.positional)


_METAVARS = {
    "string": "TEXT",
    "integer": "INTEGER",
    "number": "NUMBER",
    "boolean": "BOOLEAN",
    "binary": "@FILE",
    "object": "JSON",
    "any": "VALUE",
}


def _own(command: Command) -> list[click.Parameter]:
    """Our options, but for those whose name the function wants for itself: the root takes them all."""
    taken = {flag.flag for flag in command.flags}
    options = [
        click.Option(["own_dry_run", "--dry-run"], is_flag=True, help="Show the request instead of sending it."),
        click.Option(["own_output", "--output"], metavar="FILE", help="Write the result there."),
    ]
    if command.destructive:
        options.insert(0, click.Option(["own_yes", "--yes"], is_flag=True, help="Destroy without being asked."))
    return [option for option in options if option.opts[0].removeprefix("--") not in taken]


def _arguments(command: Command, given: dict[str, Any]) -> dict[str, Any]:
    arguments = {}
    for flag in command.flags:
        value = given[f"flag_{flag.name}"]
        positional = given.get(f"positional_{flag.name}")
        if positional is not None:
            if value:
                raise usage(f"--{flag.flag}: given by place and by flag", "give it once")
            value = (positional,)
        if isinstance(value, tuple):
            if value:
                arguments[flag.name] = values.read(flag, value)
        elif value is not None:
            arguments[flag.name] = value
    for flag in command.flags:
        if flag.required and flag.name not in arguments:
            spelled = flag.flag.replace("-", "_").upper() if flag.positional else f"--{flag.flag}"
            raise Failure.of(
                "invalid_arguments",
                f"{spelled} is required and missing",
                f"{about.COMMAND} {' '.join(command.words)} --help",
                parameter=flag.name,
            )
    return arguments


def _run(command: Command, given: dict[str, Any]) -> None:
    options = {
        key: value or given.get(f"own_{key}") for key, value in click.get_current_context().find_root().obj.items()
    }
    envelope = perform(command.function, _arguments(command, given), options)
    finish(envelope, command.result, options, command.job)


def confirm(function: str, arguments: dict[str, Any]) -> None:
    """Ask before something is destroyed: on a terminal, a person; elsewhere there is nobody, which is a refusal."""
    what = ", ".join(str(value)[:60] for value in arguments.values()) or "this"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise Failure.of("confirmation_needed", f"{function} destroys {what}", "repeat the command with --yes")
    if not click.confirm(f"{function} destroys {what}. Go on?", err=True):
        raise Failure.of("confirmation_needed", "not confirmed: nothing was done")


def perform(name: str, arguments: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The envelope of a call, with the permissions of the person who typed it."""
    from .. import functions

    policy = functions.Policy.everything()
    dry_run = bool(options["dry_run"])
    info = functions.find(name)
    problem = functions.check(arguments, info.input_schema)
    if problem is None and not dry_run:
        if "destructive" in info.classes and not options["yes"]:
            confirm(name, arguments)
        client = _client(options)
        with client:
            return functions.call(client, name, arguments, policy=policy)
    # What cannot be sent needs no client, and so no token, to be refused.
    base = type("_Base", (), {"base_url": options["base_url"]})
    return functions.call(base, name, arguments, policy=policy, dry_run=dry_run)


def _client(options: dict[str, Any]) -> Any:
    import importlib

    from ..functions import failures

    package = importlib.import_module((__package__ or "").rpartition(".")[0])
    settings = {key: options[key] for key in ("base_url", "timeout") if options[key] is not None}
    try:
        return getattr(package, about.CLIENT)(**settings)
    except failures.caught() as error:
        raise Failure.of(
            "no_token", str(error), f"set {about.TOKEN_ENV}" + (f", from {about.TOKEN_URL}" if about.TOKEN_URL else "")
        ) from None


def finish(envelope: dict[str, Any], kind: str, options: dict[str, Any], job: bool) -> None:
    """Write the result; end with the failure of the call, or of the job that it started."""
    from .output import write

    if not envelope["success"]:
        raise Failure(envelope["error"])
    dry_run = envelope["meta"]["dry_run"]
    write(envelope["data"], "json" if dry_run else kind, options["output"])
    if job and not dry_run:
        ended_badly(envelope)


def ended_badly(envelope: dict[str, Any]) -> None:
    """End with code 3 where the job of an answer has ended and not well."""
    from ..functions import find

    described = find(envelope["function"]).job or {}
    data = envelope["data"]
    status = data.get(described.get("status", "")) if isinstance(data, dict) else None
    if status in described.get("terminal", ()) and status not in described.get("successful", ()):
        reason = data.get(described.get("error") or "", None)
        raise Failure.of("job_failed", f"the job ended {status}" + (f": {reason}" if reason else ""))


__all__ = ["JOB", "build", "finish", "perform"]
