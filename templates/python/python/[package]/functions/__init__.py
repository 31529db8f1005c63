"""The one entry for everything that calls functions by name: find, validate, policy, dry run, call, envelope."""

from .calling import acall, call
from .info import FunctionInfo, UnknownFunctionError, all_functions, everything, find, schema_for
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
