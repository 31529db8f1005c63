"""What a notebook shows of a file: a picture is fetched, and kept in the notebook's own file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import files, notebooks
from ..downloads import Transfer, needed
from ..errors import Error
from ..outputs import AnyOutput

if TYPE_CHECKING:
    from .core import Core


class Shown(AnyOutput):
    """A file that a notebook shows."""

    __slots__ = ()

    _client: Core | None

    def _repr_png_(self) -> bytes | None:
        return _content(self.url, self._client, "image/png")

    def _repr_jpeg_(self) -> bytes | None:
        return _content(self.url, self._client, "image/jpeg")

    def _repr_html_(self) -> str | None:
        # Of what is shown as a picture there is no second form: a notebook would keep both.
        return None if files.media_type(self.url) in ("image/png", "image/jpeg") else super()._repr_html_()


def _content(url: str, client: Core | None, media_type: str) -> bytes | None:
    """The content of a file of this type; None of another, of one that is too large, and where it cannot be had."""
    from . import downloads

    if files.media_type(url) != media_type:
        return None
    try:
        if url.startswith("data:"):
            content = files.decoded(url).read() if len(url) < 2 * notebooks.LARGEST else b""
            return content if 0 < len(content) <= notebooks.LARGEST else None
        transfer = Transfer(url, most=notebooks.LARGEST, bound="a notebook takes no more")
        return b"".join(downloads.pieces(needed(client), transfer))
    except Error:
        return None  # what cannot be shown is still there to be read, which tells why
