"""Where something stands in the input: a part of the IR that a run needs which has nothing to do.

To make the classes of `ir` takes longer than the rest of such a run, so this one stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the input: `file:line:column` for people, a JSON pointer for machines."""

    file: str
    line: int
    column: int
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
