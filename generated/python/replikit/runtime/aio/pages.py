"""Walks over lists that come in pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeVar

from ..pages import AnyPage, Walk

T = TypeVar("T")


class AsyncPage(AnyPage[T]):
    """One page of a list; `async for` yields the items of this page and of all that follow."""

    async def next_page(self) -> AsyncPage[T] | None:
        """The page after this one."""
        url = self._following()
        if url is None:
            return None
        page: AsyncPage[T] = await self._client._page(self._operation, url, self._options, self._first)
        return page

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """This page and all that follow.

        ResponseError where a page links back to an earlier one, and where the list does not end after `max_pages`
        pages, or after `max_empty_pages` empty ones in a row.
        """
        walk = Walk(self)
        page: AsyncPage[T] | None = self
        while page is not None:
            yield page
            page = await page.next_page() if walk.goes_on(page) else None

    async def first(self, count: int) -> list[T]:
        """The first `count` items, or all where there are fewer; fetches no more pages than needed."""
        items: list[T] = []
        async for page in self.pages():
            items += page.results[: max(count, 0) - len(items)]
            if len(items) >= count:
                break
        return items

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.results:
                yield item
