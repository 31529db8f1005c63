"""The compiled validator, where one is installed: it decides; `validate` explains.

Without it, as in an installation of the client alone, `validate` does both; a test holds the two to one verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..runtime import patterns
from .info import FunctionInfo, all_functions
from .validate import Problem, check, deepest, too_deep


def problem(info: FunctionInfo, arguments: Mapping[str, Any]) -> Problem | None:
    """The first problem of the arguments of a function; None where they are valid."""
    validator = _validator(info.name)
    if validator is not None and not too_deep(arguments, deepest(info.input_schema)):
        try:
            if validator.is_valid(arguments):
                return None
        except ValueError:
            # A file or another value that only Python has: JSON Schema says nothing of it.
            return check(arguments, info.input_schema)
    error = check(arguments, info.input_schema)
    if error is None and validator is not None:
        first = next(validator.iter_errors(arguments), None)
        if first is not None:
            return Problem(".".join(str(step) for step in first.instance_path), first.message)
    return error


class _Pattern:
    """The keyword `pattern`, as `validate` reads it."""

    def __init__(self, _: object, pattern: str, __: object) -> None:
        self._pattern = pattern

    def validate(self, value: Any) -> None:
        """Raises ValueError for a text that does not match."""
        if isinstance(value, str) and patterns.matches(self._pattern, value) is False:
            raise ValueError(f"does not match the pattern {self._pattern}")


@cache
def _validator(name: str) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        return None
    schema = dict(all_functions()[name].input_schema)
    if not patterns.alike(schema):
        return None
    keywords: Any = {"pattern": _Pattern}
    try:
        return jsonschema_rs.Draft202012Validator(schema, keywords=keywords, pattern_options=patterns.options())
    except ValueError:
        # A limit that JSON Schema does not allow, as a multiple of nothing: `validate` passes over it.
        return None
