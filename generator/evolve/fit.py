"""A catalog brought up to date with another document: renamed, removed and new operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from .. import link
from ..errors import SpecError
from ..ir import Function, Place
from ..names import SNAKE
from ..read import catalog as catalogs
from ..read.catalog_model import Catalog
from ..read.documents import Documents
from ..read.openapi import Document
from ..read.project import UNSAID, Project
from ..read.snapshots import Snapshot
from ..read.source import parse, steps
from .diff import match
from .rewrite import rewritten

_NAME = "catalog.fitted.yaml"
_ROUNDS = 50
"""What is let go of can leave other things without ground; each round lets go of these."""


@dataclass
class Fitted:
    """The catalog's new text and what was done to it."""

    text: str = ""
    catalog: Catalog | None = None
    renamed: list[str] = field(default_factory=list)
    dropped: dict[str, str] = field(default_factory=dict)
    """JSON pointers into the old catalog, with the reason."""
    added: list[str] = field(default_factory=list)
    """Functions that need prose: entries that are new in a catalog that had one of every function."""
    derived: list[str] = field(default_factory=list)
    """Functions that are new beside a catalog that says something of some alone: nothing is written of them."""


def fit(
    text: str,
    before: Document,
    after: Document,
    auth: str = "",
    project: Project = UNSAID,
    snapshots: Mapping[str, Snapshot] = MappingProxyType({}),
) -> Fitted:
    """The catalog of one document for another one. SpecError where the new document cannot be made to carry one.

    auth, project: what the settings say of both. snapshots: the schemas of the catalog's derived functions.
    """
    old, new = link.load(Documents(before), auth, project), link.load(Documents(after), auth, project)
    fitted = Fitted()
    source = parse(text, _NAME, Path(_NAME))
    value: dict[str, Any] = source.value
    documents = Documents(before, catalogs.of(source), snapshots=snapshots)
    called = {f.name: f.operation_id for f in link.load(documents, auth, project).functions}
    matched = match.functions(old.functions, new.functions)
    listed = {entry.get("operation", called.get(name)) for name, entry in _section(value, "functions").items()}
    whole = all({f.operation_id, _route(f)} & listed for f in old.functions)
    _follow(value, matched.both, called, fitted)
    prefix = project.name or _section(value, "api").get("name", new.name)
    _greet(value, prefix, matched.added, fitted, written=whole)
    for _ in range(_ROUNDS):
        fitted.text = rewritten(text, value)
        try:
            fitted.catalog = catalogs.of(parse(fitted.text, _NAME, Path(_NAME)))
            link.load(Documents(after, fitted.catalog, snapshots=snapshots), auth, project)
            return fitted
        except SpecError as error:
            if not _let_go(value, fitted, error):
                raise
    raise SpecError(after.root.place, "the catalog cannot be adapted to it", "correct the catalog by hand")


def _section(value: Mapping[str, Any], key: str) -> dict[str, Any]:
    """What stands under a key of the catalog; nothing where all of it is a comment."""
    result: dict[str, Any] | None = value.get(key)
    return result or {}


def _route(function: Function) -> str:
    return f"{function.method} {function.path}"


def _follow(
    value: dict[str, Any], both: tuple[tuple[Function, Function], ...], called: Mapping[str, str], fitted: Fitted
) -> None:
    """Operations, parameters and the arguments of examples take their new names.

    called: the operation of each function by its name, for entries that name none.
    """
    became = {one.operation_id: (one, other) for one, other in both}
    became |= {_route(one): (one, other) for one, other in both}
    many = _section(value, "operations")
    moved_keys = {key: _moved(key, *became[key]) for key in many if key in became}
    if any(key != other for key, other in moved_keys.items()):
        value["operations"] = {moved_keys.get(key, key): entry for key, entry in many.items()}
        fitted.renamed += [f"operations: {key} is {other} now" for key, other in moved_keys.items() if key != other]
    for name, entry in _section(value, "functions").items():
        operation = entry.get("operation", called.get(name))
        if operation not in became:
            continue
        one, other = became[operation]
        if (now := _moved(operation, one, other)) != operation:
            entry["operation"] = now
            fitted.renamed.append(f"{name}: the operation {operation} is {now} now")
        moved = match.params(one.params, other.params, match.shape(one.path) != match.shape(other.path)).both
        wire = {a.wire_name: b.wire_name for a, b in moved if a.wire_name != b.wire_name}
        named = {_spelled(a.words): _spelled(b.words) for a, b in moved if a.words != b.words}
        if "parameters" in entry:
            entry["parameters"] = {wire.get(key, key): item for key, item in entry["parameters"].items()}
        for example in entry.get("examples", ()):
            example["arguments"] = {named.get(key, key): item for key, item in example["arguments"].items()}
        fitted.renamed += [f"{name}: the parameter {a} is {b} now" for a, b in wire.items()]


def _moved(operation: str, one: Function, other: Function) -> str:
    """What an operation is called now that was called `operation`: by its operationId, or by its method and path."""
    return other.operation_id if operation == one.operation_id else _route(other)


def _greet(value: dict[str, Any], prefix: str, added: tuple[Function, ...], fitted: Fitted, *, written: bool) -> None:
    """An entry for each operation that is new, with the little that the document alone can say.

    prefix: what the name of each function begins with. written: the catalog had an entry of every function; beside another, new functions are derived as others are.
    """
    if not written:
        fitted.derived += [f"{prefix}_{_spelled(function.words)}" for function in added]
        return
    functions = value["functions"] = _section(value, "functions")
    for function in added:
        name = f"{prefix}_{_spelled(function.words)}"
        if name in functions:
            continue
        functions[name] = {
            "operation": function.operation_id,
            "type": function.access,
            **({"destructive": True} if function.destructive else {}),
            "title": " ".join(function.words).capitalize(),
            "summary": f"{function.method} {function.path}",
        }
        fitted.added.append(name)


def _spelled(name: tuple[str, ...]) -> str:
    return str(SNAKE.spell(name))


def _let_go(value: dict[str, Any], fitted: Fitted, error: SpecError) -> bool:
    """Removes what the findings are about; False where none of them is about the catalog."""
    places = ((finding.where, finding.what) for finding in error.findings)
    pointers = {
        # Without its operation an entry would be of whatever its key is called.
        at.pointer.removesuffix("/operation") if at.pointer.startswith("/functions/") else at.pointer: what
        for at, what in places
        if isinstance(at, Place) and at.file == _NAME and at.pointer
    }
    # From the last to the first: what is removed from a list moves what stands behind it.
    for pointer in sorted(pointers, key=lambda p: [step.zfill(9) if step.isdigit() else step for step in steps(p)])[
        ::-1
    ]:
        if _remove(value, steps(pointer)):
            inner = [below for below in fitted.dropped if below.startswith(f"{pointer}/")]
            reasons = [fitted.dropped.pop(below) for below in inner]
            fitted.dropped[pointer] = reasons[0] if reasons else pointers[pointer]
    return bool(pointers)


def _remove(value: Any, path: list[str]) -> bool:
    for step in path[:-1]:
        value = value[int(step)] if isinstance(value, list) else value.get(step)
        if value is None:
            return False
    last = path[-1]
    if isinstance(value, list):
        del value[int(last)]
        return True
    return isinstance(value, dict) and value.pop(last, value) is not value
