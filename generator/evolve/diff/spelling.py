"""How a function and its parts are called on each surface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...ir import Api, Function
from ...names import FLAG, LUA, PYTHON, SLUG, SNAKE, Words, words
from ...surfaces.cli import words_of
from ...surfaces.shared.calls import python_method


@dataclass(frozen=True)
class Spelling:
    """The names of one API."""

    api: Api

    def call(self, function: Function, surface: str) -> str:
        """The function as a caller of the surface writes it, without arguments."""
        match surface:
            case "python":
                return f"client.{python_method(self.api, function)}"
            case "cli":
                return " ".join((self.api.command, *words_of(self.api, function)))
            case "mcp":
                return function.name
            case "lua":
                return f"app.integrations.{LUA.spell(words(self.api.name))}.{LUA.spell(function.words)}"
            case _:
                return f"functions/{SLUG.spell(function.words)}.md"

    def calls(self, functions: Iterable[Function], surface: str, most: int = 3) -> str:
        """Several functions in one phrase."""
        named = [f"`{self.call(function, surface)}`" for function in functions]
        more = f" and {len(named) - most} more" if len(named) > most else ""
        return ", ".join(named[:most]) + more


def argument(name: Words, surface: str) -> str:
    """An argument as a caller of the surface writes it."""
    match surface:
        case "python":
            return str(PYTHON.spell(name))
        case "cli":
            return f"--{FLAG.spell(name)}"
        case _:
            return str(SNAKE.spell(name))
