"""Which objects the functions and other objects of an API hold, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from ...ir import Api, Function, Model, Type, opened

SHARED = 200
"""Fields that an object's uses come to in all, beyond which they are described on its page alone."""


def objects(api: Api, type_: Type, suffix: str = "") -> Iterator[tuple[Model, str]]:
    """The objects directly within a type, and how a path steps into each; of named types, only the outermost is stepped into."""
    yield from _objects(api, type_, suffix, False)


def _objects(api: Api, type_: Type, suffix: str, entered: bool) -> Iterator[tuple[Model, str]]:
    if type_.name:
        if entered:
            return
        type_, entered = opened(type_, api.types), True
    match type_.kind:
        case "model":
            yield api.models[type_.model], suffix
        case "array" if type_.items:
            yield from _objects(api, type_.items, suffix + "[]", entered)
        case "map" if type_.items:
            yield from _objects(api, type_.items, suffix + ".*", entered)
        case "union":
            for member in type_.members:
                yield from _objects(api, member, suffix, entered)


def givers(api: Api) -> Mapping[str, tuple[Function, ...]]:
    """The functions whose result is an object, or a list of it, or names it one step below; by the object's key."""
    found: dict[str, dict[str, Function]] = {}
    for function in api.functions:
        held = function.page.item if function.page else function.result.type
        for model in _within(api, held) if held is not None else ():
            found.setdefault(model.key, {})[function.name] = function
    return {key: tuple(functions.values()) for key, functions in found.items()}


def _within(api: Api, type_: Type) -> Iterator[Model]:
    for found, _ in objects(api, type_):
        yield found
        for item in found.fields:
            yield from (inner for inner, _ in objects(api, item.type))


def shared(api: Api, paged: Iterable[str]) -> frozenset[str]:
    """The objects that so much holds that their fields are not repeated wherever one stands.

    paged: the keys of those that have a page of their own.
    """
    uses: Counter[str] = Counter()
    for type_ in _places(api):
        uses.update(model.key for model, _ in objects(api, type_))
    return frozenset(key for key in paged if key in api.models and uses[key] * len(api.models[key].fields) > SHARED)


def _places(api: Api) -> Iterator[Type]:
    for function in api.functions:
        yield from (param.type for param in function.params)
        if function.result.type is not None:
            yield function.result.type
    for model in api.models.values():
        yield from (item.type for item in model.fields)
