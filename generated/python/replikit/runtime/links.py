"""Requests for URLs that came in an answer: streams and files, read piece by piece.

The token goes with them to the API's own origin only, and so do the headers of the client and of its user: any
other server gets what is needed to answer and nothing else, redirects included.
"""

from __future__ import annotations

from typing import Any

from .calls import Options
from .client import AnyClient
from .errors import ResponseError
from .exchange import Steps
from .logs import place
from .operation import Operation
from .requests import Prepared
from .retries import RetryPolicy

Headers = list[tuple[str, Any]]

_LINK = Operation("link", "link", "GET", "", result="binary")
_ONCE = RetryPolicy(max_retries=0)
"""Who reads a stream or a file goes on where it broke off, and decides that himself."""


def steps(client: AnyClient, url: str, headers: Headers, seconds: float | None) -> Steps:
    """The steps of such a request. seconds: the time until the end of the body."""
    if not url.startswith(("https://", "http://")):
        raise ResponseError(f"{place(url)[:200]} is no URL that can be fetched")
    return client._steps(_LINK, Prepared("GET", url, headers), Options(deadline=seconds), _ONCE)
