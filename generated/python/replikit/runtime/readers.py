"""What decoded JSON becomes when it is looked at, as a spec says it.

    Name                        an object as the class of this name in `types`, or as `_NAMED` says there
    [spec]                      a list of such
    {spec}                      an object whose values are such
    datetime, date, int, float  a text or a number
    spec|spec                   whichever of these the value is

A value that is none of what its spec says stays what it is: the server may know better than we do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from .views import SCALARS, Items, View

Form = tuple[str, tuple[str, ...], Mapping[str, tuple[Any, ...]]]
"""A class, the fields that it must have, and those whose value tells it from others, with the values."""


class Choice:
    """A union of objects: what an object of it is. An object that is none of those known is a plain `View`."""

    __slots__ = ("_by", "_default", "_forms", "_free", "_of")

    def __init__(
        self,
        forms: tuple[Form, ...] = (),
        *,
        by: str | None = None,
        of: Mapping[str, str | tuple[str, ...]] | None = None,
        default: str = "",
        free: bool = False,
    ) -> None:
        self._forms = forms
        self._by = by
        """The discriminator: the property that tells; a union without one asks its forms."""
        self._of = of or {}
        """Its value -> a class, or several that are told apart by what they are."""
        self._default = default
        """The class where the discriminator is missing or tells nothing that is known."""
        self._free = free
        """Whether an object with no known fields may stand there too, which stays as it is."""

    def view(self, data: Mapping[str, Any], types: Any) -> type[View] | None:
        """The class of an object; None for one that stays as it is."""
        if self._by in data:
            name = self._named(data, types)
        else:
            name = self._default or self._formed(data, types, self._forms)
        found: type[View] | None = getattr(types, name) if name else None if self._free else View
        return found

    def _named(self, data: Mapping[str, Any], types: Any) -> str:
        value = data[self._by]  # type: ignore[index]  # it is in the data
        if isinstance(value, (bool, int)):
            value = str(value).lower()
        meant = self._of.get(value, self._default) if isinstance(value, str) else self._default
        if isinstance(meant, str):
            return meant
        return self._formed(data, types, tuple(form for form in self._forms if form[0] in meant))

    def _formed(self, data: Mapping[str, Any], types: Any, forms: tuple[Form, ...]) -> str:
        """The one form that the object has; where several are possible, the one that knows or demands more."""
        possible = [form for form in forms if _possible(form, data)]
        # A field that must be there may be left out of an answer: what a constant tells holds all the same.
        possible = possible or [form for form in forms if form[2].keys() & data.keys() and _told(form, data)]
        if len(possible) > 1:
            knowing = [form for form in possible if data.keys() <= _fields(getattr(types, form[0]))]
            possible = knowing if len(knowing) == 1 else possible
        if len(possible) > 1:
            most, *others = sorted(possible, key=lambda form: -len(form[1]))
            return most[0] if set(most[1]) > {name for form in others for name in form[1]} else ""
        return possible[0][0] if possible else ""


def _possible(form: Form, data: Mapping[str, Any]) -> bool:
    return all(name in data for name in form[1]) and _told(form, data)


def _told(form: Form, data: Mapping[str, Any]) -> bool:
    return all(name not in data or data[name] in values for name, values in form[2].items())


@cache
def _fields(view: type[View]) -> frozenset[str]:
    """The fields that a class knows, by their names on the wire."""
    return frozenset(
        cls._wire.get(name, name)
        for cls in view.__mro__
        if issubclass(cls, View)
        for name in cls.__annotations__
        if not name.startswith("_")
    )


class Reader:
    """Reads values by a spec: as a view class is called, so that one stands where the other does."""

    __slots__ = ("_choice", "_items", "_module", "_ready", "_scalar", "_spec", "_values", "_view")

    def __init__(self, module: str, spec: str) -> None:
        self._module = module
        self._spec = spec
        self._ready = False
        self._choice: Choice | None = None
        self._items: Reader | None = None
        self._scalar: Callable[[Any], Any] | None = None
        self._values: Reader | None = None
        self._view: type[View] | None = None

    def __call__(self, value: Any, client: Any = None) -> Any:
        if not self._ready:
            self._find()
        if isinstance(value, dict):
            if self._choice is not None:
                view = self._choice.view(value, sys.modules[self._module])
                if view is not None:
                    return view(value, client)
            if self._view is not None:
                return self._view(value, client)
            values = self._values
            return value if values is None else {name: values(item, client) for name, item in value.items()}
        if isinstance(value, list):
            return value if self._items is None else Items(self._items, value, client)
        return value if self._scalar is None else self._scalar(value)

    def __reduce__(self) -> Any:
        return reader, (self._module, self._spec)

    def _find(self) -> None:
        """Finds what the spec names: not before it is asked, for it may hold itself."""
        module = sys.modules[self._module]
        named: Mapping[str, Choice | str] = getattr(module, "_NAMED", {})
        todo = [self._spec]
        while todo:
            for part in _alternatives(todo.pop()):
                meant = named.get(part)
                if part[0] == "[":
                    self._items = reader(self._module, part[1:-1])
                elif part[0] == "{":
                    self._values = reader(self._module, part[1:-1])
                elif part in SCALARS:
                    self._scalar = SCALARS[part]
                elif isinstance(meant, str):
                    todo.append(meant)
                elif meant is not None:
                    self._choice = meant
                else:
                    self._view = getattr(module, part)
        self._ready = True


@cache
def reader(module: str, spec: str) -> Reader:
    """What reads by a spec of a module."""
    return Reader(module, spec)


def _alternatives(spec: str) -> Iterator[str]:
    """The alternatives of a spec; what stands in brackets keeps its own."""
    depth = start = 0
    for at, character in enumerate(spec):
        depth += (character in "[{") - (character in "]}")
        if character == "|" and depth == 0:
            yield spec[start:at]
            start = at + 1
    yield spec[start:]
