"""What should be mended in the inputs: validation of a document that is new, and all that `lint` says."""

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
"""Kinds of mistakes that a run tells of a document; `lint` tells all."""


def lint(inputs: Inputs) -> tuple[Advice, ...]:
    """All that should be mended in the document and the catalog, by place: of what is written, and of what it means."""
    from .check import advised, document, validity
    from .check.advice import advise
    from .check.advised import Advice
    from .link import load as link
    from .read import documents

    found: list[Advice] = []
    with deep():
        try:
            read = documents.read(
                inputs.openapi, inputs.catalog, inputs.extensions, inputs.root, inputs.url, inputs.overlays
            )
            names = [name for name in read.document.names if name != inputs.openapi.name]
            found += document.advise(read.document)
            found += [advised.idle(node, reason) for node, reason in read.document.idle]
            try:
                found += advise(finished(link(read, inputs.auth, inputs.project), inputs))
            except SpecError as error:  # it cannot be rendered
                found += [Advice(each, "error", "spec") for each in error.findings]
            told = set(validity.RULES.values())
        except SpecError as error:
            found += [Advice(each, "error", "spec") for each in error.findings]
            names, told = [], set()
    with contextlib.suppress(SpecError):  # told above
        found += [each for each in invalid(inputs, names) if each.rule not in told]
    return tuple(sorted(set(found), key=advised.by_place))


def unvalidated(inputs: Inputs, out: Path) -> tuple[str, ...]:
    """What is wrong with the document that no run has told yet, as far as it is looked for in passing."""
    former = manifest.read_manifest(out)
    return validation(inputs, digest(inputs, former.referred), former)[0]


def validation(inputs: Inputs, parts: Mapping[str, str], former: manifest.Manifest) -> tuple[tuple[str, ...], str]:
    """What is wrong with a document that was not validated yet and is small enough, and the digest of what was."""
    own = {part: one for part, one in parts.items() if part in _VALIDATED or part.startswith(manifest.DOCUMENT)}
    now = hashlib.sha256(json.dumps(own, sort_keys=True).encode()).hexdigest()[:16]
    names = [part.removeprefix(manifest.DOCUMENT) for part in own if part not in _VALIDATED]
    if not inputs.validate or now == former.validated:
        return (), ""
    read = (inputs.openapi, *inputs.overlays, *referred_files(inputs, names))
    if sum(path.stat().st_size for path in read) > bounds.VALIDATED.value:
        return (), ""
    found = invalid(inputs, names)
    notes = tuple(f"warning: {each.finding!s}".partition("\n")[0] for each in found)
    more = ("`lint` tells all that is wrong with the document, and how to mend it",) if found else ()
    return (*notes[:_SHOWN], *more), now


def invalid(inputs: Inputs, referred: Iterable[str]) -> tuple[Advice, ...]:
    """What the document, as it is written and amended, does not keep of the schema of its version.

    referred: the files that it refers to, as its digest names them.
    """
    from .check import advised, validity
    from .read.amending import amended
    from .read.source import load as load_source

    with deep():
        source = amended(load_source(inputs.openapi), inputs.overlays, inputs.url).source
        return advised.of(validity.by_kind(validity.invalid(source, referred_files(inputs, referred))))
