"""Functions that are made of others, as commands with flags of their own: what they take is told by their own schemas.

COMMAND NAME --an-input VALUE another=VALUE  ──  checked by its schema ──  as `run`: followed, saved, streamed
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import about
from ..runtime.visible import line, lines
from . import inputs as taken
from . import options, values
from .failure import usage
from .flags import option
from .options import BATCH, CALL, COMMON, FILES, JOB
from .table import Flag

if TYPE_CHECKING:
    from ..functions import FunctionInfo

_FLAG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_HELP = {"h", "help"}
_LONGEST_METAVAR = 60
_MOST_FILES = 100
_EPILOG = (
    "Every input may be given as NAME=VALUE, NAME=@FILE or NAME:=JSON as well, and sensitive text as @FILE or "
    "@-. {more}"
)


def command(info: FunctionInfo, word: str) -> click.Command:
    """The command of a derived function."""
    schema = info.input_schema
    inputs = list(_inputs(schema))
    own = {flag.flag for _, flag in inputs if flag.flag}
    own |= {f"no-{flag.flag}" for _, flag in inputs if flag.kind == "boolean" and not flag.repeat}
    declared = options.declared((COMMON, CALL, JOB, FILES, BATCH), own, hidden=(COMMON, CALL))
    others = {name for parameter in declared for name in parameter.opts} | {f"--{name}" for name in own}
    params: list[click.Parameter] = [
        click.Argument(["pairs"], nargs=-1, metavar="[INPUT=VALUE]...", shell_complete=_completing(schema)),
        *(_option(flag, _kind(schema["properties"][name])) for name, flag in inputs if flag.flag),
        *declared,
    ]
    params += [flag for flag in _options(info) if not others & set(flag.opts)]

    def run(**parsed: Any) -> None:
        _run(info, inputs, parsed)

    hidden = [name for name, flag in inputs if not flag.flag]
    more = f"Only so: {', '.join(map(line, hidden))}. " if hidden else ""
    return _Command(
        word,
        callback=run,
        help=lines("\n\n".join(part for part in (info.summary, info.description) if part)),
        short_help=line(info.summary),
        epilog=_EPILOG.format(more=more) + options.epilog(about.COMMAND, own),
        params=params,
        own_wait="wait" in own,
    )


class _Command(click.Command):
    def __init__(self, name: str, own_wait: bool, **more: Any) -> None:
        super().__init__(name, context_settings={"help_option_names": ["-h", "--help"]}, **more)
        self._own_wait = own_wait

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, args if self._own_wait else options.bare_wait(args, False, numbers=True))


# ── Flags ─────────────────────────────────────────────────────────────────────────────────────────────


def _inputs(schema: Mapping[str, Any]) -> Iterator[tuple[str, Flag]]:
    """Each input with its flag; the flag's own name is empty where the input cannot be spelled as one."""
    required = schema.get("required", ())
    seen = set(_HELP)
    for index, (name, of) in enumerate(schema.get("properties", {}).items()):
        flag = name.lower().replace("_", "-")
        flag = "" if flag in seen or not _FLAG.fullmatch(flag) else flag
        seen |= {flag, f"no-{flag}"}
        kind = _kind(of)
        listed = kind == "array"
        inner = of.get("items", {}) if listed else of
        choices = tuple(str(value) for value in _values(inner) if value is not None)
        facts = [fact for fact in taken.facts(of) if not (choices and fact.startswith("one of") and _short(choices))]
        facts += ["given once for each"] * listed
        text = lines(str(of.get("description") or of.get("title") or "").strip())
        yield name, Flag(
            str(index), flag, _kind(inner) or "any", text, "; ".join(facts), name in required, False, listed, choices
        )


def _kind(schema: Mapping[str, Any]) -> str:
    return "binary" if taken.takes_file(schema) and schema else taken.kind(schema)


def _values(schema: Mapping[str, Any]) -> list[Any]:
    """The values that there are to choose from."""
    inner = [schema, *(part for key in ("anyOf", "oneOf", "allOf") for part in schema.get(key, ()))]
    return next((part["enum"] for part in inner if "enum" in part), [])


def _short(choices: tuple[str, ...]) -> bool:
    return len("|".join(choices)) <= _LONGEST_METAVAR


