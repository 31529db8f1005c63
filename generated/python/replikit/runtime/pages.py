"""Lists that come in pages. Iterating one walks all of them; the next page is never taken from another origin."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, Generic, TypeVar
from urllib.parse import urljoin

from .bounds import Bounds, option
from .calls import DEFAULTS, Options
from .config import origin
from .errors import Error, ResponseError
from .logs import place
from .operation import Operation, PageInfo
from .requests import LONGEST_URL
from .views import Items, at

T = TypeVar("T")
_NONE = PageInfo("", "")


class _Page(Generic[T]):
    def __init__(
        self,
        data: Any,
        operation: Operation,
        view: type[T] | None,
        url: str,
        client: Any = None,
        options: Options = DEFAULTS,
    ) -> None:
        self._data = data
        self._operation = operation
        self._info = operation.page or _NONE
        self._view = view
        self._url = url
        self._client = client
        self._options = options

    @property
    def results(self) -> Items[T]:
        """The items of this page alone."""
        found = at(self._data, self._info.items) if self._info.items else self._data
        return Items(self._view, found if isinstance(found, list) else [], self._client)

    @property
    def next(self) -> str | None:
        """The URL of the next page: give it to the same method as `cursor`, at any time, to go on from there."""
        return self._link(self._info.next)

    @property
    def previous(self) -> str | None:
        """The URL of the page before."""
        return self._link(self._info.previous) if self._info.previous else None

    def _link(self, path: str) -> str | None:
        found = at(self._data, path)
        if not isinstance(found, str) or not found:
            return None
        try:
            return urljoin(self._url, found)
        except ValueError:  # it is no URL, and is told to be none when it is followed
            return found

    def to_dict(self) -> Any:
        """This page exactly as the API answered."""
        return self._data

    def _following(self) -> str | None:
        url = self.next
        if url is not None and origin(url) != origin(self._url):
            raise ResponseError(f"the next page is on another server and was not asked for: {place(url)[:500]}")
        if url is not None and len(url) > LONGEST_URL:
            raise ResponseError(f"the next page's URL has {len(url):,} characters; {LONGEST_URL:,} is the most")
        if url is not None and self._client is None:
            raise Error("this page belongs to no client that could get the next one: pass its `next` as cursor")
        return url

    def __getitem__(self, index: int) -> T:
        return self.results[index]

    def __eq__(self, other: object) -> bool:
        return bool(other._data == self._data) if isinstance(other, _Page) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        more = ", more follow" if self.next else ""
        return f"<{type(self).__name__}: {len(self.results)} items{more}>"

    def __reduce__(self) -> Any:
        # A client holds sockets and a token: neither belongs into a pickle.
        return type(self), (self._data, self._operation, self._view, self._url)


class _Walk:
    """Where the walk over the pages of a list stands."""

    def __init__(self, first: _Page[Any]) -> None:
        self._bounds: Bounds = getattr(first._client, "_bounds", None) or Bounds()
        self._seen = {first._url}
        self._pages = 0
        self._empty = 0

    def goes_on(self, page: _Page[Any]) -> bool:
        """Whether a page follows this one. ResponseError where there is no end to them."""
        url = page._following()
        if url is None or url in self._seen:
            return False
        self._seen.add(url)
        self._pages += 1
        self._empty = 0 if page.results else self._empty + 1
        if self._empty >= self._bounds.empty_pages:
            raise ResponseError(_endless(page, f"{self._empty:,} pages in a row without items", "max_empty_pages"))
        if self._pages >= self._bounds.pages:
            raise ResponseError(_endless(page, f"{self._pages:,} pages", "max_pages"))
        return True


def _endless(page: _Page[Any], what: str, bound: str) -> str:
    return f"{page._operation.name} gave {what} and names a next one, the bound of {option(bound)}"


class Page(_Page[T]):
    """One page of a list; iterating it gives the items of this page and of all that follow."""

    def next_page(self) -> Page[T] | None:
        """The page after this one."""
        url = self._following()
        found: Page[T] | None = None if url is None else self._client._page(self._operation, url, self._options)
        return found

    def pages(self) -> Iterator[Page[T]]:
        """This page and all that follow; a link back to a page already seen ends the walk.

        ResponseError where a walk has `max_pages` pages, or `max_empty_pages` without items in a row, and no end.
        """
        walk = _Walk(self)
        page: Page[T] | None = self
        while page is not None:
            yield page
            page = page.next_page() if walk.goes_on(page) else None

    def first(self, count: int) -> list[T]:
        """The first `count` items, or all where there are fewer; no page is asked for that is not needed."""
        found: list[T] = []
        for page in self.pages() if count > 0 else ():
            found += page.results[: count - len(found)]
            if len(found) >= count:
                break
        return found

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.results


class AsyncPage(_Page[T]):
    """One page of a list; `async for` gives the items of this page and of all that follow."""

    async def next_page(self) -> AsyncPage[T] | None:
        """The page after this one."""
        url = self._following()
        if url is None:
            return None
        found: AsyncPage[T] = await self._client._page(self._operation, url, self._options)
        return found

    async def pages(self) -> AsyncIterator[AsyncPage[T]]:
        """This page and all that follow; see the synchronous client's."""
        walk = _Walk(self)
        page: AsyncPage[T] | None = self
        while page is not None:
            yield page
            page = await page.next_page() if walk.goes_on(page) else None

    async def first(self, count: int) -> list[T]:
        """The first `count` items, or all where there are fewer; no page is asked for that is not needed."""
        found: list[T] = []
        page: AsyncPage[T] | None = self
        async for page in self.pages():
            found += page.results[: max(count, 0) - len(found)]
            if len(found) >= count:
                break
        return found

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.results:
                yield item
