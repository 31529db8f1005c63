"""`gateway`: what the command line does for one API, for many: search, docs, call, lua, doctor, auth, serve, config.

The APIs are those of `--with`, of a configuration and of an `.mcp.json`; the answers, the dry runs and the exit codes are
those of every package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from .. import about
from ..cli import options as common
from ..cli.failure import FAILED, Failure
from ..cli.options import COMMON
from ..cli.output import Printer
from ..mcp import command as mcp
from ..runtime.visible import line
from .faults import MemberError
from .host import Hit, Host
from .plan import CONFIG, Plan

PROGRAM = "SURFACEGEN_PROGRAM"
"""The variable that holds, as a JSON list, what started this command line, where that is not the package's command."""


def _remember(**values: Any) -> None:
    click.get_current_context().meta[mcp.OUTER] = values


_ALLOWED = "Also allow functions of this class: billed, destructive, secret, all. May be repeated."
_ASKED = f"Ask before each call of a function of this class: {', '.join((*about.CLASSES, 'all'))}. May be repeated."
command = click.Group(
    "gateway",
    callback=_remember,
    help="Use several APIs at once: one search, one script, one server.",
    params=[
        *(click.Option(words, **facts) for words, facts in mcp.MEMBERSHIP),
        click.Option(["--openapi"], metavar="DOCUMENT", help="Serve the API of this file or URL; it is rendered once."),
        click.Option(["--name"], metavar="NAME", default="", help="The name for the API of --openapi."),
        click.Option(
            ["--write"],
            type=click.Choice(["deny", "ask", "allow"]),
            default="deny",
            help="Whether writing is allowed; ask: each call once its user has said yes.",
        ),
        click.Option(["--allow"], metavar="CLASS", multiple=True, help=_ALLOWED),
        click.Option(["--ask"], metavar="CLASS", multiple=True, help=_ASKED),
    ],
)


def plan() -> Plan:
    """The gateway of the options before the command; with no configuration named, of `gateway.yaml` where it is."""
    nothing: dict[str, Any] = {"config": None, "mcp_file": None, "write": "deny"}
    nothing |= dict.fromkeys(("with_", "trust", "allow", "ask"), ())
    return mcp.planned(nothing)


@contextmanager
def _hosted(*names: str) -> Iterator[Host]:
    """The host, with the members of these names, or with all of them. Problems of members are printed to stderr."""
    made = plan().host()
    members = {member.name for name in names if (member := made.member_of(name)[0]) is not None}
    if members and len(members) == len(names):
        made.members = {name: member for name, member in made.members.items() if name in members}
    with made as host:
        host.settle()
        for trouble in host.troubles():
            click.echo(f"note: {line(trouble)}", err=True)
        try:
            yield host
        except MemberError as error:
            raise Failure(error.error) from None


def _settings() -> Any:
    return common.settings(click.get_current_context())


def _command(name: str, help: str, *params: click.Parameter) -> Callable[[Callable[..., Any]], click.Command]:
    def make(function: Callable[..., Any]) -> click.Command:
        own = common.declared((COMMON,), [each.name or "" for each in params], hidden=(COMMON,))
        made = click.Command(name, callback=function, help=help, params=[*params, *own])
        command.add_command(made)
        return made

    return make


_FUNCTION = click.Argument(["function"])


@_command("search", "Find functions of all APIs.", click.Argument(["text"], nargs=-1, required=True))
def search(text: tuple[str, ...], **_: Any) -> None:
    printer = Printer(_settings())
    with _hosted() as host:
        hits = host.search(" ".join(text)[:1_000])
        if not hits:
            raise Failure.of(
                "not_found", f"no function matches {' '.join(text)[:80]!r}", f"the APIs are {host.names()}"
            )
        printer.write([_row(hit) for hit in hits[:50]])


@_command("functions", "List the functions of all APIs, or of one.", click.Argument(["api"], required=False))
def functions(api: str | None, **_: Any) -> None:
    printer = Printer(_settings())
    with _hosted(*([api] if api else [])) as host:
        if api and api not in host.members:
            raise Failure.of("not_found", f"no API is named {api[:80]!r}", f"the APIs are {host.names()}")
        printer.write([_row(hit) for hit in host.functions(api or "")])


def _row(hit: Hit) -> dict[str, Any]:
    return {"name": hit.name, "type": hit.record.type, "summary": hit.record.summary}


