"""Requests that an API makes: their bodies read, and checked where it is known how they are signed."""

from __future__ import annotations

from typing import Any, TypeVar

from .bounds import MAX_RESPONSE_BYTES
from .decoding import json_of
from .errors import WebhookError
from .views import view_of
from .webhooks import Headers, Secret, verify

T = TypeVar("T")
LARGEST = MAX_RESPONSE_BYTES
"""Bytes of a body that are read. Its server has read it, and bounds what it reads; this is the last resort."""


def read(view: type[T] | None, body: bytes | str) -> T:
    """A body as what it holds; a list or a value stays what it is. WebhookError where it is not JSON."""
    if not isinstance(body, (bytes, bytearray, memoryview, str)):
        raise WebhookError(f"body: give the body as it came, in bytes, not a {type(body).__name__} made of it")
    content = body.encode("utf-8", "replace") if isinstance(body, str) else bytes(body)
    if len(content) > LARGEST:
        raise WebhookError(f"the request's body has more than {LARGEST:,} bytes")
    try:
        value: Any = json_of(content)
    except ValueError as error:
        raise WebhookError(f"the request's body is not JSON: {error}") from error
    if view is not None and not isinstance(value, dict):
        raise WebhookError("the request's body is not a JSON object")
    return view_of(view, value)


def checked(view: type[T] | None, body: bytes | str, headers: Headers, secret: Secret) -> T:
    """A body that is signed by Standard Webhooks, as `read`. WebhookError where it is not."""
    verify(body, headers, secret=secret)
    return read(view, body)
