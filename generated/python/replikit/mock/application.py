"""The API itself: a request in, an answer out. It knows no socket."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from contextvars import ContextVar

from . import outputs, problems, streams
from .answers import Answer
from .authorization import PAGE, Authorization
from .credentials import admit
from .grants import Grants
from .headers import headed
from .instead import Instead, refusal
from .limits import Limit
from .negotiation import negotiated
from .outputs import ASIDE
from .overrides import USUAL
from .pages import Pages
from .problems import Problem
from .rendering import Rendering
from .requests import Request, read
from .roles import Roles
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
        self.routes = routes
        self.state = state
        self.token = token
        self.base_url = ""
        """Where the server is called at, where a request does not tell."""
        self._called_at: ContextVar[str] = ContextVar("called_at")
        self.rendering = Rendering(routes, self.here)
        self.webhooks = Webhooks(routes, state, self.rendering.shown)
        pages = Pages(routes, state, self.rendering, self.here, page_size)
        self._roles = Roles(routes, state, self.rendering, pages, limit, self.webhooks)
        self._scenario = scenario
        self._instead = Instead(state, self.rendering.shown, self.here)
        self.grants = Grants(state.now, state.seed)
        self._authorization = Authorization(routes.document.get("logins", ()), token, self.grants)

    def close(self) -> None:
        """Stops the background work."""
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
            import traceback  # which starts are not to wait for

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
        declared = [*route["responses"], *route.data.get("problems", ())]
        return headed(self._called(route, path, request, request.path[len(base) :]), declared, self.routes.schemas)

    def _called(self, route: Route, path: Mapping[str, str], request: Request, below: str) -> Answer:
        """What a function answers. below: the path of the request, below that of the API."""
        request.function = route["name"]
        # Of a request that is refused, what was asked for holds as far as it is about how the answer arrives.
        override, request.override = request.override, request.override.arrival
        try:
            if self.token:
                admit(request, route, self.routes.document["schemes"], self.token, self.grants)
            read(request, route, path, self.routes.schemas)
            if self._scenario is not None and override is USUAL:
                override = self._scenario.choose(route, below)
            chosen = self._instead.of(route, override) if override.chooses else None
            request.override = override
            if chosen is not None:
                return chosen
            route = negotiated(route, request)
            key = route.called(path)
            with self.state.changed:
                self.state.parents(route, key)
            return self._roles.answer(route, key, request)
        except Problem as problem:
            return self._refused(route, problem)

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
        """The files behind the URLs of results. Anybody with such a URL may read it: it needs no token."""
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
