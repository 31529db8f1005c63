"""How one type differs from another, seen from who sends a value: wider takes all that it took, narrower does not."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import fields

from ...ir import Type
from .constraints import NUMERIC, Facet, Relation, allowed, constraints, rules
from .within import Names, within


def spelled(type_: Type | None) -> str:
    """A type in a few words."""
    if type_ is None:
        return "nothing"
    if type_.values:
        text = allowed(type_)
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
    """Each member of the old union with the member of the new one that it became: the same, else one of its kind."""
    before = old.members if old.kind == "union" else (old,)
    after = list(new.members if new.kind == "union" else (new,))
    results: list[Type | None] = [None] * len(before)
    for look in (repr, _allowed, _look):
        places: dict[Hashable, list[Type]] = {}
        for other in reversed(after):
            places.setdefault(look(other), []).append(other)
        for index, one in enumerate(before):
            if results[index] is None and (twins := places.get(look(one))):
                results[index] = twins.pop()
        taken = {id(one) for one in results if one is not None}
        after = [other for other in after if id(other) not in taken]
    return list(zip(before, results))


def _allowed(type_: Type) -> Hashable:
    """Constants tell members apart: the same ones, in any order."""
    return type_.kind, type_.model, _key(type_), tuple(sorted(map(repr, type_.values)))


def _look(type_: Type) -> Hashable:
    """What a member is; of a constant, which one."""
    return type_.kind, type_.model, _key(type_), len(type_.values) == 1 and repr(type_.values[0])


def _key(type_: Type) -> str:
    return type_.name if type_.kind == "named" else ""


def facets(old: Type | None, new: Type | None, names: Names, prefix: str = "") -> Iterator[Facet]:
    """Every respect in which the types differ; what stands inside models and named types is their own affair."""
    if old is None or new is None:
        if old is not new:
            yield Facet(f"{prefix}type", "widened" if new is None else "narrowed", spelled(old), spelled(new))
        return
    old, new = names.level(old, new)
    kinds = {old.kind, new.kind}
    if len(kinds) == 2:
        yield Facet(f"{prefix}type", _between(old, new, names), spelled(old), spelled(new), bare=_bare(old, new, names))
    alike = len(kinds) == 1 or kinds <= NUMERIC
    if alike or "union" in kinds:
        if old.nullable != new.nullable:
            relation: Relation = "widened" if new.nullable else "narrowed"
            yield Facet(f"{prefix}null", relation, _whether(old.nullable), _whether(new.nullable))
    elif not new.rules:
        return
    if "union" in kinds:
        yield from _unions(old, new, names, prefix)
    elif alike:
        yield from constraints(old, new, prefix)
    yield from rules(old.rules, new.rules, prefix)
    if not alike:
        return
    if old.kind == "union" and old.exclusive != new.exclusive and not (_apart(old) and _apart(new)):
        before, after = ("exactly one form fits" if one.exclusive else "any form fits" for one in (old, new))
        yield Facet(f"{prefix}fitting forms", "narrowed" if new.exclusive else "widened", before, after)
    if old.kind in ("array", "map"):
        yield from facets(old.items, new.items, names, f"{prefix}items: ")
    if (old.has_default, old.default) != (new.has_default, new.default):
        yield Facet(f"{prefix}default", "default", _default(old), _default(new))


def _bare(old: Type, new: Type, names: Names) -> bool:
    """Whether the old value, written as text, is one of the new type."""
    if new.kind == "string":
        limited = new.values or new.pattern or new.format or new.max_length is not None or (new.min_length or 0) > 1
        return not limited and not new.rules
    if new.kind == "array" and new.items is not None:
        if new.rules or (new.min_items or 0) > 1 or new.max_items == 0:
            return False
        return all(each.relation in _TAKEN for each in facets(old, new.items, names))
    return False


_TAKEN = ("widened", "default", "discriminator")


def _between(old: Type, new: Type, names: Names) -> Relation:
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
    if new.kind == "union" and not _gone(old, new, names):
        return "widened"
    if old.kind == "union" and not _gone(new, old, names.turned):
        return "narrowed"
    return "retyped"


def _unions(old: Type, new: Type, names: Names, prefix: str) -> Iterator[Facet]:
    paired = _members(old, new)
    if old.kind == new.kind:
        gone, come = _gone(old, new, names), _gone(new, old, names.turned)
        shown = [f"{' and '.join(forms)} {verb}" for forms, verb in ((gone, "is gone"), (come, "is new")) if forms]
        if shown:
            relation: Relation = "widened" if not gone else "changed" if come else "narrowed"
            yield Facet(f"{prefix}forms", relation, "", "; ".join(shown))
        yield from _discriminators(old, new, prefix)
    for one, other in paired:
        if other is not None and one != other:
            yield from facets(one, other, names, f"{prefix}{spelled(one)}: ")


def _gone(old: Type, new: Type, names: Names) -> list[str]:
    """The members of the old union that became none of the new one, and are not within one either."""
    return [spelled(one) for one, other in _members(old, new) if other is None and not within(one, new, names)]


_JSON_KINDS = {"integer": "number", "map": "object", "model": "object", "binary": "string"}


def _apart(union: Type) -> bool:
    """Whether no value fits two members: each is of a JSON type of its own, or a property says which one is meant."""
    if union.discriminator is not None:
        return True
    kinds = [_JSON_KINDS.get(member.kind, member.kind) for member in union.members]
    return len({*kinds}) == len(kinds) and {*kinds} <= {"string", "number", "boolean", "array", "object"}


def _discriminators(old: Type, new: Type, prefix: str) -> Iterator[Facet]:
    """Changes of the discriminator: its property, and its values."""
    one, other = old.discriminator, new.discriminator
    if one == other:
        return
    what = f"{prefix}discriminator"
    if one is None or other is None:
        # The members are the same: the discriminator is only a hint.
        yield Facet(what, "discriminator", one.wire_name if one else "none", other.wire_name if other else "none")
        return
    if one.wire_name != other.wire_name:
        yield Facet(what, "changed", one.wire_name, other.wire_name)
        return
    before, after = dict(one.mapping), dict(other.mapping)
    moved = [value for value in before if value in after and after[value] != before[value]]
    gone, come = ([value for value in a if value not in b] for a, b in ((before, after), (after, before)))
    if moved or gone or come:
        relation: Relation = "changed" if moved or (gone and come) else "narrowed" if gone else "widened"
        shown = {*moved, *gone, *come}
        yield Facet(what, relation, _mapped(before, shown), _mapped(after, shown))
    elif one.default != other.default:
        yield Facet(what, "discriminator", one.default or "none", other.default or "none")


def _mapped(mapping: Mapping[str, str], shown: set[str]) -> str:
    return ", ".join(f"{value}: {key}" for value, key in sorted(mapping.items()) if value in shown) or "none"


def _whether(nullable: bool) -> str:
    return "null is allowed" if nullable else "null is not allowed"


def _default(type_: Type) -> str:
    return json.dumps(type_.default, ensure_ascii=False) if type_.has_default else "none"


def same(old: Type | None, new: Type | None) -> bool:
    """Whether both types take the same values, descriptions aside; named types are compared by key."""
    if old is None or new is None:
        return old is new
    skip = {"description", "content_media_type", "items", "members"} | ({"name"} if old.kind != "named" else set())
    if any(getattr(old, f.name) != getattr(new, f.name) for f in fields(Type) if f.name not in skip):
        return False
    members = len(old.members) == len(new.members) and all(same(a, b) for a, b in zip(old.members, new.members))
    return members and same(old.items, new.items)
