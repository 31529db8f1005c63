"""Reference docs: a site of plain Markdown, and what agents read in place of it.

    index ─── groups/<group> ─── functions/<function> ─── types/<type>      pages link down and back up
      ├────── guides/<guide>                                                 how to, and why
      └────── errors

One module a kind of page; `site` is what they share.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from ...ir import Api
from ..base import Page, Rendition, Surface
from ..python.changelog import changelog
from . import agents, console, derived, functions, groups, guides, home, pictures, search, statuses
from .site import Site

_ROOT = "docs/pages/"


def render(api: Api) -> Rendition:
    """The site's sources and what agents read."""
    site = Site(api)
    pages = chain(_whole(site), _guides(site), _reference(site))
    return Rendition(pages, tuple(site.losses), api.package, {"docs/pages": "documents"})


def _whole(site: Site) -> Iterator[Page]:
    """Files of which there is one."""
    yield Page("catalog.json.jinja", agents.catalog(site))
    yield Page("docs/mkdocs.yml.jinja", home.config(site))
    yield Page("docs/search.json.jinja", search.page(site))
    yield Page(f"{_ROOT}index.md.jinja", home.index(site))
    yield Page(f"{_ROOT}errors.md.jinja", statuses.page(site))
    yield Page(f"{_ROOT}changelog.md.jinja", changelog(site.api))
    if site.types:
        yield Page(f"{_ROOT}types.md.jinja", groups.types_page(site))


def _guides(site: Site) -> Iterator[Page]:
    view = guides.view(site)
    agent = agents.view(site, view)
    for template in ("docs/pages/llms.txt", "docs/SKILL.md", "python/[package]/AGENTS.md"):
        yield Page(f"{template}.jinja", agent)
    for name, _, _ in guides.pages(site):
        yield Page(f"{_ROOT}guides/{name}.md.jinja", view)
    for name, _, _, written in guides.hand_written(site):
        yield Page(f"{_ROOT}guides/[guide].md.jinja", written, {"guide": name})
    for picture in pictures.every(site):
        yield Page(f"{_ROOT}pictures/[picture].svg.jinja", picture, {"picture": str(picture.name)})


def _reference(site: Site) -> Iterator[Page]:
    for group in site.filled():
        view = groups.group(site, group, "../")
        yield Page(f"{_ROOT}groups/[group].md.jinja", view, {"group": site.group_slugs[group.key]})
    for function in site.api.functions:
        of = functions.page(site, function)
        yield Page(f"{_ROOT}functions/[function].md.jinja", of, {"function": site.slugs[function.name]})
    for slug, data in console.pages(site.api, site.slugs):
        yield Page(f"{_ROOT}functions/[function].json.jinja", data, {"function": slug})
    made = derived.slugs(site)
    if made:
        yield Page(f"{_ROOT}derived.md.jinja", derived.index(site, made))
    for function in site.api.derived:
        yield Page(
            f"{_ROOT}derived/[function].md.jinja", derived.page(site, function), {"function": made[function.name]}
        )
    for key, name in site.types.items():
        yield Page(f"{_ROOT}types/[type].md.jinja", groups.type_page(site, site.api.named[key]), {"type": name})


SURFACE = Surface("docs", render)
