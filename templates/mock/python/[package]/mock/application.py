"""The API itself: a request in, an answer out. It knows no socket."""

from __future__ import annotations

import base64
import json
import re
import sys
import traceback
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from . import contents, listing, making, outputs, problems, streams
from .answers import Answer
from .authorization import PAGE, Authorization
from .credentials import admit
from .grants import Grants
from .instead import Instead, refusal
from .jobs import at, put, wait
from .limits import Limit
from .negotiation import negotiated
from .outputs import ASIDE
from .overrides import USUAL
from .problems import Problem
from .records import Key
from .requests import Request, read
from .routes import Route, Routes
from .scenario import Scenario
from .state import State
from .webhooks import Webhooks

_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Application:
    """All functions, on one state."""

    def __init__(
        self,
        routes: Routes,
        state: State,
        token: str,
        page_size: int,
        limit: Limit,
        everywhere: bool = False,
        scenario: Scenario | None = None,
    ) -> None:
        self._everywhere = everywhere
        self.limit = limit
        self.routes = routes
        self.state = state
        self.token = token
        self.page_size = page_size
        self.base_url = ""
        """Where the server is called at, where a request does not tell."""
        self._called_at: ContextVar[str] = ContextVar("called_at")
        self.webhooks = Webhooks(routes, state, self._shown)
        self._scenario = scenario
        self._instead = Instead(state, self._shown, self.here)
        self.grants = Grants(state.now)
        self._authorization = Authorization(routes.document.get("logins", ()), token, self.grants)

    def close(self) -> None:
        """Ends what goes on by itself."""
        self.webhooks.close()

    def allowed(self, request: Request) -> frozenset[str]:
        """The methods that there are at the path of a request; none where there is nothing."""
        base = self.routes.document["base_path"]
        if not request.path.startswith(base + "/"):
            return frozenset()
        if request.path.startswith(base + ASIDE):
            return frozenset(("GET", "HEAD"))
        return self.routes.methods(request.path[len(base) :])

    def answer(self, request: Request) -> Answer:
        """What the API answers; never raises."""
        self.enter(request)
        try:
            return self._served(request)
        except Problem as problem:
            return refusal(problem)
        except Exception:  # noqa: BLE001 - whatever it is, the caller must get an answer
            traceback.print_exc(file=sys.stderr)
            return refusal(Problem(500, "The mock failed; its own output says why."))

    def _base(self, request: Request) -> str:
        """The base URL of this server as the caller knows it: one that listens everywhere has as many as callers."""
        host = request.headers.get("Host", "")
        if not self._everywhere or not _HOST.fullmatch(host):
            return self.base_url
        return f"http://{host}{self.routes.document['base_path']}"

    def enter(self, request: Request) -> None:
        """From now on, in this thread, `here` is where this request came to."""
        self._called_at.set(self._base(request))

    def here(self) -> str:
        """The base URL of this server, as the caller of the moment knows it."""
        return self._called_at.get(self.base_url)

    def _served(self, request: Request) -> Answer:
        base = self.routes.document["base_path"]
        if self._authorization.serves(request.path) and (
            reply := self._authorization.answer(request, self.here(), self._described(request))
        ):
            return Answer(reply.status, reply.content, reply.media_type, reply.headers)
        if not request.path.startswith(base + "/"):
            raise Problem(404, f"There is nothing at {request.path}; every path begins with {base or '/'}.")
        if request.path.startswith(base + ASIDE):
            return self._aside(request, request.path[len(base + ASIDE) :])
        route, path = self.routes.find(request.method, request.path[len(base) :], request.query, request.headers)
        request.function = route["name"]
        # Of a request that is refused, what was asked for holds as far as it is about how the answer arrives.
        asked, request.override = request.override, request.override.arrival
        try:
            if self.token:
                admit(request, route, self.routes.document["schemes"], self.token, self.grants)
            read(request, route, path, self.routes.schemas)
            if self._scenario is not None and asked is USUAL:
                asked = self._scenario.choose(route, request.path[len(base) :])
            chosen = self._instead.of(route, asked) if asked.chooses else None
            request.override = asked
            if chosen is not None:
                return chosen
            route = negotiated(route, request)
            key = route.called(path)
            with self.state.changed:
                self.state.parents(route, key)
            answer = getattr(self, "_" + (route["role"] or "example"))
            result: Answer = answer(route, key, request)
        except Problem as problem:
            return self._refused(route, problem)
        return result

    def _described(self, request: Request) -> bool:
        """Whether an operation of the API is what a request asks for."""
        base = self.routes.document["base_path"]
        try:
            self.routes.find(request.method, request.path.removeprefix(base), request.query, request.headers)
        except Problem:
            return False
        return request.path.startswith(base + "/")

    def _refused(self, route: Route, problem: Problem) -> Answer:
        """The refusal as the document describes it, where it does; else as problem+json."""
        declared = {response["status"]: response for response in route.data.get("problems", ())}
        if str(problem.status) not in declared and problem.status in (415, 422) and "400" in declared:
            problem.status = 400
        status = problem.status
        described = declared.get(str(status)) or declared.get(f"{status // 100}XX") or declared.get("default")
        content = next((each for each in (described or {}).get("contents", ()) if each["kind"] == "json"), None)
        document = problem.document()
        if content is None:
            return Answer(status, json.dumps(document).encode(), "application/problem+json", problem.headers)
        if not self.routes.schemas.valid(document, content["schema"]):
            document = problems.told(document, self.routes.schemas, content["schema"])
        media = content["media"] if "*" not in content["media"] else "application/json"
        return Answer(status, json.dumps(document).encode(), media, problem.headers)

    def _aside(self, request: Request, path: str) -> Answer:
        """What stands behind the URLs of results. Whoever has such a URL may read it: it takes no token."""
        kind, _, rest = path.partition("/")
        if kind == "streams" and request.method == "GET":
            pieces = streams.pieces(self.state, rest, request.headers.get("Last-Event-ID", ""))
            return Answer(200, b"", "text/event-stream", (("Cache-Control", "no-store"),), pieces)
        if kind == "files" and request.method == "GET":
            part = outputs.serve(rest, request.headers.get("Range", ""), request.headers.get("If-Range", ""))
            return Answer(part.status, part.content, part.media_type, part.headers)
        if kind == PAGE and not rest and request.method in ("GET", "POST"):
            reply = self._authorization.page(request)
            return Answer(reply.status, reply.content, reply.media_type, reply.headers)
        raise Problem(404, f"There is nothing at {request.path}.")

    # One method a role

    def _get(self, route: Route, key: Key, request: Request) -> Answer:
        with self.state.changed:
            return self._thing(route, self.state.seen(self.state.record(route["resource"], key)))

    def _list(self, route: Route, key: Key, request: Request) -> Answer:
        cursor = self._cursor(route, request)
        text = str(request.arguments.get("body", cursor.get("text", "")))
        with self.state.changed:
            items = [self.state.seen(record) for record in self.state.listed(route["resource"], key)]
        items = [item for item in items if _asked_for(item, route, request.arguments) and _says(item, text)]
        return self._paged(route, request, items, cursor, text)

    def _create(self, route: Route, key: Key, request: Request) -> Answer:
        given = _body_arguments(route, request.arguments)
        given = {name: value for name, value in given.items() if name not in request.uploads}
        with self.state.changed:
            record = self.state.create(route, key, given, request.uploads)
            return self._thing(route, self._projected(route, record.data))

    def _update(self, route: Route, key: Key, request: Request) -> Answer:
        with self.state.changed:
            record = self.state.update(route, key, _body_arguments(route, request.arguments))
            return self._thing(route, self._projected(route, self.state.seen(record)))

    def _projected(self, route: Route, data: dict[str, Any]) -> Any:
        """What a call that changes a record answers: the record where that is what it answers, else what they share."""
        schema = self.state.schema(route)
        shown = self.state.schema(self.state.getter(route["resource"]))
        if schema is None or schema == shown or not (known := self.routes.schemas.properties(schema)):
            return data
        made = next(route.things(), None)
        made = self.routes.schemas.sample(schema) if made is None else made
        # Of what `get` shows too, the record says all there is.
        told = self.routes.schemas.properties(shown or {})
        made = made if isinstance(made, dict) else {}
        rest = {name: item for name, item in made.items() if name not in told}
        return {**rest, **{name: item for name, item in data.items() if name in known or name in made}}

    def _delete(self, route: Route, key: Key, request: Request) -> Answer:
        with self.state.changed:
            data = self.state.seen(self.state.record(route["resource"], key))
            self.state.delete(route["resource"], key)
        return self._thing(route, self._projected(route, data))

    def _start(self, route: Route, key: Key, request: Request) -> Answer:
        self.limit.take()
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
        given = _body_arguments(route, request.arguments)
        with self.state.changed:
            record = self.state.start(route, key, given, deadline)
        self.webhooks.watch(route, record, request.arguments)
        done = self.state.settled(record, longest) if longest else True
        # 202 tells a caller who waited that the answer is not the last word; nobody else asked for it.
        return self._json(route, self.state.seen(record), last=not done)

    def _cancel(self, route: Route, key: Key, request: Request) -> Answer:
        return self._json(route, self.state.cancel(route["resource"], key).data)

    def _property(self, route: Route, key: Key, request: Request) -> Answer:
        with self.state.changed:
            record = self.state.record(route["resource"], key)
        name = route["path"].rpartition("/")[2]
        if record.uploads:
            return self._bytes(route, record.uploads[0].content)
        if isinstance(record.extra.get(name), str):
            return self._bytes(route, record.extra[name].encode("utf-8"))
        return self._example(route, key, request)

    def _example(self, route: Route, key: Key, request: Request) -> Answer:
        """What the document shows, for a route that belongs to no resource."""
        status, content = next(route.contents(), (204, None))
        if content is None:
            return self._empty(status)
        value = content["examples"][0] if content["examples"] else self.routes.schemas.sample(content["schema"])
        if content["kind"] != "json":
            return self._bytes(route, contents.written(self._shown(route, value), content))
        if route["page"] is not None:
            items = at(value, route["page"]["items"])
            return self._paged(
                route, request, items if isinstance(items, list) else [], self._cursor(route, request), ""
            )
        if isinstance(value, dict):
            given = {name: item for name, item in request.arguments.items() if name in value}
            value = making.laid(self.routes.schemas, content["schema"], value, given)[0]
        return self._json(route, value)

    # Answers

    def _thing(self, route: Route, data: Any) -> Answer:
        """A record as an answer, inside what the document has around it."""
        return self._json(route, self._around(route, route.at, data) if route.at else data)

    def _around(self, route: Route, path: str, inside: Any) -> Any:
        value = next((dict(document) for document in route.documents() if isinstance(document, dict)), None)
        if value is None:
            content = next((each for _, each in route.contents() if each is not None), None)
            value = self.routes.schemas.sample(content["schema"]) if content is not None else {}
        return put(value if isinstance(value, dict) else {}, path, inside)

    def _json(self, route: Route, value: Any, *, last: bool = False) -> Answer:
        answers = list(route.contents())
        status, content = answers[-1 if last else 0] if answers else (200, None)
        if content is None or status in (204, 205, 304):
            return self._empty(status)
        if content["kind"] != "json":
            if content["examples"]:
                value = content["examples"][0]
            elif contents.is_of_values(content):
                value = self.routes.schemas.fitted(self._shown(route, value), content["schema"])
            else:
                value = self.routes.schemas.sample(content["schema"])
            return self._bytes(route, contents.written(value, content))
        value = self._shown(route, self._known(value, content["schema"]))
        value = self.routes.schemas.fitted(value, content["schema"])
        return Answer(status, contents.written(value, content), contents.media_type(content))

    def _empty(self, status: int) -> Answer:
        """An answer without content; one that sends its caller on says where to."""
        on = 300 <= status < 400 and status != 304
        return Answer(status, headers=(("Location", f"{self.here()}{ASIDE}files/moved"),) if on else ())

    def _bytes(self, route: Route, content: bytes) -> Answer:
        status, described = next(route.contents(), (200, None))
        if status in (204, 205, 304):
            return self._empty(status)
        return Answer(status, content, contents.media_type(described) if described else "application/octet-stream")

    def _known(self, value: Any, schema: Mapping[str, Any]) -> Any:
        """The value without what a closed object may not have: an update or a list can show less than `get`."""
        schemas = self.routes.schemas
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

    def _shown(self, route: Route, value: Any) -> Any:
        """The value with URLs that this server answers."""
        value = self.own(value)
        if route["job"]:
            rules = self.routes.document["jobs"][route["job"]]
            if at(value, rules["stream"]):
                value = put(value, rules["stream"], f"{self.here()}{ASIDE}streams/{at(value, rules['id'])}")
        return value

    def own(self, value: Any) -> Any:
        """The value with the API's URLs as this server's."""
        server = self.routes.document["server"]
        if isinstance(value, str):
            return self.here() + value[len(server) :] if server and value.startswith(server + "/") else value
        if isinstance(value, list):
            return [self.own(item) for item in value]
        return {name: self.own(item) for name, item in value.items()} if isinstance(value, dict) else value

    # Pages

    def _cursor(self, route: Route, request: Request) -> dict[str, Any]:
        given = dict(request.pairs()).get("cursor")
        if given is None:
            return {"start": 0}
        try:
            cursor = json.loads(base64.urlsafe_b64decode(given))
            return {"start": max(0, int(cursor["start"])), "text": str(cursor.get("text", ""))}
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            if any(param["in"] == "query" and param["wire"] == "cursor" for param in route["params"]):
                return {"start": 0}  # the API's own, which may be any text: see `listing`
            raise Problem(400, "The cursor is none that this server gave out.") from None

    def _paged(self, route: Route, request: Request, items: list[Any], cursor: Mapping[str, Any], text: str) -> Answer:
        page = route["page"]
        if page is None:
            return self._json(route, self._around(route, route.items, items) if route.items else items)
        start, size = cursor["start"], self.page_size
        if page.get("by") and not page["items"]:
            return self._onward(self._json(route, self._part(page, request, items, start).items), route, request, items)
        value = next((dict(d) for d in route.documents() if isinstance(d, dict)), None)
        if value is None:
            value = self.routes.schemas.sample(self.state.schema(route) or {})
        if page.get("by"):
            part = self._part(page, request, items, start)
            for path, item in ((page["items"], part.items), *part.beside.items()):
                value = put(value, path, item)
            return self._onward(self._json(route, value), route, request, items)
        value = put(value, page["items"], items[start : start + size])
        if page["next"]:
            value = put(
                value, page["next"], self._link(request, start + size, text) if start + size < len(items) else None
            )
        if page["previous"]:
            value = put(value, page["previous"], self._link(request, max(0, start - size), text) if start else None)
        return self._json(route, value)

    def _part(self, page: Mapping[str, Any], request: Request, items: list[Any], start: int) -> listing.Listed:
        given = dict(request.pairs())
        if page.get("location") == "body":
            for name in filter(None, (page["argument"], page["size"])):
                value = request.arguments.get(name, at(request.arguments, name))
                given[name] = "" if value is None else str(value)
        return listing.listed(page, given, items, self.page_size, start)

    def _onward(self, answer: Answer, route: Route, request: Request, items: list[Any]) -> Answer:
        """The answer with a `Link` header, where that is how the list goes on."""
        page = route["page"]
        if page["by"] != "link":
            return answer
        onward = self._part(page, request, items, self._cursor(route, request)["start"]).onward
        link = () if onward is None else (("Link", f'<{self._link(request, onward, "")}>; rel="next"'),)
        return replace(answer, headers=(*answer.headers, *link))

    def _link(self, request: Request, start: int, text: str) -> str:
        # The text of a search stands in the cursor: who follows a link may send no body.
        cursor = {"start": start, **({"text": text} if text else {})}
        encoded = base64.urlsafe_b64encode(json.dumps(cursor).encode()).decode()
        kept = [(name, value) for name, value in request.pairs() if name != "cursor"]
        base = self.routes.document["base_path"]
        return f"{self.here()}{request.path[len(base) :]}?{urlencode([*kept, ('cursor', encoded)])}"


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
    told = json.dumps(item, ensure_ascii=False).lower()
    return all(word in told for word in text.lower().split())
