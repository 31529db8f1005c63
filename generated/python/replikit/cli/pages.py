"""Lists of several pages: walked as far as requested, resumed, and the next page's token printed to stderr."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import about
from .failure import usage
from .paint import at
from .session import Session, translated

if TYPE_CHECKING:
    from ..functions import FunctionInfo


class Walked:
    """The items of a list, a page at a time, and no page more than are wanted."""

    def __init__(self, session: Session, info: FunctionInfo, arguments: Mapping[str, Any]) -> None:
        self._session = session
        self._info = info
        self._arguments = arguments
        self.onward = ""
        """The token of the next page once the list was walked; empty at its end."""

    def __iter__(self) -> Iterator[list[Any]]:
        from ..functions.cursors import Cursor
        from ..operations import OPERATIONS

        self._session.admit(self._info, self._arguments)
        begin = given(self._session)
        skipped, here, left = begin.item, begin.url, self._session.settings.limit
        with translated(self._info):
            first = self._session.client.call(OPERATIONS[self._info.name], self._arguments, raw=False, cursor=here)
            for page in first.pages():
                listed = page.results.to_list()
                end = len(listed) if left is None else min(len(listed), skipped + left)
                items = listed[skipped:end]
                yield items
                if left is not None:
                    left -= len(items)
                    if left <= 0:
                        self.onward = str(Cursor(here, end)) if end < len(listed) else page.next or ""
                        return
                skipped, here = 0, page.next or ""


def given(session: Session) -> Any:
    """The position named by --page-token. Raises Failure if it is invalid."""
    from ..functions.cursors import Cursor

    try:
        return Cursor.read(session.settings.page_token or "")
    except ValueError:
        raise usage("--page-token: is not a token from a list", "use it exactly as it was printed") from None


def without(info: FunctionInfo, envelope: dict[str, Any], count: int) -> dict[str, Any]:
    """The envelope of a page, without so many of its first items."""
    path = str((info.page or {}).get("items", ""))
    items = at(envelope["data"], path) if path else envelope["data"]
    if count and isinstance(items, list):
        del items[:count]
    return envelope


def further(info: FunctionInfo, envelope: Mapping[str, Any]) -> str:
    """The link or token of the next page of a list that one call returned."""
    page = info.page or {}
    link = at(envelope["data"], page["next"]) if page and page.get("by", "url") == "url" else None
    return str(envelope["meta"].get("next", link) or "")


def tell(info: FunctionInfo, onward: str) -> None:
    """How to get the rest of a list, where there is one."""
    if not onward:
        return
    token = f"--page-token {shlex.quote(onward)}"
    if "page_token" in info.input_schema.get("properties", {}):  # the command has an option of that name itself
        token = f"`{about.COMMAND} {token}` before the command"
    click.echo(f"more: go on with {token}", err=True)
