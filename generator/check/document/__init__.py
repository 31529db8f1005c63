"""The rules of other linters, such as Spectral's: they check the document as written, not what it means.

parts        one pass over the document: its objects, by kind
 ├ whole     info, servers, tags
 ├ paths     path templates and their parameters
 ├ operations
 ├ components
 ├ schemas
 └ samples   examples
"""

from __future__ import annotations

from ...read.openapi import Document
from ..advised import Advice, by_place
from . import components, operations, paths, samples, schemas, whole
from .parts import Parts


def advise(document: Document) -> tuple[Advice, ...]:
    """All findings about a document, sorted by place."""
    parts = Parts(document)
    rules = (whole.rules, paths.rules, operations.rules, components.rules, schemas.rules, samples.rules)
    return tuple(sorted({advice for rule in rules for advice in rule(parts)}, key=by_place))
