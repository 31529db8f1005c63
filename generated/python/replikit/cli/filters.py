"""`--jq`: a filter that is checked before anything is sent, and says where it failed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from .. import about
from .failure import Failure, usage

_LONGEST = 300
"""Longest error message of a filter, in characters: `error(.)` would quote all of the data."""
_MOST_STEPS = 50
_MOST_VALUES = 10_000
"""What a step may give while it is looked for the one that fails: a filter may give values without end."""


class FilterFailure(Failure):
    """The filter does not fit the result. The call was made all the same, and may have been paid for."""


def compiled(program: str) -> Callable[[Any], list[Any]]:
    """Compile a filter. Raises Failure if it is invalid, or if the package that runs it is missing."""
    try:
        jq: Any = importlib.import_module("jq")
    except ModuleNotFoundError:
        remedy = f"pip install '{about.PACKAGE}[jq]'"
        raise Failure.of("missing_extra", f"--jq needs the package jq: {remedy}", remedy) from None
    try:
        program_ = jq.compile(program)
    except ValueError as error:
        # The lines after the first quote the filter and point below the character.
        first = next(iter(str(error).strip().splitlines()), "no filter").removeprefix("jq: error: ").rstrip(":")
        raise usage(f"--jq: {first[:_LONGEST]}", "--jq '.[].id'") from None

    def apply(data: Any) -> list[Any]:
        try:
            return list(program_.input_value(data).all())
        except ValueError as error:
            what = f"--jq: {str(error)[:_LONGEST]}, at {_place(jq, program, data)}"
            hint = "the call was made, but the filter does not apply to its result"
            if isinstance(data, list):
                hint = "a list is filtered as the array of its items: .[].id"
            raise FilterFailure({"type": "usage", "message": what, "hint": hint}) from None

    return apply


def _place(jq: Any, program: str, data: Any) -> str:
    """The first step of the filter that fails on the data, with the column where it begins."""
    begin = 0
    for end in [*_pipes(program)][:_MOST_STEPS]:
        try:
            before = jq.compile(program[:end])
        except ValueError:
            continue  # no filter of its own: `. as $x`, `if . | .a then …`
        try:
            for _ in islice(before.input_value(data), _MOST_VALUES):
                pass
        except ValueError:
            break
        begin = end + 1
    else:
        end = len(program)
    step = program[begin:end]
    column = begin + len(step) - len(step.lstrip()) + 1
    return f"column {column}: {step.strip()[:80]}"


def _pipes(program: str) -> Iterator[int]:
    """The positions of the pipes outside brackets and strings."""
    open_: list[str] = []
    index = 0
    while index < len(program):
        char = program[index]
        if open_[-1:] == ['"']:
            if char == "\\":
                index += 1
                if program[index : index + 1] == "(":
                    open_.append("(")
            elif char == '"':
                open_.pop()
        elif char in '"([{':
            open_.append(char)
        elif char in ")]}":
            del open_[-1:]
        elif char == "#":
            index = program.find("\n", index) % (len(program) + 1)
        elif char == "|" and not open_ and program[index + 1 : index + 2] != "=":
            yield index
        index += 1
