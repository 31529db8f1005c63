"""The Python client: constants for the operations, typed views, and one thin method a function, sync and async."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ... import names
from ...ir import Api, Function, Group, Loss
from ...names import Noun
from ...text import Code, prose, python_docstring
from ..base import Derivation, Input, Page, Rendition, Surface
from ..shared import metadata, styles, subschemas
from ..shared.derivations import with_groups
from ..shared.licences import licence
from ..shared.shown import shown
from . import derived, resources
from .changelog import changelog
from .credentials import credentials
from .incoming import checks, incoming
from .operations import about, operations
from .package import package
from .params import params
from .spelling import FOLDER
from .synchronous import synchronous
from .types import Child, Types, types_view

_TWINS = tuple(
    Derivation(f"{FOLDER}{folder}/aio", f"{FOLDER}{folder}/sync", synchronous) for folder in ("runtime", "extensions")
)
"""Of these modules the asynchronous one is written, and the synchronous one made from it."""


@dataclass(frozen=True)
class ClientView:
    """The module of the two clients."""

    cls: Code
    doc: Code
    children: tuple[Child, ...]
    functions: bool
    extensions: bool


@dataclass(frozen=True)
class SourceView:
    """A module of ours that the package has as well."""

    source: Code


def render(api: Api) -> Rendition:
    """The Python client."""
    api = with_groups(api)
    types = Types(api)
    children: dict[str, list[Group]] = {}
    for group in api.groups:
        children.setdefault(group.key.rpartition(".")[0], []).append(group)
    members: dict[str, list[Function]] = {}
    visible = shown(api, "python")
    for function in visible.functions:
        members.setdefault(function.group, []).append(function)
    nouns, own = names.nouns(api), names.package(api)
    pages = [
        Page(f"{FOLDER}operations.py.jinja", operations(api, types)),
        Page(f"{FOLDER}about.py.jinja", about(api)),
        Page(f"{FOLDER}credentials.py.jinja", credentials(api)),
    ]
    owners: list[Group | None] = [*api.groups]
    for owner in owners + [None] * bool(members.get("")):
        key = owner.key if owner else ""
        base = resources.base(api, owner, types)
        resource = resources.resource(owner, members.get(key, []), children.get(key, []) if owner else [], types, base)
        at = {"group": str(resource.module)}
        pages.append(Page(f"{FOLDER}resources/[group].py.jinja", resource, at))
        if resource.methods:
            raw = resources.RawView(resource.cls, resource.module, resource.doc, resource.methods)
            pages.append(Page(f"{FOLDER}raw/[group].py.jinja", raw, at))
    pages += derived.pages(api, types)
    pages += incoming(api, types)  # before the types: these are made when something first mentions them
    client = ClientView(
        cls=own.client,
        doc=python_docstring(prose(api.summary)),
        children=resources.children(api, children.get("", [])),
        functions=bool(members.get("")),
        extensions=bool(api.extensions),
    )
    pages += [
        Page(f"{FOLDER}client.py.jinja", client),
        Page(f"{FOLDER}params.py.jinja", params(api, types)),
        Page(f"{FOLDER}types.py.jinja", types_view(types)),
        *checks(api, types),
        Page(f"{FOLDER}runtime/styles.py.jinja", SourceView(Code(inspect.getsource(styles)))),
        Page(f"{FOLDER}functions/subschemas.py.jinja", SourceView(Code(inspect.getsource(subschemas)))),
        Page(f"{FOLDER}__init__.py.jinja", package(visible)),
        Page(f"{FOLDER}exceptions.py.jinja", package(visible)),
        Page("python/pyproject.toml.jinja", package(visible)),
        *(Page("python/LICENSE.jinja", each) for each in [licence(api)] if each),
        Page("python/README.md.jinja", package(visible)),
        Page("python/CHANGELOG.md.jinja", changelog(api)),
    ]
    pages += resources.bound_pages(types)
    pages += metadata.pages(api)
    losses = (*types.losses, *_renamed(nouns))
    lays: Mapping[str, Input] = {"python/[package]/extensions": "extensions"}
    return Rendition(tuple(pages), losses, str(own.module), lays, _TWINS)


def _renamed(nouns: Mapping[str, Noun]) -> Iterable[Loss]:
    for noun in nouns.values():
        for why in noun.why:
            yield Loss(pointer="", surface="python", kind="degraded", reason=why)


SURFACE = Surface("python", render)
