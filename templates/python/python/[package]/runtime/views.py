"""Typed views over decoded JSON: nothing is validated or copied on the way in, everything is typed on access.

A field that this version does not know is reached by `view["field"]`; `to_dict()` gives back exactly what came.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from copy import deepcopy
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast, overload

from .errors import Error

if TYPE_CHECKING:
    from typing import Self

    from .choices import Choice

T = TypeVar("T")
Read = Callable[[Any, Any], T]
"""What reads a value, with the client that it came from: a `Reader`. A class takes nothing but objects."""


class View:
    """An object of the API, with read-only fields."""

    __slots__ = ("_client", "_data")

    _wire: ClassVar[Mapping[str, str]] = {}
    """Attribute -> name on the wire, where they differ."""
    _views: ClassVar[Mapping[str, str]] = {}
    """Attribute -> what its value becomes: what a Reader reads by."""
    _identity: ClassVar[tuple[tuple[str, str], ...]] = ()
    """(field on the wire, the separator that follows it): the text that stands for it, where there is one."""
    _data: Mapping[str, Any]
    _client: Any
    """The client that returned it; None for one made by hand, unpickled or detached."""

    def __init__(self, data: Mapping[str, Any], client: Any = None) -> None:
        self._data = data
        self._client = client

    if not TYPE_CHECKING:
        # Hidden from type checkers, to which the annotations say more, and a misspelled attribute is an error.

        def __init_subclass__(cls) -> None:
            # A property is found at once; __getattr__ would be asked only after the search for one has failed.
            for name in cls.__annotations__:
                if not name.startswith("_"):
                    setattr(cls, name, _field(cls._wire.get(name, name), cls._views.get(name)))

        def __getattr__(self, name: str) -> Any:
            if name.startswith("_") or name not in self._data:
                raise AttributeError(f"{type(self).__name__} has no field {name!r}")
            return self._data[name]

    def to_dict(self) -> dict[str, Any]:
        """Exactly what the API answered."""
        return self._data if isinstance(self._data, dict) else dict(self._data)

    def _renew(self, data: Mapping[str, Any]) -> None:
        """Replaces the data by newer one."""
        self._data = data

    def _bound(self) -> Any:
        """The client that returned it. Raises Error where there is none."""
        if self._client is None:
            raise Error(f"this {type(self).__name__} belongs to no client: it was made by hand or came out of a pickle")
        return self._client

    def keys(self) -> KeysView[str]:
        """The fields that came, by their names on the wire; with it `dict(view)` and `{**view}` are what came."""
        return self._data.keys()

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
        shown = ", ".join(f"{name}={_short(value)}" for name, value in self._data.items())
        return f"{type(self).__name__}({shown})"

    def __reduce__(self) -> Any:
        # A client holds sockets and a token: neither belongs into a pickle.
        return type(self), (self._data,)

    def __copy__(self) -> Self:
        return type(self)(self._data, self._client)

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return type(self)(deepcopy(self._data, memo), self._client)


class Items(Sequence[T], Generic[T]):
    """A list whose elements become views on access."""

    __slots__ = ("_client", "_data", "_view")

    def __init__(self, view: type[T] | Read[T] | None, data: Sequence[Any], client: Any = None) -> None:
        self._view = view
        self._data = data
        self._client = client

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Items[T]: ...
    def __getitem__(self, index: int | slice) -> T | Items[T]:
        if isinstance(index, slice):
            return Items(self._view, self._data[index], self._client)
        return view_of(self._view, self._data[index], self._client)

    def __iter__(self) -> Iterator[T]:
        view, client = self._view, self._client
        if view is None:
            return iter(self._data)
        read = cast("Read[T]", view)
        if not isinstance(view, type):
            return (read(item, client) for item in self._data)
        # As view_of says, without a call for each of them.
        return (read(item, client) if type(item) is dict else item for item in self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Items):
            return bool(other._data == self._data)
        return NotImplemented if not isinstance(other, Sequence) else list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))

    def __reduce__(self) -> Any:
        return Items, (self._view, self._data)

    def to_list(self) -> Sequence[Any]:
        """Exactly what the API answered."""
        return self._data


def identity(view: View) -> str | None:
    """The text that identifies an object, such as its id; None where there is none."""
    values = [view._data.get(field) for field, _ in view._identity]
    if not values or not all(isinstance(value, str) for value in values):
        return None
    return "".join(f"{value}{separator}" for value, (_, separator) in zip(values, view._identity, strict=True))


_SHOWN = 80


def view_of(view: type[T] | Read[T] | None, value: Any, client: Any = None) -> T:
    """A value as a view; what is not an object stays as it is, since the server may know better than the
    description."""
    if view is None or not (isinstance(value, dict) or not isinstance(view, type)):
        return value  # type: ignore[no-any-return]
    return view(value, client)  # type: ignore[call-arg]


def at(value: Any, path: str) -> Any:
    """The value at a dotted path; None where there is none."""
    for step in path.split(".") if path else ():
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _field(wire: str, spec: str | None) -> property:
    """The attribute of a field; one that did not come is None."""
    if spec is None:
        return property(lambda view: view._data.get(wire))
    return property(lambda view: _wrap(spec, view._data.get(wire), view))


def _wrap(spec: str, value: Any, parent: View) -> Any:
    """A value as what `spec` names in the module of its parent."""
    scalar = SCALARS.get(spec)
    if scalar is not None:
        return scalar(value)
    if value is None:
        return None
    return reader(type(parent).__module__, spec)(value, parent._client)


class Reader:
    """Reads values by a spec: as a view class is called, so that one stands where the other does.

        Name                        an object as the class of this name in `types`, or as `_NAMED` says there
        [spec]                      a list of such
        {spec}                      an object whose values are such
        datetime, date, int, float  a text or a number
        spec|spec                   whichever of these the value is

    A value that is none of what its spec says stays what it is: the server may know better than we do.
    """

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
                name = self._choice.name(value, sys.modules[self._module])
                if name or not self._choice.free:
                    view = getattr(sys.modules[self._module], name) if name else View
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


def _read(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Text as what it stands for; whatever cannot be read stays as it came."""

    def read(value: Any) -> Any:
        try:
            return parse(value) if isinstance(value, str) else value
        except ValueError:
            return value

    return read


def _integer(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: Any) -> Any:
    try:
        return float(value) if type(value) is int else value
    except OverflowError:  # larger than any float
        return value


SCALARS: Mapping[str, Callable[[Any], Any]] = {
    "datetime": _read(datetime.fromisoformat),
    "date": _read(date.fromisoformat),
    "int": _integer,
    "float": _number,
}
"""What a text or a number is read as, by the name that a spec has for it."""


def _short(value: Any) -> str:
    try:
        text = repr(value)
    except RecursionError:
        return "…"
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
