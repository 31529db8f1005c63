"""Converts the `catalog.json` of an output back to a catalog: each value that a catalog can hold, at its place there.

It holds the resolved values of an API, so that none is derived again: names, groups, verbs, classes, prose, examples,
pages and jobs. What it does not hold (prompts, runners, references, webhooks, uploads) is as without a catalog.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..names import SNAKE, words
from .openapi import Joined
from .source import Node, Source

_API = ("name", "title", "summary", "package", "command", "client", "version")
_TEXTS = ("group", "verb", "type", "title", "summary", "description", "brief", "idempotent")
_CLASSES = ("destructive", "secret", "billed")
_PAGE = frozenset({"items", "next", "previous", "by", "argument", "size", "more", "end", "total", "current", "first"})


def made(source: Source) -> bool:
    """Whether a file is the catalog.json of an output: its functions are a list there."""
    value = source.value
    return isinstance(value, dict) and isinstance(value.get("functions"), list) and "catalog" not in value


def catalog_of(root: Node) -> Node:
    """The catalog that such a file amounts to. SpecError where it is not what an output has."""
    functions, headers, jobs = {}, {}, {}
    for entry in (root.get("functions") or root).elements():
        if not isinstance(entry.value, dict) or not entry.text("name"):
            raise entry.error("is not a function of a catalog.json", "use the generated file unchanged")
        job = entry.get("job")
        if job is not None and isinstance(job.value, dict) and job.text("key"):
            jobs[job.text("key")] = _job(job)
        headers.update(_headers(entry))
        functions[entry.text("name")] = _function(entry)
    parts: dict[str, Node] = {"catalog": _made(root, 1), "api": _api(root), "functions": Joined.of(root, functions)}
    if (groups := root.get("groups")) is not None:
        parts["groups"] = groups
    if (hidden := root.get("hidden")) is not None:
        operations = {key: Joined.of(each, {"hidden": each}) for key, each in hidden.items()}
        parts["operations"] = Joined.of(hidden, operations)
    if headers:
        parts["headers"] = Joined.of(root, headers)
    if jobs:
        parts["jobs"] = Joined.of(root, jobs)
    return Joined.of(root, parts)


def _made(at: Node, value: Any) -> Node:
    return Node(at.source, at.pointer, value)


def _present(node: Node, keys: Mapping[str, str]) -> dict[str, Node]:
    """The values of these keys that say something, by what a catalog calls them."""
    result = {ours: node.get(theirs) for theirs, ours in keys.items()}
    return {key: each for key, each in result.items() if each is not None and each.value not in ("", None)}


def _api(root: Node) -> Node:
    parts = _present(root, {key: key for key in _API})
    environment = _present(root, {"token_env": "token", "base_url_env": "base_url"})
    if environment:
        parts["environment"] = Joined.of(root, environment)
    return Joined.of(root, parts)


def _function(entry: Node) -> Node:
    parts = _present(entry, {"operation_id": "operation", **{key: key for key in _TEXTS}})
    parts["group"] = entry.get("group") or _made(entry, "")
    classes = (entry.get("classes") or entry).value
    parts |= {each: _made(entry, each in classes) for each in _CLASSES}
    if (keywords := entry.get("keywords")) is not None and keywords.value:
        parts["keywords"] = keywords
    if (hidden := entry.get("hidden")) is not None and hidden.value:
        parts["hidden"] = hidden
    defaults = entry.get("defaults")
    if defaults is not None:
        parts |= _present(defaults, {key: key for key in ("timeout", "retries", "headers")})
    if parameters := _parameters(entry):
        parts["parameters"] = Joined.of(entry, parameters)
    page, job = entry.get("page"), entry.get("job")
    if page is not None:
        known = {key: each for key, each in page.items() if key in _PAGE}
        parts["page"] = Joined.of(page, known) if page.value else _made(page, "")
    if job is not None and job.value:
        parts["job"] = _made(job, job.text("key"))
    files = {
        ours: each for ours, each in (("input", entry.get("files_in")), ("output", entry.get("files_out"))) if each
    }
    files = {key: each for key, each in files.items() if each.value}
    if files:
        parts["files"] = Joined.of(entry, files)
    if entry.text("stream"):
        parts["stream"] = _made(entry, entry.text("stream"))
    if (examples := entry.get("examples")) is not None:
        parts["examples"] = examples
    return Joined.of(entry, parts)


def _parameters(entry: Node) -> dict[str, Node]:
    """The arguments that are not called as they are written on the wire."""
    listed = list((entry.get("parameters") or entry).items()) if entry.get("parameters") else []
    wires = [each.text("name") for _, each in listed]
    result: dict[str, Node] = {}
    for name, each in listed:
        wire = each.text("name")
        if each.text("encoding") or wires.count(wire) > 1 or name == str(SNAKE.spell(words(wire))) or not wire:
            continue
        result[wire] = Joined.of(each, {"name": _made(each, name)})
    return result


def _headers(entry: Node) -> dict[str, Node]:
    """The header parameters that have a better spelling."""
    result: dict[str, Node] = {}
    described = entry.get("input_schema")
    properties = described.get("properties") if described else None
    for name, each in (entry.get("parameters") or entry).items() if entry.get("parameters") else ():
        if not each.text("encoding") or each.text("in") != "header":
            continue
        parts = {"name": _made(each, name)}
        parts |= {key: node for key in ("encoding", "minimum", "maximum") if (node := each.get(key)) is not None}
        schema = properties.get(name) if properties else None
        if schema is not None and (text := schema.get("description")) is not None:
            parts["description"] = text
        result[each.text("name")] = Joined.of(each, parts)
    return result


def _job(job: Node) -> Node:
    """A job behaviour, whose events stand there as pairs."""
    parts = {
        key: each for key, each in job.items() if key not in ("key", "events") and each.value not in ("", None, [])
    }
    events = job.get("events")
    pairs = [pair for pair in (events.value if events else []) if isinstance(pair, list) and len(pair) == 2]
    if events is not None and pairs:
        parts["events"] = Joined.of(events, {str(kind): _made(events, value) for kind, value in pairs})
    return Joined.of(job, parts)
