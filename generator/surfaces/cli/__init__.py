"""The command line: a table of commands, already spelled, for the hand-written builder beside it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ...ir import Api, Function, Json, Loss, Param, Runner, Type
from ...names import SNAKE, Identifier, called, flags, job_commands, root_words
from ...names import commands as group_commands
from ...text import Code, first_sentence, prose, python_literal
from ..base import Page, Rendition, Surface
from ..shared.deprecations import notice

_SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "binary": "binary"}


@dataclass(frozen=True)
class FlagView:
    """One argument of a command."""

    name: Code
    flag: Code
    kind: Code
    help: Code
    others: tuple[Code, ...]
    """What is not as it mostly is, as `field=value`."""


@dataclass(frozen=True)
class PlaceView:
    """What stands in a command by its place alone: one argument, or several written as one."""

    shown: Code
    parts: Code


@dataclass(frozen=True)
class CommandView:
    """One function as a command."""

    words: Code
    function: Code
    summary: Code
    help: Code
    deprecated: Code
    result: Code
    page: Code
    job: Code
    starts: Code
    files: Code
    web: Code
    places: tuple[PlaceView, ...]
    flags: tuple[FlagView, ...]


@dataclass(frozen=True)
class GroupView:
    """A noun that commands stand below."""

    words: Code
    summary: Code


@dataclass(frozen=True)
class RunnerView:
    """A command that an extension resolves."""

    word: Code
    function: Code
    summary: Code
    help: Code
    shown: Code
    named: Code
    stream: Code


@dataclass(frozen=True)
class AliasView:
    """Other words for a command."""

    words: Code
    command: Code


@dataclass(frozen=True)
class _View:
    groups: tuple[GroupView, ...]
    aliases: tuple[AliasView, ...]
    runners: tuple[RunnerView, ...]
    commands: tuple[CommandView, ...]
    job_commands: Code


def _told(text: str) -> str:
    """A description for a terminal, where a link to another function is its name."""
    return prose(re.sub(r"\[([^\[\]]*)\]\(#[^()]*\)", r"\1", text))


def kind_of(type_: Type) -> str:
    """How the text of a flag is read: a scalar, `object`, `array`, or `any` (JSON where it is, else text)."""
    if type_.kind in _SCALARS:
        return _SCALARS[type_.kind]
    if type_.kind in ("map", "model"):
        return "object"
    if type_.kind == "array":
        return "array"
    if type_.kind == "union":
        kinds = {kind_of(member) for member in type_.members}
        return kinds.pop() if len(kinds) == 1 else "any"
    return "any"


def _facts(type_: Type) -> str:
    """The limits of a value, as a person reads them."""
    low, high = type_.minimum, type_.maximum
    facts = []
    if low is not None and high is not None:
        facts.append(f"{low:g} to {high:g}")
    elif low is not None:
        facts.append(f"at least {low:g}")
    elif high is not None:
        facts.append(f"at most {high:g}")
    if type_.max_length is not None:
        facts.append(f"at most {type_.max_length} characters")
    if type_.has_default:
        facts.append(f"default {python_literal(type_.default)}")
    return ", ".join(facts)


def _flag(param: Param, flag: str) -> FlagView:
    kind = kind_of(param.type)
    item = kind_of(param.type.items) if kind == "array" and param.type.items else kind
    values = param.type.items.values if kind == "array" and param.type.items else param.type.values
    others: dict[str, Json] = {
        "facts": _facts(param.type),
        "required": param.required,
        "hidden": param.location == "path",
        "repeat": kind == "array",
        "choices": tuple(str(value) for value in values if isinstance(value, (str, int, float))),
    }
    return FlagView(
        name=python_literal(str(SNAKE.spell(param.words))),
        flag=python_literal(flag),
        kind=python_literal("any" if item == "array" else item),
        help=python_literal(_help(param)),
        others=tuple(Code(f"{field}={python_literal(value)}") for field, value in others.items() if value),
    )


def _help(param: Param) -> str:
    """What a flag is for; one that will go says so."""
    text = first_sentence(_told(param.description or param.type.description))
    return " ".join(part for part in (text, notice(param)) if part)


def places(function: Function) -> list[tuple[str, tuple[tuple[str, str], ...]]]:
    """What stands by its place, as (how help shows it, its parts as (argument, separator after it)).

    The arguments of the path do, those that make a reference as one; without a path, the one text or file required.
    """
    placed = sorted((p for p in function.params if p.location == "path"), key=lambda p: _position(function, p))
    required = [param for param in function.params if param.required]
    if not placed and len(required) == 1 and kind_of(required[0].type) in ("string", "binary"):
        placed = required
    parts = function.reference.parts if function.reference else ()
    joined = {argument for argument, _ in parts}
    found: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    for param in placed:
        name = str(SNAKE.spell(param.words))
        if name not in joined:
            found.append((name.upper(), ((name, ""),)))
        elif function.reference and name == function.reference.parts[0][0]:
            found.append((prose(function.reference.shown), parts))
    return found


def _position(function: Function, param: Param) -> int:
    return function.path.find("{" + param.wire_name + "}")


def _command(function: Function, words: tuple[Identifier, ...]) -> CommandView:
    params = sorted(function.params, key=lambda param: param.location != "path")
    spelled = flags(function)
    return CommandView(
        words=python_literal(words),
        function=python_literal(function.name),
        summary=python_literal(_told(function.summary)),
        help=python_literal(_told(function.description or function.summary)),
        deprecated=python_literal(notice(function).removesuffix(".")),
        result=python_literal(function.result.kind),
        page=python_literal(function.page is not None),
        job=python_literal(bool(function.job)),
        # Looking at a job that failed is a success; starting one that fails is not.
        starts=python_literal(bool(function.job) and function.billed),
        files=python_literal(bool(function.files_out)),
        web=python_literal(function.web),
        places=tuple(PlaceView(python_literal(shown), python_literal(parts)) for shown, parts in places(function)),
        flags=tuple(_flag(param, spelled[str(SNAKE.spell(param.words))]) for param in params),
    )


def _word(api: Api, runner: Runner) -> str:
    """The word that is typed; one of our own commands keeps its own."""
    root = root_words(api)
    return f"{runner.key}{root.suffix}" if runner.key in root.reserved else runner.key


def _runner(api: Api, runner: Runner) -> RunnerView:
    return RunnerView(
        word=python_literal(_word(api, runner)),
        function=python_literal(runner.function),
        summary=python_literal(_told(runner.summary)),
        help=python_literal(_told(runner.description)),
        shown=python_literal(prose(runner.shown)),
        named=python_literal(runner.named),
        stream=python_literal(runner.stream),
    )


def render(api: Api) -> Rendition:
    """The table of commands."""
    spelled, of = group_commands(api), called(api)
    groups = set(spelled.values()) | {(_word(api, runner),) for runner in api.runners}
    commands, losses, seen = [], [], set[tuple[Identifier, ...]]()
    for function in api.functions:
        words = of[function.name].command
        if words in groups or words in seen:
            taken = "a group of commands" if words in groups else "another command"
            losses.append(
                Loss(
                    pointer=function.place.pointer,
                    surface="cli",
                    kind="degraded",
                    reason=f"`{' '.join(words)}` is {taken}: {function.name} is reached by `{api.command} call` only",
                )
            )
            continue
        seen.add(words)
        commands.append((words, _command(function, words)))
    view = _View(
        groups=tuple(
            GroupView(python_literal(spelled[group.key]), python_literal(prose(group.summary or group.title)))
            for group in api.groups
        ),
        aliases=tuple(
            AliasView(python_literal(alias.words), python_literal(alias.command))
            for alias in api.aliases
            if alias.words not in groups | seen
        ),
        runners=tuple(_runner(api, runner) for runner in api.runners),
        commands=tuple(command for _, command in sorted(commands, key=lambda pair: pair[0])),
        job_commands=python_literal(job_commands(api)),
    )
    return Rendition((Page("python/[package]/cli/commands.py.jinja", view),), tuple(losses), api.package)


SURFACE = Surface("cli", render)
