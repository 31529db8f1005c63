"""An OpenAPI Overlay file, 1.0 or 1.1, as written: its actions, each checked by itself.

    read        a file -> Overlay
    Overlay     what it extends, and its actions in order
    Action      a target, and what is done with what it selects

`amending` carries the actions out. The libraries for it on PyPI and npm (oas-patch, openapi-overlays-js) keep no places, go
on where the specification says that there is an error, and read other dialects of JSONPath; what is theirs to judge,
the JSONPath, is left to a library (`jsonpath`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import Finding, SpecError
from .source import Node, Source, load

_VERSION = re.compile(r"1\.([01])(\.[0-9]+)?")
_FIELDS = {
    "overlay": {"overlay", "info", "extends", "actions"},
    "info": {"title", "version", "description"},
    "action": {"target", "description", "update", "remove", "copy"},
}
"""The fixed fields of each object of 1.1; `x-` is an extension everywhere."""
_MODIFIERS = ("update", "copy", "remove")


@dataclass(frozen=True)
class Action:
    """One change, to all that its target selects."""

    at: Node
    target: str
    remove: bool
    """They are taken out, whatever else the action says."""
    copy: str
    """A JSONPath of the one node that is merged into them; empty where there is none."""
    update: Node | None
    """What is merged into them."""


@dataclass(frozen=True)
class Overlay:
    """One file."""

    source: Source
    minor: int
    """Of its version: 0 or 1."""
    extends: Node | None
    actions: tuple[Action, ...]


def read(path: Path) -> Overlay:
    """The overlay at a path. SpecError with every finding where it is none."""
    return of(load(path))


def of(source: Source) -> Overlay:
    """The overlay that a file holds, see `read`."""
    root = Node(source, "", source.value)
    if not isinstance(root.value, dict) or "overlay" not in root.value:
        raise root.error("is not an Overlay document: it has no `overlay: 1.…`", "name an OpenAPI Overlay file")
    version = root.value["overlay"]
    found = _VERSION.fullmatch(version) if isinstance(version, str) else None
    if found is None:
        raise source_error(root, "/overlay", f"Overlay {str(version)[:40]!r} is not read", "write 1.0.0 or 1.1.0")
    minor = int(found[1])
    findings = [*_root(root), *(each for one in _listed(root) for each in _action(one, minor))]
    if findings:
        raise SpecError.of(findings)
    return Overlay(source, minor, root.get("extends"), tuple(_made(each) for each in _listed(root)))


def source_error(node: Node, below: str, what: str, hint: str) -> SpecError:
    """An error at a place below a node."""
    return Node(node.source, f"{node.pointer}{below}", None).error(what, hint)


def _root(root: Node) -> Iterator[Finding]:
    yield from _unknown(root, "overlay")
    info = root.get("info")
    if info is None or not isinstance(info.value, dict):
        yield Finding((info or root).place, "an overlay has an `info` object", "write its title and version there")
    else:
        yield from _unknown(info, "info")
        for key in ("title", "version"):
            if not isinstance(info.value.get(key), str):
                yield Finding((info.get(key) or info).place, f"`info.{key}` is not a text", "write one, in quotes")
    extends = root.get("extends")
    if extends is not None and not isinstance(extends.value, str):
        yield Finding(extends.place, "`extends` is not a text", "write the address of the document it is meant for")
    actions = root.get("actions")
    if actions is None or not isinstance(actions.value, list) or not actions.value:
        yield Finding((actions or root).place, "an overlay has a list of `actions`, at least one", "write one")


def _listed(root: Node) -> Iterator[Node]:
    actions = root.get("actions")
    yield from actions.elements() if actions else ()


def _action(at: Node, minor: int) -> Iterator[Finding]:
    if not isinstance(at.value, dict):
        yield Finding(at.place, "an action is an object", "write its `target`, and `update`, `copy` or `remove`")
        return
    yield from _unknown(at, "action")
    target = at.get("target")
    if target is None or not isinstance(target.value, str):
        yield Finding((target or at).place, "an action has a `target`, a text", "write a JSONPath such as $.info")
    kinds: tuple[tuple[str, type, str], ...] = (
        ("remove", bool, "true or false"), ("copy", str, "a JSONPath"), ("description", str, "a text")
    )  # fmt: skip
    for key, kind, wanted in kinds:
        each = at.get(key)
        if each is not None and not isinstance(each.value, kind):
            yield Finding(each.place, f"`{key}` is not {wanted}", f"write {wanted}")
    if minor == 0 and "copy" in at.value:
        yield Finding(at.place, "`copy` is of Overlay 1.1", "write overlay: 1.1.0, or `update`")
    if "update" in at.value and "copy" in at.value and at.value.get("remove") is not True:
        yield Finding(at.place, "an action has `update` or `copy`, not both", "make two actions of it")
    if not any(key in at.value for key in _MODIFIERS):
        yield Finding(at.place, "the action says nothing to do", "write `update`, `copy` or `remove: true`")


def _unknown(at: Node, kind: str) -> Iterator[Finding]:
    for key, each in at.items():
        if key not in _FIELDS[kind] and not key.startswith("x-"):
            hint = f"the fields are {', '.join(sorted(_FIELDS[kind]))}; an extension begins with x-"
            yield Finding(each.place, f"{key[:60]!r} is no field of an overlay's {kind} object", hint)


def _made(at: Node) -> Action:
    written: dict[str, Any] = at.value
    return Action(at, written["target"], written.get("remove") is True, written.get("copy", ""), at.get("update"))
