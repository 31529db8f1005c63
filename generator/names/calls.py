"""Names each function of an API on every surface. Surfaces take their spelling from here.

A word that a surface keeps for itself has a suffix; where that makes it another one's name, it takes the next suffix,
so that nobody else's name depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ..ir import Api, Function, Param, Runner
from .caching import once
from .conventions import (
    ARGUMENT_FLAG,
    COMMAND,
    FLAG,
    LUA,
    LUA_CLIENT,
    ON_CLIENT,
    ON_RESOURCE,
    OPERATION,
    PYTHON,
    SLUG,
    SNAKE,
)
from .package import package
from .spelling import Convention, Identifier, Words, words

K = TypeVar("K")


@dataclass(frozen=True)
class Called:
    """One function."""

    python: str
    """From the client on: `predictions.create`."""
    method: Identifier
    """On the client, or on its resource."""
    constant: Identifier
    """Of its operation, in Python."""
    command: tuple[Identifier, ...]
    """The command: the words of its group, then its own."""
    tool: str
    script: str
    """In code mode: `app.integrations.replicate.create_prediction`."""
    short: Identifier
    """There, below the API."""
    lua: Identifier
    """On the client of the plain Lua module."""
    in_group: Identifier
    """There, on the table of its group."""
    annotation: Identifier
    """What Lua's annotations of its arguments begin with."""
    page: Identifier
    """The name of its page in the docs, before it is made unique among the files."""


@once
def called(api: Api) -> Mapping[str, Called]:
    """By Function.name."""
    return {function.name: call(api, function) for function in api.functions}


def call(api: Api, function: Function) -> Called:
    """A function that the API has, or had: what stands beside it decides how it is spelled."""
    tables = _tables(api)
    known, result = tables.spelled.get(id(function), (None, None))
    if known is function and result is not None:
        return result
    path = tuple(tuple(step.split("_")) for step in function.group.split(".")) if function.group else ()
    root, *further = (*path, function.verb)
    first = tables.roots.get(root) or root_words(api).spell(root)
    result = Called(
        python=attributes(path, function.verb),
        method=(ON_RESOURCE if path else ON_CLIENT).spell(function.verb),
        constant=OPERATION.spell(function.words),
        command=(first, *(FLAG.spell(step) for step in further)),
        tool=function.name,
        script=f"{tables.scripts}.{LUA.spell(function.words)}",
        short=LUA.spell(function.words),
        lua=LUA_CLIENT.spell(function.words),
        in_group=(LUA if path else LUA_CLIENT).spell(function.verb),
        annotation=SNAKE.spell(words(function.name)),
        page=SLUG.spell(function.words),
    )
    tables.spelled[id(function)] = function, result
    return result


def attributes(path: Sequence[Words], verb: Words | None = None) -> str:
    """The way from the Python client to a resource, or to one of its functions: `predictions.create`."""
    steps = [*path, *([verb] if verb else [])]
    return ".".join((ON_RESOURCE if depth else ON_CLIENT).spell(step) for depth, step in enumerate(steps))


def argument(words: Words) -> str:
    """The identity of an argument: its name in JSON, for MCP, Lua, `call` and the client's own tables."""
    return str(SNAKE.spell(words))


def keyword(argument: Words) -> Identifier:
    """An argument as Python passes it."""
    return PYTHON.spell(argument)


def options(function: Function) -> dict[str, Identifier]:
    """What a call may set for itself in Python; where an argument has that name, the option gives way."""
    written = [PYTHON.spell(p.words) for p in function.params]
    taken = {*written, *(PYTHON.spell(words(name)) for name, _ in function.instead)}
    wanted = {name: name for name in ("timeout", "headers", *(["cursor"] if function.page else []))}
    return {name: Identifier(each) for name, each in _kept(wanted, taken, ("_", "_option", "_of_the_call")).items()}


def job_commands(api: Api) -> tuple[str, ...]:
    """The built-in commands that the jobs of an API make possible."""
    jobs = api.jobs.values()
    priced = any(job.seconds and (job.model or job.hardware) for job in jobs)
    listed = any(job.list for job in jobs)
    result = {"costs": priced and listed, "listen": listed and api.webhooks is not None, "prices": priced}
    return tuple(sorted(name for name, there in {**result, "watch": listed}.items() if there))


