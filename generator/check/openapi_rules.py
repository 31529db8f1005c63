"""What OpenAPI asks of a document beside the schema of its version, as `openapi-spec-validator` 0.9 has it.

    document ── tags
             ├─ paths ── path ──┬─ parameters ── schema
             │                  └─ operation ──┬─ responses ── schema
             │                                 └─ parameters ── schema
             └─ components ── schema

The rules are those of its `keywords.py`, in its order: a schema is looked at where it is met first. What is written in
a shape that the schema of the version does not allow is passed over: that is told by the schema.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema_rs

from ..ir import Place
from .defaults import Defaults
from .referred import Files, Part, Unfollowed

_METHODS = frozenset(["get", "put", "post", "delete", "options", "head", "patch", "trace"])
_DIALECTS = {"3.1": "https://spec.openapis.org/oas/3.1/dialect/base", "3.2": "https://spec.openapis.org/oas/3.2/dialect/2025-09-17"}  # fmt: skip
"""The dialect of the schemas of a version, where the document names none."""
STOPPED = "stopped"
"""The kind of what could not be gone on from."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that the document does not keep: the kind of error, as the library calls it, where, and what it is."""

    kind: str
    place: Place
    what: str


def broken(files: Files, version: str) -> Iterator[Broken]:
    """The rules that a document does not keep, in the order in which they are met."""
    yield from _Rules(files, version).found()


class _Rules:
    """One document."""

    def __init__(self, files: Files, version: str) -> None:
        self._root, self._version = files.root, version
        self._defaults = Defaults(files, version)
        self._operations: set[str] = set()
        self._seen: set[int] = set()
        self._held: set[int] = set()
        self._dialect = ""
        if version in _DIALECTS:
            named = self._root.value.get("jsonSchemaDialect")
            self._dialect = named if isinstance(named, str) else _DIALECTS[version]

    def found(self) -> Iterator[Broken]:
        for part in (self._tags(), self._paths(), self._components()):
            try:
                yield from part
            except (ValueError, RecursionError) as error:  # a reference that cannot be followed, or followed too deep
                yield Broken(STOPPED, self._root.place(), str(error) or type(error).__name__)

    def _components(self) -> Iterator[Broken]:
        if "components" in self._root and "schemas" in (components := self._root / "components"):
            for schema in (components / "schemas").values():
                yield from self._schema(schema)

    # ── tags ──────────────────────────────────────────────────────────────────────────────────────────────

    def _tags(self) -> Iterator[Broken]:
        if "tags" not in self._root:
            return
        tags = self._root / "tags"
        parents: dict[str, Any] = {}
        for tag in tags.elements():
            name = tag.value.get("name") if isinstance(tag.value, dict) else None
            if not isinstance(name, str):
                continue
            if name in parents:
                yield Broken("OpenAPIValidationError", tags.place(), f"Duplicate tag name '{name}'")
            parents[name] = tag.value.get("parent")
        if self._version == "3.2":
            yield from self._parents(tags.place(), parents)

    def _parents(self, place: Place, parents: dict[str, Any]) -> Iterator[Broken]:
        for name, parent in parents.items():
            if isinstance(parent, str) and parent not in parents:
                what = f"Tag '{name}' references unknown parent tag '{parent}'"
                yield Broken("OpenAPIValidationError", place, what)
        told: set[str] = set()
        for start in parents:
            trail: dict[str, int] = {}
            at: Any = start
            while isinstance(at, str) and at in parents and at not in trail:
                trail[at] = len(trail)
                at = parents[at]
            if isinstance(at, str) and at in trail:
                cycle = " -> ".join([*[*trail][trail[at] :], at])
                if cycle not in told:
                    told.add(cycle)
                    yield Broken("OpenAPIValidationError", place, f"Circular tag hierarchy detected: {cycle}")

    # ── paths ─────────────────────────────────────────────────────────────────────────────────────────────

    def _paths(self) -> Iterator[Broken]:
        if "paths" in self._root:
            for url, item in (self._root / "paths").items():
                yield from self._path(url, item)

    def _path(self, url: str, item: Part) -> Iterator[Broken]:
        shared: Part | None = None
        if "parameters" in item:
            shared = item / "parameters"
            yield from self._parameters(shared)
        for name, operation in item.items():
            if name in _METHODS or (name == "query" and self._version == "3.2"):
                yield from self._operation(url, name, operation, shared)
            elif name == "additionalOperations" and self._version == "3.2":
                for method, more in operation.items():
                    yield from self._operation(url, method, more, shared)

    def _operation(self, url: str, name: str, operation: Part, shared: Part | None) -> Iterator[Broken]:
        if isinstance(operation.value, dict) and isinstance(named := operation.value.get("operationId"), str):
            if named in self._operations:
                what = f"Operation ID '{named}' for '{name}' in '{url}' is not unique"
                yield Broken("DuplicateOperationIDError", operation.place(), what)
            self._operations.add(named)
        if "responses" in operation:
            for response in (operation / "responses").values():
                yield from self._response(response)
        names: set[str] = set()
        if "parameters" in operation:
            parameters = operation / "parameters"
            yield from self._parameters(parameters)
            names |= _in_path(parameters)
        if shared is not None:
            names |= _in_path(shared)
        try:
            in_url = {field for _, field, _, _ in string.Formatter().parse(url) if field}
        except ValueError as error:
            yield Broken(STOPPED, operation.place(), f"the path {url[:80]!r} cannot be read: {error}")
            return
        for each in [*sorted(in_url - names), *sorted(names - in_url)]:
            what = f"Path parameter '{each}' for '{name}' operation in '{url}' was not resolved"
            yield Broken("UnresolvableParameterError", operation.place(), what)

    def _response(self, response: Part) -> Iterator[Broken]:
        if self._version == "2.0":
            if "schema" in response:
                yield from self._schema(response / "schema")
        elif "content" in response:
            for media in (response / "content").values():
                if "schema" in media:
                    yield from self._schema(media / "schema")

    def _parameters(self, parameters: Part) -> Iterator[Broken]:
        seen: set[tuple[str, str]] = set()
        for parameter in parameters.elements():
            if "schema" in parameter:
                yield from self._schema(parameter / "schema")
            if self._version == "2.0" and "default" in parameter:
                yield from self._default(parameter)
            if isinstance(parameter.value, dict):
                name, place = parameter.value.get("name"), parameter.value.get("in")
                if isinstance(name, str) and isinstance(place, str):
                    if (name, place) in seen:
                        yield Broken("ParameterDuplicateError", parameters.place(), f"Duplicate parameter '{name}'")
                    seen.add((name, place))

    # ── schemas ───────────────────────────────────────────────────────────────────────────────────────────

    def _schema(self, schema: Part, outer: bool = True) -> Iterator[Broken]:
        """outer: whether it is part of no other schema."""
        value = schema.value
        if not isinstance(value, (dict, bool)):
            what = f"{value!r} is not of type 'object', 'boolean'"
            yield Broken("OpenAPIValidationError", schema.place(), what)
            return
        if outer and self._dialect and id(value) not in self._held:
            self._held.add(id(value))
            if (wrong := self._of_dialect(value)) is not None:
                what, way = wrong
                yield Broken("OpenAPIValidationError", schema.place(way), what)
                return
        if id(value) in self._seen or value is True or value is False:
            return
        self._seen.add(id(value))
        nested: set[str] = set()
        for key in ("allOf", "anyOf", "oneOf"):
            if key in value:
                for inner in (schema / key).elements():
                    yield from self._schema(inner, False)
                    if key == "allOf":
                        nested |= _properties(inner)
        for key in ("not", "items"):
            if key in value:
                yield from self._schema(schema / key, False)
        if "properties" in value:
            for inner in (schema / "properties").values():
                yield from self._schema(inner, False)
        if outer and "allOf" in value and isinstance(required := value.get("required"), list):
            own = value.get("properties")
            there = nested.union(own) if isinstance(own, dict) else nested
            missing = [each for each in dict.fromkeys(required) if each not in there] if _names(required) else []
            if missing:
                what = f"Required list has not defined properties: {missing}"
                yield Broken("ExtraParametersError", schema.place(), what)
        if "default" in value and (value["default"] is not None or value.get("nullable") is not True):
            yield from self._default(schema)

    def _default(self, schema: Part) -> Iterator[Broken]:
        try:
            for kind, what, way in self._defaults.wrong(schema, schema.value["default"]):
                yield Broken(kind, schema.place(["default", *way]), what)
        except Unfollowed as error:
            yield Broken(STOPPED, schema.place(), str(error))

    def _of_dialect(self, value: Any) -> tuple[str, list[Any]] | None:
        """What is wrong with a schema by the schema of its dialect, and the way to it. 2.0 and 3.0 have the keywords of
        schemas in the schema of the whole document.
        """
        named = value.get("$schema", self._dialect) if isinstance(value, dict) else self._dialect
        if named != _DIALECTS[self._version]:
            return _of_other_dialect(value, named)
        try:
            jsonschema_rs.meta.validate(value)
        except jsonschema_rs.ValidationError as error:
            return error.message, list(error.instance_path)
        except ValueError as error:
            return str(error), []
        return None


