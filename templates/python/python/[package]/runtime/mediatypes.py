"""What a media type says of itself: its name, its parameters, and how a body of it is read (RFC 9110, 8.3; RFC 6839)."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

EVENT_STREAM = "text/event-stream"
JSON_SEQUENCE = "application/json-seq"
_LINES = frozenset(
    (
        *("application/jsonl", "application/x-jsonl", "application/jsonlines", "application/x-jsonlines", "text/jsonl"),
        *("application/json-lines", "application/x-json-lines", "application/ndjson", "application/x-ndjson"),
        "application/stream+json",
    )
)
_TEXTS = frozenset(
    (
        *("application/xml", "application/yaml", "application/x-yaml", "application/x-www-form-urlencoded"),
        *("application/javascript", "application/x-javascript", "application/ecmascript", "application/graphql"),
        *("application/sql", "application/toml", "application/rtf", "application/xml-dtd", "application/x-sh"),
    )
)
_TEXT_SUFFIXES = ("+xml", "+yaml")


class Media(NamedTuple):
    """A media type: its name in lower case, and its parameters but for the charset, which says how text is coded."""

    name: str
    parameters: tuple[tuple[str, str], ...] = ()


@lru_cache(maxsize=256)
def media_of(text: str) -> Media | None:
    """The media type that a header or a document names; None where it is none."""
    name, *rest = _pieces(text[:1000])
    name = name.strip().lower()
    main, slash, sub = name.partition("/")
    if not slash or not main or not sub or " " in name:
        return None
    parameters = []
    for piece in rest:
        key, equals, value = piece.partition("=")
        key, value = key.strip().lower(), value.strip()
        if equals and key and key not in ("charset", "q"):
            if len(value) > 1 and value[0] == value[-1] == '"':
                value = value[1:-1].replace('\\"', '"')
            parameters.append((key, value.lower() if key == "type" else value))
    return Media(name, tuple(sorted(parameters)))


def _pieces(text: str) -> list[str]:
    """What stands between semicolons that are not in quotes."""
    pieces, quoted, start = [], False, 0
    for at, character in enumerate(text):
        if character == '"' and (at == 0 or text[at - 1] != "\\"):
            quoted = not quoted
        elif character == ";" and not quoted:
            pieces.append(text[start:at])
            start = at + 1
    return [*pieces, text[start:]]


def kind_of(name: str) -> str:
    """How a body of this media type is read where nothing else is said: events, json, text or binary."""
    if sequence_of(name):
        return "events"
    if name == "application/json" or name == "text/json" or name.endswith("+json"):
        return "json"
    if name.startswith("text/") or name in _TEXTS or name.endswith(_TEXT_SUFFIXES):
        return "text"
    return "binary"


def sequence_of(name: str) -> str:
    """How values follow one another in it: `events`, `lines`, `sequence`; empty for what holds no sequence."""
    if name == EVENT_STREAM:
        return "events"
    if name in _LINES:
        return "lines"
    return "sequence" if name == JSON_SEQUENCE or name.endswith("+json-seq") else ""
