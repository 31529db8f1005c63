"""The pass over the types: the classes of each, and the attributes of each object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from ..ir import Api, Field, Function, Model, Named
from .caching import once
from .conventions import CLASS, FIELD, ON_JOB, PYTHON_CLASS, SLUG
from .spelling import Identifier, Words, words

_VARIANTS: Mapping[str, tuple[Words, Words]] = {
    "view": ((), ()),
    "sync": ((), ()),
    "input": ((), ("input",)),
    "data": ((), ("data",)),
    "async": (("async",), ()),
}
"""The classes that a type may have in Python, with the words before and after its own."""


@dataclass(frozen=True)
class Attributes:
    """The attributes of an object in Python."""

    of: Mapping[str, Identifier]
    """By the name on the wire. A field that is spelled like one before it has none, and is read by that name."""
    hidden: tuple[tuple[Field, Identifier], ...]
    """Those that have none, and the attribute that they would be."""


def type_name(item: Named) -> Identifier:
    """What a type is called in Python, and so in the docs and in Lua's annotations."""
    return PYTHON_CLASS.spell(item.words)


def page_of(item: Named) -> str:
    """The name of a type's page in the docs, before it is made unique among the files."""
    return str(SLUG.spell(item.words))


def params_class(function: Function) -> Identifier:
    """The TypedDict of all arguments of a function."""
    return CLASS.spell((*function.words, "params"))


@once
def classes(api: Api) -> Mapping[tuple[str, str], Identifier]:
    """By the key of the type and the variant: each has its name, whether or not anything asks for it.

    One that a type has already is told apart by a word: `PetInput`, the input of Pet, beside a type PetInput.
    """
    plain = {key: CLASS.spell(item.words) for key, item in sorted(api.named.items())}
    # What lists values is the same for arguments and results.
    several = [key for key in plain if key not in api.types or not api.types[key].type.values]
    taken = {*plain.values()}
    result = {(key, variant): name for key, name in plain.items() for variant in ("view", "sync")}
    for variant in ("input", "data", "async"):
        before, after = _VARIANTS[variant]
        for key in several:
            own = api.named[key].words
            name = next(route for each in _ways(before, own, after) if (route := CLASS.spell(each)) not in taken)
            taken.add(name)
            result[key, variant] = name
    return result


def _ways(before: Words, own: Words, after: Words) -> Iterator[Words]:
    yield *before, *own, *after
    yield *before, *own, "type", *after
    yield from ((*before, *own, "type", *after, str(number)) for number in count(2))


def plainly(api: Api, key: str, variant: str) -> Identifier:
    """The class as it would be called if no other had that name."""
    before, after = _VARIANTS[variant]
    return CLASS.spell((*before, *api.named[key].words, *after))


def fields(model: Model, job: bool) -> Attributes:
    """The attributes of a model; one with the name of a job's own attribute is renamed."""
    convention = ON_JOB if job else FIELD
    result: dict[str, Identifier] = {}
    taken: set[Identifier] = set()
    hidden = []
    for field in model.fields:
        name = convention.spell(field.words)
        if name in taken:
            hidden.append((field, name))
            continue
        taken.add(name)
        result[field.wire_name] = name
    return Attributes(result, tuple(hidden))


def field_path(path: str) -> str:
    """The way from a job to a field within it, as Python reads it: `metrics.total_time`."""
    steps = [words(step) for step in path.split(".") if step]
    return ".".join((FIELD if depth else ON_JOB).spell(step) for depth, step in enumerate(steps))
