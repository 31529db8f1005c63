"""Which representation of an answer a request asks for: by its header `Accept` (RFC 9110, 12.5.1), or by the argument that
asks for events."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..runtime.mediatypes import Media, media_of
from .requests import Request
from .routes import Route

Content = Mapping[str, Any]
_WEIGHT = re.compile(r";\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)", re.IGNORECASE)
_MOST = 50
"""Ranges of a header that are looked at."""


def negotiated(route: Route, request: Request) -> Route:
    """The route with the requested representation first; unchanged if none is acceptable."""
    responses = route["responses"]
    offered: Sequence[Content] = responses[0]["contents"] if responses else ()
    if len(offered) < 2:
        return route
    chosen = _preferred(offered, ",".join(request.headers.get_all("Accept", ())))
    stream = route.data.get("stream", "")
    if stream and request.arguments.get(stream) is True:
        chosen = next((each for each in offered if each["kind"] == "events"), chosen)
    if chosen is offered[0]:
        return route
    first = {**responses[0], "contents": [chosen, *(each for each in offered if each is not chosen)]}
    return replace(route, data={**route.data, "responses": [first, *responses[1:]]})


def _preferred(offered: Sequence[Content], accept: str) -> Content:
    """The representation of the highest weight, the first of equals; an unacceptable one if there is no better."""
    ranges = accept.split(",")[:_MOST]
    return max(offered, key=lambda content: _weight(ranges, content["media"])) if accept else offered[0]


def _weight(ranges: Sequence[str], written: str) -> float:
    """The weight of a media type: that of the most specific of the ranges that it is in; 0 where it is in none."""
    media = media_of(written)
    closest, weight = 0, 0.0
    for each in ranges:
        wanted = media_of(each)
        if media is None or wanted is None or (near := _near(wanted, media)) <= closest:
            continue
        match = _WEIGHT.search(each)
        closest, weight = near, float(match[1]) if match else 1.0
    return weight


def _near(wanted: Media, media: Media) -> int:
    """How closely a range matches a media type; 0 if it does not. An offered media type may be a range itself."""
    if not set(wanted.parameters) <= set(media.parameters):
        return 0
    if wanted.name == media.name:
        return 3 + len(wanted.parameters)
    if "*/*" in (wanted.name, media.name):
        return 1
    alike = wanted.name.partition("/")[0] == media.name.partition("/")[0]
    return 2 if alike and (wanted.name.endswith("/*") or media.name.endswith("/*")) else 0
