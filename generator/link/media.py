"""Media types: the kind of body or content of each, and its examples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ..ir import Type, holds_files
from ..read import json_reader
from ..read.openapi import Document
from ..read.reading import Unreadable
from ..read.source import Node
from ..text import seen

FORM_DATA = "multipart/form-data"
"""What a body is sent as as well where it is JSON and holds files."""
_SEQUENTIAL = frozenset(
    (
        *("text/event-stream", "application/json-seq", "application/jsonl", "application/x-jsonl"),
        *("application/jsonlines", "application/x-jsonlines", "application/ndjson", "application/x-ndjson"),
        *("application/json-lines", "application/x-json-lines", "application/stream+json", "text/jsonl"),
    )
)
"""Media types that hold any number of values, one after the other (OpenAPI 3.2, 4.14.2)."""

ENCODED = frozenset(("byte", "base64", "base64url"))
"""Formats of bytes that are sent as text."""

_STREAM = re.compile(r";\s*stream=\"?(\w+)", re.IGNORECASE)

PREFERRED = ("json", "multipart", "form", "text", "binary")
"""Which body is sent where several are offered."""


def body_kind(media: str) -> Any:
    """How a request body of this media type is encoded."""
    plain = media.split(";")[0].strip().lower()
    if plain in ("application/json", "text/json", "*/*") or plain.endswith("+json"):
        return "json"
    if plain == "application/x-www-form-urlencoded":
        return "form"
    if plain.startswith("multipart/"):
        return "multipart"
    return "text" if plain.startswith("text/") or plain.endswith(("xml", "yaml")) else "binary"


def sent_as(media: str, result: Type) -> tuple[Any, str]:
    """How a body is encoded, and its media type: of a range the most specific that its values are.

    What is binary keeps the range: the file that is sent has a type of its own.
    """
    main, _, sub = media.split(";")[0].strip().lower().partition("/")
    if listed(media):
        return "json", media
    if sub in ("*+json", "*+xml"):  # which is no range of HTTP's: every type of the suffix (RFC 6839)
        return body_kind(media), f"{main}/{sub[2:]}"
    if sub != "*":
        return body_kind(media), media
    if result.kind == "binary" or main not in ("*", "text", "application"):
        return "binary", media
    if main == "text" or (main == "*" and result.kind == "string"):
        return "text", "text/plain"
    return "json", "application/json"


def content_kind(media: str, result: Type) -> Any:
    """How an answer of this media type is read."""
    if sequential(media):
        return "events"
    kind = body_kind(media)
    return "binary" if result.kind == "binary" else kind if kind in ("json", "text") else "binary"


def sequential(media: str) -> bool:
    """Whether it holds values one after the other. `+json-seq` is the suffix of RFC 8091."""
    plain = media.split(";")[0].strip().lower()
    return plain in _SEQUENTIAL or plain.endswith("+json-seq") or bool(streams(media))


def listed(media: str) -> bool:
    """Whether a body of it is a list, whose items are sent as JSON one after the other."""
    plain = media.split(";")[0].strip().lower()
    return sequential(media) and not streams(media) and plain != "text/event-stream"


def streams(media: str) -> str:
    """The argument that makes JSON a stream of it, line by line: `watch` of `application/json;stream=watch`."""
    match = _STREAM.search(media)
    return match[1].lower() if match and body_kind(media) == "json" else ""


def part_media(result: Type) -> str:
    """The media type of a part of a multipart body that names none; empty where the value decides.

    Each item of an array is a part (OpenAPI 3.1.1, Encoding Object; RFC 7578, 4.3).
    """
    if result.kind == "array" and result.items is not None and result.items.kind != "array":
        return part_media(result.items)
    if result.kind == "binary" or (result.kind == "union" and holds_files(result)):
        return "application/octet-stream"
    if result.kind == "string" and result.format in ENCODED:
        return "application/octet-stream"
    if result.kind in ("any", "union"):
        return ""
    return "application/json" if result.kind in ("map", "model", "array") else "text/plain"


def examples_of(document: Document, node: Node) -> Iterator[Any]:
    """The values of `example` and `examples`, in their order."""
    yield from (value for _, value in titled_examples(document, node))


def shown_by(document: Document, schema: Node) -> list[Any]:
    """The values that a schema shows of itself: its examples, else its default; of a list, those of its items as one."""
    node = document.follow(schema)
    if not isinstance(node.value, dict):
        return []
    results = list(examples_of(document, node)) or ([node.value["default"]] if "default" in node.value else [])
    items = node.get("items")
    if not results and items is not None and isinstance(document.follow(items).value, dict):
        results = [inner] if (inner := list(examples_of(document, document.follow(items)))) else []
    return results


def titled_examples(document: Document, node: Node, media: str = "") -> Iterator[tuple[str, Any]]:
    """The same, each with its summary or its name where it has one. media: the media type that they are of."""
    yield from ((title or name, value) for name, title, value in named_examples(document, node, media))


def named_examples(document: Document, node: Node, media: str = "") -> Iterator[tuple[str, str, Any]]:
    """The same, each with its name and its summary where it has them."""
    if not isinstance(node.value, dict):
        return
    if "example" in node.value:
        yield "", "", node.value["example"]
    listed = node.get("examples")
    if listed is None:
        return
    yield from (("", "", value) for value in (listed.value if isinstance(listed.value, list) else ()))
    for name, written in dict(listed.items()).items():
        example = document.follow(written)
        # 3.2 distinguishes the value as data from the serialized value.
        for key in ("value", "dataValue"):
            if isinstance(example.value, dict) and key in example.value:
                yield name, seen(example.text("summary")), example.value[key]
                break
        else:
            title = seen(example.text("summary"))
            yield from ((name, title, value) for value in _serialized(example, media))


def _serialized(example: Node, media: str) -> Iterator[Any]:
    """The value of an example that 3.2 shows as it is sent, where its media type is JSON or text and it is of that."""
    written, kind = example.value.get("serializedValue") if isinstance(example.value, dict) else None, body_kind(media)
    if not isinstance(written, str) or not media or kind not in ("json", "text"):
        return
    try:
        yield json_reader.read(written).value if kind == "json" else written
    except Unreadable:
        return
