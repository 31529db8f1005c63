"""Digests of all types that can be reached from a part of the IR: each type is visited once, however many refer to it.

Types that hold each other are one component, and all of it has one digest: of its types, and of the components that these
lead to, which are found first (Tarjan, Depth-first search and linear graph algorithms, 1972).
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast

from ...ir import Named, Type
from ..base import digest


class Closures:
    """Of the types of one API."""

    def __init__(self, named: Mapping[str, Named], own: Callable[[str], str]) -> None:
        """own: a digest of the type of a key, without those that it refers to."""
        self._named, self._own = named, own
        self._found: dict[str, str] = {}

    def of(self, part: object) -> tuple[str, ...]:
        """A digest for each type that the part names: of that type, and of all that can be reached from it."""
        keys = sorted(references(part))
        for key in keys:
            if key not in self._found:
                self._search(key)
        return tuple(self._found[key] for key in keys)

    def _search(self, start: str) -> None:
        onward: dict[str, set[str]] = {}
        number: dict[str, int] = {}
        lowest: dict[str, int] = {}
        path: list[str] = []
        """The types that were met and belong to no component yet."""
        todo: list[tuple[str, Iterator[str]]] = []

        def meet(key: str) -> None:
            number[key] = lowest[key] = len(number)
            onward[key] = references(self._named[key])
            path.append(key)
            todo.append((key, iter(onward[key])))

        meet(start)
        while todo:
            key, others = todo[-1]
            other = next((each for each in others if each not in self._found), None)
            if other is None:
                todo.pop()
                if todo:
                    lowest[todo[-1][0]] = min(lowest[todo[-1][0]], lowest[key])
                if lowest[key] == number[key]:
                    at = path.index(key)
                    self._enter(path[at:], onward)
                    del path[at:]
            elif other in number:
                lowest[key] = min(lowest[key], number[other])
            else:
                meet(other)

    def _enter(self, component: list[str], onward: Mapping[str, set[str]]) -> None:
        own = sorted(self._own(key) for key in component)
        beyond = sorted({self._found[key] for each in component for key in onward[each] if key in self._found})
        self._found.update(dict.fromkeys(component, digest(own, beyond)))


def references(part: object) -> set[str]:
    """The keys of the types that a part of the IR names."""
    names: set[str] = set()
    todo: list[Any] = [part]
    while todo:
        each = todo.pop()
        if type(each) is Type:
            names.add(each.model or each.name)
            if each.model:
                names.add(each.name)
            if each.members:
                todo += each.members
            if each.items is not None:
                todo.append(each.items)
            if each.discriminator is not None:
                names.update(key for _, key in each.discriminator.mapping)
                names.add(each.discriminator.default)
        elif type(each) is tuple:
            todo += each
        elif each is not None:
            todo += [getattr(each, name) for name in _holding(cast("Hashable", type(each)))]
    return names - {""}


@cache
def _holding(cls: Any) -> tuple[str, ...]:
    """The fields of a class of the IR in which a type may stand."""
    hints = typing.get_type_hints(cls) if is_dataclass(cls) else {}
    return tuple(each.name for each in fields(cls) if _may_hold(hints[each.name])) if hints else ()


def _may_hold(hint: Any) -> bool:
    return (
        hint is Type
        or any(map(_may_hold, typing.get_args(hint)))
        or (is_dataclass(hint) and bool(_holding(cast("Hashable", hint))))
    )
