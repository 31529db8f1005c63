"""The state that all parts of linking share: the two inputs, the schemas read so far, the findings and the losses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Finding
from ..ir import Loss, Param, Scheme, Words
from ..read import catalog as catalogs
from ..read.catalog_model import Catalog, JobEntry
from ..read.openapi import Document, Key
from ..read.schemas import Schemas
from ..read.source import Node


@dataclass
class Context:
    """One run of linking."""

    document: Document
    catalog: Catalog | None
    """None: it is derived."""
    schemas: Schemas
    name: str
    """The prefix of the functions' names."""
    findings: list[Finding] = field(default_factory=list)
    jobs: dict[str, JobEntry] = field(default_factory=dict)
    """The catalog's, and those that are written where they are used, by key."""
    groups: dict[str, str] = field(default_factory=dict)
    """What a group that the catalog renames was derived as, by its new key."""
    schemes: dict[str, Scheme] = field(default_factory=dict)
    """Those that can be used, by key."""
    tags: Mapping[str, tuple[Words, ...]] | None = None
    """The group that is called after each tag; None where the catalog has the groups."""
    params: dict[Key, Param] = field(default_factory=dict)
    """Those that were read, by their place: many operations refer to one."""
    auth: str = ""
    """How every call is authenticated, if the settings or a flag declare it."""

    @property
    def losses(self) -> list[Loss]:
        """The ledger so far."""
        return self.schemas.losses

    def unknown(self, node: Node, kind: str, name: str, known: Iterable[str]) -> None:
        """Notes a name that nothing has, with the nearest that something has."""
        self.findings.append(Finding(node.place, f"there is no {kind} {name!r}", catalogs.nearest(name, known)))

    def lose(self, node: Node, kind: Any, reason: str) -> None:
        """Enters what cannot be carried over into the ledger."""
        self.losses.append(Loss(pointer=self.document.pointer(node), surface="*", kind=kind, reason=reason))
