"""`run` and its like: a thing that describes its own inputs, which are read by that description and checked by it."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import about
from . import options, values
from .failure import Failure, usage
from .leaf import option
from .options import BATCH, CALL, COMMON, FILES, JOB
from .session import Session, translated
from .table import Flag, Runner

if TYPE_CHECKING:
    from ..functions.runs import Run

_EPILOG = (
    "Inputs are name=text, name=@FILE, name:=json; numbers and lists are read as the inputs' types say. "
    "{command} {word} {shown} --help shows what one takes."
)


def command(row: Runner) -> click.Command:
    """The click command of a runner."""
    own = options.declared((COMMON, CALL, JOB, FILES, BATCH), ("body", "json"), hidden=(COMMON, CALL))
    json_option = click.Option([f"{options.OWN}json", "--json"], is_flag=True, help="All of the job, in an envelope; a failure's goes to stderr.")
    detach = click.Option(["--detach"], is_flag=True, help="Start it, show the job and do not wait.")
    flags = list(_flags(row))

    def run(**given: Any) -> None:
        _run(row, flags, given)

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
            click.Option(["given_input", "--input"], metavar="JSON", help="Inputs as a JSON object, @FILE or -."),
            *(option(flag, hidden=False) for flag in flags),
            *([] if row.stream else [detach, json_option]),
            *own,
            click.Option(["wants_help", "--help"], is_flag=True, help="Show this message, and the inputs."),
        ],
        context_settings={"max_content_width": 100},
    )


class _Command(click.Command):
    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, options.bare_wait(args, False))


def _flags(row: Runner) -> Iterator[Flag]:
    """The arguments of the function that neither the reference nor an option of ours stands for."""
    from .commands import COMMANDS

    ours = {name for name, _, _ in options.OPTIONS} | {"input", "detach"}
    for entry in COMMANDS:
        if entry.function == row.function:
            yield from (f for f in entry.flags if not f.hidden and f.name not in row.named and f.flag not in ours)


def _run(row: Runner, flags: list[Flag], given: dict[str, Any]) -> None:
    from ..functions import find
    from .perform import perform

    ctx = click.get_current_context()
    if given["wants_help"] and not given["reference"]:
        click.echo(ctx.get_help())
        return
    if not given["reference"]:
        raise Failure.of("invalid_arguments", f"{row.shown} is missing", f"{ctx.command_path} --help")
    settings = options.settings(ctx)
    if row.stream:
        settings = replace(settings, stream=True)
    if not given.get("detach") and settings.wait is None:
        settings = replace(settings, wait=0.0)
    with Session(settings, find(row.function)) as session:
        if given["wants_help"]:
            _help(ctx, session, row, given["reference"])
            return
        found = _resolved(session, row, given["reference"])
        inputs = _inputs(found.schema, given)
        arguments: dict[str, Any] = {**found.arguments, found.input: inputs}
        for flag in flags:
            value = given[f"flag_{flag.name}"]
            if value is not None and value != ():
                arguments[flag.name] = values.read(flag, value) if isinstance(value, tuple) else value
        again = f"{about.COMMAND} {row.word} {given['reference']} --help"
        if settings.batch is None:
            check_inputs(found, inputs, again)
        perform(session, find(found.function), arguments, starts=True, run=found, output=not given.get("detach"))


def check_inputs(found: Run, inputs: Mapping[str, Any], hint: str, where: str = "") -> None:
    """Raises Failure for the first input that the thing's own schema refuses."""
    from ..functions import check, find
    from ..functions.failures import bad_arguments

    problem = check(inputs, found.schema) if found.schema else None
    if problem is not None:
        error = bad_arguments(find(found.function), problem)
        near = f"nearest: {', '.join(problem.nearest)}; " if problem.nearest else ""
        raise Failure({**error, "message": where + error["message"], "hint": near + hint, "example": None})


