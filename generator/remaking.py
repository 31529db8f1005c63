"""Which pages of a folder a run need not make again: those of the same template and the same view.

    page ─┬─ template ── its file, and those that it names
          └─ view ─────┬ the whole API, where nothing of it changed: the view is not made at all
                       └ else what it is made of, as its surface tells, or the view itself

What pages were made of is kept in the user's cache, a file a folder. It holds only where the generator and all else that
shapes an output are the same to the byte, and for a page only where it stands there as it was made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from . import caching
from .inputs import Inputs
from .surfaces.base import Page, digest
from .write.folder import File
from .write.writer import Stage, Taken


class _Former(NamedTuple):
    """A page of a former run, by digests."""

    template: str
    api: str
    """Of all that decides the API."""
    view: str
    """Of what its view is made of; empty where that is not known."""
    sha: str
    """Of the page."""


class Remaking:
    """The pages of one run that former runs have made."""

    def __init__(self, inputs: Inputs, stage: Stage, parts: Mapping[str, str]) -> None:
        """parts: the digest of each part of the inputs."""
        self._inputs, self._stage, self._parts = inputs, stage, parts
        self._api = digest(caching.deciding_api(parts))
        recalled = caching.recall_pages(inputs, stage.out, parts)
        self._former = {path: _Former(*each) for path, each in recalled.items() if len(each) == len(_Former._fields)}

    def page(self, path: str, surface: str, origin: str, template: str, page: Page) -> File:
        """What a page is made of, without its content; `stands` where the folder holds it.

        template: a digest of its template, and of what else is the same for all pages of a surface.
        """
        former = self._former.get(path)
        if former is not None and former.template != template:
            former = None
        if former is not None and former.api == self._api:
            view = former.view
        else:
            view = page.made_of() if page.made_of is not None else digest(page.view)
            former = former if former is not None and view and view == former.view else None
        stands = former is not None and self._stage.stands(path, former.sha)
        return File(path, b"", surface, origin, (template, self._api, view), former.sha if former and stands else "")

    def keep(self, taken: Iterable[Taken], others: Iterable[str]) -> None:
        """Keeps what the pages are made of. others: the files of surfaces that stay as a former run made them."""
        left = {path: self._former[path] for path in others if path in self._former}
        made = {each.path: (*each.made_of, each.sha) for each in taken if each.made_of}
        caching.keep_pages(self._inputs, self._stage.out, self._parts, {**left, **made})


def of(inputs: Inputs, stage: Stage, parts: Mapping[str, str]) -> Remaking | None:
    """None where all pages are made as fast, or templates of the user are among theirs."""
    return None if inputs.layers or not caching.is_large(inputs) else Remaking(inputs, stage, parts)
