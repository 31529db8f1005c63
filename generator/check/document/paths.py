"""Rules for paths: their templates, and the parameters in them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from ...read.openapi import methods
from ...read.source import Node
from ..advised import Advice
from .parts import Parts, advice

_PARAM = re.compile(r"\{([^{}]*)\}")
_END = "/"
"""The key of a node of the trie for the paths that end there: no segment holds a slash."""
_ANY = "{}"


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of them."""
    paths = parts.document.root.get("paths")
    items = [(path, item) for path, item in paths.items() if path.startswith("/")] if paths else []
    for path, item in items:
        yield from _template(path, item)
        yield from _params(parts, path, item)
    yield from _alike(items)


def _template(path: str, item: Node) -> Iterator[Advice]:
    if "{}" in path:
        what = f"the path {path!r} has an empty parameter"
        yield advice("path-declarations-must-exist", item, what, "name it, and declare it")
    if path.endswith("/") and path != "/":
        what = f"the path {path!r} ends with a slash"
        yield advice("path-keys-no-trailing-slash", item, what, "remove it, if the server also responds without it")
    if "?" in path:
        hint = "declare what follows the `?` as query parameters"
        yield advice("path-not-include-query", item, f"the path {path!r} has a query string", hint)
    for name, count in Counter(_PARAM.findall(path)).items():
        if count > 1:
            what = f"the path {path!r} has the parameter {name!r} {count} times"
            yield advice("path-params", item, what, "give each a different name")


def _params(parts: Parts, path: str, item: Node) -> Iterator[Advice]:
    whole = parts.followed(item)
    if whole is None:
        return
    wanted = [name for name in dict.fromkeys(_PARAM.findall(path)) if name]
    shared = {**_declared(parts, whole), **_declared(parts, item)}
    operations = [
        (method, each) for method, node in methods(parts.document.joined(item)) if (each := parts.followed(node))
    ]
    used: set[str] = set()
    for method, operation in operations:
        own = _declared(parts, operation)
        used |= own.keys()
        for name in wanted:
            if name not in own and name not in shared:
                entry = {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
                fix = parts.fixed(operation, update={"parameters": [entry]})
                what = f"the parameter {name!r} of {path} is not declared by {method}"
                yield advice("path-params", operation, what, "declare it, with `in: path` and `required: true`", fix)
        for name, param in own.items():
            if name not in wanted:
                what = f"the path parameter {name!r} is not in {path}"
                yield advice("path-params", param, what, "remove it, or add it to the path")
    for name, param in shared.items():
        if name not in wanted and operations:
            yield advice("path-params", param, f"the path parameter {name!r} is not in {path}", "remove it")
    for param in {(p.source.file, p.pointer): p for p in (*shared.values(), *(
        one for _, operation in operations for one in _declared(parts, operation).values()
    ))}.values():  # fmt: skip
        if param.value.get("required") is not True:
            what = f"the path parameter {param.text('name')!r} is not required"
            yield advice(
                "path-params", param, what, "write `required: true`", parts.fixed(param, update={"required": True})
            )


def _declared(parts: Parts, owner: Node) -> dict[str, Node]:
    listed = owner.get("parameters")
    params = [parts.followed(each) for each in (listed.elements() if listed else ())]
    return {p.text("name"): p for p in params if p is not None and isinstance(p.value, dict) and p.text("in") == "path"}


def _alike(items: list[tuple[str, Node]]) -> Iterator[Advice]:
    """Paths that differ in names alone, and paths one of which does not go before the other."""
    first: dict[str, tuple[str, Node]] = {}
    trie: dict[str, Any] = {}
    for path, item in items:
        plain = _PARAM.sub(_ANY, path)
        if plain in first:
            other, at = first[plain]
            what = f"{path} is {other} (at {at.place}) with other parameter names"
            yield advice("no-identical-paths", item, what, "keep one of the two")
            continue
        first[plain] = path, item
        segments = plain.split("/")
        for other in _fitting(trie, segments):
            if other.count(_ANY) == plain.count(_ANY):
                what = f"{path} and {first[other][0]} (at {first[other][1].place}) match the same URLs"
                yield advice("no-ambiguous-paths", item, what, "change a fixed segment")
                break
        here = trie
        for segment in segments:
            here = here.setdefault(segment, {})
        here[_END] = plain


def _fitting(trie: dict[str, Any], segments: list[str]) -> Iterator[str]:
    """The paths of a trie that a URL of these segments can be meant for."""
    level = [trie]
    for segment in segments:
        inner: list[dict[str, Any]] = []
        for node in level:
            if segment == _ANY:
                inner += [below for key, below in node.items() if key != _END]
            else:
                inner += [node[key] for key in (segment, _ANY) if key in node]
        level = inner
    yield from (node[_END] for node in level if _END in node)
