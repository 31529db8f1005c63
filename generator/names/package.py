"""What the package, the client and the files around them are called, once for an API."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Api
from .caching import once
from .conventions import CLASS, FLAG, LUA, PACKAGE, SNAKE
from .spelling import Identifier, Words, words


@dataclass(frozen=True)
class Package:
    """The names of one API's package."""

    module: Identifier
    """In Python."""
    distribution: Identifier
    command: Identifier
    client: Identifier
    token_env: Identifier
    """The environment variable; empty where the API takes no token."""
    lua: Identifier
    """The plain Lua module."""
    script: Identifier
    """The API below `app.integrations`."""
    skill: Identifier


_KIT = "kit"


def derived_package(api: Words) -> str:
    """The package of an API whose catalog names none: `stripe_kit`.

    An API's own name is mostly that of its vendor's package, and where it is not, somebody's, or a module of Python's.
    Which names are taken is known by an index alone, and by tomorrow it knows others: so each name gets the suffix.
    """
    return str(PACKAGE.spell(api if api[-1] == _KIT else (*api, _KIT)))


@once
def package(api: Api) -> Package:
    """The names of an API's package."""
    own = words(api.package)
    return Package(
        module=PACKAGE.spell(own),
        distribution=FLAG.spell(own),
        command=FLAG.spell(words(api.command)),
        client=Identifier(api.client) if api.client.isidentifier() else CLASS.spell(words(api.client)),
        token_env=Identifier(api.token_env),
        lua=SNAKE.spell(own),
        script=LUA.spell(words(api.name)),
        skill=FLAG.spell(own),
    )
