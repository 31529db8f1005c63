"""Rules about the whole API. Every finding of a run at once, sorted by place."""

from __future__ import annotations

from collections.abc import Iterator

from .. import names
from ..errors import Finding
from ..ir import Api, Function


def lint(api: Api) -> tuple[Finding, ...]:
    """What must be mended before any surface can be made."""
    rules = (_functions, _methods, _classes, _tool_names, _arguments)
    return tuple(sorted({f for rule in rules for f in rule(api)}, key=lambda finding: finding.order))


def _functions(api: Api) -> Iterator[Finding]:
    """What functions are called by on every surface; a catalog's are keys, so that only derived ones can be alike."""
    seen: dict[str, Function] = {}
    for function in api.functions:
        first = seen.setdefault(function.name, function)
        if first is not function:
            what = f"is called {function.name!r} as the operation at {first.place} is"
            yield Finding(function.place, what, "name both in a catalog, and report it: names are told apart here")


def _methods(api: Api) -> Iterator[Finding]:
    """Inside a group two functions, or a function and a group below it, cannot share a name."""
    steps = {g.key: g for g in api.groups}
    for key in ("", *steps):
        functions = [f for f in api.functions if f.group == key]
        depth = len(key.split(".")) + 1 if key else 1
        below = [g for g in api.groups if len(g.path) == depth and (not key or g.key.startswith(key + "."))]
        named = [(f.verb, f.name, f.place) for f in functions]
        owner = {
            g.key: next((f for f in api.functions if (f.group + ".").startswith(g.key + ".")), None) for g in below
        }
        named += [(g.path[-1], f"the group {g.key}", f.place) for g in below if (f := owner[g.key]) is not None]
        yield from names.collisions(names.PYTHON, named)


def _classes(api: Api) -> Iterator[Finding]:
    models = [(m.words, m.key, m.place) for m in api.named.values()]
    yield from names.collisions(names.PYTHON_CLASS, models)


def _arguments(api: Api) -> Iterator[Finding]:
    for function in api.functions:
        yield from names.collisions(names.PYTHON, [(p.words, p.wire_name, p.place) for p in function.params])


def _tool_names(api: Api) -> Iterator[Finding]:
    for function in api.functions:
        if len(function.name) > names.TOOL:
            yield Finding(
                function.place,
                f"{function.name!r} has {len(function.name)} characters; a tool's name has at most {names.TOOL}",
                "give it a shorter name in the catalog",
            )


def unexamined(api: Api) -> tuple[Function, ...]:
    """The functions without an example: nothing can show or test them."""
    return tuple(f for f in api.functions if not f.examples)