def _of_other_dialect(value: Any, named: Any) -> tuple[str, list[Any]] | None:
    import openapi_schema_validator as library  # it makes its dialects known to the other
    from jsonschema.exceptions import SchemaError, ValidationError  # type: ignore[import-untyped]
    from jsonschema.validators import validator_for  # type: ignore[import-untyped]

    known = validator_for({"$schema": named}, default=None) if isinstance(named, str) else None
    if known is None:
        return f"Unknown JSON Schema dialect: {named!r}", []
    try:
        known.check_schema(value, format_checker=library.oas31_format_checker)
    except (SchemaError, ValidationError) as error:
        return error.message, list(error.path)
    return None


def _in_path(parameters: Part) -> set[str]:
    """The names of those that stand in the path."""
    values = [each.value for each in parameters.elements() if isinstance(each.value, dict)]
    return {each["name"] for each in values if each.get("in") == "path" and isinstance(each.get("name"), str)}


def _names(required: list[Any]) -> bool:
    return all(isinstance(each, str) for each in required)


def _properties(schema: Part) -> set[str]:
    """The names of all properties that a schema reaches, each schema asked once: they refer to each other freely."""
    found: set[str] = set()
    seen: set[int] = set()
    todo = [schema]
    while todo:
        each = todo.pop()
        if id(each.value) in seen or not isinstance(each.value, dict):
            continue
        seen.add(id(each.value))
        if "properties" in each:
            found.update(name for name, _ in (each / "properties").items())
        for key in ("allOf", "anyOf", "oneOf"):
            todo += (each / key).elements() if key in each else ()
        todo += [each / key for key in ("items", "not") if key in each]
    return found
