"""Findings about the inputs: validation of a new document, and all that `lint` reports."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import SpecError
from .inputs import Inputs, digest
from .inputs import referred as referred_files
from .loading import deep, finished
from .read import bounds
from .write import manifest

if TYPE_CHECKING:
    from .check.advised import Advice

_VALIDATED = ("document", "overlays")
"""The parts that are validated, beside the files that the document refers to."""
_SHOWN = 5
"""Kinds of mistakes that a run reports for a document; `lint` reports all."""


def lint(inputs: Inputs) -> tuple[Advice, ...]:
    """All that should be mended in the document and the catalog, by place: of what is written, and of what it means."""
    from .check import advised, document, validity
    from .check.advice import advise
    from .check.advised import Advice
    from .link import load as link
    from .read import documents

    results: list[Advice] = []
    with deep():
        try:
            read = documents.read(
                inputs.openapi, inputs.catalog, inputs.extensions, inputs.root, inputs.url, inputs.overlays
            )
            names = [name for name in read.document.names if name != inputs.openapi.name]
            results += document.advise(read.document)
            results += [advised.idle(node, reason) for node, reason in read.document.idle]
            try:
                results += advise(finished(link(read, inputs.auth, inputs.project), inputs))
            except SpecError as error:  # it cannot be rendered
                results += [Advice(each, "error", "spec") for each in error.findings]
            reported = set(validity.RULES.values())
        except SpecError as error:
            results += [Advice(each, "error", "spec") for each in error.findings]
            names, reported = [], set()
    with contextlib.suppress(SpecError):  # reported above
        results += [each for each in invalid(inputs, names) if each.rule not in reported]
    return tuple(sorted(set(results), key=advised.by_place))


def validated(inputs: Inputs, out: Path) -> tuple[str, ...]:
    """What is wrong with a document that is small enough: all that its schema and the rules of OpenAPI say."""
    files = _files(digest(inputs, manifest.read_manifest(out).referred))
    return _notes(invalid(inputs, files)) if inputs.validate and _is_small(inputs, files) else ()


def validation(inputs: Inputs, parts: Mapping[str, str], former: manifest.Manifest) -> tuple[tuple[str, ...], str]:
    """Where a document that no run has told of yet, and that is small enough, does not keep to its schema; and the
    digest of what was looked at, by this run or the last one: empty where nobody has."""
    own = {part: one for part, one in parts.items() if part in _VALIDATED or part.startswith(manifest.DOCUMENT)}
    now = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]
    if now == former.validated:
        return (), now
    if not inputs.validate or not _is_small(inputs, _files(parts)):
        return (), ""
    return _notes(invalid(inputs, _files(parts), rules=False)), now


def _files(parts: Mapping[str, str]) -> list[str]:
    """The files that the document refers to, as its digest names them."""
    return [part.removeprefix(manifest.DOCUMENT) for part in parts if part.startswith(manifest.DOCUMENT)]


def _is_small(inputs: Inputs, files: list[str]) -> bool:
    read = (inputs.openapi, *inputs.overlays, *referred_files(inputs, files))
    return sum(path.stat().st_size for path in read) <= bounds.VALIDATED.value


def _notes(results: Iterable[Advice]) -> tuple[str, ...]:
    notes = tuple(f"warning: {each.finding!s}".partition("\n")[0] for each in results)
    more = ("`lint` reports everything that is wrong with the document, and how to fix it",) if notes else ()
    return *notes[:_SHOWN], *more


def invalid(inputs: Inputs, referred: Iterable[str], *, rules: bool = True) -> tuple[Advice, ...]:
    """What the document, as it is written and amended, does not keep of the schema of its version and of the rules.

    referred: the files that it refers to, as its digest names them. rules: False for the schema alone, which is quick.
    """
    from .check import advised, validity
    from .read.amending import amended
    from .read.source import load as load_source

    with deep():
        source = amended(load_source(inputs.openapi), inputs.overlays, inputs.url).source
        files = referred_files(inputs, referred)
        return advised.of(validity.by_kind(validity.invalid(source, files) if rules else validity.misshapen(source)))
