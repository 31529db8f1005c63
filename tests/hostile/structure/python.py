"""Python: the syntax tree without names, constants and docstrings."""

from __future__ import annotations

import ast
from collections import Counter

_NAMES = frozenset(["name", "id", "attr", "arg", "asname", "module", "names"])


def read(text: str) -> Counter[str]:
    """Each statement of the module."""
    module = ast.parse(text)
    return Counter(_shape(statement) for statement in module.body)


def _shape(node: object) -> str:
    if isinstance(node, ast.Constant):
        return f"<{type(node.value).__name__}>"
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        return ast.unparse(node)
    if isinstance(node, ast.AST):
        fields = (f"{key}={_shape(value)}" for key, value in ast.iter_fields(node) if key not in _NAMES)
        return f"{type(node).__name__}({', '.join(fields)})"
    if isinstance(node, list):
        shapes = [_shape(each) for each in node]
        # Classes and dictionaries are sorted by names, and statements of a function are not.
        return f"[{'; '.join(sorted(shapes))}]"
    return "?" if isinstance(node, str) else repr(node)
