"""Unions of objects: finds the member that an object is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

Form = tuple[str, tuple[str, ...], Mapping[str, tuple[Any, ...]]]
"""A class, the fields that it must have, and those whose value tells it from others, with the values."""


class Choice:
    """A union of objects. An object that is none of its members is a plain `View`."""

    __slots__ = ("_by", "_default", "_forms", "_of", "free")

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
        """The discriminator property; a union without one goes by the forms of its members."""
        self._of = of or {}
        """Its value -> a class, or several that are told apart by what they are."""
        self._default = default
        """The class where the discriminator is missing or has an unknown value."""
        self.free = free
        """Whether an object with no known fields may stand there too, which stays as it is."""

    def name(self, data: Mapping[str, Any], types: Any) -> str:
        """The class of an object, by its name in the module; empty for one that is none of those known."""
        if self._by in data:
            return self._named(data, types)
        return self._default or self._formed(data, types, self._forms)

    def _named(self, data: Mapping[str, Any], types: Any) -> str:
        value = data[self._by]  # type: ignore[index]  # it is in the data
        if isinstance(value, (bool, int)):
            value = str(value).lower()
        meant = self._of.get(value, self._default) if isinstance(value, str) else self._default
        if isinstance(meant, str):
            return meant
        return self._formed(data, types, tuple(form for form in self._forms if form[0] in meant))

    def _formed(self, data: Mapping[str, Any], types: Any, forms: tuple[Form, ...]) -> str:
        """The class that fits the object; of several, the one that knows or requires more of its fields."""
        possible = [form for form in forms if _possible(form, data)]
        # Servers leave required fields out of an answer: constants alone then decide.
        possible = possible or [form for form in forms if form[2].keys() & data.keys() and _constants_fit(form, data)]
        if len(possible) > 1:
            knowing = [form for form in possible if data.keys() <= _fields(getattr(types, form[0]))]
            possible = knowing if len(knowing) == 1 else possible
        if len(possible) > 1:
            most, *others = sorted(possible, key=lambda form: -len(form[1]))
            return most[0] if set(most[1]) > {name for form in others for name in form[1]} else ""
        return possible[0][0] if possible else ""


def _possible(form: Form, data: Mapping[str, Any]) -> bool:
    return all(name in data for name in form[1]) and _constants_fit(form, data)


def _constants_fit(form: Form, data: Mapping[str, Any]) -> bool:
    return all(name not in data or data[name] in values for name, values in form[2].items())


@cache
def _fields(view: Any) -> frozenset[str]:
    """The fields that a class of views knows, by their names on the wire."""
    return frozenset(
        cls._wire.get(name, name)
        for cls in view.__mro__
        if hasattr(cls, "_wire")
        for name in cls.__annotations__
        if not name.startswith("_")
    )
