"""Functions that the catalog derives from others: some arguments fixed, one with a schema of its own.

    flux_schnell(prompt=…)  =  create_model_prediction(model_owner=…, model_name=…, input={prompt: …})

What their schemas say is read in `refined`. What the catalog says is ours, and a mistake in it is an error that cites its
place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from .. import names
from ..errors import Finding
from ..ir import (
    MADE,
    Derived,
    Example,
    Function,
    Result,
    is_file,
)
from ..names import words
from ..read.catalog_model import BaseEntry, DerivationEntry, DerivedEntry
from ..read.snapshots import NOTE, Snapshot
from ..text import first_sentence, seen
from . import refined
from .context import Context
from .fitting import fits
from .identity import without
from .samples import sample

_PART = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def derived(context: Context, snapshots: Mapping[str, Snapshot], made: Sequence[Function]) -> tuple[Function, ...]:
    """The derived functions of the catalog, sorted by name."""
    catalog = context.catalog
    known = {function.name: function for function in made}
    for route in catalog.derivations.values() if catalog else ():
        for entry in (route.named, route.versioned, route.fetch, route.fetch_version):
            if entry is not None and entry.function not in known:
                context.unknown(entry.node("function"), "function", entry.function, known)
    results: list[Function] = []
    for name, declared in sorted(catalog.derived.items()) if catalog else ():
        if name in known:
            what = f"{name} is a function of the document, at {known[name].place}"
            context.findings.append(Finding(declared.at.place, what, "give the derived function another name"))
        elif (one := _function(context, name, declared, snapshots[name], known)) is not None:
            results.append(one)
    _told_apart(context, made, results)
    return tuple(results)


def _told_apart(context: Context, made: Sequence[Function], results: Sequence[Function]) -> None:
    """Two that would be the same attribute or command are a mistake of the catalog."""
    taken: dict[tuple[str, str], tuple[str, object]] = {(f.group, "_".join(f.verb)): (f.name, f.place) for f in made}
    for function in made:
        path = function.group.split(".") if function.group else []
        for depth in range(len(path)):
            taken.setdefault((".".join(path[:depth]), path[depth]), (f"the group {path[depth]}", function.place))
    for one in results:
        route = (one.group, "_".join(one.verb))
        other = taken.setdefault(route, (one.name, one.place))
        if other[0] != one.name:
            what = f"{one.name} would be named {'.'.join(filter(None, route))!r}, as is {other[0]} at {other[1]}"
            context.findings.append(Finding(one.place, what, "give one of them another `verb` or `group`"))


def _derivation(context: Context, derived_entry: DerivedEntry) -> DerivationEntry | None:
    ways = context.catalog.derivations if context.catalog else {}
    if derived_entry.derivation:
        if derived_entry.derivation not in ways:
            context.unknown(derived_entry.node("derivation"), "derivation", derived_entry.derivation, ways)
        return ways.get(derived_entry.derivation)
    if len(ways) > 1 and not derived_entry.base:
        what = f"does not name one of the {len(ways)} derivations"
        context.findings.append(Finding(derived_entry.at.place, what, f"set `derivation:` to one of {', '.join(ways)}"))
    return next(iter(ways.values())) if len(ways) == 1 else None


def parts(form: str, source: str) -> dict[str, str] | None:
    """The parts of a source by the form that it is written in; None where it is not of that form."""
    pattern = "".join(
        f"(?P<{piece}>[^/:\\s{{}}]+)" if index % 2 else re.escape(piece)
        for index, piece in enumerate(_PART.split(form))
    )
    match = re.fullmatch(pattern, source)
    return match.groupdict() if match else None


def filled(value: Any, values: Mapping[str, str]) -> Any:
    """A value of the catalog with the parts of the form in the place of their names; what has none stays."""
    if isinstance(value, str):
        return _PART.sub(lambda result: values.get(result[1], result[0]), value)
    if isinstance(value, list):
        return [filled(each, values) for each in value]
    return {key: filled(each, values) for key, each in value.items()} if isinstance(value, dict) else value


def _function(
    context: Context, name: str, derived_entry: DerivedEntry, snapshot: Snapshot, known: Mapping[str, Function]
) -> Function | None:
    route = _derivation(context, derived_entry)
    source = derived_entry.source or snapshot.text("source")
    value = parts(route.form, source) if route and source else {}
    if value is None and route is not None:
        what = f"{source!r} does not have the form {route.form}"
        context.findings.append(Finding(derived_entry.node("source").place, what, "use that form, without a version"))
        return None
    version = derived_entry.version or snapshot.text("version")
    base = _base(context, derived_entry, route, snapshot.named, version, known)
    if base is None:
        return None
    called, fixed = base
    fixed = filled(dict(fixed), {**(value or {}), **({"version": version} if version else {})})
    argument = derived_entry.argument or (route.argument if route else "")
    if not _fitting(context, derived_entry, called, fixed, argument):
        return None
    own = without(context.name, words(name))
    reading = refined.Reading(context, snapshot, name, own)
    params, is_open = refined.params(reading, derived_entry, route)
    follow = (
        derived_entry.follow
        if derived_entry.follow is not None
        else route.follow if route and route.follow is not None else True
    )
    follow = follow and bool(called.job)
    output, joined, notes = refined.output(reading, derived_entry, route) if follow else (None, False, {})
    reading.finish()
    secrets = tuple(
        param.wire_name
        for param in params
        if param.wire_name in reading.secrets or refined.holds(param.type, refined.is_secret, context.schemas)
    )
    params = refined.unshown(reading, params, secrets)
    given_out = ("",) if output is not None and refined.holds(output, is_file, context.schemas) else ()
    place, answer = _answer(route, snapshot, value or {}, version, known)
    title, summary, description = _prose(derived_entry, snapshot, source or name, context)
    group = derived_entry.group if derived_entry.group is not None else _group(route, value or {}, called)
    function = replace(
        called,
        name=name,
        words=own,
        group=group,
        verb=words(derived_entry.verb) if derived_entry.verb else own,
        title=title,
        summary=summary,
        description=description,
        brief=derived_entry.brief,
        keywords=(*derived_entry.keywords, *([source] if source else [])),
        params=params,
        body=None,
        responses=(),
        result=called.result if output is None else Result(kind="json", type=output),
        page=None,
        links=(),
        reference=None,
        instead=(),
        files_in=tuple(param.wire_name for param in params if refined.holds(param.type, is_file, context.schemas)),
        files_out=called.files_out if output is None else given_out,
        web="" if follow else called.web,
        flags=(),
        examples=(),
        guesses=(),
        external_docs=None,
        derived=Derived(
            base=called.name,
            fixed=fixed,
            argument=argument,
            follow=follow,
            open=is_open,
            source=source,
            version=version,
            schema=snapshot.file,
            joined=joined,
            secrets=secrets,
            notes=notes,
            answered_at=place,
            answer=answer,
        ),
        place=derived_entry.at.place,
    )
    return replace(function, examples=_examples(context, derived_entry, function))


def _base(
    context: Context,
    derived_entry: DerivedEntry,
    derivation_entry: DerivationEntry | None,
    named: bool,
    version: str,
    known: Mapping[str, Function],
) -> tuple[Function, Mapping[str, Any]] | None:
    """The function that is called, and its fixed arguments."""
    entry: BaseEntry | None = None
    if not derived_entry.base:
        by_name, by_version = (derivation_entry.named, derivation_entry.versioned) if derivation_entry else (None, None)
        entry = by_name if by_name and (not by_version or (named and not derived_entry.version)) else by_version
        if entry is not None and entry is by_version and not version:
            entry = by_name
        if entry is None:
            lacks = (
                "a version, which its derivation needs" if derivation_entry else "a `base`, and no derivation sets one"
            )
            hint = (
                "write `version:`, or fetch its schema again"
                if derivation_entry
                else "set `base:` to the function that it calls"
            )
            context.findings.append(Finding(derived_entry.at.place, f"lacks {lacks}", hint))
            return None
    wanted = derived_entry.base or (entry.function if entry else "")
    if wanted not in known:
        if derived_entry.base:
            context.unknown(derived_entry.node("base"), "function", wanted, known)
        return None
    return known[wanted], {**(entry.fixed if entry else {}), **derived_entry.fixed}


def _fitting(
    context: Context, derived_entry: DerivedEntry, base: Function, fixed: Mapping[str, Any], argument: str
) -> bool:
    """Whether the base can be called so; findings where it cannot."""
    before = len(context.findings)
    params = {names.argument(param.words): param for param in base.params}
    for each in (*fixed, argument):
        if each not in params:
            context.unknown(derived_entry.node("fixed"), f"argument of {base.name}", each, params)
        elif each == argument and each in fixed:
            what = f"{each!r} takes the object, and cannot be fixed"
            context.findings.append(Finding(derived_entry.node("fixed").place, what, "remove it from `fixed`"))
    schemas = context.schemas
    for each, value in fixed.items():
        if each in params and not fits(value, params[each].type, schemas.models, schemas.types):
            what = f"{value!r} is not a value of {each!r} of {base.name}"
            context.findings.append(Finding(derived_entry.node("fixed").place, what, "use a valid value"))
        elif isinstance(value, str) and (left := _PART.search(value)):
            what = f"{each!r} has {left[0]}, and nothing sets it"
            context.findings.append(
                Finding(derived_entry.node("fixed").place, what, "use the parts of the form, or {version}")
            )
    for each, param in params.items():
        if param.required and each not in fixed and each != argument:
            what = f"{base.name} needs {each!r}"
            context.findings.append(
                Finding(derived_entry.at.place, what, f"write it under `fixed`, as in `fixed: {{{each}: …}}`")
            )
    if argument in params and schemas.opened(params[argument].type).kind not in ("any", "map", "model"):
        what = f"{argument!r} of {base.name} does not take an object"
        context.findings.append(Finding(derived_entry.node("argument").place, what, "use the argument that does"))
    return len(context.findings) == before


def _group(derivation_entry: DerivationEntry | None, values: Mapping[str, str], base: Function) -> str:
    if derivation_entry is None or not derivation_entry.group:
        return base.group
    plain = {part: "_".join(words(value)) for part, value in values.items() if any(map(str.isalnum, value))}
    return str(filled(derivation_entry.group, plain))


def _prose(derived_entry: DerivedEntry, snapshot: Snapshot, source: str, context: Context) -> tuple[str, str, str]:
    message = seen(snapshot.text("description"))
    root = snapshot.document.root
    message = message or (seen(root.text("description")) if "openapi" not in root.value else "")
    summary = seen(derived_entry.summary) or first_sentence(message) or f"Runs {source}."
    more = seen(derived_entry.description) or message
    return seen(derived_entry.title) or source, summary, more if more != summary else ""


def _answer(
    derivation_entry: DerivationEntry | None,
    snapshot: Snapshot,
    values: Mapping[str, str],
    version: str,
    known: Mapping[str, Function],
) -> tuple[str, Any]:
    """The path of the call that a schema comes from, and its response; empty if the catalog declares no such call."""
    fetch = derivation_entry.fetch if derivation_entry else None
    called = known.get(fetch.function) if fetch else None
    if fetch is None or called is None or not values:
        return "", None
    path = called.path
    for param in called.params:
        if param.location == "path":
            value = str(filled(fetch.arguments.get(names.argument(param.words), ""), {**values, "version": version}))
            path = path.replace(f"{{{param.wire_name}}}", quote(value, safe=""))
    document = {key: value for key, value in snapshot.document.root.value.items() if key != NOTE}
    answer: dict[str, Any] = {}
    messages: list[tuple[str, Any]] = [(fetch.description, snapshot.text("description")), (fetch.version, version)]
    messages += [(fetch.named, snapshot.named), (fetch.schema, document)]
    for where, value in messages:
        *steps, last = where.split(".")
        inner = answer
        for step in steps:
            inner = inner.setdefault(step, {})
        if last:
            inner[last] = value
    return path, answer


# ── examples ────────────────────────────────────────────────────────────────────────────────────────────


def _examples(context: Context, derived_entry: DerivedEntry, function: Function) -> tuple[Example, ...]:
    if derived_entry.examples is not None:
        return tuple(
            Example(title=e.title, arguments=e.arguments, has_result=e.has("result"), result=e.result)
            for e in derived_entry.examples
        )
    schemas = context.schemas
    wanted = [param for param in function.params if param.required] or [*function.params[:1]]
    known = schemas.models, schemas.types
    ruled = schemas.rules.definitions
    made = {param.wire_name: sample(param.type, *known, param.wire_name, ruled) for param in wanted}
    return (Example(title=MADE, arguments=made),)
