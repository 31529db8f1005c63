"""What a function does, by its role: get, list, create, update, delete, start, cancel; else it shows its example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from . import contents, making
from .answers import Answer
from .jobs import at, wait
from .limits import Limit
from .pages import Pages
from .problems import Problem
from .records import Key
from .rendering import Rendering
from .requests import Request
from .routes import Route, Routes
from .state import State
from .webhooks import Webhooks


class Roles:
    """All roles, on one state."""

    def __init__(
        self, routes: Routes, state: State, rendering: Rendering, pages: Pages, limit: Limit, webhooks: Webhooks
    ) -> None:
        self._routes = routes
        self._state = state
        self._rendering = rendering
        self._pages = pages
        self._limit = limit
        self._webhooks = webhooks

    def answer(self, route: Route, key: Key, request: Request) -> Answer:
        """What a function answers to a request that was checked."""
        role = getattr(self, "_" + (route["role"] or "example"))
        answer: Answer = role(route, key, request)
        return answer

    def _get(self, route: Route, key: Key, request: Request) -> Answer:
        with self._state.changed:
            return self._rendering.thing(route, self._state.seen(self._state.record(route["resource"], key)))

    def _list(self, route: Route, key: Key, request: Request) -> Answer:
        cursor = self._pages.cursor(route, request)
        text = str(request.arguments.get("body", cursor.get("text", "")))
        with self._state.changed:
            items = [self._state.seen(record) for record in self._state.listed(route["resource"], key)]
        items = [item for item in items if _asked_for(item, route, request.arguments) and _says(item, text)]
        return self._pages.paged(route, request, items, cursor, text)

    def _create(self, route: Route, key: Key, request: Request) -> Answer:
        arguments = _body_arguments(route, request.arguments)
        arguments = {name: value for name, value in arguments.items() if name not in request.uploads}
        with self._state.changed:
            record = self._state.create(route, key, arguments, request.uploads)
            return self._rendering.thing(route, self._projected(route, record.data))

    def _update(self, route: Route, key: Key, request: Request) -> Answer:
        with self._state.changed:
            record = self._state.update(route, key, _body_arguments(route, request.arguments))
            return self._rendering.thing(route, self._projected(route, self._state.seen(record)))

    def _projected(self, route: Route, data: dict[str, Any]) -> Any:
        """The answer of a call that changes a record: the record if that is its schema, else the fields they share."""
        schema = self._state.schema(route)
        shown = self._state.schema(self._state.getter(route["resource"]))
        if schema is None or schema == shown or not (known := self._routes.schemas.properties(schema)):
            return data
        made = next(route.things(), None)
        made = self._routes.schemas.sample(schema) if made is None else made
        # Of what `get` shows too, the record says all there is.
        properties = self._routes.schemas.properties(shown or {})
        made = made if isinstance(made, dict) else {}
        rest = {name: item for name, item in made.items() if name not in properties}
        return {**rest, **{name: item for name, item in data.items() if name in known or name in made}}

    def _delete(self, route: Route, key: Key, request: Request) -> Answer:
        with self._state.changed:
            data = self._state.seen(self._state.record(route["resource"], key))
            self._state.delete(route["resource"], key)
        return self._rendering.thing(route, self._projected(route, data))

    def _start(self, route: Route, key: Key, request: Request) -> Answer:
        self._limit.take()
        longest, deadline = 0.0, ""
        for param in route["params"]:
            value = request.arguments.get(param["name"])
            if param["encoding"] == "wait" and isinstance(value, str):
                seconds = wait(value)
                if seconds is None or not 1 <= seconds <= 60:
                    field = {"type": "invalid", "field": f"header.{param['wire']}", "description": "wait=1 to wait=60"}
                    raise Problem(422, f"{param['wire']} must be wait=N, N from 1 to 60.", fields=[field])
                longest = seconds
            elif param["encoding"] == "duration" and value is not None:
                deadline = str(value)
        arguments = _body_arguments(route, request.arguments)
        with self._state.changed:
            record = self._state.start(route, key, arguments, deadline)
        self._webhooks.watch(route, record, request.arguments)
        done = self._state.settled(record, longest) if longest else True
        # 202 tells a caller who waited that the answer is not the last word; nobody else asked for it.
        return self._rendering.json(route, self._state.seen(record), last=not done)

    def _cancel(self, route: Route, key: Key, request: Request) -> Answer:
        return self._rendering.json(route, self._state.cancel(route["resource"], key).data)

    def _property(self, route: Route, key: Key, request: Request) -> Answer:
        with self._state.changed:
            record = self._state.record(route["resource"], key)
        name = route["path"].rpartition("/")[2]
        if record.uploads:
            return self._rendering.bytes(route, record.uploads[0].content)
        if isinstance(record.extra.get(name), str):
            return self._rendering.bytes(route, record.extra[name].encode("utf-8"))
        return self._example(route, key, request)

    def _example(self, route: Route, key: Key, request: Request) -> Answer:
        """What the document shows, for a route that belongs to no resource."""
        status, content = next(route.contents(), (204, None))
        if content is None:
            return self._rendering.empty(status)
        value = content["examples"][0] if content["examples"] else self._routes.schemas.sample(content["schema"])
        if content["kind"] != "json":
            return self._rendering.bytes(
                route, contents.written(self._rendering.shown(route, value), content, self._routes.schemas)
            )
        if route["page"] is not None:
            items = at(value, route["page"]["items"])
            return self._pages.paged(
                route, request, items if isinstance(items, list) else [], self._pages.cursor(route, request), ""
            )
        if isinstance(value, dict):
            arguments = {name: item for name, item in request.arguments.items() if name in value}
            value = making.laid(self._routes.schemas, content["schema"], value, arguments)[0]
        return self._rendering.json(route, value)


def _body_arguments(route: Route, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments without those of path, query and header."""
    others = {param["name"] for param in route["params"]}
    return {name: value for name, value in arguments.items() if name not in others}


def _asked_for(item: Any, route: Route, arguments: Mapping[str, Any]) -> bool:
    """Whether an item passes the filters of a list: `source=…` and `created_after=…`, by the usual names."""
    if not isinstance(item, dict):
        return True
    for param in route["params"]:
        value, name = arguments.get(param["name"]), param["wire"]
        if value is None or param["in"] != "query":
            continue
        if name in item and isinstance(item[name], (str, int, bool)) and item[name] != value:
            return False
        stem, _, side = name.rpartition("_")
        moment = item.get(stem + "_at")
        if isinstance(moment, str) and side in ("after", "before"):
            earlier = moment < str(value)
            if earlier == (side == "after"):
                return False
    return True


def _says(item: Any, text: str) -> bool:
    """Whether an item holds every word of a search."""
    written = json.dumps(item, ensure_ascii=False).lower()
    return all(word in written for word in text.lower().split())
