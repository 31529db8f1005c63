"""Times as they are typed: a day, a time, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from .failure import usage

_AGO = re.compile(r"([0-9]{1,6})([smhdw])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_FORMS = "2026-03-01, 2026-03-01T08:30 or 2026-03-01T08:30+02:00; or how long ago: 90s, 30m, 24h, 7d, 2w"


def since(text: str, now: datetime) -> datetime:
    """Parse a time, in UTC unless it names an offset. Raises Failure if it is not a time."""
    try:
        if ago := _AGO.fullmatch(text):
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text[:64])
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise usage(f"--since: {text[:60]!r} is not a time", _FORMS) from None
