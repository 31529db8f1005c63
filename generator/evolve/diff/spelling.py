"""How a function and its parts are called on each surface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ...ir import Api, Function
from ...names import FLAG, SNAKE, Words, call, flags, keyword


@dataclass(frozen=True)
class Spelling:
    """The names of one API."""

    api: Api

    def call(self, function: Function, surface: str) -> str:
        """The function as a caller of the surface writes it, without arguments."""
        result = call(self.api, function)
        match surface:
            case "python":
                return f"client.{result.python}"
            case "cli" if function.derived is not None:
                return f"{self.api.command} {FLAG.spell(function.words)}"
            case "cli":
                return " ".join((self.api.command, *result.command))
            case "docs" if function.derived is not None:
                return f"derived/{result.page}.md"
            case "deployed":
                return f"{function.method} {function.path}"
            case "mcp":
                return result.tool
            case "lua":
                return result.script
            case _:
                return f"functions/{result.page}.md"

    def calls(self, functions: Iterable[Function], surface: str, most: int = 3) -> str:
        """Several functions in one phrase."""
        named = [f"`{self.call(function, surface)}`" for function in functions]
        more = f" and {len(named) - most} more" if len(named) > most else ""
        return ", ".join(named[:most]) + more


def argument(function: Function | None, name: Words, surface: str) -> str:
    """An argument as a caller of the surface writes it."""
    plain = str(SNAKE.spell(name))
    match surface:
        case "python":
            return str(keyword(name))
        case "cli":
            result = flags(function) if function else {}
            return f"--{result.get(plain, FLAG.spell(name))}"
        case _:
            return plain
