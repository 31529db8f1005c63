"""How the member of a union is recognised: by its discriminator, by constants, else by its required fields."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...ir import Api, Field, Model, NamedType, Type, opened
from ...text import Code, python_literal


def flattened(type_: Type, types: Mapping[str, NamedType]) -> Iterator[Type]:
    """The members of a union and of the unions in it, each once, by what they mean."""
    seen: set[str] = set()
    names: set[str] = set()
    todo = [type_]
    while todo:
        part = todo.pop()
        if part.kind == "named" or part.name:
            if part.name in seen:
                continue
            seen.add(part.name)
            part = opened(part, types)
        if part.kind == "union":
            todo += reversed(part.members)
        elif part.model not in names:
            names |= {part.model} if part.model else set()
            yield part


def choice(type_: Type, api: Api, view: Callable[[str], str], free: bool) -> Code:
    """What tells the objects of a union apart, as the runtime takes it.

    view: the class of a model. free: an object without known fields is one of them.
    """
    models = members(type_, api)
    by, of, default = discriminator(type_, api)
    tags = constants(models)
    values: dict[str, Any] = {"by": by} if by and of else {}
    if values:
        named = {value: tuple(view(key) for key in keys) for value, keys in of.items()}
        values["of"] = {value: classes[0] if len(classes) == 1 else classes for value, classes in named.items()}
    values |= {"default": view(default)} if default else {}
    values |= {"free": True} if free else {}
    forms = tuple(
        (view(m.key), tuple(f.wire_name for f in m.fields if f.required and not f.write_only), tags[m.key])
        for m in models
    )
    written = [python_literal(forms), *(f"{name}={python_literal(value)}" for name, value in values.items())]
    return Code(f"_Choice({', '.join(written)})")


def members(type_: Type, api: Api) -> list[Model]:
    """The objects with known fields that a union may be."""
    return [api.models[part.model] for part in flattened(type_, api.types) if _has_fields(part, api)]


def constants(models: list[Model]) -> dict[str, dict[str, tuple[Any, ...]]]:
    """By the key of each model: the fields whose value tells it from the others, and those values."""
    return {model.key: _tags(model, models) for model in models}


def discriminator(type_: Type, api: Api) -> tuple[str, dict[str, tuple[str, ...]], str]:
    """The discriminator, the models that each of its values means, and the model where it tells nothing."""
    by, of, default = _discriminator(type_, api)
    known = {key for keys in of.values() for key in keys}
    models = members(type_, api) if by else []
    for key, tags in constants(models).items():
        # A member that is written in place has no name, but may say its value itself.
        for value in tags.get(by, ()):
            if key not in known:
                text = value if isinstance(value, str) else str(value).lower()
                of[text] = (*of.get(text, ()), key)
    return by, of, default


def _discriminator(type_: Type, api: Api) -> tuple[str, dict[str, tuple[str, ...]], str]:
    """The discriminator, the models that each of its values means, and the model where it tells nothing.

    A value may mean a union. Unions within one that has no discriminator, or the same, are read as one with it.
    """
    meant = opened(type_, api.types)
    result = meant.discriminator
    by, of, default = "", dict[str, tuple[str, ...]](), ""
    if result is not None:
        by = result.wire_name
        of = {value: keys for value, key in result.mapping if (keys := _models(key, api))}
        default = next(iter(_models(result.default, api)), "") if result.default in api.models else ""
    for member in meant.members:
        if opened(member, api.types).kind == "union" and member.name != type_.name:
            inner, values, _ = _discriminator(opened(member, api.types), api)
            if inner and by in ("", inner):
                by = inner
                of = {**{value: keys for value, keys in values.items() if value not in of}, **of}
    return by, of, default


def _models(key: str, api: Api) -> tuple[str, ...]:
    """The models with fields that a key means: one, or those of a union."""
    if key in api.types:
        return tuple(p.model for p in flattened(Type(kind="named", name=key), api.types) if _has_fields(p, api))
    return (key,) if key in api.models and api.models[key].fields else ()


def _has_fields(part: Type, api: Api) -> bool:
    return bool(part.model and api.models[part.model].fields)


def _tags(model: Model, models: list[Model]) -> dict[str, tuple[Any, ...]]:
    """The fields whose value tells a model from others: one that is always the same, or whose values no other has."""
    result = {}
    for field in model.fields:
        if not field.type.values or not all(isinstance(value, (str, int, bool)) for value in field.type.values):
            continue
        others = [each for other in models if other is not model and (each := _field(other, field.wire_name))]
        apart = all(other.type.values and not set(other.type.values) & set(field.type.values) for other in others)
        if len(field.type.values) == 1 or (others and apart):
            result[field.wire_name] = field.type.values
    return result


def _field(model: Model, wire_name: str) -> Field | None:
    return next((field for field in model.fields if field.wire_name == wire_name), None)
