"""The two APIs of a comparison, from documents, catalogs or whole spec folders.

What one side lacks it borrows from the other: a catalog is made to fit the other document, a document is read twice.
"""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from pathlib import Path

from .. import link, loading
from ..errors import SpecError
from ..inputs import Inputs
from ..ir import Api
from ..read import documents, files, openapi, snapshots
from ..read.catalog import is_empty
from ..read.documents import Documents
from ..read.project import UNSAID
from ..read.source import Source, load
from . import releases
from .fit import fit

_DOCUMENTS = ("openapi.yaml", "openapi.yml", "openapi.json")


@dataclass(frozen=True)
class Side:
    """What one side names."""

    document: Path | None
    catalog: Path | None
    source: Source | None = None
    """The file of the document, where it had to be read to see what it is."""


def read(old: Path, new: Path, catalog: Path | None = None, overlays: tuple[Path, ...] = ()) -> tuple[Api, Api]:
    """Both APIs. SpecError where one of them cannot be read.

    catalog: of the old document, where no file beside it is. overlays: files that amend both documents, in order.
    """
    other = replace(_side(new), source=None)  # one at a time: a large document takes as much memory as its API
    one = _side(old)
    if catalog is not None:
        one = replace(one, catalog=catalog)
    if one.document is None and other.document is None:
        raise SpecError(
            str(old), "is a catalog, and so is the other side", "name a folder that holds document and catalog"
        )
    if one.document is None:
        one = replace(one, document=other.document, source=other.source)
    elif other.document is None:
        other = replace(other, document=one.document, source=one.source)
    with loading.uncollected():
        was = _api(one, other, overlays)
    one = replace(one, source=None)
    gc.collect()
    with loading.uncollected():
        return was, _api(other, one, overlays)


def of_project(old: Path | None, inputs: Inputs, catalog: Path | None = None) -> tuple[Api, Api]:
    """What was, and what the settings of a project describe now. SpecError where one of them cannot be read.

    old: a document, a catalog or a folder that holds both; None for what the last release has. Both are amended by the
    overlays of the inputs, and called what the settings call them.
    """
    new = loading.load(inputs)
    if old is None:
        return releases.last(inputs), new
    one = _side(old)
    one = Side(one.document or inputs.openapi, catalog or one.catalog, one.source)
    return _api(one, Side(inputs.openapi, inputs.catalog), inputs.overlays, inputs), new


def _side(path: Path) -> Side:
    if path.is_dir():
        document = next((path / name for name in _DOCUMENTS if (path / name).is_file()), None)
        if document is None:
            raise SpecError(str(path), f"holds none of {', '.join(_DOCUMENTS)}", "name a folder that does, or a file")
        return Side(document, _beside(document))
    beside = _beside(path) if path.name in _DOCUMENTS else None
    if b"catalog" not in files.content(path):  # every catalog has that key; a large document is read once
        return Side(path, beside)
    source = load(path)
    value = source.value
    if isinstance(value, dict) and "catalog" in value and "openapi" not in value:
        return Side(next((path.parent / n for n in _DOCUMENTS if (path.parent / n).is_file()), None), path)
    return Side(path, beside, source)


def _beside(document: Path) -> Path | None:
    catalog = document.parent / "catalog.yaml"
    return catalog if catalog.is_file() else None


def _api(side: Side, other: Side, overlays: tuple[Path, ...], inputs: Inputs | None = None) -> Api:
    assert side.document is not None and other.document is not None
    settings = (inputs.auth, inputs.project) if inputs is not None else ("", UNSAID)
    if side.catalog is not None or other.catalog is None or is_empty(load(other.catalog)):
        return link.load(documents.read(side.document, side.catalog, overlays=overlays, source=side.source), *settings)
    document = openapi.of(side.source or load(side.document), overlays=overlays)
    theirs = openapi.of(other.source or load(other.document), overlays=overlays)
    schemas = snapshots.beside(other.catalog)
    fitted = fit(files.text(other.catalog), theirs, document, *settings, snapshots=schemas)
    return link.load(Documents(document, fitted.catalog, snapshots=schemas), *settings)
