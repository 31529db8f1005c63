"""URLs of a document and a catalog, and names of headers: checked where they are read, so that all may rely on it.

What passes goes into code, pages and commands: it holds nothing but the characters that RFC 3986 gives a URL, is http
or https or relative, and carries no credentials.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

LONGEST = 2_000
"""Characters; browsers and proxies take no more either."""
LONGEST_NAME = 200
"""Characters of the name of a header or a cookie."""

_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_FOREIGN = re.compile(r"[^A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]")
_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_AUTHORITY = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9.])?)(:[0-9]+)?")

Problem = tuple[str, str]
"""What is wrong, and how to mend it."""


def is_url(text: str) -> bool:
    """Whether a text is the URL of a document and no path."""
    return text.startswith(("https://", "http://"))


def is_token(name: str) -> bool:
    """Whether a name can be that of a header or a cookie, by RFC 9110 and RFC 6265."""
    return len(name) <= LONGEST_NAME and _TOKEN.fullmatch(name) is not None


def without_slash(url: str) -> str:
    """A server's URL as paths follow it: without a slash at the end of its own, and with its query."""
    path, mark, query = url.partition("?")
    return path.rstrip("/") + (mark + query if query else "")


def server_problem(url: str) -> Problem | None:
    """What is wrong with the URL of a server; it may be relative, to wherever the document is published."""
    if result := _text_problem(url):
        return result
    if "#" in url:
        return "has a fragment, which is never sent", "remove it from # on"
    if url.startswith("//"):
        return "names a host without a scheme", "begin it with https://"
    relative = url.startswith("/") or (re.match(r"[A-Za-z0-9._~]", url) and ":" not in url.partition("/")[0])
    return None if relative else page_problem(url)


def page_problem(url: str) -> Problem | None:
    """What is wrong with the URL of a page that people open."""
    if result := _text_problem(url):
        return result
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - the library computes it on access
    except ValueError as error:
        return f"is not a URL: {error}", "correct its host or port"
    if parts.scheme not in ("http", "https"):
        return "is neither http nor https", "begin it with https://"
    if "@" in parts.netloc:
        return "contains a user name or a password", "remove it: credentials belong in security schemes"
    if not _AUTHORITY.fullmatch(parts.netloc):
        return "has no valid host", "add one after https://"
    return None


def _text_problem(url: str) -> Problem | None:
    if len(url) > LONGEST:
        return f"has {len(url)} characters; the limit is {LONGEST}", "shorten it"
    if match := _FOREIGN.search(url):
        mend = "give the variable a default" if match[0] in "{}" else "escape it: %20, or xn-- in a host"
        return f"contains {match[0]!a}, which is not allowed in a URL", mend
    if _ESCAPE.search(url):
        return "contains a % that does not begin an escape", "write %25"
    return None
