"""The entries of the ledger: a part of the IR that a run needs which has nothing to do, and so alone as `places` is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Loss:
    """One entry of the ledger: what a surface (or every one, `*`) could not carry over as it is written."""

    pointer: str
    surface: str
    kind: Literal["chosen", "kept", "degraded", "dropped"]
    """chosen: whoever wrote the catalog wants it so, and it is no loss."""
    reason: str
