"""Documents of any size, in the manner of large ones that are public: what grows with them is what is measured.

    github      resources of many shared objects, each operation with parameters and a result of its own
    stripe      objects that hold each other as a union of id and object, some lists, long enumerations
    kubernetes  every operation takes and gives an object that holds the same deep objects
    openai      few shared objects, bodies with unions of inline objects

The same size gives the same document, everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

VERBS = (("get", "list"), ("post", "create"), ("get", "get"), ("patch", "update"), ("delete", "delete"))
SENTENCE = "What it is for, said at the length that such documents have: whoever calls it reads this first."


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(fields: int, **more: Json) -> Json:
    kinds: tuple[Json, ...] = (
        {"type": "string"},
        {"type": "integer", "format": "int64"},
        {"type": "string", "format": "date-time"},
        {"type": "boolean"},
        {"type": ["string", "null"]},
        {"type": "array", "items": {"type": "string"}},
        {"type": "string", "enum": ["open", "closed", "all"]},
    )
    plain = {
        f"field_{n}": {**kinds[n % len(kinds)], "description": f"Field {n}: {SENTENCE[:60]}"} for n in range(fields)
    }
    return {"type": "object", "required": ["field_0"], "properties": {**plain, **more}}


def _github(resources: int) -> tuple[dict[str, Json], Callable[[int], tuple[Json, Json]]]:
    schemas = {f"shared-{n}": _object(15, owner=_ref(f"shared-{n * 7 % 40}")) for n in range(40)}
    for n in range(resources):
        parts = {f"part_{k}": _ref(f"shared-{(n * 3 + k) % 40}") for k in range(4)}
        schemas[f"thing-{n}"] = _object(20, **parts)
    return schemas, lambda n: (_object(8), _ref(f"thing-{n}"))


def _stripe(resources: int) -> tuple[dict[str, Json], Callable[[int], tuple[Json, Json]]]:
    schemas: dict[str, Json] = {}
    for n in range(resources):
        others = [_ref(f"thing-{(n * 5 + k * k + 1) % resources}") for k in range(5)]
        fields: dict[str, Json] = {
            f"held_{k}": {"anyOf": [{"type": "string", "maxLength": 5000}, other], "description": SENTENCE}
            for k, other in enumerate(others)
        }
        fields["lines"] = {"type": "object", "properties": {"data": {"type": "array", "items": others[0]}}}
        fields["kind"] = {"type": "string", "enum": [f"kind_{k}" for k in range(40)]}
        schemas[f"thing-{n}"] = _object(20, **fields)
    return schemas, lambda n: (_object(10, inner=_object(6, more=_object(4))), _ref(f"thing-{n}"))


def _kubernetes(resources: int) -> tuple[dict[str, Json], Callable[[int], tuple[Json, Json]]]:
    schemas = {"meta-0": _object(14)}
    for n in range(1, 30):
        schemas[f"meta-{n}"] = _object(12, **{f"deep_{k}": _ref(f"meta-{n * k // 3}") for k in range(1, 3)})
    for n in range(resources):
        schemas[f"spec-{n}"] = _object(8, template=_ref(f"meta-{n % 30}"), pod=_ref("meta-29"))
        schemas[f"thing-{n}"] = _object(2, metadata=_ref("meta-0"), spec=_ref(f"spec-{n}"), status=_ref("meta-28"))
    return schemas, lambda n: (_ref(f"thing-{n}"), _ref(f"thing-{n}"))


def _openai(resources: int) -> tuple[dict[str, Json], Callable[[int], tuple[Json, Json]]]:
    schemas: dict[str, Json] = {}
    for n in range(resources):
        parts = [_object(3, type={"type": "string", "enum": [f"part_{k}"]}, inner=_object(4)) for k in range(4)]
        schemas[f"thing-{n}"] = _object(10, content={"type": "array", "items": {"oneOf": parts}})
    return schemas, lambda n: (_object(12, message={"oneOf": [_object(3), _object(5)]}), _ref(f"thing-{n}"))


MANNERS = {"github": _github, "stripe": _stripe, "kubernetes": _kubernetes, "openai": _openai}


def document(manner: str, operations: int) -> Json:
    """A document of that many operations; five to a resource."""
    resources = max(operations // len(VERBS), 1)
    schemas, of = MANNERS[manner](resources)
    paths: dict[str, Json] = {}
    for number in range(operations):
        resource, kind = divmod(number, len(VERBS))
        method, verb = VERBS[kind]
        taken, extra = of(resource % resources)
        one = verb in ("get", "update", "delete")
        params = [{"name": f"filter_{k}", "in": "query", "schema": {"type": "string"}} for k in range(4)]
        placed = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if one else params
        listed = {"type": "array", "items": extra} if verb == "list" else extra
        operation: Json = {
            "operationId": f"{verb}_thing_{resource}",
            "tags": [f"group {resource // 4}"],
            "summary": f"{verb.title()} things of kind {resource}",
            "description": SENTENCE,
            "parameters": placed,
            "responses": {"200": {"description": "ok", "content": {"application/json": {"schema": listed}}}},
        }
        if verb in ("create", "update"):
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": taken}}}
        paths.setdefault(f"/things-{resource}" + ("/{id}" if one else ""), {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": manner.title(), "version": "1.0.0"},
        "servers": [{"url": f"https://{manner}.example/v1"}],
        "paths": paths,
        "components": {"schemas": schemas},
    }
