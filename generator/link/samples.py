"""A value of a type, for an example that nobody wrote: the smallest that the type allows, and the same every time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from math import ceil, floor, isfinite

from .. import patterns
from ..ir import Discriminator, Field, Json, Model, NamedType, Type, opened
from ..read.patterns import matches
from ..read.values import ANY
from .completing import completed, mended
from .fitting import fits, key, number_fits, text_fits

_FORMATS = {
    "date": "2030-01-31",
    "date-time": "2030-01-31T12:00:00Z",
    "time": "12:00:00Z",
    "duration": "PT1H",
    "email": "someone@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/",
    "url": "https://example.com/",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "byte": "dGV4dA==",
}
_DEEPEST = 6
"""Optional insides end there; required fields that hold themselves can have no smallest value, and end at _BOTTOM."""
_BOTTOM = 20
_MOST_VALUES = 500
"""In one sample: objects of many required fields inside each other would multiply."""
_LONGEST = 1_000
"""Characters: a text is repeated up to the length that the type asks for, and no further."""
_MOST_ITEMS = 200
_MOST_FORMS = 12
"""Members of a union, and properties of each, by which a value is told apart from the others."""


def sample(
    type_: Type,
    models: Mapping[str, Model],
    types: Mapping[str, NamedType],
    name: str,
    definitions: Mapping[str, Json],
) -> Json:
    """A value of the type. What a type asks for beyond the bounds here, or against itself, is not met: then the value
    may be refused. definitions: what rules refer to.
    """
    return _Sampler(models, types, definitions).of(type_, name)


class _Sampler:
    def __init__(
        self, models: Mapping[str, Model], types: Mapping[str, NamedType], definitions: Mapping[str, Json]
    ) -> None:
        self.models, self.types, self.definitions = models, types, definitions
        self.left, self.depth = _MOST_VALUES, 0

    def of(self, type_: Type, name: str) -> Json:
        type_ = opened(type_, self.types)
        self.depth += 1
        made = self._of(type_, name)
        self.depth -= 1
        if not type_.rules or type_.kind == "model":
            return made
        others = (each for each in (*type_.values, *_others(type_, made, _MOST_FORMS)) if self._fits(each, type_))
        return mended(made, type_.rules, self.definitions, others)

    def _of(self, type_: Type, name: str) -> Json:
        self.left -= 1
        if type_.default is not None and self._fits(type_.default, type_):
            return type_.default
        if type_.values:
            return next((each for each in type_.values if self._fits(each, type_)), type_.values[0])
        room = self.left > 0 and self.depth <= _BOTTOM
        match type_.kind:
            case "boolean":
                return True
            case "integer" | "number":
                return _number(type_)
            case "string":
                return _text(type_, name)
            case "array" if type_.items and type_.items.kind != "never":
                return self._array(type_, type_.items, name)
            case "map" if type_.min_properties and room:
                values = self._repeated(type_.items or ANY, name, type_.min_properties)
                return {f"key{number}": value for number, value in enumerate(values, 1)}
            case "model" if room:
                return self._object(type_)
            case "union" if room:
                return self._member(type_, name)
            case "map" | "model":
                return {}
            case "array":
                return []
            case "null" | "never":
                return None
            case _:
                return name

    def _fits(self, value: Json, type_: Type) -> bool:
        return fits(value, type_, self.models, self.types)

    def _array(self, type_: Type, items: Type, name: str) -> list[Json]:
        least = type_.min_items or 0
        inside = least or (self.left > 0 and self.depth <= _DEEPEST)
        if type_.max_items == 0 or not inside or self.depth > _BOTTOM:
            return []
        made = self._repeated(items, name, max(1, least))
        return self._apart(made, items) if type_.unique_items and len(made) > 1 else made

    def _apart(self, made: list[Json], items: Type) -> list[Json]:
        """As many values that differ, as far as the type has them."""
        distinct: dict[object, Json] = {}
        opened_items = opened(items, self.types)
        for value in (*opened_items.values, *_others(opened_items, made[0], len(made) * 2)):
            if len(distinct) < len(made) and self._fits(value, items):
                distinct.setdefault(key(value), value)
        return list(distinct.values())

    def _object(self, type_: Type) -> Json:
        model = self.models[type_.model]
        fields = _sent(model)
        chosen = [f for f in fields if f.required]
        short = (type_.min_properties or 0) - len(chosen)
        if short > 0:
            chosen += [f for f in fields if not f.required][:short]
        made = {f.wire_name: self.of(f.type, "_".join(f.words)) for f in chosen}
        for number in range(len(made), (type_.min_properties or 0) if model.additional else 0):
            made[f"key{number + 1}"] = self.of(model.additional or ANY, "text")
        known = {f.wire_name: f for f in model.fields}

        def value(name: str) -> Iterator[Json]:
            if (field := known.get(name)) in fields:
                yield self.of(field.type, "_".join(field.words))
            elif field is None and model.additional is not None:
                yield self.of(model.additional, "text")

        return completed(made, (*model.rules, *type_.rules), self.definitions, value)

    def _member(self, type_: Type, name: str) -> Json:
        """What the first member that a value is found for gives; it says which one it is, where that is asked for."""
        made: list[Json] = []
        for member in type_.members:
            value = self.of(member, name)
            if isinstance(value, dict) and type_.discriminator is not None:
                value = _tagged(value, opened(member, self.types), type_.discriminator)
            if self._fits(value, type_):
                return value
            made.append(value)
        for member, value in [*zip(type_.members, made, strict=True)][:_MOST_FORMS]:
            for each in self._distinguishable(value, opened(member, self.types), type_):
                if self._fits(each, type_):
                    return each
        return made[0]

    def _distinguishable(self, value: Json, member: Type, union: Type) -> Iterator[Json]:
        """The value of a member in other forms, of which one may fit no other member of its union.

        First with what the member itself leaves open. Then with null where others have properties of their own: an open
        object may have any property, and so says that one of another form is not there.
        """
        if isinstance(value, dict) and member.kind == "model":
            optional = [f for f in _sent(self.models[member.model]) if f.wire_name not in value]
            for field in optional[:_MOST_FORMS]:
                yield {**value, field.wire_name: self.of(field.type, "_".join(field.words))}
            for other in union.members[:_MOST_FORMS]:
                if self._fits(value, other):
                    free = [name for name in self._properties(other, 0) if name not in value]
                    changed: Iterator[Json] = ({**value, name: None} for name in free[:_MOST_FORMS])
                    distinguishable = (
                        each for each in changed if self._fits(each, member) and not self._fits(each, other)
                    )
                    value = next(distinguishable, value)
            yield value
        elif isinstance(value, list) and value and member.items:
            items = self._distinguishable(value[0], opened(member.items, self.types), _items(union, self.types))
            yield from ([each] * len(value) for each in items)
        elif isinstance(value, (int, float)):
            yield value + 0.5

    def _properties(self, type_: Type, depth: int) -> list[str]:
        """The property names that a type, or one of its members, declares."""
        type_ = opened(type_, self.types)
        if type_.kind == "model":
            return [field.wire_name for field in self.models[type_.model].fields]
        if type_.kind == "union" and depth < _DEEPEST:
            return [name for each in type_.members[:_MOST_FORMS] for name in self._properties(each, depth + 1)]
        return []

    def _repeated(self, type_: Type, name: str, wanted: int) -> list[Json]:
        """One value over and over: an example need not show that they differ."""
        before = self.left
        item = self.of(type_, name)
        size = before - self.left
        count = min(wanted, max(self.left, 0) // size + 1)
        self.left -= (count - 1) * size
        return [item] * count


def _sent(model: Model) -> list[Field]:
    """The properties that a request may have."""
    return [field for field in model.fields if not field.read_only and field.type.kind != "never"]


def _items(union: Type, types: Mapping[str, NamedType]) -> Type:
    """The union of what stands in lists, of a union of lists."""
    members = (opened(member, types) for member in union.members)
    return replace(union, members=tuple(each.items for each in members if each.kind == "array" and each.items))


def _tagged(value: dict[str, Json], member: Type, discriminator: Discriminator) -> dict[str, Json]:
    """The value with the discriminator's property set to its member of the union."""
    named = next((tag for tag, model in discriminator.mapping if model == member.model), None)
    return {**value, discriminator.wire_name: named} if named is not None else value


