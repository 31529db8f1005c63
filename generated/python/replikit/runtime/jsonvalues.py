"""What JSON Schema means by equal values and by multiples, which is not what Python means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def key(value: Any) -> Any:
    """Hashable, and equal for values that are equal in JSON and for no others: 1 is 1.0 and not true.

    Numbers stand as text: many numbers share one hash, and anybody could send a set of them that takes for ever.
    """
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, (int, float)):
        return "number", hex(value) if isinstance(value, int) else repr(value)
    if isinstance(value, (list, tuple)):
        return "array", *map(key, value)
    if isinstance(value, Mapping):
        return frozenset((str(name), key(item)) for name, item in value.items())
    return "other", id(value)


def is_multiple(value: float, step: float) -> bool:
    """Whether a finite number is a whole number of steps, both as JSON writes them: 0.3 is three times 0.1."""
    from fractions import Fraction

    exact, unit = (Fraction(each) if isinstance(each, int) else Fraction(repr(each)) for each in (value, step))
    return unit <= 0 or exact % unit == 0
