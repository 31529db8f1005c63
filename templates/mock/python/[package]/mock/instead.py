"""The answer that is asked for in place of the usual one: a declared status, an example by its name, a body by its schema.

None of them reads or changes a record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from . import contents, problems
from .answers import Answer
from .outputs import ASIDE
from .overrides import Override, nearest, shown
from .problems import Problem
from .routes import Route
from .state import State

Response = Mapping[str, Any]
_EMPTY = (204, 205, 304)
_DETAIL = "This response was selected by the request or a scenario."


def refusal(problem: Problem) -> Answer:
    """A refusal of a request that no function of the API serves."""
    return Answer(problem.status, json.dumps(problem.document()).encode(), "application/problem+json", problem.headers)


class Instead:
    """Answers by what the document declares."""

    def __init__(self, state: State, shown: Callable[[Route, Any], Any], here: Callable[[], str]) -> None:
        self._state = state
        self._schemas = state.routes.schemas
        self._shown = shown
        self._here = here

    def of(self, route: Route, override: Override) -> Answer | None:
        """The requested answer; None if it is the usual one. Raises Problem 400 for an example that does not exist."""
        usual = next(route.contents(), (200, None))[0]
        status = override.code or usual
        if override.body is not None:
            media_type = next((value for name, value in override.headers if name.lower() == "content-type"), "")
            rest = tuple(pair for pair in override.headers if pair[0].lower() != "content-type")
            body = b"" if status in _EMPTY else override.body
            return Answer(status, body, media_type or "application/json", rest)
        if status == usual and not override.example and not override.dynamic:
            return None
        if override.example:
            return self._example(route, override, usual)
        response = self._declared(route, status)
        content = next(iter(response["contents"]), None) if response is not None else None
        if content is None and response is None and status < 300 and status not in _EMPTY:
            content = next((each for _, each in route.contents()), None)  # a success that nobody declared
        if content is None or status in _EMPTY:
            return self._bare(status)
        return self._written(route, status, content, self._made(route, status, content, override))

    def _example(self, route: Route, override: Override, usual: int) -> Answer:
        known: list[str] = []
        for status, content in self._contents(route, override.code):
            for name, value in zip(content.get("example_names", ()), content["examples"]):
                if name == override.example:
                    return self._written(route, override.code or status or usual, content, value)
                known.append(name)
        names = list(dict.fromkeys(filter(None, known)))
        where = f"{route['name']} shows for {override.code}" if override.code else f"{route['name']} shows"
        what = ", ".join(names[:20]) or "none by a name"
        message = f"There is no example {shown(override.example)}: those that {where} are {what}."
        raise Problem(400, message + nearest(override.example, names))

    def _contents(self, route: Route, code: int) -> Iterator[tuple[int, Mapping[str, Any]]]:
        """What may hold the example: of the status that is asked for; else of a success first, then of any."""
        responses = [*route["responses"], *route.data.get("problems", ())]
        if code:
            response = self._declared(route, code)
            responses = [response] if response is not None else []
        for response in responses:
            for content in response["contents"]:
                status = response["status"].replace("X", "0")
                yield (int(status) if status.isdigit() else 0), content

    def _declared(self, route: Route, status: int) -> Response | None:
        known = {each["status"]: each for each in (*route.data.get("problems", ()), *route["responses"])}
        return known.get(str(status)) or known.get(f"{status // 100}XX") or known.get("default")

    def _made(self, route: Route, status: int, content: Mapping[str, Any], override: Override) -> Any:
        if override.dynamic:
            from random import Random

            from .dynamic import Dynamic

            drawn = self._state.draw()
            random = Random(f"{self._state.seed or 0}:{route['name']}:{status}:{drawn}")
            return Dynamic(self._schemas, random).answer(content["schema"])
        if content["examples"]:
            return content["examples"][0]
        if status >= 400 and content["kind"] == "json":
            return problems.told(Problem(status, _DETAIL).document(), self._schemas, content["schema"])
        return self._schemas.sample(content["schema"])

    def _written(self, route: Route, status: int, content: Mapping[str, Any], value: Any) -> Answer:
        # An example is answered as the document has it, whatever its schema makes of it.
        return Answer(
            status, contents.written(self._shown(route, value), content, self._schemas), contents.media_type(content)
        )

    def _bare(self, status: int) -> Answer:
        """The answer of a status that nothing is declared of."""
        if 300 <= status < 400 and status != 304:
            return Answer(status, headers=(("Location", f"{self._here()}{ASIDE}files/moved"),))
        return refusal(Problem(status, _DETAIL)) if status >= 400 else Answer(status)
