"""`lua run FILE|-` and `lua run -e CODE`: scripts at the command line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from .. import about
from . import Limits, MissingError, run

_EXITS = {"authentication": 4, "policy": 4, "not_found": 5, "rate_limit": 6, "connection": 7, "server": 7}
_STATUSES = {401: 4, 403: 4, 404: 5, 429: 6}


@click.group()
def command() -> None:
    """Run Lua scripts that call the API, in a sandbox."""


@command.command("run")
@click.argument("file", required=False)
@click.option("-e", "--execute", "code", help="The script itself, instead of a file.")
@click.option(
    "--write", type=click.Choice(["deny", "allow"]), default="deny", help="Whether functions that write may be called."
)
@click.option("--allow", multiple=True, metavar="CLASS", help="Also allow billed, destructive, secret or all.")
@click.option("--dry-run", is_flag=True, help="Show what would be sent; send nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the whole envelope as JSON.")
@click.option("--timeout", type=float, default=Limits().wall, show_default=True, help="Seconds the script may take.")
@click.option("--cpu", type=float, default=Limits().cpu, show_default=True, help="Seconds of processor time.")
@click.option("--memory", type=int, default=Limits().memory >> 20, show_default=True, help="MiB of memory.")
@click.option("--max-calls", type=int, default=Limits().calls, show_default=True, help="Calls the script may make.")
def run_command(
    file: str | None,
    code: str | None,
    write: str,
    allow: tuple[str, ...],
    dry_run: bool,
    as_json: bool,
    timeout: float,
    cpu: float,
    memory: int,
    max_calls: int,
) -> None:
    """Run a script from FILE, from standard input (-) or from -e."""
    script = code if file is None else _read(file)
    if script is None or (file and code):
        raise click.UsageError("give either FILE (or -) or -e CODE")
    from .. import client as clients
    from .. import functions

    limits = Limits(wall=timeout, cpu=cpu, memory=memory << 20, calls=max_calls)
    try:
        policy = functions.Policy.gateway(write == "allow", allow)
    except ValueError as problem:
        raise click.UsageError(f"--allow: {problem}") from None
    try:
        with getattr(clients, about.CLIENT)() as client:
            envelope = run(script, client=client, policy=policy, limits=limits, dry_run=dry_run)
    except MissingError as problem:
        click.echo(f"error: {problem}", err=True)
        raise SystemExit(2) from None
    show(envelope, as_json)
    raise SystemExit(exit_code(envelope["error"]))


def _read(file: str) -> str:
    try:
        return sys.stdin.read() if file == "-" else Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise click.UsageError(f"cannot read {file}: {problem}") from None


def show(envelope: dict[str, Any], as_json: bool) -> None:
    """Prints the outcome: what the script printed and gave to stdout, what went wrong to stderr."""
    if as_json:
        click.echo(json.dumps(envelope, ensure_ascii=False))
        return
    click.echo(envelope["output"], nl=False)
    error = envelope["error"]
    if error is None:
        if envelope["result"] is not None:
            click.echo(json.dumps(envelope["result"], indent=2, ensure_ascii=False))
        return
    place = f"line {error['line']}: " if error.get("line") else ""
    click.echo(f"error: {place}{error.get('message', 'failed')}", err=True)
    if error.get("hint"):
        click.echo(f"  {error['hint']}", err=True)


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
