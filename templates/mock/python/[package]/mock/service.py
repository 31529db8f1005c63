"""A request on its way through the mock: the mock itself and CORS first, then the API, then what befalls the answer.

control → CORS → preferences → the API → delay → fault → the list of calls
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from . import cors, faults, preferences
from .answers import Answer
from .application import Application
from .calls import Calls
from .control import CONTROL, Control
from .instead import refusal
from .overrides import USUAL, Override
from .problems import Problem
from .requests import Request

if TYPE_CHECKING:
    from .recording import Recorder
    from .replaying import Replay


class Service:
    """All that answers."""

    def __init__(
        self,
        application: Application,
        calls: Calls,
        control: Control | None,
        origins: Sequence[str] = (cors.ANY,),
        recorder: Recorder | None = None,
        replay: Replay | None = None,
    ) -> None:
        self._recorder = recorder
        self._replay = replay
        self._application = application
        self._calls = calls
        self._control = control
        self._origins = tuple(origins)
        self._closed = threading.Event()

    def close(self) -> None:
        """Wakes the answers that are kept back."""
        self._closed.set()
        self._application.close()
        if self._recorder is not None:
            self._recorder.close()

    def answer(self, request: Request) -> Answer:
        """The answer; never raises."""
        self._application.enter(request)
        try:
            if request.path.startswith(CONTROL):
                return self._controlled(request)
            if request.method == "OPTIONS" and (options := self._options(request)) is not None:
                return options
            headers = {name.lower(): value for name, value in request.headers.items()}
            if self._recorder is not None:
                answer = self._recorder.answer(request)
                self._calls.add(request, self._below(request.path), answer.status, headers)
                return self._readable(request, answer)
            request.override = preferences.taken(request.headers)
        except Problem as problem:
            return self._readable(request, refusal(problem))
        wishes = request.override
        replayed = self._replay.answer(request) if self._replay is not None and not wishes.chooses else None
        answer = self._application.answer(request) if replayed is None else replayed
        self._calls.add(request, self._below(request.path), answer.status, headers)
        override = request.override
        if override.fault == "bad-json" and not answer.content:
            override = replace(override, fault="")  # there is no JSON to spoil
        answer = self._delivered(answer, override)
        if wishes is not USUAL and (applied := preferences.applied(override)):
            answer = replace(answer, headers=(*answer.headers, (preferences.APPLIED, applied)))
        return self._readable(request, answer)

    def _controlled(self, request: Request) -> Answer:
        if self._control is None:
            raise Problem(404, f"There is nothing at {request.path}: the mock was started without {CONTROL}.")
        try:
            return self._control.answer(request)
        except Problem as problem:
            return refusal(problem)  # which no page of another origin may read

    def _below(self, path: str) -> str:
        return path.removeprefix(self._application.routes.document["base_path"])

    def _options(self, request: Request) -> Answer | None:
        """What may be done at a path; None where the API itself has something to say to OPTIONS."""
        allowed = self._application.allowed(request)
        if "OPTIONS" in allowed and not cors.is_preflight(request.method, request.headers):
            return None
        if not allowed:
            raise Problem(404, f"There is nothing at {request.path}.")
        methods = sorted({*allowed, "OPTIONS"})
        if cors.is_preflight(request.method, request.headers):
            return Answer(204, headers=cors.preflight(self._origins, request.headers, methods))
        return Answer(204, headers=(("Allow", ", ".join(methods)), *cors.allowed(self._origins, request.headers)))

    def _readable(self, request: Request, answer: Answer) -> Answer:
        more = cors.allowed(self._origins, request.headers)
        return replace(answer, headers=(*answer.headers, *more)) if more else answer

    def _delivered(self, answer: Answer, override: Override) -> Answer:
        if override.headers and override.body is None:
            answer = replace(answer, headers=(*answer.headers, *override.headers))
        if override.delay and override.fault != "drip":
            self._closed.wait(override.delay)
        if override.fault == "bad-json":
            return faults.spoilt(answer)
        if override.fault:
            return replace(answer, fault=override.fault, seconds=override.delay or faults.DRIP_SECONDS)
        return answer

    def pause(self, seconds: float) -> None:
        """Waits, until the mock is closed at most."""
        self._closed.wait(seconds)
