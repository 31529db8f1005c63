"""The page that puts the checks of oasdiff beside the changes of `diff`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from ..surfaces.shared import prose
from ..text import Code
from .oasdiff import Check, checks

_LONGEST = 90
"""Characters of a fragment; a longer one is a document of its own, which the table does not show."""
_WHOM = {"regenerated": "regenerated clients", "deployed": "deployed clients"}


@dataclass(frozen=True)
class Row:
    """One check."""

    id: Code
    level: Code
    kind: Code
    breaks: Code
    shown: Code
    why: Code


@dataclass(frozen=True)
class OasdiffPage:
    """All of them, by what both say."""

    total: int
    alike: tuple[Row, ...]
    otherwise: tuple[Row, ...]
    absent: tuple[Row, ...]


def page() -> OasdiffPage:
    """The view of reference/oasdiff.md."""
    result = checks()
    shown = [check for check in result if check.place]
    return OasdiffPage(
        len(result),
        _rows([check for check in shown if check.agrees]),
        _rows([check for check in shown if not check.agrees]),
        _rows([check for check in result if not check.place]),
    )


def _rows(results: Sequence[Check]) -> tuple[Row, ...]:
    return tuple(
        Row(
            prose.inline_code(check.id),
            Code(check.level),
            Code(check.kind),
            Code(" and ".join(_WHOM[audience] for audience in check.breaks) or "nobody"),
            _shown(check),
            Code(check.why[:1].upper() + check.why[1:] + "." if check.why else ""),
        )
        for check in results
    )


def _shown(check: Check) -> Code:
    """The change itself: where it stands, and both fragments where they are short."""
    fragments = [json.dumps(each) for each in (check.old, check.new)]
    if max(map(len, fragments)) > _LONGEST:
        return Code(check.place)
    before, after = (prose.inline_code(each) for each in fragments)
    return Code(f"{check.place}: {before} → {after}")
