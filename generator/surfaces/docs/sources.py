"""Digests of the inputs of function and type pages: the next run skips pages with the same digest.

A page depends on its function or type, all types that can be reached from there, and the links of others. What it knows
of the API beyond that counts as one thing: where it changes, every page may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache, cached_property

from ... import names
from ...ir import Function, Named
from ..base import digest
from .closures import Closures
from .functions import related
from .site import Link, Site

_LINKING = "](#"
"""What every link to a function is written with in a description."""


class Sources:
    """Of one site. In a small one every page shows something of everything, and all are made again as fast."""

    def __init__(self, site: Site) -> None:
        self._site, self._api = site, site.api
        self._closures = Closures(site.api.named, self._named)

    def function(self, function: Function) -> str:
        """Of the pages of a function: its text, and the data of its console."""
        return self._function(function.name) if self._site.large else ""

    @cache  # noqa: B019 - it has two pages
    def _function(self, name: str) -> str:
        function = self._api.function(name)
        group = self._site.groups.get(function.group)
        return self._page(
            function,
            names.call(self._api, function),
            self._site.aliases(function),
            self._site.group_link(group, "../") if group is not None else None,
            [*self._linked(function)],
        )

    def type(self, named: Named) -> str:
        """Of the page of a type."""
        if not self._site.large:
            return ""
        return self._page(
            named, [self._site.function_link(each, "../") for each in self._site.givers.get(named.key, ())]
        )

    def _page(self, about: Function | Named, *more: object) -> str:
        written = repr((about, more))
        return digest(self._common, written, self._linked_to(written), self._closures.of(about))

    def _linked(self, function: Function) -> Iterator[Link]:
        """How other functions stand on the page."""
        job = self._api.jobs.get(function.job)
        others = [job.poll, job.cancel] if job else []
        others += [link.function for link in function.links]
        for other in (*related(self._site, function), *(self._api.function(name) for name in others if name)):
            yield self._site.function_link(other, "../")

    @cached_property
    def _common(self) -> str:
        """The inputs that all pages share."""
        api = replace(self._api, functions=(), derived=(), groups=(), models={}, types={}, events=(), releases=())
        return digest(replace(api, guides=(), losses=(), digest=""))

    @cached_property
    def _links(self) -> str:
        return digest(self._site.links)

    def _linked_to(self, written: str) -> str:
        """What a description links to becomes a link where a function is called so."""
        return self._links if _LINKING in written else ""

    def _named(self, key: str) -> str:
        site = self._site
        written = repr(self._api.named[key])
        return digest(written, self._linked_to(written), site.types.get(key), key in site.shared, key in site.returned)
