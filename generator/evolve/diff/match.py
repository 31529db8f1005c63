"""Which part of the old API is which part of the new one: by name, then by what it is, so that a rename is one."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Generic, TypeVar

from ...ir import Field, Function, Param
from .shapes import same

T = TypeVar("T")

ALIKE = 0.6
"""How alike two names must be, from 0 to 1, to be taken for one thing whose other properties agree."""
_SAID = 0.8
"""How many of their words two descriptions must share."""
_FUNCTIONS, _PARTS = 1_000_000, 40_000
"""Pairs that are looked at: of a thousand functions that went with a thousand that came, of two hundred fields with two
hundred. With more of them a rename is told as what went and what came."""


@dataclass(frozen=True)
class Matched(Generic[T]):
    """What stayed (perhaps under another name), what went and what came."""

    both: tuple[tuple[T, T], ...]
    removed: tuple[T, ...]
    added: tuple[T, ...]


def functions(old: Sequence[Function], new: Sequence[Function]) -> Matched[Function]:
    """Functions by their name, their operationId, their method and path, or the look of all of these together."""
    matching = _Matching(old, new)
    matching.by(lambda function: function.name)
    matching.by(lambda function: function.operation_id)
    matching.by(lambda function: (function.method, shape(function.path)))
    matching.alike(_functions_alike, _FUNCTIONS)
    return matching.result()


def derived(old: Sequence[Function], new: Sequence[Function]) -> Matched[Function]:
    """Functions that are made of others, by their name: many have the operation of one base."""
    matching = _Matching(old, new)
    matching.by(lambda function: function.name)
    return matching.result()


def params(old: Sequence[Param], new: Sequence[Param], moved: bool = False) -> Matched[Param]:
    """Arguments by their name, by where they stand on the wire, or by type and the look of their name.

    moved: the path is another one, so its parameters cannot be told by their position.
    """
    matching = _Matching(old, new)
    matching.by(lambda param: param.words)
    matching.by(on_wire)
    if not moved:
        places = {id(param): place for group in (old, new) for place, param in enumerate(_in_path(group))}
        matching.by(lambda param: places.get(id(param), ("elsewhere", id(param))))
    matching.alike(lambda one, other: _alike(one, other) if _replaceable(one, other) else 0)
    return matching.result()


def on_wire(param: Param) -> tuple[str, str]:
    """Where and under which name an argument travels; the case of a header's name is nothing (RFC 9110, section 5.1)."""
    name = param.wire_name
    return param.location, name.lower() if param.location == "header" else name


def fields(old: Sequence[Field], new: Sequence[Field]) -> Matched[Field]:
    """Fields by their name on the wire, or by type and the look of their name."""
    matching = _Matching(old, new)
    matching.by(lambda field: field.wire_name)
    matching.alike(lambda one, other: _alike(one, other) if same(one.type, other.type) else 0)
    return matching.result()


def shape(path: str) -> str:
    """A path without the names of its parameters."""
    return re.sub(r"\{[^{}]*\}", "{}", path)


class _Matching(Generic[T]):
    """Pairs that were found, and what is left to be paired."""

    def __init__(self, old: Iterable[T], new: Iterable[T]) -> None:
        self.old, self.new = list(old), list(new)
        self.both: list[tuple[T, T]] = []

    def by(self, key: Callable[[T], Hashable]) -> None:
        """Pairs what has the same key, where just one on each side has it."""
        before, after = _unique(self.old, key), _unique(self.new, key)
        for result in [k for k in before if k in after]:
            self._pair(before[result], after[result])

    def alike(self, score: Callable[[T, T], float], most: int = _PARTS) -> None:
        """Pairs what looks most alike first, down to ALIKE; nothing where there are too many to look at all pairs."""
        if len(self.old) * len(self.new) > most:
            return
        scored = [(score(one, other), i, j) for i, one in enumerate(self.old) for j, other in enumerate(self.new)]
        old, new = list(self.old), list(self.new)
        taken: set[tuple[str, int]] = set()
        for value, i, j in sorted(scored, key=lambda item: (-item[0], item[1], item[2])):
            if value >= ALIKE and ("old", i) not in taken and ("new", j) not in taken:
                taken |= {("old", i), ("new", j)}
                self._pair(old[i], new[j])

    def _pair(self, one: T, other: T) -> None:
        self.both.append((one, other))
        self.old = [item for item in self.old if item is not one]
        self.new = [item for item in self.new if item is not other]

    def result(self) -> Matched[T]:
        return Matched(tuple(self.both), tuple(self.old), tuple(self.new))


def _unique(items: Iterable[T], key: Callable[[T], Hashable]) -> dict[Hashable, T]:
    result: dict[Hashable, list[T]] = {}
    for item in items:
        result.setdefault(key(item), []).append(item)
    return {k: group[0] for k, group in result.items() if len(group) == 1}


def ratio(one: str, other: str, least: float = 0.0) -> float:
    """How alike two texts are, from 0 to 1; 0 where it is surely less than `least`, which costs little to find out."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    if least and (matcher.real_quick_ratio() < least or matcher.quick_ratio() < least):
        return 0.0
    return matcher.ratio()


def _functions_alike(one: Function, other: Function) -> float:
    """Two functions that do the same kind of thing to the same kind of object, under names that look alike."""
    if one.method != other.method or one.result.kind != other.result.kind:
        return 0
    if one.path.count("{") != other.path.count("{"):
        return 0
    mine, theirs = ({p.words for p in f.params} for f in (one, other))
    shared = len(mine & theirs) / len(mine | theirs) if mine | theirs else 1.0
    if shared < _PART:
        return 0
    # A new function beside an old one begins as it does: only what is different counts, in the name and in the path.
    named = _differing(one.words, other.words)
    if named < _PART:
        return 0
    paths = _differing(_segments(one.path), _segments(other.path))
    return (named + paths + shared) / 3 if paths >= _PART else 0


_PART = 0.5
"""How alike each of them must be: the arguments, the name, the path."""


def _segments(path: str) -> tuple[str, ...]:
    return tuple(shape(path).strip("/").split("/"))


def _differing(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """How alike two names are where they differ; a part that came between others is a small difference."""
    most = min(len(one), len(other))
    head = next((i for i in range(most) if one[i] != other[i]), most)
    tail = next((i for i in range(most - head) if one[-1 - i] != other[-1 - i]), most - head)
    left, right = one[head : len(one) - tail], other[head : len(other) - tail]
    if not left or not right:
        return 0.8 if head and tail else 0.5 if left or right else 1.0
    return ratio("_".join(left), "_".join(right), _PART)


def _replaceable(one: Param, other: Param) -> bool:
    return one.location == other.location and same(one.type, other.type) and (one.required or not other.required)


def _alike(one: Param | Field, other: Param | Field) -> float:
    named = ratio("_".join(one.words), "_".join(other.words), ALIKE)
    contained = set(one.words) <= set(other.words) or set(other.words) <= set(one.words)
    if named or contained or not (one.description and other.description):
        return max(named, 0.7 if contained else 0)
    mine, theirs = set(one.description.split()), set(other.description.split())
    alike = len(mine & theirs) / len(mine | theirs) if mine else 0
    return alike if alike >= _SAID else 0


def _in_path(group: Sequence[Param]) -> list[Param]:
    return [param for param in group if param.location == "path"]
