"""The compiled validator, where one is installed: it decides; `validate` explains.

Without it, as in an installation of the client alone, `validate` does both; a test holds the two to one verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from .info import FunctionInfo, all_functions
from .validate import Problem, check


def problem(info: FunctionInfo, arguments: Mapping[str, Any]) -> Problem | None:
    """What is wrong with the arguments of a function; None where nothing is."""
    validator = _validator(info.name)
    if validator is not None:
        try:
            if validator.is_valid(arguments):
                return None
        except ValueError:
            # A file or another value that only Python has: JSON Schema says nothing of it.
            return check(arguments, info.input_schema)
    found = check(arguments, info.input_schema)
    if found is None and validator is not None:
        first = next(validator.iter_errors(arguments), None)
        if first is not None:
            return Problem(".".join(str(step) for step in first.instance_path), first.message)
    return found


@cache
def _validator(name: str) -> Any:
    try:
        import jsonschema_rs
    except ImportError:
        return None
    try:
        return jsonschema_rs.validator_for(dict(all_functions()[name].input_schema))
    except ValueError:
        # A pattern in another dialect of regular expressions: `validate` leaves it to the server.
        return None
