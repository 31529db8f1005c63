"""The request body as a whole: its media types, whether it must be there, and what its schema says beside its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ...ir import Body, Function, Model
from . import media, shapes
from .constraints import Facet, rules
from .facts import Fact, joined, label, of_function
from .within import Names

Models = tuple[Mapping[str, Model], Mapping[str, Model]]
"""Those of the old and of the new API, by key."""


def changes(old: Function, new: Function, models: Models, types: Names) -> Iterator[Fact]:
    """What changed about the body of a request as a whole; its arguments are compared one by one elsewhere."""
    yield from _required(old, new)
    if old.body and new.body:
        yield from _media_types(old, new, old.body, new.body)
        if old.body.flattened != new.body.flattened:
            for facet in shapes.facets(old.body.type, new.body.type, types):
                yield _of(f"body {facet.relation}", old, new, facet)
    own = list(rules(old.body.rules if old.body else (), new.body.rules if new.body else ()))
    for facet in own:
        yield _of(f"body {facet.relation}", old, new, facet)
    one, other = (_model(f.body, known) for f, known in zip((old, new), models))
    if one is not None and other is not None:
        if not own:
            # What no choice of arguments can break, a request of another make may.
            for facet in rules(one.rules, other.rules):
                yield _of(f"request body {facet.relation}", old, new, facet)
        if one.closed != other.closed:
            kind = "other body fields refused" if other.closed else "other body fields allowed"
            yield of_function(kind, "changed", old, new, "", "")


def _of(kind: str, old: Function, new: Function, facet: Facet) -> Fact:
    return Fact(
        kind=kind, action="changed", subject=label(old), before=facet.before, after=facet.after, place=new.place, old=old,
        new=new, facet=facet,
    )  # fmt: skip


def _model(body: Body | None, models: Mapping[str, Model]) -> Model | None:
    """The object that the arguments form, if the fields of the body become arguments."""
    return models.get(body.type.model) if body is not None and body.flattened else None


def _required(old: Function, new: Function) -> Iterator[Fact]:
    """Of bodies whose fields become arguments: of the others the argument tells it."""
    before, after = (function.body is not None and function.body.required for function in (old, new))
    if before == after or not all(f.body is None or f.body.flattened for f in (old, new)):
        return
    if after and not any(param.location == "field" and param.required for param in new.params):
        yield of_function("body became required", "changed", old, new, "optional", "required")
    elif before and new.body is not None:
        yield of_function("body became optional", "changed", old, new, "required", "optional")


def _media_types(old: Function, new: Function, one: Body, other: Body) -> Iterator[Fact]:
    before, after = ([media.plain(each) for each in (body.media_type, *body.also)] for body in (one, other))
    if before[0] != after[0]:
        kind = "body media type changed" if media.lost(before[:1], after) else "preferred media type changed"
        yield of_function(kind, "changed", old, new, one.media_type, other.media_type)
    gone, come = media.lost(before[1:], after), media.lost(after[1:], before)
    if gone:
        yield of_function("request media type removed", "removed", old, new, joined(gone), "")
    if come:
        yield of_function("request media type added", "added", old, new, "", joined(come))
