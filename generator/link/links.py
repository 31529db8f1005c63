"""Links of responses: the function that each calls, and the values of the response that it passes (OpenAPI 3.1.1, 4.8.20)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import unquote

from ..ir import Function, Link
from ..read.openapi import Operation
from ..read.source import Node
from ..text import seen
from .context import Context

_MOST = 200
"""Characters of an expression or a constant."""


def attached(context: Context, operations: Sequence[Operation], made: Sequence[Function]) -> tuple[Function, ...]:
    """The functions, in the order of their operations, each with the links of its responses."""
    by_id: dict[str, list[str]] = {}
    by_pointer: dict[str, str] = {}
    for operation, function in zip(operations, made, strict=True):
        by_id.setdefault(operation.id, []).append(function.name)
        by_pointer[context.document.pointer(operation.at)] = function.name
    results = []
    for operation, function in zip(operations, made, strict=True):
        links = tuple(_links(context, operation, by_id, by_pointer))
        results.append(replace(function, links=links) if links else function)
    return tuple(results)


def _links(
    context: Context, operation: Operation, by_id: dict[str, list[str]], by_pointer: dict[str, str]
) -> Iterator[Link]:
    for status, response in operation.responses:
        listed = response.get("links")
        for name, written in listed.items() if listed else ():
            node = context.document.follow(written)
            target = _target(node, by_id, by_pointer)
            if not target:
                context.lose(written, "dropped", f"the link {name[:80]!r} does not lead to a function")
                continue
            if node.get("server") is not None:
                context.lose(written, "degraded", f"the server of the link {name[:80]!r} is not shown")
            argument = node.get("parameters")
            body = node.value.get("requestBody")
            yield Link(
                name=name,
                status=status,
                function=target,
                parameters=tuple((key, _shown(each.value)) for key, each in argument.items()) if argument else (),
                body="" if body is None else _shown(body),
                description=seen(node.text("description")),
            )


def _target(node: Node, by_id: dict[str, list[str]], by_pointer: dict[str, str]) -> str:
    """The function that a link names; empty where it names none, or several."""
    named = by_id.get(node.text("operationId"), []) if node.text("operationId") else []
    file, _, pointer = node.text("operationRef").partition("#")
    if not named and pointer and not file:
        return by_pointer.get(pointer) or by_pointer.get(unquote(pointer), "")
    return named[0] if len(named) == 1 else ""


def _shown(value: Any) -> str:
    """An expression as it is written, or a constant as JSON."""
    expression = isinstance(value, str) and (value.startswith("$") or "{$" in value)
    return (value if expression else json.dumps(value, ensure_ascii=False))[:_MOST]
