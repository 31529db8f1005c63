"""The one entry for everything that calls functions by name: find, validate, policy, dry run, call, envelope.

Each is imported on first use: looking a function up does not load what calls it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .calling import acall, call
    from .finding import UnknownFunctionError, everything, find
    from .info import FunctionInfo, all_functions, schema_for
    from .policy import CLASSES, Policy, PolicyError
    from .searching import QueryError, search
    from .validate import Problem, check
    from .wording import nearest

__all__ = [
    "CLASSES",
    "FunctionInfo",
    "Policy",
    "PolicyError",
    "Problem",
    "QueryError",
    "UnknownFunctionError",
    "acall",
    "all_functions",
    "call",
    "check",
    "everything",
    "find",
    "nearest",
    "schema_for",
    "search",
]

_MODULES = {
    "CLASSES": "policy",
    "FunctionInfo": "info",
    "Policy": "policy",
    "PolicyError": "policy",
    "Problem": "validate",
    "QueryError": "searching",
    "UnknownFunctionError": "finding",
    "acall": "calling",
    "all_functions": "info",
    "call": "calling",
    "check": "validate",
    "everything": "finding",
    "find": "finding",
    "nearest": "wording",
    "schema_for": "info",
    "search": "searching",
}


if not TYPE_CHECKING:  # a checker would take every name for one of these

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f".{_MODULES[name]}", __name__), name)
        globals()[name] = value
        return value
