"""The pass over the groups: what each is called as a resource, a module, a class and a page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from ..ir import Api, Group
from .caching import once
from .conventions import CLASS, LUA, LUA_CLIENT, ON_CLIENT, ON_JOB, ON_RESOURCE, PYTHON_MODULE, SLUG
from .files import file_names
from .spelling import Identifier, Words

CLIENT_MODULE = "client_"
"""The module of the functions that belong to no group."""


@dataclass(frozen=True)
class Noun:
    """One group."""

    python: Identifier
    """On the client, or on the resource that it belongs to."""
    module: Identifier
    resource: Identifier
    """The class of the resource, on the synchronous client."""
    lua: Identifier
    """On the client of the plain Lua module, or on the group that it belongs to."""
    annotation: Identifier
    """The class that Lua's annotations have for it."""
    page: str
    """The name of its page in the docs, before it is made unique among the files; steps are separated by dots."""
    why: tuple[str, ...]
    """Why its name differs from the one in the document, if it does."""


@once
def nouns(api: Api) -> Mapping[str, Noun]:
    """By Group.key."""
    written = {group.key: _flat(group.path) for group in api.groups}
    many = Counter(written.values())
    called = {g.key: written[g.key] if many[written[g.key]] == 1 or len(g.path) == 1 else _of(g) for g in api.groups}
    files = file_names({key: PYTHON_MODULE.spell(name) for key, name in called.items()}, (CLIENT_MODULE,))
    plain = {str(LUA.spell(function.words)) for function in api.functions}
    result = {}
    for group in api.groups:
        key, name = group.key, called[group.key]
        deep = len(group.path) > 1
        why = [f"the module of the group {key[:80]!r}: {files.changed[key]}"] if key in files.changed else []
        if name != written[key]:
            spelled = CLASS.spell(name)
            why.append(
                f"the group {key[:80]!r} has the same name as another one without its dots; its class is {spelled}"
            )
        lua = (LUA if deep else LUA_CLIENT).spell(group.path[-1])
        if not deep and lua in plain:  # which a client of plain Lua has at its top as well
            lua = Identifier(f"{lua}{LUA_CLIENT.suffix}")
            why.append(f"the group {key[:80]!r} has the name of a function; in Lua it is {lua!r}")
        result[key] = Noun(
            python=(ON_RESOURCE if deep else ON_CLIENT).spell(group.path[-1]),
            module=files.of[key],
            resource=CLASS.spell(name),
            lua=lua,
            annotation=LUA.spell(name),
            page=".".join(SLUG.spell(step) for step in group.path),
            why=tuple(why),
        )
    return result


def on_object(group: Group) -> Identifier:
    """The group as an attribute of an object that its functions are about."""
    return ON_JOB.spell(group.path[-1])


def _flat(path: tuple[Words, ...]) -> Words:
    return tuple(word for step in path for word in step)


def _of(group: Group) -> Words:
    """A group within others from the inside out: `pet.toys` is the toys of pet, and `pet_toys` stays what it is."""
    inside, *outside = reversed(group.path)
    return _flat((inside, *(("of", *step) for step in outside)))
