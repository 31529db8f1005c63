"""Rules for operations: their names, tags, parameters, responses and credentials."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ...names import words
from ...read.openapi import methods
from ...read.source import Node
from ..advised import Advice, Fix
from .parts import Parts, advice

_IN_URL = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]*")
"""What a URL holds as it is (RFC 3986, 2)."""


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of them."""
    results = sorted(_operations(parts), key=lambda each: each[2].place.line)
    yield from _ids(parts, results)
    yield from _tags(parts, [node for _, _, node in results])
    for method, path, node in results:
        yield from _parameters(parts, method, path, node)
        responses = node.get("responses")
        statuses = [status for status, _ in responses.items()] if responses else []
        if not any(status[:1] in ("2", "3") for status in statuses):
            what = f"{method} {path} has no success response"
            yield advice("operation-success-response", responses or node, what, "add a 2XX response")
    yield from _security(parts, results)


def _operations(parts: Parts) -> Iterator[tuple[str, str, Node]]:
    """Those of `paths`, each with the method and path that it first stands under."""
    seen: set[tuple[str, str]] = set()
    paths = parts.document.root.get("paths")
    for path, item in paths.items() if paths else ():
        if path.startswith("/") and parts.followed(item) is not None:
            for method, node in methods(parts.document.joined(item)):
                operation = parts.followed(node)
                if operation is not None and (here := (operation.source.file, operation.pointer)) not in seen:
                    seen.add(here)
                    yield method, path, operation


def _ids(parts: Parts, results: list[tuple[str, str, Node]]) -> Iterator[Advice]:
    seen: dict[str, Node] = {}
    taken = {node.text("operationId") for _, _, node in results}
    for method, path, node in results:
        written = node.text("operationId")
        if not written:
            made = _derived(method, path, taken)
            taken.add(made)
            hint = f"write one, such as {made!r}: names are derived from it, and do not change with the path"
            fix = parts.fixed(node, update={"operationId": made})
            yield advice("operation-operationId", node, f"{method} {path} has no `operationId`", hint, fix)
            continue
        at = node.get("operationId") or node
        if (first := seen.setdefault(written, node)) is not node:
            what = f"the operationId {written!r} is also at {first.place}"
            yield advice("operation-operationId-unique", at, what, "give each operation a different one")
        if not _IN_URL.fullmatch(written):
            what = f"the operationId {written[:80]!r} needs escaping in a URL"
            yield advice("operation-operationId-valid-in-url", at, what, "use letters, digits, `-`, `.` and `_`")


def _derived(method: str, path: str, taken: set[str]) -> str:
    """An operationId from method and path, as no other operation has it."""
    segments = [each for each in path.split("/") if each]
    parts = [
        method.lower(),
        *(f"by {each[1:-1]}" if each[:1] == "{" and each[-1:] == "}" else each for each in segments),
    ]
    first, *others = [word for part in parts for word in words(part)]
    made = name = first + "".join(word.capitalize() for word in others)
    number = 2
    while made in taken:
        made, number = f"{name}{number}", number + 1
    return made


def _tags(parts: Parts, operations: list[Node]) -> Iterator[Advice]:
    root = parts.document.root
    declared = {tag.text("name") for tag in parts.of.get("tag", ())}
    fixed: set[str] = set()
    for node in operations:
        tags = node.get("tags")
        if not (tags and tags.value):
            yield advice("operation-tags", tags or node, "the operation has no tag", "add one, or set its group")
            continue
        for tag in tags.elements():
            name = tag.value
            if isinstance(name, str) and name not in declared:
                fix: Fix | None = None
                if name not in fixed:
                    fix = parts.fixed(root, update={"tags": [{"name": name}]})
                    fixed.add(name)
                what = f"the tag {name!r} is not declared"
                yield advice("operation-tag-defined", tag, what, "declare it in `tags`, with a description", fix)


def _parameters(parts: Parts, method: str, path: str, node: Node) -> Iterator[Advice]:
    listed = node.get("parameters")
    seen: set[tuple[str, str]] = set()
    for each in listed.elements() if listed else ():
        param = parts.followed(each)
        if param is None:
            continue
        key = (param.text("in"), param.text("name"))
        if key in seen:
            what = f"{method} {path} has the {key[0]} parameter {key[1]!r} more than once"
            yield advice("operation-parameters", each, what, "keep one of the two")
        seen.add(key)


def _security(parts: Parts, results: list[tuple[str, str, Node]]) -> Iterator[Advice]:
    root = parts.document.root
    components = root.get("components")
    schemes = components.get("securitySchemes") if components else None
    declared = {name for name, _ in schemes.items()} if schemes else set()
    common = root.get("security")
    for at in [*([common] if common else []), *(each for _, _, node in results if (each := node.get("security")))]:
        for requirement in at.elements():
            for name, place in requirement.items():
                if name not in declared:
                    what = f"the security scheme {name!r} is not declared"
                    hint = "declare it in `components.securitySchemes`"
                    yield advice("oas3-operation-security-defined", place, what, hint)
    if common is None and not declared and all(node.get("security") is None for _, _, node in results):
        what = "the document does not declare how its operations are authenticated"
        if results:
            yield advice("security-defined", root, what, "add `security`, with `[]` if they are not, or pass --auth")
        return
    for method, path, node in results if common is None else ():
        if node.get("security") is None:
            what = f"{method} {path} does not declare how it is authenticated"
            yield advice("security-defined", node, what, "add `security`, with `[]` if it is not")


def shown(value: Any) -> str:
    """A value as messages show it."""
    written = repr(value)
    return written if len(written) <= 60 else f"{written[:60]}…"
