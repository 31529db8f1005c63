"""The addresses that an API answers at, with every value that a variable of a server may have."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ...ir import Api, Server
from .facts import Fact, joined

MOST = 64
"""Addresses of a server with variables; of one that has more, the one with its defaults stands for all."""


def changes(old: Api, new: Api) -> Iterator[Fact]:
    """Changes of the server that clients call by default, and of the others."""
    before, after = old.servers[0].url, new.servers[0].url
    if before != after:
        yield Fact(kind="server changed", action="changed", subject=old.name, before=before, after=after)
    yield from _names(old, new)
    others = [{*addresses(api)} - {api.servers[0].url} for api in (old, new)]
    if {*map(_bare, others[0])} == {*map(_bare, others[1])}:
        return
    lost = any(url != before and not answers(new, url, server) for server in old.servers for url in of_server(server))
    shown = (joined(sorted(urls)) or "none" for urls in others)
    kind = "other server removed" if lost else "other servers changed"
    yield Fact(kind=kind, action="changed", subject=old.name, before=next(shown), after=next(shown))


def _names(old: Api, new: Api) -> Iterator[Fact]:
    """What a caller chooses a server by, and fills its address in with, that is there no more."""
    names, variables = (
        [{each.name for each in api.servers} - {""}, {name for each in api.servers for name, _, _ in each.variables}]
        for api in (old, new)
    )
    for kind, mine, theirs in zip(("server name removed", "server variable removed"), names, variables, strict=True):
        left = joined(sorted(theirs)) or "none"
        for name in sorted(mine - theirs):
            yield Fact(kind=kind, action="removed", subject=old.name, before=name, after=left)


def _bare(url: str) -> str:
    """An address without the names of its variables, which are never sent."""
    return re.sub(r"\{[^{}]*\}", "{}", url)


def addresses(api: Api) -> tuple[str, ...]:
    """All of an API, each once, the first of them the default."""
    return tuple(dict.fromkeys(url for server in api.servers for url in of_server(server)))


def of_server(server: Server) -> tuple[str, ...]:
    """The addresses of one server; a variable that may be anything stands in one of them in braces."""
    results = [server.url]
    choices = [values or (default, f"{{{name}}}") for name, default, values in server.variables]
    count = 1
    for values in choices:
        count *= len(values)
    if count <= MOST:
        for values in itertools.product(*choices) if server.template else ():
            results.append(_filled(server, values))
    return tuple(dict.fromkeys(results))


def answers(new: Api, url: str, server: Server) -> bool:
    """Whether an API has an address of an older server still, or a variable that stands for it."""
    if _bare(url) in map(_bare, addresses(new)):
        return True
    return any(
        _bare(each.template) == _bare(server.template) and all(not values for _, _, values in each.variables)
        for each in new.servers
        if each.template
    )


def _filled(server: Server, values: tuple[str, ...]) -> str:
    url = server.template
    for (name, _, _), value in zip(server.variables, values, strict=True):
        url = url.replace(f"{{{name}}}", value)
    return url
