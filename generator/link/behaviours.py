"""Behaviours that the catalog declares, checked against the functions that have them; and the examples."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from .. import names
from ..errors import Finding
from ..ir import (
    AS_SHOWN,
    MADE,
    Alias,
    Body,
    Example,
    Function,
    Job,
    Param,
    Reference,
    Response,
    Result,
    Runner,
    Uploads,
    Webhooks,
)
from ..read import returned
from ..read.catalog_model import Entry, FunctionEntry, JobEntry, hints
from .completing import completed
from .context import Context
from .fitting import fits, respelled
from .samples import sample

_MOST_EXAMPLES = 10
"""Of one function, where the document has more: each is shown in every surface."""


def jobs(context: Context, known: set[str]) -> Iterator[tuple[str, Job]]:
    """The job behaviours by key."""
    for key, declared in context.jobs.items():
        for step in ("poll", "cancel", "list"):
            named(context, declared, step, known)
        events = tuple((kind, node.value) for kind, node in declared.events.at.items()) if declared.events else ()
        yield key, Job(**{"key": key, **_written(declared), "events": events})


def job(context: Context, function_entry: FunctionEntry | None, name: str) -> str:
    """The key of the job that a function's result is; one that is written there is called as the function is."""
    if function_entry is None or not function_entry.job:
        return ""
    if isinstance(function_entry.job, str):
        if function_entry.job not in context.jobs:
            context.unknown(function_entry.node("job"), "job behaviour", function_entry.job, context.jobs)
        return function_entry.job
    return next((key for key, each in context.jobs.items() if each == function_entry.job), None) or _new_job(
        context, function_entry.job, name
    )


def _new_job(context: Context, job_entry: JobEntry, name: str) -> str:
    key = name
    while key in context.jobs:
        key += "_job"
    context.jobs[key] = job_entry
    return key


def uploads(context: Context, made: tuple[Function, ...]) -> Uploads | None:
    """How files inside JSON arguments are sent; None if the catalog does not declare it."""
    declared = context.catalog.uploads if context.catalog else None
    if declared is None:
        return None
    function = next((f for f in made if f.name == declared.function), None)
    if function is None:
        context.unknown(declared.node("function"), "function", declared.function, [f.name for f in made])
    else:
        arguments = [names.argument(p.words) for p in function.params]
        if declared.argument not in arguments:
            context.unknown(declared.node("argument"), "argument", declared.argument, arguments)
    return Uploads(**_written(declared))


def webhooks(context: Context, made: tuple[Function, ...]) -> Webhooks | None:
    """How requests of the API are verified; None if the catalog does not declare it."""
    if context.catalog is None or context.catalog.webhooks is None:
        return None
    declared = context.catalog.webhooks
    groups = {f.group.rsplit(".", depth)[0] for f in made for depth in range(f.group.count(".") + 1)}
    for key, kind, name, known in (
        ("secret", "function", declared.secret, {f.name for f in made}),
        ("group", "group", declared.group, groups),
        ("job", "job behaviour", declared.job, context.jobs.keys()),
    ):
        if name and name not in known:
            context.unknown(declared.node(key), kind, name, known)
    return Webhooks(**_written(declared))


def _written(entry: Entry) -> dict[str, Any]:
    """The values of an entry, for the keys that the IR has too."""
    return {key: getattr(entry, key) for key in hints(type(entry))}


def named(context: Context, entry: Entry | None, key: str, known: Collection[str]) -> str:
    """The function that a key of the catalog names; empty where it names none."""
    name: str = getattr(entry, key) if entry else ""
    if entry and entry.has(key) and name not in known:
        context.unknown(entry.node(key), "function", name, known)
    return name


def runners(context: Context, known: set[str]) -> Iterator[Runner]:
    """The commands that an extension resolves, in the catalog's order."""
    for key, declared in context.catalog.runners.items() if context.catalog else ():
        named(context, declared, "function", known)
        yield Runner(**{"key": key, **_written(declared), "description": declared.description or declared.summary})


def aliases(context: Context, made: tuple[Function, ...]) -> Iterator[Alias]:
    """Other words for commands, in the catalog's order."""
    if context.catalog is None:
        return
    known = {" ".join("-".join(step) for step in (*_path(f.group), f.verb)) for f in made}
    known |= context.catalog.runners.keys()
    for key, written in context.catalog.aliases.items():
        command = tuple(written.split())
        plain = " ".join(itertools.takewhile(lambda word: not word.startswith("-"), command))
        if plain not in known:
            node = context.catalog.node("aliases")
            context.unknown(node.get(key) or node, "command", plain, known)
        yield Alias(words=tuple(key.split()), command=command)


def _path(group: str) -> list[list[str]]:
    return [step.split("_") for step in group.split(".")] if group else []


_WEB = ("html_url", "web_url", "urls.web")
"""Where APIs put the URL of a page for people, beside the one for programs."""


def web(context: Context, function_entry: FunctionEntry | None, result: Result) -> str:
    """Where in a result the URL of its page for people is, as the catalog says or as its fields are called."""
    wanted = function_entry.web if function_entry else ""
    for path in (wanted,) if wanted else _WEB:
        model, outcome = context.schemas.models.get(result.type.model) if result.type else None, None
        for step in path.split("."):
            outcome = next((f.type for f in model.fields if f.wire_name == step), None) if model else None
            model = context.schemas.models.get(outcome.model) if outcome else None
        if outcome is not None and outcome.kind == "string":
            return path
    if function_entry and wanted:
        where = function_entry.node("web").place
        context.findings.append(
            Finding(where, f"the result has no string {wanted!r}", "use a field, such as `html_url`")
        )
    return ""


