"""Objects with an identifier: they can be passed in its place, and have the functions that take it as methods.

`models.get(model_owner, model_name)` gives a Model with `owner` and `name`. So a Model can be given where a `model` is
asked for, and `models.versions.list(model_owner, model_name)` is `model.versions.list()`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ... import names
from ...ir import Api, Function, Group, Model, Param


@dataclass(frozen=True)
class Identity:
    """The fields of an object that are the arguments of the function that gets it."""

    function: Function
    arguments: tuple[tuple[str, str], ...]
    """(argument, field on the wire): the last ones of the path."""
    whole: bool
    """Whether these are all the arguments of the path."""

    @property
    def text(self) -> tuple[tuple[str, str], ...]:
        """(field on the wire, the separator that follows it): what is written in its place. Empty where nothing is."""
        if len(self.arguments) == 1:
            return ((self.arguments[0][1], ""),)
        separators = dict(self.function.reference.parts) if self.function.reference else {}
        if [*separators] != [argument for argument, _ in self.arguments]:
            return ()
        return tuple((field, separators[argument]) for argument, field in self.arguments)


@dataclass(frozen=True)
class Owned:
    """A group whose functions are about one object, and those of its functions that an object can have."""

    group: Group
    functions: tuple[Function, ...]


def identities(api: Api) -> dict[str, Identity]:
    """By the key of the model. Of several functions that get it, the first whose arguments it all has."""
    entries: dict[str, Identity] = {}
    for function in api.functions:
        type_ = function.result.type
        if function.method != "GET" or function.page or type_ is None or type_.kind != "model":
            continue
        placed = [param for param in function.params if param.location == "path"]
        matched: list[tuple[str, str]] = []
        for param in reversed(placed):
            field = _field(param, api.models[type_.model])
            if not field:
                break
            matched.insert(0, (names.argument(param.words), field))
        made = Identity(function, tuple(matched), len(matched) == len(placed))
        known = entries.get(type_.model)
        if matched and (known is None or (made.whole and not known.whole)):
            entries[type_.model] = made
    return entries


def _field(param: Param, model: Model) -> str:
    """The field that holds the argument: `owner` or `model_owner` of a Model. Empty where there is none."""
    left = param.words[len(model.words) :] if param.words[: len(model.words)] == model.words else param.words
    if param.type.kind != "string":
        return ""
    return next((f.wire_name for f in model.fields if f.words == left and f.type.kind == "string"), "")


def owners(api: Api, known: dict[str, Identity]) -> dict[str, tuple[Owned, ...]]:
    """What hangs on the objects that have all the arguments of their own path, by the key of the model."""
    result: dict[str, tuple[Owned, ...]] = {}
    taken: set[str] = set()
    for key, identity in known.items():
        own = identity.function.group
        if not identity.whole or not own or own in taken:
            continue
        children = [group for group in api.groups if group.key.rpartition(".")[0] == own]
        made = [Owned(group, _about(api, group, identity)) for group in children]
        if any(owned.functions for owned in made):
            taken.add(own)
            result[key] = tuple(owned for owned in made if owned.functions)
    return result


def _about(api: Api, group: Group, identity: Identity) -> tuple[Function, ...]:
    wanted = {argument for argument, _ in identity.arguments}
    return tuple(
        function
        for function in api.functions
        if function.group == group.key
        and not function.instead
        and "python" not in function.hidden
        and wanted <= {names.argument(param.words) for param in function.params if param.location == "path"}
    )
