"""The commands: serve, show what would be listed, write a host's configuration."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..functions.info import ADDED
from ..runtime.visible import escaped_json, visible

if TYPE_CHECKING:
    from ..gateway.plan import Plan
    from .options import Options


@click.group("mcp", help="Serve the API to agents over the Model Context Protocol.")
def command() -> None:
    pass


MEMBERSHIP: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    (
        ("--with", "with_"),
        {
            "metavar": "API",
            "multiple": True,
            "help": "Also serve this API: its name, its package, or the folder of one. May be repeated.",
        },
    ),
    (("--config",), {"metavar": "FILE", "help": "A gateway's configuration: APIs, servers, policy, budgets."}),
    (("--mcp-file",), {"metavar": "FILE", "help": "An .mcp.json with servers to include once they are trusted."}),
    (("--trust",), {"metavar": "NAME", "multiple": True, "help": "Start this server of the .mcp.json. Repeatable."}),
)
"""The options that name the other APIs of the gateway."""
OUTER = "surfacegen.gateway"
"""The key of a context under which the options before a command of `gateway` are kept."""


def _decorated(option: tuple[tuple[str, ...], dict[str, Any]]) -> Callable[..., Any]:
    words, facts = option
    return click.option(*words, **facts)


def planned(parsed: dict[str, Any], **more: Any) -> Plan:
    """The gateway of these options, and of those before the command. Raises UsageError if it cannot be built."""
    from ..gateway.plan import PlanError, plan

    outer = click.get_current_context().meta.get(OUTER, {})
    allow, ask = (_split((*outer.get(key, ()), *parsed[key])) for key in ("allow", "ask"))
    choices = (parsed["write"], outer.get("write"))
    write = next((answer for answer in ("ask", "allow") if answer in choices), "deny")
    more = {
        "config": parsed["config"] if parsed["config"] is not None else outer.get("config"),
        "mcp_file": parsed["mcp_file"] or outer.get("mcp_file"),
        "openapi": outer.get("openapi") or "",
        "name": outer.get("name") or "",
        **more,
    }
    if outer and more["config"] is None:
        more["config"] = ""  # that of the folder, where there is one
    named = {key: (*outer.get(key, ()), *parsed[key]) for key in ("with_", "trust")}
    try:
        return plan(named["with_"], trust=named["trust"], write=write, allow=allow, ask=ask, **more)
    except PlanError as error:
        raise click.UsageError(str(error)) from None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow, --ask") from None


def _several(parsed: dict[str, Any]) -> bool:
    """Whether these options name another API than this package's."""
    if click.get_current_context().meta.get(OUTER) is not None:
        return True
    return bool(parsed["with_"] or parsed["config"] is not None or parsed["mcp_file"] or parsed["trust"])


