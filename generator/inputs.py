"""What a run reads, and a digest of each part of it: what a folder was made from, and so why it differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .read import bounds, files
from .read.patterns import TEMPLATES
from .write.manifest import DOCUMENT

_HERE = Path(__file__).parent
_SHOWN = 16
"""Hexadecimal digits of a digest: enough to tell one version of a file from all others."""


@dataclass(frozen=True)
class Inputs:
    """What is read."""

    openapi: Path
    catalog: Path | None = None
    extensions: Path | None = None
    templates: Path = TEMPLATES
    history: Path | None = None
    """The spec of the last release and what each release changed."""
    root: Path | None = None
    """A folder above the document's, in which files that it refers to may stand."""
    url: str = ""
    """Where the document was fetched from."""
    overlays: tuple[Path, ...] = ()
    """OpenAPI Overlay files that amend the document, in order."""
    auth: str = ""
    """How every call is authenticated that the document does not say it of."""
    validate: bool = True
    """Whether a document that is new is held against the schema of its version; what comes out is the same."""


def digest(inputs: Inputs, referred: Iterable[str] = ()) -> dict[str, str]:
    """All that decides the output, by part: the bytes of the spec, the templates and the generator.

    referred: the files that the document refers to, as whoever read it says, relative to its folder; each is a part.
    Nothing is parsed, and nothing that is slow to import is imported.
    """
    found: dict[str, str] = {"bounds": shaping} if (shaping := bounds.shaping()) else {}
    if inputs.url:
        found["url"] = _sha([("url", inputs.url.encode())])
    found["document"] = _sha([(inputs.openapi.name, files.content(inputs.openapi, _shown(inputs.openapi)))])
    if inputs.overlays:
        found["overlays"] = _sha((path.name, files.content(path, _shown(path))) for path in inputs.overlays)
    called = _own(inputs, referred)
    for name in set(referred) - {inputs.openapi.name}:
        found[DOCUMENT + name] = _sha([(name, beside(inputs, name, called) or b"")])
    if inputs.auth:
        found["auth"] = _sha([("auth", inputs.auth.encode())])
    if inputs.catalog is not None:
        found["catalog"] = _sha([("catalog", files.content(inputs.catalog, _shown(inputs.catalog)))])
    if inputs.extensions is not None:
        found["extensions"] = _contents(source_files(inputs.extensions))
    if inputs.history is not None:
        found["history"] = _contents(source_files(inputs.history))
    own = source_files(_HERE)
    if inputs.templates.is_relative_to(_HERE):  # in the wheel they stand inside the generator's folder: counted once
        own = {name: place for name, place in own.items() if not place.is_relative_to(inputs.templates)}
    found["generator"] = _contents(own)
    surfaces: dict[str, dict[str, Path]] = {}
    for name, place in source_files(inputs.templates).items():
        surfaces.setdefault(name.partition("/")[0], {})[name] = place
    found |= {f"templates/{name}": _contents(each) for name, each in surfaces.items()}
    return dict(sorted(found.items()))


def whole(inputs: Inputs, documents: Sequence[str]) -> str:
    """What `Api.digest` is for the files as they stand now. documents: `Api.documents`, the document itself first."""
    parts = [files.content(inputs.openapi), *([files.content(inputs.catalog)] if inputs.catalog else [])]
    parts += [files.content(path) for path in sorted(inputs.extensions.glob("*.py"))] if inputs.extensions else []
    parts += [files.content(path, _shown(path)) for path in inputs.overlays]
    parts += [beside(inputs, name, documents[0]) or b"" for name in documents[1:]]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _own(inputs: Inputs, referred: Iterable[str]) -> str:
    """What the document itself is called among the files: by its name, or by its way from the root."""
    way = files.way(inputs.root, inputs.openapi) if inputs.root is not None else inputs.openapi.name
    return way if way in set(referred) else inputs.openapi.name


def beside(inputs: Inputs, name: str, own: str) -> bytes | None:
    """A file of the document's folder, or below it; None where it is not there or leads out of it.

    own: what the document itself is called. Where that is no plain name, all are relative to the root.
    """
    if name == own:
        return files.content(inputs.openapi)  # wherever it is kept: it was named
    place = _referred(inputs, name, own)
    try:
        return files.read(place) if place is not None else None
    except OSError:
        return None


def referred(inputs: Inputs, names: Iterable[str]) -> tuple[Path, ...]:
    """The paths of the files that a document refers to, by their names in a digest."""
    own = _own(inputs, names)
    places = [_referred(inputs, name, own) for name in names if name != own]
    return tuple(place for place in places if place is not None)


def _referred(inputs: Inputs, name: str, own: str) -> Path | None:
    above = own != inputs.openapi.name and inputs.root is not None
    folder = inputs.root if above and inputs.root is not None else inputs.openapi.parent
    return (files.plain_below if above else files.below)(folder, folder / name)


def _sha(parts: Iterable[tuple[str, bytes]]) -> str:
    total = hashlib.sha256()
    for label, held in parts:
        total.update(f"{label}\0{len(held)}\0".encode())
        total.update(held)
    return total.hexdigest()[:_SHOWN]


def _contents(listed: Mapping[str, Path]) -> str:
    return _sha((name, files.content(place)) for name, place in listed.items())


def source_files(folder: Path) -> dict[str, Path]:
    """Every file below a folder that belongs to the sources, by its path there; in one order on every machine."""
    found: dict[str, str] = {}
    start = len(os.path.join(folder, ""))
    for below, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            place = os.path.join(below, name)
            if not name.startswith(".") and os.path.isfile(place):
                found[place[start:].replace(os.sep, "/")] = place
    return {name: Path(found[name]) for name in sorted(found)}


def _shown(path: Path) -> str:
    """A path as an error names it: where it was given from outside this folder, its name alone."""
    return path.name if path.is_absolute() and not path.is_relative_to(Path.cwd()) else str(path)
