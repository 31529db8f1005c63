"""Reference docs: a site of plain Markdown, and the metadata of all functions in one file.

    index ─── groups/<group> ─── functions/<function> ─── types/<type>      pages link down and back up
      ├────── guides/<guide>                                                 how to, and why
      └────── errors

One module a kind of page; `site` is what they share.
"""

from __future__ import annotations

from ...ir import Api
from ..base import Page, Rendition, Surface
from . import agents, failures, functions, groups, home
from .site import Site, group_slug, slug


def render(api: Api) -> Rendition:
    """The site's sources and what agents read."""
    site = Site(api)
    pages = [
        Page("catalog.json.jinja", agents.catalog(site)),
        Page("docs/mkdocs.yml.jinja", home.config(site, ())),
        Page("docs/pages/index.md.jinja", home.index(site)),
        Page("docs/pages/errors.md.jinja", failures.page()),
        Page("docs/pages/types.md.jinja", groups.types_page(site)),
    ]
    for group in site.filled():
        view = groups.group(site, group, "../")
        pages.append(Page("docs/pages/groups/[group].md.jinja", view, {"group": group_slug(group)}))
    for function in api.functions:
        of = functions.page(site, function)
        pages.append(Page("docs/pages/functions/[function].md.jinja", of, {"function": slug(function)}))
    for key, name in site.types.items():
        pages.append(Page("docs/pages/types/[type].md.jinja", groups.type_page(site, api.models[key]), {"type": name}))
    return Rendition(pages=tuple(pages), package=api.package)


SURFACE = Surface("docs", render)
