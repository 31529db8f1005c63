"""Lists, one page at a time, by the pagination style of the API."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from . import listing
from .answers import Answer
from .jobs import at, put
from .problems import Problem
from .rendering import Rendering
from .requests import Request
from .routes import Route, Routes
from .state import State


class Pages:
    """The pages of all lists."""

    def __init__(self, routes: Routes, state: State, rendering: Rendering, here: Callable[[], str], size: int) -> None:
        """here: the base URL by which the caller of the moment knows this server. size: items of a page."""
        self._routes = routes
        self._state = state
        self._rendering = rendering
        self._here = here
        self._size = size

    def cursor(self, route: Route, request: Request) -> dict[str, Any]:
        cursor_text = dict(request.pairs()).get("cursor")
        if cursor_text is None:
            return {"start": 0}
        try:
            cursor = json.loads(base64.urlsafe_b64decode(cursor_text))
            return {"start": max(0, int(cursor["start"])), "text": str(cursor.get("text", ""))}
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            if any(param["in"] == "query" and param["wire"] == "cursor" for param in route["params"]):
                return {"start": 0}  # the API's own, which may be any text: see `listing`
            raise Problem(400, "The cursor was not issued by this server.") from None

    def paged(self, route: Route, request: Request, items: list[Any], cursor: Mapping[str, Any], text: str) -> Answer:
        page = route["page"]
        if page is None:
            return self._rendering.json(
                route, self._rendering.around(route, route.items, items) if route.items else items
            )
        start, size = cursor["start"], self._size
        if page.get("by") and not page["items"]:
            return self._onward(
                self._rendering.json(route, self._part(page, request, items, start).items), route, request, items
            )
        value = next((dict(d) for d in route.documents() if isinstance(d, dict)), None)
        if value is None:
            value = self._routes.schemas.sample(self._state.schema(route) or {})
        if page.get("by"):
            part = self._part(page, request, items, start)
            for path, item in ((page["items"], part.items), *part.beside.items()):
                value = put(value, path, item)
            return self._onward(self._rendering.json(route, value), route, request, items)
        value = put(value, page["items"], items[start : start + size])
        if page["next"]:
            value = put(
                value, page["next"], self._link(request, start + size, text) if start + size < len(items) else None
            )
        if page["previous"]:
            value = put(value, page["previous"], self._link(request, max(0, start - size), text) if start else None)
        return self._rendering.json(route, value)

    def _part(self, page: Mapping[str, Any], request: Request, items: list[Any], start: int) -> listing.Listed:
        query = dict(request.pairs())
        if page.get("location") == "body":
            for name in filter(None, (page["argument"], page["size"])):
                value = request.arguments.get(name, at(request.arguments, name))
                query[name] = "" if value is None else str(value)
        return listing.listed(page, query, items, self._size, start)

    def _onward(self, answer: Answer, route: Route, request: Request, items: list[Any]) -> Answer:
        """The answer with a `Link` header, if the pagination style uses one."""
        page = route["page"]
        if page["by"] != "link":
            return answer
        onward = self._part(page, request, items, self.cursor(route, request)["start"]).onward
        link = () if onward is None else (("Link", f'<{self._link(request, onward, "")}>; rel="next"'),)
        return replace(answer, headers=(*answer.headers, *link))

    def _link(self, request: Request, start: int, text: str) -> str:
        # The text of a search stands in the cursor: who follows a link may send no body.
        cursor = {"start": start, **({"text": text} if text else {})}
        encoded = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
        kept = [(name, value) for name, value in request.pairs() if name != "cursor"]
        base = self._routes.document["base_path"]
        return f"{self._here()}{request.path[len(base) :]}?{urlencode([*kept, ('cursor', encoded)])}"
