"""Webhooks: verifies that they come from the API, by Standard Webhooks.

A request is signed with a secret that only the API and its user know. The signature is over the body as it came: bytes
that were decoded and encoded again do not match.
"""

from __future__ import annotations

import binascii
import hmac
import re
import time
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from itertools import islice
from typing import Any, NamedTuple

from .bounds import MAX_RESPONSE_BYTES
from .decoding import json_of
from .errors import ArgumentError, WebhookError
from .operation import WebhookInfo
from .views import view_of

Text = str | bytes
Headers = Mapping[Any, Any] | Iterable[tuple[Text, Text | Iterable[Text]]]
"""A mapping, or pairs as servers have them, of text or bytes; a value may be a list of several, as those of API
Gateway's `multiValueHeaders` are. Upper and lower case are the same. The environment of WSGI is taken as well."""
Secret = str | Sequence[str]
"""One secret, or several while one replaces another."""

TOLERANCE = 300.0
"""Seconds that a request may be older, or younger, than now."""
LARGEST = MAX_RESPONSE_BYTES
"""Bytes of a request at most. The server that received it has a bound of its own; this is the last resort."""
_PREFIX = "whsec_"
_CGI = "http_webhook_"
"""How the names of these headers begin in the environment of WSGI and CGI (PEP 3333; RFC 3875, 4.1.18)."""
_SIGNATURE = re.compile(r"(?:^|[\s,])v1,([^\s,]+)")
_MOST_SIGNATURES = 32
_MOST_HEADERS = 1000
_MOST_VALUES = 32


class Delivery(NamedTuple):
    """A verified request: its id, the same when it is sent again, and the time of its signature."""

    id: str
    timestamp: datetime


def verify(body: bytes | str, headers: Headers, *, secret: Secret, tolerance: float = TOLERANCE) -> Delivery:
    """Checks that a request was signed with the secret, and recently.

    body: as it came, before anything decoded it.
    headers: of the request; `webhook-id`, `webhook-timestamp` and `webhook-signature` are read.
    secret: `whsec_…`; several while one replaces another.
    tolerance: seconds that the request may be older or younger than now.
    Raises WebhookError where it is not valid, ArgumentError where the secret is malformed.
    """
    content = _content(body)
    if len(content) > LARGEST:
        raise WebhookError(f"the webhook's body has more than {LARGEST:,} bytes")
    lowered = _lower(headers)
    id_, stamp, signatures = (_header(lowered, name) for name in ("id", "timestamp", "signature"))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        raise WebhookError("the webhook's timestamp is not a number of seconds")
    age = time.time() - int(stamp)
    if not abs(age) <= tolerance:
        when = f"{age:.0f} s old" if age > 0 else f"{-age:.0f} s ahead of this clock"
        raise WebhookError(f"the webhook is {when}, and at most {tolerance:g} s are tolerated")
    listed = _signatures(signatures)
    matched = False
    for key in keys(secret):
        made = signature(key, id_, stamp, content).encode()
        for sent in listed:
            # Each of them is compared, and each in the same time wherever it differs.
            matched |= hmac.compare_digest(made, sent.encode("utf-8", "replace"))
    if not matched:
        raise WebhookError("the webhook is not signed with this secret, or not the way it came")
    try:
        return Delivery(id_, datetime.fromtimestamp(int(stamp), UTC))
    except (ValueError, OverflowError, OSError):
        raise WebhookError("the webhook's timestamp is of no year that there is") from None


def payload(body: bytes | str, headers: Headers, *, secret: Secret, tolerance: float = TOLERANCE) -> dict[str, Any]:
    """The decoded body of a request, after `verify`."""
    verify(body, headers, secret=secret, tolerance=tolerance)
    try:
        value = json_of(_content(body))
    except ValueError as error:
        raise WebhookError(f"the webhook's body is not JSON: {error}") from error
    if not isinstance(value, dict):
        raise WebhookError("the webhook's body is not a JSON object")
    return value


