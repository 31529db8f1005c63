"""The formats of JSON Schema that answers keep, and values of them."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Iterator
from typing import Any

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def keeps(value: str, name: str) -> bool:
    """Whether a text matches a format; any text matches an unknown format."""
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


def moved(data: dict[str, Any], base: str, now: float) -> dict[str, Any]:
    """The data with its times as long before or after `now` as they are before or after the first time called `base`."""
    begun = next(_called(data, base), None)
    if begun is None:
        return data
    by = datetime.datetime.fromtimestamp(now, datetime.UTC) - begun

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: walk(item) for name, item in value.items()}
        if isinstance(value, list):
            return [walk(item) for item in value]
        time = _time_of(value)
        if time is None:
            return value
        return (time + by).isoformat(timespec="microseconds").replace("+00:00", "Z")

    moved_: dict[str, Any] = walk(data)
    return moved_


def _called(value: Any, name: str) -> Iterator[datetime.datetime]:
    """The times of this name, those nearest to the top first."""
    level = [value]
    while level:
        for each in level:
            if isinstance(each, dict) and (time := _time_of(each.get(name))):
                yield time
        level = [item for each in level if isinstance(each, dict) for item in each.values()]


def _time_of(value: Any) -> datetime.datetime | None:
    """The time of a text by RFC 3339; None for anything else."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        time = datetime.datetime.fromisoformat(value)
    except ValueError:
        return None
    return time if time.tzinfo else None


def made_uuid(seed: str) -> str:
    """A UUID that is the same for the same seed."""
    made = bytearray(hashlib.sha256(seed.encode()).digest()[:16])
    made[6], made[8] = made[6] & 0x0F | 0x40, made[8] & 0x3F | 0x80  # version 4 and its variant: RFC 9562, 5.4
    text = made.hex()
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def _is_address(text: str, version: int) -> bool:
    import ipaddress  # which few answers need

    return ipaddress.ip_address(text).version == version


_CHECKS: dict[str, Callable[[str], Any]] = {
    "date-time": lambda text: _TIME.fullmatch(text) and datetime.datetime.fromisoformat(text[:19]),
    "date": lambda text: _DATE.fullmatch(text) and datetime.date.fromisoformat(text),
    "uuid": _UUID.fullmatch,
    "email": lambda text: "@" in text,
    "ipv4": lambda text: _is_address(text, 4),
    "ipv6": lambda text: _is_address(text, 6),
}
