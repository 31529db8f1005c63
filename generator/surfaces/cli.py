"""The command line: a table of commands, already spelled, for the hand-written builder beside it."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Api, Function, Loss, Param, Type
from ..names import FLAG, SNAKE, Convention, Identifier
from ..text import Code, first_sentence, prose, python_literal
from .base import Page, Rendition, Surface

_ROOT = Convention(
    FLAG.case,
    frozenset({"functions", "schema", "call", "mcp", "lua", "mock", "help"}),
    suffix="-api",
)
"""Words at the top of the tree, where commands of every API's CLI stand as well."""
_FLAG = Convention(FLAG.case, frozenset({"help"}), suffix="-value")

_SCALARS = {"string": "string", "integer": "integer", "number": "number", "boolean": "boolean", "binary": "binary"}


@dataclass(frozen=True)
class FlagView:
    """One argument of a command."""

    name: Code
    flag: Code
    kind: Code
    help: Code
    facts: Code
    required: Code
    positional: Code
    repeat: Code
    choices: Code


@dataclass(frozen=True)
class CommandView:
    """One function as a command."""

    words: Code
    function: Code
    summary: Code
    help: Code
    deprecated: Code
    destructive: Code
    result: Code
    job: Code
    flags: tuple[FlagView, ...]


@dataclass(frozen=True)
class GroupView:
    """A noun that commands stand below."""

    words: Code
    summary: Code


@dataclass(frozen=True)
class _View:
    groups: tuple[GroupView, ...]
    commands: tuple[CommandView, ...]


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


def _flag(param: Param) -> FlagView:
    kind = kind_of(param.type)
    item = kind_of(param.type.items) if kind == "array" and param.type.items else kind
    values = param.type.items.values if kind == "array" and param.type.items else param.type.values
    return FlagView(
        name=python_literal(str(SNAKE.spell(param.words))),
        flag=python_literal(str(_FLAG.spell(param.words))),
        kind=python_literal("any" if item == "array" else item),
        help=python_literal(first_sentence(param.description or param.type.description)),
        facts=python_literal(_facts(param.type)),
        required=python_literal(param.required),
        positional=python_literal(param.location == "path"),
        repeat=python_literal(kind == "array"),
        choices=python_literal(tuple(str(value) for value in values if isinstance(value, (str, int, float)))),
    )


def words_of(api: Api, function: Function) -> tuple[Identifier, ...]:
    """The words that are typed for a function: its group's, then its own."""
    path = next((group.path for group in api.groups if group.key == function.group), ())
    steps = (*path, function.verb)
    return (_ROOT.spell(steps[0]), *(FLAG.spell(step) for step in steps[1:]))


def _command(function: Function, words: tuple[Identifier, ...]) -> CommandView:
    params = sorted(function.params, key=lambda param: param.location != "path")
    return CommandView(
        words=python_literal(words),
        function=python_literal(function.name),
        summary=python_literal(prose(function.summary)),
        help=python_literal(prose(function.description or function.summary)),
        deprecated=python_literal(function.deprecated),
        destructive=python_literal(function.destructive),
        result=python_literal(function.result.kind),
        # Looking at a job that failed is a success; starting one that fails is not.
        job=python_literal(bool(function.job) and function.billed),
        flags=tuple(_flag(param) for param in params),
    )


def render(api: Api) -> Rendition:
    """The table of commands."""
    spelled: dict[str, tuple[Identifier, ...]] = {
        group.key: (_ROOT.spell(group.path[0]), *(FLAG.spell(step) for step in group.path[1:])) for group in api.groups
    }
    groups = set(spelled.values())
    commands, losses, seen = [], [], set[tuple[Identifier, ...]]()
    for function in api.functions:
        words = words_of(api, function)
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
        commands=tuple(command for _, command in sorted(commands, key=lambda pair: pair[0])),
    )
    return Rendition((Page("python/[package]/cli/commands.py.jinja", view),), tuple(losses), api.package)


SURFACE = Surface("cli", render)
