"""Limits on input. Each is set by an environment variable, and the error on reaching one names both."""

from __future__ import annotations

import os
from dataclasses import dataclass

from ..errors import SpecError


@dataclass(frozen=True)
class Bound:
    """One bound: the variable that sets it, and its value without one."""

    variable: str
    default: int

    @property
    def value(self) -> int:
        """The bound in force. SpecError where the variable holds no whole number above zero."""
        written = os.environ.get(self.variable, "").strip()
        if not written:
            return self.default
        if not (written.isascii() and written.isdigit() and len(written) < 19 and int(written)):
            raise SpecError(
                self.variable, f"{written[:40]!r} is not a whole number above 0", "correct or unset the variable"
            )
        return int(written)

    def hint(self, remedy: str) -> str:
        """How to mend what is beyond the bound: the remedy, or a higher bound."""
        return f"{remedy}, or allow more with {self.variable}"


BYTES = Bound("SURFACEGEN_MAX_BYTES", 64 * 1024 * 1024)
"""Of one file, and of a document with all files it refers to."""
DEPTH = Bound("SURFACEGEN_MAX_DEPTH", 200)
"""Objects and lists inside each other."""
VALUES = Bound("SURFACEGEN_MAX_VALUES", 5_000_000)
"""Objects, lists and scalars of one file, each alias of YAML counted with all that it stands for."""
FILES = Bound("SURFACEGEN_MAX_FILES", 1_000)
"""A document and the files it refers to."""
REPEATED = Bound("SURFACEGEN_MAX_REPEATED", 50_000)
"""Schemas and properties that `allOf` has written out again, where they are inherited: of a whole document."""

SELECTED = Bound("SURFACEGEN_MAX_SELECTED", 10_000_000)
"""Values that the JSONPaths of a run's overlays look at, together."""
SECONDS = Bound("SURFACEGEN_MAX_SECONDS", 300)
"""That a program which is a surface takes to answer."""
ANSWERED = Bound("SURFACEGEN_MAX_ANSWERED_FILES", 100_000)
"""Files of such an answer."""

VALIDATED = Bound("SURFACEGEN_MAX_VALIDATED", 1_000_000)
"""Bytes of a document, with all it is read from, that `generate` and `check` validate in passing; `lint` and
`update-spec` do so at any size."""


def shaping() -> str:
    """The bound that decides what is made, where the environment sets it; empty where it does not."""
    return f"{REPEATED.variable}={REPEATED.value}" if REPEATED.value != REPEATED.default else ""