def root_words(api: Api) -> Convention:
    """How words at the top of this API's tree of commands are spelled."""
    return replace(COMMAND, reserved=COMMAND.reserved | set(job_commands(api)))


def commands(api: Api) -> Mapping[str, tuple[Identifier, ...]]:
    """The words of each group of commands, by its key."""
    roots = _roots(api)
    return {g.key: (roots[g.path[0]], *(FLAG.spell(step) for step in g.path[1:])) for g in api.groups}


def runner_word(api: Api, runner: Runner) -> str:
    """The word that is typed for a command of an extension; one of our own commands keeps its own."""
    root = root_words(api)
    return f"{runner.key}{root.suffix}" if runner.key in root.reserved else runner.key


@dataclass(frozen=True)
class Flags:
    """The flags of a command."""

    of: Mapping[str, str]
    """By argument, without the dashes."""
    clashes: tuple[tuple[Param, str, Param], ...]
    """(argument, the flag it would have, the argument that has it or that it turns off)"""


def flags(function: Function) -> Mapping[str, str]:
    """The flag of each argument, without its dashes."""
    return flags_of(function.params, dict(function.flags)).of


def flags_of(params: Sequence[Param], entry: Mapping[str, str] | None = None) -> Flags:
    """The flags of these arguments. `--no-x` belongs to a boolean `x`. entry: the catalog's own, by argument."""
    value = entry or {}
    by_name = {argument(p.words): p for p in params}
    plain = {name: value.get(name) or str(FLAG.spell(p.words)) for name, p in by_name.items()}
    owners = {flag: by_name[name] for name, flag in plain.items()}
    negated = {f"no-{plain[name]}": p for name, p in by_name.items() if p.type.kind == "boolean"}
    ways = (ARGUMENT_FLAG.suffix, "-argument", "-of-the-request")
    result = _kept(plain, ARGUMENT_FLAG.reserved | negated.keys(), ways)
    clashes = [(by_name[name], flag, negated[flag]) for name, flag in plain.items() if flag in negated]
    for name, flag in plain.items():
        taken = owners.get(flag + ways[0])
        if flag in ARGUMENT_FLAG.reserved and taken is not None:
            clashes.append((by_name[name], flag + ways[0], taken))
    return Flags(result, tuple(clashes))


def root_clashes(api: Api) -> tuple[tuple[Function, str, Function], ...]:
    """Words at the top of the tree of commands that one of ours has, and with its suffix another one of the API: the
    first function below each.
    """
    root = root_words(api)
    first: dict[str, Function] = {}
    for function in api.functions:
        step = tuple(function.group.split(".")[0].split("_")) if function.group else function.verb
        first.setdefault(str(FLAG.spell(step)), function)
    return tuple(
        (function, word + root.suffix, first[word + root.suffix])
        for word, function in sorted(first.items())
        if word in root.reserved and word + root.suffix in first
    )


def _roots(api: Api) -> dict[Words, Identifier]:
    steps = {group.path[0] for group in api.groups} | {f.verb for f in api.functions if not f.group}
    root = root_words(api)
    spelled = _kept(
        {step: str(FLAG.spell(step)) for step in sorted(steps)}, root.reserved, (root.suffix, "-group", "-commands")
    )
    return {step: Identifier(word) for step, word in spelled.items()}


def _kept(wanted: Mapping[K, str], reserved: Collection[str], suffixes: Iterable[str]) -> dict[K, str]:
    """Each name as wanted; a reserved one gets the first suffix that makes it unique."""
    taken = {name for name in wanted.values() if name not in reserved}
    result = {}
    for key, name in wanted.items():
        if name in reserved:
            ways = [*suffixes]
            free = (name + route for route in ways if name + route not in taken and name + route not in reserved)
            name = next(free, name + "".join(ways))
            taken.add(name)
        result[key] = name
    return result


@dataclass(frozen=True)
class _Tables:
    roots: Mapping[Words, Identifier]
    scripts: str
    spelled: dict[int, tuple[Function, Called]] = field(default_factory=dict)
    """What was spelled before, each with its function: another may come to bear the number of one that is gone."""


@once
def _tables(api: Api) -> _Tables:
    return _Tables(_roots(api), f"app.integrations.{package(api).script}")
