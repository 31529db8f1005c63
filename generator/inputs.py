"""What a run reads, and a digest of each part of it: what a folder was made from, and so why it differs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .errors import SpecError
from .patterns import TEMPLATES

_HERE = Path(__file__).parent
_REFERENCE = re.compile(rb"""\$ref["']?\s*:\s*["']?([^#"'\s,}][^#"'\s,}]*)""")
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


def digest(inputs: Inputs) -> dict[str, str]:
    """All that decides the output, by part: the spec's and templates' bytes, the generator's, and black's version.

    Nothing is parsed, and nothing that is slow to import is imported.
    """
    from importlib.metadata import version

    found: dict[str, str] = {"formatter": f"black {version('black')}"}
    found["document"] = _sha(document_files(inputs.openapi))
    if inputs.catalog is not None:
        found["catalog"] = _sha([("catalog", content(inputs.catalog))])
    if inputs.extensions is not None:
        found["extensions"] = _sha(_contents(inputs.extensions, source_files(inputs.extensions)))
    if inputs.history is not None:
        found["history"] = _sha(_contents(inputs.history, source_files(inputs.history)))
    # In the wheel the templates stand inside the generator's folder: they are counted once.
    own = [file for file in source_files(_HERE) if not file.is_relative_to(inputs.templates)]
    found["generator"] = _sha(_contents(_HERE, own))
    surfaces: dict[str, list[Path]] = {}
    for file in source_files(inputs.templates):
        surfaces.setdefault(file.relative_to(inputs.templates).parts[0], []).append(file)
    found |= {f"templates/{name}": _sha(_contents(inputs.templates, each)) for name, each in surfaces.items()}
    return dict(sorted(found.items()))


def _sha(parts: list[tuple[str, bytes]] | Iterator[tuple[str, bytes]]) -> str:
    total = hashlib.sha256()
    for label, held in parts:
        total.update(f"{label}\0{len(held)}\0".encode())
        total.update(held)
    return total.hexdigest()[:_SHOWN]


def _contents(folder: Path, listed: list[Path]) -> Iterator[tuple[str, bytes]]:
    return ((file.relative_to(folder).as_posix(), file.read_bytes()) for file in listed)


def document_files(document: Path) -> Iterator[tuple[str, bytes]]:
    """The document and every file a `$ref` leads to, found without parsing; one too many does no harm."""
    todo = [(document.name, document)]
    seen: set[Path] = set()
    while todo:
        label, path = todo.pop()
        if (place := path.resolve()) in seen or (seen and not path.is_file()):
            continue
        seen.add(place)
        held = content(path)
        yield label, held
        for found in sorted(set(_REFERENCE.findall(held))):
            relative = found.decode("utf-8", "replace").replace("\\/", "/")
            if "://" not in relative:
                todo.append((f"{label}>{relative}", path.parent / relative))


def content(path: Path) -> bytes:
    """The bytes of an input. SpecError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise SpecError(str(path), f"cannot be read: {error.strerror}", "name the file that holds the API") from error


def source_files(folder: Path) -> list[Path]:
    """Every file below a folder that belongs to the sources, in one order on every machine."""
    found = (
        path
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    )
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())
