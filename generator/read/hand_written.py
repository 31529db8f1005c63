"""The names that the hand-written files next to a catalog define: parsed from their first module, which is not run."""

from __future__ import annotations

import ast
from pathlib import Path

from ..errors import SpecError
from ..ir import Place
from .files import text

BASES = ("AsyncClientExtensions", "ClientExtensions")
"""What the clients extend; no user of the package has to do with them."""
_READ = ("__all__", "SHARED")


def check(folder: Path, modules: tuple[str, ...]) -> None:
    """SpecError where modules are to be laid beside a client and do not say what the clients inherit."""
    if not modules:
        return
    hint = f"define the classes {BASES[1]} and {BASES[0]} in it; they may be empty"
    first = folder / "__init__.py"
    if "__init__.py" not in modules:
        raise SpecError(str(folder), "contains modules but no __init__.py", hint)
    missing = [name for name in BASES if name not in _bound(first)]
    if missing:
        raise SpecError(Place(str(first), 1, 1, ""), f"does not define {' or '.join(missing)}", hint)


def _bound(path: Path) -> set[str]:
    """What a module defines or imports at its top."""
    bound: set[str] = set()
    for statement in _parsed(path):
        match statement:
            case ast.ClassDef(name=name):
                bound.add(name)
            case ast.Import(names=listed) | ast.ImportFrom(names=listed):
                bound |= {each.asname or each.name for each in listed}
            case ast.Assign(targets=targets):
                bound |= {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                bound.add(name)
    return bound


def _parsed(path: Path) -> list[ast.stmt]:
    try:
        return ast.parse(text(path)).body
    except SyntaxError as error:
        where = Place(str(path), error.lineno or 1, error.offset or 1, "")
        raise SpecError(where, f"is not Python: {error.msg}") from error
    except ValueError as error:  # a NUL
        raise SpecError(Place(str(path), 1, 1, ""), f"is not Python: {error}") from error


def names(path: Path) -> dict[str, tuple[str, ...]]:
    """The lists of names that a module begins with: `__all__`, and `SHARED`. SpecError where one is not written out."""
    bindings = {}
    for statement in _parsed(path):
        if not isinstance(statement, ast.Assign) or not isinstance(statement.targets[0], ast.Name):
            continue
        name = statement.targets[0].id
        if name in _READ:
            bindings[name] = _listed(path, name, statement.value)
    return bindings


def _listed(path: Path, name: str, value: ast.expr) -> tuple[str, ...]:
    try:
        items = ast.literal_eval(value)
    except ValueError:
        items = None
    if not isinstance(items, (list, tuple)) or not all(isinstance(i, str) and i.isidentifier() for i in items):
        where = Place(str(path), value.lineno, value.col_offset + 1, "")
        raise SpecError(where, f"{name} must be a list of names, written out", f'write {name} = ["…"]')
    return tuple(items)
