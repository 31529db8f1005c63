"""Reference docs: a site of plain Markdown, and what agents read in place of it.

    index ─── groups/<group> ─── functions/<function> ─── types/<type>      pages link down and back up
      ├────── guides/<guide>                                                 how to, and why
      └────── errors

One module a kind of page; `site` is what they share.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from itertools import chain
from typing import Any

from ...ir import Api
from ..base import Page, Rendition, Surface
from ..python.changelog import changelog
from . import agents, console, derived, functions, groups, guides, home, pictures, search, sources, statuses
from .site import Site

_ROOT = "docs/pages/"


def render(api: Api) -> Rendition:
    """The site's sources and what agents read."""
    site = Site(api)
    pages = chain(_whole(site), _guides(site), _reference(site))
    return Rendition(pages, tuple(site.losses), api.package, {"docs/pages": "documents"})


def _page(template: str, view: Callable[[], Any], of: Callable[[], str] = lambda: "", **fill: str) -> Page:
    """A page whose view is made when it is needed. of: a digest of its inputs; empty if it uses any part of the API."""
    return Page(template, view, fill, of)


def _whole(site: Site) -> Iterator[Page]:
    """Files of which there is one."""
    yield _page("catalog.json.jinja", lambda: agents.catalog(site))
    yield _page("docs/mkdocs.yml.jinja", lambda: home.config(site))
    yield _page("docs/search.json.jinja", lambda: search.page(site))
    yield _page(f"{_ROOT}index.md.jinja", lambda: home.index(site))
    yield _page(f"{_ROOT}errors.md.jinja", lambda: statuses.page(site))
    yield _page(f"{_ROOT}changelog.md.jinja", lambda: changelog(site.api))
    if site.types:
        yield _page(f"{_ROOT}types.md.jinja", lambda: groups.types_page(site))


def _guides(site: Site) -> Iterator[Page]:
    view = cache(lambda: guides.view(site))
    agent = cache(lambda: agents.view(site, view()))
    for template in ("docs/pages/llms.txt", "docs/SKILL.md", "python/[package]/AGENTS.md"):
        yield _page(f"{template}.jinja", agent)
    for name, _, _ in guides.pages(site):
        yield _page(f"{_ROOT}guides/{name}.md.jinja", view)
    for name, _, _, written in guides.hand_written(site):
        yield Page(f"{_ROOT}guides/[guide].md.jinja", written, {"guide": name})
    for picture in pictures.every(site):
        yield Page(f"{_ROOT}pictures/[picture].svg.jinja", picture, {"picture": str(picture.name)})


def _reference(site: Site) -> Iterator[Page]:
    of = sources.Sources(site)
    for group in site.filled():
        slug = site.group_slugs[group.key]
        yield _page(f"{_ROOT}groups/[group].md.jinja", partial(groups.group, site, group, "../"), group=slug)
    for function in site.api.functions:
        page, made_of = partial(functions.page, site, function), partial(of.function, function)
        yield _page(f"{_ROOT}functions/[function].md.jinja", page, made_of, function=site.slugs[function.name])
    for function in site.api.functions:
        if console.offered(site.api, function):
            data, made_of = partial(console.page, site.api, function), partial(of.function, function)
            yield _page(f"{_ROOT}functions/[function].json.jinja", data, made_of, function=site.slugs[function.name])
    made = derived.slugs(site)
    if made:
        yield _page(f"{_ROOT}derived.md.jinja", lambda: derived.index(site, made))
    for function in site.api.derived:
        of_others = partial(derived.page, site, function)
        yield _page(f"{_ROOT}derived/[function].md.jinja", of_others, function=made[function.name])
    for key, name in site.types.items():
        named = site.api.named[key]
        about, whole = partial(groups.type_page, site, named), partial(of.type, named)
        yield _page(f"{_ROOT}types/[type].md.jinja", about, whole, type=name)


SURFACE = Surface("docs", render, weighty=True)
