"""Whether a default is a value of its schema, as `openapi-schema-validator` has it.

Most defaults are seen to be one at a glance; only for the others is the library asked, which takes longer to import
than a small document takes to be rendered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..read import patterns
from .referred import Files, Part, Unfollowed

Wrong = tuple[str, str, list[Any]]
"""What is wrong with a value: the kind of error, the message, and the way to it inside of the value."""

_SAY_NOTHING = frozenset(
    ["title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly", "nullable"]
    + ["xml", "externalDocs", "$comment"]
)
"""Keywords that no value is held against."""
_OF_PARAMETERS = frozenset(["name", "in", "required", "allowEmptyValue", "collectionFormat"])
"""Of OpenAPI 2.0, in which a parameter is its own schema; `required` says something of objects alone."""
_BITS = {"int32": 31, "int64": 63}
_FREE = frozenset(["float", "double", "password"])
"""Formats that every value of their type has."""


class Defaults:
    """Holds values against the schemas of one document."""

    def __init__(self, files: Files, version: str) -> None:
        self._files, self._version = files, version
        self._registry: Any = None
        self._validator: Any = None
        self._checker: Any = None

    def wrong(self, schema: Part, value: Any) -> Iterator[Wrong]:
        """What is wrong with a value of a schema."""
        if plainly(schema.value, value):
            return
        validator, checker, registry = self._library()
        resolver = registry.resolver(base_uri=self._files.uri_of(schema.source))
        try:
            for error in validator(schema.value, _resolver=resolver, format_checker=checker).iter_errors(value):
                yield type(error).__name__, error.message, list(error.path)
        # Whatever a schema that keeps to no dialect makes it raise: that is told beside what the schema says.
        except Exception as error:  # noqa: BLE001
            raise Unfollowed(f"{type(error).__name__}: {error}") from None

    def _library(self) -> tuple[Any, Any, Any]:
        if self._validator is None:
            import openapi_schema_validator as library
            from jsonschema.validators import extend  # type: ignore[import-untyped]
            from referencing import Registry
            from referencing.jsonschema import DRAFT202012

            name = {"3.1": "31", "3.2": "32"}.get(self._version, "30")
            self._validator = extend(getattr(library, f"OAS{name}Validator"), {"pattern": _pattern})
            self._checker = getattr(library, f"oas{name}_format_checker")

            make: Any = Registry
            self._registry = make(retrieve=lambda uri: DRAFT202012.create_resource(self._files.source(uri).value))
        return self._validator, self._checker, self._registry


def plainly(schema: Any, value: Any) -> bool:
    """Whether a value is seen to be one of a schema at a glance; False says nothing."""
    if schema is True:
        return True
    if not isinstance(schema, dict):
        return False
    for key, said in schema.items():
        if key in _SAY_NOTHING or key.startswith("x-") or (key in _OF_PARAMETERS and not isinstance(value, dict)):
            continue
        test = _TESTS.get(key)
        if test is None or not test(said, value):
            return False
    return True


def _has_type(said: Any, value: Any) -> bool:
    kind = type(value)
    if said == "number":
        return kind is int or kind is float
    known: dict[str, type] = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
    return isinstance(said, str) and known.get(said) is kind


def _has_format(said: Any, value: Any) -> bool:
    if said in _BITS and type(value) is int:
        return -(1 << _BITS[said]) <= value < 1 << _BITS[said]
    return isinstance(said, str) and said in _FREE and type(value) in (int, float, str)


def _is_listed(said: Any, value: Any) -> bool:
    kind = type(value)
    return isinstance(said, list) and kind in (str, int, bool) and any(type(x) is kind and x == value for x in said)


def _matches(said: Any, value: Any) -> bool:
    return isinstance(said, str) and (not isinstance(value, str) or patterns.matches(said, value) is not False)


def _number(value: Any) -> bool:
    return type(value) is int or type(value) is float


_TESTS: dict[str, Callable[[Any, Any], bool]] = {
    "type": _has_type,
    "format": _has_format,
    "enum": _is_listed,
    "pattern": _matches,
    "minimum": lambda said, value: _number(said) and _number(value) and value >= said,
    "maximum": lambda said, value: _number(said) and _number(value) and value <= said,
    "minLength": lambda said, value: type(said) is int and isinstance(value, str) and len(value) >= said,
    "maxLength": lambda said, value: type(said) is int and isinstance(value, str) and len(value) <= said,
    "items": lambda said, value: isinstance(value, list) and all(plainly(said, each) for each in value),
}
"""Each keyword that is understood: whether a value surely keeps to it."""


def _pattern(validator: Any, pattern: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """By the matcher that the clients use, which never backtracks."""
    from jsonschema.exceptions import ValidationError  # type: ignore[import-untyped]

    if isinstance(instance, str) and isinstance(pattern, str) and patterns.matches(pattern, instance) is False:
        yield ValidationError(f"{instance!r} does not match {pattern!r}")
