"""The pass: each function of an API as it is called on every surface. A surface takes its spelling from here.

A word that a surface keeps for itself has a suffix; where that makes it another one's name, it takes the next suffix,
so that nobody else's name depends on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

from ..ir import Api, Function
from .conventions import ARGUMENT_FLAG, COMMAND, FLAG, LUA, LUA_CLIENT, ON_CLIENT, ON_RESOURCE, PYTHON, SLUG, SNAKE
from .spelling import Convention, Identifier, Words, words

K = TypeVar("K")


@dataclass(frozen=True)
class Called:
    """One function."""

    python: str
    """From the client on: `predictions.create`."""
    command: tuple[Identifier, ...]
    """What is typed: its group's words, then its own."""
    tool: str
    script: str
    """In code mode: `app.integrations.replicate.create_prediction`."""
    lua: Identifier
    """On the client of the plain Lua module."""
    page: Identifier
    """Of the docs, before it is told apart from other files."""


def called(api: Api) -> Mapping[str, Called]:
    """By Function.name."""
    return _made(_Same(api))


def call(api: Api, function: Function) -> Called:
    """A function that the API has, or had: what stands beside it decides how it is spelled."""
    tables = _tables(_Same(api))
    path = tuple(tuple(step.split("_")) for step in function.group.split(".")) if function.group else ()
    root, *further = (*path, function.verb)
    first = tables.roots.get(root) or root_words(api).spell(root)
    return Called(
        python=attributes(path, function.verb),
        command=(first, *(FLAG.spell(step) for step in further)),
        tool=function.name,
        script=f"{tables.scripts}.{LUA.spell(function.words)}",
        lua=LUA_CLIENT.spell(function.words),
        page=SLUG.spell(function.words),
    )


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


def job_commands(api: Api) -> tuple[str, ...]:
    """The commands of ours that an API has whose jobs tell what they need."""
    jobs = api.jobs.values()
    priced = any(job.seconds and (job.model or job.hardware) for job in jobs)
    listed = any(job.list for job in jobs)
    found = {"costs": priced and listed, "listen": listed and api.webhooks is not None, "prices": priced}
    return tuple(sorted(name for name, there in {**found, "watch": listed}.items() if there))


def root_words(api: Api) -> Convention:
    """How words at the top of this API's tree of commands are spelled."""
    return replace(COMMAND, reserved=COMMAND.reserved | set(job_commands(api)))


def commands(api: Api) -> Mapping[str, tuple[Identifier, ...]]:
    """The words of each group of commands, by its key."""
    roots = _roots(api)
    return {g.key: (roots[g.path[0]], *(FLAG.spell(step) for step in g.path[1:])) for g in api.groups}


def flags(function: Function) -> dict[str, str]:
    """The flag of each argument, without its dashes. `--no-x` belongs to a boolean `x`."""
    wanted = {str(SNAKE.spell(p.words)): str(FLAG.spell(p.words)) for p in function.params}
    negated = {f"no-{wanted[str(SNAKE.spell(p.words))]}" for p in function.params if p.type.kind == "boolean"}
    return _kept(wanted, ARGUMENT_FLAG.reserved | negated, (ARGUMENT_FLAG.suffix, "-argument", "-of-the-request"))


def _roots(api: Api) -> dict[Words, Identifier]:
    steps = {group.path[0] for group in api.groups} | {f.verb for f in api.functions if not f.group}
    root = root_words(api)
    spelled = _kept(
        {step: str(FLAG.spell(step)) for step in sorted(steps)}, root.reserved, (root.suffix, "-group", "-commands")
    )
    return {step: Identifier(word) for step, word in spelled.items()}


def _kept(wanted: Mapping[K, str], reserved: Collection[str], suffixes: Iterable[str]) -> dict[K, str]:
    """Each as it is wanted; a reserved one with the first suffix that makes it nobody else's."""
    taken = {name for name in wanted.values() if name not in reserved}
    found = {}
    for key, name in wanted.items():
        if name in reserved:
            ways = [*suffixes]
            free = (name + way for way in ways if name + way not in taken and name + way not in reserved)
            name = next(free, name + "".join(ways))
            taken.add(name)
        found[key] = name
    return found


@dataclass(frozen=True)
class _Same:
    """An Api holds mappings and cannot be hashed, and every surface asks for the same one."""

    api: Api

    def __hash__(self) -> int:
        return id(self.api)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.api is self.api


@lru_cache(maxsize=2)
def _made(same: _Same) -> dict[str, Called]:
    return {function.name: call(same.api, function) for function in same.api.functions}


@dataclass(frozen=True)
class _Tables:
    roots: Mapping[Words, Identifier]
    scripts: str


@lru_cache(maxsize=2)
def _tables(same: _Same) -> _Tables:
    return _Tables(_roots(same.api), f"app.integrations.{LUA.spell(words(same.api.name))}")
