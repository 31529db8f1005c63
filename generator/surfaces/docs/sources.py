"""What the pages of functions and types are made of, as digests by which the next run knows those it need not make.

A page reads its function or type whole, all types that can be reached from there, and how others are linked. What it knows
of the API beyond that counts as one thing: where it changes, every page may.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import fields, is_dataclass, replace
from functools import cache, cached_property
from typing import Any, cast

from ... import names
from ...ir import Function, Named, Type
from ..base import digest
from .functions import related
from .site import Link, Site

_LINKING = "](#"
"""What every link to a function is written with in a description."""


class Sources:
    """Of one site. In a small one every page shows something of everything, and all are made again as fast."""

    def __init__(self, site: Site) -> None:
        self._site, self._api = site, site.api
        self._linking: set[str] = set()
        """The types of which a description links to something."""

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
        reached = self._reached(about)
        written = repr((about, more, [self._named(key) for key in reached]))
        # What a description links to becomes a link where a function is called so.
        links = self._site.links if _LINKING in written or self._linking.intersection(reached) else None
        return digest(self._common, written, links)

    @cached_property
    def _common(self) -> str:
        """What all pages read, whatever they are about."""
        api = replace(self._api, functions=(), derived=(), groups=(), models={}, types={}, events=(), releases=())
        return digest(replace(api, guides=(), losses=(), digest=""))

    def _linked(self, function: Function) -> Iterator[Link]:
        """How other functions stand on the page."""
        job = self._api.jobs.get(function.job)
        others = [job.poll, job.cancel] if job else []
        others += [link.function for link in function.links]
        for other in (*related(self._site, function), *(self._api.function(name) for name in others if name)):
            yield self._site.function_link(other, "../")

    @cache  # noqa: B019 - as often as something refers to it
    def _named(self, key: str) -> str:
        site = self._site
        written = repr(self._api.named[key])
        if _LINKING in written:
            self._linking.add(key)
        return digest(written, site.types.get(key), key in site.shared, key in site.given)

    @cache  # noqa: B019
    def _references(self, key: str) -> tuple[str, ...]:
        return tuple(sorted(_references(self._api.named[key])))

    def _reached(self, start: Function | Named) -> list[str]:
        """The keys of all types that can be reached from a function or a type."""
        found: set[str] = set()
        todo = [*_references(start)]
        while todo:
            key = todo.pop()
            if key not in found:
                found.add(key)
                todo += self._references(key)
        return sorted(found)


def _references(part: object) -> set[str]:
    """The keys of the types that a part of the IR names."""
    found: set[str] = set()
    todo: list[Any] = [part]
    while todo:
        each = todo.pop()
        if type(each) is Type:
            found |= {each.model, each.name}
            todo += each.members
            if each.items is not None:
                todo.append(each.items)
            if each.discriminator is not None:
                found.update(key for _, key in each.discriminator.mapping)
                found.add(each.discriminator.default)
        elif type(each) is tuple:
            todo += each
        else:
            todo += [getattr(each, name) for name in _members(cast("Hashable", type(each)))]
    return found - {""}


@cache
def _members(cls: Any) -> tuple[str, ...]:
    """The fields of a class of the IR; nothing for what else the IR holds."""
    return tuple(each.name for each in fields(cls)) if is_dataclass(cls) else ()
