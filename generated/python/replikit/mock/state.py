"""What the mock remembers, so that its answers agree with one another: its records, and the calls that change them."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from . import formats, making, starting
from . import seeds as planted
from .planting import plant
from .records import Key, Record, Records
from .requests import Upload
from .routes import Route, Routes


class State(Records):
    """All records. Its lock is held while one of its methods runs."""

    def __init__(
        self,
        routes: Routes,
        *,
        seconds: float = 1.0,
        outcome: str = "",
        seeds: Sequence[planted.Seeds] = (),
        bare: bool = False,
        now: Callable[[], float] = time.time,
        seed: int | None = None,
    ) -> None:
        """Raises SeedError if a seed has no path of the API."""
        super().__init__(routes, now, seed)
        self.seconds = seconds
        self.outcome = outcome
        self._seeds = seeds if bare else (routes.document.get("seeds", {}), planted.shipped(), *seeds)
        self.reset()

    def reset(self) -> None:
        """As it was at the start."""
        with self.changed:
            self.clear()
            plant(self, self._seeds)
            self.changed.notify_all()

    def create(self, route: Route, key: Key, arguments: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Record:
        """A new record, made from the route's example and the arguments. It replaces one of the same key."""
        name = route["resource"]
        rules = self.routes.document["resources"][name]
        schema, shown = self.schema(route) or {}, self.schema(self.getter(name)) or {}
        model = route
        if schema != shown and self.routes.schemas.properties(shown):
            # The answer tells less, or other things, than there will be to read.
            schema, model = shown, self.getter(name)
        arguments = making.unwrapped(self.routes.schemas, schema, arguments)
        data = copy.deepcopy(next(model.things(), None))
        if data is None:
            data = self.routes.schemas.sample(schema)
        data = making.forgotten(self.routes.schemas, route, schema, data if isinstance(data, dict) else {}, arguments)
        data = formats.moved(making.renamed(data, rules["key"], arguments), "created_at", self.dated())
        data, extra = making.laid(self.routes.schemas, schema, data, arguments)
        known = self.routes.schemas.properties(schema)
        data = making.identified(self, rules, data, arguments, known)
        if "created_at" in data and "created_at" not in arguments:
            described = self.routes.schemas.resolve(known.get("created_at", {}))
            data["created_at"] = formats.moment(self.dated(), described, data["created_at"])
        for upload in uploads.values():
            data = making.of_upload(self.routes.schemas, schema, data, upload)
        fitted = self.routes.schemas.fitted(data, schema)
        data = fitted if isinstance(fitted, dict) else data
        own = tuple(str(data.get(part, "")) for part in rules["key"])
        return self.keep(name, Record((*key[: rules["scope"]], *own), data, 0, None, list(uploads.values()), extra))

    def start(self, route: Route, key: Key, arguments: Mapping[str, Any], deadline: str) -> Record:
        """A record that works on."""
        return starting.start(self, route, key, arguments, deadline, seconds=self.seconds, outcome=self.outcome)

    def update(self, route: Route, key: Key, arguments: Mapping[str, Any]) -> Record:
        """Updates the record with the arguments of the call."""
        with self.changed:
            record = self.record(route["resource"], key)
            schema = self.schema(self.getter(route["resource"])) or self.schema(route) or {}
            arguments = making.unwrapped(self.routes.schemas, schema, arguments)
            data, extra = making.laid(self.routes.schemas, schema, record.data, arguments)
            record.data = {**data, **_names(record.data, self.routes.document["resources"][route["resource"]]["key"])}
            record.extra |= extra
            self.records[route["resource"]].setdefault(key, record)
            return record

    def delete(self, name: str, key: Key) -> None:
        """Forget a record, and all that stood below it."""
        with self.changed:
            self.record(name, key)
            for other, records in self.records.items():
                if other == name or other.startswith(name + "/"):
                    for inner in [inner for inner in records if inner[: len(key)] == key]:
                        del records[inner]
            self.gone[name].add(key)
            self.changed.notify_all()

    def cancel(self, name: str, key: Key) -> Record:
        """The record after its work was stopped; as it was where it had come to its end."""
        with self.changed:
            record = self.record(name, key)
            job = record.job
            if job is not None:
                now = self.now()
                if self.seed is not None and now < job.ends:
                    now = job.begins if now >= job.begins else job.created  # the moment of a call differs in each run
                record.data = job.at(now) if now >= job.ends else job.stopped(now)
                record.job = None
                self.changed.notify_all()
            return record

    def settled(self, record: Record, longest: float) -> bool:
        """Wait until a job has ended, at most so many seconds; whether it has."""
        until = self.now() + longest
        with self.changed:
            while record.job is not None:
                now = self.now()
                rest = record.job.ends - now
                if rest <= 0:
                    return True
                if now >= until:
                    return False
                self.changed.wait(min(rest, until - now))
        return True


def _names(data: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    """What a record is called by: its place stays, whatever a change of it says."""
    return {part: data[part] for part in key if part in data}
