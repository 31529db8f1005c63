"""What `compare` finds: one difference, with the parts of both APIs that it concerns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...ir import Field, Function, Model, Param, Place
from .change import Action
from .constraints import Facet


@dataclass(frozen=True, kw_only=True, eq=False)
class Fact:
    """One difference between two APIs."""

    kind: str
    action: Action
    subject: str
    name: str = ""
    before: str = ""
    after: str = ""
    place: Place | None = None
    old: Function | None = None
    new: Function | None = None
    old_param: Param | None = None
    new_param: Param | None = None
    old_field: Field | None = None
    new_field: Field | None = None
    model: Model | None = None
    """The new model of a field; the old one of a field or model that was removed."""
    facet: Facet | None = None
    sent_by: tuple[Function, ...] = ()
    """Old functions that take the model."""
    given_by: tuple[Function, ...] = ()
    """Old functions that give the model."""
    failed_by: tuple[Function, ...] = ()
    """Old functions that give the model when they fail."""
    events: tuple[str, ...] = ()
    """The webhooks and callbacks that hold it, by name."""
    closed: bool = False
    """The old model has no other fields than those that it names."""

    @property
    def of_type(self) -> bool:
        """Whether it is of a type with a name, which functions or events reach."""
        return bool(
            self.sent_by or self.given_by or self.failed_by or (self.events and not self.kind.startswith("event"))
        )


def of_function(kind: str, action: Action, old: Function | None, new: Function | None, before: str, after: str) -> Fact:
    """A fact about a function as a whole."""
    function = new or old
    assert function is not None
    subject = label(old or function)
    return Fact(
        kind=kind, action=action, subject=subject, before=before, after=after, place=function.place, old=old, new=new
    )


def label(function: Function) -> str:
    """The name of a function in messages: `pets.list`."""
    verb = "_".join(function.verb)
    return f"{function.group}.{verb}" if function.group else verb


def joined(names: Iterable[str]) -> str:
    """Names in one order, for a report."""
    return ", ".join(sorted(names))
