"""Compares named types: each pair of models once, with the functions that send and return it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ...ir import Api, Event, Field, Function, Model, Named, NamedType, Type
from ...names import type_name
from . import answers, events, match, shapes
from .change import Action
from .constraints import Facet, rules
from .facts import Fact
from .shapes import spelled
from .within import Names

Pair = tuple[str, str]


@dataclass
class _Reach:
    """The old functions that send and that give a pair of models."""

    sent_by: dict[str, Function] = field(default_factory=dict)
    given_by: dict[str, Function] = field(default_factory=dict)
    failed_by: dict[str, Function] = field(default_factory=dict)
    events: dict[str, None] = field(default_factory=dict)
    """The names of the webhooks and callbacks that hold it."""


def model_facts(old: Api, new: Api, functions: Iterable[tuple[Function, Function]]) -> Iterator[Fact]:
    """What changed in the models and named types that stand at the same places."""
    walk = _Walk(old, new)
    for one, other in functions:
        walk.function(one, other)
    for event, twin in events.pairs(old, new):
        walk.event(event, twin)
    before, after = (frozenset(_class(item) for item in api.named.values()) for api in (old, new))
    for pair, reach in sorted(walk.reaches.items()):
        yield from _Comparison(old.named[pair[0]], new.named[pair[1]], reach, before, after, walk.names).facts()


class _Walk:
    """From functions to the pairs of models they reach."""

    def __init__(self, old: Api, new: Api) -> None:
        self.old, self.new = old, new
        self.names = Names.of(old, new)
        self.reaches: dict[Pair, _Reach] = {}
        self._below: dict[Pair, tuple[Pair, ...]] = {}

    def function(self, old: Function, new: Function) -> None:
        sent: list[Pair] = []
        for one, other in match.params(old.params, new.params).both:
            sent += shapes.pairs(one.type, other.type, self.names)
        if old.body and new.body and old.body.flattened != new.body.flattened:
            sent += shapes.pairs(old.body.type, new.body.type, self.names)
        values = list(shapes.pairs(old.result.type, new.result.type, self.names))
        failed: list[Pair] = []
        for answer in answers.contents(old, new):
            outcome = values if answer.good else failed
            outcome += shapes.pairs(answer.old.type, answer.new.type, self.names)
        for pair in self._all(sent):
            self._reach(pair).sent_by[old.name] = old
        for pair in self._all(values):
            self._reach(pair).given_by[old.name] = old
        for pair in self._all(failed):
            self._reach(pair).failed_by[old.name] = old

    def event(self, old: Event, new: Event) -> None:
        for pair in self._all(list(shapes.pairs(old.type, new.type, self.names))):
            self._reach(pair).events[old.name] = None

    def _reach(self, pair: Pair) -> _Reach:
        return self.reaches.setdefault(pair, _Reach())

    def _all(self, start: list[Pair]) -> list[Pair]:
        todo, seen = list(start), dict.fromkeys(start)
        while todo:
            for pair in self._inside(todo.pop()):
                if pair not in seen:
                    seen[pair] = None
                    todo.append(pair)
        return list(seen)

    def _inside(self, pair: Pair) -> tuple[Pair, ...]:
        if pair not in self._below:
            one, other = self.old.named[pair[0]], self.new.named[pair[1]]
            types = [(field.type, twin.type) for field, twin in match.fields(_fields(one), _fields(other)).both]
            types.append((_rest(one), _rest(other)))
            self._below[pair] = tuple(p for a, b in types for p in shapes.pairs(a, b, self.names))
        return self._below[pair]


@dataclass(frozen=True)
class _Comparison:
    """One pair of models or of named types."""

    one: Named
    other: Named
    reach: _Reach
    before: frozenset[str]
    after: frozenset[str]
    """The names of all types of the old and of the new API: a name that is in both was not given away."""
    names: Names

    def facts(self) -> Iterator[Fact]:
        matched = match.fields(_fields(self.one), _fields(self.other))
        if _class(self.one) != _class(self.other):
            kind = (
                "type replaced"
                if _class(self.one) in self.after or _class(self.other) in self.before
                else "type renamed"
            )
            yield self._fact(kind, "renamed", None, None, _class(self.one), _class(self.other))
        for gone in matched.removed:
            yield self._fact("field removed", "removed", gone, None, spelled(gone.type), "")
        for came in matched.added:
            kind = "required field added" if came.required else "field added"
            yield self._fact(kind, "added", None, came, "", spelled(came.type))
        for before, after in matched.both:
            yield from self._field(before, after)
        if _closed(self.one) != _closed(self.other):
            kind = "other fields refused" if _closed(self.other) else "other fields allowed"
            yield self._fact(kind, "changed", None, None, "", "")
        elif not _closed(self.other):
            for facet in shapes.facets(_rest(self.one), _rest(self.other), self.names):
                yield self._facet(facet, None, None)
        if isinstance(self.one, Model) and isinstance(self.other, Model):
            for facet in rules(self.one.rules, self.other.rules):
                yield self._facet(facet, None, None)
        if self.one.description != self.other.description:
            yield self._fact("prose", "prose", None, None, "", "")

    def _field(self, before: Field, after: Field) -> Iterator[Fact]:
        if before.wire_name != after.wire_name:
            yield self._fact("field renamed", "renamed", before, after, before.wire_name, after.wire_name)
        elif before.words != after.words:
            yield self._fact(
                "attribute renamed", "renamed", before, after, "_".join(before.words), "_".join(after.words)
            )
        if before.required != after.required:
            kind = "field became required" if after.required else "field became optional"
            yield self._fact(kind, "changed", before, after, "", "")
        for facet in shapes.facets(before.type, after.type, self.names):
            yield self._facet(facet, before, after)
        for flag in ("read_only", "write_only"):
            if getattr(before, flag) != getattr(after, flag):
                gained = getattr(after, flag)
                kind = (
                    f"field became {flag.replace('_', '-')}" if gained else f"field no longer {flag.replace('_', '-')}"
                )
                yield self._fact(kind, "changed", before, after, "", "")
        if before.deprecated != after.deprecated:
            kind = "field deprecated" if after.deprecated else "field no longer deprecated"
            yield self._fact(kind, "changed", before, after, "", "")
        if before.description != after.description:
            yield self._fact("prose", "prose", before, after, "", "")

    def _facet(self, facet: Facet, before: Field | None, after: Field | None) -> Fact:
        kind = "field default" if facet.relation == "default" else f"field {facet.relation}"
        return self._fact(kind, "changed", before, after, facet.before, facet.after, facet)

    def _fact(
        self, kind: str, action: Action, before: Field | None, after: Field | None, was: str, now: str,
        facet: Facet | None = None,
    ) -> Fact:  # fmt: skip
        item = before or after
        holder = self.other if after else self.one
        return Fact(
            kind=kind, action=action, subject=_class(self.one), name=item.wire_name if item else "",
            before=was, after=now, place=(after or before or self.other).place, old_field=before, new_field=after,
            model=holder if isinstance(holder, Model) else None, facet=facet,
            sent_by=tuple(self.reach.sent_by.values()), given_by=tuple(self.reach.given_by.values()),
            failed_by=tuple(self.reach.failed_by.values()), events=tuple(self.reach.events), closed=_closed(self.one),
        )  # fmt: skip


def _fields(item: Named) -> tuple[Field, ...]:
    return item.fields if isinstance(item, Model) else ()


def _rest(item: Named) -> Type:
    """What is beside the fields: of a named type, all of it."""
    return item.type if isinstance(item, NamedType) else item.additional or Type(kind="any")


def _closed(item: Named) -> bool:
    return isinstance(item, Model) and item.closed


def _class(item: Named) -> str:
    return str(type_name(item))
