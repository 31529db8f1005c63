"""The resources of an API: what its paths keep, and the part that each function plays for one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ... import names
from ...ir import Api, Function, Json, Model, Response, Type, opened
from .schemas import schema_of

_ENVELOPES = 2
"""Objects that an item, or a list of them, may be wrapped in."""
_DATA = ("data", "result", "item", "response", "value")


def shape_of(path: str) -> str:
    """A path without the names of its parameters, or a slash at its end: two paths of one shape mean the same resource."""
    return re.sub(r"\{[^{}]*\}", "{}", path).rstrip("/") or "/"


def resources_of(api: Api) -> dict[str, Json]:
    """By the shape of its item's path: which field of an item holds each part of its key, and what that part must be."""
    entries: dict[str, Json] = {}
    jobs = {job.poll for job in api.jobs.values()}
    for function in api.functions:
        kind = function.result.type
        if (
            function.method != "GET"
            or not function.path.rstrip("/").endswith("}")
            or function.result.kind != "json"
            or kind is None
        ):
            continue
        wires = re.findall(r"\{([^{}]*)\}", function.path)
        segments = function.path.rstrip("/").split("/")
        while segments and re.fullmatch(r"\{[^{}]*\}", segments[-1]):
            segments.pop()
        collection = "/".join(segments)
        scope = collection.count("{")
        _, model = ("", api.models.get(kind.model)) if function.name in jobs else item_of(api, kind, wires[scope:])
        # Where the schema does not name it, an example may.
        seen = () if model is not None and model.closed else _example_fields(function)
        params = {param.wire_name: param.type for param in function.params if param.location == "path"}
        entries[shape_of(function.path)] = {
            "collection": shape_of(collection),
            "get": function.name,
            "scope": scope,
            "key": [_key_field(wire, model, seen, alone=len(wires) - scope == 1) for wire in wires[scope:]],
            "called": [schema_of(params[wire]) if wire in params else {} for wire in wires[scope:]],
        }
    return dict(sorted(entries.items()))


def item_of(api: Api, kind: Type | None, wires: list[str]) -> tuple[str, Model | None]:
    """Where in an answer the item stands that a path names, as a dotted path, and what it is: `{"data": {…}}` and the like.

    The answer itself, unless only an object inside it has what names it.
    """
    whole = _model_of(api, kind)
    if whole is None or _named(whole, wires):
        return "", whole
    level: list[tuple[tuple[str, ...], Model]] = [((), whole)]
    for _ in range(_ENVELOPES):
        inner = [
            ((*path, field.wire_name), model)
            for path, outer in level
            for field in outer.fields
            if "." not in field.wire_name and (model := _model_of(api, field.type)) is not None
        ]
        fitting = [(path, model) for path, model in inner if _named(model, wires)]
        # Of several that could be it, the one under a name of envelopes, or after the item's own.
        likely = [
            each for each in fitting if each[0][-1] in _DATA or names.words(each[0][-1]) == names.words(wires[-1])[:1]
        ]
        chosen = fitting if len(fitting) == 1 else likely
        if len(chosen) == 1:
            return ".".join(chosen[0][0]), chosen[0][1]
        level = inner
    return "", whole


def _model_of(api: Api, kind: Type | None) -> Model | None:
    return api.models.get(opened(kind, api.types).model) if kind is not None else None


def _named(model: Model, wires: list[str]) -> bool:
    return any(_key_field(wire, model, alone=len(wires) == 1) for wire in wires)


def _example_fields(function: Function) -> tuple[str, ...]:
    contents = (c for r in successes(function) for c in r.contents if c.kind == "json")
    shown = next((example for c in contents for example in c.examples if isinstance(example, dict)), {})
    return tuple(shown)


def _key_field(wire: str, model: Model | None, seen: Iterable[str] = (), *, alone: bool = False) -> str:
    """The field of an item that holds a path parameter: `id` for `thing_id`; empty where there is none.

    alone: it is all that names the item, which may then be called otherwise there: `id` for `thing`.
    """
    fields = {names.words(each): each for each in seen}
    fields |= {
        names.words(each.wire_name): each.wire_name for each in (model.fields if model else ()) if _may_name(each.type)
    }
    words = names.words(wire)
    result = next((fields[words[cut:]] for cut in range(len(words)) if words[cut:] in fields), "")
    return result or (fields.get(("id",), "") if alone else "")


