"""The routes of the API, as generated, and which of them a request means."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any
from urllib.parse import unquote

from ..runtime import paths
from .outputs import localized
from .problems import Problem
from .schema import Schemas


@dataclass(frozen=True)
class Route:
    """One function on the wire."""

    data: Mapping[str, Any]
    names: tuple[str, ...]
    """The path parameters, as the path spells them."""

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def contents(self) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
        """Each successful answer: its status, and how its content looks (None where it is empty)."""
        for response in self.data["responses"]:
            status = int(response["status"].replace("X", "0")) if response["status"] != "default" else 200
            if not response["contents"]:
                yield status, None
            for content in response["contents"]:
                yield status, content

    def documents(self) -> Iterator[Any]:
        """The example answers."""
        for _, content in self.contents():
            if content is not None:
                yield from content["examples"]

    def called(self, found: Mapping[str, str]) -> tuple[str, ...]:
        """What stands in the places of a path, in their order, not escaped."""
        return tuple(unquote(found[name]) for name in self.names)

    def key(self, arguments: Mapping[str, Any]) -> tuple[str, ...]:
        """The values of the path parameters, in their order."""
        by_wire = {param["wire"]: param["name"] for param in self.data["params"] if param["in"] == "path"}
        return tuple(str(arguments.get(by_wire.get(name, name), "")) for name in self.names)


class Routes:
    """All routes, those with the most literal path first."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.schemas = Schemas(document["$defs"])
        routes = [Route(_here(data, document["server"]), paths.gaps(data["path"])[1]) for data in document["routes"]]
        self.routes = sorted(routes, key=lambda route: len(route.names))
        self.by_name = {route["name"]: route for route in self.routes}

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The route of a request and what stands in the places of its path, by name and as it came; 404 or 405 where none is."""
        allowed = set()
        for route in self.routes:
            found = paths.match(route["path"], path)
            if found is None:
                continue
            if route["method"] == method:
                return route, found
            allowed.add(route["method"])
        if allowed:
            raise Problem(405, f"{method} is not allowed here.", headers=(("Allow", ", ".join(sorted(allowed))),))
        raise Problem(404, f"There is nothing at {path}.")


def load() -> Routes:
    """The routes that were generated beside this module."""
    return Routes(json.loads(resources.files(__name__.rpartition(".")[0]).joinpath("api.json").read_text("utf-8")))


def _here(data: Mapping[str, Any], server: str) -> Mapping[str, Any]:
    """The data of a route, with examples whose links lead to no other host."""
    responses = [
        {**each, "contents": [{**c, "examples": localized(c["examples"], server)} for c in each["contents"]]}
        for each in data["responses"]
    ]
    return {**data, "responses": responses}
