"""Two small APIs, the packages that are made of them, and servers that answer for them, for the tests of the gateway."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from recorder import Recorder, recorder

from generator import pipeline

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "generated/python"
SURFACES = ("python", "cli", "mcp", "lua")

if str(GENERATED) not in sys.path:
    sys.path.insert(0, str(GENERATED))


def _schema(**properties: str) -> dict[str, Any]:
    return {"type": "object", "properties": {name: {"type": kind} for name, kind in properties.items()}}


def _answer(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"200": {"description": "ok", "content": {"application/json": {"schema": schema}}}}


def _body(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _query(name: str, kind: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": {"type": kind}}


def _path(name: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


BOOK = _schema(id="string", title="string", shelf="string")
TICKET = _schema(id="string", subject="string", open="boolean")


def _document(title: str, paths: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1.0.0"},
        "servers": [{"url": "http://127.0.0.1:1/v1"}],
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        "security": [{"token": []}],
        "paths": paths,
    }


DOCUMENTS = {
    "library": _document(
        "Library",
        {
            "/books": {
                "get": {
                    "operationId": "list_books",
                    "tags": ["books"],
                    "summary": "List the books on the shelves.",
                    "parameters": [_query("limit", "integer"), _query("shelf", "string")],
                    "responses": _answer({"type": "array", "items": BOOK}),
                },
                "post": {
                    "operationId": "add_book",
                    "tags": ["books"],
                    "summary": "Put a new book on a shelf.",
                    "requestBody": _body(BOOK),
                    "responses": _answer(BOOK),
                },
            },
            "/account": {
                "get": {
                    "operationId": "get_account",
                    "summary": "Whose library card this is.",
                    "responses": _answer(BOOK),
                }
            },
        },
    ),
    "helpdesk": _document(
        "Helpdesk",
        {
            "/tickets": {
                "get": {
                    "operationId": "list_tickets",
                    "tags": ["tickets"],
                    "summary": "List support tickets of customers.",
                    "responses": _answer({"type": "array", "items": TICKET}),
                },
            },
            "/tickets/{ticket}": {
                "delete": {
                    "operationId": "delete_ticket",
                    "tags": ["tickets"],
                    "summary": "Delete a support ticket.",
                    "parameters": [_path("ticket")],
                    "responses": _answer(TICKET),
                },
            },
            "/account": {
                "get": {"operationId": "get_account", "summary": "Which agent answers.", "responses": _answer(TICKET)}
            },
        },
    ),
}


def render(folder: Path) -> dict[str, Path]:
    """The folder of each API's package."""
    made = {}
    for name, document in DOCUMENTS.items():
        (folder / f"{name}.json").write_text(json.dumps(document))
        pipeline.generate(pipeline.Inputs(folder / f"{name}.json"), folder / name, SURFACES)
        made[name] = folder / name
    return made


@contextmanager
def answering() -> Iterator[dict[str, Recorder]]:
    """A server for each API, which remembers what it was asked."""
    with recorder() as library, recorder() as helpdesk:
        library.content = json.dumps(
            [{"id": "b1", "title": "Emma", "shelf": "A"}, {"id": "b2", "title": "Ulysses"}]
        ).encode()
        helpdesk.content = json.dumps([{"id": "t1", "subject": "Lost card", "open": True}]).encode()
        yield {"library": library, "helpdesk": helpdesk}


@contextmanager
def surroundings(**more: str) -> Iterator[None]:
    """The environment of members: a token for each API, and nobody's accounts."""
    variables = {
        "REPLIKIT_CONFIG": os.devnull + ".none",
        "LIBRARY_CONFIG": os.devnull + ".none",
        "HELPDESK_CONFIG": os.devnull + ".none",
        "REPLICATE_API_TOKEN": "r8_gateway",
        "LIBRARY_API_TOKEN": "token-of-library",
        "HELPDESK_API_TOKEN": "token-of-helpdesk",
        **more,
    }
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
