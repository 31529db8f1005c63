"""The options that commands share: declared once, taken before the words by the root and after them by each command.

A function's own arguments come first: where one has the name of an option here, the command leaves the option to
the root (`COMMAND --limit 5 search …`), so that nothing of ours shadows a function's parameter.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .failure import shape, usage

if TYPE_CHECKING:
    from decimal import Decimal

FORMATS = ("json", "jsonl", "yaml", "table", "raw")

COMMON, CALL, PAGE, JOB, FILES, BATCH, WEB = KINDS = ("common", "call", "page", "job", "files", "batch", "web")


class Settings(NamedTuple):  # a frozen dataclass takes five times as long to make, and --help makes it as well
    """The settings of one command."""

    account: str | None = None
    base_url: str | None = None
    timeout: float | None = None
    max_response_bytes: int | None = None
    max_input_bytes: int | None = None
    yes: bool = False
    force: bool = False
    dry_run: bool = False
    curl: bool = False
    debug: bool = False
    format: str | None = None
    fields: str | None = None
    jq: str | None = None
    output: str | None = None
    json: bool = False
    body: str | None = None
    limit: int | None = None
    page_token: str | None = None
    all: bool = False
    wait: float | None = None
    """Seconds to wait for a job; 0: until it ends; None: not at all."""
    no_wait: bool = False
    stream: bool = False
    save: str | None = None
    batch: str | None = None
    concurrency: int = 4
    retry_failed: bool = False
    max_failures: int | None = None
    out: str | None = None
    web: bool = False
    max_cost: Decimal | None = None


class Seconds(click.ParamType[float]):
    """A number of seconds above 0. `--wait` alone is given as an empty text, and is 0."""

    name = "seconds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if value == "" and param is not None and param.name == OWN + "wait":
            return 0.0
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            self.fail(f"{value!r} is not a number of seconds", param, ctx)
        if not 0 < seconds < 1e9:
            self.fail(f"{value!r} is not a number of seconds above 0", param, ctx)
        return seconds


class Money(click.ParamType["Decimal"]):
    """An amount above 0, in the currency of the user's prices."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        from ..runtime.errors import ArgumentError
        from ..runtime.prices import amount

        where = (param.opts[-1] if param else "amount").lstrip("-")
        try:
            money = amount(str(value), f"--{where}")
        except ArgumentError as error:
            raise usage(str(error), f"--{where} 2.50") from None
        if not money:
            raise usage(f"--{where}: must be above 0", f"--{where} 2.50")
        return money


class Named(click.ParamType[str]):
    """The name of a file or folder, which the shell completes. Whether it can be used is checked at its use."""

    def __init__(self, kind: str) -> None:
        self.name = kind

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(incomplete, type=self.name)]


OWN = "own_"
"""Begins the click names of these options, so that none is taken for an argument of a function."""

