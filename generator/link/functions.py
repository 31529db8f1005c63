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
from .identity import Identity, Naming, identities, without
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
    overridden = overrides(context, operations)
    naming = {operation: _naming(each, context) for operation, each in overridden.items()}
    known = identities(context, operations, naming)
    for operation in operations:
        declared = overridden[operation].declared if operation in overridden else None
        if declared is not None and declared.hidden is True:
            context.lose(operation.at, "chosen", f"{_shown(operation)} is hidden on all surfaces")
            continue
        yield Entry(operation, known[operation], declared)


def _naming(override: Override, context: Context) -> Naming:
    """The description of who an operation is: the catalog's word stands, that of an x- extension is a wish."""
    declared, own = override.declared, override.own
    if declared is None:
        return Naming(override.name)
    group = None if declared.group is None else tuple(words(step) for step in declared.group.split(".") if step)
    verb = words(declared.verb) if declared.verb else None
    if own is not None and own.verb:
        return Naming(override.name, group, verb)
    return Naming(override.name, group, None, verb)


def _shown(operation: Operation) -> str:
    return repr(operation.id) if operation.id else f"{operation.method} {operation.path}"


def function(context: Context, entry: Entry) -> Function:
    """One function, complete."""
    operation, declared, identity = entry.operation, entry.declared, entry.identity
    name = without(context.name, words(entry.name))
    path, params, body = arguments(context, operation, declared, name)
    constant, params = fixed.headers(context, operation, declared, params)
    responses = tuple(results.responses(context, operation, name))
    result = results.result(context, operation, responses, params, declared.stream if declared else "")
    derived = effect(operation, words(context.name))
    files = declared.files if declared else None
    title, summary, description = (
        map(seen, (declared.title, declared.summary, declared.description)) if declared else ("", "", "")
    )
    named, described = (
        seen(operation.node.text(key) or shared)
        for key, shared in zip(("summary", "description"), operation.shared, strict=True)
    )
    if (
        declared is not None
        and declared.stream
        and not any("_".join(param.words) == declared.stream for param in params)
    ):
        context.unknown(
            declared.node("stream"), "argument", declared.stream, ["_".join(param.words) for param in params]
        )
    if declared is not None:
        behaviours.check_names(context, declared, params)
    access = (declared.type if declared else "") or derived.access
    hidden = tuple(dict.fromkeys(declared.hidden)) if declared and isinstance(declared.hidden, tuple) else ()
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
        destructive=_or(declared.destructive if declared else None, derived.destructive),
        secret=_or(declared.secret if declared else None, False),
        billed=_or(declared.billed if declared else None, False),
        idempotent=_or(declared.idempotent if declared else None, derived.idempotent),
        guesses=tuple(each for each in derived.guesses if declared is None or not declared.has(each[0])),
        title=title or named or " ".join(name).capitalize(),
        summary=summary or named or first_sentence(described) or f"{operation.method} {operation.path}",
        description=description or described,
        brief=declared.brief if declared else "",
        keywords=declared.keywords if declared else (),
        params=params,
        body=body,
        responses=responses,
        result=result,
        page=pages.page(context, declared, operation, result, params, responses, body, access == "read"),
        reference=behaviours.reference(context, params),
        instead=tuple(declared.instead.items()) if declared else (),
        job=behaviours.job(context, declared, entry.name),
        files_in=files.input if files else (),
        files_out=files.output if files else (),
        web=behaviours.web(context, declared, result),
        security=credentials.security(context, operation, declared),
        server=next((s.url for s in facts.servers(context, operation.servers)), ""),
        examples=behaviours.examples(context, declared, params, body, responses),
        external_docs=facts.external_docs(context, operation.node),
        hidden=hidden,
        timeout=declared.timeout if declared else None,
        retries=declared.retries if declared else None,
        headers=constant,
        flags=flags.flags(context, declared, params),
        deprecated=operation.node.flag("deprecated") or (declared is not None and declared.deprecated is not None),
        deprecation=deprecation(declared.deprecated if declared else None, operation.node),
        place=operation.node.place,
    )


def _or(declared: bool | None, derived: bool) -> bool:
    return derived if declared is None else declared
