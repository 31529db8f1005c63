"""The jobs that calls start: what one will give is taken from the example most like the call."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from .described import Description, document_in, filled
from .identities import replaced, words_of
from .jobs import Job, at, put
from .jobs import seconds as duration
from .making import closest, identified
from .outputs import localized
from .problems import Problem
from .records import Key, Record, Records
from .routes import Route
from .schema import Schema, Schemas

_LONGEST_NAME = 300
_SHORTEST_ID = 20
"""Characters of an id that names a record by itself: shorter ones are taken for words."""


def start(
    records: Records,
    route: Route,
    key: Key,
    arguments: Mapping[str, Any],
    deadline: str,
    *,
    seconds: float,
    outcome: str,
) -> Record:
    """A record that is being processed: its output comes from the example most like this call."""
    rules = records.routes.document["jobs"][route["job"]]
    name = route["resource"]
    schema = records.schema(records.getter(name)) or {}
    thing = _description(records, route, key, arguments)
    if thing is not None and thing.newest and thing.plays("versioned") and route["parents"]:
        raise Problem(404, f"{thing.name} runs by its version only.")
    if thing is not None:
        inputs = thing.schema(f"{route['job'].title()}Input", *(["Input"] if _plain(records, route, rules) else ()))
        thing.check(arguments.get(rules["input"]) or {}, inputs, rules["input"])
    final, example = _template(records, route, rules, key, arguments)
    # An example of the thing's own tells better than its schema what it gives.
    shown = thing is not None and thing.version in words_of(final)
    final = _own(records, route, _adapted(records, route, final, example, key, arguments), arguments)
    resource = records.routes.document["resources"][name]
    final = identified(records, resource, final, {}, records.routes.schemas.properties(schema))
    if thing is not None:
        final = _played(records, thing, rules, final, arguments, _plain(records, route, rules) and not shown)
    if outcome in rules["terminal"]:
        final = _ended(records.routes.schemas, schema, rules, final, outcome)
    initial = _unfinished(records.routes.schemas, schema, rules, final)
    now = records.now()
    until = duration(deadline) if deadline else None
    if deadline and until is None:
        raise Problem(422, f"{deadline!r} is not a duration, such as 90, 30s, 5m or 1h30m45s.")
    takes = thing.plays("seconds") if thing is not None else None
    job = Job(
        rules, initial, final, now,
        seconds if takes is None else takes,
        None if until is None else now + until,
        records.dated() - now,
    )  # fmt: skip
    own = tuple(str(final.get(part, "")) for part in resource["key"])
    return records.keep(name, Record((*key[: resource["scope"]], *own), final, 0, job))


def _plain(records: Records, route: Route, rules: Mapping[str, Any]) -> bool:
    """Whether jobs of this kind give whatever the thing that they run gives."""
    schema = records.schema(records.getter(route["resource"])) or {}
    output = records.routes.schemas.properties(schema).get(rules["output"], {})
    return output.keys().isdisjoint(("type", "anyOf", "$ref"))


def _played(
    records: Records,
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
        final = put(final, rules["output"], localized(made, records.routes.document["server"]))
    if (logs := thing.plays("logs")) is not None and rules["logs"]:
        final = put(final, rules["logs"], filled(logs, words))
    if status := thing.plays("status"):
        final = put(put(final, rules["status"], status), rules["output"], None)
        final = put(final, rules["error"], filled(thing.plays("error"), words)) if rules["error"] else final
    return final


def _description(records: Records, route: Route, key: Key, arguments: Mapping[str, Any]) -> Description | None:
    """The thing that a call runs: what its path leads through or an argument names, or what that one names."""
    through = ((name, records.record(name, key[: name.count("{}")])) for name in reversed(route["parents"]))
    for name, record in (*through, *(records_ for value in arguments.values() for records_ in _named(records, value))):
        if not _describes_itself(records, name):
            named = (matches for text in _texts(record.data) for matches in _named(records, text))
            name, record = next((named_ for named_ in named if _describes_itself(records, named_[0])), (name, record))
        if inside := document_in(record.data):
            document, holder = inside
            called = "/".join(record.key[:2]) if len(record.key) > 1 else ""
            return Description(document, str(holder.get("id") or ""), called, holder is not record.data)
    return None


def _describes_itself(records: Records, name: str) -> bool:
    return document_in(records.model(name)) is not None


def _named(records: Records, text: Any) -> list[tuple[str, Record]]:
    """The records that a text names: by their key, its parts joined by `/` or `:`, or by an id of theirs."""
    if not isinstance(text, str) or len(text) > _LONGEST_NAME:
        return []
    key = tuple(text.replace(":", "/").split("/"))
    return [
        (name, record)
        for name, stored in records.records.items()
        for record in stored.values()
        if record.key == key or (len(key) == 1 and len(text) >= _SHORTEST_ID and record.key[-1] == text)
    ]


def _template(
    records: Records, route: Route, rules: Mapping[str, Any], key: Key, arguments: Mapping[str, Any]
) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """A finished job that is most like this call, and the arguments that made it."""
    options: list[tuple[int, dict[str, Any], Mapping[str, Any]]] = []
    words = words_of([key, arguments])
    for other in (route, *(r for r in records.routes.routes if r["job"] == route["job"] and r is not route)):
        own = other["examples"][0] if other["examples"] else {}
        for document in other.documents():
            if isinstance(document, dict) and at(document, rules["status"]) in rules["successful"]:
                likeness = 2 * len(words & words_of(document)) + (other is route)
                options.append((likeness, document, own if other["role"] == "start" else {}))
    for record in records.records[route["resource"]].values():
        if record.order <= 0 and at(record.data, rules["status"]) in rules["successful"]:
            options.append((2 * len(words & words_of(record.data)), record.data, {}))
    if not options:
        made = records.routes.schemas.sample(records.schema(route) or {})
        return put(made if isinstance(made, dict) else {}, rules["status"], rules["successful"][0]), {}
    best = max(options, key=lambda option: option[0])
    return copy.deepcopy(best[1]), best[2]


def _adapted(
    records: Records,
    route: Route,
    data: dict[str, Any],
    example: Mapping[str, Any],
    key: Key,
    arguments: Mapping[str, Any],
) -> dict[str, Any]:
    """The template as if made by these arguments: values that repeat its own arguments are replaced."""
    schema = records.schema(route) or {}
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
        property_ = closest(records.routes.schemas, schema, name)
        if property_ is not None and len(property_[0]) == 1 and records.routes.schemas.valid(value, property_[1]):
            data[name] = value
    was = route.key(example) if example else ()
    if was and all(was) and all(key):
        data = replaced(data, "/".join(was), "/".join(key))
    return data


def _own(records: Records, route: Route, data: dict[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The job without what another way to start it shows, and with the names that were given in place of the
    example's."""
    others = {r["parents"][-1] for r in records.routes.routes if r["job"] == route["job"] and r["parents"]}
    others -= {parent for parent in route["parents"]}
    required = records.routes.schemas.required(records.schema(route) or {})
    kept = {
        name: value
        for name, value in data.items()
        if name in required or name in arguments or not others.intersection(n for n, _ in _named(records, value))
    }
    shown = route["examples"][0] if route["examples"] else {}
    for name, value in arguments.items():
        old = shown.get(name)
        if isinstance(old, str) and "/" in old and isinstance(value, str) and name not in kept:
            kept = replaced(kept, old, value)
    return kept


