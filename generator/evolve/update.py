"""A new document for `spec/`: fetched, held against the old one, merged with our prose, and written when it links.

fetch ── merge ── fit ── link, lint ── diff ── write
 bytes   our prose in   the catalog     what       all files or none
         its structure  follows         moves
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import link, pipeline
from ..check import advised, validity
from ..check.advised import Advice
from ..errors import SpecError
from ..ir import Api
from ..read import openapi
from ..read.amending import amended
from ..read.documents import Documents
from ..read.fetch import fetch
from ..read.files import content, decoded, text
from ..read.openapi import Document
from ..read.source import Source, load, parse
from . import releases
from .diff import Diff, diff, match
from .fit import Fitted, fit
from .merge import merge
from .rewrite import rewritten

UPSTREAM = "upstream.json"
"""Beside the document: where it comes from, and the ETag of what came last."""


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
    """The server said so: nothing was fetched."""


def update(
    spec: Path,
    source: str = "",
    *,
    dry_run: bool = False,
    say: Callable[[str], None] = print,
    overlays: tuple[Path, ...] = (),
) -> Update:
    """Brings the document at `source` into the folder `spec`. Raises SpecError, and then nothing was written.

    source: an https address or a file; empty for the one that the last update came from. overlays: files that amend the
    document, old and new, before it is linked; what is written into the folder is the document without them.
    """
    document, catalog = spec / "openapi.yaml", spec / "catalog.yaml"
    known = _upstream(spec)
    source = source or str(known.get("url", ""))
    if not source:
        raise SpecError(str(spec / UPSTREAM), "names no address", "give FROM=https://… or a file once")
    etag = str(known.get("etag", "")) if known.get("url") == source else ""
    inputs = replace(_inputs(spec), overlays=overlays)
    old = pipeline.load(inputs)
    found = fetch(source, etag, say=say)
    if found.unchanged:
        return Update(old, old, Diff(), Fitted(), (), (), unchanged=True)
    files: dict[Path, str] = {}
    # Both stand where our document will: files that it refers to lie beside it.
    theirs = parse(decoded(found.content, found.url), found.url, document, found.content)
    plain = openapi.of(theirs)
    there = link.load(Documents(_amended(plain, theirs, overlays)))
    if not there.functions:
        raise SpecError(found.url, "has no operation", "name the address of the API's OpenAPI document")
    mine = load(document)
    written = openapi.of(mine)
    ours = _amended(written, mine, overlays)
    merged = merge(_moved(written.root.value, link.load(Documents(ours)), there), theirs.value)
    files[document] = rewritten(text(document), merged.value)
    became = openapi.of(parse(files[document], str(document), document), overlays=overlays)
    fitted = Fitted()
    if inputs.catalog is not None:
        fitted = fit(text(catalog), ours, became)
        files[catalog] = fitted.text
    new = pipeline.finished(link.load(Documents(became, fitted.catalog)))
    if "://" in source and not source.startswith("file://"):
        noted = {"url": source, **({"etag": found.etag} if found.etag else {})}
        files[spec / UPSTREAM] = json.dumps(noted, indent=1) + "\n"
    changes = diff(old, new)
    if releases.notes_of(changes):
        # What is being replaced becomes the release that the changelog counts from: one entry an update.
        files |= releases.frozen(spec, old)
    moving = {path: written for path, written in files.items() if not path.is_file() or text(path) != written}
    if not dry_run:
        _write(moving)
    invalid: tuple[Advice, ...] = ()
    if document in moving:
        whole = amended(parse(files[document], str(document), document), overlays)
        invalid = advised.of(validity.by_kind(validity.invalid(whole.source, became.files)))
    return Update(old, new, changes, fitted, tuple(merged.unwritten), tuple(moving), invalid)


def _amended(document: Document, source: Source, overlays: tuple[Path, ...]) -> Document:
    """The document of a source with its overlays; what is written is the one without."""
    return (
        openapi.of(parse(source.text, source.file, source.path, source.data), overlays=overlays)
        if overlays
        else document
    )


def _inputs(spec: Path) -> pipeline.Inputs:
    catalog, history = spec / "catalog.yaml", spec / releases.FOLDER
    return pipeline.Inputs(
        spec / "openapi.yaml", catalog if catalog.is_file() else None, history=history if history.is_dir() else None
    )


def _upstream(spec: Path) -> dict[str, Any]:
    place = spec / UPSTREAM
    if not place.is_file():
        return {}
    found = load(place).value
    return found if isinstance(found, dict) else {}


def _moved(ours: dict[str, Any], old: Api, new: Api) -> dict[str, Any]:
    """Our document with the paths that were renamed under their new names, so that our prose goes with them."""
    became = {one.path: other.path for one, other in match.functions(old.functions, new.functions).both}
    written = ours.get("paths", {})
    paths = {became[p] if became.get(p, p) not in written else p: item for p, item in written.items()}
    return {**ours, "paths": paths} if len(paths) == len(written) else ours


def release(spec: Path) -> str:
    """Closes the changelog's open entry: the spec as it stands becomes the last release. Gives its version.

    Raises SpecError where the spec cannot be read or the history not be written.
    """
    api = pipeline.load(_inputs(spec))
    _write(releases.frozen(spec, api))
    return api.version


def _write(files: dict[Path, str]) -> None:
    """All of them or none: each is written beside its place before the first one takes it, and put back if one fails."""
    former = {path: content(path) if path.is_file() else None for path in files}
    beside = {path: path.with_name(f".{path.name}.new") for path in files}
    placed: list[Path] = []
    folders = [folder for folder in {path.parent for path in files} if not folder.exists()]
    try:
        for folder in folders:
            folder.mkdir(parents=True)
        for path, written in files.items():
            beside[path].write_text(written, "utf-8")
        for path in files:
            os.replace(beside[path], path)
            placed.append(path)
    except BaseException as error:
        for path in placed:
            before = former[path]
            path.unlink() if before is None else path.write_bytes(before)
        if not isinstance(error, OSError):
            raise
        where = str(error.filename or "spec")
        raise SpecError(where, f"cannot be written: {error.strerror}", "make the folder writable") from None
    finally:
        for path in beside.values():
            path.unlink(missing_ok=True)
        for folder in folders:
            with contextlib.suppress(OSError):  # it holds what was written into it
                folder.rmdir()
