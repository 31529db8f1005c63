"""The view of the guide on unions: results and arguments that are one of several objects, and how to tell which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Model, Type, opened
from ...text import Code
from ..python import unions
from ..shared import calls, prose
from . import uses
from .site import Site

SHOWN = 40
"""Unions that the guide describes; the page of a function or a type has its own."""


@dataclass(frozen=True)
class MemberView:
    """A member of a union, and how to recognise it."""

    name: Code
    sign: Code


@dataclass(frozen=True)
class UnionView:
    """A union and its members."""

    where: Code
    how: Code
    members: tuple[MemberView, ...]


@dataclass(frozen=True)
class UnionCall:
    """A call whose result, or each item of it, is of a union."""

    call: Code
    listed: bool
    """Its items are."""
    classes: tuple[Code, ...]
    """Two members, by their names in Python."""


@dataclass(frozen=True)
class UnionArgument:
    """An argument that takes one of several objects, and a call that gives one."""

    union: UnionView
    function: Code
    sample: Code


def views(site: Site) -> Iterator[UnionView]:
    """Each of them, as the guide describes it."""
    for where, type_ in list(site.unions.values())[:SHOWN]:
        yield _view(site, where, type_)


def _view(site: Site, where: str, type_: Type) -> UnionView:
    models = unions.members(type_, site.api)
    by, of, _ = unions.discriminator(type_, site.api)
    tags = unions.constants(models)
    how = f"told by {prose.inline_code(by)}" if by and of else "told by what each holds"
    members = [
        MemberView(prose.inline_code(names.type_name(model)), _sign(model, by, of, tags[model.key])) for model in models
    ]
    return UnionView(prose.inline_code(where), Code(how), tuple(members))


def _sign(model: Model, by: str, of: dict[str, tuple[str, ...]], tags: dict[str, tuple[object, ...]]) -> Code:
    values = [value for value, keys in of.items() if model.key in keys]
    if by and values:
        return Code(f"{prose.inline_code(by)} is {_listed(values)}")
    if tags:
        return Code("; ".join(f"{prose.inline_code(name)} is {_listed(provided)}" for name, provided in tags.items()))
    required = [field.wire_name for field in model.fields if field.required and not field.write_only]
    return Code(f"it has {_listed(required, 'and')}") if required else Code("it is none of the others")


def _listed(values: list[str] | tuple[object, ...], word: str = "or") -> str:
    shown = [prose.inline_code(value if isinstance(value, str) else str(value).lower()) for value in values]
    return f" {word} ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def call(site: Site) -> UnionCall | None:
    """The plainest call that gives one: of a function that only reads, its result itself or each item of its pages."""
    for function in site.api.functions:
        result = uses.result(function)
        if result is None or function.classes != ("read",) or opened(result, site.api.types).kind != "union":
            continue
        models = unions.members(result, site.api)
        if len(models) > 1:
            arguments = function.examples[0].arguments if function.examples else {}
            shown = Code(calls.python_call(site.api, function, arguments))
            return UnionCall(shown, function.page is not None, tuple(names.type_name(m) for m in models[:2]))
    return None


def argument(site: Site) -> UnionArgument | None:
    """The first argument of that kind whose function has an example that gives it."""
    for function in site.api.functions:
        arguments = function.examples[0].arguments if function.examples else {}
        for param, value in calls.assigned(function, arguments):
            type_ = opened(param.type, site.api.types)
            if type_.kind == "union" and isinstance(value, dict) and len(unions.members(type_, site.api)) > 1:
                union = _view(site, calls.argument(param), type_)
                shown = Code(calls.python(site.api, function, arguments))
                return UnionArgument(union, prose.inline_code(function.name), shown)
    return None


def first(site: Site) -> Code:
    """The class of a member of the first union; empty where there is none."""
    for _, type_ in site.unions.values():
        return Code(names.type_name(unions.members(type_, site.api)[0]))
    return Code("")
