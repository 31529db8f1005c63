"""The home page and the site's configuration."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from ... import text
from ...ir import Api, ExternalDocs, Function
from ...text import Code
from ..shared import prose, security
from . import derived, guides, pictures
from .functions import Tab, tabs
from .groups import GroupView, client, group
from .pictures import Picture
from .site import Link, Site, entry, front, type_name


@dataclass(frozen=True)
class IndexPage:
    """The home page."""

    header: Code
    meta_title: Code
    meta_description: Code
    title: Code
    summary: Code
    description: Code
    external: Code
    about: tuple[Code, ...]
    install: Code
    credential: Code
    """Which environment variable it is read from; empty where calls take none."""
    start: tuple[Tab, ...]
    way: Picture
    map: Picture
    guides: tuple[Link, ...]
    count: int
    groups: tuple[GroupView, ...]
    large: bool
    """So many that each group's page lists its own."""


@dataclass(frozen=True)
class NavSection:
    """A group in the navigation and the functions below it."""

    title: Code
    page: Code
    pages: tuple[tuple[Code, Code], ...]


@dataclass(frozen=True)
class ConfigPage:
    """mkdocs.yml."""

    title: Code
    description: Code
    footer: Code
    site_url: Code
    """Empty where it is not known."""
    guides: tuple[tuple[Code, Code], ...]
    sections: tuple[NavSection, ...]
    types: tuple[tuple[Code, Code], ...]
    typed: bool
    """There are types; in a large site the navigation names their index alone, and of functions the groups."""
    large: bool
    derived: tuple[tuple[Code, Code], ...] = ()
    """The pages of functions that are made of others."""


def index(site: Site) -> IndexPage:
    """The home page."""
    api = site.api
    loose = client(site, "")
    groups = [*([loose] if loose else []), *(group(site, each, "") for each in site.filled())]
    first = site.first_call()
    return IndexPage(
        header=site.header,
        meta_title=front(api.title),
        meta_description=front(api.summary),
        title=prose.plain(api.title),
        summary=site.line(api.summary, ""),
        description=site.paragraphs(api.description, ""),
        external=site.external(api.external_docs),
        about=tuple(_about(label, page) for label, page in api.about),
        install=text.markdown_fence("pip install " + shlex.quote(f"{api.package}[cli,mcp,lua]"), "bash"),
        credential=_credential(api),
        start=tabs(site, first, {}) if first else (),
        way=pictures.call(site),
        map=pictures.functions(site),
        guides=guides.links(site),
        count=len(api.functions),
        groups=tuple(groups),
        large=site.large,
    )


def _about(label: str, page: ExternalDocs) -> Code:
    """A line on the API itself: a link where the document gives a page."""
    shown = prose.plain(page.description or page.url)
    head = label[:1].upper() + label[1:]
    return Code(f"{head}: [{shown}]({text.markdown_url(page.url)})" if page.url else f"{head}: {shown}")


def _credential(api: Api) -> Code:
    value = security.variables_of(api)
    variables = " and ".join(prose.inline_code(each) for each in value)
    if len(value) > 1:
        return Code(f"The user name and the password are read from the environment variables {variables}.")
    return Code(
        f"The {security.secret(api.schemes[:1])} is read from the environment variable {variables}." if value else ""
    )


def footer(site: Site) -> str:
    """What the pages were made from."""
    api = site.api
    return f"{api.package} {api.version}, made from {api.document_title} {api.document_version}, SHA-256 {api.digest}"


def config(site: Site) -> ConfigPage:
    """mkdocs.yml: guides, then functions by group, then types."""
    api = site.api
    named = [(name, title) for name, title, _ in guides.pages(site)]
    named += [(name, title) for name, title, _, _ in guides.hand_written(site)]
    entries = tuple((entry(title), text.yaml_literal(f"guides/{name}.md")) for name, title in named)
    functions = [
        NavSection(
            entry(each.title),
            text.yaml_literal(f"groups/{site.group_slugs[each.key]}.md"),
            () if site.large else tuple(_item(site, function) for function in site.members(each.key)),
        )
        for each in site.filled()
    ]
    if loose := site.members(""):
        functions.insert(0, NavSection(front("Client"), Code(""), tuple(_item(site, f) for f in loose)))
    made = derived.slugs(site)
    types = [] if site.large else sorted((type_name(api.named[key]), name) for key, name in site.types.items())
    return ConfigPage(
        title=entry(api.title),
        description=front(api.summary),
        footer=front(footer(site)),
        site_url=text.yaml_literal(api.site_url.rstrip("/") + "/") if api.site_url else Code(""),
        guides=entries,
        sections=tuple(functions),
        types=tuple((entry(title), text.yaml_literal(f"types/{name}.md")) for title, name in types),
        typed=bool(site.types),
        large=site.large,
        derived=tuple(
            (entry(function.title or function.name), text.yaml_literal(f"derived/{made[function.name]}.md"))
            for function in api.derived
        ),
    )


def _item(site: Site, function: Function) -> tuple[Code, Code]:
    return entry(function.title or function.name), text.yaml_literal(f"functions/{site.slugs[function.name]}.md")
