"""The dataclasses of a module, read from its source: their docstrings, their fields, and the docstring of each field."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Attribute:
    """A field of a dataclass, as it is written."""

    name: str
    type: str
    default: str
    """Its expression; empty where the field has to be given."""
    text: str


@dataclass(frozen=True)
class DataClass:
    """A dataclass, as it is written."""

    name: str
    text: str
    attributes: tuple[Attribute, ...]


@cache
def dataclasses(path: Path) -> dict[str, DataClass]:
    """Those of a module by name, in the order of the file."""
    tree = ast.parse(path.read_text("utf-8"))
    return {
        node.name: DataClass(node.name, ast.get_docstring(node) or "", tuple(_attributes(node)))
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any("dataclass" in ast.unparse(each) for each in node.decorator_list)
    }


def _attributes(node: ast.ClassDef) -> Iterator[Attribute]:
    for at, each in enumerate(node.body):
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            default = ast.unparse(each.value) if each.value else ""
            yield Attribute(
                each.target.id, ast.unparse(each.annotation), default, _docstring(node.body[at + 1 : at + 2])
            )


def _docstring(following: list[ast.stmt]) -> str:
    """The string under a field: an expression of its own."""
    for each in following:
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) and isinstance(each.value.value, str):
            return " ".join(each.value.value.split())
    return ""
