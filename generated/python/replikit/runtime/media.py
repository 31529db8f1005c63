"""Which of the answers that are declared a response is: by its status, and by the media type that it names.

RFC 9110, 8.3 and 12.5.1: of the ranges that a media type is in, the most specific one counts, and parameters make one
more specific. RFC 6839: what ends in `+json` is JSON. A response that names no media type is what was declared.
"""

from __future__ import annotations

from collections.abc import Sequence

from .mediatypes import EVENT_STREAM, Media, kind_of, media_of, sequence_of
from .operation import Answer, Operation

_PAGES = frozenset(("text/html", "application/xhtml+xml"))
"""What a portal or a proxy puts in the place of an answer."""
_LOOSE = frozenset(("text/plain", "application/octet-stream"))
"""What servers call anything that they were not told the type of."""
_BARE = (204, 205, 304)
"""Statuses that have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5)."""


_MEDIA = {
    "json": "application/json",
    "events": EVENT_STREAM,
    "text": "text/plain",
    "binary": "application/octet-stream",
}
EITHER = " or "
"""Between the kinds of what is tried as the one, and is the other where it cannot be that."""


def answer_of(operation: Operation, status: int, content_type: str) -> Answer:
    """What an answer of this status and with this header `Content-Type` is."""
    declared = _of_status(operation.answers or (_usual(operation),), status)
    media = media_of(content_type)
    if status in _BARE:
        return Answer(str(status), "", "empty")
    if media is None or (operation.result == "empty" and not operation.answers):
        return _unnamed(declared)
    best = max(declared, key=lambda answer: _specific(answer.media, media))
    if _specific(best.media, media) > 0:
        return _narrowed(best, media)
    return _undeclared(declared, media)


def streaming(operation: Operation, content_type: str) -> Answer | None:
    """The answer that JSON is a line of, where events were asked for: such as `application/json;stream=watch`, which
    servers then call `application/json`."""
    media = media_of(content_type)
    for answer in operation.answers:
        declared = media_of(answer.media)
        if answer.kind == "events" and media and declared and declared.name == media.name:
            return answer
    return None


def _usual(operation: Operation) -> Answer:
    """What an operation answers that is described by its kind alone."""
    kind = operation.result
    return Answer("2XX", _MEDIA.get(kind, ""), kind, operation.view, operation.async_view, operation.array)


def _of_status(declared: Sequence[Answer], status: int) -> Sequence[Answer]:
    """Those of the status itself, else of its range, else of `default`; a success that is not declared is any."""
    for wanted in (str(status), f"{status // 100}XX", "default"):
        if matches := [answer for answer in declared if answer.status.upper() == wanted.upper()]:
            return matches
    return declared


def _unnamed(declared: Sequence[Answer]) -> Answer:
    """What an answer is that names no media type."""
    chosen = next((answer for answer in declared if answer.kind == "json"), declared[0])
    return chosen if chosen.kind != "any" else Answer(chosen.status, chosen.media, "binary")


def _specific(range_: str, media: Media) -> float:
    """How closely a declared media type or range says what this one is; nothing where it does not."""
    wanted = media_of(range_)
    if wanted is None or not set(wanted.parameters) <= set(media.parameters):
        return 0
    if wanted.name == media.name:
        return 3 + len(wanted.parameters)
    if wanted.name == "*/*":
        return 1
    main, _, sub = wanted.name.partition("/")
    return 2 if sub == "*" and media.name.startswith(f"{main}/") else 0


def _narrowed(answer: Answer, media: Media) -> Answer:
    """Of a range that may be anything, what it turned out to be."""
    if "*" not in answer.media or answer.kind in ("binary", "text", "empty"):
        return answer
    kind = kind_of(media.name)
    return answer if kind == answer.kind else Answer(answer.status, media.name, kind)


def _undeclared(declared: Sequence[Answer], media: Media) -> Answer:
    """What nobody said would come: the nearest of what is declared, else what its media type says."""
    kind = kind_of(media.name)
    alike = [answer for answer in declared if answer.kind == kind]
    if kind == "events":
        alike = [answer for answer in alike if sequence_of(_name(answer)) == sequence_of(media.name)]
    if alike:
        # A parameter that differs is less of a difference than another name.
        return max(alike, key=lambda answer: _name(answer) == media.name)
    if any(_name(answer) == "application/octet-stream" for answer in declared) and kind != "events":
        return next(answer for answer in declared if _name(answer) == "application/octet-stream")
    json = next((answer for answer in declared if answer.kind == "json"), None)
    if json is not None and media.name in _PAGES:
        return json  # which it then is not, and that is told with its beginning
    if json is not None and media.name in _LOOSE:
        return Answer(json.status, media.name, f"json{EITHER}{kind}", json.view, json.async_view, json.array)
    return Answer(declared[0].status, media.name, kind)


def _name(answer: Answer) -> str:
    media = media_of(answer.media)
    return media.name if media else ""
