"""Inputs -> Api: reads and links the document, the catalog and the hand-written files, and checks the rules."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from .errors import Finding, SpecError
from .inputs import Inputs, whole
from .plugins import registry
from .read import bounds

if TYPE_CHECKING:
    from .ir import Api
    from .read.catalog_model import Catalog

_MOST_CALLS = 10_000
"""Inside each other: what the stack of a process has room for."""


def load(inputs: Inputs) -> Api:
    """The API that the inputs describe. SpecError with all findings when they are wrong."""
    from .link import load as link
    from .read import documents

    with deep():
        read = documents.read(
            inputs.openapi, inputs.catalog, inputs.extensions, inputs.root, inputs.url, inputs.overlays
        )
        if findings := [*_unknown_surfaces(read.catalog, inputs)]:
            raise SpecError.of(findings)
        linked = link(read, inputs.auth, inputs.project)
        api = finished(linked, inputs)
    schemas = [each.derived.schema for each in linked.derived if each.derived is not None]
    if whole(inputs, linked.documents, schemas) != linked.digest:
        raise changed("the document")
    return api


def _unknown_surfaces(catalog: Catalog | None, inputs: Inputs) -> Iterator[Finding]:
    """The places where a catalog hides something from an unknown surface: not ours, not a program, not installed."""
    from .read.catalog import nearest

    entries = [*catalog.functions.values(), *catalog.operations.values()] if catalog else []
    nodes = [node for entry in entries if entry.has("hidden") for node in entry.node("hidden").elements()]
    known = {*registry.OURS, *(program.name for program in inputs.programs)}
    if any(node.value not in known for node in nodes):
        known |= {entry.name for entry in registry.installed() if not entry.problem}
    for node in nodes:
        if node.value not in known:
            what = f"there is no surface {node.value!r}"
            yield Finding(node.place, what, nearest(node.value, known))


def finished(api: Api, inputs: Inputs | None = None) -> Api:
    """The API with its releases, checked against the rules. SpecError with all findings if it breaks any."""
    from .check.rules import lint
    from .evolve.releases import with_history

    result = with_history(api, inputs)
    if findings := lint(result):
        raise SpecError.of(findings)
    return result


def changed(what: str) -> SpecError:
    return SpecError(what, "changed while it was being read", "run it again")


@contextmanager
def deep() -> Iterator[None]:
    """Lets functions call each other as deep as a document may be nested; a level of it takes several calls."""
    former = sys.getrecursionlimit()
    sys.setrecursionlimit(max(former, min(1_000 + 20 * bounds.DEPTH.value, _MOST_CALLS)))
    try:
        yield
    finally:
        sys.setrecursionlimit(former)


@contextmanager
def uncollected() -> Iterator[None]:
    """What is made stays until it is written: looking for cycles in it costs a tenth of a run and frees nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
