"""Swagger 2.0 read as OpenAPI 3.0: the tree is rewritten, and every part of it keeps its place in the 2.0 file.

Rewriting.document  a whole document
Rewriting.beside    a file that one refers to: a document, a file of definitions, or a single object
Rewriting.moved     where the target of a `$ref` is by now
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from ..errors import SpecError
from . import swagger_operations as operations
from . import swagger_values as values
from .parts import Part
from .source import Node, Source, escape, is_index, steps
from .swagger_operations import METHODS, Scope

VERSION = "3.0.4"
"""What the result is."""
_MOVED = {
    "definitions": "components/schemas",
    "parameters": "components/parameters",
    "responses": "components/responses",
    "securityDefinitions": "components/securitySchemes",
}
_SENT = "x-sent"
"""Where other files find the schema of a body, or of the field of a form, that they refer to."""
_DROPPED = ("swagger", "host", "basePath", "schemes", "consumes", "produces")
_LIBRARY = frozenset({"swagger", "paths", *_MOVED})
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
"""The OAuth 2 flows that 3.0 renamed."""
_FLOW = ("authorizationUrl", "tokenUrl", "refreshUrl", "scopes")
_WEB = ("https", "http")
_SCHEMA = frozenset({"$ref", "type", "properties", "allOf", "items", "enum", "additionalProperties", "format"})
_DEEPEST = 8
"""Objects inside each other by whose names a file of definitions is divided."""


def is_swagger(source: Source) -> bool:
    """Whether a file is a document of Swagger 2.0; the version may be a number."""
    value = source.value
    return isinstance(value, dict) and "openapi" not in value and str(value.get("swagger")) in ("2.0", "2")


@dataclass
class Rewriting:
    """One document of Swagger 2.0 and the files it refers to, as they are rewritten."""

    load: Callable[[Node, str], Source]
    """The file that a `$ref` names, as it is written."""
    _globals: Scope | None = None
    _moved: dict[Path, dict[str, str]] = field(default_factory=dict)
    _made: dict[Path, Source] = field(default_factory=dict)
    _written: dict[Path, Source] = field(default_factory=dict)
    """The files as they are written, by path: a parameter is looked up before it is rewritten."""

    def document(self, source: Source) -> Source:
        """A whole document."""
        root = Part.of(source)
        degraded: list[tuple[str, str]] = [*source.reading.degraded]
        whole = self._servers(root, root.get("schemes"), degraded)
        consumes = operations.media_types(root.get("consumes"), ())
        produces = operations.media_types(root.get("produces"), ())
        scope = self._scope(source, consumes, produces, root, degraded)
        self._globals = scope
        result = {"openapi": (root.get("swagger") or root).same(VERSION)}
        result |= self._library(root, scope)
        if whole is not None:
            result["servers"] = whole
        self._made[source.path] = _as(source, root.mapping(result), degraded)
        return self._made[source.path]

    def beside(self, source: Source) -> Source:
        """A file that the document refers to, read for what it looks like; once."""
        if source.path not in self._made:
            self._made[source.path] = self._rewritten(source)
        return self._made[source.path]

    def _rewritten(self, source: Source) -> Source:
        assert self._globals is not None, "the document is rewritten first"
        root = Part.of(source)
        degraded: list[tuple[str, str]] = [*source.reading.degraded]
        scope = replace(
            self._scope(source, self._globals.consumes, self._globals.produces, root, degraded),
            servers=self._globals.servers,
        )
        if isinstance(root.value, dict) and "type" not in root.value and _LIBRARY & root.value.keys():
            return _as(source, root.mapping(self._library(root, scope)), degraded)
        return _as(source, _guessed(root, scope, 0), degraded)

    def moved(self, source: Source, pointer: str) -> str:
        """The pointer in the rewritten file for one into the original file."""
        places = self._moved.get(source.path, {})
        path = pointer.split("/")
        for length in range(len(path), 0, -1):
            text = places.get("/".join(path[:length]))
            if text is not None:
                return "/".join([text, *path[length:]])
        return pointer

    def _scope(
        self, source: Source, consumes: tuple[str, ...], produces: tuple[str, ...], root: Part,
        degraded: list[tuple[str, str]],
    ) -> Scope:  # fmt: skip
        self._written[source.path] = source
        moved = self._moved.setdefault(source.path, {})
        return Scope(
            consumes=consumes,
            produces=produces,
            servers=lambda schemes: self._servers(root, schemes, degraded),
            followed=lambda part: self._followed(source, part),
            moved=moved,
            lose=lambda part, reason: degraded.append((part.pointer, reason)),
        )

    def _library(self, root: Part, scope: Scope) -> dict[str, Part]:
        """What a document, or a file of definitions, holds."""
        result: dict[str, Part] = {}
        components: dict[str, Part] = {}
        for key, each in root.items():
            if key in _DROPPED:
                continue
            if key == "paths" and isinstance(each.value, dict):
                items = {
                    path: one if path.startswith("x-") else operations.path_item(one, f"/paths/{escape(path)}", scope)
                    for path, one in each.items()
                }
                result[key] = each.mapping(items)
            elif key in _MOVED:
                kind = _MOVED[key].partition("/")[2]
                scope.moved[f"/{key}"] = f"/{_MOVED[key]}"
                components[kind] = _components(each, kind, scope)
                if kind == "parameters" and (sent := _sent(each)):
                    places = map(escape, sent)
                    scope.moved.update({f"/{key}/{name}": f"/components/{_SENT}/{name}" for name in places})
                    components[_SENT] = each.mapping(sent)
            else:
                result[key] = each
        if components:
            result["components"] = root.mapping(components)
        return result

    def _servers(self, root: Part, schemes: Part | None, degraded: list[tuple[str, str]]) -> Part | None:
        """The servers of a host with these schemes, https before http; None where there is no scheme of the web."""
        host, base = root.text("host"), root.text("basePath").rstrip("/")
        at = root.get("host") or root.get("basePath") or root
        path = f"/{base}" if base and not base.startswith("/") else base
        if not host:  # wherever the document is served
            return root.sequence([root.mapping({"url": at.same(path)})]) if path else None
        listed = operations.media_types(schemes, ())
        for each in schemes.elements() if schemes is not None else ():
            if each.value not in _WEB:
                degraded.append(
                    (each.pointer, f"the scheme {str(each.value)[:40]!r} is not supported: only http and https are")
                )
        used = [each for each in _WEB if each in listed]
        if listed and not used:
            return None
        urls = [root.mapping({"url": at.same(f"{each}://{host}{path}")}) for each in used or ["https"]]
        return root.sequence(urls)

    def _followed(self, source: Source, part: Part) -> tuple[Part, str]:
        """The original target of a part, and the `$ref` to it if it is in another file."""
        elsewhere = ""
        for _ in range(_DEEPEST * 8):
            ref = part.value.get("$ref") if isinstance(part.value, dict) else None
            if not isinstance(ref, str):
                return part, elsewhere
            file, _, fragment = ref.partition("#")
            if file:
                # Reported where the reference is followed.
                try:
                    source = self.load(Node(source, part.pointer, part.value), file)
                except SpecError:
                    return part.mapping({}), elsewhere
                source = self._written.get(source.path, source)
                elsewhere = ref if fragment else f"{ref}#"
            elif elsewhere:
                elsewhere = f"{elsewhere.partition('#')[0]}#{fragment}"
            result: Part | None = Part.of(source)
            for step in steps(unquote(fragment)):
                below = result.get(step) if result is not None else None
                if below is None and result is not None and isinstance(result.value, list):
                    below = [*result.elements()][int(step)] if is_index(step, len(result.value)) else None
                result = below
            if result is None:
                return part.mapping({}), elsewhere
            part = result
        return part.mapping({}), elsewhere


def _as(source: Source, root: Part, degraded: list[tuple[str, str]]) -> Source:
    """A rewritten file."""
    return replace(source, reading=root.reading(degraded), left_out={})


def _components(part: Part, kind: str, scope: Scope) -> Part:
    if not isinstance(part.value, dict):
        return part
    result: dict[str, Part] = {}
    for name, each in part.items():
        if kind == "schemas":
            result[name] = values.schema(each)
        elif kind == "parameters":
            if each.text("in") not in ("body", "formData"):
                result[name] = values.parameter(each, scope.lose)
        elif kind == "responses":
            result[name] = operations.response(each, f"/components/responses/{escape(name)}", scope)
        else:
            result[name] = _security(each)
    return part.mapping(result)


def _sent(part: Part) -> dict[str, Part]:
    """The bodies and the fields of forms among parameters, by name: 3.0 has no component for either."""
    result = {}
    for name, each in part.items():
        if each.text("in") == "body":
            result[name] = each.mapping({"schema": values.schema(each.get("schema") or each.mapping({}))})
        elif each.text("in") == "formData":
            result[name] = each.mapping({"schema": values.field(each)})
    return result


def _security(part: Part) -> Part:
    """A security scheme."""
    kind = part.text("type")
    if kind == "basic":
        result = {key: each for key, each in part.items() if key != "type"}
        at = part.get("type") or part
        return part.mapping({**result, "type": at.same("http"), "scheme": at.same("basic")})
    flow = part.get("flow")
    if kind != "oauth2" or flow is None or not isinstance(flow.value, str):
        return part
    result = {key: each for key, each in part.items() if key not in ("flow", *_FLOW)}
    inside = flow.mapping({key: each for key, each in part.items() if key in _FLOW})
    return part.mapping({**result, "flows": flow.mapping({_FLOWS.get(flow.value, flow.value): inside})})


def _guessed(part: Part, scope: Scope, depth: int) -> Part:
    """One object of a file, or several by name: 2.0 does not declare their kind."""
    if not isinstance(part.value, dict):
        return part
    keys = part.value.keys()
    if part.text("in") and part.text("name"):
        return values.parameter(part, scope.lose)
    if any(isinstance(part.value.get(method), dict) for method in METHODS) and "type" not in keys:
        return operations.path_item(part, part.pointer, scope)
    if _SCHEMA & keys and not isinstance(part.value.get("type"), dict):
        return values.schema(part)
    if isinstance(part.value.get("description"), str):
        return operations.response(part, part.pointer, scope)
    if depth >= _DEEPEST:
        return part
    return part.mapping({key: _guessed(each, scope, depth + 1) for key, each in part.items()})