def _others(type_: Type, like: Json, count: int) -> list[Json]:
    """Values beside the one that was made, which may or may not be of the type."""
    count = min(count, _MOST_ITEMS)
    if isinstance(like, bool):
        return [like, not like]
    if isinstance(like, (int, float)):
        step = type_.multiple_of or 1
        return [*(like + step * turn for turn in range(count)), *(like - step * turn for turn in range(count))]
    if isinstance(like, str) and type_.pattern:
        return [like, *patterns.some(type_.pattern, count, type_.min_length or 0, type_.max_length)]
    if isinstance(like, str) and type_.format == "uuid":
        return [f"{like[:-4]}{turn:04x}" for turn in range(count)]
    if isinstance(like, str):
        cut = like if type_.max_length is None else like[: max(0, type_.max_length - len(str(count)))]
        return [
            like,
            *(f"{cut}{turn}" for turn in range(2, count + 1)),
            *(f"{turn}{like}" for turn in range(2, count + 1)),
        ]
    if isinstance(like, dict):
        return [
            like,
            *({**like, name: other} for name, item in like.items() for other in _others(ANY, item, count)[1:]),
        ]
    if isinstance(like, list) and like:
        return [like, *([other, *like[1:]] for other in _others(ANY, like[0], count)[1:])]
    return [like]


