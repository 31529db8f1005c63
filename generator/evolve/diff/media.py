"""Media types as both sides of the wire take them: without regard to case, to `charset`, and to ranges that hold them."""

from __future__ import annotations

import re
from collections.abc import Iterable

_CHARSET = re.compile(r";\s*charset\s*=[^;]*")


def plain(media: str) -> str:
    """A media type to be compared. Names have no case (RFC 9110, section 8.3.1), and what is text says its charset."""
    return _CHARSET.sub("", media.lower()).replace(" ", "")


def lost(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Those of the one that neither the other has, nor one of its ranges (`image/*`) holds."""
    ranges = [each for each in after if each.endswith("*")]
    kept = {*after}
    return [
        each
        for each in before
        if each not in kept and not any(each.startswith(r.rstrip("*").replace("*/", "")) for r in ranges)
    ]