def _option(flag: Flag, kind: str) -> click.Option:
    """The option of an input, which completes its values, or the files that there are."""
    shown = flag if _short(flag.choices) else flag._replace(choices=())
    made = option(shown, hidden=False)
    if flag.choices and not made.is_flag:
        made._custom_shell_complete = lambda ctx, param, incomplete: _begun(flag.choices, incomplete)
    elif kind == "binary" or flag.kind == "binary":
        made._custom_shell_complete = lambda ctx, param, incomplete: _files(incomplete)
    return made


def _begun(choices: tuple[str, ...], incomplete: str) -> list[Any]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(choice) for choice in choices if choice.startswith(incomplete)]


def _files(incomplete: str, before: str = "") -> list[Any]:
    """Completions of `@PATH`: files and folders; a URL is not completed."""
    from click.shell_completion import CompletionItem

    folder, begun = os.path.split(incomplete.removeprefix("@"))
    try:
        with os.scandir(os.path.expanduser(folder) or ".") as entries:
            names = [
                e.name + "/" * e.is_dir()
                for e in entries
                if e.name.startswith(begun) and e.name[0] != "." * (not begun)
            ]
    except OSError:
        return []
    place = f"{folder.rstrip('/')}/" if folder else ""
    return [CompletionItem(f"{before}@{place}{name}") for name in sorted(names)[:_MOST_FILES]]


def _completing(schema: Mapping[str, Any]) -> Any:
    """Completes `name=value`: the names, then what each takes."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        from click.shell_completion import CompletionItem

        properties = schema.get("properties", {})
        name, equals, value = incomplete.partition("=")
        if not equals:
            return [CompletionItem(f"{each}=") for each in properties if each.startswith(incomplete)]
        of = properties.get(name, {})
        inner = of.get("items", {}) if taken.kind(of) == "array" else of
        if taken.takes_file(inner) and inner:
            return _files(value, f"{name}=")
        items = [str(each) for each in _values(inner)]
        return [CompletionItem(f"{name}={each}") for each in items if each.startswith(value)]

    return complete


def _options(info: FunctionInfo) -> Iterator[click.Option]:
    """The arguments of the base function that neither an input nor an option covers, such as a webhook's."""
    from .commands import of_function

    derived = info.derived or {}
    entry = of_function(str(derived["base"]))
    ours = {name for name, _, _ in options.OPTIONS}
    for flag in entry.flags if entry else ():
        gone = flag.name in derived["fixed"] or flag.name == derived["argument"]
        if not flag.hidden and not gone and flag.flag not in ours:
            yield option(flag._replace(name=f"base_{flag.name}"), hidden=False)


# ── The call ──────────────────────────────────────────────────────────────────────────────────────────


def _run(info: FunctionInfo, inputs: list[tuple[str, Flag]], parsed: dict[str, Any]) -> None:
    from . import runs

    settings = options.settings(click.get_current_context())
    run = runs.run_of(info)
    arguments = values.arguments(settings.body, "--body") if settings.body is not None else {}
    arguments = taken.with_files(run.schema, arguments, _here(), "--body") | taken.read(run.schema, (), parsed["pairs"])
    for name, flag in inputs:
        value = parsed.get(f"flag_{flag.name}")
        if value is not None and value != ():
            arguments[name] = _read(run.schema["properties"][name], flag, value)
    runs.call(info, arguments, _more(info, parsed), settings)


def _here() -> Any:
    from pathlib import Path

    return Path()


def _more(info: FunctionInfo, parsed: Mapping[str, Any]) -> dict[str, Any]:
    """The values passed for the base function beside the inputs."""
    from .commands import of_function

    entry = of_function(str((info.derived or {})["base"]))
    flags = {flag: parsed.get(f"flag_base_{flag.name}") for flag in (entry.flags if entry else ())}
    return {
        flag.name: values.read(flag, value) if isinstance(value, tuple) else value
        for flag, value in flags.items()
        if value is not None and value != ()
    }


def _read(schema: Mapping[str, Any], flag: Flag, value: Any) -> Any:
    """The value of an input from all the texts passed to its flag."""
    where = f"--{flag.flag}"
    if not isinstance(value, tuple):
        return value
    if flag.repeat:
        if len(value) == 1 and value[0].lstrip()[:1] == "[":
            return taken.with_files(schema, values.parse(value[0], where), _here(), where)
        return [taken.typed(schema.get("items", {}), text, where) for text in value]
    if flag.kind == "object":
        return taken.with_files(schema, values.objects(value, where), _here(), where)
    first, *others = value
    if others:
        raise usage(f"{where}: passed {len(value)} times, takes one value", "pass it once")
    return taken.typed(schema, first, where)
