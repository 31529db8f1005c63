"""The routes of the API, as generated, and which of them a request means."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from ..runtime import paths
from .jobs import at
from .outputs import localized
from .problems import Problem
from .schema import Schemas
from .texts import typed


@dataclass(frozen=True)
class Route:
    """One function on the wire."""

    data: Mapping[str, Any]
    names: tuple[str, ...]
    """The path parameters, as the path spells them."""

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def query(self) -> list[tuple[str, str]]:
        """The query within the path itself, such as `?view=full`: some documents tell operations apart by it."""
        return parse_qsl(self.data["path"].partition("?")[2], keep_blank_values=True)

    def rank(self) -> tuple[int, int]:
        """The fewer placeholders its path has, and the more of the query it requires, the earlier it is tried."""
        return len(paths.gaps(self.data["path"].partition("?")[0])[1]), -len(self.query())

    def placed(self, query: Collection[tuple[str, str]]) -> dict[str, str] | None:
        """The values of the placeholders in that query, such as `?since={since}`; None where a request has another query."""
        values: dict[str, str] = {}
        for name, template in self.query():
            texts = (quote(text, safe="") for key, text in query if key == name)
            matches = (paths.match(quote(template, safe="{}"), text) for text in texts)
            match = next((each for each in matches if each is not None), None)
            if match is None:
                return None
            values |= match
        return values

    def is_told(self, headers: Message) -> bool:
        """Whether the headers that must be there are what they must be: of one path, some documents tell operations by them."""
        enums = (
            (param["wire"], param["schema"].get("enum"))
            for param in self.data["params"]
            if param["in"] == "header" and param["required"]
        )
        return all(headers.get(name) in values for name, values in enums if values)

    def texts(self) -> int:
        """The parameters of its path that take any text."""
        return sum(each["in"] == "path" and each["schema"].get("type") == "string" for each in self.data["params"])

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

    @property
    def at(self) -> str:
        """The path of the record in its answer, dotted; empty if it is all of it."""
        return str(self.data.get("at", ""))

    @property
    def items(self) -> str:
        """The path of the list of records in its answer."""
        page = self.data["page"]
        return str(page["items"] if page is not None else self.data.get("items", ""))

    def things(self) -> Iterator[dict[str, Any]]:
        """The records of the example answers."""
        for document in self.documents():
            inside = at(document, self.at)
            if isinstance(inside, dict):
                yield inside

    def called(self, arguments: Mapping[str, str]) -> tuple[str, ...]:
        """The values of the path's variables, in their order, unescaped."""
        return tuple(unquote(arguments[name]) for name in self.names)

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
        self.routes = sorted(routes, key=Route.rank)
        self.by_name = {route["name"]: route for route in self.routes}
        self.aliases: dict[str, str] = {
            alias: route["name"] for route in reversed(self.routes) for alias in _aliases(route)
        }
        """All that a function may be called by: its name with and without the API's prefix, and its operationId."""
        self.aliases |= {name: name for name in self.by_name}

    def methods(self, path: str) -> frozenset[str]:
        """The methods that there are at a path: HEAD wherever GET is (RFC 9110, 9.3.2)."""
        path = paths.escaped(path)
        allowed = {r["method"] for r in self.routes if paths.match(r["path"].partition("?")[0], path) is not None}
        return frozenset(allowed | {"HEAD"} if "GET" in allowed else allowed)

    def find(
        self, method: str, path: str, query: str = "", headers: Message | None = None
    ) -> tuple[Route, dict[str, str]]:
        """The route of a request and what stands in the places of its path, by name and as it came; 404 or 405 where none is."""
        headers = Message() if headers is None else headers
        path, asked = paths.escaped(path), parse_qsl(query, keep_blank_values=True)
        allowed = set()
        matches: list[tuple[Route, dict[str, str]]] = []
        for route in self.routes:
            values = paths.match(route["path"].partition("?")[0], path)
            inside = route.placed(asked) if values is not None else None
            if values is None or inside is None:
                continue
            values |= inside
            if route["method"] == method:
                matches.append((route, values if self._takes(route, values) else self._apart(route, path) or values))
            allowed.add(route["method"])
        if matches:
            meant = [each for each in matches if each[0].is_told(headers)] or matches
            alike = [each for each in meant if each[0].rank() == meant[0][0].rank()]
            taking = (each for each in alike if self._takes(*each))
            return min(taking, key=lambda each: each[0].texts(), default=meant[0])
        if method == "HEAD" and "GET" in allowed:
            return self.find("GET", path, query, headers)  # the server leaves the content out
        if allowed:
            raise Problem(405, f"{method} is not allowed here.", headers=(("Allow", ", ".join(sorted(allowed))),))
        raise Problem(404, f"There is nothing at {path}.")

    def _takes(self, route: Route, values: Mapping[str, str]) -> bool:
        """Whether what stands in the path is of the types of its parameters: some documents tell paths apart by them."""
        schemas = {param["wire"]: param["schema"] for param in route["params"] if param["in"] == "path"}
        texts = ((unquote(text), schemas.get(name, {})) for name, text in values.items())
        return all(self.schemas.valid(typed(text, schema, self.schemas), schema) for text, schema in texts)

    def _apart(self, route: Route, path: str) -> dict[str, str] | None:
        """What stands in a path where one of its gaps ends at the next: told by the values that a parameter lists."""
        template = route["path"].partition("?")[0]
        for param in route["params"]:
            gap = "{" + param["wire"] + "}"
            for value in param["schema"].get("enum", ()) if "}{" in template and gap in template else ():
                values = paths.match(template.replace(gap, paths.escaped(str(value))), path)
                if values is not None and self._takes(route, values | {param["wire"]: str(value)}):
                    return values | {param["wire"]: str(value)}
        return None


def _aliases(route: Route) -> tuple[str, ...]:
    return route["name"].partition("_")[2], route["operation_id"]


def load() -> Routes:
    """The routes that were generated beside this module."""
    # importlib.resources would cost a tenth of what the start takes.
    with open(os.path.join(os.path.dirname(__file__), "api.json"), encoding="utf-8") as file:
        return Routes(json.load(file))


def _here(data: Mapping[str, Any], server: str) -> Mapping[str, Any]:
    """The data of a route, with examples whose links stay on this server."""
    responses = [
        {**each, "contents": [{**c, "examples": localized(c["examples"], server)} for c in each["contents"]]}
        for each in data["responses"]
    ]
    return {**data, "responses": responses}
