"""Files inside JSON arguments: small ones travel as `data:` URLs, larger ones are uploaded first and stand as URLs.

Which function uploads, and what is small, is data: `operations.UPLOAD`.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from . import files
from .calls import Arguments
from .errors import ArgumentError, ResponseError
from .operation import Operation, UploadInfo
from .views import at


class Plan:
    """The files of one call to upload, and the URLs that replace them."""

    def __init__(self, operation: Operation, arguments: Arguments) -> None:
        operations = import_module("..operations", __package__)
        self._info: UploadInfo | None = operations.UPLOAD
        self._arguments = arguments
        self._places = {name for name in operation.files if name in arguments}
        self._read: dict[int, files.File] = {}
        self._urls: dict[int, str] = {}
        self.waiting: list[tuple[str, int]] = []
        if self._info is not None:
            self.operation: Operation = operations.OPERATIONS[self._info.function]
            self._all(self._look)

    def _all(self, change: Any) -> Arguments:
        if not self._places:
            return self._arguments
        return {
            name: files.replaced(value, name, change) if name in self._places else value
            for name, value in self._arguments.items()
        }

    def _look(self, place: str, value: Any) -> Any:
        assert self._info is not None
        if isinstance(value, files.Link) or id(value) in self._read:
            return value
        file = files.read(place, value)
        size = file.size
        if isinstance(file.content, files.Once):
            first = file.content.peek(self._info.inline + 1)
            size = len(first) if len(first) <= self._info.inline else None
        if self._info.largest is not None and size is not None and size > self._info.largest:
            limit = f"at most {self._info.largest:,} are taken; give the URL of a file that is on the web"
            raise ArgumentError(place, f"the file has {size:,} bytes, and {limit}")
        self._read[id(value)] = file
        if size is None or size > self._info.inline:
            self.waiting.append((place, id(value)))
        return value

    def call(self, key: int) -> Arguments:
        """The arguments of the call that uploads."""
        assert self._info is not None
        return {self._info.argument: self._read[key]}

    def uploaded(self, place: str, key: int, answer: Any) -> None:
        """Records the result of an upload."""
        assert self._info is not None
        url = at(answer, self._info.url)
        if not isinstance(url, str) or not url:
            raise ResponseError(f"{place}: the upload was answered without the URL of the file")
        self._urls[key] = url

    def arguments(self) -> Arguments:
        """The arguments with a URL in place of each file."""

        def change(place: str, value: Any) -> str:
            return self._urls.get(id(value)) or files.data_url(place, self._read.get(id(value), value))

        return self._all(change)
