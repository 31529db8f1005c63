"""The inputs of one API: a document, its catalog, and its hand-written files."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import SpecError
from ..ir import Place
from . import catalog as catalogs
from . import hand_written, openapi, snapshots
from .catalog_model import Catalog
from .files import content, text
from .openapi import Document
from .snapshots import Snapshot
from .source import Source, load

_TITLE = re.compile(r"# (\S.*)\n")


@dataclass(frozen=True)
class Guide:
    """A page of the docs; its title is its first heading."""

    name: str
    title: str
    text: str


@dataclass(frozen=True)
class Extensions:
    """The hand-written files of one API.

    __init__.py    the classes ClientExtensions and AsyncClientExtensions, which the clients inherit; `__all__`, what the
                   package offers as its own; `SHARED`, the methods that it has as functions, too
    aio/           modules that are awaited: those of sync/ are made from them
    docs/NAME.md   guides, which begin with their title
    mock/          what the mock is filled with, as seeds.json
    """

    modules: tuple[str, ...] = ()
    """The names of their files."""
    offered: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    guides: tuple[Guide, ...] = ()
    data: tuple[bytes, ...] = field(default=(), repr=False)
    """The bytes of the modules, as they were read."""


@dataclass(frozen=True)
class Documents:
    """What is linked."""

    document: Document
    catalog: Catalog | None = None
    """None: it is derived."""
    extensions: Extensions = Extensions()
    catalog_data: bytes = field(default=b"", repr=False)
    """The bytes of the catalog's file, which may say nothing."""
    snapshots: Mapping[str, Snapshot] = field(default_factory=dict)
    """The schemas of derived functions, by the function's name."""


def read(
    document: Path,
    catalog: Path | None = None,
    extensions: Path | None = None,
    inside: Path | None = None,
    fetched: str = "",
    overlays: Sequence[Path] = (),
    source: Source | None = None,
) -> Documents:
    """The files at these paths. SpecError where one of them is not what it should be.

    inside: a folder above the document's, in which files that it refers to may stand. fetched: the URL it came from.
    overlays: files that amend the document, in order. source: the document's file, where it was read already.
    """
    written = load(catalog) if catalog else None
    declared = catalogs.of(written) if written and not catalogs.is_empty(written) else None
    return Documents(
        openapi.of(source or load(document), inside, fetched, overlays),
        declared,
        _extensions(extensions) if extensions and extensions.is_dir() else Extensions(),
        written.data if written else b"",
        snapshots.read(declared),
    )


def _extensions(folder: Path) -> Extensions:
    files = sorted(folder.glob("*.py"))
    hand_written.check(folder, tuple(path.name for path in files))
    declared = next((hand_written.names(path) for path in files if path.name == "__init__.py"), {})
    return Extensions(
        modules=tuple(path.name for path in files),
        offered=tuple(name for name in declared.get("__all__", ()) if name not in hand_written.BASES),
        shared=declared.get("SHARED", ()),
        guides=tuple(_guide(path) for path in sorted(folder.glob("docs/*.md"))),
        data=tuple(content(path) for path in files),
    )


def _guide(path: Path) -> Guide:
    written = text(path)
    title = _TITLE.match(written)
    if not title:
        raise SpecError(
            Place(str(path), 1, 1, ""), "a guide must begin with a title", "add a first line such as `# Moving house`"
        )
    return Guide(path.stem, title[1].strip(), written)
