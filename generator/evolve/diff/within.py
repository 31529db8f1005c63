"""Whether all that one type allows is allowed by another: for forms of a union, which no name pairs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...ir import Api, Model, NamedType, Type, opened
from .constraints import NUMERIC, constraints, rules

_DEEP = 12
"""Types inside each other that are looked into; what lies deeper is taken for another one."""
_STEPS = 2_000
"""Pairs of types that are looked at for one answer; with more of them, the one is taken for another."""


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


def within(old: Type, new: Type, names: Names) -> bool:
    """Whether every value of the old type is surely one of the new type."""
    return _Look(names).within(old, new, _DEEP)


class _Look:
    """One answer: all that it looks at is counted."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.left = _STEPS

    def within(self, old: Type | None, new: Type | None, deep: int) -> bool:
        if new is None or (new.kind == "any" and not new.rules):
            return True
        self.left -= 1
        if old is None or not deep or self.left <= 0:
            return False
        old, new = opened(old, self.names.old), opened(new, self.names.new)
        if old.nullable and not new.nullable and new.kind != "any":
            return False
        if any(facet.relation != "widened" for facet in rules(old.rules, new.rules)):
            return False
        if old.kind == "union":
            return all(self.within(member, new, deep - 1) for member in old.members)
        if new.kind == "union":
            return any(self.within(old, member, deep - 1) for member in new.members)
        if old.kind != new.kind:
            return {old.kind, new.kind} <= NUMERIC and old.kind == "integer" and _limits(old, new)
        if old.kind == "model":
            return self._model(self.names.old_models[old.model], self.names.new_models[new.model], deep - 1)
        if old.kind in ("array", "map") and not self.within(old.items, new.items, deep - 1):
            return False
        return _limits(old, new)

    def _model(self, old: Model, new: Model, deep: int) -> bool:
        mine, theirs = ({field.wire_name: field for field in model.fields} for model in (old, new))
        if any(field.required and not (name in mine and mine[name].required) for name, field in theirs.items()):
            return False
        if new.closed and (not old.closed or mine.keys() - theirs.keys()):
            return False
        if any(facet.relation != "widened" for facet in rules(old.rules, new.rules)):
            return False
        if not old.closed and not self.within(old.additional, new.additional, deep):
            return False
        return all(self.within(field.type, theirs[name].type, deep) for name, field in mine.items() if name in theirs)


def _limits(old: Type, new: Type) -> bool:
    return all(facet.relation == "widened" for facet in constraints(old, new))
