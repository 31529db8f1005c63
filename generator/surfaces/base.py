"""What a surface is: a pure function from the IR to pages, and where those pages go."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from ..ir import Api, Json, Loss


@dataclass(frozen=True)
class Page:
    """One file to render. Its path is its template's, with the brackets filled in and `.jinja` taken off."""

    template: str
    """Relative to the surface's folder: `python/[package]/resources/[group].py.jinja`."""
    view: Any
    """A frozen dataclass in which everything is already spelled; its fields are the template's variables. Where there is
    `made_of`, a function that gives it."""
    fill: Mapping[str, str] = field(default_factory=dict)
    """The values of the brackets in this page's path, apart from `[package]`."""
    made_of: Callable[[], str] | None = None
    """Of a view that is made only when it is needed: gives a digest of all of the API that it is made of. Where that is
    what it was, the page of a former run stays. An empty one says that any change of the API may change it."""

    def whole(self) -> Page:
        """The same with its view."""
        return replace(self, view=self.view(), made_of=None) if self.made_of is not None else self


def digest(*parts: object) -> str:
    """A digest of parts of the IR, or of a view: of what Python shows of them, which is all that decides a page."""
    total = hashlib.sha256()
    for part in parts:
        shown = (part if isinstance(part, str) else repr(part)).encode("utf-8", "surrogatepass")
        total.update(b"%d:" % len(shown))
        total.update(shown)
    return total.hexdigest()[:32]


Input = Literal["documents", "extensions"]
"""Files that may be laid as they are: the document and the files that it references; the hand-written modules of the API."""


@dataclass(frozen=True)
class Derivation:
    """Python modules that are made from others: each module of a folder gives one of the same name in another folder.

    What is laid there anyway stays: so a module for which the rule does not hold is written by hand, twice.
    """

    source: str
    """A folder of the output, as a template's path is written."""
    target: str
    make: Callable[[str, str], str]
    """The text of a module and where it stands -> the text of the other, which is still to be laid out."""


@dataclass(frozen=True)
class Ready:
    """One file that needs no template."""

    path: str
    """Relative to the output folder, with `/`; nothing in it is filled in."""
    content: bytes


@dataclass(frozen=True)
class Rendition:
    """All that a surface makes."""

    pages: Iterable[Page]
    """Gone through once: a surface of many pages makes each when its turn comes, and no two stay in memory."""
    losses: tuple[Loss, ...] = ()
    package: str = ""
    """The value of `[package]`, in pages and in the files that are copied unchanged."""
    lays: Mapping[str, Input] = field(default_factory=dict)
    """folder of the output, as a template's path is written -> the files of the input that are laid there."""
    derives: tuple[Derivation, ...] = ()
    files: Iterable[Ready] = ()
    """Laid as they are, after the pages."""
    layout: bool = True
    """The Python of its pages is laid out as black would; anything else, and all where this is False, as rendered."""


@dataclass(frozen=True)
class Surface:
    """One surface: its name is also its template folder.

    A distribution offers one by the entry point `surfacegen.surfaces`: `name = "module:attribute"`, the attribute a
    Surface of that name. It may import `surfacegen.ir`, `surfacegen.names`, `surfacegen.text`, `surfacegen.errors` and
    this module.
    """

    name: str
    render: Callable[[Api], Rendition]
    templates: Path | None = None
    """A plug-in's template folder, laid out as its output is; it stands in the package that the entry point names.
    None for ours, which have `templates/<name>`, and for a surface that needs none."""
    configure: Callable[[Mapping[str, Json]], Callable[[Api], Rendition]] | None = None
    """The options that settings give -> what renders with them, in place of `render`; `SpecError` (surfacegen.errors)
    says what is wrong with one. None: it takes no options."""
    weighty: bool = False
    """Of a large document it takes as long as all others do together: a second process may make it."""
