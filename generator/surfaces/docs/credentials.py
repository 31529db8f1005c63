"""Credentials as the docs tell of them: each scheme with its variables, and what a function requires."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ... import names
from ...ir import Api, Function, Need
from ...text import Code, first_sentence
from ..python.credentials import argument
from ..shared import prose, security


@dataclass(frozen=True)
class SchemeView:
    """One scheme."""

    name: Code
    anchor: Code
    sent: Code
    description: Code
    argument: Code
    variables: tuple[tuple[Code, Code], ...]
    """(variable, what it holds)"""
    scopes: tuple[tuple[Code, Code], ...]
    """(scope, what it allows)"""


def schemes(api: Api) -> Iterator[SchemeView]:
    """All of them, the API's own first."""
    for each in api.schemes:
        scopes = {scope: text for flow in each.flows for scope, text in flow.scopes}
        yield SchemeView(
            name=prose.inline_code(each.key),
            anchor=names.anchor(each.key),
            sent=prose.plain(_sentence(security.kind_of(each))),
            description=prose.line(first_sentence(each.description), {}, ""),
            argument=Code(argument(each)),
            variables=tuple(
                (prose.inline_code(variable), prose.plain(security.part_told(each, part)))
                for part, variable in each.parts
                if variable
            ),
            scopes=tuple((prose.inline_code(scope), prose.plain(text)) for scope, text in sorted(scopes.items())),
        )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def needed(api: Api, function: Function) -> Code:
    """What a call of it requires; empty where every function requires one and the same."""
    if not api.schemes or (
        len(api.schemes) == 1 and function.security == api.security and not any(n.scopes for r in function.security for n in r)
    ):  # fmt: skip
        return Code("")
    if not function.security:
        return Code("none: no credential is sent.")
    listed = [" and ".join(_need(need) for need in each) for each in function.security if each]
    if not listed:
        return Code("none: no credential is sent.")
    choices = "; or ".join(listed)
    return Code(f"{choices}; or none at all." if function.anonymous else f"{choices}.")


def _need(need: Need) -> str:
    scopes = ", ".join(prose.inline_code(scope) for scope in need.scopes)
    return prose.inline_code(need.scheme) + (f" with {scopes}" if scopes else "")
