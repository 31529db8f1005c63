"""Schemas that derived functions have: each a file in the folder `models` beside the catalog, kept as it was fetched.

models/octo-labs/painter.json    an OpenAPI document, or a JSON Schema
  x-snapshot                     what was fetched with it: source, version, description, and whether it is `named`
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..errors import SpecError
from . import catalog as catalogs
from . import files
from .catalog_model import Catalog, DerivedEntry
from .openapi import Document
from .source import Node, load, steps

NOTE = "x-snapshot"
"""The key of a schema's file with the origin of the rest."""


@dataclass(frozen=True)
class Snapshot:
    """One schema."""

    file: str
    """Relative to the catalog's folder."""
    document: Document

    @property
    def data(self) -> bytes:
        """The bytes of the file."""
        return self.document.root.source.data

    def text(self, key: str) -> str:
        """What was fetched with it."""
        note = self.document.root.get(NOTE)
        return note.text(key) if note else ""

    @property
    def named(self) -> bool:
        """Whether it can be called by its name, without a version."""
        note = self.document.root.get(NOTE)
        return note is not None and note.flag("named")

    def at(self, pointer: str) -> Node | None:
        """What stands at a JSON pointer; None where nothing does."""
        node: Node | None = self.document.root
        for step in steps(pointer):
            node = node.get(step) if node is not None else None
        return node


def read(catalog: Catalog | None) -> dict[str, Snapshot]:
    """The schema of each derived function, by its name. SpecError where one is not there, or is not a JSON object."""
    result = {}
    known: dict[str, Snapshot] = {}
    for name, declared in catalog.derived.items() if catalog else ():
        file = file_of(declared)
        if file not in known:
            known[file] = _snapshot(declared, file, catalog.at.source.path.parent) if catalog else known[file]
        result[name] = known[file]
    return result


def beside(catalog: Path) -> dict[str, Snapshot]:
    """The same for the catalog at a path, which may say nothing."""
    source = load(catalog)
    return {} if catalogs.is_empty(source) else read(catalogs.of(source))


def file_of(derived_entry: DerivedEntry) -> str:
    """The file of a function's schema, relative to the catalog's folder."""
    return derived_entry.schema or f"{files.SCHEMAS}/{derived_entry.source}.json"


def _snapshot(derived_entry: DerivedEntry, file: str, folder: Path) -> Snapshot:
    at = derived_entry.node("schema" if derived_entry.schema else "source")
    if not derived_entry.schema and not derived_entry.source:
        raise at.error(
            "has neither a `source` nor a `schema`", "write `source: OWNER/NAME`, or `schema: models/….json`"
        )
    path = files.plain_below(folder / files.SCHEMAS, folder / file)
    if path is None:
        raise at.error(
            f"the schema {file!r} is not below the folder {files.SCHEMAS!r} beside the catalog", "move it there"
        )
    try:
        source = load(path)
    except SpecError as error:
        first = error.findings[0]
        if path.is_file():
            raise
        hint = "add it with `surfacegen models add`, or create the schema"
        raise at.error(f"the schema {file!r} {first.what}", hint) from None
    root = Node(source, "", source.value)
    if not isinstance(source.value, dict):
        raise root.error("is not a JSON object", "use an OpenAPI document or a JSON Schema")
    return Snapshot(file, Document(root, {path: source}))
