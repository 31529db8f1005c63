"""Every reason that the ledger may give, found where it is entered: calls of `lose`, and of `Loss` itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_KINDS = ("kept", "degraded", "dropped")
_ENTER = ("lose", "_lose", "_lost")
_ANY = "…"


@dataclass(frozen=True, order=True)
class Reason:
    """One place that enters a loss."""

    module: str
    """Where it is entered, such as `link/paths.py`."""
    line: int
    kind: str
    """kept, degraded or dropped; empty where a caller says it."""
    text: str
    """The text of the reason, with `…` for what the document fills in."""


@cache
def reasons(package: Path) -> tuple[Reason, ...]:
    """Those of a package, by module and line."""
    results = []
    for path in sorted(package.rglob("*.py")):
        for function in _functions(ast.parse(path.read_text("utf-8"))):
            module = path.relative_to(package).as_posix()
            results += [Reason(module, *each) for each in _entered(function)]
    return tuple(sorted(set(results)))


def _functions(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _entered(function: ast.AST) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(function):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        named = {each.arg: each.value for each in node.keywords}
        if name in _ENTER and node.args:
            inputs = [*node.args, *named.values()]
            reason, kinds = inputs[-1], inputs[:-1]
        elif name == "Loss" and "reason" in named:
            reason, kinds = named["reason"], [named["kind"]]
        else:
            continue
        kind = next((each.value for each in kinds if isinstance(each, ast.Constant) and each.value in _KINDS), "")
        for text in _texts(reason, function):
            yield node.lineno, str(kind or ("" if name == "Loss" else "degraded")), text


def _texts(node: ast.expr, function: ast.AST) -> Iterator[str]:
    """What an expression may be as text. A parameter of the function gives none: its callers say it."""
    if isinstance(node, ast.Name):
        for each in ast.walk(function):
            targets = each.targets if isinstance(each, ast.Assign) else []
            if any(isinstance(target, ast.Name) and target.id == node.id for target in targets):
                assert isinstance(each, ast.Assign)
                yield from _texts(each.value, function)
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body, function)
        yield from _texts(node.orelse, function)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        text = "".join(str(each.value) if isinstance(each, ast.Constant) else _ANY for each in node.values)
        if text.strip(f"{_ANY} .,:;"):
            yield text
