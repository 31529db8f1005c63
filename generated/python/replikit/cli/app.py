"""The tree of commands, built as it is walked: naming a command makes that command and no other.

Nothing here imports the client, and so neither does `--help`.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from functools import cached_property
from typing import Any, NoReturn

import click

from .. import about
from . import options, streams
from .failure import Failure, fail, usage
from .groups import Nest, near, near_option


def _width() -> int:
    """How wide help is. click would ask shutil, whose import takes a twelfth of what --help takes."""
    try:
        columns = int(os.environ.get("COLUMNS") or 0) or os.get_terminal_size(1).columns
    except (OSError, ValueError):
        columns = 80
    return max(min(columns, 100) - 2, 50)


CALLED = "SURFACEGEN_CALLED"
"""The variable that holds what the user calls this command line by, where that is not the package's command."""
_SETTINGS = {"help_option_names": ["-h", "--help"], "terminal_width": _width()}

_BUILT_IN = {
    "api": ("raw", "Send a request to any path of the API."),
    "auth": ("auth", "Log in and out, and switch accounts."),
    "call": ("integrations", "Call a function with a JSON object of arguments."),
    "completion": ("shell", "Print the completion script for a shell."),
    "config": ("config", "Show and change the configuration."),
    "docs": ("integrations", "Show the documentation of a function, or of this command line."),
    "doctor": ("health", "Check the configuration, the connection and the permissions."),
    "examples": ("integrations", "Show example calls of a function."),
    "functions": ("integrations", "List the functions."),
    "help": ("shell", "Show the help of a command."),
    "man": ("shell", "Print the manual page."),
    "schema": ("integrations", "Show the JSON Schema of a function's arguments and result."),
    "search": ("integrations", "Find functions by words."),
    "status": ("health", "Show the configuration, without calling the API."),
}
"""Commands that every API has, by the module that makes them."""
_YIELDING = {"version": ("shell", "Show the version.")}
"""As those, but for an API that has a command of that name."""
_OF_JOBS = {
    "costs": ("costs", "Summarize the duration and the cost of runs."),
    "listen": ("listen", "Forward job events to your own server, as webhooks."),
    "prices": ("prices", "Manage the price per second of models and hardware."),
    "watch": ("watch", "Watch running jobs."),
}
"""The same for those that not every API has: the table of commands says which."""
_SURFACES = {
    "gateway": "Use several APIs at once: one search, one script, one server.",
    "lua": "Run Lua scripts that call the API.",
    "mcp": "Serve the API to agents over the Model Context Protocol.",
    "mock": "Serve a mock of the API.",
}


