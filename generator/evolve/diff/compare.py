"""Two APIs walked side by side: facts, in no surface's spelling and without a verdict."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ... import names
from ...ir import MADE, Api, Function, Param
from ...surfaces.shared.deprecations import notice
from . import answers, bodies, events, match, media, servers, shapes, ways
from .change import SURFACES, Action
from .constraints import Facet
from .credentials import Credentials
from .facts import Fact, joined, label, of_function
from .models import model_facts
from .shapes import spelled
from .within import Names


def compare(old: Api, new: Api) -> Iterator[Fact]:
    """Every difference between the two."""
    types = Names.of(old, new)
    matched = match.functions(old.functions, new.functions)
    # If all of them change together, it is reported once, for the API.
    together = not (old.schemes and new.schemes) and all(a.anonymous != b.anonymous for a, b in matched.both)
    credentials = Credentials(old, new, together)
    yield from _api(old, new, credentials)
    for function in matched.removed:
        yield of_function("function removed", "removed", function, None, function.name, "")
    for function in matched.added:
        yield of_function("function added", "added", None, function, "", function.name)
    for one, other in matched.both:
        yield from _function(one, other, types, (old.models, new.models), credentials)
    made = match.derived(old.derived, new.derived)
    for function in made.removed:
        yield of_function("function removed", "removed", function, None, function.name, "")
    for function in made.added:
        yield of_function("function added", "added", None, function, "", function.name)
    for one, other in made.both:
        yield from _derived(one, other, types)
    yield from ways.other_names(old, new, matched.both)
    yield from ways.commands(old, new)
    yield from events.changes(old, new, types)
    yield from model_facts(old, new, (*matched.both, *made.both))


# ── the whole ─────────────────────────────────────────────────────────────────────────────────────────────

_NAMED = (
    ("package", "package"), ("command", "command"), ("client", "client class"), ("name", "namespace"),
    ("token_env", "token variable"), ("base_url_env", "base URL variable"),
)  # fmt: skip


def _api(old: Api, new: Api, credentials: Credentials) -> Iterator[Fact]:
    for field, name in _NAMED:
        before, after = getattr(old, field), getattr(new, field)
        if before != after and before and after:
            yield Fact(kind=f"{name} renamed", action="renamed", subject=old.name, before=before, after=after)
    yield from servers.changes(old, new)
    yield from credentials.of_api()
    for field in ("title", "summary", "description", "homepage", "token_url"):
        if getattr(old, field) != getattr(new, field):
            yield Fact(kind="prose", action="prose", subject=old.name, name=field)
    prose = {group.key: (group.title, group.summary) for group in old.groups}
    for group in new.groups:
        if prose.get(group.key, (group.title, group.summary)) != (group.title, group.summary):
            yield Fact(kind="prose", action="prose", subject=group.key)


# ── functions ─────────────────────────────────────────────────────────────────────────────────────────────


_DEFAULTS = (("timeout", "default timeout"), ("retries", "default retries"), ("headers", "constant headers"))


def _function(
    old: Function, new: Function, types: Names, models: bodies.Models, credentials: Credentials
) -> Iterator[Fact]:
    before, after = (f"{f.group}.{'_'.join(f.verb)}" for f in (old, new))
    if old.name != new.name or before != after:
        shown = (old.name, new.name) if old.name != new.name else (label(old), label(new))
        yield of_function("function renamed", "renamed", old, new, *shown)
    if old.method != new.method:
        yield of_function("method changed", "changed", old, new, old.method, new.method)
    if match.shape(old.path) != match.shape(new.path):
        yield of_function("path changed", "changed", old, new, old.path, new.path)
    if old.server != new.server:
        yield of_function("server changed", "changed", old, new, old.server or "the API's", new.server or "the API's")
    yield from credentials.of_function(old, new)
    before, after = joined(old.classes), joined(new.classes)
    for name in sorted({*new.classes} - {*old.classes, "read"}):
        yield of_function(f"{name} gained", "added", old, new, before, after)
    for name in sorted({*old.classes} - {*new.classes, "read"}):
        yield of_function(f"{name} lost", "removed", old, new, before, after)
    if old.idempotent != new.idempotent:
        yield of_function("retries changed", "changed", old, new, _repeats(old), _repeats(new))
    for surface in SURFACES:
        if (surface in old.hidden) != (surface in new.hidden):
            hidden = surface in new.hidden
            kind, action = (f"hidden from {surface}", "removed") if hidden else (f"shown in {surface}", "added")
            yield of_function(kind, action, old, new, "", "")  # type: ignore[arg-type]
    for attribute, what in _DEFAULTS:
        before, after = (_default(getattr(function, attribute)) for function in (old, new))
        if before != after:
            yield of_function(f"{what} changed", "changed", old, new, before, after)
    yield from _deprecation(old, new)
    yield from _params(old, new, types)
    yield from ways.alternatives(old, new)
    yield from bodies.changes(old, new, models, types)
    yield from _result(old, new, types)
    yield from answers.changes(old, new, types)
    yield from _links(old, new)
    if _metadata(old) != _metadata(new):
        yield of_function("prose", "prose", old, new, "", "")
    if _shown(old) != _shown(new):
        yield of_function("examples", "prose", old, new, "", "")


def _links(old: Function, new: Function) -> Iterator[Fact]:
    """The links of a response."""
    before, after = ({(link.status, link.name): link for link in function.links} for function in (old, new))
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            action: Action = "added" if one is None else "removed"
        elif replace(one, description="") != replace(other, description=""):
            action = "changed"
        else:
            continue
        yield Fact(
            kind=f"link {action}", action=action, subject=label(old), name=key[1], place=new.place, old=old, new=new
        )


def _derived(old: Function, new: Function, types: Names) -> Iterator[Fact]:
    """Of a function that is made of another: its own arguments and output, and what it is made of."""
    before, after = old.derived, new.derived
    assert before is not None and after is not None
    for kind, one, other in (
        ("base changed", before.base, after.base),
        ("schema version changed", before.version, after.version),
        ("waiting changed", _waits(before.follow), _waits(after.follow)),
    ):
        if one != other:
            yield of_function(kind, "changed", old, new, one, other)
    earlier, later = joined(old.classes), joined(new.classes)
    for name in sorted({*new.classes} - {*old.classes, "read"}):
        yield of_function(f"{name} gained", "added", old, new, earlier, later)
    for name in sorted({*old.classes} - {*new.classes, "read"}):
        yield of_function(f"{name} lost", "removed", old, new, earlier, later)
    if before.open != after.open:
        yield of_function("arguments opened" if after.open else "arguments closed", "changed", old, new, "", "")
    if before.joined != after.joined:
        yield of_function("output joined" if after.joined else "output in pieces", "changed", old, new, "", "")
    yield from _params(old, new, types)
    yield from _result(old, new, types)
    if _metadata(old) != _metadata(new):
        yield of_function("prose", "prose", old, new, "", "")


def _waits(follow: bool) -> str:
    return "gives the output of its job" if follow else "gives its job"


def _metadata(function: Function) -> tuple[object, ...]:
    return function.title, function.summary, function.description, function.brief, function.keywords


def _shown(function: Function) -> tuple[object, ...]:
    """The examples that somebody wrote: what is made of types changes with them."""
    return tuple(example for example in function.examples if example.title != MADE)


def _repeats(function: Function) -> str:
    return "may be repeated" if function.idempotent else "must not be repeated"


def _default(value: object) -> str:
    """The value that applies if the caller passes none."""
    if isinstance(value, tuple):
        return joined(f"{name}: {text}" for name, text in value) or "none"
    return "the usual" if value is None else str(value)


def _deprecation(old: Function, new: Function) -> Iterator[Fact]:
    if notice(old) != notice(new):
        kind = "function deprecated" if new.deprecated else "function no longer deprecated"
        yield of_function(kind, "changed", old, new, "", _promise(new))


def _promise(thing: Function | Param) -> str:
    """The details of `deprecated`: since when, until when, what to use."""
    return notice(thing).removeprefix("Deprecated").removesuffix(".")


def _result(old: Function, new: Function, types: Names) -> Iterator[Fact]:
    if old.result.kind != new.result.kind:
        yield of_function("result kind changed", "changed", old, new, old.result.kind, new.result.kind)
    elif old.result.type is not None and new.result.type is not None:
        for facet in shapes.facets(old.result.type, new.result.type, types):
            if facet.relation != "default":
                yield Fact(
                    kind=f"result {facet.relation}", action="changed", subject=label(old), name=facet.what,
                    before=facet.before, after=facet.after, place=new.place, old=old, new=new, facet=facet,
                )  # fmt: skip
    if old.result.may_be_empty != new.result.may_be_empty and old.result.kind == new.result.kind != "empty":
        kind = "result may be empty" if new.result.may_be_empty else "result is never empty"
        yield of_function(kind, "changed", old, new, "", "")
    if bool(old.page) != bool(new.page):
        kind = "pages added" if new.page else "pages removed"
        yield of_function(kind, "added" if new.page else "removed", old, new, "", "")
    if bool(old.job) != bool(new.job):
        yield of_function(
            "job added" if new.job else "job removed", "added" if new.job else "removed", old, new, "", ""
        )


# ── arguments ─────────────────────────────────────────────────────────────────────────────────────────────


def _params(old: Function, new: Function, types: Names) -> Iterator[Fact]:
    mine, theirs = old.params, new.params
    if old.body and new.body and old.body.flattened != new.body.flattened:
        kind = "arguments became a body" if old.body.flattened else "body became arguments"
        yield of_function(kind, "changed", old, new, "", "")
        mine, theirs = (tuple(p for p in f.params if p.location not in ("field", "body")) for f in (old, new))
    matched = match.params(mine, theirs, match.shape(old.path) != match.shape(new.path))

    def fact(
        kind: str,
        action: Action,
        one: Param | None,
        other: Param | None,
        before: str,
        after: str,
        facet: Facet | None = None,
    ) -> Fact:
        param = one or other
        assert param is not None
        return Fact(
            kind=kind, action=action, subject=label(old), name=names.argument(param.words), before=before, after=after,
            place=(other or param).place, old=old, new=new, old_param=one, new_param=other, facet=facet,
        )  # fmt: skip

    for param in matched.removed:
        yield fact("parameter removed", "removed", param, None, spelled(param.type), "")
    for param in matched.added:
        kind = "required parameter added" if param.required else "optional parameter added"
        yield fact(kind, "added", None, param, "", spelled(param.type))
    for one, other in matched.both:
        if one.words != other.words:
            yield fact("parameter renamed", "renamed", one, other, "_".join(one.words), "_".join(other.words))
        if one.location != other.location:
            yield fact("parameter moved", "changed", one, other, one.location, other.location)
        elif match.on_wire(one) != match.on_wire(other) and one.words == other.words and one.location != "path":
            yield fact("wire name changed", "changed", one, other, one.wire_name, other.wire_name)
        if one.required != other.required:
            kind = "parameter became required" if other.required else "parameter became optional"
            yield fact(kind, "changed", one, other, _needed(one), _needed(other))
        for facet in shapes.facets(one.type, other.type, types):
            kind = "parameter default" if facet.relation == "default" else f"parameter {facet.relation}"
            yield fact(kind, "changed", one, other, facet.before, facet.after, facet)
        before, after = _written(one), _written(other)
        if one.allow_reserved and not other.allow_reserved:
            before, after = (f"{before}, reserved characters as they are", f"{after}, reserved characters encoded")
        if before != after and one.location == other.location != "body":
            yield fact("serialization changed", "changed", one, other, before, after)
        if notice(one) != notice(other):
            kind = "parameter deprecated" if other.deprecated else "parameter no longer deprecated"
            yield fact(kind, "changed", one, other, "", _promise(other))
        if one.description != other.description:
            yield fact("prose", "prose", one, other, "", "")
    if old.derived is None:
        yield from ways.positional(old, new, matched.both)


def _needed(param: Param) -> str:
    return "required" if param.required else "optional"


def _written(param: Param) -> str:
    sent = ", ".join(f"{name}: {value}" for name, value in param.headers)
    exploded = "exploded" if param.explode else ""
    parts = (param.style, exploded, param.array_format, media.plain(param.media_type), param.encoding, sent)
    return " ".join(part for part in parts if part) or "plain"
