"""The commands that every API has: functions, schema, call."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from . import values
from .failure import Failure
from .leaf import finish, perform
from .output import as_json, emit


@click.command("functions", help="List the functions: a line each, or all that is known of them as JSON.")
@click.option("--json", "whole", is_flag=True, help="The full metadata.")
def functions_command(whole: bool) -> None:
    from ..functions import all_functions

    infos = all_functions().values()
    if whole:
        emit((as_json({"functions": [info.to_dict() for info in infos]}) + "\n").encode())
    elif sys.stdout.isatty():
        width = max((len(info.name) for info in infos), default=0)
        emit("".join(f"{info.name:<{width}}  {info.type:<5}  {info.summary}\n" for info in infos).encode())
    else:
        lines = [{"name": info.name, "type": info.type, "summary": info.summary} for info in infos]
        emit((as_json(lines) + "\n").encode())


@click.command("schema", help="Show what a function takes and gives, as JSON Schema, with examples.")
@click.argument("function")
def schema_command(function: str) -> None:
    from ..functions import schema_for

    emit((as_json(schema_for(_find(function))) + "\n").encode())


@click.command("call", help="Call a function. INPUT is a JSON object of its arguments, @FILE, or - for stdin.")
@click.argument("function")
@click.argument("input", required=False, default="{}")
@click.option("--yes", is_flag=True, help="Destroy without being asked.")
@click.option("--dry-run", is_flag=True, help="Show the request instead of sending it.")
@click.option("--output", metavar="FILE", help="Write the result there.")
@click.option("--json", "whole", is_flag=True, help="Answer with the whole envelope, failures too.")
def call_command(function: str, input: str, whole: bool, **own: Any) -> None:
    options = click.get_current_context().find_root().obj
    options = options | {key: value for key, value in own.items() if value}
    info = _find(function)
    envelope = perform(info.name, values.arguments(input), options)
    job = bool(info.job) and "billed" in info.classes
    if whole:
        from .output import write

        write(envelope, "json", options["output"])
        options = options | {"output": os.devnull}
        if envelope["success"]:
            return
    finish(envelope, info.result_kind, options, job)


def _find(name: str) -> Any:
    from ..functions import UnknownFunctionError, find
    from ..functions.failures import unknown_function

    try:
        return find(name)
    except UnknownFunctionError as unknown:
        raise Failure(unknown_function(unknown)) from None


COMMANDS = {"functions": functions_command, "schema": schema_command, "call": call_command}
