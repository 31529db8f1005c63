"""Which objects the functions and other objects of an API hold, and how often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from functools import cache

from ... import names
from ...ir import Api, Function, Model, Type, opened
from ..python.unions import members

SHARED = 200
"""Fields that an object within others comes to on all pages, beyond which they are described on its own page alone."""
GIVEN = 600
"""As many, with all that opens within, for an object that functions take or give themselves: its fields are what a
reader of a function's page looks for first."""


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
    entries: dict[str, dict[str, Function]] = {}
    for function in api.functions:
        type_ = function.page.item if function.page else function.result.type
        for model in _within(api, type_) if type_ is not None else ():
            entries.setdefault(model.key, {})[function.name] = function
    return {key: tuple(functions.values()) for key, functions in entries.items()}


def _within(api: Api, type_: Type) -> Iterator[Model]:
    for outcome, _ in objects(api, type_):
        yield outcome
        for item in outcome.fields:
            yield from (inner for inner, _ in objects(api, item.type))


def shared(api: Api, paged: Collection[str], depth: int) -> frozenset[str]:
    """The objects that so much holds that their fields are not repeated wherever one stands.

    paged: the keys of those that have a page of their own; depth: how many objects within one another are written out.
    An object is counted as often as it would be written, so once for each time that what holds it is.
    """
    results: set[str] = set()
    written: Counter[str] = Counter()
    level = Counter(model.key for type_ in _roots(api) for model, _ in objects(api, type_))
    level.update(key for key in paged if key in api.models)
    objects_in = cache(
        lambda key: Counter(m.key for item in api.models[key].fields for m, _ in objects(api, item.type))
    )
    for _ in range(depth):
        inner: Counter[str] = Counter()
        for key, times in level.items():
            inner.update({other: times * count for other, count in objects_in(key).items()})
        written += inner
        results.update(key for key in inner if key in paged and written[key] * len(api.models[key].fields) > SHARED)
        level = Counter({key: times for key, times in inner.items() if key not in results})
    return frozenset(results)


def returned(api: Api, paged: Collection[str], closed: Collection[str], depth: int) -> frozenset[str]:
    """The objects that so many functions take or give that their own page alone describes them.

    closed: those that are not opened within others. As in `shared`, `paged` have a page of their own.
    """

    @cache
    def fields(key: str, left: int) -> int:
        """The fields that are written out where this object is."""
        own = api.models[key].fields
        inner = (m.key for item in own for m, _ in objects(api, item.type)) if left else ()
        return len(own) + sum(fields(each, left - 1) for each in inner if each not in closed)

    places = Counter(model.key for type_ in _roots(api) for model, _ in objects(api, type_))
    return frozenset(
        key for key, count in places.items() if key in paged and count > 1 and count * fields(key, depth) > GIVEN
    )


def _roots(api: Api) -> Iterator[Type]:
    """What is written out from its fields on: arguments and results."""
    for function in api.functions:
        yield from (param.type for param in function.params)
        if function.result.type is not None:
            yield function.result.type


def alternatives(api: Api) -> dict[str, tuple[str, Type]]:
    """The unions of several objects that results hold, by their name or their place: where each stands, and it."""
    entries: dict[str, tuple[str, Type]] = {}
    todo: list[tuple[str, Type]] = [
        (f"the result of {function.name}", type_)
        for function in api.functions
        if (type_ := result(function)) is not None
    ]
    named: set[str] = set()
    seen: set[str] = set()
    todo.reverse()
    while todo:
        where, type_ = todo.pop()
        if type_.name:
            if type_.name in named:
                continue
            named.add(type_.name)
            where = str(names.type_name(api.types[type_.name]))
            type_ = opened(type_, api.types)
        if type_.kind == "model" and type_.model not in seen:
            seen.add(type_.model)
            model = api.models[type_.model]
            todo += reversed([(f"{names.type_name(model)}.{field.wire_name}", field.type) for field in model.fields])
        elif type_.kind in ("array", "map") and type_.items is not None:
            todo.append((where, type_.items))
        elif type_.kind == "union":
            if len(members(type_, api)) > 1:
                entries.setdefault(where, (where, type_))
            todo += reversed([(where, member) for member in type_.members])
    return entries


def result(function: Function) -> Type | None:
    """What a function gives: of a list of pages, an item."""
    return function.page.item if function.page else function.result.type
