"""What the hand-written files beside a catalog offer: read from their first module, which is not run for it."""

from __future__ import annotations

import ast
from pathlib import Path

from ..errors import SpecError
from ..ir import Place
from .files import text

BASES = ("AsyncClientExtensions", "ClientExtensions")
"""What the clients extend; no user of the package has to do with them."""
_READ = ("__all__", "SHARED")


def names(path: Path) -> dict[str, tuple[str, ...]]:
    """The lists of names that a module begins with: `__all__`, and `SHARED`. SpecError where one is not written out."""
    try:
        body = ast.parse(text(path)).body
    except SyntaxError as error:
        where = Place(str(path), error.lineno or 1, error.offset or 1, "")
        raise SpecError(where, f"is no Python: {error.msg}") from error
    found = {}
    for statement in body:
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        if name in _READ:
            found[name] = _listed(path, name, statement.value)
    return found


def _listed(path: Path, name: str, value: ast.expr) -> tuple[str, ...]:
    try:
        items = ast.literal_eval(value)
    except ValueError:
        items = None
    if not isinstance(items, (list, tuple)) or not all(isinstance(i, str) and i.isidentifier() for i in items):
        where = Place(str(path), value.lineno, value.col_offset + 1, "")
        raise SpecError(where, f"{name} must be a list of names, written out", f'write {name} = ["…"]')
    return tuple(items)
