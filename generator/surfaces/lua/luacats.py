"""The annotations of the plain Lua module for editors (LuaCATS): every function, argument, result and field."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ... import names, text
from ...ir import Api, Field, Function, Named, Param, Type
from ...text import Code, first_sentence, prose
from ..shared.limits import FEW, meanings

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_WORD = re.compile(r"[A-Za-z0-9_.:/ -]+\Z")
_KINDS = {"boolean": "boolean", "integer": "integer", "number": "number", "string": "string"}
_RESULTS = {"text": "string", "binary": "string", "events": "any[]", "empty": "true"}
_MARKS = frozenset("@|?:,=<>()[]{}#+-&")
_OPTIONAL = Code("?")
_NOTHING = Code("")


@dataclass(frozen=True)
class MetaField:
    """One argument or one property."""

    name: Code
    mark: Code
    type: Code
    description: Code


@dataclass(frozen=True)
class MetaClass:
    """The arguments of a function, or a model."""

    name: Code
    description: Code
    fields: tuple[MetaField, ...]


@dataclass(frozen=True)
class MetaAlias:
    """A named union, list or map."""

    name: Code
    description: Code
    type: Code


@dataclass(frozen=True)
class MetaFunction:
    """One function: what it takes and gives."""

    name: Code
    arguments: Code
    mark: Code
    options: Code
    """The parameters after the arguments: the options of a derived function."""
    result: Code
    summary: Code


@dataclass(frozen=True)
class MetaGroup:
    """Functions by their verbs, and the groups inside."""

    name: Code
    functions: tuple[MetaFunction, ...]
    groups: tuple[MetaField, ...]


@dataclass(frozen=True)
class MetaView:
    """The annotations."""

    header: Code
    package: Code
    types: tuple[MetaClass, ...]
    aliases: tuple[MetaAlias, ...]
    arguments: tuple[MetaClass, ...]
    functions: tuple[MetaFunction, ...]
    groups: tuple[MetaGroup, ...]
    top: tuple[MetaField, ...]
    token: bool
    """Clients take one."""
    credentials: bool
    """Clients take others beside it."""


def view(api: Api, header: Code) -> MetaView:
    """The annotations of a whole API."""
    package, called = str(names.package(api).lua), names.called(api)
    results = {function.name: function.result for function in api.functions}
    # What one gives that is made of another is what that gives: its job.
    made = [replace(each, result=results[each.derived.base]) for each in api.derived if each.derived]
    called = {**called, **{each.name: names.call(api, each) for each in made}}
    functions = (*api.functions, *made)
    models = {key: _class_of(package, item) for key, item in api.named.items()}
    # What is taken is read where it is called: it lists its values, unless they are many.
    listed = {key for key, named in api.types.items() if 0 < len(named.type.values) <= FEW}
    taken = {key: name for key, name in models.items() if key not in listed}
    groups = {key: f"{package}.groups.{noun.annotation}" for key, noun in names.nouns(api).items()}
    inner = {group.key: _groups_in(api, group.path, groups) for group in api.groups}
    return MetaView(
        header=header,
        package=Code(package),
        token=bool(api.token_env),
        credentials=len(api.schemes) > 1 or any(each.kind in ("basic", "digest") for each in api.schemes),
        types=tuple(
            MetaClass(
                Code(models[model.key]),
                commented(first_sentence(model.description)),
                tuple(_property(field, models, package) for field in model.fields),
            )
            for model in sorted(api.models.values(), key=lambda model: models[model.key])
        ),
        aliases=tuple(
            MetaAlias(
                Code(models[named.key]),
                commented(first_sentence(named.description)),
                Code(type_of(named.type, models, package)),
            )
            for named in sorted(api.types.values(), key=lambda named: models[named.key])
        ),
        arguments=tuple(_arguments(f, called[f.name], taken, package) for f in functions),
        functions=tuple(
            _function(function, called[function.name], called[function.name].lua, models, package)
            for function in functions
        ),
        groups=tuple(
            MetaGroup(
                Code(groups[group.key]),
                tuple(
                    _function(function, called[function.name], called[function.name].in_group, models, package)
                    for function in functions
                    if function.group == group.key
                ),
                inner[group.key],
            )
            for group in api.groups
        ),
        top=_groups_in(api, (), groups),
    )


def commented(line: str) -> Code:
    """One line of a comment for LuaCATS, which begins neither a tag nor another alternative of a type."""
    return Code(f"\\{line}" if line and line[0] in _MARKS else line)


def _class_of(package: str, model: Named) -> str:
    return f"{package}.types.{names.type_name(model)}"


def _groups_in(api: Api, path: tuple[names.Words, ...], groups: dict[str, str]) -> tuple[MetaField, ...]:
    """The groups right inside of one."""
    return tuple(
        MetaField(names.nouns(api)[group.key].lua, _NOTHING, Code(groups[group.key]), _NOTHING)
        for group in api.groups
        if group.path[:-1] == path
    )


def _arguments(function: Function, called: names.Called, models: dict[str, str], package: str) -> MetaClass:
    if function.derived is not None:
        fields = [
            MetaField(
                _member(param.wire_name),
                _NOTHING if param.required else _OPTIONAL,
                Code(type_of(param.type, models, package)),
                commented(first_sentence(param.description)),
            )
            for param in function.params
        ]
        if function.derived.open:
            fields.append(MetaField(Code("[string]"), _NOTHING, Code("any"), _NOTHING))
        return MetaClass(Code(f"{package}.{called.annotation}.Arguments"), _NOTHING, tuple(fields))
    return MetaClass(
        Code(f"{package}.{called.annotation}.Arguments"),
        _NOTHING,
        tuple(
            MetaField(
                Code(names.argument(param.words)),
                _NOTHING if param.required else _OPTIONAL,
                Code(type_of(param.type, models, package)),
                commented(_described(param)),
            )
            for param in function.params
        ),
    )


def _described(part: Param | Field) -> str:
    return " ".join(each for each in (first_sentence(part.description), meanings(part.type)) if each)


def _member(wire_name: str) -> Code:
    """A name that the API gives, as a field is called."""
    return Code(wire_name) if _PLAIN.match(wire_name) else Code(f"[{text.lua_literal(wire_name)}]")


def _property(field: Field, models: dict[str, str], package: str) -> MetaField:
    return MetaField(
        _member(field.wire_name),
        _NOTHING if field.required else _OPTIONAL,
        Code(type_of(field.type, models, package)),
        commented(_described(field)),
    )


def _function(
    function: Function, called: names.Called, name: Code, models: dict[str, str], package: str
) -> MetaFunction:
    kind = function.result.kind
    result = type_of(function.result.type, models, package) if kind == "json" else _RESULTS[kind]
    others = {_RESULTS[c.kind] for _, c in function.result.contents if c.kind not in ("json", kind)} - {result}
    result = "|".join([result, *sorted(others)]) if result != "any" else result
    return MetaFunction(
        name=name,
        arguments=Code(f"{package}.{called.annotation}.Arguments"),
        mark=_NOTHING if any(param.required for param in function.params) else _OPTIONAL,
        options=Code(", options?: table") if function.derived is not None else _NOTHING,
        result=Code(f"({result})?" if "|" in result else f"{result}?"),
        summary=commented(prose(function.summary)),
    )


def type_of(kind: Type | None, models: dict[str, str], package: str) -> str:
    """The LuaCATS type of a value. A null is the module's `null`; a file is bytes, or a table with their name."""
    if kind is None:
        return "any"
    result = _type_of(kind, models, package)
    return f"{result}|{package}.Null" if kind.nullable and result != "any" else result


def _type_of(kind: Type, models: dict[str, str], package: str) -> str:
    if kind.name and (kind.name in models or not kind.values):
        return models[kind.name]
    match kind.kind:
        case "array":
            inner = type_of(kind.items, models, package)
            return f"({inner})[]" if "|" in inner else f"{inner}[]"
        case "map":
            return f"table<string, {type_of(kind.items, models, package)}>"
        case "model":
            return models.get(kind.model, "table")
        case "union":
            return "|".join(dict.fromkeys(type_of(member, models, package) for member in kind.members))
        case "binary":
            return f"string|{package}.File"
        case "string" if kind.values and all(isinstance(v, str) and _WORD.match(v) for v in kind.values):
            return "|".join(f'"{value}"' for value in kind.values)
        case _:
            return _KINDS.get(kind.kind, "any")
