"""The settings of each operation besides its own schema: by the catalog under its name, by the catalog of many at once,
and by extensions of other generators in the document. The first that says something of a key is heard.

    functions.NAME > operations.SELECTOR, the most exact first, then the last > x- extension > what is derived
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import Finding
from ..read import catalog as catalogs
from ..read import vendor_extensions
from ..read.catalog_model import FunctionEntry, entry
from ..read.openapi import Joined, Operation
from ..read.source import Node
from .context import Context
from .identity import Identity, identities
from .selectors import Selector, called

_OF_ONE = ("operation", "verb")
"""Keys that name one function and so cannot be set for many."""
_DEPTHS = {"parameters": 2, "flags": 1, "headers": 1}
"""Mappings, of which each entry is heard for itself, and of a parameter each key."""


@dataclass(frozen=True)
class Override:
    """The description of an operation."""

    name: str = ""
    """The function's, where the catalog gives it one."""
    declared: FunctionEntry | None = None
    own: FunctionEntry | None = None
    """The same without the settings that only an x- extension has."""


def overrides(context: Context, operations: Sequence[Operation]) -> dict[Operation, Override]:
    """The settings of each operation that has any."""
    catalog = context.catalog
    # A catalog names operations as they would be named without it.
    known = identities(context, operations) if catalog and (catalog.functions or catalog.operations) else {}
    names = _named(context, operations, known)
    layers: defaultdict[Operation, list[Node]] = defaultdict(list)
    for operation, (_, node) in names.items():
        layers[operation].append(node)
    for node, those in _of_many(context, operations, known):
        for operation in those:
            layers[operation].append(node)
    result = {}
    for operation in operations:
        own = layers.get(operation, [])
        foreign = vendor_extensions.of_operation(context.document, operation, context.losses)
        if own or foreign is not None:
            name = names[operation][0] if operation in names else ""
            declared = _laid([*own, *([foreign] if foreign else [])])
            result[operation] = Override(
                name, declared, _laid(own) if own and foreign is not None else declared if own else None
            )
    return result


def _named(
    context: Context, operations: Sequence[Operation], known: Mapping[Operation, Identity]
) -> dict[Operation, tuple[str, Node]]:
    """The operations that the catalog has a function of: its name, and the description of it."""
    if not context.catalog or not context.catalog.functions:
        return {}
    by_key = {known[operation].key: operation for operation in operations}
    by_route = {f"{operation.method} {operation.path}": operation for operation in operations}
    claims = Counter(name for each in operations for name in called(each, known[each], context.name))
    by_name = {
        name: each for each in operations for name in called(each, known[each], context.name) if claims[name] < 2
    }
    by_name |= {known[each].name: each for each in operations}
    result: dict[Operation, tuple[str, Node]] = {}
    for name, declared in context.catalog.functions.items():
        wanted = declared.operation
        if not declared.has("operation"):
            operation = by_name.get(name)
            if operation is None:
                what = f"there is no function {name!r}, and it names no `operation`"
                near = catalogs.nearest(name, [known[each].name for each in operations])
                context.findings.append(Finding(declared.at.place, what, near))
                continue
            name = known[operation].name
        else:
            operation = by_key.get(wanted) or by_route.get(wanted)
            if operation is None:
                _unknown(context, declared.node("operation"), wanted, operations, known, by_key)
                continue
        if operation in result:
            what = f"{wanted or known[operation].key!r} is already the function {result[operation][0]!r}"
            context.findings.append(Finding(declared.at.place, what, "remove one"))
            continue
        result[operation] = (name, declared.at)
    return result


def _unknown(
    context: Context,
    node: Node,
    wanted: str,
    operations: Sequence[Operation],
    known: Mapping[Operation, Identity],
    by_key: Mapping[str, Operation],
) -> None:
    alike = [operation for operation in operations if wanted and operation.id == wanted]
    if not alike:
        context.unknown(node, "operation", wanted, by_key)
        return
    places = " and at ".join(str(operation.node.place) for operation in alike)
    keys = " or ".join(repr(known[operation].key) for operation in alike)
    what = f"the operationId {alike[0].id!r} is used by {len(alike)} operations: at {places}"
    context.findings.append(Finding(node.place, what, f"give each its own, or use {keys}"))


def _of_many(
    context: Context, operations: Sequence[Operation], known: Mapping[Operation, Identity]
) -> list[tuple[Node, list[Operation]]]:
    """The catalog's settings of many operations, the most exact first, with the operations that match."""
    written = list(context.catalog.operations.items()) if context.catalog else []
    results = []
    for number, (key, declared) in enumerate(written):
        for one in _OF_ONE:
            if declared.has(one):
                what = f"{one!r} applies to one function, but {key!r} may match several"
                context.findings.append(Finding(declared.node(one).place, what, "move it to `functions`"))
        selector = Selector.of(key)
        those = [each for each in operations if selector.means(each, known[each], context.name)]
        if not those:
            context.findings.append(
                Finding(declared.at.place, f"{key!r} matches no operation", _near(selector, operations, known))
            )
        results.append((selector.exactness, number, declared.at, those))
    return [(at, those) for _, _, at, those in sorted(results, key=lambda each: each[:2], reverse=True)]


def _near(selector: Selector, operations: Sequence[Operation], known: Mapping[Operation, Identity]) -> str:
    if selector.kind == "tag":
        tags = {tag for each in operations for tag in each.node.value.get("tags") or () if isinstance(tag, str)}
        return catalogs.nearest(selector.text, tags)
    if selector.kind == "path":
        return catalogs.nearest(selector.text, [f"{each.method} {each.path}" for each in operations])
    return catalogs.nearest(selector.text, [known[each].key for each in operations])


def _laid(layers: Sequence[Node]) -> FunctionEntry | None:
    """Several entries merged into one: for each key, the first entry that has it."""
    if len(layers) > 1:
        return entry(FunctionEntry, _joined(layers, _DEPTHS))
    return entry(FunctionEntry, layers[0]) if layers else None


def _joined(layers: Sequence[Node], depths: Mapping[str, int]) -> Node:
    every: defaultdict[str, list[Node]] = defaultdict(list)
    for layer in layers:
        for key, node in layer.items():
            every[key].append(node)
    parts = {}
    for key, nodes in every.items():
        together = depths.get(key, 0) > 0 and all(isinstance(node.value, dict) for node in nodes)
        below = {each: depths[key] - 1 for node in nodes for each in node.value} if together else {}
        parts[key] = _joined(nodes, below) if len(nodes) > 1 and together else nodes[0]
    return Joined.of(layers[0], parts)
