"""Requests that the API makes, by OpenAPI 3.1.1, Webhooks and Callback Object: which are told, and by what names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plain_ir import plain

from generator import link
from generator.read import documents

Json = Any
WHOLE = {"type": "integer"}


def body(schema: Json = WHOLE, media: str = "application/json") -> Json:
    return {"requestBody": {"content": {media: {"schema": schema} if schema else {}}}, "responses": {}}


def operation(key: str, **callbacks: Json) -> Json:
    return {"operationId": key, "responses": {}, "callbacks": callbacks}


def test_names_and_losses_of_events(tmp_path: Path) -> None:
    signed = [{"name": name, "in": "header"} for name in ("Webhook-Id", "webhook-timestamp", "webhook-signature")]
    hooks = {
        "new": {"post": body(), "put": body()},
        "done": {"post": {**body(), "summary": "\u200b", "parameters": signed[:2], "responses": {"200": {}, "2XX": {}, "404": {}}}},
        "!": {"post": {**body(), "description": "Nameless.", "parameters": [*signed, {"name": "webhook-id", "in": "query"}]}},
        "text": {"post": body(media="text/plain")}, "bare": {"post": body(None)}, "none": {"post": {"responses": {}}}, "empty": {},
        "odd": {"post": body(), "nosuch": {}},
    }  # fmt: skip
    at_url = {"{$url}": {"post": body()}}
    paths = {
        "/a": {
            "post": operation(
                "makeA",
                done=at_url,
                twice={"{$a}": {"post": body()}, "{$b}": {"post": body()}, "x-c": {"post": body()}},
            )
        },
        "/b": {"post": operation("makeB", done=at_url, **{"x-own": at_url})},
        "/c": {"post": operation("makeC", both={"{$url}": {"post": body(), "put": body()}}, gone={"{$url}": {}})},
    }
    document = {"openapi": "3.1.1", "info": {"title": "T", "version": "1"}, "paths": paths, "webhooks": hooks}
    (tmp_path / "api.json").write_text(json.dumps(document), "utf-8")
    api = link.load(documents.read(tmp_path / "api.json"))
    found = {each.name: (each.key, each.method, each.function.partition("_")[2], each.url) for each in api.events}
    assert found == {
        "new_post": ("new", "POST", "", ""), "new_put": ("new", "PUT", "", ""), "done": ("done", "POST", "", ""),
        "event": ("!", "POST", "", ""), "odd": ("odd", "POST", "", ""),
        "make_a_done": ("done", "POST", "make_a", "{$url}"), "make_b_done": ("done", "POST", "make_b", "{$url}"),
        "make_a_twice_post_2": ("twice", "POST", "make_a", "{$a}"), "make_a_twice_post": ("twice", "POST", "make_a", "{$b}"),
        "both_post": ("both", "POST", "make_c", "{$url}"), "both_put": ("both", "PUT", "make_c", "{$url}"),
    }  # fmt: skip
    events = {each.name: plain(each) for each in api.events}
    done = {"name": "done", "words": ["done"], "key": "done", "method": "POST", "type": {"kind": "integer"}}
    headers = ["webhook-id", "webhook-signature", "webhook-timestamp"]
    assert events["done"] == {
        **done,
        "headers": headers[::2],
        "answers": ["200", "2XX"],
        "place": "/webhooks/done/post",
    }
    assert (events["event"]["headers"], events["event"]["signed"]) == (headers, True)
    assert {(each.pointer, each.kind, each.reason) for each in api.losses} == {
        *((f"/webhooks/{name}/post", "dropped", f"POST of the webhook {name!r} is not rendered: it has no JSON body") for name in ("text", "bare", "none")),
        ("/webhooks/empty", "dropped", "the webhook 'empty' is not rendered"),
        ("/paths/~1c/post/callbacks/gone/{$url}", "dropped", "the callback 'gone' of POST /c at {$url} is not rendered"),
        ("/webhooks/odd/nosuch", "dropped", "'nosuch' of the webhook 'odd' is not a method of OpenAPI; it is not read"),
    }  # fmt: skip
