"""A value of the API as an answer: in the form of the document, with URLs that this server answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import contents
from .answers import Answer
from .jobs import at, put
from .outputs import ASIDE
from .routes import Route, Routes


class Rendering:
    """Writes the answers of one API."""

    def __init__(self, routes: Routes, here: Callable[[], str]) -> None:
        """here: the base URL by which the caller of the moment knows this server."""
        self._routes = routes
        self._here = here

    def thing(self, route: Route, data: Any) -> Answer:
        """A record as an answer, inside what the document has around it."""
        return self.json(route, self.around(route, route.at, data) if route.at else data)

    def around(self, route: Route, path: str, inside: Any) -> Any:
        value = next((dict(document) for document in route.documents() if isinstance(document, dict)), None)
        if value is None:
            content = next((each for _, each in route.contents() if each is not None), None)
            value = self._routes.schemas.sample(content["schema"]) if content is not None else {}
        return put(value if isinstance(value, dict) else {}, path, inside)

    def json(self, route: Route, value: Any, *, last: bool = False) -> Answer:
        answers = list(route.contents())
        status, content = answers[-1 if last else 0] if answers else (200, None)
        if content is None or status in (204, 205, 304):
            return self.empty(status)
        if content["kind"] != "json":
            if content["examples"]:
                value = content["examples"][0]
            elif contents.is_of_values(content):
                value = self._routes.schemas.fitted(self.shown(route, value), content["schema"])
            else:
                value = self._routes.schemas.sample(content["schema"])
            return self.bytes(route, contents.written(value, content, self._routes.schemas))
        value = self.shown(route, self._known(value, content["schema"]))
        value = self._routes.schemas.fitted(value, content["schema"])
        return Answer(status, contents.written(value, content, self._routes.schemas), contents.media_type(content))

    def empty(self, status: int) -> Answer:
        """An answer without content; one that sends its caller on says where to."""
        on = 300 <= status < 400 and status != 304
        return Answer(status, headers=(("Location", f"{self._here()}{ASIDE}files/moved"),) if on else ())

    def bytes(self, route: Route, content: bytes) -> Answer:
        status, described = next(route.contents(), (200, None))
        if status in (204, 205, 304):
            return self.empty(status)
        return Answer(status, content, contents.media_type(described) if described else "application/octet-stream")

    def _known(self, value: Any, schema: Mapping[str, Any]) -> Any:
        """The value without what a closed object may not have: an update or a list can show less than `get`."""
        schemas = self._routes.schemas
        if isinstance(value, dict):
            known = schemas.properties(schema)
            closed = schemas.closed(schema)
            return {
                name: self._known(item, known.get(name, {}))
                for name, item in value.items()
                if name in known or not closed
            }
        if isinstance(value, list):
            return [self._known(item, schemas.resolve(schema).get("items", {})) for item in value]
        return value

    def shown(self, route: Route, value: Any) -> Any:
        """The value with URLs that this server answers."""
        value = self.own(value)
        if route["job"]:
            rules = self._routes.document["jobs"][route["job"]]
            if at(value, rules["stream"]):
                value = put(value, rules["stream"], f"{self._here()}{ASIDE}streams/{at(value, rules['id'])}")
        return value

    def own(self, value: Any) -> Any:
        """The value with the API's URLs as this server's."""
        server = self._routes.document["server"]
        if isinstance(value, str):
            return self._here() + value[len(server) :] if server and value.startswith(server + "/") else value
        if isinstance(value, list):
            return [self.own(item) for item in value]
        return {name: self.own(item) for name, item in value.items()} if isinstance(value, dict) else value
