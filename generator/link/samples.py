"""A value of a type, for an example that nobody wrote: the smallest that the type allows, and the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from math import floor, isfinite

from ..ir import Json, Model, NamedType, Type, opened

_FORMATS = {
    "date": "2030-01-31",
    "date-time": "2030-01-31T12:00:00Z",
    "time": "12:00:00Z",
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
"""Required fields that hold themselves can have no smallest value; a sample ends there."""
_MOST_VALUES = 500
"""In one sample: objects of many required fields inside each other would multiply."""
_LONGEST = 1_000
"""Characters: a text is repeated up to the length that the type asks for, and no further."""


def sample(
    type_: Type, models: Mapping[str, Model], types: Mapping[str, NamedType] | None = None, name: str = "text"
) -> Json:
    """A value of the type. A pattern cannot be met on purpose, nor can a size beyond what a sample may have: then the
    value may be refused.
    """
    return _Sampler(models, types or {}).of(type_, name, 0)


class _Sampler:
    def __init__(self, models: Mapping[str, Model], types: Mapping[str, NamedType]) -> None:
        self.models, self.types = models, types
        self.left = _MOST_VALUES

    def of(self, type_: Type, name: str, depth: int) -> Json:
        self.left -= 1
        type_ = opened(type_, self.types)
        if type_.has_default and type_.default is not None:
            return type_.default
        if type_.values:
            return type_.values[0]
        inside = depth < _DEEPEST and self.left > 0
        match type_.kind:
            case "boolean":
                return True
            case "integer" | "number":
                return _number(type_)
            case "string" | "binary":
                text = _FORMATS.get(type_.format, name)
                short = text + "x" * (min(type_.min_length or 0, _LONGEST) - len(text))
                return short if type_.max_length is None else short[: type_.max_length]
            case "array" if type_.items and type_.items.kind != "never" and inside:
                return self._repeated(type_.items, name, depth, max(1, type_.min_items or 0))
            case "map" if type_.items and type_.min_properties and inside:
                values = self._repeated(type_.items, name, depth, type_.min_properties)
                return {f"key{number}": value for number, value in enumerate(values, 1)}
            case "model" if inside:
                fields = (f for f in self.models[type_.model].fields if f.required and not f.read_only)
                return {f.wire_name: self.of(f.type, "_".join(f.words), depth + 1) for f in fields}
            case "union" if inside:
                return self.of(type_.members[0], name, depth + 1)
            case "map" | "model":
                return {}
            case "array":
                return []
            case "null" | "never":
                return None
            case _:
                return name

    def _repeated(self, type_: Type, name: str, depth: int, wanted: int) -> list[Json]:
        """One value over and over: an example need not show that they differ."""
        before = self.left
        item = self.of(type_, name, depth + 1)
        size = before - self.left
        count = min(wanted, max(self.left, 0) // size + 1)
        self.left -= (count - 1) * size
        return [item] * count


def _number(type_: Type) -> int | float:
    low = max((each for each in (type_.minimum, type_.exclusive_minimum) if each is not None), default=None)
    high = min((each for each in (type_.maximum, type_.exclusive_maximum) if each is not None), default=None)
    above = low is not None and low == type_.exclusive_minimum
    if type_.multiple_of:
        steps = (low or 0) / type_.multiple_of
        if not isfinite(steps):  # of a step too small to be counted in, the next number is as good as the number itself
            return low or 0
        least = floor(steps) if steps == floor(steps) and not above else floor(steps) + 1
        return type_.multiple_of * (max(1, least) if high is None or high > type_.multiple_of else least)
    if low is None:
        return 1 if high is None or high > 1 else floor(high) - 1
    if above:
        between = floor(low) + 1
        return between if high is None or between < high or type_.kind == "integer" else low + (high - low) / 2
    return low
