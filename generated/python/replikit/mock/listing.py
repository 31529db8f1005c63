"""One page of a list, by each pagination style: the counterpart of `runtime.following`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from .jobs import at

Page = Mapping[str, Any]


class Listed(NamedTuple):
    """The items of a page, and the fields and headers beside them."""

    items: list[Any]
    beside: dict[str, Any]
    """By dotted paths into the result."""
    onward: int | None
    """Where the page after it begins."""


def listed(page: Page, query: Mapping[str, str], items: Sequence[Any], most: int, start: int) -> Listed:
    """The page that a query asks for. start: where it begins, where the query does not say.

    What names no place of this list, such as a cursor that was written down elsewhere, asks for its beginning: the
    document allows it, and may describe no refusal.
    """
    size = min(_number(query, page["size"], most) or most, most)
    number = page["first"]
    if page["by"] == "cursor":
        token_given = query.get(page["argument"], "")
        start = _number(query, page["argument"], 0) if page.get("number") else opened(token_given)
    elif page["by"] == "last":
        start = _after(items, page["next"], query.get(page["argument"], ""))
    elif page["by"] == "offset":
        start = max(_number(query, page["argument"], number) - number, 0)
    elif page["by"] == "page":
        number = max(_number(query, page["argument"], number), page["first"])
        start = (number - page["first"]) * size
    end = start + size
    further = end < len(items)
    whole = -(-len(items) // size) if page["by"] == "page" else len(items)
    fields: dict[str, Any] = {page["more"]: further, page["end"]: not further, page["total"]: whole}
    fields[page["current"]] = number if page["by"] == "page" else start
    if page["by"] == "cursor":
        token: str | int = end if page.get("number") else sealed(end)
        fields[page["next"]] = token if further else None if page.get("number") else ""
    fields.pop("", None)
    return Listed(list(items[start:end]), fields, end if further else None)


def sealed(start: int, **more: Any) -> str:
    """A place in a list as a token, which means nothing to whoever holds it."""
    return base64.urlsafe_b64encode(json.dumps({"start": start, **more}).encode()).decode()


def opened(token: str) -> int:
    """The position of a page token; 0 for a token that this server did not issue."""
    try:
        return max(0, int(json.loads(base64.urlsafe_b64decode(token))["start"]))
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return 0


def _after(items: Sequence[Any], path: str, last: str) -> int:
    return next((index + 1 for index, item in enumerate(items) if last and str(at(item, path)) == last), 0)


def _number(query: Mapping[str, str], name: str, otherwise: int) -> int:
    written = query.get(name, "") if name else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else otherwise
