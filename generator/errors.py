"""The two kinds of failure: a spec that must be mended, and a bug in surfacegen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .places import Place

_SHOWN = 100
"""Findings that a person is shown of one run."""
_LONGEST = 600
"""Characters of a place, a mistake or a hint: they quote what is written, which may be of any length."""


def on_one_line(text: str) -> str:
    """The text with escapes for line breaks and for what a terminal would act on or not show."""
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def printable(text: str) -> str:
    """The same; the middle is left out where the text is very long."""
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST - 100]} … {text[-100:]}"
    return on_one_line(text)


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the input: where it stands, what it is, how to mend it."""

    where: Place | str
    """A place in a file; or what is wrong as a whole: a file, a folder, an address."""
    what: str
    hint: str = ""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Findings are shown by their places."""
        place = self.where
        at = (place.file, place.line, place.column) if isinstance(place, Place) else (place, 0, 0)
        return *at, self.what, self.hint

    @property
    def document(self) -> dict[str, str]:
        """The finding as JSON."""
        return {"where": str(self.where), "what": self.what, "hint": self.hint}

    def __str__(self) -> str:
        where, what, hint = map(printable, (str(self.where), self.what, self.hint))
        return f"{where}: {what}" + (f"\n  fix: {hint}" if hint else "")


class SpecError(Exception):
    """The input cannot be rendered. Holds every finding of the run, sorted by place; exit code 1."""

    def __init__(self, where: Place | str, what: str, hint: str = "") -> None:
        self.findings: tuple[Finding, ...] = (Finding(where, what, hint),)
        super().__init__(where, what, hint)

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> SpecError:
        """One error for all the findings of a run."""
        ordered = tuple(sorted(set(findings), key=lambda finding: finding.order))
        error = cls(ordered[0].where, ordered[0].what, ordered[0].hint)
        error.findings = ordered
        return error

    def __str__(self) -> str:
        return listed(self.findings)


def listed(findings: Sequence[Finding]) -> str:
    """Findings as a person is shown them."""
    more = [f"… and {len(findings) - _SHOWN:,} more: fix these first"] if len(findings) > _SHOWN else []
    return "\n".join([*map(str, findings[:_SHOWN]), *more])


class GeneratorBug(Exception):
    """The generator contradicted itself; never the user's fault; exit code 3."""
