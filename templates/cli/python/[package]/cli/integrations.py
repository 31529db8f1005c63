"""The commands that every API has: functions, search, docs, schema, examples, call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import options
from .commands import ADDED
from .failure import Failure, usage
from .options import COMMON

if TYPE_CHECKING:
    from ..functions import FunctionInfo
    from .output import Printer


def _printer() -> Printer:
    from .output import Printer

    settings = options.settings(click.get_current_context())
    return Printer(settings)


def _names(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from ..functions import everything

    return [name for name in everything("cli") if name.startswith(incomplete)]


def _command(name: str, callback: Any, help: str, *params: click.Parameter) -> click.Command:
    own = options.declared((COMMON,), hidden=(COMMON,))
    return click.Command(name, callback=callback, help=help, params=[*params, *own])


def function_named(name: str) -> FunctionInfo:
    """The function of that name. Raises Failure with the nearest names."""
    from ..functions import UnknownFunctionError, find
    from ..functions.failures import unknown_function

    try:
        return find(name, "cli")
    except UnknownFunctionError as unknown:
        raise Failure(unknown_function(unknown)) from None


def _functions(json: bool, **_: Any) -> None:
    from ..functions import document, everything

    printer = _printer()
    infos = everything("cli").values()
    if json:
        return printer.write(document.catalog(infos))
    printer.write([{"name": info.name, "type": info.type, "summary": info.summary} for info in infos])


def _search(text: tuple[str, ...], **_: Any) -> None:
    from ..functions import QueryError, everything, nearest, search

    printer = _printer()
    try:
        known = everything("cli")
        hits = search(" ".join(text), known.values())
    except QueryError as error:
        raise usage(str(error), "search with fewer words") from None
    if not hits:
        near = nearest(" ".join(text), known, 3)
        hint = f"nearest: {', '.join(near)}" if near else f"{about.COMMAND} functions lists all"
        if ADDED and not any(info.own_schemas for info in known.values()):
            hint += f"; no {ADDED} were added: {about.COMMAND} {ADDED} add"
        raise Failure.of("not_found", f"no function matches {' '.join(text)[:80]!r}", hint)
    printer.write([{"name": info.name, "type": info.type, "summary": info.summary} for info in hits])


def _docs(function: str | None, **_: Any) -> None:
    from .manual import overview, page

    printer = _printer()
    printer.text(page(function_named(function)) if function else overview())


def _schema(function: str, **_: Any) -> None:
    from ..functions import schema_for

    printer = _printer()
    printer.write(schema_for(function_named(function)))


def _examples(function: str, **_: Any) -> None:
    printer = _printer()
    info = function_named(function)
    shown = [{"title": e["title"], "arguments": e["arguments"], "call": _spelled(info, e)} for e in info.examples]
    if sys.stdout.isatty() and printer.format is None and printer.filter is None:
        return printer.text("\n\n".join(f"# {example['title']}\n{example['call']}" for example in shown))
    printer.write(shown)


def _spelled(info: FunctionInfo, example: Any) -> str:
    import shlex

    from .paint import dumps

    return f"{about.COMMAND} call {info.name} {shlex.quote(dumps(example['arguments']))}"


class Call(click.Group):
    """`call FUNCTION`: each function by any of its names, with its flags."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from ..functions import everything

        return list(everything("cli"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        from .commands import of_function
        from .leaf import build
        from .table import Command

        info = function_named(cmd_name)
        if subcommand := of_function(info.name):
            return build(subcommand._replace(places=()), call=True)
        # Its words are taken by another command, and so it has no row: its arguments come as JSON alone.
        about_job = bool(info.job), bool(info.job) and "billed" in info.classes
        facts = (info.deprecation, info.result_kind, bool(info.page), *about_job, bool(info.files_out))
        return build(Command((info.name,), info.name, info.summary, info.description, *facts, "", (), ()), call=True)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return args[0], self.get_command(ctx, args[0]), args[1:]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """None: `functions` lists them."""


def _function(required: bool = True) -> click.Argument:
    return click.Argument(["function"], required=required, shell_complete=_names)


def command(name: str) -> click.Command:
    """One of these commands."""
    match name:
        case "functions":
            whole = click.Option(["--json"], is_flag=True, help="All details of each function.")
            return _command(name, _functions, "List the functions.", whole)
        case "search":
            words = click.Argument(["text"], nargs=-1, required=True)
            return _command(name, _search, "Find functions by the words of TEXT.", words)
        case "docs":
            return _command(
                name, _docs, "Show the documentation of a function, or of this command line.", _function(False)
            )
        case "schema":
            return _command(name, _schema, "Show the JSON Schema of a function's arguments and result.", _function())
        case "examples":
            return _command(name, _examples, "Show example calls of a function.", _function())
    return Call(
        "call",
        help="Call a FUNCTION. INPUT is a JSON object of its arguments, @FILE, or - for stdin; --arg and flags override it.",
        params=options.declared(options.KINDS, hidden=options.KINDS),
        subcommand_metavar="FUNCTION [INPUT] [OPTIONS]",
        epilog=f"{about.COMMAND} functions lists them; {about.COMMAND} call FUNCTION --help shows the inputs of one.",
        no_args_is_help=True,
    )
