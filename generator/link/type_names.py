"""Unique names for models and other named types.

A component of the document is called as it is written there, and what is written in place after where it stands. Where
two would be classes of one name, the component keeps it, whether or not a function uses it; the other takes its next
choice: the words of its title; what it is; its signs and capital letters in words; all the words of its place.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass, replace
from typing import TypeVar

from .. import names
from ..errors import Finding
from ..ir import Loss, Model, NamedType, Words
from ..names import words
from ..read import schema_names
from ..read.source import Node, steps
from .context import Context
from .identity import apart, spellings

_Named = TypeVar("_Named", Model, NamedType)

_MORE = {"request": "body", "result": "value"}
"""What is added to the name of what stands in place and is called as something else is."""
_PARTS = {"headers": "header", "parameters": "parameter", "requestBodies": "body", "responses": "response"}
"""What is added to the name of a component that is no schema."""


@dataclass(frozen=True)
class _Choice:
    """One way to call a type."""

    rank: int
    """0 for the plainest."""
    strength: int
    """3 where a schema of the components is written as its class is spelled, 2 for every other one; 1 for another
    component that is written so; -1 for an enumeration written in place, which gives way to all others."""
    words: Words


def named(context: Context) -> tuple[dict[str, Model], dict[str, NamedType]]:
    """The models and the other named types by key, each by words of its own; the ledger says which are not called as
    they are written. With a catalog, components of one name are a finding.
    """
    schemas = context.schemas
    items: dict[str, Model | NamedType] = dict(sorted([*schemas.models.items(), *schemas.types.items()]))
    written = _components(context)
    read = {_component(item) for item in items.values()}
    unread = [name for name in written if name not in read]
    choices = [_choices(item, written.get(_component(item))) for item in items.values()]
    choices += [iter([_plain(name, words(schemas.names.get(name, name)))]) for name in unread]

    def claims(index: int, choice: _Choice) -> Iterator[Hashable]:
        yield str(names.PYTHON_CLASS.spell(choice.words))

    chosen = apart(
        choices,
        claims,
        set(),
        range(len(items)),
        lambda choice, number: replace(choice, words=(*choice.words, str(number))),
        lambda choice: (not choice.rank, choice.strength),
    )
    result = dict(zip(items, chosen[: len(items)], strict=True))
    called = {key: choice.words for key, choice in result.items()}
    owners = {str(names.PYTHON_CLASS.spell(words_)): items[key] for key, words_ in called.items()}
    for key, item in items.items():
        if called[key] == item.words:
            continue
        spelled = str(names.PYTHON_CLASS.spell(item.words))
        other = owners.get(spelled)
        value = other and {_component(item), _component(other)} & schemas.names.keys()
        if value and other and _component(item) in written and _component(other) in written:
            what = f"{key!r} is spelled {spelled!r}, as is {other.key!r} at {other.place}"
            hint = "give one of them another name under `types` in the catalog"
            context.findings.append(Finding(item.place, what, hint))
        reason = f"the name {key!r} is taken; its class is {names.PYTHON_CLASS.spell(called[key])}"
        context.losses.append(Loss(pointer=item.place.pointer, surface="*", kind="degraded", reason=reason))
    return _renamed(schemas.models, called), _renamed(schemas.types, called)


def _renamed(items: dict[str, _Named], called: dict[str, Words]) -> dict[str, _Named]:
    return {key: replace(items[key], words=called[key]) for key in sorted(items)}


def _components(context: Context) -> dict[str, Node]:
    """The schemas that the document names."""
    components = context.document.root.get("components")
    schemas = components.get("schemas") if components else None
    return dict(schemas.items()) if schemas else {}


def _component(item: Model | NamedType) -> str:
    """The name of a component; empty where the type is none."""
    path = steps(item.place.pointer)
    return path[2] if path[:2] == ["components", "schemas"] and len(path) == 3 else ""


def _plain(name: str, declared: Words) -> _Choice:
    return _Choice(0, 3 if name == names.PYTHON_CLASS.spell(declared) else 2, declared)


def _choices(item: Model | NamedType, node: Node | None) -> Iterator[_Choice]:
    """All ways to call a type, the plainest first; `node` where it is a component."""
    component = _component(item)
    path = steps(item.place.pointer)
    part = path[2] if path[:1] == ["components"] and path[1] in _PARTS else ""
    exact = int(bool(part) and part == names.PYTHON_CLASS.spell(words(part)))
    if not part and isinstance(item, NamedType) and item.type.values:
        exact = -1
    yield _plain(component, item.words) if component else _Choice(0, exact, item.words)
    ways: list[Words] = []
    title = node.text("title") if node else ""
    if any(char.isalnum() for char in title) and words(title) != item.words:
        ways += [words(title), (*item.words, *words(title))]
    if component:
        ways += _in_words(component)
    elif part:
        ways += [(*item.words, _PARTS[path[1]]), *((*option, _PARTS[path[1]]) for option in _in_words(part))]
    else:
        last = item.key.rpartition(".")[2]
        parent = item.words[: -len(words(last))]
        ways += [(*item.words, _MORE.get(last, "field")), *((*parent, *route) for route in _in_words(last))]
    ways.append(schema_names.place(item.place.pointer))
    ways.append(words(" ".join(path)))
    for rank, result in enumerate(dict.fromkeys(ways)):
        if result != item.words:
            yield _Choice(rank + 1, exact, result)


def _in_words(name: str) -> Iterator[Words]:
    """A name with its capital letters and its signs in words."""
    yield words(re.sub("[A-Z]{2,}", lambda run: f" capital {run[0].lower()} ", name))
    yield from spellings(name)
    if name.islower():
        yield *words(name), "lower"
