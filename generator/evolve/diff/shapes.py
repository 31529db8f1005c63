"""How one type differs from another, seen from who sends a value: wider takes all that it took, narrower does not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

from ...ir import NamedType, Type, opened

Relation = Literal["widened", "narrowed", "retyped", "default"]

_LIMITS: tuple[tuple[str, int], ...] = (
    ("minimum", -1), ("exclusive_minimum", -1), ("min_length", -1), ("min_items", -1), ("min_properties", -1),
    ("maximum", 1), ("exclusive_maximum", 1), ("max_length", 1), ("max_items", 1), ("max_properties", 1),
)  # fmt: skip
"""A limit and the direction in which it gives way."""
_NUMERIC = {"integer", "number"}
_SHOWN = 120
"""Characters of rules."""
_SIZES = {"int32", "int64", "float", "double"}
"""Formats that say how wide a number is, not how it is written."""


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
    """Nothing but the kind or the allowed values changed: what the wire says of a scalar stays the same text."""


@dataclass(frozen=True)
class Names:
    """The named types of the old and of the new API."""

    old: Mapping[str, NamedType]
    new: Mapping[str, NamedType]

    def level(self, old: Type, new: Type) -> tuple[Type, Type]:
        """The two types, either both by name or both written out."""
        if old.kind == new.kind:
            return old, new
        return opened(old, self.old), opened(new, self.new)


def spelled(type_: Type | None) -> str:
    """A type in a few words."""
    if type_ is None:
        return "nothing"
    if type_.values:
        shown = ", ".join(json.dumps(value, ensure_ascii=False) for value in type_.values[:6])
        text = f"one of {shown}" + (", …" if len(type_.values) > 6 else "")
    elif type_.kind == "array":
        text = f"array of {spelled(type_.items)}"
    elif type_.kind == "map":
        text = "object" if type_.items is None or type_.items.kind == "any" else f"object of {spelled(type_.items)}"
    elif type_.kind == "union":
        text = " or ".join(spelled(member) for member in type_.members)
    else:
        text = type_.model or (type_.name if type_.kind == "named" else "")
        text = text or {"any": "anything", "never": "nothing"}.get(type_.kind, type_.kind)
        text += f" ({type_.format})" if type_.format and type_.kind != "binary" else ""
    return f"{text} or null" if type_.nullable and type_.kind != "null" else text


def pairs(old: Type | None, new: Type | None, names: Names) -> Iterator[tuple[str, str]]:
    """The models and named types that stand at the same place in two types, by their keys."""
    if old is None or new is None:
        return
    old, new = names.level(old, new)
    if old.kind == new.kind == "named":
        yield old.name, new.name
    elif old.kind == new.kind == "model":
        yield old.model, new.model
    elif old.kind == new.kind and old.kind in ("array", "map"):
        yield from pairs(old.items, new.items, names)
    elif "union" in (old.kind, new.kind):
        for one, other in _members(old, new):
            if other is not None:
                yield from pairs(one, other, names)


def _members(old: Type, new: Type) -> list[tuple[Type, Type | None]]:
    """Each member of the old union with the member of the new one that it became."""
    before = old.members if old.kind == "union" else (old,)
    after = list(new.members if new.kind == "union" else (new,))
    found: list[tuple[Type, Type | None]] = []
    for one in before:
        same = [other for other in after if other == one] or [
            other for other in after if other.kind == one.kind and (other.model, _key(other)) == (one.model, _key(one))
        ]
        found.append((one, same[0] if same else None))
        if same:
            after.remove(same[0])
    return found


def _key(type_: Type) -> str:
    return type_.name if type_.kind == "named" else ""


def facets(old: Type | None, new: Type | None, names: Names, prefix: str = "") -> Iterator[Facet]:
    """Every respect in which the types differ; what stands inside models and named types is their own affair."""
    if old is None or new is None:
        if old is not new:
            yield Facet(f"{prefix}type", "widened" if new is None else "narrowed", spelled(old), spelled(new))
        return
    old, new = names.level(old, new)
    if old.kind != new.kind:
        relation = _between(old, new)
        yield Facet(f"{prefix}type", relation, spelled(old), spelled(new), bare=True)
        if "union" not in (old.kind, new.kind):
            return
    if old.nullable != new.nullable:
        relation = "widened" if new.nullable else "narrowed"
        yield Facet(f"{prefix}null", relation, _whether(old.nullable), _whether(new.nullable))
    if old.kind == new.kind == "union":
        yield from _unions(old, new, prefix)
    yield from _values(old, new, prefix)
    yield from _limits(old, new, prefix)
    yield from rules(old.rules, new.rules, prefix)
    if old.kind == new.kind == "union" and old.exclusive != new.exclusive:
        before, after = ("exactly one form fits" if one.exclusive else "any form fits" for one in (old, new))
        yield Facet(f"{prefix}forms", "narrowed" if new.exclusive else "widened", before, after)
    if old.kind in ("array", "map") and old.kind == new.kind:
        yield from facets(old.items, new.items, names, f"{prefix}items: ")
    if (old.has_default, old.default) != (new.has_default, new.default):
        yield Facet(f"{prefix}default", "default", _default(old), _default(new))


def _between(old: Type, new: Type) -> Relation:
    """The relation of two types of different kinds."""
    if new.kind == "any" or old.kind == "never":
        return "widened"
    if old.kind == "any" or new.kind == "never":
        return "narrowed"
    if (old.kind, new.kind) == ("integer", "number"):
        return "widened"
    if (old.kind, new.kind) == ("number", "integer"):
        return "narrowed"
    if (old.kind, new.kind) == ("model", "map") and (new.items is None or new.items.kind == "any"):
        return "widened"
    if (old.kind, new.kind) == ("map", "model"):
        return "narrowed"
    if new.kind == "union" and all(other is not None for _, other in _members(old, new)):
        return "widened"
    if old.kind == "union" and all(other is not None for _, other in _members(new, old)):
        return "narrowed"
    return "retyped"


def _unions(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    gone = [spelled(one) for one, other in _members(old, new) if other is None]
    come = [spelled(one) for one, other in _members(new, old) if other is None]
    said = [f"{' and '.join(names)} {verb}" for names, verb in ((gone, "is gone"), (come, "is new")) if names]
    if said:
        yield Facet(f"{prefix}forms", "narrowed" if gone else "widened", "", "; ".join(said))


def _values(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    if old.kind != new.kind or set(map(repr, old.values)) == set(map(repr, new.values)):
        return
    gone = [value for value in old.values if value not in new.values]
    wider = not new.values or (old.values and not gone)
    yield Facet(f"{prefix}values", "widened" if wider else "narrowed", spelled(old), spelled(new), bare=True)


def _limits(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    if old.kind != new.kind and not {old.kind, new.kind} <= _NUMERIC:
        return
    for name, gives in _LIMITS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            wider = after is None or (before is not None and (after - before) * gives > 0)
            yield Facet(f"{prefix}{name}", "widened" if wider else "narrowed", _limit(before), _limit(after))
    for name, none in (("pattern", ""), ("multiple_of", None), ("unique_items", False)):
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Facet(f"{prefix}{name}", "widened" if after == none else "narrowed", _limit(before), _limit(after))
    if old.format != new.format:
        sizes = {old.format, new.format} <= _SIZES | {""}
        relation: Relation = "widened" if sizes or not new.format else "narrowed"
        yield Facet(f"{prefix}format", relation, old.format or "none", new.format or "none", checked=False)


def rules(old: tuple[Any, ...], new: tuple[Any, ...], prefix: str = "") -> Iterator[Facet]:
    """What else values must fit: a rule more allows less."""
    gone, come = ([rule for rule in one if rule not in other] for one, other in ((old, new), (new, old)))
    if gone or come:
        yield Facet(f"{prefix}rules", "narrowed" if come else "widened", _written(gone), _written(come))


def _written(rules: list[Any]) -> str:
    text = ", ".join(json.dumps(rule, ensure_ascii=False, sort_keys=True) for rule in rules) or "none"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _limit(value: object) -> str:
    return "none" if value in (None, "", False) else f"{value:g}" if isinstance(value, float) else str(value)


def _whether(nullable: bool) -> str:
    return "null is allowed" if nullable else "null is not allowed"


def _default(type_: Type) -> str:
    return json.dumps(type_.default, ensure_ascii=False) if type_.has_default else "none"


def same(old: Type | None, new: Type | None) -> bool:
    """Whether the two take the same values, whatever is said of them; what has a name counts by its key."""
    if old is None or new is None:
        return old is new
    skip = {"description", "content_media_type", "items", "members"} | ({"name"} if old.kind != "named" else set())
    if any(getattr(old, f.name) != getattr(new, f.name) for f in fields(Type) if f.name not in skip):
        return False
    members = len(old.members) == len(new.members) and all(same(a, b) for a, b in zip(old.members, new.members))
    return members and same(old.items, new.items)
