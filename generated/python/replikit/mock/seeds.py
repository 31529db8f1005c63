"""What the mock knows at the start beside the examples: records by the path that they stand at.

    {"/things/7": {"name": "…", "size": 3},
     "/things": [{…}, {…}]}

A record is laid over the example of its kind, so that it need not be whole. In place of one an OpenAPI document may
stand, such as the API's own answer shows: it is put where the example has its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..runtime import disk
from .described import is_document

LARGEST = 64 * 1024 * 1024
"""Bytes of a file of seeds."""

Seeds = Mapping[str, Any]


class SeedError(ValueError):
    """A seed that cannot be read, or that has no place in the API."""


def shipped() -> Seeds:
    """Those that the package itself brings: `extensions/mock/seeds.json`, where it has any."""
    # Beside the package's own modules: those of the extensions need not be imported for it.
    file = Path(__file__).parents[1] / "extensions/mock/seeds.json"
    return parsed(file.read_text("utf-8"), "seeds.json") if file.is_file() else {}


def read(content: str) -> Seeds:
    """Read `FILE`, or `PATH=FILE` for a file of the records at one path. Raises SeedError with the reason."""
    path, equals, name = content.partition("=")
    file = Path(name if equals else content)
    try:
        text = disk.read(file, LARGEST)[0].decode()
    except (OSError, ValueError) as error:
        raise SeedError(f"cannot read {file}: {getattr(error, 'strerror', None) or error}") from None
    return {path: _json(text, str(file))} if equals else parsed(text, str(file))


def parsed(text: str, name: str) -> Seeds:
    """The seeds of a text."""
    value = _json(text, name)
    if not isinstance(value, dict):
        raise SeedError(f'{name}: expected an object of records by their path, such as {{"/things/7": {{}}}}')
    return value


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SeedError(f"{name} is not JSON: {error}") from None


def each(seeds: Seeds) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each record with its path, or that of its collection. Raises SeedError if it has none."""
    for path, value in seeds.items():
        for record in value if isinstance(value, list) else [value]:
            if not isinstance(record, Mapping):
                raise SeedError(f"{path}: expected a record, an OpenAPI document or a list of records")
            yield "/" + path.strip("/"), record


def over(base: Any, top: Any) -> Any:
    """One value laid over another: objects are merged, all else is replaced."""
    if isinstance(base, dict) and isinstance(top, Mapping) and not is_document(top):
        return {**base, **{name: over(base.get(name), item) for name, item in top.items()}}
    return dict(top) if isinstance(top, Mapping) else top


def redescribed(
    data: dict[str, Any], document: Mapping[str, Any], seed: str, identity: Callable[[str, Any], Any]
) -> dict[str, Any]:
    """The data with another OpenAPI document in place of each inside it, and a new id for what holds it."""
    made = {}
    for name, item in data.items():
        if isinstance(item, dict) and is_document(item):
            made[name] = dict(document)
        elif isinstance(item, dict) and any(isinstance(each, dict) and is_document(each) for each in item.values()):
            made[name] = redescribed(item, document, seed, identity) | {"id": identity(seed, item.get("id"))}
        else:
            made[name] = item
    return made
