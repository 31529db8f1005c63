"""One thing that a maintainer should mend, by whichever rule it was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from ..errors import Finding
from ..ir import Place
from ..read.source import Node
from .catalogue import BY_ID, Severity
from .validity import Invalid


@dataclass(frozen=True)
class Fix:
    """An action of an overlay that mends one thing."""

    target: str
    """A JSONPath."""
    update: Any = None
    remove: bool = False


@dataclass(frozen=True, order=True)
class Advice:
    """One thing to mend: how grave, by which rule, and where."""

    finding: Finding
    severity: Severity
    rule: str
    fix: Fix | None = field(default=None, compare=False)
    """How it is mended, where that needs nobody to think about it."""


def warn(rule: str, place: Place, what: str, hint: str) -> Advice:
    """The finding of a rule, with the severity that the catalogue gives it."""
    return Advice(Finding(place, what, hint), BY_ID[rule].severity, rule)


def by_place(advice: Advice) -> tuple[str, int, int, str, str]:
    """The order in which advice is shown."""
    file, line, column, what, _ = advice.finding.order
    return file, line, column, advice.rule, what


def idle(node: Node, reason: str) -> Advice:
    """What of an overlay has no effect."""
    return warn("overlay-target", node.place, reason, "correct the action, or remove it")


def of(invalid: Iterable[tuple[Invalid, Finding]]) -> tuple[Advice, ...]:
    """What a document does not keep of its schema, as advice."""
    return tuple(Advice(finding, BY_ID[each.rule].severity, each.rule) for each, finding in invalid)
