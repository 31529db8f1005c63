"""A surface that others bring: one JavaScript module for Node, with a method for each function.

`render` gives the view of the one template; the runtime beside it is copied as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from surfacegen import names
from surfacegen.ir import Api, Body, Function, Loss, Param, Scheme
from surfacegen.surfaces.base import Page, Rendition, Surface
from surfacegen.text import Code, json_line, prose

_RESERVED = frozenset(
    ["await", "break", "case", "catch", "class", "const", "constructor", "continue", "debugger", "default", "delete"]
    + ["do", "else", "enum", "export", "extends", "false", "finally", "for", "function", "if", "implements", "import"]
    + ["in", "instanceof", "interface", "let", "new", "null", "package", "private", "protected", "public", "return"]
    + ["static", "super", "switch", "this", "throw", "true", "try", "typeof", "var", "void", "while", "with", "yield"]
)


def _camel(parts: tuple[str, ...]) -> str:
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])


METHOD = names.Convention(_camel, _RESERVED)


@dataclass(frozen=True)
class MethodView:
    """One method of the client."""

    name: Code
    key: Code
    doc: Code


@dataclass(frozen=True)
class ModuleView:
    """The module."""

    client: Code
    base_url: Code
    credentials: Code
    table: Code
    methods: tuple[MethodView, ...]


def render(api: Api) -> Rendition:
    """The module and its losses."""
    losses = tuple(loss for function in api.functions for loss in _losses(function))
    view = ModuleView(
        client=Code(names.package(api).client),
        base_url=json_line(api.servers[0].url),
        credentials=json_line([_scheme(scheme) for scheme in api.schemes]),
        table=Code(",\n".join(f"  {json_line(f.name)}: {json_line(_operation(f))}" for f in api.functions)),
        methods=tuple(_methods(api)),
    )
    return Rendition([Page("javascript/[package].mjs.jinja", view)], losses, str(names.package(api).module))


def _methods(api: Api) -> Iterator[MethodView]:
    taken: set[str] = set()
    for function in api.functions:
        name = METHOD.spell(function.words)
        if name.lower() in taken:  # words that run together, such as `get a b` and `get ab`
            name = METHOD.spell(("_".join(function.words),))
        taken.add(name.lower())
        text = prose(function.summary).replace("*/", "* /").replace("\n", " ")
        yield MethodView(name, json_line(function.name), Code(text))


def _scheme(scheme: Scheme) -> dict[str, str]:
    return {"key": scheme.key, "kind": scheme.kind, "in": scheme.location, "name": scheme.name, "prefix": scheme.prefix}


def _operation(function: Function) -> dict[str, Any]:
    return {
        "method": function.method,
        "path": function.path,
        "params": [_param(param) for param in function.params],
        "body": _body(function.body),
        "security": [[need.scheme for need in each] for each in function.security],
        "result": function.result.kind,
    }


def _body(body: Body | None) -> dict[str, Any] | None:
    if body is None:
        return None
    return {"kind": body.kind, "type": body.media_type, "flat": body.flattened, "required": body.required}


def _param(param: Param) -> dict[str, Any]:
    found = {
        "name": names.argument(param.words),
        "wire": param.wire_name,
        "in": param.location,
        "style": param.style,
        "explode": param.explode,
        "encoding": param.encoding,
        "media": param.media_type,
        "binary": param.type.kind == "binary",
        "rest": param.rest,
    }
    return {key: value for key, value in found.items() if value not in ("", False)}


def _losses(function: Function) -> Iterator[Loss]:
    for param in function.params:
        if param.location == "cookie" or param.style in ("label", "matrix"):
            reason = f"{function.name}: the argument {param.wire_name!r} is not sent"
            yield Loss(pointer=param.place.pointer, surface="javascript", kind="dropped", reason=reason)


SURFACE = Surface("javascript", render, Path(__file__).parent / "templates/javascript")