@_command("docs", "Show the documentation of a function of any API.", _FUNCTION)
def docs(function: str, **_: Any) -> None:
    printer = Printer(_settings())
    with _hosted(function) as host:
        page = host.describe(function, "page")
        printer.text(page) if isinstance(page, str) else printer.write(page)


@_command("schema", "Show the JSON Schema of a function's arguments, for any API.", _FUNCTION)
def schema(function: str, **_: Any) -> None:
    printer = Printer(_settings())
    with _hosted(function) as host:
        printer.write(host.describe(function, "schema"))


@_command(
    "call",
    "Call a FUNCTION of any API. INPUT is a JSON object of its arguments, @FILE, or - for stdin.",
    _FUNCTION,
    click.Argument(["input"], required=False),
    click.Option(["--arg"], multiple=True, metavar="NAME=VALUE", help="One argument, as a text or as JSON."),
    click.Option(["--dry-run"], is_flag=True, help="Send nothing; show what would be sent."),
    click.Option(["--cursor"], default="", metavar="CURSOR", help="A further page of a list."),
)
def call(function: str, input: str | None, arg: tuple[str, ...], dry_run: bool, cursor: str, **_: Any) -> None:
    settings = _settings()
    printer = Printer(settings)
    arguments = _arguments(input, arg)
    with _hosted(function) as host:
        hit = host.find(function)
        if arg:
            arguments = _typed(arguments, arg, host.describe(hit.name, "schema"))
        asks = settings.yes or (sys.stdin.isatty() and sys.stderr.isatty())
        pending = host.begin(
            hit,
            arguments,
            account=settings.account or "",
            dry_run=dry_run,
            cursor=cursor,
            ask=(lambda wanted: settings.yes or click.confirm(line(wanted.text), err=True)) if asks else None,
        )
        made = pending.result().envelope
    if not made["success"]:
        failure = Failure(made["error"])
        failure.envelope = made if settings.json else None
        raise failure
    printer.write(made if settings.json else made["data"], items="" if settings.json else _items(hit))


def _items(hit: Hit) -> str:
    return str((hit.record.page or {}).get("items") or "")


def _arguments(text: str | None, pairs: tuple[str, ...]) -> dict[str, Any]:
    from ..cli import values

    if text is None:
        return {}
    source = "@-" if text == "-" else text
    content = values.content(source, "INPUT").decode("utf-8", "replace") if source.startswith("@") else source
    try:
        value = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise Failure.of("invalid_arguments", f"INPUT is not JSON: {error}", '\'{"name": "value"}\'') from None
    if not isinstance(value, dict):
        raise Failure.of("invalid_arguments", "INPUT is not a JSON object", '\'{"name": "value"}\'')
    return value


def _typed(arguments: Mapping[str, Any], pairs: tuple[str, ...], schema: Any) -> dict[str, Any]:
    """The arguments with those of `--arg`: what the schema knows as a text is one, the rest is JSON where it can be."""
    known = schema.get("properties") if isinstance(schema, dict) else None
    typed = dict(arguments)
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals:
            raise Failure.of("invalid_arguments", f"--arg {pair[:80]!r} is not NAME=VALUE")
        part = known.get(name) if isinstance(known, dict) else None
        value: Any = text
        if not (isinstance(part, dict) and part.get("type") == "string"):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                value = text
        typed[name] = value
    return typed


@_command(
    "lua",
    "Run a Lua script over all APIs: app.integrations.API.FUNCTION{…}.",
    click.Argument(["file"], required=False),
    click.Option(["-e", "code"], metavar="CODE", help="The script."),
    click.Option(["--dry-run"], is_flag=True, help="Send nothing; record what would be sent."),
    click.Option(["--limit"], metavar="NAME=NUMBER", multiple=True, help="A limit of the script, such as cpu=2.5."),
)
def lua(file: str | None, code: str | None, dry_run: bool, limit: tuple[str, ...], **_: Any) -> None:
    from ..cli import values
    from ..lua import Event, Limits, MissingError, Sandbox
    from ..lua.command import exit_code, show
    from .scripting import Reaching

    settings = _settings()
    if (file is None) == (code is None):
        raise Failure.of("usage", "name a FILE, - for stdin, or -e CODE")
    if code is None:
        code = values.content("@-" if file == "-" else f"@{file}", "FILE").decode("utf-8", "replace")

    def aloud(event: Event) -> None:
        if event.kind == "print":
            click.echo(event.text, nl=False)
        elif event.kind == "log":
            click.echo(event.text, err=True, nl=False)

    with _hosted() as host, Sandbox(ready=0) as sandbox:
        reach = Reaching(host, account=settings.account or "")
        try:
            limits = Limits().changed(limit)
            made = sandbox.run(code, reach=reach, dry_run=dry_run, limits=limits, on_event=aloud)
        except (MissingError, ValueError) as problem:
            raise Failure.of("usage", str(problem)) from None
    if settings.json:
        Printer(settings).write(made)
    else:
        show(made)
    click.get_current_context().exit(exit_code(made["error"]))


