"""An API whose functions answer in every way that a document can say, and the package that is made of it.

Cut down from what large public documents do: chat completions that stream where `stream` is true, runs whose events are
described whole, archives and logs that are a redirect and nothing else, an export in several formats.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from shared import shared

from generator import pipeline

JSON = "application/json"


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _of(media: dict[str, Any]) -> dict[str, Any]:
    return {"description": "ok", "content": {name: {"schema": schema} for name, schema in media.items()}}


STRING = {"type": "string"}
FILE = {"type": "string", "format": "binary"}
SCHEMAS: dict[str, Any] = {
    "Completion": {"type": "object", "required": ["id"], "properties": {"id": STRING}},
    "Chunk": {"type": "object", "required": ["id"], "properties": {"id": STRING, "delta": _ref("Delta")}},
    "Delta": {"type": "object", "properties": {"content": {"type": ["string", "null"]}}},
    "Run": {"type": "object", "properties": {"run": STRING}},
    "RunEvent": {
        "type": "object",
        "required": ["event", "data"],
        "properties": {"event": STRING, "data": _ref("Run")},
    },
    "Plain": {"type": "object", "required": ["data"], "properties": {"event": STRING, "data": STRING}},
    "Row": {"type": "object", "properties": {"n": {"type": "integer"}}},
    "Later": {"type": "object", "properties": {"job": STRING}},
}
MOVED = {"description": "Found", "headers": {"Location": {"schema": STRING}}}
NOTHING: dict[str, Any] = {"description": "nothing"}
RESPONSES: dict[str, dict[str, Any]] = {
    "/report": {
        "200": _of({JSON: _ref("Row"), "text/csv": STRING, "application/xml": _ref("Row"), "image/*": FILE}),
        "202": _of({"application/vnd.told.later+json": _ref("Later")}),
        "2XX": _of({JSON: _ref("Completion")}),
        "304": NOTHING,
    },
    "/versions": {
        "200": _of({JSON: _ref("Completion"), f"{JSON}; version=1": _ref("Row"), f"{JSON}; version=2": _ref("Later")})
    },
    "/picture": {"200": _of({"image/png": FILE})},
    "/file": {"200": _of({"application/octet-stream": FILE})},
    "/sound": {"200": _of({"audio/mpeg": FILE})},
    "/anything": {"200": _of({"*/*": {}})},
    "/archive": {"302": MOVED},
    "/moved": {"200": _of({JSON: _ref("Row")}), "301": MOVED, "307": MOVED},
    "/events": {"200": _of({"text/event-stream": STRING})},
    "/described": {"200": _of({"text/event-stream": _ref("Plain")})},
    "/rows": {"200": _of({"application/x-ndjson": _ref("Row")})},
    "/sequence": {"200": {"description": "ok", "content": {"application/json-seq": {"itemSchema": _ref("Row")}}}},
}


def _posted(name: str, responses: dict[str, Any], description: str = "") -> dict[str, Any]:
    stop = {"oneOf": [STRING, {"type": "array", "items": STRING}]}
    fields = {"prompt": STRING, "stream": {"type": "boolean", "description": description}, "stop": stop}
    schema = {"type": "object", "required": ["prompt"], "properties": fields}
    body = {"required": True, "content": {JSON: {"schema": schema}}}
    return {"post": {"operationId": name, "tags": ["things"], "requestBody": body, "responses": responses}}


def document() -> dict[str, Any]:
    """All of it."""
    paths: dict[str, Any] = {
        path: {"get": {"operationId": f"get_{path[1:]}", "tags": ["things"], "responses": responses}}
        for path, responses in RESPONSES.items()
    }
    paths["/chat"] = _posted(
        "create_chat", {"200": _of({JSON: _ref("Completion"), "text/event-stream": _ref("Chunk")})}
    )
    paths["/runs"] = _posted("create_run", {"200": _of({JSON: _ref("Run"), "text/event-stream": _ref("RunEvent")})})
    watch = {"name": "watch", "in": "query", "schema": {"type": "boolean"}}
    offered = {JSON: _ref("Completion"), "application/json;stream=watch": _ref("Completion")}
    paths["/pods"] = {
        "get": {
            "operationId": "list_pods",
            "tags": ["things"],
            "parameters": [watch],
            "responses": {"200": _of(offered)},
        }
    }
    description = "Send tokens as data-only [server-sent events](https://told.invalid), ended by `data: [DONE]`."
    paths["/complete"] = _posted("create_completion", {"200": _of({JSON: _ref("Completion")})}, description)
    paths["/pipe"] = _posted("create_pipe", {"200": _of({JSON: _ref("Completion")})}, "Whether it is kept open.")
    paths["/submit"] = _posted("submit", {"200": _of({JSON: _ref("Row")}), "303": MOVED})
    scheme = {"type": "http", "scheme": "bearer"}
    return {
        "openapi": "3.1.1",
        "info": {"title": "Told", "version": "1"},
        "servers": [{"url": "https://told.invalid/v1"}],
        "security": [{"key": []}],
        "components": {"schemas": SCHEMAS, "securitySchemes": {"key": scheme}},
        "paths": paths,
    }


def _render(folder: Path) -> None:
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "openapi.json"), folder / "out", ("python", "cli", "mcp", "lua"))


@contextmanager
def made(factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the package `told` is made, once for all tests, which can be imported meanwhile."""
    out = shared(factory, "told", _render) / "out"
    sys.path.insert(0, str(out / "python"))
    try:
        yield out
    finally:
        sys.path.remove(str(out / "python"))
        for name in [name for name in sys.modules if name.partition(".")[0] == "told_kit"]:
            del sys.modules[name]
