"""What a run reads, and a digest of each part of it: what a folder was made from, and so why it differs."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .errors import SpecError
from .plugins import program as programs
from .plugins import registry
from .plugins.options import Options
from .plugins.program import Program
from .read import bounds, files
from .read.patterns import TEMPLATES
from .read.project import UNSAID, Project
from .write.manifest import DOCUMENT, SURFACE

_HERE = Path(__file__).parent
_OWN_DOCS = "docs/"
"""Of this package: its own documentation, which decides nothing that is made."""
_SHOWN = 16
"""Hexadecimal digits of a digest: enough to tell one version of a file from all others."""


@dataclass(frozen=True)
class Inputs:
    """The files that a run reads."""

    openapi: Path
    catalog: Path | None = None
    extensions: Path | None = None
    templates: Path = TEMPLATES
    history: Path | None = None
    """The folder of the last release's spec and of what each release changed; before the first it is not there."""
    root: Path | None = None
    """A folder above the document's, in which files that it refers to may stand."""
    url: str = ""
    """Where the document was fetched from."""
    overlays: tuple[Path, ...] = ()
    """OpenAPI Overlay files that amend the document, in order."""
    auth: str = ""
    """How every call is authenticated that the document does not say it of."""
    project: Project = UNSAID
    """What the settings say of the packages that are made."""
    layers: tuple[Path, ...] = ()
    """The user's template folders, laid over `templates`: the first that holds a file decides."""
    programs: tuple[Program, ...] = ()
    """Surfaces that are programs."""
    options: tuple[Options, ...] = ()
    """The options of installed surfaces, by name."""
    validate: bool = True
    """Whether a document that is new is held against the schema of its version; what comes out is the same."""


def digest(inputs: Inputs, referred: Iterable[str] = (), surfaces: Iterable[str] = ()) -> dict[str, str]:
    """All that decides the output, by part: the bytes of the spec, the templates and the generator.

    referred: the files that the document refers to, as whoever read it says, relative to its folder; each is a part.
    surfaces: those of the run; the code of each that is not ours is a part, which decides that surface alone.
    Nothing is parsed, and nothing that is slow to import is imported, unless one of them is not ours.
    """
    result: dict[str, str] = {"bounds": shaping} if (shaping := bounds.shaping()) else {}
    if inputs.url:
        result["url"] = _sha([("url", inputs.url.encode())])
    result["document"] = _sha([(inputs.openapi.name, files.content(inputs.openapi, _shown(inputs.openapi)))])
    if inputs.overlays:
        result["overlays"] = _sha((path.name, files.content(path, _shown(path))) for path in inputs.overlays)
    called = _own(inputs, referred)
    for name in set(referred) - {inputs.openapi.name}:
        result[DOCUMENT + name] = _sha([(name, beside(inputs, name, called) or b"")])
    if inputs.auth:
        result["auth"] = _sha([("auth", inputs.auth.encode())])
    if declared := inputs.project.declared:
        result["settings"] = _sha((key, value.encode()) for key, value in declared.items())
    if inputs.catalog is not None:
        written = files.content(inputs.catalog, _shown(inputs.catalog))
        result["catalog"] = _sha([("catalog", written)])
        if b"derived" in written and (folder := inputs.catalog.parent / files.SCHEMAS).is_dir():
            result[files.SCHEMAS] = _contents(
                {name: place for name, place in source_files(folder).items() if name.endswith(".json")}
            )
    if inputs.extensions is not None:
        result["extensions"] = _contents(source_files(inputs.extensions))
    if inputs.history is not None and inputs.history.is_dir():
        result["history"] = _contents(source_files(inputs.history))
    own = {name: place for name, place in _below(_HERE).items() if not name.startswith(_OWN_DOCS)}
    if inputs.templates.is_relative_to(_HERE):  # in the wheel they stand inside the generator's folder: counted once
        within = os.path.join(inputs.templates, "")
        own = {name: place for name, place in own.items() if not place.startswith(within)}
    result["generator"] = _contents(own)
    templates: dict[str, dict[str, str]] = {}
    for name, place in _below(inputs.templates).items():
        templates.setdefault(name.partition("/")[0], {})[name] = place
    result |= {f"templates/{name}": _contents(each) for name, each in templates.items()}
    result |= {f"layers/{name}": _sha(each) for name, each in _layered(inputs.layers).items()}
    result |= {SURFACE + name: _code(inputs, name) for name in surfaces if name not in registry.OURS}
    return dict(sorted(result.items()))


