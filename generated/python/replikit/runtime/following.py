"""Pagination: the URL of the page after an answer, for each style of an API.

    url      the answer holds it                 link     a `Link` header does (RFC 8288)
    cursor   the answer holds a token            last     a field of the last item is the token
    offset   the items so far are counted        page     the pages are numbered

Of all but the first two the URL is that of the answer's own request, with one argument of its query set. What a body
takes stands behind the URL, `URL#NAME=VALUE`: see `runtime.turning`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote_plus, urljoin, urlsplit

from .operation import PageInfo
from .views import at

MOST_ITEMS = 1_000_000_000
"""Items or pages at most: a larger number is not a count."""


LINKED = ("url", "link")
"""The ways in which an answer names the next page itself."""


def listed(info: PageInfo, data: Any) -> list[Any]:
    """The items of a page."""
    items = _at(data, info.items) if info.items else data
    return items if isinstance(items, list) else []


def following(info: PageInfo, data: Any, url: str, links: str = "") -> str | None:
    """The URL of the next page; None where there is none. The last page of some APIs links to itself, or repeats a
    token.

    url: that of the answer's request, without credentials. links: the answer's `Link` header.
    """
    if info.by == "url":
        onward = joined(url, _at(data, info.next))
    elif info.by == "link":
        onward = joined(url, linked(links, "next"))
    else:
        value = _next(info, data, url)
        onward = None if value is None else with_argument(url, info.argument, value, info.location)
    return None if onward == url else onward


def preceding(info: PageInfo, data: Any, url: str, links: str = "") -> str | None:
    """The URL of the previous page; None where there is none, or where the API does not say."""
    if info.by == "link":
        return joined(url, linked(links, "prev"))
    return joined(url, _at(data, info.previous)) if info.previous else None


def joined(url: str, reference: Any) -> str | None:
    """A link of an answer as an absolute URL."""
    if not isinstance(reference, str) or not reference:
        return None
    try:
        return urljoin(url, reference)
    except ValueError:  # not a URL, which is an error when it is followed
        return reference


def _next(info: PageInfo, data: Any, url: str) -> str | None:
    """The argument of the next page."""
    if (info.more and _at(data, info.more) is False) or (info.end and _at(data, info.end) is True):
        return None
    items = listed(info, data)
    if info.by == "cursor":
        return _token(_at(data, info.next))
    if info.by == "last":
        return _token(_at(items[-1], info.next)) if items else None
    if not items:
        return None
    current = _count(_at(data, info.current)) if info.current else None
    now = next((n for n in (_count(argument(url, info.argument, info.location)), current) if n is not None), info.first)
    onward = now + (len(items) if info.by == "offset" else 1)
    total = _count(_at(data, info.total)) if info.total else None
    return None if total is not None and onward - info.first >= total else str(onward)


def _token(value: Any) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def _count(value: Any) -> int | None:
    """A number of items or pages; also as a text, as it stands in a URL."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= MOST_ITEMS else None


def _at(data: Any, path: str) -> Any:
    """As `at`; a name may hold dots itself."""
    return data[path] if isinstance(data, Mapping) and path in data else at(data, path)


def argument(url: str, name: str, location: str = "query") -> str:
    """An argument of the query of a URL, or of what stands behind it for a body; empty where it has none."""
    for piece in (urlsplit(url).query if location == "query" else url.partition("#")[2]).split("&"):
        key, _, value = piece.partition("=")
        if unquote_plus(key) == name:
            return unquote_plus(value)
    return ""


def with_argument(url: str, name: str, value: str, location: str = "query") -> str:
    """The URL with one argument of its query set, all others as they are written; or with that of a body behind it."""
    if location == "body":
        return f"{url.partition('#')[0]}#{quote(name, safe='')}={quote(value, safe='')}"
    head, _, query = url.partition("#")[0].partition("?")
    kept = [piece for piece in query.split("&") if piece and unquote_plus(piece.partition("=")[0]) != name]
    return f"{head}?" + "&".join([*kept, f"{quote(name, safe='')}={quote(value, safe='')}"])


def linked(header: str, relation: str) -> str | None:
    """The target of the first link with a relation (RFC 8288, 3); one that is about another resource is none."""
    for target, parameters in _links(header):
        names = [name for name, _ in parameters]
        # 3.3: of several `rel` parameters, those after the first are ignored.
        rel = next((value for name, value in parameters if name == "rel"), "")
        if relation in rel.lower().split() and "anchor" not in names:
            return target
    return None


def _links(header: str) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The links of a header, each with its parameters (RFC 8288, appendix B.2); the rest of a malformed one is dropped."""
    at_, end = 0, len(header)
    while at_ < end:
        while at_ < end and header[at_] in " \t,":
            at_ += 1
        close = header.find(">", at_)
        if at_ >= end or header[at_] != "<" or close < 0:
            return
        target, at_ = header[at_ + 1 : close], close + 1
        parameters: list[tuple[str, str]] = []
        while at_ < end and header[at_] != ",":
            if header[at_] in " \t;":
                at_ += 1
                continue
            start = at_
            while at_ < end and header[at_] not in "=;,":
                at_ += 1
            name, value = header[start:at_].strip().lower(), ""
            if at_ < end and header[at_] == "=":
                value, at_ = _value(header, at_ + 1)
            parameters.append((name, value))
        yield target, parameters


def _value(header: str, start: int) -> tuple[str, int]:
    """The value of a parameter, quoted or not, and where it ends."""
    end = len(header)
    while start < end and header[start] in " \t":
        start += 1
    if start < end and header[start] == '"':
        characters: list[str] = []
        start += 1
        while start < end and header[start] != '"':
            start += header[start] == "\\"
            characters.append(header[start : start + 1])
            start += 1
        return "".join(characters), start + 1
    stop = start
    while stop < end and header[stop] not in ";,":
        stop += 1
    return header[start:stop].strip(), stop
