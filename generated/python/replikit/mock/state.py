"""What the mock remembers, so that its answers agree with one another.

A record is one resource: its key is the values of its path's parameters, its data is what `get` answers.
At the start there is one for each resource that an example speaks of.
"""

from __future__ import annotations

import copy
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import formats
from . import seeds as planted
from .described import Description, document_in, filled, is_document
from .jobs import Job, at, put, seconds
from .outputs import localized
from .problems import Problem
from .requests import Upload
from .routes import Route, Routes
from .schema import Schema
from .texts import plain, typed

Key = tuple[str, ...]
_LONGEST_NAME = 300
_SHORTEST_ID = 20
"""Characters of an id that names a record by itself: shorter ones are taken for words."""


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
    """Arguments that were given for it and that its data does not show."""


class State:
    """All records, by resource and key. Its lock is held while one of its methods runs."""

    def __init__(
        self,
        routes: Routes,
        *,
        seconds: float = 1.0,
        outcome: str = "",
        seeds: Sequence[planted.Seeds] = (),
        bare: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        """SeedError where a seed stands at no path of the API."""
        self.routes = routes
        self._seeds = seeds if bare else (routes.document.get("seeds", {}), planted.shipped(), *seeds)
        self.now = now
        """Seconds since 1970: what a job's states go by."""
        self.seconds = seconds
        self.outcome = outcome
        self.changed = threading.Condition(threading.RLock())
        self.records: dict[str, dict[Key, Record]] = {}
        self.reset()

    def reset(self) -> None:
        """As it was at the start."""
        with self.changed:
            self.records = {name: {} for name in self.routes.document["resources"]}
            self._made = 0
            self._gone: dict[str, set[Key]] = {name: set() for name in self.records}
            self._seed()
            self.changed.notify_all()

    def seen(self, record: Record) -> dict[str, Any]:
        """The data of a record at this moment."""
        return record.job.at(self.now()) if record.job else record.data

    # At the start

    def _seed(self) -> None:
        for route in self.routes.routes:
            if route["role"] == "list":
                scope = self._example_key(route)
                for document in route.documents():
                    items = at(document, route["page"]["items"]) if route["page"] else document
                    for item in items if isinstance(items, list) else []:
                        if isinstance(item, dict):
                            self._plant(route["resource"], scope, item)
        for route in self.routes.routes:
            if route["role"] in ("get", "cancel"):
                for key, document in zip(self._example_keys(route), route.documents()):
                    if isinstance(document, dict):
                        self._plant(route["resource"], (), document, key)
        for route in self.routes.routes:
            for key in self._example_keys(route):
                for name in route["parents"]:
                    size = name.count("{}")
                    if key[:size] not in self.records[name]:
                        # What the example says of itself is not what this one would.
                        self._plant(name, (), self._alike(name, key[:size], {}), key[:size])
        for name, records in self.records.items():
            if not records and not any(p != name for p in self.getter(name)["parents"]):
                self._plant(name, (), self._model(name))
        for seeds in self._seeds:
            for path, record in planted.each(seeds):
                self._sow(path, record)

    def _sow(self, path: str, given: Mapping[str, Any]) -> None:
        """A record of the seeds; `path` is its own, or that of its collection."""
        try:
            route, found = self.routes.find("GET", path)
        except Problem:
            raise planted.SeedError(f"{path}: the API has nothing at such a path") from None
        key = route.called(found)
        name = route["resource"]
        if route["role"] == "list":
            key += tuple(str(given.get(part, "")) for part in self.routes.document["resources"][name]["key"])
        elif route["role"] != "get":
            raise planted.SeedError(f"{path}: no records stand at such a path")
        if not all(key):
            raise planted.SeedError(f"{path}: a record lacks what names it")
        document = given if is_document(given) else {}
        data = planted.over(self._alike(name, key, document), {} if document else given)
        self.records[name].pop(key, None)
        self._plant(name, (), data, key)

    def _example_keys(self, route: Route) -> Iterator[Key]:
        for arguments in route["examples"]:
            key = route.key(arguments)
            if all(key):
                yield key

    def _example_key(self, route: Route) -> Key:
        return next(self._example_keys(route), ())

    def getter(self, name: str) -> Route:
        """The function that gives a record of this resource."""
        return self.routes.by_name[self.routes.document["resources"][name]["get"]]

    def _model(self, name: str) -> dict[str, Any]:
        """What a record of this resource looks like."""
        route = self.getter(name)
        for document in route.documents():
            if isinstance(document, dict):
                return copy.deepcopy(document)
        made = self.routes.schemas.sample(self.schema(route) or {})
        return made if isinstance(made, dict) else {}

    def _alike(self, name: str, key: Key, document: Mapping[str, Any]) -> dict[str, Any]:
        """A record made after the example of its kind, under another key and with another description of itself."""
        data = planted.redescribed(self._model(name), document, "/".join(key), identity)
        rules = self.routes.document["resources"][name]
        for part, value in zip(rules["key"], key[rules["scope"] :]):
            if part:
                data = replaced(data, data.get(part), value) | {part: self._typed(name, part, value)}
        return data

    def _typed(self, name: str, part: str, text: str) -> Any:
        """A part of a key as the field of a record that it stands in."""
        known = self.routes.schemas.properties(self.schema(self.getter(name)) or {})
        return typed(text, known.get(part, {}), self.routes.schemas)

    def _plant(self, name: str, scope: Key, data: Mapping[str, Any], key: Key = ()) -> None:
        rules = self.routes.document["resources"][name]
        own = tuple(str(data.get(part, "")) if part else "" for part in rules["key"])
        key = key or (*scope[: rules["scope"]], *own)
        if len(key) != rules["scope"] + len(own):
            return
        former = self.records[name].get(key)
        if former is not None:
            # The longer of two descriptions wins: a list tells less of an item than `get` does.
            former.data = {**former.data, **data}
        else:
            own = localized(copy.deepcopy(dict(data)), self.routes.document["server"])
            self.records[name][key] = Record(key, own, -len(self.records[name]))
        self._plant_inner(name, key, data)

    def _plant_inner(self, name: str, key: Key, data: Mapping[str, Any]) -> None:
        """The records that a record shows inside itself, such as its newest version: what is shown can be found."""
        for other in self.routes.document["resources"]:
            parents = [parent for parent in self.getter(other)["parents"] if parent != other]
            if not parents or parents[-1] != name:
                continue
            schema = self.schema(self.getter(other)) or {}
            for value in data.values():
                if isinstance(value, dict) and self.routes.schemas.valid(value, schema):
                    self._plant(other, key, value)

    # Reading

    def schema(self, route: Route) -> Schema | None:
        """The schema of a route's first answer that has one."""
        for _, content in route.contents():
            if content is not None and content["kind"] == "json":
                schema: Schema = content["schema"]
                return schema
        return None

    def parents(self, route: Route, key: Key) -> None:
        """404 where the path leads through, or to, a resource that does not exist."""
        for name in route["parents"]:
            self.record(name, key[: name.count("{}")])

    def record(self, name: str, key: Key) -> Record:
        """The record of that key; 404 where there is none.

        What no call makes has been there all along, whatever it is called: one is made after the example of its kind.
        """
        found = self.records[name].get(key)
        if found is not None:
            return found
        if key in self._gone[name] or self._is_made(name):
            raise Problem(404, f"There is nothing at {name.format(*key)}.")
        schema = self.schema(self.getter(name)) or {}
        data = self.routes.schemas.fitted(self._alike(name, key, {}), schema)
        return Record(key, data if isinstance(data, dict) else {}, 0)

    def _is_made(self, name: str) -> bool:
        """Whether calls make such records, under names that a caller is told or gives."""
        rules = self.routes.document["resources"][name]
        roles = {route["role"] for route in self.routes.routes if route["resource"] == name}
        return all(rules["key"]) and not roles.isdisjoint(("create", "start"))

    def listed(self, name: str, scope: Key) -> list[Record]:
        """The records of a collection, the newest first."""
        size = self.routes.document["resources"][name]["scope"]
        found = [record for record in self.records[name].values() if record.key[:size] == scope[:size]]
        return sorted(found, key=lambda record: -record.order)

    # Changing

    def create(self, route: Route, key: Key, arguments: Mapping[str, Any], uploads: Mapping[str, Upload]) -> Record:
        """A new record, made of the route's example and what was given. One of the same key gives way."""
        name = route["resource"]
        rules = self.routes.document["resources"][name]
        schema = self.schema(route) or {}
        data = next((copy.deepcopy(d) for d in route.documents() if isinstance(d, dict)), None)
        if data is None:
            data = self.routes.schemas.sample(schema)
        data = self._forgotten(route, schema, data if isinstance(data, dict) else {}, arguments)
        data, extra = self.laid(schema, data, arguments)
        known = self.routes.schemas.properties(schema)
        data = self._identified(rules, data, arguments, known)
        if "created_at" in data:
            described = self.routes.schemas.resolve(known.get("created_at", {}))
            data["created_at"] = formats.moment(self.now(), described, data["created_at"])
        for upload in uploads.values():
            data = self._described(schema, data, upload)
        fitted = self.routes.schemas.fitted(data, schema)
        data = fitted if isinstance(fitted, dict) else data
        own = tuple(str(data.get(part, "")) for part in rules["key"])
        return self._keep(name, Record((*key[: rules["scope"]], *own), data, 0, None, list(uploads.values()), extra))

    def _keep(self, name: str, record: Record) -> Record:
        with self.changed:
            self._made += 1
            record.order = self._made
            self.records[name][record.key] = record
            self._gone[name].discard(record.key)
            return record

    def _forgotten(
        self, route: Route, schema: Schema, data: dict[str, Any], given: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The example without what it shows of arguments that this call leaves out."""
        if route["body"] is None:
            return data
        required = self.routes.schemas.required(schema)
        properties = self.routes.schemas.properties(schema)
        for name in self.routes.schemas.properties(route["body"]["schema"]):
            if name in given or name not in data:
                continue
            if self.routes.schemas.valid(None, properties.get(name, {})):
                data[name] = None
            elif name not in required:
                del data[name]
        return data

    def laid(
        self, schema: Schema, data: dict[str, Any], arguments: Mapping[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """The data with each argument where a property of its name stands closest to the top; and the others."""
        extra = {}
        for name, value in arguments.items():
            found = self._closest(schema, name)
            if found is not None and self.routes.schemas.valid(value, found[1]):
                data = put(data, ".".join(found[0]), value)
            else:
                extra[name] = value
        return data, extra

    def _closest(self, schema: Schema, name: str) -> tuple[tuple[str, ...], Schema] | None:
        level: list[tuple[tuple[str, ...], Schema]] = [((), schema)]
        for _ in range(4):
            below = []
            for path, outer in level:
                for wire, inner in self.routes.schemas.properties(outer).items():
                    if wire == name:
                        return (*path, wire), inner
                    below.append(((*path, wire), inner))
            level = below
        return None

    def _identified(
        self, rules: Mapping[str, Any], data: dict[str, Any], arguments: Mapping[str, Any], known: Mapping[str, Schema]
    ) -> dict[str, Any]:
        """The data under a name of its own, wherever the example's name stands in it."""
        for part in rules["key"]:
            old = data.get(part)
            if part and part not in arguments and part.endswith(("id", "uuid", "key")):
                with self.changed:
                    self._made += 1
                    new = self._new_identity(f"{rules['get']} {self._made}", old, known.get(part, {}))
                data = replaced(data, old, new) | {part: new}
        return data

    def _new_identity(self, seed: str, old: Any, schema: Schema) -> Any:
        """A new id that looks like another one, and that its schema takes."""
        schema = plain(schema, self.routes.schemas)
        if schema.get("examples"):
            return schema["examples"][self._made % len(schema["examples"])]
        if schema.get("format") == "uuid":
            return formats.made_uuid(seed)
        return identity(seed, 0 if schema.get("type") in ("integer", "number") else old)

    def _described(self, schema: Schema, data: dict[str, Any], upload: Upload) -> dict[str, Any]:
        """The data with what can be seen of an upload, where it has properties of the usual names."""
        digest = hashlib.sha256(upload.content).hexdigest()
        facts = {
            "size": len(upload.content),
            "bytes": len(upload.content),
            "content_type": upload.media_type,
            "filename": upload.filename,
            "name": upload.filename,
        }
        known = self.routes.schemas.properties(schema)
        data |= {name: value for name, value in facts.items() if name in known and value != ""}
        sums = data.get("checksums")
        if isinstance(sums, dict) and "sha256" in sums:
            data["checksums"] = {"sha256": digest}
        return data

    def update(self, route: Route, key: Key, arguments: Mapping[str, Any]) -> Record:
        """The record with what was given for it."""
        with self.changed:
            record = self.record(route["resource"], key)
            data, extra = self.laid(self.schema(route) or {}, record.data, arguments)
            record.data = data
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
            self._gone[name].add(key)
            self.changed.notify_all()

    # Jobs

    def start(self, route: Route, key: Key, arguments: Mapping[str, Any], deadline: str) -> Record:
        """A record that works on: what it will give is taken from the example most like this call."""
        rules = self.routes.document["jobs"][route["job"]]
        name = route["resource"]
        schema = self.schema(self.getter(name)) or {}
        thing = self.description(route, key, arguments)
        if thing is not None and thing.newest and thing.plays("versioned") and route["parents"]:
            raise Problem(404, f"{thing.name} runs by its version only.")
        if thing is not None:
            inputs = thing.schema(f"{route['job'].title()}Input", *(["Input"] if self._plain(route, rules) else ()))
            thing.check(arguments.get(rules["input"]) or {}, inputs, rules["input"])
        final, example = self._template(route, rules, key, arguments)
        # An example of the thing's own tells better than its schema what it gives.
        shown = thing is not None and thing.version in words_of(final)
        final = self._adapted(route, final, example, key, arguments)
        resource = self.routes.document["resources"][name]
        final = self._identified(resource, final, {}, self.routes.schemas.properties(schema))
        if thing is not None:
            final = self._played(thing, rules, final, arguments, self._plain(route, rules) and not shown)
        if self.outcome:
            final = self._ended_badly(schema, rules, final)
        initial = self._unfinished(schema, rules, final)
        now = self.now()
        until = seconds(deadline) if deadline else None
        if deadline and until is None:
            raise Problem(422, f"{deadline!r} is no duration, like 90, 30s, 5m or 1h30m45s.")
        takes = thing.plays("seconds") if thing is not None else None
        job = Job(
            rules, initial, final, now, self.seconds if takes is None else takes, None if until is None else now + until
        )
        own = tuple(str(final.get(part, "")) for part in resource["key"])
        return self._keep(name, Record((*key[: resource["scope"]], *own), final, 0, job))

    def _plain(self, route: Route, rules: Mapping[str, Any]) -> bool:
        """Whether jobs of this kind give whatever the thing that they run gives."""
        schema = self.schema(self.getter(route["resource"])) or {}
        output = self.routes.schemas.properties(schema).get(rules["output"], {})
        return output.keys().isdisjoint(("type", "anyOf", "$ref"))

    def _played(
        self,
        thing: Description,
        rules: Mapping[str, Any],
        final: dict[str, Any],
        arguments: Mapping[str, Any],
        plain: bool,
    ) -> dict[str, Any]:
        """The job of a thing that says what its jobs give."""
        inputs = arguments.get(rules["input"]) or {}
        known = {"id": at(final, rules["id"]), **thing.defaults(), **inputs}
        words = {name: str(item) for name, item in known.items()}
        if rules["input"] in final:
            final = {**final, rules["input"]: inputs}
        for name, value in (("model", thing.name), ("version", thing.version)):
            if value and isinstance(final.get(name), str):
                final[name] = value
        if plain:
            made = thing.output(thing.schema("Output"), words)
            final = put(final, rules["output"], localized(made, self.routes.document["server"]))
        if (logs := thing.plays("logs")) is not None and rules["logs"]:
            final = put(final, rules["logs"], filled(logs, words))
        if status := thing.plays("status"):
            final = put(put(final, rules["status"], status), rules["output"], None)
            final = put(final, rules["error"], filled(thing.plays("error"), words)) if rules["error"] else final
        return final

    def description(self, route: Route, key: Key, arguments: Mapping[str, Any]) -> Description | None:
        """The thing that a call runs: what its path leads through or an argument names, or what that one names."""
        through = ((name, self.record(name, key[: name.count("{}")])) for name in reversed(route["parents"]))
        for name, record in (*through, *(found for value in arguments.values() for found in self._named(value))):
            if not self._describes_itself(name):
                named = (found for text in _texts(record.data) for found in self._named(text))
                name, record = next((found for found in named if self._describes_itself(found[0])), (name, record))
            if inside := document_in(record.data):
                document, holder = inside
                called = "/".join(record.key[:2]) if len(record.key) > 1 else ""
                return Description(document, str(holder.get("id") or ""), called, holder is not record.data)
        return None

    def _describes_itself(self, name: str) -> bool:
        return document_in(self._model(name)) is not None

    def _named(self, text: Any) -> list[tuple[str, Record]]:
        """The records that a text names: by their key, its parts joined by `/` or `:`, or by an id of theirs."""
        if not isinstance(text, str) or len(text) > _LONGEST_NAME:
            return []
        key = tuple(text.replace(":", "/").split("/"))
        return [
            (name, record)
            for name, records in self.records.items()
            for record in records.values()
            if record.key == key or (len(key) == 1 and len(text) >= _SHORTEST_ID and record.key[-1] == text)
        ]

    def _template(
        self, route: Route, rules: Mapping[str, Any], key: Key, arguments: Mapping[str, Any]
    ) -> tuple[dict[str, Any], Mapping[str, Any]]:
        """A finished job that is most like this call, and the arguments that made it."""
        options: list[tuple[int, dict[str, Any], Mapping[str, Any]]] = []
        said = words_of([key, arguments])
        for other in (route, *(r for r in self.routes.routes if r["job"] == route["job"] and r is not route)):
            own = other["examples"][0] if other["examples"] else {}
            for document in other.documents():
                if isinstance(document, dict) and at(document, rules["status"]) in rules["successful"]:
                    likeness = 2 * len(said & words_of(document)) + (other is route)
                    options.append((likeness, document, own if other["role"] == "start" else {}))
        for record in self.records[route["resource"]].values():
            if record.order <= 0 and at(record.data, rules["status"]) in rules["successful"]:
                options.append((2 * len(said & words_of(record.data)), record.data, {}))
        if not options:
            made = self.routes.schemas.sample(self.schema(route) or {})
            return put(made if isinstance(made, dict) else {}, rules["status"], rules["successful"][0]), {}
        best = max(options, key=lambda option: option[0])
        return copy.deepcopy(best[1]), best[2]

    def _adapted(
        self,
        route: Route,
        data: dict[str, Any],
        example: Mapping[str, Any],
        key: Key,
        arguments: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The template as if it had been made by these arguments: what it repeats of its own ones is replaced."""
        schema = self.schema(route) or {}
        before = {**{name: data.get(name) for name in arguments}, **example}
        for name, value in arguments.items():
            old = before.get(name)
            if isinstance(value, dict) and isinstance(old, dict):
                for inner, item in value.items():
                    if isinstance(item, str) and isinstance(old.get(inner), str) and len(old[inner]) > 1:
                        data = replaced(data, old[inner], item)
            elif isinstance(value, str) and isinstance(data.get(name), str):
                # `a/b:c` is given where the result has the version `c`, and `a/b` beside it.
                prefix, colon, last = value.rpartition(":")
                if colon and isinstance(data.get("model"), str):
                    data["model"] = prefix
                data[name] = last
                continue
            found = self._closest(schema, name)
            if found is not None and len(found[0]) == 1 and self.routes.schemas.valid(value, found[1]):
                data[name] = value
        was = route.key(example) if example else ()
        if was and all(was) and all(key):
            data = replaced(data, "/".join(was), "/".join(key))
        return data

    def _ended_badly(self, schema: Schema, rules: Mapping[str, Any], final: dict[str, Any]) -> dict[str, Any]:
        final = put(final, rules["status"], self.outcome)
        if self.outcome not in rules["successful"]:
            final = self._emptied(schema, final, rules["output"])
            if rules["error"] and self.outcome != rules["canceled"]:
                final = put(final, rules["error"], f"The mock was told that jobs end as {self.outcome}.")
        return final

    def _unfinished(self, schema: Schema, rules: Mapping[str, Any], final: dict[str, Any]) -> dict[str, Any]:
        """The job before there is anything to show of it."""
        data = put(final, rules["status"], rules["pending"][0])
        for path in (rules["output"], rules["error"], rules["logs"], "metrics"):
            data = self._emptied(schema, data, path)
        return data

    def _emptied(self, schema: Schema, data: dict[str, Any], path: str) -> dict[str, Any]:
        if not path or "." in path or path not in data:
            return data
        inner = self.routes.schemas.properties(schema).get(path, {})
        if isinstance(data[path], str) and inner.get("type") == "string":
            return {**data, path: ""}
        if self.routes.schemas.valid(None, inner):
            return {**data, path: None}
        if path not in self.routes.schemas.required(schema):
            return {name: value for name, value in data.items() if name != path}
        return data

    def cancel(self, name: str, key: Key) -> Record:
        """The record after its work was stopped; as it was where it had come to its end."""
        with self.changed:
            record = self.record(name, key)
            job = record.job
            if job is not None:
                now = self.now()
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


def _texts(data: Any, depth: int = 2) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict) and depth:
        for item in data.values():
            yield from _texts(item, depth - 1)


def identity(seed: str, like: Any) -> Any:
    """A new id that looks like another: as long, and of the same letters."""
    digest = hashlib.sha256(seed.encode()).digest()
    if isinstance(like, int):
        return int.from_bytes(digest[:4], "big") >> 1
    text = like if isinstance(like, str) and like else "x" * 26
    if set(text) <= set("0123456789abcdef"):
        return (digest.hex() * (len(text) // 64 + 1))[: len(text)]
    letters = "abcdefghijklmnopqrstuvwxyz234567"
    made = "".join(letters[byte % 32] for byte in digest * (len(text) // 32 + 1))
    return "".join(char if char in "-_" else made[index] for index, char in enumerate(text))


def replaced(data: dict[str, Any], old: Any, new: Any) -> dict[str, Any]:
    """The data with one text in place of another, inside longer texts too: as a whole word, and in no URL's host."""
    if not isinstance(old, str) or not isinstance(new, str) or not old:
        return dict(data)

    def walk(value: Any) -> Any:
        if isinstance(value, str):
            scheme, mark, rest = value.partition("://")
            if not mark or " " in scheme:
                return _swapped(value, old, new)
            host, slash, path = rest.partition("/")
            return scheme + mark + host + slash + _swapped(path, old, new)
        if isinstance(value, list):
            return [walk(item) for item in value]
        return {name: walk(item) for name, item in value.items()} if isinstance(value, dict) else value

    return {name: walk(value) for name, value in data.items()}


def _swapped(text: str, old: str, new: str) -> str:
    """The text with one word in place of another, wherever it stands alone."""
    made, rest = "", text
    while True:
        before, found, after = rest.partition(old)
        if not found:
            return made + before
        alone = not (before or made)[-1:].isalnum() and not after[:1].isalnum()
        made, rest = made + before + (new if alone else old), after


def words_of(value: Any) -> set[str]:
    """The names and longer texts of a value, cut where ids are joined."""
    text = json.dumps(value, ensure_ascii=False)
    for mark in '"{}[],: ':
        text = text.replace(mark, "\n")
    return {word for word in text.split("\n") if len(word) > 3}
