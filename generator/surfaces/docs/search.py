"""The search entries of the API: one for each function, argument, type, group and status.

`search.json` holds what is known when the docs are generated; `build.py` adds the sections of all other pages, weighs the
words and cuts the index into the files that a browser loads one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ... import names, text
from ...ir import Api, Function
from ...text import Code
from ..shared import calls
from . import derived, statuses
from .site import Site, type_name

MOST_TEXT = 400
"""Characters of a description that are searched."""


@dataclass(frozen=True)
class SearchPage:
    """search.json."""

    entries: Code


def page(site: Site) -> SearchPage:
    """One entry a line."""
    return SearchPage(Code(",\n".join(text.json_line(entry) for entry in _entries(site))))


def _entries(site: Site) -> Iterator[dict[str, object]]:
    """The entries, in the order that decides between equal matches."""
    api = site.api
    for function in api.functions:
        href = f"functions/{site.slugs[function.name]}/"
        group = site.groups.get(function.group)
        yield _entry(
            "function",
            function.title or function.name,
            href,
            f"{function.method} {function.path}",
            [*_names(site, function), *function.keywords],
            [function.summary, function.description, group.title if group else ""],
            [*_spelled(api, function)],
        )
    made = derived.slugs(site)
    for function in api.derived:
        title = function.title or function.name
        href = f"derived/{made[function.name]}/"
        yield _entry("function", title, href, function.name, [function.name], [function.summary])
    for each in site.filled():
        called = names.attributes(each.path)
        href = f"groups/{site.group_slugs[each.key]}/"
        yield _entry(
            "group", each.title, href, f"client.{called}", [each.key, called], [each.summary, each.description]
        )
    for row in statuses.KNOWN:
        status, error, type_, cause, remedy = row
        numbers = ["500", "502", "503", "504"] if status == "5XX" else []
        yield _entry(
            "error", f"{status} {error}", "errors/#status", cause, [status, error, type_, *numbers], [cause, remedy]
        )
    for key, slug in site.types.items():
        named = api.named[key]
        title = type_name(named)
        yield _entry("type", title, f"types/{slug}/", f"{api.package}.types", [title], [named.description])
    for function in api.functions:
        for param in function.params:
            name = calls.argument(param)
            href = f"functions/{site.slugs[function.name]}/#argument-{name}"
            where = f"{function.title or function.name}"
            yield _entry("argument", name, href, where, [name, param.wire_name], [param.description])


def _entry(
    kind: str,
    title: str,
    href: str,
    context: str,
    called: Sequence[str],
    texts: Sequence[str],
    spelled: Sequence[str] = (),
) -> dict[str, object]:
    """called: names that are looked up whole, and by their words; texts: prose whose words are searched; spelled: names
    that are looked up whole alone."""
    prose = " ".join(text.prose(part)[:MOST_TEXT] for part in texts if part)
    return {
        "kind": kind,
        "title": text.prose(title),
        "href": href,
        "context": text.prose(context),
        "names": list(dict.fromkeys(name for name in map(text.prose, called) if name)),
        "text": prose,
        **({"spelled": list(map(text.prose, spelled))} if spelled else {}),
    }


def _names(site: Site, function: Function) -> Iterator[str]:
    """What a function is called on every surface, and its place on the wire."""
    api: Api = site.api
    yield function.name
    yield from site.aliases(function)
    yield function.operation_id
    yield calls.python_method(api, function)
    yield calls.command(api, function).removeprefix(f"{api.command} ")
    yield calls.lua_path(api, function)
    yield f"{function.method} {function.path}"


def _spelled(api: Api, function: Function) -> Iterator[str]:
    """What begins as it does for every function, or is the same for several."""
    yield f"client.{calls.python_method(api, function)}"
    yield calls.command(api, function)
    yield function.path
