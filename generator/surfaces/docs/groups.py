"""Pages of groups and of types."""

from __future__ import annotations

from dataclasses import dataclass

from ... import text
from ...ir import Group, Model, Named
from ...names import attributes
from ...text import Code
from ..shared import prose
from .fields import FieldView, properties
from .site import Link, Site, front, type_name


@dataclass(frozen=True)
class GroupView:
    """A group and its functions."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    path: Code
    href: Code
    summary: Code
    description: Code
    """The rest of the document's description."""
    external: Code
    functions: tuple[Link, ...]
    below: tuple[Link, ...]


@dataclass(frozen=True)
class TypePage:
    """A named object of the API, or another type with a name."""

    header: Code
    meta_title: Code
    title: Code
    description: Code
    deprecated: bool
    python: Code
    meaning: Code
    """Of what is no object: the type in words."""
    facts: tuple[Code, ...]
    """And its values."""
    fields: tuple[FieldView, ...]
    more: Code
    givers: tuple[Link, ...]


@dataclass(frozen=True)
class TypesPage:
    """All types with pages."""

    header: Code
    package: Code
    types: tuple[Link, ...]


def group(site: Site, of: Group, up: str) -> GroupView:
    """A group's page, and its part of the home page."""
    below = (other for other in site.filled() if other.key.startswith(of.key + "."))
    return GroupView(
        header=site.header,
        meta_title=front(of.title),
        meta_description=front(of.summary),
        title=prose.plain(of.title),
        path=prose.inline_code(f"client.{attributes(of.path)}"),
        href=Code(f"{up}groups/{site.group_slugs[of.key]}.md"),
        summary=site.line(of.summary, up),
        description=Code("") if text.prose(of.description) == of.summary else site.paragraphs(of.description, up),
        external=site.external(of.external_docs),
        functions=tuple(site.function_link(function, up) for function in site.members(of.key)),
        below=tuple(site.group_link(other, up) for other in below),
    )


def client(site: Site, up: str) -> GroupView | None:
    """The functions of the client itself, as a group without a page."""
    loose = tuple(site.function_link(function, up) for function in site.members(""))
    empty = Code("")
    return (
        GroupView(site.header, empty, empty, Code("Client"), Code("`client`"), empty, empty, empty, empty, loose, ())
        if loose
        else None
    )


def type_page(site: Site, of: Named) -> TypePage:
    """A type's page."""
    title = type_name(of)
    fields, more = properties(site, of)
    return TypePage(
        header=site.header,
        meta_title=front(title),
        title=prose.plain(title),
        description=site.paragraphs(of.description, "../"),
        deprecated=isinstance(of, Model) and of.deprecated,
        python=prose.inline_code(f"{site.api.package}.types.{title}"),
        meaning=Code("") if isinstance(of, Model) else site.type("../").name(of.type),
        facts=() if isinstance(of, Model) else prose.facts(of.type),
        fields=fields,
        more=more,
        givers=tuple(site.function_link(function, "../") for function in site.givers.get(of.key, ())),
    )


def types_page(site: Site) -> TypesPage:
    """The index of types."""
    named = site.api.named
    links = (
        Link(prose.plain(type_name(named[key])), Code(f"types/{name}.md"), _first(site, named[key]), Code(""))
        for key, name in site.types.items()
    )
    return TypesPage(
        site.header, prose.inline_code(f"{site.api.package}.types"), tuple(sorted(links, key=lambda l: l.label))
    )


def _first(site: Site, of: Named) -> Code:
    return site.line(of.description, "")
