"""Changes of two types of one kind in their other constraints: allowed values, limits, format, and further rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any, Literal

from ...ir import Type

Relation = Literal["widened", "narrowed", "changed", "retyped", "discriminator", "default"]
"""Seen from the values: all that fitted fit, and more · some that fitted do not · both · it is of another kind · what is
said beside the forms and decides no value · what is taken where there is none."""

NUMERIC = {"integer", "number"}
_LONGEST = 120
"""Characters of rules."""
_WIDTHS = {"int32": 1, "int64": 2, "float": 1, "double": 2, "none": 3}
SIZES = frozenset(_WIDTHS)
"""Formats that say how wide a number is, not how it is written."""
_ANYTHING = {"", ".*", "^.*", ".*$", "^"}
"""Patterns that every text matches, since one may match anywhere in it."""
_SIDES: tuple[tuple[str, str, int], ...] = (("minimum", "exclusive_minimum", -1), ("maximum", "exclusive_maximum", 1))
_COUNTS: tuple[tuple[str, int], ...] = (
    ("min_length", -1), ("min_items", -1), ("min_properties", -1), ("max_length", 1), ("max_items", 1),
    ("max_properties", 1),
)  # fmt: skip
"""A limit and the direction in which it gives way."""
_COUNTED = {"minProperties": -1, "maxProperties": 1, "minContains": -1, "maxContains": 1}


@dataclass(frozen=True)
class Facet:
    """One respect in which two types differ."""

    what: str
    relation: Relation
    before: str
    after: str
    checked: bool = True
    """Whether the JSON Schema of the function says it, so that CLI, MCP and Lua refuse before anything is sent."""
    bare: bool = False
    """Whatever the old type allowed is written as something that the new one allows: a number where any text is taken,
    one value where a list of such values is."""


def constraints(old: Type, new: Type, prefix: str = "") -> Iterator[Facet]:
    """Every respect in which two types of one kind, or two kinds of number, differ."""
    yield from _values(old, new, prefix)
    yield from _bounds(old, new, prefix)
    yield from _counts(old, new, prefix)
    one, other = ("" if type_.pattern in _ANYTHING else type_.pattern for type_ in (old, new))
    if one != other:
        relation: Relation = "widened" if not other else "narrowed" if not one else "changed"
        yield Facet(f"{prefix}pattern", relation, _limit(old.pattern), _limit(new.pattern))
    if old.multiple_of != new.multiple_of:
        relation = _multiples(old.multiple_of, new.multiple_of)
        yield Facet(f"{prefix}multiple_of", relation, _limit(old.multiple_of), _limit(new.multiple_of))
    if old.unique_items != new.unique_items:
        relation = "narrowed" if new.unique_items else "widened"
        yield Facet(f"{prefix}unique_items", relation, _limit(old.unique_items), _limit(new.unique_items))
    if old.format != new.format:
        before, after = old.format or "none", new.format or "none"
        if old.kind == new.kind or not {before, after} <= SIZES:
            yield Facet(f"{prefix}format", _formats(before, after), before, after, checked=False)
    if old.kind == new.kind == "string":
        for name in ("content_encoding", "content_media_type"):
            before, after = (getattr(one, name).lower() or "none" for one in (old, new))
            if before != after:
                yield Facet(f"{prefix}{name}", _formats(before, after), before, after, checked=False)


def _values(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    before, after = ({json.dumps(value, sort_keys=True) for value in one.values} for one in (old, new))
    if before == after:
        return
    gone, come = before - after, after - before
    relation: Relation = (
        "widened" if not after or (before and not gone) else "narrowed" if not come or not before else "changed"
    )
    yield Facet(f"{prefix}values", relation, allowed(old), allowed(new))


def allowed(type_: Type) -> str:
    """The allowed values of a type, as far as they are shown."""
    if not type_.values:
        return type_.kind
    shown = ", ".join(json.dumps(value, ensure_ascii=False) for value in type_.values[:6])
    return f"one of {shown}" + (", …" if len(type_.values) > 6 else "")


def _bounds(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    """What a number is at least and at most, however it is written: above 0 is at least 1 of an integer."""
    for inclusive, exclusive, gives in _SIDES:
        before, after = (_bound(one, inclusive, exclusive, gives) for one in (old, new))
        if before == after:
            continue
        wider = after is None or (before is not None and after > before)
        written = exclusive if getattr(new, exclusive) is not None or getattr(old, exclusive) is not None else inclusive
        relation: Relation = "widened" if wider else "narrowed"
        yield Facet(
            f"{prefix}{written}", relation, _shown(old, inclusive, exclusive), _shown(new, inclusive, exclusive)
        )


def _shown(type_: Type, inclusive: str, exclusive: str) -> str:
    value = getattr(type_, exclusive)
    return _limit(getattr(type_, inclusive) if value is None else value)


def _bound(type_: Type, inclusive: str, exclusive: str, gives: int) -> tuple[float, int] | None:
    """The tighter of both limits, as a pair of which the greater one allows more."""
    results = []
    if (value := getattr(type_, inclusive)) is not None:
        results.append((value * gives, 0))
    if (value := getattr(type_, exclusive)) is not None:
        whole = type_.kind == "integer"
        results.append((-(floor(-value * gives) + 1), 0) if whole else (value * gives, -1))
    return min(results, default=None)


def _counts(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    for name, gives in _COUNTS:
        # At least none is no limit.
        before, after = (getattr(one, name) or (None if gives < 0 else getattr(one, name)) for one in (old, new))
        if before != after:
            wider = after is None or (before is not None and (after - before) * gives > 0)
            yield Facet(f"{prefix}{name}", "widened" if wider else "narrowed", _limit(before), _limit(after))


def _multiples(before: float | None, after: float | None) -> Relation:
    if before is None or after is None:
        return "widened" if after is None else "narrowed"
    one, other = Fraction(str(before)), Fraction(str(after))
    if not one or not other:
        return "changed"
    return "narrowed" if (other / one).denominator == 1 else "widened" if (one / other).denominator == 1 else "changed"


def _formats(before: str, after: str) -> Relation:
    if {before, after} <= SIZES:
        return "widened" if _WIDTHS[after] >= _WIDTHS[before] else "narrowed"
    return "widened" if after == "none" else "narrowed" if before == "none" else "changed"


def rules(old: tuple[Any, ...], new: tuple[Any, ...], prefix: str = "") -> Iterator[Facet]:
    """What else values must fit: a rule more allows less."""
    gone, come = ([rule for rule in one if rule not in other] for one, other in ((old, new), (new, old)))
    if not gone and not come:
        return
    relation: Relation = "widened" if not come else "narrowed" if not gone else "changed"
    if len(gone) == len(come) == 1:
        relation = _eased(gone[0], come[0])
    yield Facet(f"{prefix}rules", relation, _written(gone), _written(come))


def _eased(old: Any, new: Any) -> Relation:
    """What became of one rule, where numbers or names of properties are all that it says."""
    if not isinstance(old, dict) or not isinstance(new, dict) or len({*old, *new}) != 1:
        return "changed"
    (key,) = old
    before, after = old[key], new[key]
    if key in _COUNTED:
        return "widened" if (after - before) * _COUNTED[key] > 0 else "narrowed"
    if key == "dependentRequired":
        one, other = ({(name, each) for name, needs in part.items() for each in needs} for part in (before, after))
        return "widened" if other < one else "narrowed" if one < other else "changed"
    return "changed"


def _written(rules: list[Any]) -> str:
    text = ", ".join(json.dumps(rule, ensure_ascii=False, sort_keys=True) for rule in rules) or "none"
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _limit(value: object) -> str:
    if value is None or value is False or value == "":
        return "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
