"""Which functions there are, and one of them put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import Finding
from ..ir import Deprecation, Function
from ..names import words
from ..read.openapi import Operation
from ..read.source import Node
from ..text import seen
from . import behaviours, facts, results
from .arguments import arguments
from .context import Context
from .identity import Identity, identities, without

_SAFE = {"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"}


@dataclass(frozen=True)
class Entry:
    """A function before it is linked: its name, its operation, and what the catalog says of it."""

    name: str
    operation: Operation
    identity: Identity
    node: Node | None


def entries(context: Context, operations: Sequence[Operation]) -> Iterator[Entry]:
    """The functions that the catalog names; without one, a function an operation."""
    known = identities(context, operations)
    listed = context.section("functions")
    if listed is None:
        yield from (Entry(known[operation].name, operation, known[operation], None) for operation in operations)
        return
    by_key = {known[operation].key: operation for operation in operations}
    used: dict[str, str] = {}
    for name, node in listed.items():
        wanted = node.text("operation")
        if wanted not in by_key:
            alike = [operation for operation in operations if wanted and operation.id == wanted]
            if alike:
                _ambiguous(context, node, alike, known)
            else:
                context.unknown(node.get("operation") or node, "operation", wanted, by_key)
            continue
        if wanted in used:
            context.findings.append(
                Finding(node.place, f"{wanted!r} is the function {used[wanted]!r} already", "remove one")
            )
        used[wanted] = name
        yield Entry(name, by_key[wanted], known[by_key[wanted]], node)
    for key, operation in by_key.items():
        if key not in used:
            context.lose(operation.at, "dropped", f"the operation {key!r} is not in the catalog")


def _ambiguous(context: Context, node: Node, alike: list[Operation], known: Mapping[Operation, Identity]) -> None:
    places = " and at ".join(str(operation.node.place) for operation in alike)
    keys = " or ".join(repr(known[operation].key) for operation in alike)
    what = f"the operationId {alike[0].id!r} is that of {len(alike)} operations: at {places}"
    context.findings.append(
        Finding((node.get("operation") or node).place, what, f"give each its own, or name one as {keys}")
    )


def function(context: Context, entry: Entry) -> Function:
    """One function, complete."""
    operation, node, identity = entry.operation, entry.node, entry.identity
    said: dict[str, Any] = node.value if node else {}
    group, verb = identity.group, identity.verb
    if node is not None:  # only a dotted operationId groups what a catalog names
        *dotted, verb = (words(part) for part in identity.key.split("."))
        group = tuple(dotted)
    name = without(context.name, words(entry.name))
    path, params, body = arguments(context, operation, node, name)
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
        group=".".join("_".join(step) for step in group),
        verb=verb,
        operation_id=identity.key,
        method=operation.method,
        path=path,
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
        instead=tuple(said.get("instead", {}).items()),
        job=said.get("job", ""),
        files_in=tuple(files.get("input", ())),
        files_out=tuple(files.get("output", ())),
        web=behaviours.web(context, node, result),
        authenticated=not (operation.security is not None and operation.security.value == []),
        server=next((s.url for s in facts.servers(context, operation.servers)), ""),
        examples=behaviours.examples(context, said, params, body, responses),
        external_docs=facts.external_docs(context, operation.node),
        deprecated=operation.node.flag("deprecated") or "deprecated" in said,
        deprecation=Deprecation(**said["deprecated"]) if "deprecated" in said else None,
        place=operation.node.place,
    )
