"""Typed views over decoded JSON: nothing is checked or copied on the way in, every field is typed on access.

A field that this version does not know is reached by `view["field"]`; `to_dict()` gives back exactly what came.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, overload

T = TypeVar("T")


class View:
    """An object of the API."""

    _wire: ClassVar[Mapping[str, str]] = {}
    """Attribute -> name on the wire, where they differ."""
    _views: ClassVar[Mapping[str, str]] = {}
    """Attribute -> class of its value (`Name`, `[Name]` for an array, `{Name}` for a map)."""
    _data: Mapping[str, Any]

    def __init__(self, data: Mapping[str, Any]) -> None:
        object.__setattr__(self, "_data", data)

    if not TYPE_CHECKING:
        # Hidden from type checkers, so that a misspelled attribute is an error to them.

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_"):
                raise AttributeError(name)
            value = self._data.get(self._wire.get(name, name), _MISSING)
            if value is _MISSING:
                if name in _annotated(type(self)):
                    return None
                raise AttributeError(f"{type(self).__name__} has no field {name!r}")
            spec = self._views.get(name)
            return value if spec is None else wrap(spec, value, type(self).__module__)

        def __setattr__(self, name: str, value: Any) -> None:
            raise AttributeError(f"{type(self).__name__} is a view of what the API answered and cannot be changed")

    def to_dict(self) -> dict[str, Any]:
        """Exactly what the API answered."""
        return self._data if isinstance(self._data, dict) else dict(self._data)

    def __getitem__(self, name: str) -> Any:
        return self._data[name]

    def __contains__(self, name: object) -> bool:
        return name in self._data

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other._data == self._data if isinstance(other, View) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._data!r})"


class Items(Sequence[T], Generic[T]):
    """A list whose elements become views when they are looked at."""

    __slots__ = ("_data", "_view")

    def __init__(self, view: type[T] | None, data: Sequence[Any]) -> None:
        self._view = view
        self._data = data

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Items[T]: ...
    def __getitem__(self, index: int | slice) -> T | Items[T]:
        if isinstance(index, slice):
            return Items(self._view, self._data[index])
        return view_of(self._view, self._data[index])

    def __iter__(self) -> Iterator[T]:
        view = self._view
        return (view_of(view, item) for item in self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Items):
            return bool(other._data == self._data)
        return NotImplemented if not isinstance(other, Sequence) else list(self) == list(other)

    def __repr__(self) -> str:
        return repr(list(self))

    def to_list(self) -> Sequence[Any]:
        """Exactly what the API answered."""
        return self._data


_MISSING: Any = object()


def view_of(view: type[T] | None, value: Any) -> T:
    """A value as a view; what is not an object stays what it is, since the server may know better than we do."""
    if view is None or not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    return view(value)  # type: ignore[call-arg]


def wrap(spec: str, value: Any, module: str) -> Any:
    """A value as the view that `spec` names in that module."""
    if value is None:
        return None
    view = getattr(sys.modules[module], spec.strip("[]{}"))
    if spec[0] == "[":
        return Items(view, value) if isinstance(value, list) else value
    if spec[0] == "{":
        return {k: view_of(view, v) for k, v in value.items()} if isinstance(value, dict) else value
    return view_of(view, value)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path; None where there is nothing."""
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _annotated(view: type) -> set[str]:
    # Only on the way to an absent field, so that importing the package does not import inspect.
    from inspect import get_annotations

    return {name for base in view.__mro__ for name in get_annotations(base)}