def _ended(
    schemas: Schemas, schema: Schema, rules: Mapping[str, Any], final: dict[str, Any], outcome: str
) -> dict[str, Any]:
    """The job as it is to end."""
    final = put(final, rules["status"], outcome)
    if outcome not in rules["successful"]:
        final = _emptied(schemas, schema, final, rules["output"])
        if rules["error"] and outcome != rules["canceled"]:
            final = put(final, rules["error"], f"The mock was started with --outcome {outcome}.")
    return final


def _unfinished(schemas: Schemas, schema: Schema, rules: Mapping[str, Any], final: dict[str, Any]) -> dict[str, Any]:
    """The job before there is anything to show of it."""
    data = put(final, rules["status"], rules["pending"][0])
    for path in (rules["output"], rules["error"], rules["logs"], "metrics"):
        data = _emptied(schemas, schema, data, path)
    return data


def _emptied(schemas: Schemas, schema: Schema, data: dict[str, Any], path: str) -> dict[str, Any]:
    if not path or "." in path or path not in data:
        return data
    inner = schemas.properties(schema).get(path, {})
    if isinstance(data[path], str) and inner.get("type") == "string":
        return {**data, path: ""}
    if schemas.valid(None, inner):
        return {**data, path: None}
    if path not in schemas.required(schema):
        return {name: value for name, value in data.items() if name != path}
    return data


def _texts(data: Any, depth: int = 2) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict) and depth:
        for item in data.values():
            yield from _texts(item, depth - 1)
