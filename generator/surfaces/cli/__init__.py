"""The command line: a table of commands, already spelled, for the hand-written builder beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ...ir import Api, Function, Json, Loss, Param, Runner, Type, description_of, holds_files
from ...names import Flags, Identifier, argument, called, file_names, flags_of, job_commands, root_clashes, runner_word
from ...names import commands as group_commands
from ...text import Code, first_sentence, json_line, prose, python_literal
from ..base import Page, Rendition, Surface
from ..shared import limits
from ..shared.deprecations import notice
from ..shared.placing import kind_of, places

_TABLES = "python/[package]/cli/tables"


@dataclass(frozen=True)
class TableView:
    """A file of the table of commands."""

    document: Code


def _help_text(text: str) -> str:
    """A description for a terminal, where a link to another function is its name."""
    return prose(re.sub(r"\[([^\[\]]*)\]\(#[^()]*\)", r"\1", text))


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


def _flag(param: Param, flag: str) -> dict[str, Json]:
    """One argument of a command; default values are left out of the table."""
    kind = kind_of(param.type)
    item = kind_of(param.type.items) if kind == "array" and param.type.items else kind
    if item == "any" and (param.file_texts or holds_files(param.type)):
        item = "upload"
    values = param.type.items.values if kind == "array" and param.type.items else param.type.values
    others: dict[str, Json] = {
        "facts": _facts(param.type),
        "required": param.required,
        "hidden": param.location == "path",
        "repeat": kind == "array",
        "choices": [str(value) for value in values if isinstance(value, (str, int, float))],
    }
    return {
        "name": argument(param.words),
        "flag": flag,
        "kind": "any" if item == "array" else item,
        "help": _help(param),
        **{field: value for field, value in others.items() if value},
    }


def _help(param: Param) -> str:
    """The help of a flag, with its deprecation."""
    text = first_sentence(_help_text(description_of(param)))
    return " ".join(part for part in (text, _help_text(limits.meanings(param.type)), notice(param)) if part)


def _command(function: Function, spelled: Mapping[str, str]) -> dict[str, Json]:
    """What the index does not say of a command."""
    params = sorted(function.params, key=lambda param: param.location != "path")
    return {
        "help": _help_text(function.description or function.summary),
        "deprecated": notice(function).removesuffix("."),
        "result": function.result.kind,
        "page": function.page is not None,
        "job": bool(function.job),
        # Looking at a job that failed is a success; starting one that fails is not.
        "starts": bool(function.job) and function.billed,
        "files": bool(function.files_out),
        "web": function.web,
        "places": places(function),
        "flags": [_flag(param, spelled[argument(param.words)]) for param in params],
    }


def _runner(api: Api, runner: Runner) -> dict[str, Json]:
    return {
        "word": runner_word(api, runner),
        "function": runner.function,
        "summary": _help_text(runner.summary),
        "help": _help_text(runner.description),
        "shown": prose(runner.shown),
        "named": runner.named,
        "stream": runner.stream,
        "adds": runner.adds,
    }


def render(api: Api) -> Rendition:
    """The table of commands: an index, and for each first word a file with what its commands take."""
    spelled, of = group_commands(api), called(api)
    flags = {function.name: flags_of(function.params, dict(function.flags)) for function in api.functions}
    losses = [*_told_apart(api, flags)]
    groups = set(spelled.values()) | {(runner_word(api, runner),) for runner in api.runners}
    result: dict[tuple[Identifier, ...], Function] = {}
    for function in api.functions:
        words = of[function.name].command
        if words in groups or words in result:
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
        result[words] = function
    commands = sorted(result.items())
    files = file_names({words[0]: str(words[0]) for words, _ in commands}, ("index",)).of
    tables: dict[str, dict[str, Json]] = {}
    for words, function in commands:
        tables.setdefault(files[words[0]], {})[function.name] = _command(function, flags[function.name].of)
    index: dict[str, list[Json]] = {
        "groups": [[spelled[group.key], prose(group.summary or group.title)] for group in api.groups],
        "aliases": [[alias.words, alias.command] for alias in api.aliases if alias.words not in groups | result.keys()],
        "runners": [_runner(api, runner) for runner in api.runners],
        "job_commands": list(job_commands(api)),
        "commands": [[words, f.name, _help_text(f.summary), files[words[0]]] for words, f in commands],
    }
    pages = [Page(f"{_TABLES}/[table].json.jinja", TableView(_lines(t)), {"table": name}) for name, t in tables.items()]
    rows = Code("{\n" + ",\n".join(f"{json_line(key)}: {_listed(value)}" for key, value in index.items()) + "\n}")
    pages.append(Page(f"{_TABLES}/index.json.jinja", TableView(rows)))
    return Rendition(tuple(pages), tuple(losses), api.package)


def _told_apart(api: Api, flags: Mapping[str, Flags]) -> Iterator[Loss]:
    """The flags and commands that are not called as they are written, since something else is."""
    for function in api.functions:
        message = flags[function.name]
        for param, flag, other in message.clashes:
            name = argument(param.words)
            reason = f"--{flag} belongs to {other.wire_name!r}: the flag of {param.wire_name!r} is --{message.of[name]}"
            yield Loss(pointer=param.place.pointer, surface="cli", kind="degraded", reason=reason)
    spelled = called(api)
    for one, word, rival in root_clashes(api):
        words = " ".join(spelled[one.name].command)
        reason = f"the command {word!r} is that of {rival.name}: {one.name} is called by `{words}`"
        yield Loss(pointer=one.place.pointer, surface="cli", kind="degraded", reason=reason)


def _lines(table: dict[str, Json]) -> Code:
    """An object, a member a line."""
    return Code("{\n" + ",\n".join(f"{json_line(key)}: {json_line(value)}" for key, value in table.items()) + "\n}")


def _listed(rows: list[Json]) -> str:
    """An array, an element a line."""
    return "[\n" + ",\n".join(map(json_line, rows)) + "\n]" if rows else "[]"


SURFACE = Surface("cli", render)
