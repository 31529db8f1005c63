"""Requests for further pages of a list: the list's own, but for what the cursor of the page says.

    url, link        the cursor is a URL that an answer gave, and is asked for with GET
    in the query     the list's request again, to the cursor: its URL with one argument of the query changed
    in the body      the list's request again, one field of its body changed: `URL#NAME=VALUE` says to what

A link of an answer may lead to another path than the list's, where the credential would open other doors than that list.
So a cursor of this kind bears a seal, `URL#seal=…`, made with the credential of whoever was given it: it holds in another
process of the same caller, and nobody makes one for a page that the API did not name. Where the credential is one that
is not known here, as that of an httpx client that was passed in, the seal holds in this process alone.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

from .credentials import Credentials
from .errors import ArgumentError
from .following import LINKED, argument, with_argument
from .jsontext import json_text
from .logs import place
from .operation import Operation
from .requests import Prepared
from .transport import ANYWHERE

SEAL = "#seal="
_ANYBODY = b"what is asked for without a credential anybody may ask for"
_OURS = os.urandom(32)
"""The key of a seal that holds in this process alone."""
_LENGTH = 16
"""Bytes of a seal."""


def sealed(url: str, first: str, operation: Operation, key: bytes) -> str:
    """The cursor of a page at a URL that an answer gave. first: the URL of the list."""
    return url if place(url) == place(first) else f"{url}{SEAL}{_seal(url, operation, key)}"


def opened(cursor: str, operation: Operation, key: bytes) -> tuple[str, bool]:
    """The URL that a cursor is about, and whether its seal is one of the operation and of this key."""
    url, mark, seal = cursor.partition(SEAL)
    return url, bool(mark) and hmac.compare_digest(seal.encode(), _seal(url, operation, key).encode())


def sealing(credentials: Credentials, headers: Mapping[str, str]) -> bytes:
    """The key of a caller's seals: something of what is sent with its calls that nobody else knows.

    headers: those that the caller sets itself, of which one may be the credential.
    """
    if credentials.secrets:
        return hashlib.sha256("\0".join(credentials.secrets).encode()).digest()
    if credentials.certified:
        try:
            return hashlib.sha256(b"\0".join(credentials.private_keys)).digest()
        except OSError:  # told by whoever loads it
            return _OURS
    own = sorted(f"{name.lower()}:{value}" for name, value in headers.items() if name.lower() not in ANYWHERE)
    if own:
        return hashlib.sha256("\0".join(own).encode()).digest()
    return _OURS if credentials.tls else _ANYBODY


def _seal(url: str, operation: Operation, key: bytes) -> str:
    made = hmac.digest(key, f"{operation.name}\0{url}".encode(), "sha256")
    return urlsafe_b64encode(made[:_LENGTH]).decode().rstrip("=")


def onward(operation: Operation, first: Prepared, url: str) -> Prepared:
    """The request for the page of a list at this URL. first: the request of the list. Raises ArgumentError."""
    page = operation.page
    bare = url.partition("#")[0]
    if page is None or page.by in LINKED:
        kept = [pair for pair in first.headers if pair[0].lower() != "content-type"]
        return first._replace(method="GET", url=bare, headers=kept, content=None, parts=None, first=first)
    if page.location != "body":
        return first._replace(url=bare, first=first)
    value = argument(url, page.argument, page.location)
    if not value:
        return first._replace(url=bare, first=first)
    number: Any = int(value) if page.number and value.isascii() and value.isdigit() and len(value) < 20 else value
    headers, content = first.headers, _with_field(operation, first, page.argument, number)
    if first.content is None:
        headers = [*headers, ("Content-Type", operation.media_type)]
    return first._replace(url=bare, headers=headers, content=content, first=first)


def placed(operation: Operation, prepared: Prepared) -> str:
    """The URL that stands for the page that was asked for: with the field of the body that says which one it is."""
    page = operation.page
    if page is None or page.location != "body" or prepared.content is None:
        return prepared.url
    if operation.body_kind == "form":
        value: Any = dict(parse_qsl(prepared.content.decode(), keep_blank_values=True)).get(page.argument)
    else:
        value = json.loads(prepared.content)
        for step in _steps(operation, page.argument):
            value = value.get(step) if isinstance(value, dict) else None
    known = isinstance(value, (str, int)) and not isinstance(value, bool)
    return with_argument(prepared.url, page.argument, str(value), page.location) if known else prepared.url


def _with_field(operation: Operation, first: Prepared, name: str, value: Any) -> bytes:
    """The body with one field set; all others stay as they are."""
    if first.parts is not None:
        raise ArgumentError(name, "a list that is asked for with a file does not go on")
    if operation.body_kind == "form":
        pieces = (first.content or b"").decode().split("&")
        kept = [piece for piece in pieces if piece and dict(parse_qsl(piece, keep_blank_values=True)).keys() != {name}]
        return "&".join([*kept, f"{quote(name, safe='')}={quote(str(value), safe='')}"]).encode()
    whole = json.loads(first.content or b"{}")
    *before, last = _steps(operation, name)
    inner = whole
    for step in before:
        if not isinstance(inner.get(step), dict):
            inner[step] = {}
        inner = inner[step]
    inner[last] = value
    return json_text(name, whole)


def _steps(operation: Operation, name: str) -> list[str]:
    """The way to a field: a name may hold dots itself."""
    return [name] if any(param.wire == name for param in operation.params) else name.split(".")
