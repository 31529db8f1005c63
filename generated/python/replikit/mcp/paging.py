"""Lists in pages of so many bytes, each with the cursor of the next; what fits into one page has none.

The cursor is the name of the last item that was listed: it stays right where a list grows in the mean time.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import mcp_types as types
from mcp.server.caching import CacheHint
from mcp.shared.exceptions import MCPError

UNCHANGED = CacheHint(ttl_ms=3_600_000, scope="public")
"""Of lists that are fixed when a server starts, and the same for everyone."""
T = TypeVar("T")


def page(
    items: Sequence[T], sizes: Sequence[int], named: Callable[[T], str], cursor: str | None, room: int
) -> tuple[list[T], str | None]:
    """The items after a cursor that fit into a page, one at least, and the cursor of the next. MCPError for one that
    this list did not give."""
    start = _start(items, named, cursor) if cursor is not None else 0
    end, left = start, room
    while end < len(items) and (end == start or sizes[end] <= left):
        left -= sizes[end]
        end += 1
    more = end < len(items)
    return list(items[start:end]), _cursor(named(items[end - 1])) if more else None


def sizes(items: Sequence[Any]) -> list[int]:
    """The bytes of each item on the wire, the comma after it among them."""
    return [len(each.model_dump_json(by_alias=True, exclude_none=True).encode()) + 1 for each in items]


def _cursor(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _start(items: Sequence[T], named: Callable[[T], str], cursor: str) -> int:
    try:
        name = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        name = ""
    for index, item in enumerate(items):
        if name and named(item) == name:
            return index + 1
    raise MCPError(types.INVALID_PARAMS, "this cursor is not from the list: list again without one")
