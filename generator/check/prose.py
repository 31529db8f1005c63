"""Prose that a function, an argument, a group or a model has not."""

from __future__ import annotations

from collections.abc import Iterator

from .. import names
from ..ir import Api, Param, description_of
from .advised import Advice, warn


def prose(api: Api) -> Iterator[Advice]:
    for function in api.functions:
        where = f"functions.{function.name}"
        if not function.summary or function.summary == f"{function.method} {function.path}":
            yield warn(
                "summary", function.place, f"{function.name} has no summary", f"write {where}.summary in the catalog"
            )
        if not function.description:
            hint = f"write {where}.description in the catalog"
            yield warn("description", function.place, f"{function.name} has no description", hint)
        for param in function.params:
            if not description_of(param):
                what = f"{argument(param)} of {function.name} has no description"
                yield warn("description", param.place, what, "describe it in the document or the catalog")
    used = {function.group for function in api.functions}
    for group in api.groups:
        if group.key in used and not group.summary:
            place = next(f.place for f in api.functions if f.group == group.key)
            yield warn("summary", place, f"the group {group.key} has no summary", f"write groups.{group.key}.summary")
    for model in api.models.values():
        bare = [field for field in model.fields if not description_of(field)]
        if bare:
            named = ", ".join(field.wire_name for field in bare[:5]) + (", …" if len(bare) > 5 else "")
            what = f"{len(bare)} of {len(model.fields)} fields of {model.key} have no description: {named}"
            yield warn("description", bare[0].place, what, "describe them in the document")


def argument(param: Param) -> str:
    """An argument as messages show it."""
    return str(names.SNAKE.spell(param.words))