class Branch(Nest):
    """A noun: its commands are known by name and built on demand."""

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
        return {**self._additions(), **words}

    def _additions(self) -> dict[str, str]:
        """The commands about what a user adds; one of the API with the same word goes first."""
        from .commands import ADDED

        if not ADDED or self.path != (ADDED,):
            return {}
        from .additions import COMMANDS

        return COMMANDS

    def _above(self, path: tuple[str, ...]) -> bool:
        return path[: len(self.path)] == self.path

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from .commands import COMMANDS, GROUPS, command

        path = (*self.path, cmd_name)
        for row in COMMANDS:
            if row.words == path:
                from .leaf import build

                return build(command(row))
        if cmd_name in self._additions():
            from . import additions

            return additions.command(cmd_name)
        return Branch(path, name=cmd_name, help=GROUPS[path]) if path in GROUPS else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, self._with_verb(ctx, args))

    def _with_verb(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The words after this noun; where it has one verb alone, the verb may be left out: `account` is `account get`."""
        from .commands import COMMANDS

        known = self.list_commands(ctx)
        if len(known) != 1 or not any(command.words == (*self.path, *known) for command in COMMANDS):
            return args
        if args and (args[0] in (*known, "--help") or near(args[0], known)):
            return args
        return [*known, *args]

    def others(self) -> Sequence[str]:
        from . import aliases

        return [*aliases.others(self.path), *aliases.nouns(self.path)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from . import aliases

        rows = sorted(self.summaries().items())
        with formatter.section("Commands"):
            formatter.write_dl(rows)
        also = [f"{word} is {meant}" for word, meant in aliases.others(self.path).items()]
        if also:
            with formatter.section("Other words"):
                formatter.write_text("; ".join(also))


class Root(Branch):
    """The top of the tree: the API's nouns and the commands that every API has."""

    def summaries(self) -> dict[str, str]:
        return super().summaries() | self._runs() | self._own

    def _runs(self) -> dict[str, str]:
        from .commands import RUNNERS

        return {row.word: row.summary for row in RUNNERS}

    @cached_property
    def _own(self) -> dict[str, str]:
        surfaces = {word: text for word, text in _SURFACES.items() if _there(word)}
        return {word: text for word, (_, text) in self._modules.items()} | surfaces

    @cached_property
    def _modules(self) -> dict[str, tuple[str, str]]:
        """The commands of ours by the module that makes them."""
        from .commands import JOB_COMMANDS

        theirs = super().summaries()
        rows = _BUILT_IN | {word: row for word, row in _OF_JOBS.items() if word in JOB_COMMANDS}
        return rows | {word: row for word, row in _YIELDING.items() if word not in theirs}

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self._own and args[0] not in self._runs():
            from .aliases import expanded

            args = expanded(args)
            if args[0] not in self.list_commands(ctx) and (addition := self._added(args[0])) is not None:
                return args[0], addition, args[1:]
        return super().resolve_command(ctx, args)

    def _added(self, word: str) -> click.Command | None:
        """The command of a function derived from another, which the table does not hold; None if there is none."""
        from .commands import ADDED

        if not ADDED or word.startswith("-"):
            return None
        from ..functions.finding import UnknownFunctionError, find

        try:
            info = find(word, "cli")
        except UnknownFunctionError as unknown:
            if unknown.problem:
                raise Failure.of("config", unknown.problem, f"{about.COMMAND} {ADDED} added") from None
            return None
        if info.derived is None:
            return None
        from .derived import command

        return command(info, word)

    def others(self) -> Sequence[str]:
        from .commands import ADDED

        if not ADDED:
            return super().others()
        from ..functions import added

        return [*super().others(), *added.words()]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in self._modules:
            module = importlib.import_module(f".{self._modules[cmd_name][0]}", __package__)
            loaded: click.Command = module.command(cmd_name)
            return loaded
        from .commands import RUNNERS

        for row in RUNNERS:
            if row.word == cmd_name:
                from .run import command

                return command(row)
        if cmd_name in _SURFACES:
            return _surface(cmd_name) if _there(cmd_name) else None
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own = self._own
        sections = (
            (about.TITLE.removesuffix("."), {word: text for word, text in self.summaries().items() if word not in own}),
            ("Functions", {w: t for w, t in own.items() if _BUILT_IN.get(w, ("",))[0] == "integrations"}),
            ("Jobs", {w: t for w, t in own.items() if w in _OF_JOBS}),
            ("Set-up and more", {w: t for w, t in own.items() if self._is_set_up(w)}),
        )
        for title, words in sections:
            if words:
                with formatter.section(title):
                    formatter.write_dl(sorted(words.items()))

    def _is_set_up(self, word: str) -> bool:
        return word not in _OF_JOBS and _BUILT_IN.get(word, ("",))[0] != "integrations"


def _there(module: str) -> bool:
    # importlib.resources would cost a tenth of what --help takes.
    return os.path.isfile(os.path.join(os.path.dirname(__file__), os.pardir, module, "command.py"))


def _surface(module: str) -> click.Command:
    package = (__package__ or "").rpartition(".")[0]
    try:
        command: click.Command = importlib.import_module(f"{package}.{module}.command").command
    except ModuleNotFoundError as missing:
        if (missing.name or "").partition(".")[0] == package:
            raise
        raise missing_extra(module) from None
    return command


def missing_extra(module: str) -> Failure:
    """The error for a surface that needs packages that are not installed."""
    remedy = f"pip install '{about.PACKAGE}[{module}]'"
    return Failure.of("missing_extra", f"{about.COMMAND} {module} needs additional packages: {remedy}", remedy)


root = Root(
    (),
    name=about.COMMAND,
    help=about.SUMMARY,
    epilog=(
        f"{f'The {about.CREDENTIAL} is' if len(about.CREDENTIAL_ENV) == 1 else 'Credentials are'} read from"
        f" {' and '.join(about.CREDENTIAL_ENV)}, or from the account of `{about.COMMAND} auth login`. "
        if about.CREDENTIAL_ENV
        else ""
    )
    + "Nouns may be singular or plural.",
    no_args_is_help=True,
    params=options.declared(options.KINDS, hidden=options.KINDS[2:]),
)
click.version_option(about.VERSION, "--version", prog_name=about.COMMAND)(root)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run one command and exit with its code."""
    words = sys.argv[1:] if arguments is None else arguments
    streams.install()
    try:
        code = _run(words)
        sys.stdout.flush()
    except Failure as failure:
        fail(failure)
    except Exception as error:  # noqa: BLE001 - told as what it is: a mistake of ours
        from ..runtime.errors import ConfigError
        from ..runtime.secrets import hidden

        if isinstance(error, ConfigError):
            fail(Failure.of("config", str(error), _doctor()))
        if "--debug" in words:
            from traceback import format_exception

            click.echo(hidden("".join(format_exception(error))), err=True, nl=False)
        hint = f"a bug in {about.COMMAND}: please report it, with the output of --debug"
        fail(Failure.of("internal", hidden(f"{type(error).__name__}: {error}")[:500], hint))
    raise SystemExit(code if isinstance(code, int) else 0)


def _run(words: list[str]) -> Any:
    """What a command gives, with click's own errors as ours."""
    words = [word if word.isascii() else _decoded(word) for word in words]
    if any(name.endswith("_COMPLETE") for name in os.environ):
        from .completion import register

        register()
    try:
        return root.main(words, prog_name=_called(), standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as shown:
        click.echo(shown.format_message(), err=True)
        raise SystemExit(2) from None
    except click.NoSuchOption as error:
        where = error.ctx.command_path if error.ctx else _called()
        nearest = near_option(error.option_name, error.possibilities or ())
        hint = f"did you mean {nearest}?" if nearest else f"{where} --help"
        raise usage(f"{where}: no option {error.option_name[:80]!r}", hint) from None
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else _called()
        raise usage(error.format_message()[:500], f"{where} --help") from None
    except click.ClickException as error:
        raise Failure.of("error", error.format_message(), _doctor()) from None
    except (click.Abort, KeyboardInterrupt) as end:
        notes = getattr(end.__cause__ or end, "__notes__", ())  # of a job that was waited for
        raise Failure.of("interrupted", "; ".join(("interrupted", *notes))) from None


def _called() -> str:
    """What the user runs: `surfacegen` where that has rendered this package to host a gateway."""
    return os.environ.get(CALLED) or about.COMMAND


def _doctor() -> str:
    return f"{_called()} {'gateway ' if CALLED in os.environ else ''}doctor"


def _decoded(word: str) -> str:
    """The word as UTF-8, whatever the locale says of it. Raises Failure where it is not."""
    try:
        return os.fsencode(word).decode("utf-8")
    except UnicodeError:
        raise usage(f"{word[:60]!r} is not UTF-8 text", "pass it in a file: @FILE") from None