def reference(context: Context, params: tuple[Param, ...]) -> Reference | None:
    """The longest way of the catalog to write the arguments of this path as one."""
    placed = [names.argument(p.words) for p in params if p.location == "path"]
    result = None
    for key, declared in context.catalog.references.items() if context.catalog else ():
        parts = tuple(re.findall(r"\{(\w+)\}([^{]*)", declared.form))
        longer = result is None or len(parts) > len(result.parts)
        if longer and [name for name in placed if name in dict(parts)] == [name for name, _ in parts]:
            result = Reference(key=key, shown=declared.shown, parts=parts)
    return result


def check_instead(context: Context, made: tuple[Function, ...], entry: Mapping[str, FunctionEntry]) -> None:
    """What is called in place of a function takes its arguments, those apart that a reference stands for."""
    by_name = {function.name: function for function in made}
    for function in made:
        own = {names.argument(param.words) for param in function.params}
        for argument, target in function.instead:
            at = entry[function.name].node("instead")
            other = by_name.get(target)
            if other is None:
                context.unknown(at.get(argument) or at, "function", target, by_name)
                continue
            whole = {name for name, _ in other.reference.parts} if other.reference else set()
            more = {names.argument(param.words) for param in other.params} - own - whole
            if not whole or more or argument in own or other.result.type != function.result.type:
                what = f"{target} cannot be called for the argument {argument!r}"
                hint = (
                    "it must have a reference, return the same result, and take no argument that this one does not have"
                )
                context.findings.append(Finding((at.get(argument) or at).place, what, hint))


def check_names(context: Context, function_entry: FunctionEntry, params: tuple[Param, ...]) -> None:
    """Checks that every name in the catalog's settings of a function exists in it."""
    arguments = {names.argument(p.words) for p in params}
    taken = function_entry.files.at.get("input") if function_entry.files else None
    for argument in taken.elements() if taken else ():
        if argument.value not in arguments:
            context.unknown(argument, "argument", argument.value, arguments)
    for example in function_entry.examples or ():
        provided = example.node("arguments")
        for name, value in provided.items():
            if name not in arguments:
                context.unknown(value, "argument", name, arguments)
        for p in params:
            if p.required and names.argument(p.words) not in example.arguments:
                what = f"the example lacks the required argument {'_'.join(p.words)!r}"
                context.findings.append(Finding(provided.place, what, "add a value"))


def examples(
    context: Context,
    function_entry: FunctionEntry | None,
    params: tuple[Param, ...],
    body: Body | None,
    responses: tuple[Response, ...],
) -> tuple[Example, ...]:
    """The catalog's examples; without them, those of the document, or one from the types."""
    listed = function_entry.examples if function_entry else None
    answers = [c for r in responses if r.status.startswith("2") for c in r.contents if c.examples]
    first = answers[0].examples[:1] if answers else ()
    if listed is not None:
        return tuple(
            Example(
                title=e.title,
                arguments=e.arguments,
                has_result=e.has("result") or bool(shown),
                result=e.result if e.has("result") else shown[0] if shown else None,
            )
            for e in listed
            # An output shows all results that it has.
            for shown in [() if returned.made(e.at.source) else first]
        )
    # An answer that is called as a request is what comes of it.
    named = {title: value for c in answers for title, value in zip(c.example_titles, c.examples, strict=False) if title}
    bodies = [*itertools.zip_longest(body.example_titles, body.examples, fillvalue="")] if body else []
    results: list[Example] = []
    for title, whole in bodies[:_MOST_EXAMPLES] or [("", None)]:
        arguments, shown = _shown(context, params, body, whole)
        result = (named[title],) if title in named else () if results else first
        results.append(
            Example(
                title=title or (AS_SHOWN if shown else MADE),
                arguments=arguments,
                has_result=bool(result),
                result=result[0] if result else None,
            )
        )
    return tuple(results)


def _shown(context: Context, params: tuple[Param, ...], body: Body | None, whole: Any) -> tuple[dict[str, Any], bool]:
    """The arguments of an example of the body, and whether the document has all of their values."""
    arguments: dict[str, Any] = {}
    shown = True
    fields = whole if isinstance(whole, dict) and body and body.flattened else {}
    models, types, ruled = context.schemas.models, context.schemas.types, context.schemas.rules.definitions
    for p in params:
        name = names.argument(p.words)
        if p.location == "field" and p.wire_name in fields:
            written = [fields[p.wire_name]]
        else:
            written = [whole] if p.location == "body" and p.examples else list(p.examples)
        # What the document shows against its own schema would be refused.
        written = written if p.encoding else [respelled(value, p.type) for value in written]
        fitting = [value for value in written if p.encoding or fits(value, p.type, models, types)]
        if fitting:
            arguments[name] = fitting[0]
        elif p.required:
            arguments[name], shown = sample(p.type, models, types, name, ruled), False
    if body and body.rules:
        sent = {p.wire_name: p for p in params if p.location == "field"}
        values = {wire: arguments[name] for wire, p in sent.items() if (name := names.argument(p.words)) in arguments}

        def value(wire: str) -> Iterator[Any]:
            if p := sent.get(wire):
                yield sample(p.type, models, types, names.argument(p.words), ruled)

        for wire, each in completed(values, body.rules, ruled, value).items():
            if wire in sent and (wire not in values or values[wire] is not each):
                arguments[names.argument(sent[wire].words)], shown = each, False
    return arguments, shown
