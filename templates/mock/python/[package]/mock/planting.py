"""The records that there are at the start: one for each resource that an example speaks of, and those of the seeds."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from . import seeds
from .described import document_in, is_document
from .jobs import at
from .outputs import localized
from .overrides import nearest, shown
from .problems import Problem
from .records import Key, Record, Records
from .routes import Route


def plant(records: Records, planted: Iterable[seeds.Seeds]) -> None:
    """Adds them as records. Raises SeedError if a seed has no path of the API."""
    for route in records.routes.routes:
        if route["role"] == "list":
            scope = _example_key(route)
            for document in route.documents():
                items = at(document, route.items)
                for item in items if isinstance(items, list) else []:
                    if isinstance(item, dict):
                        _plant(records, route["resource"], scope, item)
    for route in records.routes.routes:
        if route["role"] in ("get", "cancel"):
            for key, thing in zip(_example_keys(route), route.things()):
                _plant(records, route["resource"], (), thing, key)
    for route in records.routes.routes:
        for key in _example_keys(route):
            for name in route["parents"]:
                size = name.count("{}")
                if key[:size] not in records.records[name]:
                    # What the example says of itself is not what this one would.
                    _plant(records, name, (), records.alike(name, key[:size], {}), key[:size])
    for name, stored in records.records.items():
        if not stored and not any(p != name for p in records.getter(name)["parents"]):
            _plant(records, name, (), records.model(name))
    for each in planted:
        for path, record in seeds.each(each):
            _sow(records, path, record)


def _sow(records: Records, path: str, seed: Mapping[str, Any]) -> None:
    """A record of the seeds; `path` is its own, or that of its collection."""
    try:
        route, path_arguments = records.routes.find("GET", path)
    except Problem:
        raise seeds.SeedError(f"{path}: the API has nothing at such a path") from None
    key = route.called(path_arguments)
    name = route["resource"]
    if route["role"] == "list":
        key += tuple(str(seed.get(part, "")) for part in records.routes.document["resources"][name]["key"])
    elif route["role"] != "get":
        raise seeds.SeedError(f"{path}: there are no records at such a path")
    if not all(key):
        raise seeds.SeedError(f"{path}: a record lacks its identifier")
    document = seed if is_document(seed) else {}
    _check_plan(records, path, seed)
    data = seeds.over(records.alike(name, key, document), {} if document else seed)
    records.records[name].pop(key, None)
    _plant(records, name, (), data, key)


def _check_plan(records: Records, path: str, entry: Mapping[str, Any]) -> None:
    """SeedError where `x-mock` says that jobs end in a state that none ends in: clients would wait for ever."""
    document = (entry, {}) if is_document(entry) else document_in(entry)
    plan = document[0].get("x-mock") if document else None
    status = plan.get("status") if isinstance(plan, Mapping) else None
    known = list(dict.fromkeys(state for job in records.routes.document["jobs"].values() for state in job["terminal"]))
    if status is not None and status not in known:
        near = nearest(status, known) if isinstance(status, str) else ""
        raise seeds.SeedError(f"{path}: x-mock.status must be one of {', '.join(known)}, not {shown(status)}.{near}")


def _plant(records: Records, name: str, scope: Key, data: Mapping[str, Any], key: Key = ()) -> None:
    rules = records.routes.document["resources"][name]
    own = tuple(str(data.get(part, "")) if part else "" for part in rules["key"])
    key = key or (*scope[: rules["scope"]], *own)
    if len(key) != rules["scope"] + len(own):
        return
    former = records.records[name].get(key)
    if former is not None:
        # The longer of two descriptions wins: a list tells less of an item than `get` does.
        former.data = {**former.data, **data}
    else:
        own = localized(copy.deepcopy(dict(data)), records.routes.document["server"])
        records.records[name][key] = Record(key, own, -len(records.records[name]))
    _plant_inner(records, name, key, data)


def _plant_inner(records: Records, name: str, key: Key, data: Mapping[str, Any]) -> None:
    """The records that a record shows inside itself, such as its newest version: what is shown can be found."""
    for other in records.routes.document["resources"]:
        parents = [parent for parent in records.getter(other)["parents"] if parent != other]
        if not parents or parents[-1] != name:
            continue
        schema = records.schema(records.getter(other)) or {}
        for value in data.values():
            if isinstance(value, dict) and records.routes.schemas.valid(value, schema):
                _plant(records, other, key, value)


def _example_keys(route: Route) -> Iterator[Key]:
    for arguments in route["examples"]:
        key = route.key(arguments)
        if all(key):
            yield key


def _example_key(route: Route) -> Key:
    return next(_example_keys(route), ())
