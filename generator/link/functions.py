"""Which functions there are, and one of them put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from ..ir import Function
from ..names import words
from ..read.catalog_model import FunctionEntry
from ..read.openapi import Operation
from ..read.source import Node
from ..text import seen
from . import behaviours, credentials, facts, pages, results
from .arguments import arguments, deprecation
from .context import Context
from .effects import effect
from .identity import Identity, identities, without

_SAFE = {"GET", "HEAD", "OPTIONS", "QUERY", "TRACE"}


@dataclass(frozen=True)
class Entry:
    """A function before it is linked: its name, its operation, and what the catalog says of it."""

    name: str
    operation: Operation
    identity: Identity
    said: FunctionEntry | None


def entries(context: Context, operations: Sequence[Operation]) -> Iterator[Entry]:
    """The functions that the catalog names; without one, a function an operation."""
    known = identities(context, operations)
    if context.catalog is None:
        yield from (Entry(known[operation].name, operation, known[operation], None) for operation in operations)
        return
    by_key = {known[operation].key: operation for operation in operations}
    used: dict[str, str] = {}
    for name, said in context.catalog.functions.items():
        wanted = said.operation
        if wanted not in by_key:
            alike = [operation for operation in operations if wanted and operation.id == wanted]
            if alike:
                _ambiguous(context, said.node("operation"), alike, known)
            else:
                context.unknown(said.node("operation"), "operation", wanted, by_key)
            continue
        if wanted in used:
            context.findings.append(
                Finding(said.at.place, f"{wanted!r} is the function {used[wanted]!r} already", "remove one")
            )
        used[wanted] = name
        yield Entry(name, by_key[wanted], known[by_key[wanted]], said)
    for key, operation in by_key.items():
        if key not in used:
            context.lose(operation.at, "dropped", f"the operation {key!r} is not in the catalog")


def _ambiguous(context: Context, node: Node, alike: list[Operation], known: Mapping[Operation, Identity]) -> None:
    places = " and at ".join(str(operation.node.place) for operation in alike)
    keys = " or ".join(repr(known[operation].key) for operation in alike)
    what = f"the operationId {alike[0].id!r} is that of {len(alike)} operations: at {places}"
    context.findings.append(Finding(node.place, what, f"give each its own, or name one as {keys}"))


def function(context: Context, entry: Entry) -> Function:
    """One function, complete."""
    operation, said, identity = entry.operation, entry.said, entry.identity
    group, verb = identity.group, identity.verb
    if said is not None:  # only a dotted operationId groups what a catalog names
        *dotted, verb = (words(part) for part in identity.key.split("."))
        group = tuple(dotted)
    name = without(context.name, words(entry.name))
    path, params, body = arguments(context, operation, said, name)
    responses = tuple(results.responses(context, operation, name))
    result = results.result(context, operation, responses, params, said.stream if said else "")
    derived = effect(operation, words(context.name))
    files = said.files if said else None
    title, summary, told = map(seen, (said.title, said.summary, said.description)) if said else ("", "", "")
    named = seen(operation.node.text("summary"))
    if said is not None and said.stream and not any("_".join(param.words) == said.stream for param in params):
        context.unknown(said.node("stream"), "argument", said.stream, ["_".join(param.words) for param in params])
    if said is not None:
        behaviours.check_names(context, said, params)
    return Function(
        name=entry.name,
        words=name,
        group=".".join("_".join(step) for step in group),
        verb=verb,
        operation_id=identity.key,
        method=operation.method,
        path=path,
        access=said.type if said else derived.access,  # type: ignore[arg-type]
        destructive=said.destructive if said else derived.destructive,
        secret=said is not None and said.secret,
        billed=said is not None and said.billed,
        idempotent=operation.method in _SAFE or said.idempotent if said else derived.idempotent,
        guesses=() if said else derived.guesses,
        title=title or named or " ".join(name).capitalize(),
        summary=summary or named or f"{operation.method} {operation.path}",
        description=told or seen(operation.node.text("description")),
        brief=said.brief if said else "",
        keywords=said.keywords if said else (),
        params=params,
        body=body,
        responses=responses,
        result=result,
        page=pages.page(context, said, operation, result, params, responses),
        reference=behaviours.reference(context, params),
        instead=tuple(said.instead.items()) if said else (),
        job=said.job if said else "",
        files_in=files.input if files else (),
        files_out=files.output if files else (),
        web=behaviours.web(context, said, result),
        security=credentials.security(context, operation, said),
        server=next((s.url for s in facts.servers(context, operation.servers)), ""),
        examples=behaviours.examples(context, said, params, body, responses),
        external_docs=facts.external_docs(context, operation.node),
        deprecated=operation.node.flag("deprecated") or (said is not None and said.deprecated is not None),
        deprecation=deprecation(said.deprecated if said else None),
        place=operation.node.place,
    )
