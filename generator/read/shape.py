"""The kind of every field of a document, by the tables of the OpenAPI specifications 3.0.4, 3.1.1 and 3.2.0.

The whole document is gone through once, before anything is read from it, and every true reference in it is followed. A
field of another kind is a mistake if an operation, its arguments, its answers or its credentials would be lost with
it, and is otherwise left out, with an entry in the ledger: whatever is read afterwards is of the kind it should be.

A kind is `string`, `boolean`, `number`, `count`, `any`, the name of an object below, `[]KIND`, `map KIND`, or
`patterned KIND`: a map in which keys that begin with `x-` are extensions. `!` marks what is a mistake, `|` separates
kinds of which one will do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from ..errors import Finding, SpecError
from .source import Node, escape

_TEXTS = dict.fromkeys(["title", "summary", "description", "$ref", "operationId"], "string")
_METHODS = dict.fromkeys(["get", "query", "post", "put", "patch", "delete", "head", "options", "trace"], "!operation")
_SERVERS = {"servers": "![]server", "externalDocs": "external docs"}
_SHOWN = {"example": "any", "examples": "map example|[]any"}
_VALUE = {
    **_TEXTS, **_SHOWN, "required": "boolean", "deprecated": "boolean", "allowEmptyValue": "boolean",
    "style": "string", "explode": "boolean", "allowReserved": "boolean", "schema": "schema", "content": "!map media type",
}  # fmt: skip
"""What parameters and headers share."""

OBJECTS: Mapping[str, Mapping[str, str]] = {
    "document": {
        "openapi": "string", "$self": "string", "jsonSchemaDialect": "string", "info": "!info", **_SERVERS,
        "paths": "!patterned path item", "webhooks": "!map path item", "components": "!components",
        "security": "![]map []string", "tags": "[]tag",
    },
    "info": {**_TEXTS, "termsOfService": "string", "version": "string", "contact": "contact", "license": "license"},
    "contact": {"name": "string", "url": "string", "email": "string"},
    "license": {"name": "string", "url": "string", "identifier": "string"},
    "external docs": {**_TEXTS, "url": "string"},
    "tag": {**_TEXTS, "name": "string", "parent": "string", "kind": "string", "externalDocs": "external docs"},
    "server": {**_TEXTS, "url": "string", "name": "string", "variables": "!map server variable"},
    "server variable": {**_TEXTS, "default": "string", "enum": "[]string"},
    "components": {
        "schemas": "!map schema", "responses": "!map response", "parameters": "!map parameter",
        "examples": "map example", "requestBodies": "!map request body", "headers": "!map header",
        "securitySchemes": "!map security scheme", "links": "map link", "callbacks": "!map callback",
        "pathItems": "!map path item", "mediaTypes": "!map media type",
    },
    "path item": {
        **_TEXTS, **_SERVERS, **_METHODS, "parameters": "![]parameter", "additionalOperations": "!map operation",
    },
    "operation": {
        **_TEXTS, **_SERVERS, "tags": "[]string", "parameters": "![]parameter", "requestBody": "!request body",
        "responses": "!patterned response", "callbacks": "!map callback", "deprecated": "boolean",
        "security": "![]map []string",
    },
    "parameter": {**_VALUE, "name": "string", "in": "string"},
    "header": _VALUE,
    "request body": {**_TEXTS, "content": "!map media type", "required": "boolean"},
    "media type": {
        **_TEXTS, **_SHOWN, "schema": "schema", "itemSchema": "schema", "encoding": "!map encoding",
        "prefixEncoding": "![]encoding", "itemEncoding": "!encoding",
    },
    "encoding": {
        "contentType": "string", "headers": "!map header", "style": "string", "explode": "boolean",
        "allowReserved": "boolean",
    },
    "response": {**_TEXTS, "headers": "!map header", "content": "!map media type", "links": "map link"},
    "callback": {},
    "example": {**_TEXTS, "externalValue": "string", "serializedValue": "string"},
    "link": {**_TEXTS, "operationRef": "string", "parameters": "map any", "server": "server"},
    "security scheme": {
        **_TEXTS, "type": "string", "name": "string", "in": "string", "scheme": "string", "bearerFormat": "string",
        "flows": "!oauth flows", "openIdConnectUrl": "string", "oauth2MetadataUrl": "string", "deprecated": "boolean",
    },
    "oauth flows": dict.fromkeys(
        ["implicit", "password", "clientCredentials", "authorizationCode", "deviceAuthorization"], "!oauth flow"
    ),
    "oauth flow": {
        "authorizationUrl": "string", "deviceAuthorizationUrl": "string", "tokenUrl": "string",
        "refreshUrl": "string", "scopes": "map string",
    },
    "schema": {
        **_TEXTS, **dict.fromkeys(["$id", "$schema", "$anchor", "$dynamicRef", "$dynamicAnchor", "$comment"], "string"),
        **dict.fromkeys(["format", "pattern", "contentMediaType", "contentEncoding"], "string"),
        **dict.fromkeys(["readOnly", "writeOnly", "deprecated", "nullable", "uniqueItems"], "boolean"),
        **dict.fromkeys(["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"], "count"),
        **dict.fromkeys(["minContains", "maxContains"], "count"),
        **dict.fromkeys(["multipleOf", "minimum", "maximum"], "number"),
        **dict.fromkeys(["exclusiveMinimum", "exclusiveMaximum"], "boolean|number"),
        **dict.fromkeys(["items", "additionalProperties", "not", "if", "then", "else", "contains"], "schema"),
        **dict.fromkeys(["propertyNames", "unevaluatedItems", "unevaluatedProperties", "contentSchema"], "schema"),
        **dict.fromkeys(["allOf", "oneOf", "anyOf", "prefixItems"], "[]schema"),
        **dict.fromkeys(["properties", "patternProperties", "dependentSchemas", "$defs", "definitions"], "map schema"),
        "type": "string|[]string", "required": "[]string", "dependentRequired": "map []string", "enum": "[]any",
        "examples": "[]any|map any", "discriminator": "discriminator", "xml": "map any",
        "externalDocs": "external docs",
    },
    "discriminator": {"propertyName": "string", "mapping": "map string", "defaultMapping": "string"},
}  # fmt: skip
_REFERABLE = {
    "path item", "parameter", "header", "request body", "response", "example", "link", "security scheme", "callback",
    "schema", "media type", "operation",
}  # fmt: skip
"""The objects that may be a `$ref`. An operation may not, and is one all the same in documents that are in use."""
_SCALARS: Mapping[str, Any] = {
    "string": str,
    "boolean": bool,
    "number": (int, float),
    "count": (int, float),
}


class _Check:
    def __init__(self, target: Callable[[Node], Node]) -> None:
        self.target = target
        self.findings: list[Finding] = []
        self.degraded: list[tuple[Node, str]] = []
        self.pending: list[tuple[Node, str, bool]] = []
        """Objects and lists of the right kind, whose insides are still to be looked at."""
        self.references: list[tuple[Node, str]] = []
        self.seen: set[tuple[str, str, str]] = set()

    def run(self) -> None:
        # References last: what they lead to in this file has been looked at, and put right, by then.
        while self.pending or self.references:
            if self.pending:
                self._inside(*self.pending.pop())
            else:
                self._reference(*self.references.pop())

    def _inside(self, node: Node, kind: str, strict: bool) -> None:
        here = (node.source.file, node.pointer, kind)
        if here in self.seen:
            return
        self.seen.add(here)
        if kind.startswith("[]"):
            for index in range(len(node.value)):
                self._part(node, index, kind[2:], strict)
        elif kind.startswith(("map ", "patterned ")):
            form, _, inner = kind.partition(" ")
            for key in list(node.value):
                if not (form == "patterned" and key.startswith("x-")):
                    self._part(node, key, inner, strict)
        else:
            if kind in _REFERABLE and isinstance(node.value.get("$ref"), str):
                self.references.append((node, kind))
            elif kind == "callback":
                self._inside(node, "patterned path item", True)
            for key in OBJECTS[kind].keys() & node.value.keys():
                self._field(node, key, OBJECTS[kind][key])

    def _reference(self, node: Node, kind: str) -> None:
        try:
            result = self.target(node)
        except SpecError:
            return  # reported where its target is needed
        if _is(result.value, kind):
            if isinstance(result.value, dict):
                self.pending.append((result, kind, True))
        else:
            what = f"$ref {node.value['$ref']!r} refers to {_shown(result.value)}, not to {_wanted(kind)}"
            self._mistake(Node(node.source, f"{node.pointer}/$ref", None), what, kind)

    def _field(self, owner: Node, key: str, kind: str) -> None:
        strict, kind = kind.startswith("!"), kind.removeprefix("!")
        if owner.value[key] is None and kind != "operation":
            if kind != "any":
                self._lose(owner, key, f"`{key}` is null, and is ignored")
                del owner.value[key]
            return
        self._part(owner, key, kind, strict, field=True)

    def _part(self, owner: Node, step: str | int, kind: str, strict: bool, *, field: bool = False) -> None:
        """One field, member or element; it stays, is put right, is left out, or is a mistake."""
        value = owner.value[step]
        matching = _matching(value, kind)
        if matching is not None:
            if matching == "count":
                owner.value[step] = int(value)
            elif matching.startswith("[]") and matching[2:] in _SCALARS:
                self._elements(owner, step, matching[2:])
            elif matching != "any" and isinstance(value, (dict, list)):
                self.pending.append((Node(owner.source, _below(owner, step), value), matching, strict))
            return
        what = f"`{step}` is {_shown(value)}, not {_wanted(kind)}"
        if not field and (value is None or kind == "schema") and not _scalar(kind) and not kind.startswith("[]"):
            self._lose(owner, step, f"{what}, and is read as empty")
            owner.value[step] = {}
        elif strict and not _scalar(kind):
            self._mistake(Node(owner.source, _below(owner, step), None), what, kind)
        elif isinstance(owner.value, dict):
            self._lose(owner, step, f"{what}, and is ignored")
            owner.source.left_out[_below(owner, step)] = owner.value.pop(step)
        else:
            self._lose(owner, step, f"{what}, and is read as empty")
            owner.value[step] = [] if kind.startswith("[]") else {}

    def _elements(self, owner: Node, step: str | int, kind: str) -> None:
        """Leaves out the elements of a list that are of another kind."""
        kept = [each for each in owner.value[step] if _is(each, kind)]
        for each in owner.value[step] if len(kept) < len(owner.value[step]) else ():
            if not _is(each, kind):
                self._lose(owner, step, f"`{step}` holds {_shown(each)}, which is not {_wanted(kind)}, and is ignored")
        owner.value[step] = kept

    def _lose(self, owner: Node, step: str | int, reason: str) -> None:
        self.degraded.append((Node(owner.source, _below(owner, step), None), reason))

    def _mistake(self, node: Node, what: str, kind: str) -> None:
        plain = kind.split("|")[0]
        hint = "use a list" if plain.startswith("[]") else "use an object, `key: value`"
        self.findings.extend(node.error(what, hint).findings)


def check(root: Node, target: Callable[[Node], Node]) -> list[tuple[Node, str]]:
    """Goes through a document and all it refers to. Gives what was left out or put right, with the reason.

    target: one step of a `$ref`. SpecError with every mistake.
    """
    result = _Check(target)
    result.pending.append((root, "document", True))
    result.run()
    if result.findings:
        raise SpecError.of(result.findings)
    return result.degraded


@lru_cache(maxsize=256)
def _alternatives(kind: str) -> tuple[str, ...]:
    return tuple(kind.split("|"))


def _matching(value: Any, kind: str) -> str | None:
    """The first of the alternatives of a kind that a value is of."""
    for each in _alternatives(kind):
        if _is(value, each):
            return each
    return None


def _is(value: Any, kind: str) -> bool:
    if kind == "any":
        return True
    if kind in _SCALARS:
        if isinstance(value, bool):
            return kind == "boolean"
        if not isinstance(value, _SCALARS[kind]):
            return False
        return kind != "count" or (value >= 0 and value == int(value))
    if kind.startswith("[]"):
        return isinstance(value, list)
    return isinstance(value, dict) or (kind == "schema" and isinstance(value, bool))


def _scalar(kind: str) -> bool:
    return all(each in _SCALARS or each.removeprefix("[]") in _SCALARS or each == "[]any" for each in kind.split("|"))


def _below(owner: Node, step: str | int) -> str:
    return f"{owner.pointer}/{escape(str(step))}"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, (dict, list)):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, str):
        return f"the text {(value if len(value) < 40 else value[:40] + '…')!r}"
    written = repr(value)
    return f"the number {written if len(written) < 40 else written[:40] + '…'}"


def _wanted(kind: str) -> str:
    return " or ".join(_article(each) for each in kind.split("|"))


def _article(kind: str) -> str:
    if kind.startswith("[]"):
        return (
            "a list"
            if kind == "[]any"
            else f"a list of {kind[2:].split(' ')[0]}s" if kind[2:] in _SCALARS else "a list"
        )
    if kind.startswith(("map ", "patterned ")):
        return "an object"
    if kind == "count":
        return "a non-negative integer"
    if kind in _SCALARS:
        return f"a {kind}"
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind} object" if kind != "schema" else "a schema"
