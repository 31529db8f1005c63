"""Warns of calls to deprecated functions and of deprecated arguments, at the caller's line."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable

from .operation import Operation, Param


def warn(operation: Operation, params: Iterable[Param]) -> None:
    """A DeprecationWarning for the operation and for each of these arguments that is deprecated."""
    if operation.deprecated:
        warnings.warn(f"{operation.name}: {operation.deprecated}", DeprecationWarning, stacklevel=_level())
    for param in params:
        if param.deprecated:
            text = f"{operation.name}: {param.name}: {param.deprecated}"
            warnings.warn(text, DeprecationWarning, stacklevel=_level())


def _level() -> int:
    """The first caller outside of this package, as `stacklevel` counts from the line that warns."""
    package = __name__.partition(".")[0]
    frame, level = sys._getframe(1), 1
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame, level = frame.f_back, level + 1
    return level
