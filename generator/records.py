"""Frozen dataclasses that are made fast: of a document of megabytes come hundreds of thousands.

A frozen dataclass sets each of its fields through `object.__setattr__`, which takes several times as long as an assignment
does. Here an object is of an open class with the same slots until its fields are set, and of the frozen one from then on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, field, fields
from functools import partial
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")
_become: Any = object.__dict__["__class__"].__set__
"""Sets the class of an object, whatever that class makes of assignments."""


@overload
def record(cls: type[T]) -> type[T]: ...
@overload
def record(*, kw_only: bool) -> Callable[[type[T]], type[T]]: ...
@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
def record(cls: Any = None, *, kw_only: bool = True) -> Any:
    """A class as `dataclass(frozen=True, slots=True, kw_only=kw_only)` makes it."""
    if cls is None:
        return partial(record, kw_only=kw_only)
    made: Any = dataclass(frozen=True, slots=True, kw_only=kw_only, init=False)(cls)
    made.__init__ = _init(made, "*, " if kw_only else "")
    return made


def _init(made: Any, by_name: str) -> Callable[..., None]:
    """by_name: what stands before the fields, where they are given by their names alone."""
    opened = type(made.__name__, (), {"__slots__": made.__slots__})
    known = {"_become": _become, "_frozen": made, "_open": opened, "_missing": MISSING}
    taken, lines = [], []
    for each in fields(made):
        name, given = each.name, each.name
        if each.default_factory is not MISSING:
            known[f"default_{name}"] = each.default_factory
            given = f"default_{name}() if {name} is _missing else {name}"
            taken.append(f"{name}=_missing")
        elif each.default is not MISSING:
            known[f"default_{name}"] = each.default
            taken.append(f"{name}=default_{name}")
        else:
            taken.append(name)
        lines.append(f"    self.{name} = {given}")
    body = "\n".join(["    _become(self, _open)", *lines, "    self.__class__ = _frozen"])
    exec(f"def __init__(self, {by_name}{', '.join(taken)}):\n{body}", known)  # noqa: S102 - of names of ours alone
    return known["__init__"]  # type: ignore[no-any-return]
