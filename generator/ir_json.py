"""The IR as a JSON document, written and read back, and the JSON Schema of it: all by the dataclasses of `ir`.

    {"ir": 1, "api": {"name": …, "functions": […], …}}

A dataclass is an object with a member a field, a tuple an array, a mapping an object. A member is left out where the
field holds its default, which the schema says; a field without a default is always there. What the IR holds as `Json`
stands as it is. Nothing refers to anything: a type names a model by its key, so that recursion is no special case.
"""

from __future__ import annotations

import ast
import inspect
import json
import types
import typing
from collections.abc import Callable, Hashable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast

from . import ir, losses, places
from .ir import Api

VERSION = 1
"""Of the format: it grows where a document of today would be read as something else, or not at all."""

T = TypeVar("T")
Convert = Callable[[Any], Any]


class Unreadable(ValueError):
    """A text is not an IR: gives the place in it, and the reason."""


def dumps(api: Api, indent: int | None = None) -> str:
    """The document, in ASCII: the characters of any text, also of one that is no valid Unicode, come back."""
    document = {"ir": VERSION, "api": plain(api)}
    return json.dumps(document, indent=indent, separators=(",", ":" if indent is None else ": "), allow_nan=False)


def loads(text: str | bytes) -> Api:
    """The API of a document. Unreadable where it is none, of another version, or holds what this one does not know."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"is not JSON: {error}") from None
    if not isinstance(document, dict) or document.get("ir") != VERSION or document.keys() != {"ir", "api"}:
        raise Unreadable(f'is not {{"ir": {VERSION}, "api": …}}')
    api: Api = read(Api, document["api"])
    return api


def plain(value: Any) -> Any:
    """A part of the IR as JSON."""
    return _writer(cast("Hashable", type(value)))(value)


def read(cls: type[T], value: Any) -> T:
    """A part of the IR from its JSON. Unreadable, with a JSON pointer, where it is none."""
    try:
        return cast("T", _reader(cast("Hashable", cls))(value))
    except _Wrong as error:
        raise Unreadable(f"#/{'/'.join(map(_escaped, reversed(error.steps)))}: {error.what}") from None
    except RecursionError:
        raise Unreadable("is nested too deeply") from None


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the document."""
    definitions: dict[str, Any] = {}
    reference = _schema(Api, definitions)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"The IR of surfacegen, version {VERSION}",
        "description": inspect.getdoc(ir),
        "type": "object",
        "properties": {"ir": {"const": VERSION}, "api": reference},
        "required": ["ir", "api"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


class _Wrong(Exception):
    """A value that is none of its type; whoever holds it adds its step to the way."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what, self.steps = what, list[str]()


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _default(field: Field[Any]) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _optional(hint: Any) -> Any:
    """X of `X | None`; None for another type."""
    arguments = typing.get_args(hint)
    if typing.get_origin(hint) in (Union, types.UnionType) and len(arguments) == 2 and arguments[1] is type(None):
        return arguments[0]
    return None


# ── writing ─────────────────────────────────────────────────────────────────────────────────────────────


def _written(value: Any) -> Any:
    return value


@cache
def _writer(hint: Any) -> Convert:
    """How a value of this type is written."""
    if is_dataclass(hint):
        # What a class holds is looked at when one is written first: a type may hold itself.
        return _Object(cast("type", hint)).write
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if (inner := _optional(hint)) is not None:
        write = _writer(inner)
        return _written if write is _written else lambda value: None if value is None else write(value)
    if origin is tuple:
        items = [_writer(item) for item in arguments if item is not Ellipsis]
        if all(write is _written for write in items):
            return list
        if arguments[-1] is Ellipsis:
            (each,) = items
            return lambda value: [each(item) for item in value]
        return lambda value: [write(item) for write, item in zip(items, value, strict=True)]
    if isinstance(origin, type) and issubclass(origin, Mapping):
        write = _writer(arguments[1])
        return lambda value: {key: write(item) for key, item in value.items()}
    return _written


class _Object:
    """How the objects of one class are written."""

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._members: list[tuple[str, Any, Convert]] = []

    def write(self, value: Any) -> dict[str, Any]:
        if not self._members:
            hints = _hints(self._cls)
            self._members = [(each.name, _default(each), _writer(hints[each.name])) for each in fields(self._cls)]
        result = {}
        for name, default, write in self._members:
            content = getattr(value, name)
            if default is MISSING or content != default:
                result[name] = write(content)
        return result


# ── reading ─────────────────────────────────────────────────────────────────────────────────────────────

_SCALARS: Mapping[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a string"),
    bool: ((bool,), "a boolean"),
    int: ((int,), "an integer"),
    float: ((float, int), "a number"),
}


@cache
def _reader(hint: Any) -> Convert:
    """How a value of this type is read."""
    if hint is Any:
        return _written
    if is_dataclass(hint):
        return _Class(cast("type", hint)).read
    if hint in _SCALARS:
        return _scalar(*_SCALARS[hint])
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if (inner := _optional(hint)) is not None:
        known = _reader(inner)
        return lambda value: None if value is None else known(value)
    if origin is Literal:
        return _choice(arguments)
    if origin is tuple:
        each = [_reader(item) for item in arguments if item is not Ellipsis]
        return _items(each[0]) if arguments[-1:] == (Ellipsis,) else _row(each)
    assert isinstance(origin, type) and issubclass(origin, Mapping), hint
    return _members(_reader(arguments[1]))


def _scalar(allowed: tuple[type, ...], called: str) -> Convert:
    def convert(value: Any) -> Any:
        if type(value) not in allowed:
            raise _Wrong(f"is not {called}")
        return value

    return convert


def _choice(values: tuple[Any, ...]) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, str) or value not in values:
            raise _Wrong(f"is none of {', '.join(map(repr, values))}")
        return value

    return convert


def _within(step: str, convert: Convert, value: Any) -> Any:
    try:
        return convert(value)
    except _Wrong as error:
        error.steps.append(step)
        raise


def _items(each: Convert) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list):
            raise _Wrong("is not an array")
        return tuple([_within(str(index), each, item) for index, item in enumerate(value)])

    return convert


def _row(each: list[Convert]) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, list) or len(value) != len(each):
            raise _Wrong(f"is not an array of {len(each)}")
        return tuple([_within(str(index), *pair) for index, pair in enumerate(zip(each, value))])

    return convert


def _members(each: Convert) -> Convert:
    def convert(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _Wrong("is not an object")
        return {key: _within(key, each, item) for key, item in value.items()}

    return convert


class _Class:
    """How the objects of one class are read."""

    def __init__(self, cls: type) -> None:
        self._cls = cls
        self._fields: dict[str, Convert] = {}
        self._required: set[str] = set()

    def read(self, value: Any) -> Any:
        if not self._fields:
            hints = _hints(self._cls)
            self._required = {each.name for each in fields(self._cls) if _default(each) is MISSING}
            self._fields = {each.name: _reader(hints[each.name]) for each in fields(self._cls)}
        if not isinstance(value, dict):
            raise _Wrong("is not an object")
        if missing := sorted(self._required - value.keys()):
            raise _Wrong(f"{missing[0]!r} is missing")
        if unknown := sorted(value.keys() - self._fields.keys()):
            raise _Wrong(f"{unknown[0]!r} is not known")
        return self._cls(**{name: _within(name, self._fields[name], content) for name, content in value.items()})


# ── schema ──────────────────────────────────────────────────────────────────────────────────────────────


def _schema(hint: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    if hint is Any:
        return {}
    if is_dataclass(hint):
        cls = cast("type", hint)
        if cls.__name__ not in definitions:
            definitions[cls.__name__] = {}
            definitions[cls.__name__].update(_object(cls, definitions))
        return {"$ref": f"#/$defs/{cls.__name__}"}
    named = {str: "string", bool: "boolean", int: "integer", float: "number"}
    if hint in named:
        return {"type": named[hint]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if (inner := _optional(hint)) is not None:
        return {"anyOf": [_schema(inner, definitions), {"type": "null"}]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple and arguments[-1:] == (Ellipsis,):
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    if origin is tuple:
        rows = [_schema(item, definitions) for item in arguments]
        return {"type": "array", "prefixItems": rows, "minItems": len(rows), "maxItems": len(rows)}
    return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}


def _object(cls: type, definitions: dict[str, Any]) -> dict[str, Any]:
    hints, declared = _hints(cls), _docstrings(cls)
    properties = {}
    for each in fields(cls):
        result = _schema(hints[each.name], definitions)
        if each.name in declared:
            result["description"] = declared[each.name]
        if (default := _default(each)) is not MISSING:
            result["default"] = list(default) if isinstance(default, tuple) else default
        properties[each.name] = result
    return {
        "type": "object",
        "description": inspect.getdoc(cls),
        "properties": properties,
        "required": [each.name for each in fields(cls) if _default(each) is MISSING],
        "additionalProperties": False,
    }


@cache
def _texts() -> dict[str, dict[str, str]]:
    """class -> field -> what is written below it."""
    result: dict[str, dict[str, str]] = {}
    for node in (node for module in (ir, losses, places) for node in ast.parse(inspect.getsource(module)).body):
        if isinstance(node, ast.ClassDef):
            declared = result.setdefault(node.name, {})
            for former, following in zip(node.body, node.body[1:]):
                match former, following:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                        declared[name] = inspect.cleandoc(text)
    return result


def _docstrings(cls: type) -> dict[str, str]:
    return _texts().get(cls.__name__, {})
