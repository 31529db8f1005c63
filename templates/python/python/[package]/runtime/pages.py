"""Lists that come in pages: one page, and the state of a walk over them. The next page is never taken from
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
from .requests import LONGEST_URL, Prepared
from .secrets import hidden
from .views import Items, Read

T = TypeVar("T")
_NONE = PageInfo("", "")


class AnyPage(Generic[T]):
    """One page of a list, in either client."""

    def __init__(
        self,
        data: Any,
        operation: Operation,
        view: type[T] | Read[T] | None,
        url: str,
        client: Any = None,
        options: Options = DEFAULTS,
        links: str = "",
        first: Prepared | None = None,
        cursors: tuple[str | None, str | None] = (None, None),
    ) -> None:
        """first: the request of the list. cursors: `next` and `previous` of a page without a client."""

        self._data = data
        self._operation = operation
        self._info = operation.page or _NONE
        self._view = view
        self._url = url
        self._client = client
        self._options = options
        self._links = links
        self._first = first
        self._cursors = cursors

    @property
    def results(self) -> Items[T]:
        """The items of this page alone."""
        return Items(self._view, listed(self._info, self._data), self._client)

    @property
    def next(self) -> str | None:
        """The cursor of the next page: pass it to the same method as `cursor`, at any time, to continue from there."""
        return self._cursor(following(self._info, self._data, self._url, self._links), 0)

    @property
    def previous(self) -> str | None:
        """The cursor of the previous page."""
        return self._cursor(preceding(self._info, self._data, self._url, self._links), 1)

    def to_dict(self) -> Any:
        """This page exactly as the API answered."""
        return self._data

    def _cursor(self, url: str | None, index: int) -> str | None:
        if self._client is None or url is None:
            return self._cursors[index] or url
        first = self._first.url if self._first else self._url
        cursor: str = self._client._gave(self._operation, url, first, self._options)
        return cursor

    def _following(self) -> str | None:
        url = following(self._info, self._data, self._url, self._links)
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
        more = ", more follow" if following(self._info, self._data, self._url, self._links) else ""
        return f"<{type(self).__name__}: {len(self.results)} items{more}>"

    def __reduce__(self) -> Any:
        # A client holds sockets and a token: neither belongs into a pickle.
        whole = (self._data, self._operation, self._view, self._url, None, DEFAULTS, self._links)
        return type(self), (*whole, None, (self.next, self.previous))


class Walk:
    """The state of a walk over the pages of a list."""

    def __init__(self, first: AnyPage[Any]) -> None:
        self._bounds: Bounds = getattr(first._client, "_bounds", None) or Bounds()
        self._seen = {first._url}
        self._pages = 0
        self._empty = 0

    def goes_on(self, page: AnyPage[Any]) -> bool:
        """Whether a page follows this one. ResponseError where they do not end."""
        url = page._following()
        if url is None:
            return False
        if url in self._seen and not page.results:
            return False
        if url in self._seen:
            # Where a list ends it names no page: what is left of one that goes round is not known.
            raise ResponseError(repeated(page._operation.name, url))
        self._seen.add(url)
        self._pages += 1
        self._empty = 0 if page.results else self._empty + 1
        if self._empty >= self._bounds.empty_pages:
            raise ResponseError(_endless(page, f"{self._empty:,} pages in a row without items", "max_empty_pages"))
        if self._pages >= self._bounds.pages:
            raise ResponseError(_endless(page, f"{self._pages:,} pages", "max_pages"))
        return True


def repeated(name: str, url: str) -> str:
    """The error message for a list that links back to an earlier page."""
    return f"{name} names a page as the next one that was given before: {hidden(url)[:500]}"


def _endless(page: AnyPage[Any], what: str, bound: str) -> str:
    return f"{page._operation.name} gave {what} and names a next one, the bound of {option(bound)}"
