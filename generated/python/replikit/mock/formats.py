"""The formats of JSON Schema that answers keep, and values of them."""

from __future__ import annotations

import datetime
import hashlib
import ipaddress
import re
import uuid
from collections.abc import Callable
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def keeps(value: str, name: str) -> bool:
    """Whether a text is of a format; of one that is not known here, any is."""
    check = _CHECKS.get(name)
    try:
        return check is None or bool(check(value))
    except ValueError:
        return False


def moment(now: float, schema: Any, like: Any) -> Any:
    """A time as a schema asks for it, or as another one is written: a text of RFC 3339, a day, or seconds since 1970."""
    kind = schema.get("type") if schema else None
    if kind in ("integer", "number") or (kind is None and isinstance(like, (int, float))):
        return int(now)
    text = datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="microseconds")
    return text[:10] if schema.get("format") == "date" else text.replace("+00:00", "Z")


def made_uuid(seed: str) -> str:
    """A UUID that is the same for the same seed."""
    return str(uuid.UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))


_CHECKS: dict[str, Callable[[str], Any]] = {
    "date-time": lambda text: _TIME.fullmatch(text) and datetime.datetime.fromisoformat(text[:19]),
    "date": lambda text: _DATE.fullmatch(text) and datetime.date.fromisoformat(text),
    "uuid": _UUID.fullmatch,
    "email": lambda text: "@" in text,
    "ipv4": ipaddress.IPv4Address,
    "ipv6": ipaddress.IPv6Address,
}
