"""The arguments of a function: its parameters and the fields of its body, each with a unique name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator
from dataclasses import replace
from itertools import chain

from .. import names
from ..errors import Finding
from ..ir import Body, Param, Words
from ..names import words
from ..read.catalog_model import FunctionEntry, ParameterEntry
from ..read.openapi import Operation
from ..read.source import Node
from ..read.vendor_extensions import Wish
from ..text import seen
from .bodies import body_of
from .context import Context
from .identity import apart, spellings
from .parameters import deprecation, header_entry, parameter, sendable
from .paths import placed

_BOUND = re.compile(r"(.*[^<>=])([<>])(=?)")
_ORDER = ("path", "body", "field", "query", "header", "cookie")


def arguments(
    context: Context, operation: Operation, entry: FunctionEntry | None, name: Words
) -> tuple[str, tuple[Param, ...], Body | None]:
    """The path, the arguments of an operation and how its body is put together; `entry` is the catalog's."""
    for each in operation.repeated:
        what = f"the parameter {each.text('name')!r} in {each.text('in')} is twice in one list; the last one is used"
        context.lose(each, "kept", what)
    for each in operation.nameless:
        context.lose(each, "dropped", f"a parameter in {each.text('in')} has no name, and is not sent")
    sent = [parameter(context, each, name) for each in operation.params if sendable(context, each)]
    path, result = placed(context, operation, sent)
    body, fields = body_of(context, operation, name)
    declared = entry.parameters if entry else {}
    known = {p.wire_name for p in (*result, *fields)}
    for key, written in declared.items():
        if key not in known:
            if not isinstance(written.node("name"), Wish):
                context.unknown(written.at, "parameter", key, known)
        elif written.array_format and all(p.style != "deepObject" for p in (*result, *fields) if p.wire_name == key):
            what = f"{key!r} does not have the style deepObject, to which array_format applies"
            hint = "remove it, or give the parameter that style in the document"
            context.findings.append(Finding(written.node("array_format").place, what, hint))
    every = [_described(p, declared[p.wire_name]) if p.wire_name in declared else p for p in (*result, *fields)]
    named = {key for key, each in declared.items() if each.name and not isinstance(each.node("name"), Wish)}
    named |= {p.wire_name for p in every if p.location == "header" and header_entry(context, p.wire_name)}
    every = _apart(context, every, operation.node, named)
    every.sort(key=lambda p: (not p.required, _ORDER.index(p.location)))
    return path, tuple(every), body


def _described(p: Param, parameter_entry: ParameterEntry) -> Param:
    """The argument with its settings from the catalog."""
    return replace(
        p,
        words=words(parameter_entry.name) if parameter_entry.name else p.words,
        description=seen(parameter_entry.description) or p.description,
        deprecated=p.deprecated or parameter_entry.deprecated is not None,
        deprecation=deprecation(parameter_entry.deprecated) or p.deprecation,
        array_format=parameter_entry.array_format if p.style == "deepObject" and parameter_entry.array_format != "repeat" else "",  # type: ignore[arg-type]
    )


def _apart(context: Context, params: list[Param], node: Node, named: Collection[str]) -> list[Param]:
    """Gives arguments with equal names unique ones: by where they are sent, else by the signs in their names.

    One keeps the plain name, the same whatever order they stand in. named: those that the catalog names, which keep
    that; where two of them are alike, both places are cited.
    """
    alike: defaultdict[str, list[Param]] = defaultdict(list)
    for p in params:
        alike[str(names.SNAKE.spell(p.words))].append(p)
    plain = {
        name: min(rivals, key=lambda p: (p.wire_name not in named, *_claim(p, name))) for name, rivals in alike.items()
    }
    called = []
    for p in params:
        name = str(names.SNAKE.spell(p.words))
        keeper = plain[name]
        elsewhere = keeper is not p and keeper.location != p.location and p.wire_name not in named
        called.append((p.location, *p.words) if elsewhere else p.words)
    kept = {id(p) for p in plain.values()}
    free = [index for index, p in enumerate(params) if p.wire_name not in named]
    ways = [
        (
            chain([called[index]], _more(params[index]))
            if id(params[index]) in kept or called[index] != params[index].words
            else _more(params[index])
        )
        for index in free
    ]
    taken: set[Hashable] = {claim for p in params if p.wire_name in named for claim in _spelled(0, p.words)}
    outcome = apart(
        ways,
        _spelled,
        taken,
        sorted(range(len(free)), key=lambda n: (params[free[n]].location, params[free[n]].wire_name)),
        lambda each, n: (*each, str(n)),
    )
    for index, own in zip(free, outcome, strict=True):
        called[index] = own
    result = []
    for p, own in zip(params, called, strict=True):
        if own != p.words:
            p = replace(p, words=own)
            what = f"{p.wire_name!r} in {p.location} is named {'_'.join(own)!r}: its own name is taken"
            context.lose(node, "degraded", what)
        result.append(p)
    context.findings.extend(names.collisions(names.SNAKE, [(p.words, p.wire_name, p.place) for p in result]))
    for p, flag, other in names.flags_of(result).clashes:
        if {p.wire_name, other.wire_name} & set(named):
            what = f"the flag --{flag} of {p.wire_name!r} belongs to {other.wire_name!r} at {other.place}"
            context.findings.append(Finding(p.place, what, "rename one of them in the catalog"))
    return result


def _claim(p: Param, name: str) -> tuple[int, bool, bool, str]:
    """The least has the plain name: what stands in the path, what no words tell apart, what is written so."""
    return _ORDER.index(p.location), next(_more(p)) != p.words, p.wire_name != name, p.wire_name


def _more(p: Param) -> Iterator[Words]:
    """Longer ways to call an argument. `StartTime<` bounds a time from above."""
    comparison = _BOUND.fullmatch(p.wire_name)
    if comparison:
        low, high = ("after", "before") if _is_time(p) else ("above", "below")
        equal = ("or", "at") if comparison[3] else ()
        yield (*words(comparison[1]), *equal, low if comparison[2] == ">" else high)
    yield from spellings(p.wire_name)


def _is_time(p: Param) -> bool:
    return p.type.format in ("date", "date-time", "time") or not {"date", "time", "created", "updated"}.isdisjoint(
        p.words
    )


def _spelled(index: int, called: Words) -> Iterator[tuple[str, str]]:
    yield from (("", str(convention.spell(called))) for convention in (names.SNAKE, names.PYTHON, names.LUA))
