"""A value as the content of an answer, by its media type."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from ..runtime.styles import is_json
from . import xmltext
from .definitions import Definitions
from .specimens import specimen

_EVENTS = "text/event-stream"
_FORM = "application/x-www-form-urlencoded"
_FIELDS = {"event", "id", "retry"}
_BOUNDARY = "b0undary"
_QUOTED = re.compile(r'["\r\n]')
_ANY = {"text": "text/plain", "image": "image/png", "audio": "audio/wav", "video": "video/mp4"}


def media_type(content: Mapping[str, Any]) -> str:
    """The media type that is sent: of a range, one of its own."""
    media: str = content["media"]
    if media.partition("/")[0].strip().lower() == "multipart":
        plain = media.partition(";")[0].strip().lower().replace("*", "mixed")
        return f"{plain}; boundary={_BOUNDARY}"
    if "*" not in media:
        return media
    if content["kind"] == "json":
        return "application/json"
    return _ANY.get(media.partition("/")[0].strip(), "application/octet-stream")


def is_of_values(content: Mapping[str, Any]) -> bool:
    """Whether a media type other than JSON is still written from a value, as `written` does."""
    plain = media_type(content).partition(";")[0].strip().lower()
    return content["kind"] == "events" or is_json(plain) or plain.endswith("xml") or plain in (_FORM, "multipart/mixed")


def written(value: Any, content: Mapping[str, Any], schemas: Definitions) -> bytes:
    """The bytes of a value: JSON, a list of JSON texts, events, parts, a form, XML or the text that it is.

    Of what is known by its media type alone, such as a picture that the document shows none of, a file of that type.
    """
    media = media_type(content).partition(";")[0].strip().lower()
    if not content["examples"] and (value is None or isinstance(value, str)):
        file = specimen(media)
        if file is not None:
            return file
    if content["kind"] == "json" or is_json(media):
        return _json("" if value is None and content["kind"] == "binary" else value)
    if content["kind"] == "events":
        items = value if isinstance(value, list) else [value]
        if media == _EVENTS:
            return b"".join(map(_event, items))
        before = b"\x1e" if media.endswith("json-seq") else b""  # RFC 7464, 2.2
        return b"".join(before + _json(item) + b"\n" for item in items)
    if media.startswith("multipart/"):
        return _parts(value, named=media == "multipart/form-data")
    if media == _FORM and isinstance(value, dict):
        return urlencode({name: _plain(item) for name, item in value.items()}).encode()
    if isinstance(value, str) and not (media.endswith("xml") and not xmltext.is_document(value)):
        return value.encode("utf-8", "replace")
    if media.endswith("xml"):
        return xmltext.document(value, content["schema"], schemas).encode()
    return b"" if value is None else _json(value)


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _event(item: Any) -> bytes:
    """One event (WHATWG HTML, 9.2.6): of what describes its fields, these (OpenAPI 3.2, 4.14.2); else its data."""
    fields = item if isinstance(item, dict) and "data" in item and (len(item) == 1 or _FIELDS & item.keys()) else {}
    named = [(name, fields[name]) for name in ("event", "id", "retry") if fields.get(name) is not None]
    lines = [name.encode() + b": " + _line(value) for name, value in named if b"\n" not in _line(value)]
    lines += [b"data: " + line for line in _line(fields["data"] if fields else item).split(b"\n")]
    return b"\n".join(lines) + b"\n\n"


def _parts(value: Any, named: bool) -> bytes:
    """The parts of a value: each item of a list, or each property of an object (RFC 2046, 5.1)."""
    items = value if isinstance(value, list) else [value]
    pairs = [*value.items()] if isinstance(value, dict) else [("", item) for item in items]
    body = b""
    for name, item in pairs:
        disposition = f'Content-Disposition: form-data; name="{_QUOTED.sub("_", name)}"\r\n' if named else ""
        media = "text/plain" if isinstance(item, str) else "application/json"
        body += f"--{_BOUNDARY}\r\n{disposition}Content-Type: {media}\r\n\r\n".encode() + _line(item) + b"\r\n"
    return body + f"--{_BOUNDARY}--\r\n".encode()


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _line(value: Any) -> bytes:
    return value.encode("utf-8", "replace") if isinstance(value, str) else _json(value)
