"""What a schema is called that has no name of its own: after the place where it is written.

A part that several operations share has one place, so that which of them is read first, or goes, renames nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..ir import Words
from ..names import words
from .source import Node, steps

Called = tuple[str, Words]
"""The key and the words of a schema, after which the objects written in it are called."""

_CONTAINERS = ("$defs", "definitions", "schemas")
"""What holds schemas by name."""
_STEPS = {"items": "item", "additionalProperties": "value"}
"""Keywords with a schema below them, as the words of what stands there."""
_MANY = ("allOf", "anyOf", "oneOf", "prefixItems")


def called(target: Node, names: Mapping[str, str]) -> Called:
    """What a `$ref` points at; `names` are the catalog's."""
    path = steps(target.pointer)
    if not path:
        return target.source.path.stem, words(target.source.path.stem)
    if path[0] == "paths" and len(path) > 2:
        return _inside(("_".join(path[1:3]), words(f"{path[2]} {path[1]}")), path[3:])
    at = _base(path)
    base = names.get(path[at], path[at])
    if path[0] == "components" and at == 2 and path[1] != "schemas":
        below = path.index("schema", 3) + 1 if "schema" in path[3:] else 3
        return _inside(shared(target, (f"{path[1]}.{path[at]}", words(base))), path[below:])
    return _inside((path[at], words(base)), path[at + 1 :])


def shared(schema: Node, otherwise: Called) -> Called:
    """The schema of a parameter, a body or a response: after the component, where it is one's, else as given.

    Parameters of a path belong to all of its operations.
    """
    path = steps(schema.pointer)
    if path[:1] == ["components"] and len(path) > 3 and path[1] != "schemas":
        key, name = f"{path[1]}.{path[2]}", words(path[2])
        # Of several media types the first is the plain one, as far as one can see from here.
        siblings = schema.source.value["components"][path[1]][path[2]]
        content = siblings.get("content") if isinstance(siblings, dict) else None
        if path[3] == "content" and len(path) > 4 and isinstance(content, dict) and path[4] != next(iter(content)):
            kind = medium(path[4])
            return f"{key}.{'_'.join(kind)}", (*name, *kind)
        return key, name
    if path[:1] == ["paths"] and len(path) > 3 and path[2] == "parameters":
        *_, wire = otherwise[0].rpartition(".")
        return f"{'_'.join(words(path[1]))}.{wire}", (*words(path[1]), *words(wire))
    return otherwise


def medium(media: str) -> Words:
    """The words of a media type that tell it from others: `application/vnd.api+json` -> ("vnd", "api", "json")."""
    plain = media.split(";")[0].rpartition("/")[2]
    return words(plain) if any(char.isalnum() for char in plain) else ("any",)


def place(pointer: str) -> Words:
    """All the words of a place, without those that every place of its kind has."""
    path = [step for step in steps(pointer) if step not in ("components", "content", "paths", "properties", "schemas")]
    return words(" ".join(path))


def _base(path: list[str]) -> int:
    """Where the name of the schema stands that holds the rest."""
    if path[0] == "components" and len(path) > 2:
        return 2
    if path[0] in _CONTAINERS and len(path) > 1:
        return 1
    return next((n for n in range(len(path) - 1) if path[n + 1] in ("properties", *_STEPS, *_MANY)), len(path) - 1)


def _inside(base: Called, path: list[str]) -> Called:
    """The name of a part below a schema, as reached from the schema itself."""
    key, name = base
    todo = iter(path)
    for step in todo:
        if step in _STEPS:
            key, name = f"{key}.{_STEPS[step]}", (*name, _STEPS[step])
        elif step in ("anyOf", "oneOf", "prefixItems"):
            index = next(todo, "0")
            key, name = f"{key}.{index}", (*name, "option", str(int(index) + 1) if index.isdigit() else index)
        elif step == "allOf":
            next(todo, "")
        elif step in ("properties", *_CONTAINERS):
            wire = next(todo, step)
            key, name = f"{key}.{wire}", (*name, *words(wire))
        elif step not in ("content", "schema"):
            key, name = f"{key}.{step}", (*name, *words(step))
    return key, name
