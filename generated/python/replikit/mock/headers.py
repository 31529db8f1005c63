"""The headers that the document says an answer has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..runtime.styles import is_json
from .answers import Answer
from .schema import Schemas
from .texts import typed

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,200}")
"""The name of a header (RFC 9110, 5.6.2); another, of a careless document or a hostile one, is not sent."""
_OWN = frozenset(
    ["content-type", "content-length", "content-encoding", "transfer-encoding", "connection", "date", "server"]
    + ["link", "set-cookie", "retry-after", "www-authenticate"]
)
"""Of these there are the true ones or none: the message itself, or a client that acts on them, needs what they say."""


def headed(answer: Answer, declared: Sequence[Mapping[str, Any]], schemas: Schemas) -> Answer:
    """The answer with what it lacks of the headers that its status has, each with the value that the document shows,
    else one of its schema."""
    by_status = {each["status"].upper(): each for each in declared if each.get("headers")}
    if not by_status:
        return answer
    status = str(answer.status)
    headers_ = by_status.get(status) or by_status.get(f"{status[0]}XX") or by_status.get("DEFAULT")
    if headers_ is None:
        return answer
    there = {name.lower() for name, _ in answer.headers}
    more = [(name, text) for name, text in _written(headers_["headers"], schemas) if name.lower() not in there]
    return replace(answer, headers=(*answer.headers, *more))


def _written(headers: Mapping[str, Any], schemas: Schemas) -> Iterator[tuple[str, str]]:
    for name, header in headers.items():
        value = next(_shown(header, schemas), None)
        value = schemas.sample(header["schema"]) if value is None else value
        text = json.dumps(value) if is_json(header.get("media", "")) else _text(value)
        if _TOKEN.fullmatch(name) and name.lower() not in _OWN and text and text.isascii() and text.isprintable():
            yield name, text


def _shown(header: Mapping[str, Any], schemas: Schemas) -> Iterator[Any]:
    """The examples that are valid by the schema, or have a valid text."""
    schema = header["schema"]
    for value in header.get("examples", ()):
        read = typed(value, schema, schemas) if isinstance(value, str) and not header.get("media") else value
        yield from (value for each in (value, read) if schemas.valid(each, schema))


def _text(value: Any) -> str:
    """A value in the style of a header, `simple` (OpenAPI, Header Object)."""
    if isinstance(value, dict):
        value = [each for pair in value.items() for each in pair]
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else "" if value is None else json.dumps(value)