def _layered(layers: Sequence[Path]) -> dict[str, list[tuple[str, bytes]]]:
    """The files of the user's template folders by their surface; which of them lies above which is a part of it."""
    result: dict[str, list[tuple[str, bytes]]] = {}
    for number, layer in enumerate(layers):
        if not layer.is_dir():
            raise SpecError("--templates", f"{_shown(layer)} is not a folder", "use a folder of templates")
        for name, place in source_files(layer, hidden=True).items():
            content = files.content(place, _shown(place))
            result.setdefault(name.partition("/")[0], []).append((f"{number}/{name}", content))
    return result


def _code(inputs: Inputs, name: str) -> str:
    """What makes a surface that is not ours: a program, or the package of a distribution."""
    declared = next((each for each in inputs.programs if each.name == name), None)
    if declared is not None:
        return programs.digest(declared)[:_SHOWN]
    entry = registry.entry(name)
    code = ((path, files.content(place)) for path, place in registry.code(entry).items())
    options = ((f"options of {each.surface}", each.written.encode()) for each in inputs.options if each.surface == name)
    return _sha([("distribution", entry.distribution.encode()), *options, *code])


def whole(inputs: Inputs, documents: Sequence[str], schemas: Iterable[str] = ()) -> str:
    """What `Api.digest` is for the files as they stand now. documents: `Api.documents`, the document itself first.
    schemas: those of derived functions, relative to the catalog."""
    parts = [files.content(inputs.openapi), *([files.content(inputs.catalog)] if inputs.catalog else [])]
    parts += [files.content(path) for path in sorted(inputs.extensions.glob("*.py"))] if inputs.extensions else []
    parts += [files.content(path, _shown(path)) for path in inputs.overlays]
    parts += [beside(inputs, name, documents[0]) or b"" for name in documents[1:]]
    if inputs.catalog is not None:
        parts += [files.content(inputs.catalog.parent / name) for name in sorted(set(schemas))]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _own(inputs: Inputs, referred: Iterable[str]) -> str:
    """What the document itself is called among the files: by its name, or by its way from the root."""
    route = files.relative(inputs.root, inputs.openapi) if inputs.root is not None else inputs.openapi.name
    return route if route in set(referred) else inputs.openapi.name


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
    for label, content in parts:
        total.update(f"{label}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()[:_SHOWN]


def _contents(listed: Mapping[str, Path] | Mapping[str, str]) -> str:
    return _sha((name, files.content(place)) for name, place in listed.items())


def source_files(folder: Path, *, hidden: bool = False) -> dict[str, Path]:
    """Every file below a folder that belongs to the sources, by its path there; in one order on every machine.

    hidden: with those whose names begin with a dot.
    """
    return {name: Path(place) for name, place in _below(folder, hidden).items()}


def _below(folder: Path, hidden: bool = False) -> dict[str, str]:
    """The same as texts: of a thousand files, to make paths of them takes longer than to find them."""
    result: dict[str, str] = {}
    start = len(os.path.join(folder, ""))
    for below, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in names:
            place = os.path.join(below, name)
            if (hidden or not name.startswith(".")) and os.path.isfile(place):
                result[place[start:].replace(os.sep, "/")] = place
    return dict(sorted(result.items()))


def _shown(path: Path) -> str:
    """A path as an error names it: only the file name if it lies outside this folder."""
    return path.name if path.is_absolute() and not path.is_relative_to(Path.cwd()) else str(path)
