"""Whether all that one type allows is allowed by another: for forms of a union, which no name pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...ir import Api, Model, NamedType, Type, opened
from .constraints import NUMERIC, constraints, rules

_DEEP = 12
"""Types inside each other that are looked into; what lies deeper is taken for another one."""


@dataclass(frozen=True)
class Names:
    """What the keys of types stand for, in the old and in the new API."""

    old: Mapping[str, NamedType]
    new: Mapping[str, NamedType]
    old_models: Mapping[str, Model]
    new_models: Mapping[str, Model]

    @staticmethod
    def of(old: Api, new: Api) -> Names:
        """Those of two APIs."""
        return Names(old.types, new.types, old.models, new.models)

    @property
    def turned(self) -> Names:
        """The same, seen from the new API."""
        return Names(self.new, self.old, self.new_models, self.old_models)

    def level(self, old: Type, new: Type) -> tuple[Type, Type]:
        """The two types, either both by name or both written out."""
        if old.kind == new.kind:
            return old, new
        return opened(old, self.old), opened(new, self.new)


def within(old: Type | None, new: Type | None, names: Names, deep: int = _DEEP) -> bool:
    """Whether every value of the old type is surely one of the new type."""
    if new is None or (new.kind == "any" and not new.rules):
        return True
    if old is None or not deep:
        return False
    old, new = opened(old, names.old), opened(new, names.new)
    if old.nullable and not new.nullable and new.kind != "any":
        return False
    if any(facet.relation != "widened" for facet in rules(old.rules, new.rules)):
        return False
    if old.kind == "union":
        return all(within(member, new, names, deep - 1) for member in old.members)
    if new.kind == "union":
        return any(within(old, member, names, deep - 1) for member in new.members)
    if old.kind != new.kind:
        return {old.kind, new.kind} <= NUMERIC and old.kind == "integer" and _limits(old, new)
    if old.kind == "model":
        return _model(names.old_models[old.model], names.new_models[new.model], names, deep - 1)
    if old.kind in ("array", "map") and not within(old.items, new.items, names, deep - 1):
        return False
    return _limits(old, new)


def _limits(old: Type, new: Type) -> bool:
    return all(facet.relation == "widened" for facet in constraints(old, new))


def _model(old: Model, new: Model, names: Names, deep: int) -> bool:
    mine, theirs = ({field.wire_name: field for field in model.fields} for model in (old, new))
    if any(field.required and not (name in mine and mine[name].required) for name, field in theirs.items()):
        return False
    if new.closed and (not old.closed or mine.keys() - theirs.keys()):
        return False
    if any(facet.relation != "widened" for facet in rules(old.rules, new.rules)):
        return False
    if not old.closed and not within(old.additional, new.additional, names, deep):
        return False
    return all(within(field.type, theirs[name].type, names, deep) for name, field in mine.items() if name in theirs)
