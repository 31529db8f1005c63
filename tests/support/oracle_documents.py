"""The thirty documents of the oracle: some that everybody knows, the others drawn by a seed, each cut to a part of it."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

KNOWN = (
    "github.com/api.github.com.json",
    "stripe.com.json",
    "kubernetes.io.json",
    "openai.com.json",
    "slack.com.json",
    "digitalocean.com.json",
    "box.com.json",
    "zoom.us.json",
    "spotify.com.json",
    "asana.com.json",
    "twilio.com/twilio_api_v2010.json",
)
COUNT, SEED, MOST = 30, 30, 40
LARGEST = 12_000_000
"""Bytes of a document that may be drawn."""
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def drawn(folder: Path, count: int = COUNT, seed: int = SEED) -> list[Path]:
    """The known ones that are there, and others of all sizes: as many of each quarter of them."""
    known = [folder / name for name in KNOWN if (folder / name).is_file()][:count]
    others = []
    for entry in sorted(folder.iterdir()):
        paths = [entry] if entry.is_file() else sorted(entry.rglob("*.json"))
        paths = [path for path in paths if path.suffix == ".json" and path.stat().st_size <= LARGEST]
        if paths and not {*paths} & {*known}:
            others.append(random.Random(f"{seed}{entry.name}").choice(paths))
    others.sort(key=lambda path: (path.stat().st_size, path.name))
    chance, wanted = random.Random(seed), count - len(known)
    size = max(1, len(others) // max(1, min(4, wanted)))
    picked: list[Path] = []
    while others and len(picked) < wanted:
        for start in range(0, len(others), size):
            quarter = [path for path in others[start : start + size] if path not in picked]
            if quarter and len(picked) < wanted:
                picked.append(chance.choice(quarter))
        if len(picked) == len(others):
            break
    return known + picked


def cut(document: dict[str, Any], most: int = MOST, seed: int = SEED) -> dict[str, Any]:
    """The document with so many of its operations at most, and of the components only what these refer to."""
    every = [(path, method) for path, method, _ in operations(document)]
    chosen = set(every if len(every) <= most else random.Random(seed).sample(every, most))
    paths = {}
    for path, item in (document.get("paths") or {}).items():
        if isinstance(item, dict):
            kept = {key: value for key, value in item.items() if key not in METHODS or (path, key) in chosen}
            if any(key in METHODS for key in kept):
                paths[path] = kept
    components = document.get("components") or {}
    wanted: dict[str, dict[str, Any]] = {"securitySchemes": components.get("securitySchemes") or {}}
    waiting: list[Any] = [paths, document.get("webhooks")]
    while waiting:
        for kind, name in _references(waiting.pop()):
            if kind == "paths":  # what stands in another operation is there only with it
                path, method = name.split("\0")
                if method not in paths.get(path, {}) and method in ((document.get("paths") or {}).get(path) or {}):
                    paths.setdefault(path, {})[method] = document["paths"][path][method]
                    waiting.append(paths[path][method])
            elif name in (components.get(kind) or {}) and name not in wanted.setdefault(kind, {}):
                wanted[kind][name] = components[kind][name]
                waiting.append(components[kind][name])
    ordered = {
        kind: {name: value for name, value in listed.items() if name in wanted.get(kind, ())}
        for kind, listed in components.items()
        if isinstance(listed, dict)
    }
    return {**document, "paths": paths, "components": {kind: found for kind, found in ordered.items() if found}}


def _references(value: Any) -> Iterator[tuple[str, str]]:
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            for key, item in value.items():
                if key == "$ref" and isinstance(item, str) and item.startswith("#/paths/"):
                    yield "paths", "\0".join(map(unescaped, (*item.split("/"), "")[2:4]))
                elif key == "$ref" and isinstance(item, str) and item.startswith("#/components/"):
                    kind, _, name = item.removeprefix("#/components/").partition("/")
                    yield kind, unescaped(name.split("/")[0])
                elif key == "mapping" and isinstance(item, dict):
                    for target in item.values():
                        yield "schemas", unescaped(str(target).rpartition("/")[2])
                else:
                    waiting.append(item)
        elif isinstance(value, list):
            waiting.extend(value)


def unescaped(step: str) -> str:
    """A step of a JSON pointer in a URI's fragment (RFC 6901, 6)."""
    return unquote(step).replace("~1", "/").replace("~0", "~")


def pointed(document: Any, reference: str) -> Any:
    """What stands at a reference into the document itself; empty where nothing does."""
    for step in reference.removeprefix("#").strip("/").split("/"):
        step = unescaped(step)
        if isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        elif isinstance(document, dict):
            document = document.get(step, {})
        else:
            return {}
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and operation; the parameters of a path stand in each of its operations (OAS 3, Path Item Object)."""
    for path, item in (document.get("paths") or {}).items():
        if not isinstance(item, dict) or not path.startswith("/"):
            continue
        for method in METHODS:
            if isinstance(item.get(method), dict):
                own = list(item[method].get("parameters") or ())
                yield path, method, {**item[method], "parameters": [*(item.get("parameters") or ()), *own]}


def read(path: Path) -> dict[str, Any]:
    """A document of a file."""
    document: dict[str, Any] = json.loads(path.read_text("utf-8-sig"))
    return document