def _selection(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that select functions and modes, for every command that lists them."""
    from .limits import PAGE

    flags = [
        click.option(
            "--mode",
            type=click.Choice(["tools", "code", "meta"]),
            help="tools: one for each function, in pages where there are many. meta: search, describe and call. code: "
            "these and Lua scripts. The default is tools; for several APIs, or a list longer than --max-list, it is "
            "code, or meta where Lua is not installed.",
        ),
        click.option(
            "--max-list",
            type=click.IntRange(1_000),
            default=PAGE,
            show_default=True,
            metavar="BYTES",
            help="Maximum bytes of a page of a list, and of the list of tools without --mode=tools.",
        ),
        click.option(
            "--write",
            type=click.Choice(["deny", "ask", "allow"]),
            default="deny",
            show_default=True,
            help="Whether functions that write are listed and may be called; ask: after the host's user has confirmed "
            "the call.",
        ),
        click.option(
            "--allow",
            metavar="CLASS",
            multiple=True,
            help=f"Also allow functions of this class: {', '.join((*about.CLASSES, 'all'))}. May be repeated.",
        ),
        click.option(
            "--ask",
            metavar="CLASS",
            multiple=True,
            help="Ask the host's user to confirm each call of a function of this class: "
            f"{', '.join((*about.CLASSES, 'all'))}. May be repeated.",
        ),
        click.option("--functions", metavar="GLOB", multiple=True, help="Only functions with these names."),
        click.option("--groups", metavar="GROUP", multiple=True, help="Only functions of this group."),
        click.option("--exclude", metavar="GLOB", multiple=True, help="Exclude functions with these names."),
        click.option(
            "--account", metavar="NAME", help="The only account to call with; by default hosts choose among several."
        ),
        *(
            [click.option(f"--{ADDED}", "added", is_flag=True, help=f"List the {ADDED} that were added as tools, too.")]
            if ADDED
            else []
        ),
        click.option(
            "--output-schemas", is_flag=True, help="Also list output schemas. The list becomes four times as long."
        ),
        *map(_decorated, MEMBERSHIP),
    ]
    for flag in reversed(flags):
        function = flag(function)
    return function


def _bounds(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options of a server's bounds."""
    from .limits import Limits

    for each in reversed(fields(Limits)):
        kind = click.IntRange(1) if isinstance(each.default, int) else click.FloatRange(0, min_open=True)
        flag, help_, variable = (each.metadata[name] for name in ("flag", "help", "variable"))
        option = click.option(
            each.name, flag, type=kind, default=each.default, envvar=variable, show_default=True, help=help_
        )
        function = option(function)
    return function


def options(options_: dict[str, Any], *, accounts: bool = True) -> Options:
    """The options of a server, from the flags. Raises BadParameter if they name something that does not exist."""
    from ..cli.options import settings
    from ..functions import Policy
    from .options import OptionError, Options

    account = options_["account"] or settings(click.get_current_context()).account or ""
    if _several(options_):
        return _gateway(options_, account)
    try:
        policy = Policy.gateway(options_["write"] == "allow", options_["allow"], options_["ask"])
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--allow, --ask") from None
    if options_["write"] == "ask":
        policy = replace(policy, asked=policy.asked | {"write"})
    built = Options(
        mode=options_["mode"] or "tools",
        page=options_["max_list"],
        allowed=policy,
        functions=_split(options_["functions"]),
        groups=_split(options_["groups"]),
        exclude=_split(options_["exclude"]),
        added=bool(options_.get("added")),
        output_schemas=options_["output_schemas"],
        account=_account(account) if account else "",
        accounts=_accounts() if accounts and not account else (),
    )
    try:
        built.listed  # noqa: B018 (a pattern that matches nothing is told of now, not at the first call)
    except OptionError as error:
        raise click.UsageError(f"{error}: {error.hint}") from None
    return built if options_["mode"] else _on_one_page(built)


def _on_one_page(chosen: Options) -> Options:
    """The options with a mode whose list of tools fits into one page."""
    from .tools import size

    if (total := size(chosen)) <= chosen.page:
        return chosen
    mode = "code" if _has_lua() else "meta"
    click.echo(
        f"{len(chosen.listed):,} tools would take {total:,} bytes of every conversation, --max-list allows {chosen.page:,}: "
        f"serving --mode {mode}; --mode tools lists them in pages",
        err=True,
    )
    return replace(chosen, mode=mode, instead=f"There are {len(chosen.listed):,} functions, too many for a tool each.")


def _gateway(options_: dict[str, Any], account: str) -> Options:
    """The options of a server of several APIs. `--functions` and `--exclude` then begin with an API's name."""
    from .options import Options

    if options_["groups"] or options_["output_schemas"] or options_.get("added"):
        raise click.UsageError(
            "--groups, --output-schemas and the like apply to one API only: use --functions API.GLOB"
        )
    chosen = {"functions": _split(options_["functions"]), "exclude": _split(options_["exclude"])}
    mode = options_["mode"] or ("code" if _has_lua() else "meta")
    return Options(mode=mode, page=options_["max_list"], gateway=planned(options_, account=account, **chosen))


def _with_scripts(chosen: Options, options_: dict[str, Any]) -> Options:
    """The options with those of scripts. BadParameter for a limit that there is not."""
    names = ("scripts", "scripts_alive", "scripts_waiting")
    with_limits = replace(chosen, script_limits=options_["limit"], **{name: options_[name] for name in names})
    try:
        if with_limits.script_limits:
            with_limits.query  # noqa: B018 (reads them all)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--limit") from None
    return with_limits


def _split(texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(part.strip() for text in texts for part in text.split(",") if part.strip())


def _known_accounts() -> tuple[str, ...]:
    from ..runtime import accounts

    return tuple(sorted(accounts.read().accounts))


def _accounts() -> tuple[str, ...]:
    """The accounts to choose from, where there are several."""
    names = _known_accounts()
    return names if len(names) > 1 else ()


def _account(name: str) -> str:
    """The name of an account. Raises BadParameter if there is none of that name."""
    names = _known_accounts()
    if name not in names:
        there = f"there are {', '.join(names)}" if names else f"`{about.COMMAND} auth login` adds one"
        raise click.BadParameter(f"there is no account {name[:80]!r}: {there}", param_hint="--account")
    return name


@command.command(help="Serve over stdin and stdout, or over HTTP. By default only read functions are served.")
@_selection
@click.option("--http", metavar="HOST:PORT", help="Serve streamable HTTP at this address; port 0 picks a free port.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Server processes.")
@click.option(
    "--auth",
    type=click.Choice(["none", "caller", "shared", "issuer"]),
    default="none",
    show_default=True,
    help="caller: every request carries its own API token. shared: every request carries the secret of "
    f"{about.PACKAGE.upper()}_MCP_SECRET, calls are made with the configured token. issuer: every request carries a token of --auth-issuer, calls "
    "are made with the configured token.",
)
@click.option("--auth-issuer", metavar="URL", help="The authorization server that issues tokens to callers.")
@click.option(
    "--auth-audience", metavar="NAME", multiple=True, help="The audience that tokens must have. May be repeated."
)
@click.option("--auth-scope", metavar="SCOPE", multiple=True, help="A scope that tokens must have. May be repeated.")
@click.option("--auth-resource", metavar="URL", help="The public URL of the server behind a proxy.")
@click.option(
    "--auth-account",
    metavar="SUBJECT=ACCOUNT",
    multiple=True,
    help="The account to call with for a subject of the tokens; * for all others. Without any it is the configured one "
    "for everybody, else who is not named may not call. May be repeated.",
)
@click.option(
    "--scripts",
    type=click.IntRange(1, 256),
    default=4,
    show_default=True,
    help="Lua scripts computing at one time, per process, without those that wait for the API; one caller may have half "
    "of them.",
)
@click.option(
    "--scripts-alive",
    type=click.IntRange(1, 1024),
    default=32,
    show_default=True,
    help="Lua scripts running at one time, per process; each runs in its own process, within --limit memory.",
)
@click.option(
    "--scripts-waiting",
    type=click.IntRange(0, 4096),
    default=100,
    show_default=True,
    help="Lua scripts waiting to start, per process; further ones get an error with the time to retry.",
)
@click.option(
    "--limit",
    metavar="NAME=NUMBER",
    multiple=True,
    help="A limit of each Lua script, such as cpu=2.5 or memory=128M, or query of a search. May be repeated. "
    "`lua run --help` lists them.",
)
@click.option(
    "--log-format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The log on stderr: warnings as text, or warnings and each call as one JSON object per line.",
)
@click.option("--metrics", is_flag=True, help="Serve call counts at /metrics, without authentication.")
@click.option("--allowed-host", metavar="HOST", multiple=True, help="Also accept requests for this host name.")
@click.option(
    "--allowed-origin",
    metavar="ORIGIN",
    multiple=True,
    help="Accept requests from pages of this origin; by default from none.",
)
@_bounds
def serve(
    http: str | None,
    workers: int,
    auth: str,
    allowed_host: tuple[str, ...],
    allowed_origin: tuple[str, ...],
    log_format: str,
    metrics: bool,
    auth_issuer: str | None,
    auth_audience: tuple[str, ...],
    auth_scope: tuple[str, ...],
    auth_resource: str | None,
    auth_account: tuple[str, ...],
    **given: Any,
) -> None:
    from .limits import Limits

    if (auth == "issuer") != bool(auth_issuer and auth_audience and http):
        raise click.UsageError("--auth issuer requires --http, --auth-issuer and --auth-audience, and they require it")
    if auth != "issuer" and (auth_scope or auth_resource or auth_account):
        raise click.UsageError("--auth-scope, --auth-resource and --auth-account require --auth issuer")
    alone = {"--metrics": metrics, "--workers": workers > 1, "--auth": auth != "none"}
    alone |= {"--allowed-host": bool(allowed_host), "--allowed-origin": bool(allowed_origin)}
    if http is None and (flags := [flag for flag, value in alone.items() if value]):
        raise click.UsageError(f"{' and '.join(flags)}: only for a server over HTTP; add --http HOST:PORT")

    try:
        limits = Limits(**{each.name: given.pop(each.name) for each in fields(Limits)})
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    chosen = replace(options(given, accounts=http is None or auth == "shared"), limits=limits)
    chosen = replace(_with_scripts(chosen, given), structured=log_format == "json")
    if chosen.account and auth == "caller":
        raise click.UsageError(
            "--account requires --auth none or shared: with caller, every request carries its own token"
        )
    try:
        import anyio

        from . import server
    except ModuleNotFoundError as missing:
        raise _extra(missing) from None
    if chosen.mode == "code":
        _need_lua()
    if http is None:
        from ..cli import streams

        streams.output()  # an agent that cannot be answered is not served
        _end_by_signals()
        anyio.run(server.serve, chosen)
        return
    from .http import Binding, RefusedError, run

    try:
        trust = None
        if auth_issuer:
            from .issuer import Trust

            trust = Trust(
                issuer=auth_issuer,
                audience=auth_audience,
                scopes=auth_scope,
                resource=auth_resource or "",
                accounts=_mapped(auth_account),
            )
        binding = Binding.of(http, auth, workers, allowed_host, allowed_origin, trust)
        run(chosen, replace(binding, metrics=metrics))
    except (RefusedError, ValueError) as error:
        raise click.UsageError(str(error)) from None


def _end_by_signals() -> None:
    """SIGINT and SIGTERM end the server at once, as process 1 of a container too, which ignores what it handles not.

    An exception would wait for the thread that reads standard input, until the host closes it.
    """

    def end(*_: object) -> None:
        os._exit(130)

    for each in (signal.SIGINT, signal.SIGTERM):
        with suppress(ValueError):  # not the main thread
            signal.signal(each, end)


def _mapped(pairs: tuple[str, ...]) -> dict[str, str]:
    """Subject -> account, of `SUBJECT=ACCOUNT`. BadParameter for what is none, or an account that there is not."""
    mapping = {}
    for each in pairs:
        subject, equals, account = each.rpartition("=")
        if not equals or not subject or not account:
            raise click.BadParameter(f"{each[:80]!r} is not SUBJECT=ACCOUNT", param_hint="--auth-account")
        mapping[subject] = _account(account)
    return mapping


def _has_lua() -> bool:
    from importlib.util import find_spec

    return find_spec("lupa") is not None


def _need_lua() -> None:
    if not _has_lua():
        raise click.UsageError(f"--mode code runs Lua: pip install '{about.PACKAGE}[lua]', or use --mode meta")


def _extra(missing: ModuleNotFoundError) -> Exception:
    if (missing.name or "").split(".")[0] not in ("mcp", "mcp_types", "anyio", "starlette", "uvicorn"):
        return missing
    return click.UsageError(f"the MCP server needs an extra: pip install '{about.PACKAGE}[mcp]'")


@command.command("tools", help="Show the list of tools, and its size in tokens.")
@_selection
@click.option("--json", "whole", is_flag=True, help="Print the list itself.")
def tools_command(whole: bool, **given: Any) -> None:
    chosen = options(given)
    try:
        if chosen.gateway is not None:
            from ..gateway.listing import listed as tools
        elif chosen.mode == "tools":
            from .tools import tools
        else:
            from .gateway import tools
    except ModuleNotFoundError as missing:
        raise _extra(missing) from None
    from .tools import cost

    listed = tools(chosen)
    if whole:
        click.echo(visible(json.dumps({"tools": listed}, indent=2, ensure_ascii=False), escaped_json))
        return
    rows = cost(listed)
    width = max(len(name) for name, _, _ in rows)
    click.echo(f"{'tool':{width}}  {'bytes':>6}  {'tokens':>6}")
    for name, size, tokens in rows:
        click.echo(f"{name:{width}}  {size:6}  {tokens:6}")


@command.command(
    "config",
    help="Print the configuration for a host, or put it into the host's file. FLAGS are those of `serve`.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("host", type=click.Choice(["claude-code", "claude-desktop", "cursor", "vscode", "codex", "generic"]))
@click.option("--write-file", is_flag=True, help="Merge it into the host's file; everything else in it is kept.")
@click.option("--path", type=click.Path(dir_okay=False), help="A file other than the host's default.")
@click.option("--name", default=about.NAME, show_default=True, help="The name of the server in the host.")
@click.option("--account", metavar="NAME", help="The only account that the server calls with.")
@click.argument("flags", nargs=-1, type=click.UNPROCESSED)
def config(
    host: str, write_file: bool, path: str | None, name: str, account: str | None, flags: tuple[str, ...]
) -> None:
    from ..cli.options import settings
    from . import hosts

    if account := account or settings(click.get_current_context()).account:
        flags = (f"--account={account}", *flags)
    # A flag that the server would refuse is told of here, and not by a host that cannot start it.
    serve.make_context("serve", list(flags), parent=click.get_current_context().parent)
    try:
        chosen = hosts.HOSTS[host]
        if not write_file:
            click.echo(hosts.fragment(chosen, name, flags), nl=False)
            return
        place = hosts.place(chosen, path)
        click.echo(f"{place}: {hosts.merge(chosen, place, name, flags)}")
    except hosts.HostError as error:
        raise click.ClickException(str(error)) from None
