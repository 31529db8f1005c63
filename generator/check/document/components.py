"""Rules for references and their targets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...errors import SpecError
from ...read.source import Node, escape, steps
from ..advised import Advice
from .parts import Parts, advice

_NAME = re.compile(r"[a-zA-Z0-9._-]+")
_KINDS = (
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "links",
    "callbacks",
    "pathItems",
)
"""Whose entries are used by reference alone; security schemes are used by name."""


def rules(parts: Parts) -> Iterator[Advice]:
    """What there is to say of them."""
    for node in parts.references:
        try:
            parts.document.follow(node)
        except SpecError as error:
            finding = error.findings[0]
            yield advice("no-unresolved-refs", node.get("$ref") or node, finding.what, finding.hint or "correct it")
        beside = [key for key in node.value if key != "$ref"]
        if parts.document.is_3_0 and beside:
            what = f"{', '.join(map(repr, beside[:5]))} beside a `$ref`, where 3.0 ignores it"
            yield advice(
                "no-$ref-siblings", node, what, "wrap the reference in `allOf`, or move the siblings to its target"
            )
    yield from _components(parts)


def _components(parts: Parts) -> Iterator[Advice]:
    root = parts.document.root
    components = root.get("components")
    if components is None:
        return
    used = _used(parts)
    for kind, listed in components.items():
        for name, node in listed.items() if not kind.startswith("x-") else ():
            if not _NAME.fullmatch(name):
                what = f"the component {name[:80]!r} has a name that OpenAPI does not allow"
                yield advice("spec-components-invalid-map-name", node, what, "use letters, digits, `.`, `-` and `_`")
            if kind in _KINDS and f"/components/{kind}/{escape(name)}" not in used:
                fix = parts.fixed(node, remove=True)
                yield advice("oas3-unused-component", node, f"{kind}.{name} is not used", "remove it, or use it", fix)


def _used(parts: Parts) -> set[str]:
    """The pointers of the components that are referenced from something that is itself used."""
    root = parts.document.root.source
    targets_of: dict[str, set[str]] = {}
    for node in parts.references:
        if (target := _component(parts, node)) is not None:
            owner = _owner(node.pointer) if node.source is root else ""
            targets_of.setdefault(owner, set()).add(target)
    for node in parts.of.get("discriminator", ()):
        mapping = node.get("mapping")
        owner = _owner(node.pointer) if node.source is root else ""
        for _, each in mapping.items() if mapping else ():
            written = str(each.value)
            target = written.partition("#")[2] if "#" in written else f"/components/schemas/{escape(written)}"
            targets_of.setdefault(owner, set()).add(_owner(target))
    # A component that only references itself is not used.
    return {target for owner, targets in targets_of.items() for target in targets if target != owner}


def _component(parts: Parts, node: Node) -> str | None:
    try:
        target = parts.document.target(node)
    except SpecError:
        return None
    return (_owner(target.pointer) or None) if target.source is parts.document.root.source else None


def _owner(pointer: str) -> str:
    """The component that a pointer is in; empty where it is in none."""
    path = steps(pointer)
    return "".join(f"/{escape(step)}" for step in path[:3]) if len(path) > 2 and path[0] == "components" else ""