def _resolved(session: Session, row: Runner, reference: str) -> Run:
    from ..functions import find

    package = (__package__ or "").rpartition(".")[0]
    runners = importlib.import_module(f"{package}.extensions.runners").RUNNERS
    try:
        with translated(find(row.function)):
            found: Run = runners[row.word](session.client, reference)
    except Failure as failure:
        if failure.error["type"] != "invalid_arguments":
            raise
        # The reference is no argument of the function, whose example would not help.
        hint = f"{about.COMMAND} {row.word} --help"
        raise Failure({**failure.error, "hint": hint, "example": None}) from None
    return found


def _inputs(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs: --input, then the pairs over it."""
    inputs = values.arguments(given["given_input"], "--input") if given["given_input"] is not None else {}
    known = schema.get("properties", {})
    lists: set[str] = set()
    for text in given["pairs"]:
        key, equals, value = text.partition("=")
        plain = key.partition("[")[0]
        if not equals or not key.rstrip(":"):
            raise usage(f"{text[:60]!r} is no input", "name=text, name=@FILE or name:=json")
        read = _typed(known.get(plain, {}), value, key) if not key.endswith(":") else values.pair(text, "input")[1]
        key = key.rstrip(":")
        if _kind(known.get(key, {})) == "array" and not isinstance(read, list):
            inputs[key] = [*inputs[key], read] if key in lists else [read]
            lists.add(key)
        else:
            values.put(inputs, key, read, "input")
    return inputs


def _kind(schema: Mapping[str, Any]) -> str:
    """The JSON type that a schema asks for; empty where it asks for none, or for several."""
    if "type" in schema:
        return str(schema["type"])
    inner = [part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ())]
    kinds = {_kind(part) for part in inner} - {"null", ""}
    return kinds.pop() if len(kinds) == 1 else ""


def _format(schema: Mapping[str, Any]) -> str:
    inner = [schema, *(part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ()))]
    return next((str(part["format"]) for part in inner if "format" in part), "")


def _typed(schema: Mapping[str, Any], text: str, where: str) -> Any:
    """The text of an input as its type has it: a file for an address, a number for a number."""
    kind = _kind(schema)
    of = schema.get("items", {}) if kind == "array" else schema
    if text.startswith("@") and not text.startswith("@@") and (_format(of) == "uri" or not schema):
        path = Path(text[1:])
        if text != "@-" and not values.is_path(path):
            raise usage(f"{where}: there is no file {text[1:][:80]}", "check the path; @@ begins a text with an @")
        return values.content(text, where) if text == "@-" else path
    text = values.text_of(text, where)
    if kind in ("integer", "number", "boolean", "array", "object"):
        try:
            return json.loads(text, parse_constant=str)
        except (ValueError, RecursionError):
            return text  # the check says what is expected
    return text


def _help(ctx: click.Context, session: Session, row: Runner, reference: str) -> None:
    found = _resolved(session, row, reference)
    required = found.schema.get("required", ())
    properties = found.schema.get("properties", {})
    rows = []
    for name, schema in sorted(properties.items(), key=lambda pair: (pair[1].get("x-order", 999), pair[0])):
        facts = ["required"] * (name in required) + list(_facts(schema))
        kind = "@FILE or URL" if _format(schema) == "uri" else _kind(schema) or "any"
        text = str(schema.get("description", "")).strip()
        rows.append((f"{name}={kind}", f"{text}  [{'; '.join(facts)}]" if facts else text))
    formatter = ctx.make_formatter()
    with formatter.section(f"Inputs of {reference}"):
        formatter.write_dl(rows or [("(any)", "it does not say what it takes")])
    session.printer.text(ctx.get_help() + "\n\n" + formatter.getvalue())


def _facts(schema: Mapping[str, Any]) -> Iterator[str]:
    merged: dict[str, Any] = {}
    for key in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(key, ()):
            merged |= part
    merged |= schema
    low, high = merged.get("minimum"), merged.get("maximum")
    if low is not None or high is not None:
        yield (
            f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"
        )
    if merged.get("enum"):
        yield "one of " + ", ".join(map(str, merged["enum"]))
    if merged.get("default") not in (None, ""):
        yield f"default {json.dumps(merged['default'], ensure_ascii=False)}"
