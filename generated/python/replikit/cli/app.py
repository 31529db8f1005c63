"""The tree of commands, built as it is walked: naming a command makes that command and no other.

Nothing here imports the client, and so neither does `--help`.
"""

from __future__ import annotations

import difflib
import importlib
import os
from typing import Any, NoReturn

import click

from .. import about
from .failure import Failure, fail, usage

_SETTINGS = {"help_option_names": ["--help"], "max_content_width": 100}

_BUILT_IN = {
    "call": ("general", "Call a function with a JSON object of arguments."),
    "functions": ("general", "List the functions."),
    "schema": ("general", "Show what a function takes and gives, as JSON Schema."),
    "mcp": ("mcp", "Serve the API to agents over the Model Context Protocol."),
    "lua": ("lua", "Run Lua scripts that call the API."),
    "mock": ("mock", "Serve a mock of the API."),
}
_EXTRAS = {"mcp": "mcp", "lua": "lua"}


class Branch(click.Group):
    """A noun: its commands are known by name and made when they are asked for."""

    def __init__(self, path: tuple[str, ...], **settings: Any) -> None:
        super().__init__(context_settings=_SETTINGS, **settings)
        self.path = path

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(self.summaries())

    def summaries(self) -> dict[str, str]:
        """The words that may follow, with what they are for."""
        from .commands import COMMANDS, GROUPS

        depth = len(self.path)
        words = {path[depth]: text for path, text in GROUPS.items() if len(path) == depth + 1 and self._above(path)}
        for command in COMMANDS:
            if self._above(command.words) and len(command.words) == depth + 1:
                words[command.words[depth]] = command.summary
        return words

    def _above(self, path: tuple[str, ...]) -> bool:
        return path[: len(self.path)] == self.path

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from .commands import COMMANDS, GROUPS

        path = (*self.path, cmd_name)
        for command in COMMANDS:
            if command.words == path:
                from .leaf import build

                return build(command)
        return Branch(path, name=cmd_name, help=GROUPS[path]) if path in GROUPS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, 3, 0.5)
            where = " ".join((about.COMMAND, *self.path))
            hint = f"did you mean {', '.join(near)}?" if near else f"{where} --help lists the commands"
            raise usage(f"{where}: no command {args[0]!r}", hint)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = sorted(self.summaries().items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)


class Root(Branch):
    """The top of the tree: the API's nouns and the commands that every API has."""

    def summaries(self) -> dict[str, str]:
        present = {word: text for word, (module, text) in _BUILT_IN.items() if module == "general" or _there(module)}
        return super().summaries() | present

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _BUILT_IN:
            return super().get_command(ctx, cmd_name)
        module, _ = _BUILT_IN[cmd_name]
        if module == "general":
            return general(cmd_name)
        return _surface(module) if _there(module) else None


def general(word: str) -> click.Command:
    """A command that every API has."""
    from . import general as module

    return module.COMMANDS[word]


def _there(module: str) -> bool:
    from importlib.resources import files

    package = (__package__ or "").rpartition(".")[0]
    return files(package).joinpath(module, "command.py").is_file()


def _surface(module: str) -> click.Command:
    package = (__package__ or "").rpartition(".")[0]
    try:
        found: click.Command = importlib.import_module(f"{package}.{module}.command").command
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == package:
            raise
        raise missing_extra(module) from None
    return found


def missing_extra(module: str) -> Failure:
    """The failure of a surface whose packages are not installed."""
    extra = _EXTRAS.get(module, module)
    remedy = f"pip install '{about.PACKAGE}[{extra}]'"
    return Failure.of("missing_extra", f"{about.COMMAND} {module} needs more packages: {remedy}", remedy)


@click.group(
    cls=Root,
    path=(),
    name=about.COMMAND,
    help=about.SUMMARY,
    epilog=f"The token is read from {about.TOKEN_ENV}.",
    no_args_is_help=True,
)
@click.version_option(about.VERSION, "--version", prog_name=about.COMMAND)
@click.option("--base-url", metavar="URL", help=f"Where the API is; else {about.BASE_URL_ENV}.")
@click.option("--timeout", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS", help="How long to wait.")
@click.option("--yes", is_flag=True, help="Ask nothing.")
@click.option("--dry-run", is_flag=True, help="Show the request instead of sending it.")
@click.option("--output", metavar="FILE", help="Write the result there.")
def root(**options: Any) -> None:
    click.get_current_context().obj = options


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    try:
        code = root.main(arguments, prog_name=about.COMMAND, standalone_mode=False)
    except Failure as failure:
        fail(failure.error)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message(), err=True)
        raise SystemExit(2) from None
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else about.COMMAND
        fail(usage(error.format_message(), f"{where} --help").error)
    except click.ClickException as error:
        fail(Failure.of("error", error.format_message()).error)
    except (click.Abort, KeyboardInterrupt):
        fail(Failure.of("interrupted", "interrupted").error)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise SystemExit(0) from None
    raise SystemExit(code if isinstance(code, int) else 0)