OPTIONS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("account", COMMON, {"metavar": "NAME", "help": "The account to use."}),
    ("base-url", COMMON, {"metavar": "URL", "help": "The base URL of the API."}),
    (
        "timeout",
        COMMON,
        {"type": Seconds(), "metavar": "SECONDS", "help": "Time limit for a call, including retries."},
    ),
    (
        "max-response-bytes",
        COMMON,
        {"type": click.IntRange(1), "metavar": "N", "help": "Maximum bytes in a response, after decompression."},
    ),
    (
        "max-input-bytes",
        COMMON,
        {"type": click.IntRange(1), "metavar": "N", "help": "Maximum bytes in a file of arguments, or stdin."},
    ),
    ("format", COMMON, {"type": click.Choice(FORMATS), "help": "The format of the result; json in a pipe."}),
    ("fields", COMMON, {"metavar": "A,B.C", "help": "Only these fields of the result, or of each item of a list."}),
    (
        "jq",
        COMMON,
        {"metavar": "FILTER", "help": "Apply a jq filter to the result; a list is the array of its items."},
    ),
    (
        "output",
        COMMON,
        {
            "type": Named("file"),
            "metavar": "FILE",
            "help": "Write the result to this file once it is complete; for a run that outputs a file, write that file.",
        },
    ),
    ("json", CALL, {"is_flag": True, "help": "Print the complete envelope, on stderr for a failure."}),
    ("yes", COMMON, {"is_flag": True, "help": "Answer yes to all prompts."}),
    ("force", COMMON, {"is_flag": True, "help": "Ignore the account's permissions; nothing else."}),
    ("dry-run", CALL, {"is_flag": True, "help": "Validate, and show the request instead of sending it."}),
    ("curl", CALL, {"is_flag": True, "help": "Show the request as a curl command instead of sending it."}),
    ("debug", COMMON, {"is_flag": True, "help": "Log requests and responses on stderr, without secrets."}),
    ("body", CALL, {"metavar": "JSON", "help": "All arguments as a JSON object, @FILE or -; flags override it."}),
    (
        "limit",
        PAGE,
        {"type": click.IntRange(1), "metavar": "N", "help": "The first N items, over as many pages as needed."},
    ),
    (
        "all",
        PAGE,
        {"is_flag": True, "help": "All items of all pages, printed as pages arrive with jsonl, table or raw."},
    ),
    (
        "page-token",
        PAGE,
        {"metavar": "TOKEN", "help": "Continue a list from this token, with the same arguments."},
    ),
    (
        "wait",
        JOB,
        {"type": Seconds(), "metavar": "[=SECONDS]", "help": "Wait until the job has ended, or for so many seconds."},
    ),
    ("no-wait", JOB, {"is_flag": True, "help": "Do not wait for the job: show its current state."}),
    ("stream", JOB, {"is_flag": True, "help": "Print the output while it is produced."}),
    (
        "save",
        FILES,
        {
            "type": Named("dir"),
            "metavar": "DIR",
            "help": "Save the output files to this folder; nothing is overwritten.",
        },
    ),
    (
        "batch",
        BATCH,
        {
            "type": Named("file"),
            "metavar": "FILE",
            "help": "One call per line of JSON or row of a .csv; needs --out.",
        },
    ),
    (
        "out",
        BATCH,
        {
            "type": Named("file"),
            "metavar": "FILE",
            "help": "One result line per line of --batch; run again to resume.",
        },
    ),
    ("retry-failed", BATCH, {"is_flag": True, "help": "When resuming a batch, run failed calls again."}),
    (
        "max-failures",
        BATCH,
        {"type": click.IntRange(0), "metavar": "N", "help": "Stop starting calls after more than N failures."},
    ),
    (
        "max-cost",
        BATCH,
        {"type": Money(), "metavar": "AMOUNT", "help": "Stop starting calls that would exceed this total cost."},
    ),
    ("concurrency", BATCH, {"type": click.IntRange(1, 256), "metavar": "N", "help": "Concurrent calls; default 4."}),
    ("web", WEB, {"is_flag": True, "help": "Open the result's web page in a browser instead of printing it."}),
)


_SPELLED = {"output": ("-o",)}
"""Options that have a short form as well."""


def declared(kinds: Iterable[str], taken: Iterable[str] = (), *, hidden: Iterable[str] = ()) -> list[click.Parameter]:
    """The options of these kinds, except those whose name is taken; help omits the kinds of `hidden`."""
    known, gone, quiet = set(kinds), set(taken), set(hidden)
    return [
        click.Option(
            [OWN + name.replace("-", "_"), *_SPELLED.get(name, ()), f"--{name}"],
            default=None,
            hidden=kind in quiet,
            **more,
        )
        for name, kind, more in OPTIONS
        if kind in known and name not in gone
    ]


def settings(ctx: click.Context) -> Settings:
    """The settings, merged from the root down: the innermost value wins."""
    chosen: dict[str, Any] = {}
    chain = [ctx]
    while chain[-1].parent is not None:
        chain.append(chain[-1].parent)
    for step in reversed(chain):
        for name in Settings._fields:
            value = step.params.get(OWN + name)
            if value is not None and value is not False:
                if step is not ctx:
                    _taken(ctx, name.replace("_", "-"))
                chosen[name] = value
    made = Settings(**chosen)
    shape(made.format)
    if made.no_wait and made.wait is not None:
        raise usage("--no-wait: --wait says the opposite", "omit one of them")
    return made


def _taken(ctx: click.Context, name: str) -> None:
    """Raises Failure where the command takes no option of that name, neither one of ours nor one of its own."""
    if not any(f"--{name}" in param.opts for param in ctx.command.params):
        raise usage(f"--{name}: {ctx.command_path} has no such option", f"{ctx.command_path} --help")


def bare_wait(args: list[str], own: bool, numbers: bool = False) -> list[str]:
    """The words with `--wait` alone made `--wait=`.

    Where the function has a `wait` of its own (`own`), only a `--wait` that no value follows is ours. `numbers`: a
    number that follows can be nothing else than the seconds.
    """
    words: list[str] = []
    for index, word in enumerate(args):
        if word == "--":
            return words + args[index:]
        following = args[index + 1] if index + 1 < len(args) else ""
        taken = own and following and not following.startswith("-")
        if word == "--wait" and not taken and not (numbers and following.replace(".", "", 1).isdecimal()):
            word = "--wait="
        words.append(word)
    return words


EPILOG = "All commands also accept {names}: see {command} --help."


def epilog(command: str, taken: Iterable[str] = ()) -> str:
    """The line of help that names the common options."""
    gone = set(taken)
    names = [f"--{name}" for name, kind, _ in OPTIONS if kind in (COMMON, CALL) and name not in gone]
    return EPILOG.format(names=", ".join(names), command=command)
