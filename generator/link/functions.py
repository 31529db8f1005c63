"""Which functions there are, and one of them put together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..ir import Function, Loss
from ..names import words
from ..read.catalog_model import FunctionEntry
from ..read.openapi import Operation
from ..text import first_sentence, seen
from . import behaviours, credentials, facts, fixed, flags, pages, results
from .arguments import arguments
from .context import Context
from .effects import effect
from .identity import Given, Identity, identities, without
from .overrides import Override, overrides
from .parameters import deprecation


@dataclass(frozen=True)
class Entry:
    """A function before it is linked: its operation, who it is, and the description of it."""

    operation: Operation
    identity: Identity
    declared: FunctionEntry | None

    @property
    def name(self) -> str:
        """The function's."""
        return self.identity.name


def entries(context: Context, operations: Sequence[Operation]) -> Iterator[Entry]:
    """A function for each operation but those that are hidden altogether."""
    found = overrides(context, operations)
    given = {operation: _given(each, context) for operation, each in found.items()}
    known = identities(context, operations, given)
    for operation in operations:
        said = found[operation].declared if operation in found else None
        if said is not None and said.hidden is True:
            context.lose(operation.at, "chosen", f"{_shown(operation)} is hidden on all surfaces")
            continue
        yield Entry(operation, known[operation], said)


def _given(override: Override, context: Context) -> Given:
    """The description of who an operation is: the catalog's word stands, that of an x- extension is a wish."""
    said, own = override.declared, override.own
    if said is None:
        return Given(override.name)
    group = None if said.group is None else tuple(words(step) for step in said.group.split(".") if step)
    verb = words(said.verb) if said.verb else None
    if own is not None and own.verb:
        return Given(override.name, group, verb)
    return Given(override.name, group, None, verb)


def _shown(operation: Operation) -> str:
    return repr(operation.id) if operation.id else f"{operation.method} {operation.path}"


def function(context: Context, entry: Entry) -> Function:
    """One function, complete."""
    operation, said, identity = entry.operation, entry.declared, entry.identity
    name = without(context.name, words(entry.name))
    path, params, body = arguments(context, operation, said, name)
    constant, params = fixed.headers(context, operation, said, params)
    responses = tuple(results.responses(context, operation, name))
    result = results.result(context, operation, responses, params, said.stream if said else "")
    derived = effect(operation, words(context.name))
    files = said.files if said else None
    title, summary, told = map(seen, (said.title, said.summary, said.description)) if said else ("", "", "")
    named, described = (
        seen(operation.node.text(key) or shared)
        for key, shared in zip(("summary", "description"), operation.shared, strict=True)
    )
    if said is not None and said.stream and not any("_".join(param.words) == said.stream for param in params):
        context.unknown(said.node("stream"), "argument", said.stream, ["_".join(param.words) for param in params])
    if said is not None:
        behaviours.check_names(context, said, params)
    access = (said.type if said else "") or derived.access
    hidden = tuple(dict.fromkeys(said.hidden)) if said and isinstance(said.hidden, tuple) else ()
    for surface in hidden:
        pointer, reason = context.document.pointer(operation.at), f"{entry.name} is hidden there"
        context.losses.append(Loss(pointer=pointer, surface=surface, kind="chosen", reason=reason))
    return Function(
        name=entry.name,
        words=name,
        group=".".join("_".join(step) for step in identity.group),
        verb=identity.verb,
        operation_id=identity.key,
        method=operation.method,
        path=path,
        access=access,  # type: ignore[arg-type]
        destructive=_or(said.destructive if said else None, derived.destructive),
        secret=_or(said.secret if said else None, False),
        billed=_or(said.billed if said else None, False),
        idempotent=_or(said.idempotent if said else None, derived.idempotent),
        guesses=tuple(each for each in derived.guesses if said is None or not said.has(each[0])),
        title=title or named or " ".join(name).capitalize(),
        summary=summary or named or first_sentence(described) or f"{operation.method} {operation.path}",
        description=told or described,
        brief=said.brief if said else "",
        keywords=said.keywords if said else (),
        params=params,
        body=body,
        responses=responses,
        result=result,
        page=pages.page(context, said, operation, result, params, responses, body, access == "read"),
        reference=behaviours.reference(context, params),
        instead=tuple(said.instead.items()) if said else (),
        job=behaviours.job(context, said, entry.name),
        files_in=files.input if files else (),
        files_out=files.output if files else (),
        web=behaviours.web(context, said, result),
        security=credentials.security(context, operation, said),
        server=next((s.url for s in facts.servers(context, operation.servers)), ""),
        examples=behaviours.examples(context, said, params, body, responses),
        external_docs=facts.external_docs(context, operation.node),
        hidden=hidden,
        timeout=said.timeout if said else None,
        retries=said.retries if said else None,
        headers=constant,
        flags=flags.flags(context, said, params),
        deprecated=operation.node.flag("deprecated") or (said is not None and said.deprecated is not None),
        deprecation=deprecation(said.deprecated if said else None, operation.node),
        place=operation.node.place,
    )


def _or(said: bool | None, derived: bool) -> bool:
    return derived if said is None else said
