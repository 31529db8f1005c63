"""An answer other than the usual one, asked for by the request: `Prefer` as RFC 7240 has it, and as Prism takes it."""

from __future__ import annotations

import http.client
import importlib
import json
import socket
import sys
import time
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest
from hanging import HANGS
from prism import prism

from generator import pipeline

PET = {
    "type": "object",
    "required": ["id", "name", "tag", "born", "size"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1, "maximum": 99},
        "name": {"type": "string", "minLength": 3, "maxLength": 12},
        "tag": {"type": "string", "enum": ["cat", "dog", "owl"]},
        "born": {"type": "string", "format": "date"},
        "size": {"type": "number", "exclusiveMinimum": 0, "multipleOf": 0.5},
        "toys": {"type": "array", "uniqueItems": True, "items": {"type": "string", "pattern": "^[a-z]{4}$"}},
    },
}
REFUSAL = {"type": "object", "required": ["message"], "properties": {"message": {"type": "string"}}}
REX = {"id": 7, "name": "Rex", "tag": "dog", "born": "2020-02-02", "size": 3.5}
OWL = {**REX, "id": 8, "name": "Ada", "tag": "owl"}


def json_of(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"description": "x", "content": {"application/json": {"schema": schema, **more}}}


DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Demand", "version": "1"},
    "servers": [{"url": "https://demand.test"}],
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getPet",
                "responses": {
                    "200": json_of(PET, examples={"rex": {"value": REX}, "ada": {"summary": "An owl", "value": OWL}}),
                    "404": json_of(REFUSAL, examples={"lost": {"value": {"message": "It ran away."}}}),
                    "5XX": json_of(REFUSAL),
                },
            },
            "delete": {"operationId": "deletePet", "responses": {"204": {"description": "x"}}},
        }
    },
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demand")
    (folder / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python", "mock"))
    return folder


@pytest.fixture(scope="module")
def serve(folder: Path) -> Iterator[Any]:
    sys.path.insert(0, str(folder / "out/python"))
    try:
        yield importlib.import_module("demand_kit.mock.server").serve
    finally:
        sys.path.remove(str(folder / "out/python"))


@pytest.fixture(scope="module")
def running(serve: Any) -> Iterator[Any]:
    with serve(token="") as mock:
        yield mock


@pytest.fixture
def mock(running: Any) -> Any:
    running.reset()
    return running


class Reply:
    def __init__(self, reply: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.content = reply.status, reply.headers, reply.read()

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def ask(base_url: str, target: str, *prefer: str, method: str = "GET", **headers: str) -> Reply:
    url = urlsplit(base_url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=HANGS)
    try:
        connection.putrequest(method, url.path.rstrip("/") + target)
        for line in prefer:
            connection.putheader("Prefer", line)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        return Reply(connection.getresponse())
    finally:
        connection.close()


# RFC 7240, section 2: names without regard to case, the first instance counts, several header fields are one list, a
# value may be quoted, an empty one is none, parameters are allowed, and what is not known is ignored.
@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (["example=ada"], "Ada"),
        (['example="ada"'], "Ada"),
        (['example="a\\da"'], "Ada"),
        (["EXAMPLE = ada"], "Ada"),
        (["example=ada, example=rex"], "Ada"),
        (["respond-async, wait=100", "handling=lenient, example=ada"], "Ada"),
        (['foo; bar="a, example=rex", example=ada; baz'], "Ada"),
        (["handling=strict"], "Rex"),
        (["example=rex"], "Rex"),
        ([""], "Rex"),
        (['"', ",,="], "Rex"),
    ],
)
def test_the_header_is_read_as_its_standard_has_it(mock: Any, lines: list[str], name: str) -> None:
    reply = ask(mock.base_url, "/pets/7", *lines)
    assert (reply.status, reply.json["name"]) == (200, name)


@pytest.mark.parametrize(
    ("prefer", "status", "body"),
    [
        ("code=200", 200, REX),
        ("example=ada", 200, OWL),
        ("code=404", 404, {"message": "It ran away."}),
        ("code=404, example=lost", 404, {"message": "It ran away."}),
        ("example=lost", 404, {"message": "It ran away."}),
    ],
)
def test_what_is_declared_is_answered(mock: Any, prefer: str, status: int, body: Any) -> None:
    reply = ask(mock.base_url, "/pets/7", prefer)
    assert (reply.status, reply.json) == (status, body)
    assert reply.headers["Preference-Applied"] == prefer  # RFC 7240, section 3


def test_a_range_of_statuses_is_declared_for_each(mock: Any) -> None:
    reply = ask(mock.base_url, "/pets/7", "code=503")
    assert (reply.status, reply.headers.get_content_type()) == (503, "application/json")
    jsonschema.validate(reply.json, REFUSAL)


def test_an_error_that_nobody_declared_is_made(mock: Any) -> None:
    reply = ask(mock.base_url, "/pets/7", "code=429")
    assert (reply.status, reply.headers.get_content_type()) == (429, "application/problem+json")
    assert (reply.json["status"], reply.json["title"]) == (429, "Too Many Requests")  # RFC 9457, 3.1
    assert ask(mock.base_url, "/pets/7", "code=420").json["status"] == 420  # which is registered nowhere


