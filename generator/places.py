"""Where something stands in the input: a part of the IR that a run needs which has nothing to do.

To make the classes of `ir` takes longer than the rest of such a run, so this one stands alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in the input: `file:line:column` for people, a JSON pointer for machines."""

    file: str
    # Left out of `repr`, by which parts of the IR are compared from run to run: a line above moves all below it.
    line: int = field(repr=False)
    column: int = field(repr=False)
    pointer: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"