def _may_name(kind: Type) -> bool:
    """Whether a value of this type can stand in a path."""
    return kind.kind not in ("model", "map", "array", "binary", "null", "never")


def _items(api: Api, kind: Type | None, item: Type | None) -> str | None:
    """Where in an answer the list of items stands, as a dotted path; None where there is none, or no telling which."""
    matches = opened(kind, api.types) if kind is not None else None
    if matches is not None and matches.kind == "array":
        return ""
    wanted = _model_of(api, item)
    whole = _model_of(api, kind)
    level: list[tuple[tuple[str, ...], Model]] = [((), whole)] if whole is not None else []
    for _ in range(_ENVELOPES):
        fields = [
            ((*path, field.wire_name), opened(field.type, api.types))
            for path, outer in level
            for field in outer.fields
            if "." not in field.wire_name
        ]
        lists = [(path, _model_of(api, each.items)) for path, each in fields if each.kind == "array"]
        lists = [(path, model) for path, model in lists if model is not None]
        same = [path for path, model in lists if model is wanted]
        chosen = same if len(same) == 1 else [path for path, _ in lists]
        if len(chosen) == 1:
            return ".".join(chosen[0])
        level = [(path, model) for path, each in fields if (model := api.models.get(each.model)) is not None]
    return None


def role_of(api: Api, function: Function, resources: dict[str, Json]) -> tuple[str, str]:
    """The part a function plays, and for which resource."""
    shape = shape_of(function.path)
    if function.job:
        job = api.jobs[function.job]
        resource = shape_of(api.function(job.poll).path)
        if resource in resources:
            role = {job.poll: "get", job.cancel: "cancel"}.get(function.name, "start")
            return role, resource
    if shape in resources:
        role = {"GET": "get", "DELETE": "delete", "PATCH": "update", "PUT": "update"}.get(function.method, "")
        return (role, shape) if role else ("", "")
    for item, resource in resources.items():
        if shape == resource["collection"]:
            if function.page:
                return "list", item
            if function.method == "POST" and function.result.kind == "json" and _is_record(api, function.result.type):
                return "create", item
            if function.method == "GET" and listed(api, function, resource) is not None:
                return "list", item
        elif function.method == "GET" and function.result.kind in ("text", "binary") and _below(shape, item):
            return "property", item
    return "", ""


def listed(api: Api, function: Function, resource: Json) -> str | None:
    """Where the items stand in what a call answers, where it is a list of them."""
    wires = re.findall(r"\{([^{}]*)\}", api.function(resource["get"]).path)[resource["scope"] :]
    item = api.function(resource["get"]).result.type
    path, _ = item_of(api, item, wires)
    for step in path.split(".") if path else ():
        model = _model_of(api, item)
        item = next((field.type for field in model.fields if field.wire_name == step), None) if model else None
    if function.result.kind != "json":
        return None
    # Without a schema an example says what it is.
    shown = [example for r in successes(function) for c in r.contents if c.kind == "json" for example in c.examples]
    if function.result.type is not None and function.result.type.kind == "any" and shown:
        return "" if isinstance(shown[0], list) else None
    return _items(api, function.result.type, item)


def _is_record(api: Api, kind: Type | None) -> bool:
    """Whether a call answers one record, and not several or a plain value."""
    return kind is not None and opened(kind, api.types).kind in ("model", "map", "union", "any")


def _below(shape: str, item: str) -> bool:
    """Whether a path is one literal step below an item's."""
    return shape.startswith(item + "/") and "/" not in shape[len(item) + 1 :]


def successes(function: Function) -> list[Response]:
    """The answers of a call that went well: where none says so, what holds for any status, or where it is sent on to."""
    for first in ("2", "d", "3", "1"):
        if results := [response for response in function.responses if response.status.startswith(first)]:
            return results
    return []
