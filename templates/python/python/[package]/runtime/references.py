"""Arguments of a path that people write as one: `a/b` is two of them, `a/b:c` three."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any, TypeVar

from .errors import ArgumentError
from .operation import Operation

S = TypeVar("S")
A = TypeVar("A")

Parts = tuple[tuple[str, str], ...]
"""(argument, the separator that follows it; empty after the last)"""


def whole(parts: Parts, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    """The arguments with each part of a reference in its own; themselves where none of them is missing.

    Raises ArgumentError where a text holds more parts than there are, or fewer than are missing.
    """
    passed = {name: arguments[name] for name, _ in parts if arguments.get(name) is not None}
    if len(passed) in (0, len(parts)) or not all(isinstance(text, str) for text in passed.values()):
        return arguments
    waiting = list(passed.values())
    values: dict[str, str] = {}
    left: list[str] = []
    for name, separator in parts:
        if not left and not waiting:
            raise ArgumentError(name, f"is required: {passed[next(iter(passed))][:80]!r} is no {shown(parts)}")
        text: str = left.pop() if left else waiting.pop(0)
        before, cut, after = text.partition(separator) if separator else (text, "", "")
        values[name] = before
        if cut:
            left.append(after)
    separators = [separator for _, separator in parts if separator]
    last = values[parts[-1][0]]
    if waiting or left or any(separator in last for separator in separators):
        raise ArgumentError(parts[0][0], f"has a part too many for {shown(parts)}")
    return {**arguments, **values}


def shown(parts: Parts) -> str:
    """How a reference is written: `model_owner/model_name`."""
    return "".join(name + separator for name, separator in parts)


def routed(operation: Operation[S, A], arguments: Mapping[str, Any]) -> tuple[Operation[S, A], dict[str, Any]]:
    """The operation that these arguments are for, and those that it takes.

    Raises ArgumentError unless exactly one of those is given that say what is meant.
    """
    others = dict(operation.instead)
    meant = [name for name in (*operation.replaced, *others) if arguments.get(name) is not None]
    every = ", ".join((*operation.replaced, *others))
    if len({name if name in others else "" for name in meant}) > 1:
        raise ArgumentError(meant[-1], f"give one of {every}, not {' and '.join(meant)}")
    if not meant:
        raise ArgumentError((*operation.replaced, *others)[0], f"give one of {every}")
    left = {name: value for name, value in arguments.items() if name not in others}
    if meant[0] not in others:
        return operation, left
    other: Operation[S, A] = import_module("..operations", __package__).OPERATIONS[others[meant[0]]]
    for name in operation.replaced:
        left.pop(name, None)
    return other, {other.reference[0][0]: arguments[meant[0]], **left}
