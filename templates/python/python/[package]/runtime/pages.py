"""Lists that come in pages: what one page holds, and where a walk over them stands. The next page is never taken from
another origin."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from .bounds import Bounds, option
from .calls import DEFAULTS, Options
from .config import origin
from .errors import Error, ResponseError
from .following import following, listed, preceding
from .logs import place
from .operation import Operation, PageInfo
from .requests import LONGEST_URL
from .views import Items, Read

T = TypeVar("T")
_NONE = PageInfo("", "")


class AnyPage(Generic[T]):
    """One page of a list, whoever it was given to."""

    def __init__(
        self,
        data: Any,
        operation: Operation,
        view: type[T] | Read[T] | None,
        url: str,
        client: Any = None,
        options: Options = DEFAULTS,
        links: str = "",
        headers: tuple[tuple[str, Any], ...] = (),
    ) -> None:
        self._data = data
        self._operation = operation
        self._info = operation.page or _NONE
        self._view = view
        self._url = url
        self._client = client
        self._options = options
        self._links = links
        self._headers = headers

    @property
    def results(self) -> Items[T]:
        """The items of this page alone."""
        return Items(self._view, listed(self._info, self._data), self._client)

    @property
    def next(self) -> str | None:
        """The URL of the next page: give it to the same method as `cursor`, at any time, to go on from there."""
        url = following(self._info, self._data, self._url, self._links)
        if url is not None and self._client is not None:
            self._client._gave(self._operation, url)
        return url

    @property
    def previous(self) -> str | None:
        """The URL of the page before."""
        url = preceding(self._info, self._data, self._url, self._links)
        if url is not None and self._client is not None:
            self._client._gave(self._operation, url)
        return url

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
        return bool(other._data == self._data) if isinstance(other, AnyPage) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        more = ", more follow" if self.next else ""
        return f"<{type(self).__name__}: {len(self.results)} items{more}>"

    def __reduce__(self) -> Any:
        # A client holds sockets and a token: neither belongs into a pickle.
        return type(self), (self._data, self._operation, self._view, self._url, None, DEFAULTS, self._links)


class Walk:
    """Where the walk over the pages of a list stands."""

    def __init__(self, first: AnyPage[Any]) -> None:
        self._bounds: Bounds = getattr(first._client, "_bounds", None) or Bounds()
        self._seen = {first._url}
        self._pages = 0
        self._empty = 0

    def goes_on(self, page: AnyPage[Any]) -> bool:
        """Whether a page follows this one. ResponseError where there is no end to them."""
        url = page._following()
        if url is None:
            return False
        if url in self._seen:
            if page._info.by in ("url", "link"):
                return False
            # A link back is where the list ends; a token that was given before says nothing but that something is wrong.
            raise ResponseError(f"{page._operation.name} names a page as the next one that was given before")
        self._seen.add(url)
        self._pages += 1
        self._empty = 0 if page.results else self._empty + 1
        if self._empty >= self._bounds.empty_pages:
            raise ResponseError(_endless(page, f"{self._empty:,} pages in a row without items", "max_empty_pages"))
        if self._pages >= self._bounds.pages:
            raise ResponseError(_endless(page, f"{self._pages:,} pages", "max_pages"))
        return True


def _endless(page: AnyPage[Any], what: str, bound: str) -> str:
    return f"{page._operation.name} gave {what} and names a next one, the bound of {option(bound)}"
