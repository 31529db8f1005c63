"""Fetches a new version of a document, compares it with the old one, keeps our prose, and writes it if it links.

fetch ── merge ── fit ── link, lint ── diff ── write
 bytes   our prose in   the catalog     what       all files or none
         its structure  follows         moves
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import link, loading
from ..check import advised, validity
from ..check.advised import Advice
from ..errors import SpecError
from ..inputs import Inputs
from ..ir import Api
from ..read import openapi, snapshots
from ..read.amending import amended
from ..read.catalog import is_empty
from ..read.documents import Documents
from ..read.fetch import fetch
from ..read.files import decoded, text
from ..read.openapi import Document
from ..read.source import Source, load, parse
from ..write.together import write
from . import releases
from .diff import Diff, diff, match
from .fit import Fitted, fit
from .merge import Merged, merge
from .rewrite import rewritten

UPSTREAM = "upstream.json"
"""Beside the document: where it comes from, the ETag of what came last, and whose prose the document has."""
THEIRS = "theirs"
"""Of a document that is kept as it comes: what is amended in it is amended by overlays and the catalog."""


@dataclass(frozen=True)
class Update:
    """What an update does, or would do."""

    old: Api
    new: Api
    diff: Diff
    catalog: Fitted
    unwritten: tuple[str, ...]
    """Places of the new document that nobody has written about yet: JSON pointers."""
    written: tuple[Path, ...]
    """Files that were changed; with dry_run those that would be."""
    invalid: tuple[Advice, ...] = ()
    """What of the new document does not keep to the schema of its OpenAPI version."""
    unchanged: bool = False
    """The server answered 304: nothing was fetched."""


def update(inputs: Inputs, source: str = "", *, dry_run: bool = False, say: Callable[[str], None] = print) -> Update:
    """Brings the document at `source` into the one of the inputs. Raises SpecError, and then nothing was written.

    source: an https address or a file; empty for the one that the last update came from. The overlays of the inputs amend
    both documents before they are linked; what is written is the document without them.
    """
    _refuse_url(inputs)
    document, catalog = inputs.openapi, inputs.catalog
    upstream = document.with_name(UPSTREAM)
    known = _upstream(upstream)
    source = source or str(known.get("url", ""))
    if not source:
        hint = "name the new version: a file, or an https address, which is remembered for the next time"
        raise SpecError(str(upstream), "names no address", hint)
    etag = str(known.get("etag", "")) if known.get("url") == source else ""
    old = loading.load(inputs)
    result = fetch(source, etag, say=say)
    if result.unchanged:
        return Update(old, old, Diff(), Fitted(), (), (), unchanged=True)
    files: dict[Path, str] = {}
    # Both stand where our document will: files that it refers to lie beside it.
    theirs = parse(decoded(result.content, result.url), result.url, document, result.content)
    plain = openapi.of(theirs)
    settings = inputs.auth, inputs.project
    there = link.load(Documents(_amended(plain, theirs, inputs.overlays)), *settings)
    if not there.functions:
        raise SpecError(result.url, "has no operation", "name the address of the API's OpenAPI document")
    mine = load(document)
    written = openapi.of(mine)
    ours = _amended(written, mine, inputs.overlays)
    if known.get("prose") == THEIRS:
        merged = Merged(theirs.value)
        files[document] = theirs.text
    else:
        merged = merge(_moved(written.root.value, link.load(Documents(ours), *settings), there), theirs.value)
        files[document] = rewritten(text(document), merged.value)
    became = openapi.of(parse(files[document], str(document), document), overlays=inputs.overlays)
    fitted = Fitted()
    schemas = snapshots.beside(catalog) if catalog is not None else {}
    if catalog is not None and not is_empty(load(catalog)):
        fitted = fit(text(catalog), ours, became, *settings, snapshots=schemas)
        files[catalog] = fitted.text
    new = loading.finished(link.load(Documents(became, fitted.catalog, snapshots=schemas), *settings))
    if "://" in source and not source.startswith("file://"):
        noted = {**known, "url": source, "etag": result.etag}
        noted = {key: value for key, value in noted.items() if value}
        files[upstream] = json.dumps(noted, indent=1) + "\n"
    changes = diff(old, new)
    if releases.notes_of(changes):
        # What is being replaced becomes the release that the changelog counts from: one entry an update.
        files |= releases.frozen(inputs, old)
    moving = {path: written for path, written in files.items() if not path.is_file() or text(path) != written}
    if not dry_run:
        write(moving)
    invalid: tuple[Advice, ...] = ()
    if document in moving:
        whole = amended(parse(files[document], str(document), document), inputs.overlays)
        invalid = advised.of(validity.by_kind(validity.invalid(whole.source, became.files)))
    return Update(old, new, changes, fitted, tuple(merged.unwritten), tuple(moving), invalid)


def _refuse_url(inputs: Inputs) -> None:
    if inputs.url:
        what = "is fetched anew by each run: there is no file to write it to"
        raise SpecError(inputs.url, what, "save it beside the settings, and name that file as their document")


def _amended(document: Document, source: Source, overlays: tuple[Path, ...]) -> Document:
    """The document of a source with its overlays; what is written is the one without."""
    return (
        openapi.of(parse(source.text, source.file, source.path, source.data), overlays=overlays)
        if overlays
        else document
    )


def _upstream(place: Path) -> dict[str, Any]:
    if not place.is_file():
        return {}
    result = load(place).value
    return result if isinstance(result, dict) else {}


def _moved(ours: dict[str, Any], old: Api, new: Api) -> dict[str, Any]:
    """Our document with the paths that were renamed under their new names, so that our prose goes with them."""
    became = {one.path: other.path for one, other in match.functions(old.functions, new.functions).both}
    written = ours.get("paths", {})
    paths = {became[p] if became.get(p, p) not in written else p: item for p, item in written.items()}
    return {**ours, "paths": paths} if len(paths) == len(written) else ours


def release(inputs: Inputs) -> str:
    """Closes the changelog's open entry: the spec as it stands becomes the last release. Gives its version.

    Raises SpecError where the spec cannot be read or the history not be written.
    """
    _refuse_url(inputs)
    api = loading.load(inputs)
    write(releases.frozen(inputs, api))
    return api.version
