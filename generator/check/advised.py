"""One thing that a maintainer should mend, by whichever rule it was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import Finding
from ..ir import Place
from .validity import NEWER, Invalid

Severity = Literal["error", "warning", "info"]
"""An error misleads or breaks; a warning is missing, or could be better; an info is for those who publish."""


@dataclass(frozen=True, order=True)
class Advice:
    """One thing to mend: how grave, by which rule, and where."""

    finding: Finding
    severity: Severity
    rule: str


def warn(rule: str, place: Place, what: str, hint: str) -> Advice:
    """A warning."""
    return Advice(Finding(place, what, hint), "warning", rule)


def by_place(advice: Advice) -> tuple[str, int, int, str, str]:
    """The order in which advice is shown."""
    file, line, column, what, _ = advice.finding.order
    return file, line, column, advice.rule, what


def of(invalid: Iterable[tuple[Invalid, Finding]]) -> tuple[Advice, ...]:
    """What a document does not keep of its schema, as advice."""
    return tuple(Advice(finding, "warning" if each.rule == NEWER else "error", each.rule) for each, finding in invalid)