@_command("doctor", "Check each API: whether it starts, what it has, whether there are credentials.")
def doctor(**_: Any) -> None:
    printer = Printer(_settings())
    with plan().host() as host:
        host.settle()
        rows = host.health()
    printer.write(rows)
    if not all(row["ok"] for row in rows):
        click.get_current_context().exit(FAILED)


@command.command(
    "auth",
    help="Log in to an API, out of it, or see its accounts: WORDS are those of `auth` of its own command line.",
    context_settings={"ignore_unknown_options": True},
)
@click.option("--api", required=True, metavar="API", help="Which API.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def auth(ctx: click.Context, api: str, words: tuple[str, ...]) -> None:
    specs = {spec.name: spec for spec in plan().specs}
    package = specs[api].package if api in specs else None
    if package is None:
        there = ", ".join(name for name, spec in specs.items() if spec.package is not None)
        raise Failure.of("not_found", f"no API is named {api[:80]!r}", f"there are {there or 'none'}")
    # The package reads and keeps its own credentials: they do not pass through here.
    ctx.exit(subprocess.run(package.cli("auth", *words), env=package.environment(), check=False).returncode)


@command.command(
    "config",
    help="Print the configuration for a host, or put it into the host's file. FLAGS are those of `serve`.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("host", type=click.Choice(["claude-code", "claude-desktop", "cursor", "vscode", "codex", "generic"]))
@click.option("--write-file", is_flag=True, help="Merge it into the host's file; everything else in it is kept.")
@click.option("--path", type=click.Path(dir_okay=False), help="A file other than the host's default.")
@click.option("--name", default="gateway", show_default=True, help="The name of the server in the host.")
@click.argument("flags", nargs=-1, type=click.UNPROCESSED)
def config(host: str, write_file: bool, path: str | None, name: str, flags: tuple[str, ...]) -> None:
    from dataclasses import replace

    from ..mcp import hosts

    plan()  # what the server would refuse is told of here, and not by a host that cannot start it
    mcp.serve.make_context("serve", list(flags), parent=click.get_current_context().parent)
    chosen = replace(hosts.HOSTS[host], start=(*_program(), *_outer(), "serve"))
    try:
        if not write_file:
            click.echo(hosts.fragment(chosen, name, flags), nl=False)
            return
        place = hosts.place(chosen, path)
        click.echo(f"{place}: {hosts.merge(chosen, place, name, flags)}")
    except hosts.HostError as error:
        raise click.ClickException(str(error)) from None


def _program() -> list[str]:
    """What starts this command line."""
    import os
    import shutil

    try:
        parsed = json.loads(os.environ.get(PROGRAM, "null"))
    except ValueError:
        parsed = None
    if isinstance(parsed, list) and parsed and all(isinstance(each, str) for each in parsed):
        return parsed
    program = shutil.which(about.COMMAND)
    return [*([program] if program else [sys.executable, "-m", about.PACKAGE]), "gateway"]


def _outer() -> list[str]:
    """The options before the command, with files by their whole paths: a host starts the server wherever it likes."""
    options, words = click.get_current_context().meta[mcp.OUTER], []
    config = options["config"] or (CONFIG if Path(CONFIG).is_file() else "")
    for flag, name in (("--config", config), ("--mcp-file", options["mcp_file"])):
        words += [flag, str(Path(name).resolve())] if name else []
    for each in options["with_"]:
        words += ["--with", str(Path(each).resolve()) if Path(each).is_dir() else each]
    if document := options["openapi"]:
        words += ["--openapi", str(Path(document).resolve()) if Path(document).is_file() else document]
    words += ["--name", options["name"]] if options["name"] else []
    for each in options["trust"]:
        words += ["--trust", each]
    words += [f"--write={options['write']}"] if options["write"] != "deny" else []
    return words + [f"--{key}={each}" for key in ("allow", "ask") for each in options[key]]


for _each in (mcp.serve, mcp.tools_command):
    command.add_command(_each)
