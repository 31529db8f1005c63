"""A function as a method: its arguments, its docstring, and its result."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from ... import names
from ...ir import Function, Param, Type
from ...names import Words
from ...text import Code, first_sentence, prose, python_docstring, python_literal, visible
from ..shared.deprecations import notice
from ..shared.limits import FEW, meanings
from ..shared.placing import places
from .operations import replaced, shape, stream_results
from .spelling import unlinked
from .types import Types, optional, union

_OBJECT, _JSON_OBJECT = Code("Mapping[str, Any]"), Code("ObjectInput")
"""A free-form object: anywhere, and where it is written as JSON, which takes a dataclass as well."""


@dataclass(frozen=True)
class Argument:
    """One argument of a method: how it is declared and where it goes."""

    name: Code
    key: Code
    type: Code
    declaration: Code


@dataclass(frozen=True)
class Overload:
    """What a method returns where one of its arguments has a certain value."""

    placed: tuple[Argument, ...]
    named: tuple[Argument, ...]
    returns: Code
    async_returns: Code


@dataclass(frozen=True)
class Method:
    """One function as a method."""

    name: Code
    operation: Code
    arguments: tuple[Argument, ...]
    placed: tuple[Argument, ...]
    """Arguments that may be positional: the object of the function, or if there is none, the page of a list."""
    named: tuple[Argument, ...]
    """What goes by its name alone."""
    instead: tuple[Argument, ...]
    """Those that make it call another function."""
    first: Code
    lines: tuple[Code, ...]
    options: tuple[Argument, ...]
    empty: bool
    returns: Code
    async_returns: Code
    overloads: tuple[Overload, ...] = ()


def method_of(function: Function, types: Types) -> Method:
    """The method that calls a function."""
    called = names.called(types.api)[function.name]
    result = shape(function, types)
    arguments = tuple(argument_of(param, types, function) for param in function.params)
    lines: list[str] = []
    described = "" if visible(function.description).strip() == function.summary else visible(function.description)
    lines += _wrapped(described)
    lines += ["", notice(function)] if function.deprecated else []
    instead = tuple(_alternative(name, types) for name, _ in function.instead)
    left = replaced(types.api, function)
    arguments = tuple(
        (
            replace(a, declaration=Code(f"{a.name}: {optional(a.type, True)} = None"))
            if names.argument(p.words) in left
            else a
        )
        for p, a in zip(function.params, arguments, strict=True)
    )
    options = _options(function)
    placed = _placed(function, arguments)
    if not any(param.required for param in function.params):
        placed = tuple(option for option in options if option.name.startswith("cursor"))
    joined = (
        {python_literal(function.reference.parts[0][0]): prose(function.reference.shown)} if function.reference else {}
    )
    notes = [
        f"{argument.name}: {text}"
        for p, argument in zip(function.params, arguments, strict=True)
        if (text := _argument_text(p, joined.get(argument.key, "")))
    ]
    for (_, target), argument in zip(function.instead, instead, strict=True):
        whole = types.api.function(target).reference
        notes += [f"{argument.name}: `{prose(whole.shown)}`, in place of {' and '.join(left)}."] if whole else []
    if notes:
        lines.append("")
        for note in notes:
            lines += _folded(note, "  ")
    first = prose(function.summary) or prose(function.title) or function.name
    named = tuple(a for a in (*arguments, *instead, *options) if a.name not in {each.name for each in placed})
    return Method(
        name=called.method,
        operation=called.constant,
        arguments=arguments,
        placed=placed,
        named=named,
        instead=instead,
        first=python_docstring(first),
        lines=tuple(python_docstring(line) for line in lines),
        options=options,
        empty=result.returns == "None",
        returns=result.returns,
        async_returns=result.async_returns,
        overloads=tuple(_overloads(function, types, placed, named)),
    )


def _overloads(
    function: Function, types: Types, placed: tuple[Argument, ...], named: tuple[Argument, ...]
) -> Iterator[Overload]:
    """The method as it is called for events, for the whole, and where only the call knows which."""
    key = python_literal(function.result.stream)
    asking = next((argument for argument in named if function.result.stream and argument.key == key), None)
    if asking is None or function.page:
        return
    result, (_, equals, default) = shape(function, types), asking.declaration.partition(" = ")
    rest = f" = {default}" if equals else ""
    also = "".join(f" | {part}" for part in ("None", "Omit") if re.search(rf"\| {part}\b", asking.declaration))
    whole, events = stream_results(function, types, events=False), stream_results(function, types, events=True)
    for declared, (returns, async_returns) in (
        (f"{asking.name}: Literal[True]", events),
        (f"{asking.name}: Literal[False]{also}{rest}", whole),
        (str(asking.declaration), (result.returns, result.async_returns)),
    ):
        arguments = tuple(replace(a, declaration=Code(declared)) if a is asking else a for a in named)
        yield Overload(placed, arguments, returns, async_returns)


def _options(function: Function) -> tuple[Argument, ...]:
    """What a call may set for itself; where the function has an argument of that name, the option gives way."""
    return tuple(
        Argument(spelled, Code(""), type_, Code(f"{spelled}: {type_} | None = None"))
        for name, spelled in names.options(function).items()
        for type_ in [_OPTIONS[name]]
    )


_OPTIONS = {"timeout": Code("Timeout"), "headers": Code("Headers"), "cursor": Code("str")}


def _alternative(name: str, types: Types) -> Argument:
    spelled, expression = names.keyword(names.words(name)), _or_view(Code("str"), types, names.words(name))
    return Argument(spelled, python_literal(name), expression, Code(f"{spelled}: {optional(expression, True)} = None"))


def _or_view(expression: Code, types: Types, name: Words) -> Code:
    """The annotation of a text argument that also accepts an object with the name of the argument."""
    view = types.standing(name)
    return union((expression, Code(f"_types.{view}"))) if view else expression


def _placed(function: Function, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Arguments that may be positional, as on the command line. The first part of a reference may hold all of it."""
    by_key = {argument.key: argument for argument in arguments}
    placed = []
    for _, parts in places(function):
        for index, (name, _) in enumerate(parts):
            argument = by_key[python_literal(name)]
            if index:
                declared = Code(f"{argument.name}: {optional(argument.type, True)} = None")
                argument = replace(argument, declaration=declared)
            placed.append(argument)
    # What has no default stands before what has one.
    return tuple(sorted(placed, key=lambda argument: argument.declaration.endswith("= None")))


