"""The server: HTTP on one side, the API on the other."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from dataclasses import replace as replaced
from pathlib import Path
from typing import Any

from . import cors
from .application import Application
from .calls import Call, Calls
from .control import Control
from .grants import Grants
from .handler import MAX_BODY, Server
from .limits import Limit
from .overrides import nearest
from .overrides import shown as shown_value
from .routes import Routes, load
from .scenario import Rule, Scenario, parsed, read
from .scenario import rule as read_rule
from .seeds import Seeds
from .service import Service
from .state import State

__all__ = ["MAX_BODY", "Mock", "OutcomeError", "Server", "serve"]

_EVERYWHERE = ("0.0.0.0", "::")
"""Addresses to listen on that nobody can be called at."""
_GIVEN = ("token",)
"""Parts of credentials that a client of the mock is given: one is enough of each."""


class OutcomeError(ValueError):
    """A state that no job ends in."""


@dataclass(frozen=True)
class Mock:
    """A server that runs."""

    base_url: str
    token: str
    state: State
    grants: Grants
    calls: Calls
    """The received calls, oldest first."""
    scenario: Scenario
    limit: Limit
    more: list[Callable[[], None]] = field(default_factory=list, repr=False)
    """What else a reset sets back."""

    def reset(self) -> None:
        """Back to how it started: its records, logins, calls and scenario."""
        self.state.reset()
        self.grants.clear()
        self.calls.clear()
        self.scenario.reset()
        self.limit.reset()
        for each in self.more:
            each()

    def called(self, function: str) -> list[Call]:
        """The calls of a function that it received, the oldest first. ValueError where the API has no such function."""
        known = self.state.routes.aliases
        if function not in known:
            raise ValueError(f"the API has no function {shown_value(function)}.{nearest(function, known)}")
        return [call for call in self.calls if call.function == known[function]]

    def called_once(self, function: str) -> Call:
        """The one call of a function. AssertionError, with what was called instead, where there was none or several."""
        calls_ = self.called(function)
        if len(calls_) != 1:
            others = "".join(f"\n  {c.status} {c.method} {c.path} {c.function}" for c in list(self.calls)[-20:])
            raise AssertionError(f"{function} was called {len(calls_)} times, not once. Calls:{others or ' none'}")
        return calls_[0]

    def answer(self, function: str, *answers: Mapping[str, Any], times: int | None = None) -> None:
        """Answers calls of a function otherwise than usual until the next reset, as a rule of a scenario does.

        Without `times` it does so for all calls, the last answer for all that follow. ScenarioError says what is wrong.
        """
        rule = {"function": function, "answers": answers, **({} if times is None else {"times": times})}
        self.scenario.add(read_rule(rule, self.state.routes, function))

    def environment(self) -> dict[str, str]:
        """The variables that make a client call this server."""
        document = self.state.routes.document
        tokens = {name: self.token for name, part in document["variables"].items() if part in _GIVEN}
        variables = {**tokens, document["base_url_env"]: self.base_url}
        if any(each["elsewhere"] for each in document.get("logins", ())):
            from ..runtime.oauth import AUTH_URL_ENV

            variables[AUTH_URL_ENV] = self.base_url
        return variables


@contextlib.contextmanager
def serve(
    port: int = 0,
    host: str = "127.0.0.1",
    token: str = "mock-token",
    *,
    seconds: float = 1.0,
    outcome: str = "",
    page_size: int = 100,
    rate: int = 0,
    max_body: int = MAX_BODY,
    verbose: bool = False,
    seeds: Sequence[Seeds] = (),
    bare: bool = False,
    now: Callable[[], float] = time.time,
    seed: int | None = None,
    scenario: str | os.PathLike[str] | Mapping[str, Any] | Sequence[Any] | None = None,
    control: bool = True,
    control_hosts: Sequence[str] = (),
    origins: Sequence[str] = (cors.ANY,),
    record: tuple[str, str | os.PathLike[str]] | None = None,
    replay: str | os.PathLike[str] | None = None,
) -> Iterator[Mock]:
    """A server in a thread of its own, until the block ends.

    `port` 0 takes a free one. `seconds` is how long a job takes, `outcome` the state it ends in where that is
    not success, `now` the clock that it goes by. `rate` is how many jobs may be started in a minute; 0: any number. An
    empty `token` lets everyone in. `max_body` bounds the bytes of a request's body. `seeds` are records that are there at
    the start: by their path, or an OpenAPI document in place of one; `bare` leaves out those that the package brings.
    `seed` makes two runs give the same ids, times and drawn answers. `scenario` is a file, or what one says.
    `control` offers `/__mock/`, to callers that name the loopback interface or one of `control_hosts`. Pages of `origins`
    may read the answers. `record` is the base URL of a real API that requests are handed on to, and the file for what it
    answers; `replay` such a file.
    Raises OSError where the port is taken, SeedError for a seed at a path that the API does not have, OutcomeError for a
    state that no job ends in, ScenarioError for a scenario that cannot be played, RecordError for what cannot be recorded
    or replayed.
    """
    routes = load()
    check_outcome(outcome, routes)
    limit, calls = Limit(rate), Calls(_secret_parameters(routes))
    played = Scenario(_rules(scenario, routes), seed)
    state = State(routes, seconds=seconds, outcome=outcome, seeds=seeds, bare=bare, now=now, seed=seed)
    application = Application(routes, state, token, page_size, limit, host in _EVERYWHERE, played)
    mock = Mock("", token, state, application.grants, calls, played, limit)
    control_ = Control(state, calls, mock.reset, application.rendering.own, control_hosts) if control else None
    replayed, recorder = None, None
    if replay is not None:
        from .replaying import Replay

        replayed = Replay(Path(replay), routes, application.here)
    if record is not None:
        from .recording import Recorder

        recorder = Recorder(record[0], Path(record[1]), routes, application.here)
    service = Service(application, calls, control_, origins, recorder, replayed)
    mock.more.extend(each.reset for each in (replayed,) if each is not None)
    try:
        server = Server((host, port), service, max_body, verbose)
    except OSError:
        if recorder is not None:
            recorder.discard()
        raise
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    shown = f"[{host}]" if ":" in host else host
    application.base_url = f"http://{shown}:{server.server_address[1]}{routes.document['base_path']}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield replaced(mock, base_url=application.base_url)
    finally:
        service.close()
        server.shutdown()
        thread.join()
        server.hang_up()
        server.server_close()


def check_outcome(outcome: str, routes: Routes) -> None:
    """Raises OutcomeError for a state that is not terminal: a caller who waits for the end would wait forever."""
    known = list(dict.fromkeys(state for job in routes.document["jobs"].values() for state in job["terminal"]))
    if outcome and outcome not in known:
        what = f"jobs end as {', '.join(known)}, not as {shown_value(outcome)}." if known else "the API has no jobs."
        raise OutcomeError(what + nearest(outcome, known))


def _secret_parameters(routes: Routes) -> frozenset[str]:
    schemes = routes.document["schemes"].values()
    return frozenset(each["name"] for each in schemes if each["location"] == "query")


def _rules(rules: str | os.PathLike[str] | Mapping[str, Any] | Sequence[Any] | None, routes: Routes) -> Sequence[Rule]:
    if rules is None:
        return ()
    return read(Path(rules), routes) if isinstance(rules, (str, os.PathLike)) else parsed(rules, routes)
