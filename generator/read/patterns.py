"""Which patterns of a document the generated clients check: asked of their own module, so that the ledger is right."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

_WRITTEN = re.compile(r"/(\^.*\$)/([dgimsuvy]*)", re.DOTALL)
_ESCAPED = re.compile(r"\\.", re.DOTALL)
_HERE = Path(__file__).parents[1]
TEMPLATES = _HERE / "templates" if (_HERE / "templates").is_dir() else _HERE.parent / "templates"
"""In a wheel the templates stand inside the package, in a checkout beside it."""


@cache
def engine() -> Any:
    """Their module. Loaded only where a pattern is asked for: a run that has nothing to do needs none."""
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location("surfacegen_patterns", TEMPLATES / "python/python/[package]/runtime/patterns.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def literal(pattern: str) -> str:
    """What a pattern means that is written as a literal of ECMAScript: `/^a$/`, which no text fits as it stands, for
    nothing is before a beginning. Empty where flags change what it takes."""
    match = _WRITTEN.fullmatch(pattern)
    if match is None:
        return pattern
    letters = any(character.isalpha() for character in _ESCAPED.sub("", match[1]))
    return "" if letters and "i" in match[2] else match[1]


def matches(pattern: str, text: str) -> bool | None:
    """Whether a pattern describes a part of a text; None where that is not checked."""
    result: bool | None = engine().matches(pattern, text)
    return result


def checked(pattern: str) -> bool:
    """Whether the clients check a pattern: it is not too large, and their engine reads it as ECMA-262 does."""
    return bool(engine().checked(pattern))


class Keyword:
    """The keyword `pattern` of a validator of jsonschema-rs, checked as the clients check it: without backtracking."""

    def __init__(self, _: object, pattern: str, __: object) -> None:
        self._pattern = pattern

    def validate(self, value: Any) -> None:
        """ValueError for a text that the pattern does not describe."""
        if isinstance(value, str) and matches(self._pattern, value) is False:
            raise ValueError(f"{value!r} does not match {self._pattern!r}")
