"""Lists that come in pages. Iterating one walks all of them; the next page is never taken from another origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

from .config import origin
from .errors import ResponseError
from .operation import PageInfo
from .views import Items, at

T = TypeVar("T")


class _Page(Generic[T]):
    def __init__(self, data: Any, info: PageInfo, view: type[T] | None, url: str) -> None:
        self._data = data
        self._info = info
        self._view = view
        self._url = url

    @property
    def results(self) -> Items[T]:
        """The items of this page alone."""
        found = at(self._data, self._info.items) if self._info.items else self._data
        return Items(self._view, found if isinstance(found, list) else [])

    @property
    def next(self) -> str | None:
        """The URL of the next page."""
        found = at(self._data, self._info.next)
        return urljoin(self._url, found) if isinstance(found, str) and found else None

    @property
    def previous(self) -> str | None:
        """The URL of the page before."""
        found = at(self._data, self._info.previous) if self._info.previous else None
        return urljoin(self._url, found) if isinstance(found, str) and found else None

    def to_dict(self) -> Any:
        """This page exactly as the API answered."""
        return self._data

    def _following(self) -> str | None:
        url = self.next
        if url is not None and origin(url) != origin(self._url):
            raise ResponseError(f"the next page is on another server and was not asked for: {url.partition('?')[0]}")
        return url

    def __getitem__(self, index: int) -> T:
        return self.results[index]

    def __repr__(self) -> str:
        more = ", more follow" if self.next else ""
        return f"<{type(self).__name__}: {len(self.results)} items{more}>"


class Page(_Page[T]):
    """One page of a list; iterating it gives the items of this page and of all that follow."""

    def __init__(
        self, data: Any, info: PageInfo, view: type[T] | None, url: str, fetch: Callable[[str], tuple[Any, str]]
    ) -> None:
        super().__init__(data, info, view, url)
        self._fetch = fetch

    def next_page(self) -> Page[T] | None:
        """The page after this one."""
        url = self._following()
        if url is None:
            return None
        data, at_url = self._fetch(url)
        return Page(data, self._info, self._view, at_url, self._fetch)

    def pages(self) -> Iterator[Page[T]]:
        """This page and all that follow; a link back to a page already seen ends the walk."""
        seen = {self._url}
        page: Page[T] | None = self
        while page is not None:
            yield page
            url = page._following()
            if url is None or url in seen:
                return
            seen.add(url)
            page = page.next_page()

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.results


class AsyncPage(_Page[T]):
    """One page of a list; `async for` gives the items of this page and of all that follow."""

    def __init__(
        self,
        data: Any,
        info: PageInfo,
        view: type[T] | None,
        url: str,
        fetch: Callable[[str], Coroutine[Any, Any, tuple[Any, str]]],
    ) -> None:
        super().__init__(data, info, view, url)
        self._fetch = fetch

    async def next_page(self) -> AsyncPage[T] | None:
        """The page after this one."""
        url = self._following()
        if url is None:
            return None
        data, at_url = await self._fetch(url)
        return AsyncPage(data, self._info, self._view, at_url, self._fetch)

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """This page and all that follow; a link back to a page already seen ends the walk."""
        seen = {self._url}
        page: AsyncPage[T] | None = self
        while page is not None:
            yield page
            url = page._following()
            if url is None or url in seen:
                return
            seen.add(url)
            page = await page.next_page()

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.results:
                yield item