def signature(key: bytes, id: str, timestamp: str, content: bytes) -> str:
    """The signature of a request: base64 of HMAC-SHA256 over its id, its timestamp and its body."""
    signed = b".".join((id.encode("utf-8", "replace"), timestamp.encode(), content))
    return b64encode(hmac.digest(key, signed, "sha256")).decode()


def _content(body: Any) -> bytes:
    if isinstance(body, str):
        return body.encode("utf-8", "replace")  # half of a surrogate pair was never signed
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise WebhookError(f"body: give the body as it came, in bytes, not a {type(body).__name__} made of it")


def _lower(headers: Any) -> dict[str, str]:
    """The headers of the scheme by their names in lower case. Signatures that came in several are one text."""
    try:
        pairs = headers.multi_items() if hasattr(headers, "multi_items") else headers
        pairs = pairs.items() if hasattr(pairs, "items") else pairs
        named = [(_text(name).lower(), value) for name, value in islice(pairs, _MOST_HEADERS)]
    except Exception:  # noqa: BLE001 - whatever they are, they are not the headers of a webhook
        kind = type(headers).__name__
        raise WebhookError(f"these are no headers: a mapping or pairs are taken, not this {kind}") from None
    lowered: dict[str, list[str]] = {}
    for name, value in named:
        if name.startswith(_CGI):
            name = name.removeprefix("http_").replace("_", "-")
        if name.startswith("webhook-"):
            lowered.setdefault(name, []).extend(_values(name, value))
    for name, values in lowered.items():
        # Of the id and of the timestamp there is one: which of two was signed, nobody can say.
        if name != "webhook-signature" and len(set(values)) > 1:
            raise WebhookError(f"the header {name[:80]} has several values: this is no webhook")
    return {
        name: " ".join(values) if name == "webhook-signature" else values[0]
        for name, values in lowered.items()
        if values
    }


def _values(name: str, value: Any) -> list[str]:
    """The values of one header: one text, or several."""
    try:
        several = (
            [value] if isinstance(value, (str, bytes, bytearray, memoryview)) else list(islice(value, _MOST_VALUES))
        )
        return [_text(each) for each in several]
    except Exception:  # noqa: BLE001 - as above
        raise WebhookError(f"the header {name[:80]} is no text: this is no webhook") from None


def _text(value: Any) -> str:
    """Raises TypeError for what is neither text nor bytes."""
    return value if isinstance(value, str) else memoryview(value).tobytes().decode("latin-1")


def _header(headers: Mapping[str, str], name: str) -> str:
    value = headers.get(f"webhook-{name}", "").strip()
    if not value:
        raise WebhookError(f"the header webhook-{name} is missing: this is no webhook")
    return value


def _signatures(text: str) -> list[str]:
    """Those of version 1. Blanks are between two, or commas where a server has joined several headers (RFC 9110, 5.3):
    in base64 there is neither."""
    return _SIGNATURE.findall(text)[:_MOST_SIGNATURES]


def keys(secret: Secret) -> list[bytes]:
    """The signing keys of secrets. Raises ArgumentError where a secret is malformed."""
    secrets = [secret] if isinstance(secret, str) or not isinstance(secret, Iterable) else list(secret)
    decoded = []
    for each in secrets:
        if each is None:  # such as that of an environment variable that is not set
            raise ArgumentError("secret", "is required and None: is it set?")
        try:
            key = b64decode(each.strip().removeprefix(_PREFIX), validate=True) if isinstance(each, str) else b""
        except (binascii.Error, ValueError):
            key = b""
        if not key:
            raise ArgumentError("secret", f"expected {_PREFIX} and base64 after it")
        decoded.append(key)
    if not decoded:
        raise ArgumentError("secret", "is required: without one anybody could have sent it")
    return decoded


# ── on a client ────────────────────────────────────────────────────────────────────────────────────────


def info() -> WebhookInfo:
    """How the API's webhooks are verified."""
    webhooks: WebhookInfo = import_module("..operations", __package__).WEBHOOKS
    return webhooks


def view(name: str, data: dict[str, Any], client: Any) -> Any:
    """The content of a webhook, as its class in `types`."""
    return view_of(getattr(import_module("..types", __package__), name) if name else None, data, client)