def test_answers_are_drawn_of_the_schema(serve: Any) -> None:
    drawn = []
    for seed in (1, 1, 2):
        with serve(token="", seed=seed) as mock:
            drawn.append([ask(mock.base_url, "/pets/7", "dynamic=true").json for _ in range(8)])
    for each in drawn[0]:
        jsonschema.validate(each, PET, format_checker=jsonschema.FormatChecker())
    assert drawn[0] == drawn[1] != drawn[2], "the seed says what is drawn"
    assert len({json.dumps(each) for each in drawn[0]}) > 4


@pytest.mark.parametrize(
    ("prefer", "said"),
    [
        ("code=teapot", "from 200 to 599, not 'teapot'"),
        ("code=99", "from 200 to 599"),
        ("code=", "from 200 to 599"),
        ("delay=61", "from 0 to 60, not '61'"),
        ("delay=-1", "from 0 to 60"),
        ("delay=nan", "from 0 to 60"),
        ("dynamic=maybe", "true or false"),
        ("fault=haf", "reset, half, bad-json or drip, not 'haf'. Did you mean half?"),
        ("example=re", "rex, ada, lost. Did you mean rex?"),
        ("code=404, example=rex", "for 404 are lost"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(mock: Any, prefer: str, said: str) -> None:
    reply = ask(mock.base_url, "/pets/7", prefer)
    assert reply.status == 400 and said in reply.json["detail"]
    assert "Preference-Applied" not in reply.headers


def test_a_request_that_is_not_valid_is_refused_all_the_same(mock: Any) -> None:
    reply = ask(mock.base_url, "/pets/seven", "code=503")
    assert (reply.status, reply.headers["Preference-Applied"]) == (422, None)


def test_an_answer_is_kept_back_until_its_time(mock: Any) -> None:
    begun = time.monotonic()
    assert ask(mock.base_url, "/pets/7", "delay=0.25").status == 200
    assert time.monotonic() - begun >= 0.25


def test_faults(mock: Any) -> None:
    with pytest.raises(ConnectionResetError):
        ask(mock.base_url, "/pets/7", "fault=reset")
    with pytest.raises(http.client.IncompleteRead) as cut:
        ask(mock.base_url, "/pets/7", "fault=half")
    whole = ask(mock.base_url, "/pets/7").content
    assert whole.startswith(cut.value.partial) and len(cut.value.partial) == len(whole) // 2
    reply = ask(mock.base_url, "/pets/7", "fault=bad-json")
    assert (reply.status, reply.headers.get_content_type()) == (200, "application/json")
    with pytest.raises(ValueError):
        json.loads(reply.content)
    assert ask(mock.base_url, "/pets/7", "fault=bad-json", method="DELETE").status == 204
    with pytest.raises(http.client.BadStatusLine):
        ask(mock.base_url, "/pets/8", "fault=half", method="DELETE")
    assert ask(mock.base_url, "/pets/8").status == 404, "it was done, and the answer was lost"


def test_a_body_drips(mock: Any) -> None:
    url = urlsplit(mock.base_url)
    with socket.create_connection((url.hostname, url.port), HANGS) as line:
        line.sendall(b"GET /pets/7 HTTP/1.1\r\nHost: x\r\nPrefer: fault=drip, delay=0.2\r\nConnection: close\r\n\r\n")
        pieces = []
        while piece := line.recv(65536):
            pieces.append(piece)
    head, _, body = b"".join(pieces).partition(b"\r\n\r\n")
    assert json.loads(body) == REX and b"Preference-Applied: delay=0.2, fault=drip" in head
    assert len(pieces) > 3


@pytest.mark.parametrize("value", ["[1]", "12", "0", '"a{"', "true", "false", "null", '{"a": "b"}', "[]", "-1.5e3 "])
def test_no_json_that_was_spoilt_is_json(serve: Any, value: str) -> None:
    faults = importlib.import_module("demand_kit.mock.faults")
    answers = importlib.import_module("demand_kit.mock.answers")
    with pytest.raises(ValueError):
        json.loads(faults.spoilt(answers.Answer(200, value.encode())).content)


def test_a_hostile_header_is_read_in_one_pass(serve: Any) -> None:
    preferences = importlib.import_module("demand_kit.mock.preferences")
    headers = Message()
    headers["Prefer"] = '\\"' * 30_000 + ',"' * 30_000 + "=" * 30_000
    begun = time.process_time()
    preferences.taken(headers)
    assert time.process_time() - begun < 20  # by the square of its length it would take some minutes


@pytest.fixture(scope="module")
def by_others(folder: Path) -> Iterator[str]:
    with prism(folder / "api.json") as base_url:
        yield base_url


def test_prism_takes_the_same_for_the_same(mock: Any, by_others: str) -> None:
    asked = [
        "",
        "code=200",
        "example=ada",
        'example="ada"',
        "code=404",
        "code=404, example=lost",
        "code=200, example=rex",
    ]
    for prefer in asked:
        ours, theirs = ask(mock.base_url, "/pets/7", prefer), ask(by_others, "/pets/7", prefer)
        assert (ours.status, ours.json) == (theirs.status, theirs.json), prefer
    for base_url in (mock.base_url, by_others):
        drawn = ask(base_url, "/pets/7", "dynamic=true")
        # Prism's own are no multiples of 0.5, which is why they are not held against the schema here.
        assert drawn.status == 200 and set(PET["required"]) <= drawn.json.keys() and drawn.json["name"] != "Rex"
        assert ask(base_url, "/pets/7", "code=503").status == 503
        assert ask(base_url, "/pets/seven", "code=200").status == 422
