"""Which functions there are, and one of them put together."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .. import names
from ..errors import Finding
from ..ir import Deprecation, Function, Words
from ..names import words
from ..openapi import Operation
from ..source import Node
from ..text import prose
from . import behaviours, facts, results
from .arguments import arguments
from .context import Context

_SAFE = {"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"}
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Entry:
    """A function before it is linked: its name, its operation, and what the catalog says of it."""

    name: str
    operation: Operation
    node: Node | None


def entries(context: Context) -> Iterator[Entry]:
    """The functions that the catalog names; without one, a function an operation."""
    operations = {op.id or _fallback_id(op): op for op in context.document.operations()}
    listed = context.section("functions")
    if listed is None:
        taken: dict[str, Operation] = {}
        for key, operation in operations.items():
            name = str(names.SNAKE.spell(_prefixed(context.name, words(key))))
            if name in taken:
                name = str(names.SNAKE.spell(_prefixed(context.name, words(f"{operation.method} {operation.path}"))))
                context.lose(operation.node, "degraded", f"{key!r} is spelled like another operation; called {name!r}")
            if len(name) > _LONGEST_NAME:
                short = hashlib.sha256(name.encode()).hexdigest()[:8]
                name = f"{name[: _LONGEST_NAME - 9].rstrip('_')}_{short}"
                context.lose(operation.node, "degraded", f"the name of {key!r} is too long for a tool; called {name!r}")
            taken[name] = operation
            yield Entry(name, operation, None)
        return
    used: dict[str, str] = {}
    for name, node in listed.items():
        wanted = node.text("operation")
        if wanted not in operations:
            context.unknown(node.get("operation") or node, "operation", wanted, operations)
            continue
        if wanted in used:
            context.findings.append(
                Finding(str(node.place), f"{wanted!r} is the function {used[wanted]!r} already", "remove one")
            )
        used[wanted] = name
        yield Entry(name, operations[wanted], node)
    for key, operation in operations.items():
        if key not in used:
            context.lose(operation.node, "dropped", f"the operation {key!r} is not in the catalog")


def function(context: Context, entry: Entry) -> Function:
    """One function, complete."""
    operation, node = entry.operation, entry.node
    said: dict[str, Any] = node.value if node else {}
    dotted = [words(part) for part in (operation.id or _fallback_id(operation)).split(".")]
    tags = operation.node.value.get("tags")
    if len(dotted) > 1:
        path, verb = tuple(dotted[:-1]), dotted[-1]
    else:
        tag = (
            tags[0] if isinstance(tags, list) and tags and isinstance(tags[0], str) else _first_segment(operation.path)
        )
        path, verb = ((words(tag),) if tag and not node else ()), dotted[0]
    name = _without(context.name, words(entry.name))
    params, body = arguments(context, operation, node, name)
    responses = tuple(results.responses(context, operation, name))
    result = results.result(context, operation, responses)
    safe = operation.method in _SAFE
    files = said.get("files", {})
    title, summary, told = (seen(said.get(key, "")) for key in ("title", "summary", "description"))
    named = seen(operation.node.text("summary"))
    if node is not None:
        behaviours.check_names(context, node, params)
    return Function(
        name=entry.name,
        words=name,
        group=".".join("_".join(w) for w in path),
        verb=verb,
        operation_id=operation.id or _fallback_id(operation),
        method=operation.method,
        path=operation.path,
        access=said.get("type") or ("read" if safe else "write"),
        destructive=said.get("destructive", False) if node else operation.method == "DELETE",
        secret=said.get("secret", False),
        billed=said.get("billed", False),
        idempotent=said.get("idempotent", False) or safe or (not node and operation.method in ("PUT", "DELETE")),
        title=title or named or " ".join(name).capitalize(),
        summary=summary or named or f"{operation.method} {operation.path}",
        description=told or seen(operation.node.text("description")),
        brief=said.get("brief", ""),
        keywords=tuple(said.get("keywords", ())),
        params=params,
        body=body,
        responses=responses,
        result=result,
        page=behaviours.page(context, node, result),
        reference=behaviours.reference(context, params),
        job=said.get("job", ""),
        files_in=tuple(files.get("input", ())),
        files_out=tuple(files.get("output", ())),
        authenticated=not (operation.security is not None and operation.security.value == []),
        server=next((s.url for s in facts.servers(context, operation.servers)), ""),
        examples=behaviours.examples(context, said, params, body, responses),
        deprecated=operation.node.flag("deprecated") or "deprecated" in said,
        deprecation=Deprecation(**said["deprecated"]) if "deprecated" in said else None,
        place=operation.node.place,
    )


def seen(written: str) -> str:
    """The text; one of which nothing can be seen is none."""
    return written if prose(written) else ""


def _fallback_id(operation: Operation) -> str:
    return "_".join((operation.method.lower(), *(w for w in re.findall(r"[A-Za-z0-9]+", operation.path))))


def _first_segment(path: str) -> str:
    return next((s for s in path.split("/") if s and not s.startswith("{")), "")


def _prefixed(prefix: str, name: Words) -> Words:
    lead = words(prefix)
    return name if name[: len(lead)] == lead else (*lead, *name)


def _without(prefix: str, name: Words) -> Words:
    lead = words(prefix)
    return name[len(lead) :] if name[: len(lead)] == lead and len(name) > len(lead) else name
