"""The view of a user's template that replaces none of ours: the package and its functions."""

from __future__ import annotations

from dataclasses import dataclass

from ... import names
from ...ir import Api
from ...text import Code


@dataclass(frozen=True)
class FunctionView:
    """One function. What is no Code is text of the document: a template prints it through a filter."""

    name: Code
    title: str
    summary: str
    method: Code
    path: str
    access: Code
    python: Code
    command: Code
    lua: Code


@dataclass(frozen=True)
class ProjectView:
    """The API as a whole."""

    package: Code
    command: Code
    client: Code
    version: str
    title: str
    summary: str
    homepage: str
    functions: tuple[FunctionView, ...]


def project(api: Api) -> ProjectView:
    """The view of such a template."""
    own, called = names.package(api), names.called(api)
    functions = []
    for function in api.functions:
        spelled = called[function.name]
        functions.append(
            FunctionView(
                name=Code(function.name),
                title=function.title,
                summary=function.summary,
                method=Code(function.method),
                path=function.path,
                access=Code(function.access),
                python=Code(spelled.python),
                command=Code(" ".join(spelled.command)),
                lua=Code(spelled.lua),
            )
        )
    return ProjectView(
        package=Code(own.module),
        command=Code(own.command),
        client=Code(own.client),
        version=api.version,
        title=api.title,
        summary=api.summary,
        homepage=api.homepage,
        functions=tuple(functions),
    )
