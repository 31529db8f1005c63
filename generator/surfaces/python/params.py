"""The arguments of each function as a TypedDict."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ... import names
from ...ir import Api
from ...text import Code, prose, python_docstring
from .methods import Argument, argument_of
from .spelling import COMMON, imports
from .types import Types

_PARAMS_MODULES = (
    *COMMON,
    (".", ("_types",)),
    (".runtime.files", ("FileInput",)),
    (".runtime.objects", ("ObjectInput",)),
)


@dataclass(frozen=True)
class Params:
    """The arguments of one function as a TypedDict."""

    name: Code
    doc: Code
    arguments: tuple[Argument, ...]


@dataclass(frozen=True)
class ParamsView:
    """The module of the dictionaries of arguments."""

    classes: tuple[Params, ...]
    imports: tuple[Code, ...]


def params(api: Api, types: Types) -> ParamsView:
    """The module of the arguments of all functions."""
    classes = []
    for function in api.functions:
        arguments = [argument_of(param, types, function) for param in function.params]
        shown = [
            replace(a, type=Code(f"Required[{a.type}]")) if p.required else a
            for a, p in zip(arguments, function.params, strict=True)
        ]
        name = names.params_class(function)
        doc = python_docstring(f"Arguments of {function.name}: {prose(function.summary) or prose(function.title)}")
        if shown:
            classes.append(Params(name, doc, tuple(shown)))
    used = ["TypedDict"] * bool(classes) + [argument.type for cls in classes for argument in cls.arguments]
    return ParamsView(tuple(classes), imports(used, _PARAMS_MODULES))
