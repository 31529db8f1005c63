"""Members as the host sees them: their description, their functions, and the requests to them."""

from __future__ import annotations

import re
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import Any, Protocol

from ..runtime.credentials import LOGIN
from .contract import CONTRACT, Hello, Record, read
from .faults import MemberError
from .found import Found, called
from .process import Process, Tell

START = 30.0
"""Seconds that a member has to describe itself and its functions."""
LOOK = 10.0
"""Seconds that a question about functions may take."""
MOST_FUNCTIONS = 20_000
_NAME = re.compile(r"[\w.-]{1,200}", re.ASCII)
SPARE = 15.0
"""Seconds beyond those of a call, in which its answer has to come."""


class Asked(Protocol):
    """A pending request."""

    answer: Future[Any]

    def result(self, seconds: float) -> Any:
        """The answer. Raises MemberError if there is none in that time."""

    def cancel(self) -> None:
        """Takes it back."""


class Member(ABC):
    """One API behind the gateway. It is loaded in a thread of its own: none waits for another."""

    kind = "package"
    needs_token = True
    """Whether a caller that brings its own tokens has to bring one for it."""

    def __init__(self, name: str, account: str = "") -> None:
        """account: what calls are made with that name none."""
        self.name = name
        self.account = account
        self.hello = Hello(api=name, title=name)
        self.records: dict[str, Record] = {}
        self.problem = ""
        """Why it could not be loaded."""
        self.changes = 0
        """How often its functions became others."""
        self._names: dict[str, Record] = {}
        self._loaded = threading.Event()

    @property
    def ready(self) -> bool:
        """Whether its functions are known."""
        return self._loaded.is_set() and not self.problem

    @property
    def state(self) -> str:
        """How it is, in a sentence; empty where it is well."""
        if not self._loaded.is_set():
            return "is starting"
        return self.problem

    def begin(self) -> None:
        """Starts to load it."""
        threading.Thread(target=self._begin, name=f"loading {self.name}", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Whether it is loaded, within that time."""
        return self._loaded.wait(seconds) and self.ready

    def find(self, name: str) -> Record | None:
        """The function of any of its names, without or with the API's before it."""
        return self._names.get(name)

    def takes(self, records: Iterable[Record]) -> None:
        """Makes these the member's functions."""
        accepted = {record.name: record for record in records if _NAME.fullmatch(record.name)}
        names: dict[str, Record] = {}
        for name, record in accepted.items():
            if not _NAME.fullmatch(record.short):
                record = accepted[name] = replace(record, short=name)
            for alias in (*record.aliases, record.short):
                names.setdefault(alias, record)
        self.records, self._names = accepted, {**names, **accepted}
        self.changes += 1

    def _begin(self) -> None:
        try:
            self.load()
        except MemberError as error:
            self.problem = str(error) or "could not be loaded"
        except Exception as error:  # noqa: BLE001 - whatever a member says is no reason to end the others
            self.problem = f"could not be loaded: {type(error).__name__}: {str(error)[:200]}"
        finally:
            self._loaded.set()

    def again(self) -> bool:
        """Loads it once more where it could not be; whether it is there now."""
        if self._loaded.is_set() and self.problem:
            self.problem = ""
            self._begin()
        return self.ready

    @abstractmethod
    def load(self) -> None:
        """Fetches its description. Raises MemberError if that fails."""

    @abstractmethod
    def ask(self, method: str, params: Mapping[str, Any], tell: Tell | None = None) -> Asked:
        """Sends a request of the contract. Raises MemberError if it cannot be sent."""

    @abstractmethod
    def close(self) -> None:
        """Ends it."""

    def look(self, method: str, **params: Any) -> Mapping[str, Any]:
        """The answer to a question about its functions."""
        answer = self.ask(method, params).result(LOOK)
        if not isinstance(answer, dict):
            raise MemberError("member", f"{self.name} answered {method} with something other than an object")
        return answer

    def tools(self) -> list[dict[str, Any]]:
        """What a host lists of it where it lists all: a tool for each function."""
        return [each for each in self.pages("tools", "tools") if isinstance(each, dict)]

    def pages(self, method: str, key: str) -> list[Any]:
        """What a question gives page by page, whole."""
        items: list[Any] = []
        cursor: Any = 0
        while isinstance(cursor, int) and len(items) < MOST_FUNCTIONS:
            page = self.ask(method, {"cursor": cursor}).result(START)
            rows = page.get(key) if isinstance(page, dict) else None
            if not isinstance(rows, list) or (not rows and items):
                break
            items += rows
            cursor = page.get("next")
        return items[:MOST_FUNCTIONS]


class Package(Member):
    """A package of surfacegen's."""

    def __init__(
        self,
        name: str,
        found: Found,
        *,
        account: str = "",
        base_url: str = "",
        command: tuple[str, ...] = (),
        start: Callable[..., Process] = Process,
    ) -> None:
        super().__init__(name, account)
        self.found = found
        environment = {**found.environment(), LOGIN: f"{called()} gateway auth --api {name} login"}
        self.process = start(name, command or found.command(base_url), environment)
        self.process.changed = self._changed
        self._lock = threading.Lock()
        self._stale = self._listing = False

    def load(self) -> None:
        """Fetches its description."""
        greeting = self.ask("hello", {"contract": CONTRACT, "changes": True}).result(START)
        hello = read(Hello, greeting)
        if hello.contract < 1 or not hello.api:
            raise MemberError("member", f"{self.name} did not describe itself")
        self._list()
        self.hello = hello
        self.process.worked()

    def _list(self) -> None:
        self.takes(read(Record, row) for row in self.pages("list", "functions"))

    def _changed(self) -> None:
        """Lists its functions once more, in a thread: whoever says so reads its answers. However often it is said, one
        listing is on its way at a time."""
        with self._lock:
            self._stale = True
            if self._listing or not self.ready:
                return
            self._listing = True
        threading.Thread(target=self._follow, name=f"listing {self.name}", daemon=True).start()

    def _follow(self) -> None:
        while True:
            with self._lock:
                if not self._stale:
                    self._listing = False
                    return
                self._stale = False
            with suppress(MemberError, ValueError, TypeError):  # what it had stays
                self._list()

    @property
    def state(self) -> str:
        """How it is, in a sentence; empty where it is well."""
        if self.ready and not self.process.alive and self.process.why:
            return f"ended: {self.process.why}; it is restarted when it is needed"
        return super().state

    def ask(self, method: str, params: Mapping[str, Any], tell: Tell | None = None) -> Asked:
        """Sends a request."""
        return self.process.ask(method, params, tell)

    def close(self) -> None:
        """Ends its process."""
        self.process.close()
