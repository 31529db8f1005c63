"""`run` and its like: a thing that describes its own inputs, which are read by that description and checked by it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import inputs as taken
from . import options, values
from .failure import Failure, usage
from .flags import option
from .options import BATCH, CALL, COMMON, FILES, JOB, WEB
from .session import Session, translated
from .table import Command, Flag, Runner

if TYPE_CHECKING:
    from ..functions.runs import Run

_EPILOG = (
    "Inputs are name=text, name=@FILE, name:=json; numbers and lists are read as the inputs' types say. "
    "{command} {word} {shown} --help shows the inputs of one."
)


def command(row: Runner) -> click.Command:
    """The click command of a runner."""
    entry = _entry(row)
    kinds = [COMMON, CALL, JOB, FILES, BATCH] + [WEB] * bool(entry and entry.web)
    own = options.declared(kinds, ("body", "json", "no-wait"), hidden=(COMMON, CALL))
    json_option = click.Option(
        [f"{options.OWN}json", "--json"],
        is_flag=True,
        help="Print the complete job in an envelope, on stderr for a failure.",
    )
    detach = click.Option(["--detach", "--no-wait"], is_flag=True, help="Start the job and show it, without waiting.")
    schema = click.Option(
        ["--schema"], is_flag=True, help="Show the JSON Schema of its inputs and output; run nothing."
    )
    flags = list(_flags(row, entry))

    def run(**parsed: Any) -> None:
        _run(row, flags, parsed)

    return _Command(
        row.word,
        callback=run,
        help=row.help,
        short_help=row.summary,
        epilog=_EPILOG.format(command=about.COMMAND, word=row.word, shown=row.shown),
        add_help_option=False,
        params=[
            click.Argument(["reference"], required=False, metavar=row.shown),
            click.Argument(["pairs"], nargs=-1, metavar="[INPUT=VALUE]..."),
            click.Option(
                ["given_inputs", "--input"],
                multiple=True,
                metavar="JSON",
                help="Inputs as a JSON object, @FILE or -; or one, as INPUT=VALUE.",
            ),
            *(option(flag, hidden=False) for flag in flags),
            *([] if row.stream else [detach, json_option]),
            schema,
            *own,
            click.Option(["wants_help", "-h", "--help"], is_flag=True, help="Show this message, and the inputs."),
        ],
    )


class _Command(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, options.bare_wait(args, False, numbers=True))


def _entry(row: Runner) -> Command | None:
    """The command of the function that is called; None where it has none of its own."""
    from .commands import of_function

    return of_function(row.function)


def _flags(row: Runner, entry: Command | None) -> Iterator[Flag]:
    """The arguments of the function that neither the reference nor an option covers."""
    ours = {name for name, _, _ in options.OPTIONS} | {"input", "detach", "schema"}
    for flag in entry.flags if entry else ():
        if not flag.hidden and flag.name not in row.named and flag.flag not in ours:
            yield flag


def _run(row: Runner, flags: list[Flag], parsed: dict[str, Any]) -> None:
    from ..functions import find
    from .perform import perform

    ctx = click.get_current_context()
    if parsed["wants_help"] and not parsed["reference"]:
        click.echo(ctx.get_help())
        return
    if not parsed["reference"]:
        raise Failure.of("invalid_arguments", f"{row.shown} is missing", f"{ctx.command_path} --help")
    settings = options.settings(ctx)
    detached = bool(parsed.get("detach")) or settings.no_wait or settings.web
    if settings.wait is not None and (parsed.get("detach") or settings.no_wait):
        raise usage("--no-wait: --wait says the opposite", "omit one of them")
    if settings.batch is not None and detached:
        raise usage(
            "--batch: it waits for the jobs that it starts",
            "omit --detach, --no-wait and --web; interrupt it, and repeat the command to continue",
        )
    if row.stream:
        settings = settings._replace(stream=True)
    if not detached and settings.wait is None:
        settings = settings._replace(wait=0.0)
    with Session(settings, find(row.function)) as session:
        if parsed["wants_help"]:
            _help(ctx, session, row, parsed["reference"])
            return
        run = resolved(session, row, parsed["reference"])
        if parsed["schema"]:
            session.printer.write({"input": run.schema, "output": run.output})
            return
        inputs = taken.read(run.schema, parsed["given_inputs"], parsed["pairs"])
        if run.schema:
            from .runs import guarded

            inputs = guarded(session, find(run.function), run, inputs)
        arguments: dict[str, Any] = {**run.arguments, run.input: inputs}
        for flag in flags:
            value = parsed[f"flag_{flag.name}"]
            if value is not None and value != ():
                arguments[flag.name] = values.read(flag, value) if isinstance(value, tuple) else value
        again = f"{about.COMMAND} {row.word} {parsed['reference']} --help"
        if settings.batch is None:
            taken.check(run, inputs, again)
        page = entry.web if (entry := _entry(row)) else ""
        perform(session, find(run.function), arguments, starts=True, run=run, output=not detached, page=page)


def resolved(session: Session, row: Runner, reference: str) -> Run:
    """What a reference comes to. Raises Failure where it names nothing."""
    from ..functions import find

    package = (__package__ or "").rpartition(".")[0]
    runners = importlib.import_module(f"{package}.extensions.runners").RUNNERS
    try:
        with translated(find(row.function)):
            run: Run = runners[row.word](session.client, reference)
    except Failure as failure:
        if failure.error["type"] != "invalid_arguments":
            raise
        # The reference is no argument of the function, whose example would not help.
        hint = f"{about.COMMAND} {row.word} --help"
        raise Failure({**failure.error, "hint": hint, "example": None}) from None
    return run


def _help(ctx: click.Context, session: Session, row: Runner, reference: str) -> None:
    run = resolved(session, row, reference)
    formatter = ctx.make_formatter()
    with formatter.section(f"Inputs of {reference}"):
        formatter.write_dl(list(taken.described(run.schema)) or [("(any)", "it does not describe its inputs")])
    session.printer.text(ctx.get_help() + "\n\n" + formatter.getvalue())