def _argument_text(param: Param, shown: str = "") -> str:
    """The description of an argument, with its deprecation, and with the form of one that may hold several."""
    whole = f"Or all in one: `{shown}`." if shown else ""
    return " ".join(
        part for part in (first_sentence(param.description), meanings(param.type), whole, notice(param)) if part
    )


def _wrapped(description: str) -> list[str]:
    """The paragraphs of a description, an empty line before each; fenced code keeps its lines."""
    lines: list[str] = []
    for index, block in enumerate(re.split(r"^[ \t]*```.*$", description, flags=re.MULTILINE)):
        if index % 2:
            lines += ["", *(f"    {line.rstrip()}" if line.strip() else "" for line in block.strip("\n").split("\n"))]
            continue
        for paragraph in re.split(r"\n[ \t]*\n", block):
            lines += ["", *_folded(prose(paragraph), "")] if paragraph.strip() else []
    return lines


@lru_cache(maxsize=4096)
def _folded(text: str, indent: str) -> tuple[str, ...]:
    """Prose in lines of a docstring, which many methods have of the same argument; indent: of all but the first."""
    return tuple(textwrap.wrap(unlinked(text), 100, subsequent_indent=indent))


def argument_of(param: Param, types: Types, function: Function) -> Argument:
    """How a parameter of a function is declared."""
    name = names.keyword(param.words)
    as_json = function.body is not None and function.body.kind == "json" and param.location in ("field", "body")
    expression = in_resources(types, param.type, _JSON_OBJECT if as_json else _OBJECT)
    if param.encoding == "duration":
        expression = Code("int | str")
    elif param.encoding == "wait":
        expression = Code("int")
    elif param.type.kind == "string" and expression.removesuffix(" | None") == "str":
        expression = _or_view(expression, types, param.words)
    if param.required:
        declared = expression
    elif param.type.nullable:
        declared = Code(f"{expression} | Omit = OMIT")
    else:
        declared = Code(f"{optional(expression, True)} = None" if expression != "Any" else "Any = None")
    return Argument(name, python_literal(names.argument(param.words)), expression, Code(f"{name}: {declared}"))


def in_resources(types: Types, type_: Type, free: Code) -> Code:
    """The annotation of an argument, where classes of `types` are reached through their module; `free` is that of an
    object with no fields of its own."""
    if type_.values:
        # A signature is read where it is called: it lists what it takes, unless that is much.
        named = types.values(type_) if len(type_.values) > FEW else None
        expression = Code(f"_types.{named}") if named else types.argument(replace(type_, name="", nullable=False))
    elif type_.name:
        expression = Code(f"_types.{types.argument(replace(type_, nullable=False))}")
    elif type_.kind == "model":
        definition = types.typed_dict(type_.model)
        expression = Code(f"_types.{definition}") if definition else free
    elif type_.kind == "map" and (not type_.items or types.argument(type_.items) == "Any"):
        expression = free
    elif type_.kind in ("array", "map") and type_.items:
        head = "Sequence[" if type_.kind == "array" else "Mapping[str, "
        expression = Code(f"{head}{in_resources(types, type_.items, free)}]")
    elif type_.kind == "union":
        expression = union(in_resources(types, member, free) for member in type_.members)
    else:
        return types.argument(type_)
    return optional(expression, type_.nullable)
