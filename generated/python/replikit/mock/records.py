"""The records of the mock, and what one of each kind looks like.

A record is one resource: its key is the values of its path's parameters, its data is what `get` answers.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import seeds
from .identities import identity, replaced
from .jobs import Job
from .problems import Problem
from .requests import Upload
from .routes import Route, Routes
from .schema import Schema
from .texts import typed

Key = tuple[str, ...]
_SEEDED = 1_767_225_600.0
"""When the records of a seeded mock are made, one a second: from 2026-01-01T00:00:00Z."""


@dataclass
class Record:
    """One resource."""

    key: Key
    data: dict[str, Any]
    order: int
    """Newer ones have a greater one; those of the start have none above 0."""
    job: Job | None = None
    uploads: list[Upload] = field(default_factory=list)
    extra: dict[str, Any] = field(default_factory=dict)
    """Arguments of its call that its data does not show."""


class Records:
    """All records, by resource and key."""

    def __init__(self, routes: Routes, now: Callable[[], float], seed: int | None = None) -> None:
        self.routes = routes
        self.seed = seed
        """What ids, times and drawn answers follow from; None: times are those of the clock."""
        self.now = now
        """Seconds since 1970: what a job's states go by."""
        self.changed = threading.Condition(threading.RLock())
        self.clear()

    def clear(self) -> None:
        """Without a record."""
        self.records: dict[str, dict[Key, Record]] = {name: {} for name in self.routes.document["resources"]}
        self.made = 0
        """By calls."""
        self.drawn = 0
        """Answers that were drawn by lot."""
        self.gone: dict[str, set[Key]] = {name: set() for name in self.records}

    def draw(self) -> int:
        """The number of one more answer that is drawn by lot."""
        with self.changed:
            self.drawn += 1
            return self.drawn

    def dated(self) -> float:
        """The time that a new record bears: the clock's, or with a seed one that is the same in every run."""
        return self.now() if self.seed is None else _SEEDED + self.made

    def seen(self, record: Record) -> dict[str, Any]:
        """The data of a record at this moment."""
        return record.job.at(self.now()) if record.job else record.data

    def getter(self, name: str) -> Route:
        """The function that returns a record of this resource."""
        return self.routes.by_name[self.routes.document["resources"][name]["get"]]

    def model(self, name: str) -> dict[str, Any]:
        """What a record of this resource looks like."""
        route = self.getter(name)
        for thing in route.things():
            return copy.deepcopy(thing)
        made = self.routes.schemas.sample(self.schema(route) or {})
        return made if isinstance(made, dict) else {}

    def alike(self, name: str, key: Key, document: Mapping[str, Any]) -> dict[str, Any]:
        """A record made after the example of its kind, under another key and with another description of itself."""
        data = seeds.redescribed(self.model(name), document, "/".join(key), identity)
        rules = self.routes.document["resources"][name]
        for part, value in zip(rules["key"], key[rules["scope"] :]):
            if part:
                data = replaced(data, data.get(part), value) | {part: self.typed(name, part, value)}
        return data

    def typed(self, name: str, part: str, text: str) -> Any:
        """The field of a record that contains this part of a key."""
        known = self.routes.schemas.properties(self.schema(self.getter(name)) or {})
        return typed(text, known.get(part, {}), self.routes.schemas)

    def schema(self, route: Route) -> Schema | None:
        """The schema of the record in a route's first answer that has one."""
        for _, content in route.contents():
            if content is not None and content["kind"] == "json":
                schema: Schema = content["schema"]
                for step in route.at.split(".") if route.at else ():
                    schema = self.routes.schemas.properties(schema).get(step, {})
                return schema
        return None

    def parents(self, route: Route, key: Key) -> None:
        """Raises 404 if the path leads through, or to, a resource that does not exist."""
        for name in route["parents"]:
            self.record(name, key[: name.count("{}")])

    def record(self, name: str, key: Key) -> Record:
        """The record of that key; 404 where there is none.

        What no call makes has been there all along, whatever it is called: one is made after the example of its kind.
        """
        stored = self.records[name].get(key)
        if stored is not None:
            return stored
        if key in self.gone[name] or self._is_made(name):
            raise Problem(404, f"There is nothing at {name.format(*key)}.")
        schema = self.schema(self.getter(name)) or {}
        data = self.routes.schemas.fitted(self.alike(name, key, {}), schema)
        return Record(key, data if isinstance(data, dict) else {}, 0)

    def _is_made(self, name: str) -> bool:
        """Whether calls create such records, under names that the server returns or the caller chooses."""
        rules = self.routes.document["resources"][name]
        roles = {route["role"] for route in self.routes.routes if route["resource"] == name}
        return all(rules["key"]) and not roles.isdisjoint(("create", "start"))

    def listed(self, name: str, scope: Key) -> list[Record]:
        """The records of a collection, the newest first."""
        size = self.routes.document["resources"][name]["scope"]
        matches = [record for record in self.records[name].values() if record.key[:size] == scope[:size]]
        return sorted(matches, key=lambda record: -record.order)

    def keep(self, name: str, record: Record) -> Record:
        with self.changed:
            self.made += 1
            record.order = self.made
            self.records[name][record.key] = record
            self.gone[name].discard(record.key)
            return record
