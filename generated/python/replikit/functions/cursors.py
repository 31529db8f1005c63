"""Cursors into a list, which may point into the middle of a page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cursor:
    """A position in a list: the cursor of a page, and an item of it. As text `PAGE#ITEM`; either may be missing."""

    url: str = ""
    item: int = 0

    @classmethod
    def read(cls, text: str) -> Cursor:
        """Parses a cursor. Raises ValueError where the text is not one."""
        url, mark, item = text.rpartition("#")
        if not mark or "=" in item:  # the cursor of a page may have a part behind `#` of its own: see `runtime.turning`
            return cls(text)
        if item and not (item.isascii() and item.isdigit() and len(item) < 10):
            raise ValueError(f"{text!r} is no cursor")
        return cls(url, int(item or 0))

    def __str__(self) -> str:
        return f"{self.url}#{self.item}" if self.item else self.url
