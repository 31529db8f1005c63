"""What comes back: which answers are the result, what their types are called, and which argument asks for events.

By OpenAPI 3.2.0, Responses, Response and Media Type Objects, and RFC 9110, 15.4.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from plain_ir import plain

from generator import link
from generator.read import documents

Json = Any
EVENTS, JSON, LINES, TEXT = "text/event-stream", "application/json", "application/jsonl", "text/plain"
WHOLE, NUMBER, WORD = {"type": "integer"}, {"type": "number"}, {"type": "string"}
OBJECT = {"type": "object", "properties": {"a": WORD}}


def content(media: str, schema: Json = WHOLE, **more: Json) -> Json:
    return {"content": {media: {"schema": schema, **more}}}


def asks(name: str = "stream", type_: str = "boolean", description: str = "", place: str = "query") -> Json:
    return {"name": name, "in": place, "description": description, "schema": {"type": type_}}


def got(media: str, kind: str, type_: Json, **more: Json) -> Json:
    return {"media_type": media, "kind": kind, "type": type_, **more}


I, N, S, ANY = {"kind": "integer"}, {"kind": "number"}, {"kind": "string"}, {"kind": "any"}
FREE = {"kind": "map", "items": ANY}
EMPTY = {"kind": "empty", "may_be_empty": True}
LED = {"kind": "binary", "media_type": "*/*", "contents": [["2XX", got("*/*", "binary", ANY)]], "follows": True}
ONE = {"kind": "json", "type": I, "media_type": JSON}
OF_200 = ["200", got(JSON, "json", I)]
SENT = ["200", got(EVENTS, "events", FREE, item=FREE)]
ROWS: list[tuple[str, list[Json], Json, Json]] = [
    # method, parameters, responses, the result
    ("get", [], {"200": content(JSON)}, {**ONE, "contents": [OF_200]}),
    ("get", [], {"2xx": content(JSON)}, {**ONE, "contents": [["2XX", got(JSON, "json", I)]]}),
    ("get", [], {"default": content(JSON)}, {**ONE, "contents": [["default", got(JSON, "json", I)]]}),
    ("get", [], {"200": content(JSON), "default": content(JSON, NUMBER)}, {**ONE, "contents": [OF_200]}),
    ("get", [], {"404": content(JSON)}, EMPTY),
    ("get", [], {"204": {}}, EMPTY),
    ("get", [], {"200": content(JSON), "204": {}}, {**ONE, "may_be_empty": True, "contents": [OF_200]}),
    ("get", [], {"200": content(JSON), "304": {}}, {**ONE, "may_be_empty": True, "contents": [OF_200]}),
    ("get", [], {"200": content(JSON), "302": {}}, {**ONE, "follows": True, "contents": [OF_200]}),
    *(("get", [], {status: {}}, LED) for status in ("301", "302", "303", "307", "308", "3XX")),
    *(("post", [], {status: {}}, LED) for status in ("303", "3XX")),
    *(("post", [], {status: {}}, {**EMPTY, "follows": True}) for status in ("301", "302", "307", "308")),
    ("get", [], {"300": {}}, EMPTY),
    ("get", [], {"302": {}, "default": content(JSON)}, LED),
    ("post", [], {"302": {}, "default": content(JSON)}, {**ONE, "follows": True, "contents": [["default", got(JSON, "json", I)]]}),
    ("head", [], {"200": content(JSON)}, EMPTY),
    ("head", [], {"200": content(JSON), "302": {}}, {**EMPTY, "follows": True}),
    ("get", [], {"200": content(TEXT, WORD), "201": content(JSON)},
     {**ONE, "contents": [["200", got(TEXT, "text", S)], ["201", got(JSON, "json", I)]]}),
    ("get", [], {"200": content(TEXT, WORD), "201": content(LINES, WORD)},
     {"kind": "text", "type": S, "media_type": TEXT, "contents": [["200", got(TEXT, "text", S)], ["201", got(LINES, "events", S, item=S)]]}),
    ("get", [], {"200": content(JSON), "201": content(JSON), "202": content(JSON, NUMBER)},
     {**ONE, "type": {"kind": "union", "members": [I, N]}, "contents": [OF_200, ["201", got(JSON, "json", I)], ["202", got(JSON, "json", N)]]}),
    ("get", [], {"200": content(JSON, example=5)}, {**ONE, "contents": [OF_200]}),
    # an argument that asks for events
    ("get", [asks()], {"200": {"content": {JSON: {"schema": WHOLE}, EVENTS: {"schema": WHOLE}}}},
     {**ONE, "stream": "stream", "contents": [OF_200, ["200", got(EVENTS, "events", I, item=I)]]}),
    ("get", [asks()], {"200": content(EVENTS)}, {"kind": "events", "type": I, "media_type": EVENTS, "contents": [["200", got(EVENTS, "events", I, item=I)]]}),
    *(("get", [asks(description=text)], {"200": content(JSON)}, {**ONE, "stream": "stream", "contents": [OF_200, SENT]})
      for text in ("Send Server-Sent events.", "An event stream.", "An event-stream.", "By sse.")),
    ("get", [asks(description="Assess.")], {"200": content(JSON)}, {**ONE, "contents": [OF_200]}),
    ("get", [asks(type_="string", description="SSE")], {"200": content(JSON)}, {**ONE, "contents": [OF_200]}),
    ("get", [asks("streams", description="SSE")], {"200": content(JSON)}, {**ONE, "contents": [OF_200]}),
    ("get", [asks(place="header", description="SSE")], {"200": content(JSON)}, {**ONE, "contents": [OF_200]}),
    ("get", [asks(description="SSE")], {"200": content(TEXT, WORD)},
     {"kind": "text", "type": S, "media_type": TEXT, "contents": [["200", got(TEXT, "text", S)]]}),
    ("get", [asks(description="SSE")], {"201": content(TEXT, WORD), "202": content(JSON)},
     {**ONE, "stream": "stream", "contents": [["201", got(TEXT, "text", S)], ["202", got(JSON, "json", I)], ["202", SENT[1]]]}),
    ("get", [asks("watch")], {"200": {"content": {JSON: {"schema": WHOLE}, f"{JSON};stream=Watch": {"schema": WHOLE}}}},
     {**ONE, "stream": "watch", "contents": [OF_200, ["200", got(f"{JSON};stream=Watch", "events", I, item=FREE)]]}),
    # what a sequence holds
    ("get", [], {"200": {"content": {LINES: {"itemSchema": WHOLE}}}},
     {"kind": "events", "type": I, "media_type": LINES, "contents": [["200", got(LINES, "events", I, item=I)]]}),
    ("get", [], {"200": {"content": {LINES: {"schema": {"type": "array", "items": NUMBER}}}}},
     {"kind": "events", "type": {"kind": "array", "items": N}, "media_type": LINES,
      "contents": [["200", got(LINES, "events", {"kind": "array", "items": N}, item=N)]]}),
    ("get", [], {"200": {"content": {LINES: {"schema": {"type": "array", "items": NUMBER}, "itemSchema": WHOLE}}}},
     {"kind": "events", "type": {"kind": "array", "items": N}, "media_type": LINES,
      "contents": [["200", got(LINES, "events", {"kind": "array", "items": N}, item=I)]]}),
    ("get", [], {"200": {"content": {JSON: {"itemSchema": WHOLE}}}},
     {**ONE, "type": {"kind": "array", "items": I}, "contents": [["200", got(JSON, "json", {"kind": "array", "items": I})]]}),
    ("get", [], {"200": {"content": {LINES: {}}}},
     {"kind": "events", "type": ANY, "media_type": LINES, "contents": [["200", got(LINES, "events", ANY, item=ANY)]]}),
]  # fmt: skip


def made(folder: Path, paths: Json) -> Any:
    document = {"openapi": "3.2.0", "info": {"title": "Inn", "version": "1"}, "paths": paths}
    (folder / "api.json").write_text(json.dumps(document), "utf-8")
    return link.load(documents.read(folder / "api.json"))


def test_which_answers_are_the_result(tmp_path: Path) -> None:
    paths = {
        f"/p{number}": {method: {"operationId": f"op{number}", "parameters": params, "responses": responses}}
        for number, (method, params, responses, _) in enumerate(ROWS)
    }
    api = made(tmp_path, paths)
    found = {function.operation_id: plain(function.result) for function in api.functions}
    wrong = [(row, found[f"op{n}"]) for n, row in enumerate(ROWS) if found[f"op{n}"] != row[3]]
    assert not wrong
    lost = [
        n for n, (_, _, _, result) in enumerate(ROWS) if any(each[1] == SENT[1] for each in result.get("contents", ()))
    ]
    reason = "the events that 'stream' asks for are not described: each is JSON"
    assert {(each.pointer, each.kind, each.reason) for each in api.losses if "events" in each.reason} == {
        (f"/paths/~1p{n}/get", "degraded", reason) for n in lost
    }


def test_what_the_types_of_answers_are_called_and_what_they_show(tmp_path: Path) -> None:
    both = {
        JSON: {"schema": OBJECT},
        "application/vnd.inn+json": {"schema": OBJECT},
        LINES: {"schema": OBJECT, "itemSchema": OBJECT},
    }
    responses = {
        "204": {"content": {TEXT: {"schema": OBJECT}}}, "200": {"content": both}, "201": {"content": {JSON: {"schema": OBJECT}}},
        "4XX": {"content": {TEXT: {"schema": OBJECT}, JSON: {"schema": OBJECT}}}, "default": content(JSON, OBJECT),
    }  # fmt: skip
    api = made(tmp_path, {"/rooms": {"get": {"operationId": "getRoom", "responses": responses}}})
    [function] = api.functions
    named = [content.type.model for each in function.responses for content in each.contents]
    assert named == [
        "list_rooms.result_204", "list_rooms.result", "list_rooms.result_vnd_inn_json", "list_rooms.result_jsonl",
        "list_rooms.result_201", "list_rooms.error_4_xx_plain", "list_rooms.error_4_xx", "list_rooms.error_default",
    ]  # fmt: skip
    assert function.responses[1].contents[2].item.model == "list_rooms.result_jsonl_item"
