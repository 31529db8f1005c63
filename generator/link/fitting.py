"""Whether a value is what a type asks for: by the checks that the generated clients make, and by formats."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from fractions import Fraction
from math import isfinite

from ..ir import Json, Model, NamedType, Type, opened
from ..read import patterns

_MOST = 2_000
"""Values inside a value that are looked at."""
_NUMBER = re.compile(r"-?\d{1,18}(\.\d{1,18})?", re.ASCII)
_UUID = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def fits(value: Json, type_: Type, models: Mapping[str, Model], types: Mapping[str, NamedType]) -> bool:
    """Whether the value may be sent where the type is asked for."""
    return _Fitting(models, types).fits(value, type_)


def respelled(value: Json, type_: Type) -> Json:
    """A number written as a text, or a text as a number, as the type asks for it; itself where it is neither."""
    if type_.kind == "string" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if type_.kind in ("integer", "number") and isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value) if value.lstrip("-").isdecimal() else float(value)
    if type_.kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


class _Fitting:
    def __init__(self, models: Mapping[str, Model], types: Mapping[str, NamedType]) -> None:
        self.models, self.types = models, types
        self.left = _MOST

    def fits(self, value: Json, type_: Type) -> bool:
        self.left -= 1
        if self.left < 0:
            return True
        type_ = opened(type_, self.types)
        if value is None:
            return type_.nullable or type_.kind in ("any", "null")
        if type_.values and key(value) not in {key(each) for each in type_.values}:
            return False
        match type_.kind:
            case "any" | "binary":
                return True
            case "null" | "never":
                return False
            case "boolean":
                return isinstance(value, bool)
            case "integer" | "number":
                return _is_number(value, type_.kind) and number_fits(value, type_)
            case "string":
                return isinstance(value, str) and text_fits(value, type_)
            case "array":
                return isinstance(value, list) and self._array(value, type_)
            case "union":
                return self._union(value, type_)
            case _:
                return isinstance(value, dict) and self._object(value, type_)

    def _union(self, value: Json, type_: Type) -> bool:
        if not type_.exclusive or type_.discriminator is not None:  # which says what a value is
            return any(self.fits(value, member) for member in type_.members)
        count = sum(self.fits(value, member) for member in type_.members)
        return count == 1 or (count > 1 and self.left < 0)

    def _array(self, value: list[Json], type_: Type) -> bool:
        if not _within(len(value), type_.min_items, type_.max_items):
            return False
        if type_.unique_items and len({key(each) for each in value}) < len(value):
            return False
        return type_.items is None or all(self.fits(each, type_.items) for each in value)

    def _object(self, value: dict[str, Json], type_: Type) -> bool:
        if not _within(len(value), type_.min_properties, type_.max_properties):
            return False
        if type_.kind == "map":
            return type_.items is None or all(self.fits(each, type_.items) for each in value.values())
        model = self.models[type_.model]
        fields = {field.wire_name: field for field in model.fields}
        if any(field.required and not field.read_only and name not in value for name, field in fields.items()):
            return False
        for name, item in value.items():
            inner = fields[name].type if name in fields else model.additional
            if inner is None or not self.fits(item, inner):
                return False
        return True


def key(value: Json) -> object:
    """Hashable, and equal for values that JSON Schema takes for the same: 1 is 1.0 and not true."""
    if isinstance(value, dict):
        return frozenset((name, key(each)) for name, each in value.items())
    if isinstance(value, list):
        return tuple(map(key, value))
    return isinstance(value, bool), value


def _is_number(value: Json, kind: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    return kind == "number" or isinstance(value, int) or value.is_integer()


def number_fits(value: float, type_: Type) -> bool:
    """Whether a number keeps the limits of its type."""
    if type_.minimum is not None and value < type_.minimum:
        return False
    if type_.maximum is not None and value > type_.maximum:
        return False
    if type_.exclusive_minimum is not None and value <= type_.exclusive_minimum:
        return False
    if type_.exclusive_maximum is not None and value >= type_.exclusive_maximum:
        return False
    step = type_.multiple_of
    if not step or not isfinite(value) or not isfinite(step):
        return True
    exact, unit = Fraction(str(value)), Fraction(str(step))
    return unit <= 0 or exact % unit == 0


def text_fits(value: str, type_: Type) -> bool:
    """Whether a text has the length, the pattern and the format of its type."""
    if not _within(len(value), type_.min_length, type_.max_length):
        return False
    if type_.pattern and patterns.matches(type_.pattern, value) is False:
        return False
    if type_.format == "uuid":
        return bool(_UUID.fullmatch(value))
    try:
        if type_.format == "date-time":
            return bool(_TIME.fullmatch(value)) and bool(datetime.fromisoformat(value.upper()))
        if type_.format == "date":
            return bool(_DATE.fullmatch(value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False
    return True


def _within(count: int, least: int | None, most: int | None) -> bool:
    return (least is None or count >= least) and (most is None or count <= most)
