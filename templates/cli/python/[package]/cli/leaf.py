"""One function as a click command, made from its row of the table."""

from __future__ import annotations

from typing import Any

import click

from .. import about
from . import options, places, values
from .flags import option
from .options import BATCH, CALL, COMMON, FILES, JOB, PAGE, WEB
from .table import Command

_PAIRS = "An argument: k=text, k:=json, k=@FILE, k[a]=text."
_FILES = "Any text may be @FILE. Objects are JSON or key=text and key:=json, and repeatable."


class Leaf(click.Command):
    """The command of a function, which may have options of the same names as ours."""

    def __init__(self, command: Command, name: str, **more: Any) -> None:
        super().__init__(name, **more)
        self.job = command.job
        self.own_wait = any(flag.flag == "wait" for flag in command.flags)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, options.bare_wait(args, self.own_wait) if self.job else args)


def build(command: Command, *, call: bool = False) -> click.Command:
    """The click command of a row; as `call` takes it, with a JSON object in the place of the path's arguments."""
    taken = {flag.flag for flag in command.flags}
    taken |= {f"no-{flag.flag}" for flag in command.flags if flag.kind == "boolean" and not flag.repeat}
    kinds = [COMMON, CALL]
    kinds += [PAGE] * command.page + [JOB] * command.job + [FILES] * command.files + [BATCH] * command.starts
    kinds += [WEB] * bool(command.web)
    params: list[click.Parameter] = []
    if call:
        params.append(click.Argument(["input"], required=False))
        params.append(click.Option(["pairs", "--arg"], multiple=True, metavar="K=V", help=_PAIRS))
    elif command.places:
        shown = " ".join(place.shown for place in command.places)
        params.append(click.Argument(["placed"], nargs=-1, required=False, metavar=shown))
    params += [option(flag, hidden=flag.hidden and not call) for flag in command.flags]
    params += options.declared(kinds, taken, hidden=(COMMON, CALL))
    notes = [options.epilog(about.COMMAND, taken)]
    if any(flag.kind in ("object", "binary", "any", "upload") or flag.repeat for flag in command.flags):
        notes.insert(0, _FILES)

    def run(**parsed: Any) -> None:
        _run(command, parsed)

    return Leaf(
        command,
        command.function if call else command.words[-1],
        params=params,
        callback=run,
        help=command.help,
        short_help=command.summary,
        epilog="\n\n".join(notes),
        deprecated=command.deprecated or False,
    )


def _arguments(command: Command, parsed: dict[str, Any], body: str | None) -> dict[str, Any]:
    """INPUT of `call`, then --body, then --arg, then flags and places: each over the one before."""
    arguments: dict[str, Any] = {}
    if parsed.get("input") is not None:
        arguments |= values.arguments(parsed["input"])
    if body is not None:
        arguments |= values.arguments(body, "--body")
    for text in parsed.get("pairs", ()):
        values.put(arguments, *values.pair(text, "--arg"), "--arg")
    flags = {flag.name: flag for flag in command.flags}
    by_flag = set()
    for name, flag in flags.items():
        value = parsed[f"flag_{name}"]
        if value is not None and value != ():
            arguments[name] = values.read(flag, value) if isinstance(value, tuple) else value
            by_flag.add(name)
    where = " ".join((about.COMMAND, *command.words))
    for name, text in places.assign(command.places, parsed.get("placed", ()), by_flag, where).items():
        arguments[name] = values.read(flags[name], (text,))
    return arguments


def _run(command: Command, parsed: dict[str, Any]) -> None:
    from ..functions import find
    from . import runs
    from .perform import perform
    from .session import Session

    settings = options.settings(click.get_current_context())
    if command.job and parsed.get("flag_wait") == ("",):
        settings, parsed = settings._replace(wait=0.0), {**parsed, "flag_wait": ()}
    info = find(command.function)
    with Session(settings, info) as session:
        arguments = _arguments(command, parsed, settings.body)
        if not settings.batch and "pairs" not in parsed:
            _complete(command, arguments)
        if info.derived is not None:
            runs.call(info, arguments, {}, settings)
        else:
            perform(session, info, arguments, starts=command.starts, page=command.web)


def _complete(command: Command, arguments: dict[str, Any]) -> None:
    for flag in command.flags:
        if flag.required and flag.name not in arguments:
            raise places.missing(command.places, flag.name, " ".join((about.COMMAND, *command.words)))