def _text(type_: Type, name: str) -> str:
    plain = _FORMATS.get(type_.format, name)
    if type_.pattern:
        known = [plain] if matches(type_.pattern, plain) else []  # of a pattern that is not checked, what is made of it
        made = patterns.texts(type_.pattern, type_.min_length or 0, type_.max_length)
        text = next((each for each in chain(known, made) if text_fits(each, type_)), None)
        if text is not None:
            return text
    return plain.ljust(min(type_.min_length or 0, _LONGEST), "x")[: type_.max_length]


def _number(type_: Type) -> int | float:
    for value in _numbers(type_):
        if isfinite(value) and number_fits(value, type_) and (type_.kind == "number" or value == floor(value)):
            return int(value) if value == floor(value) else value
    return next((each for each in (type_.minimum, type_.exclusive_minimum) if each is not None), 1)


def _numbers(type_: Type) -> list[float]:
    """The numbers that a type may have, the plain ones first."""
    lows = [each for each in (type_.minimum, type_.exclusive_minimum) if each is not None and isfinite(each)]
    highs = [each for each in (type_.maximum, type_.exclusive_maximum) if each is not None and isfinite(each)]
    low, high = max(lows, default=None), min(highs, default=None)
    numbers: list[float] = []
    if type_.multiple_of and isfinite(type_.multiple_of):
        unit = Fraction(str(type_.multiple_of))
        least = ceil(Fraction(low) / unit) if low is not None else 1
        starts = [max(1, least), least, least + 1]
        if high is not None:
            starts += [0, floor(Fraction(high) / unit), floor(Fraction(high) / unit) - 1]
        numbers += [float(unit * start) if unit.denominator > 1 else int(unit * start) for start in starts]
    if low is None:
        numbers += [1, 0] if high is None else [1, 0, floor(high), floor(high) - 1, high - 1, high]
    else:
        numbers += [low, ceil(low), floor(low) + 1]
        numbers += [low + (high - low) / 2] if high is not None else []
    return numbers
