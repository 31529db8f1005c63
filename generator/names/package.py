"""What the package, the client and the files around them are called, once for an API."""

from __future__ import annotations

from dataclasses import dataclass

from ..ir import Api
from .conventions import CLASS, CONSTANT, FLAG, LUA, PACKAGE, SNAKE
from .held import once
from .spelling import Identifier, words


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


@once
def package(api: Api) -> Package:
    """The names of an API's package."""
    own = words(api.package)
    return Package(
        module=PACKAGE.spell(own),
        distribution=FLAG.spell(own),
        command=FLAG.spell(words(api.command)),
        client=Identifier(api.client) if api.client.isidentifier() else CLASS.spell(words(api.client)),
        token_env=CONSTANT.spell(words(api.token_env)) if api.token_env else Identifier(""),
        lua=SNAKE.spell(own),
        script=LUA.spell(words(api.name)),
        skill=FLAG.spell(own),
    )
