"""What a notebook shows of a file: as it awaits nothing, it only links to what is awaited."""

from __future__ import annotations

from ..outputs import AnyOutput

Shown = AnyOutput
