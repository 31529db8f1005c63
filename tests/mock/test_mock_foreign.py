"""The mock of an API that tells its operations apart, lists and takes bodies as documents of others do."""

from __future__ import annotations

import http.client
import importlib
import json
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from hanging import HANGS

from generator import pipeline

TEXT = {"type": "string"}
ITEM = {"type": "object", "required": ["id"], "properties": {"id": TEXT}}


def answer(schema: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"200": {"description": "OK", "content": {"application/json": {"schema": schema, **more}}}}


def body(media: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"required": True, "content": {media: {"schema": schema}}}


def done(name: str) -> dict[str, Any]:
    return answer({"type": "object", "properties": {"done": TEXT}}, example={"done": name})


def header(value: str) -> dict[str, Any]:
    return {"name": "X-Target", "in": "header", "required": True, "schema": {"type": "string", "enum": [value]}}


FORM = {"type": "object", "required": ["to", "extra"], "properties": {"to": TEXT, "extra": {"type": "object"}}}
LIST = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": ITEM}, "next_cursor": TEXT},
}
XML: dict[str, tuple[dict[str, Any], str | None]] = {
    "text": ({"type": "string", "enum": ["a < b & c"]}, "a < b & c"),
    "shown": (TEXT, "plain"),
    "whole": (TEXT, "hi"),
    "number": ({"type": "number", "enum": [2.5]}, "2.5"),
    "integer": ({"type": "integer", "enum": [7]}, "7"),
    "boolean": ({"type": "boolean", "enum": [True]}, "true"),
    "list": ({"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["one"]}}, "one"),
    "empty": ({"type": "array", "maxItems": 0, "items": TEXT}, ""),
    "nothing": ({}, None),
}
"""Schemas of answers in XML, and the text of the element that the answer is, where the document tells it."""
SHOWN = {"shown": {"example": "plain"}, "whole": {"example": "<?xml version='1.0'?><note>hi</note>"}}
ONE = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "enum": [1]}}}
EVENT = {"type": "object", "required": ["event", "data"], "properties": {"event": {"type": "string", "enum": ["made"]}, "data": ONE}}  # fmt: skip
SEVERAL = {"application/json": {"schema": ONE}, "text/csv": {"schema": TEXT, "example": "n\n1"}, "application/vnd.two+json": {"schema": ONE}, "text/event-stream": {"schema": ONE}}  # fmt: skip
# The media types of an answer, what is asked for, and what comes. RFC 9110, 12.5.1: weights, and the most specific range.
REPRESENTATIONS: list[tuple[dict[str, Any], str, str, bytes]] = [
    (SEVERAL, "*/*", "application/json", b'{"n":1}'),
    (SEVERAL, "text/csv", "text/csv", b"n\n1"),
    (SEVERAL, "application/vnd.two+json", "application/vnd.two+json", b'{"n":1}'),
    (SEVERAL, "application/json;q=0.3, text/csv; q=0.8", "text/csv", b"n\n1"),
    (SEVERAL, "text/*, text/csv;q=0", "text/event-stream", b'data: {"n":1}\n\n'),
    (SEVERAL, "*/*;q=0.1, application/*, application/json;q=0.2", "application/vnd.two+json", b'{"n":1}'),
    (SEVERAL, "image/png", "application/json", b'{"n":1}'),
    # WHATWG HTML, 9.2.6; RFC 7464, 2.2; RFC 2046, 5.1; RFC 1866, 8.2.1.
    ({"text/event-stream": {"schema": EVENT}}, "*/*", "text/event-stream", b'event: made\ndata: {"n":1}\n\n'),
    ({"application/json-seq": {"schema": ONE}}, "*/*", "application/json-seq", b'\x1e{"n":1}\n'),
    ({"application/x-ndjson": {"schema": ONE}}, "*/*", "application/x-ndjson", b'{"n":1}\n'),
    ({"multipart/mixed": {"schema": {"type": "array", "minItems": 1, "items": ONE}}}, "*/*", "multipart/mixed; boundary=b0undary", b'--b0undary\r\nContent-Type: application/json\r\n\r\n{"n":1}\r\n--b0undary--\r\n'),
    ({"application/x-www-form-urlencoded": {"schema": ONE}}, "*/*", "application/x-www-form-urlencoded", b"n=1"),
]  # fmt: skip
TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string", "enum": ["v"]}}


def property_of(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": ["animals"], "properties": {"animals": schema}}


def items_of(xml: dict[str, Any]) -> dict[str, Any]:
    return {**TEXTS, "items": {**TEXTS["items"], "xml": xml}}


# The examples of the XML Object (OAS 3.0.4, 4.7.26.1: names, attribute, prefix and namespace, arrays wrapped or not), and
# what is inside the root of the document.
XML_OBJECTS: list[tuple[dict[str, Any], str]] = [
    (property_of({"type": "string", "enum": ["v"]}), "<animals>v</animals>"),
    (property_of({"type": "string", "enum": ["v"], "xml": {"name": "animal"}}), "<animal>v</animal>"),
    (property_of({"type": "string", "enum": ["v"], "xml": {"namespace": "https://x.test/s", "prefix": "sample"}}), '<sample:animals xmlns:sample="https://x.test/s">v</sample:animals>'),
    (property_of(TEXTS), "<animals>v</animals>"),
    (property_of(items_of({"name": "animal"})), "<animal>v</animal>"),
    (property_of({**items_of({"name": "animal"}), "xml": {"name": "aliens"}}), "<animal>v</animal>"),
    (property_of({**TEXTS, "xml": {"wrapped": True}}), "<animals><animals>v</animals></animals>"),
    (property_of({**items_of({"name": "animal"}), "xml": {"wrapped": True}}), "<animals><animal>v</animal></animals>"),
    (property_of({**items_of({"name": "animal"}), "xml": {"name": "aliens", "wrapped": True}}), "<aliens><animal>v</animal></aliens>"),
    (property_of({**TEXTS, "xml": {"name": "aliens", "wrapped": True}}), "<aliens><aliens>v</aliens></aliens>"),
]  # fmt: skip
PERSON = {
    "type": "object", "required": ["id", "name"], "xml": {"name": "human"},
    "properties": {"id": {"type": "integer", "enum": [1], "xml": {"attribute": True}}, "name": {"type": "string", "enum": ["a<b"]}},
}  # fmt: skip
# The headers of an answer (Header Object: the style `simple`), and their values; a length or a link is as the answer is.
HEADERS = {
    name: {"required": True, "schema": schema}
    for name, schema in {
        "X-Count": {"type": "integer", "enum": [3]}, "X-Tags": {"type": "array", "minItems": 2, "items": {"type": "string", "enum": ["a"]}},
        "X-At": {"type": "object", "required": ["n"], "properties": ONE["properties"]}, "Last-Modified": TEXT,
        "X-Example": {"type": "string", "example": "of the schema"}, "Content-Length": {"type": "integer", "enum": [1]}, "Link": {"type": "string", "enum": ["</next>; rel=next"]},
    }.items()
}  # fmt: skip
# What the document shows of a header goes before what could be made of its schema, unless the schema refuses it; one with
# `content` is written by its media type (OAS 3.0.4, 4.7.12 and 4.7.21).
HEADERS |= {
    "X-One": {"schema": {"type": "integer"}, "example": 42}, "X-Many": {"schema": TEXT, "examples": {"a": {"value": "shown"}}},
    "X-Text": {"schema": {"type": "integer"}, "example": "7"}, "X-List": {"schema": {"type": "array", "items": TEXT}, "example": ["a", "b"]},
    "X-Wrong": {"schema": {"type": "integer", "minimum": 5, "maximum": 5}, "example": 9}, "X-Json": {"content": {"application/json": {"schema": ONE, "example": {"n": 1}}}},
}  # fmt: skip
SENT = {
    "X-Count": "3", "X-Tags": "a,a", "X-At": "n,1", "Content-Length": "7", "Link": None, "X-Example": "of the schema",
    "X-One": "42", "X-Many": "shown", "X-Text": "7", "X-List": "a,b", "X-Wrong": "5", "X-Json": '{"n": 1}',
}  # fmt: skip
DOCUMENT = {
    "openapi": "3.0.3",
    "info": {"title": "Foreign", "version": "1"},
    "servers": [{"url": "https://foreign.test//api/v1"}],
    "components": {"schemas": {"Person": PERSON}},
    "paths": {
        **{
            f"/xml/{name}": {
                "get": {
                    "operationId": f"xml_{name}",
                    "responses": {
                        "200": {"description": "OK", "content": {media: {"schema": schema, **SHOWN.get(name, {})}}}
                    },
                }
            }
            for (name, (schema, _)), media in zip(
                XML.items(), ("application/xml", "text/xml", "application/atom+xml") * 3, strict=True
            )
        },
        **{
            f"/told/{number}": {
                "get": {
                    "operationId": f"told_{number}",
                    "responses": {"200": {"description": "OK", "content": content}},
                }
            }
            for number, (content, *_) in enumerate(REPRESENTATIONS)
        },
        **{
            f"/object/{number}": {
                "get": {
                    "operationId": f"object_{number}",
                    "responses": {"200": {"description": "OK", "content": {"application/xml": {"schema": schema}}}},
                },
                "put": {
                    "operationId": f"put_object_{number}",
                    "requestBody": {
                        "content": {key: {"schema": schema} for key in ("application/json", "application/xml")}
                    },
                    "responses": {"204": {"description": "OK"}},
                },
            }
            for number, (schema, _) in enumerate([*XML_OBJECTS, ({"$ref": "#/components/schemas/Person"}, "")])
        },
        "/chat": {
            "post": {
                "operationId": "chat",
                "requestBody": body(
                    "application/json", {"type": "object", "properties": {"stream": {"type": "boolean"}}}
                ),
                "responses": {"200": {"description": "OK", "content": SEVERAL, "headers": HEADERS}},
            }
        },
        "/work": {"post": {"operationId": "work", "responses": done("work")}},
        # Of one path told apart by the type of its parameter; a gap that ends at the next; what no URL holds as it is.
        **{
            f"/pick/{{{name}}}": {
                "put": {
                    "operationId": f"by_{name}",
                    "parameters": [{"name": name, "in": "path", "required": True, "schema": schema}],
                    "responses": done(f"by_{name}"),
                }
            }
            for name, schema in (("id", {"type": "integer"}), ("slug", TEXT))
        },
        "/post/{id}{extension}": {
            "get": {
                "operationId": "post",
                "parameters": [
                    {"name": name, "in": "path", "required": True, "schema": schema}
                    for name, schema in (
                        ("id", {"type": "string", "maxLength": 3}),
                        ("extension", {"type": "string", "enum": [".json", ".x"]}),
                    )
                ],
                "responses": done("post"),
            }
        },
        "/My Path/ü|é": {"get": {"operationId": "blank", "responses": done("blank")}},
        "/work?cmd=start": {"post": {"operationId": "start", "responses": done("start")}},
        "/work?cmd=stop": {"post": {"operationId": "stop", "responses": done("stop")}},
        "/work?since={since}&of=a:{kind}": {
            "post": {
                "operationId": "since",
                "parameters": [
                    {"name": "since", "in": "path", "required": True, "schema": {"type": "integer"}},
                    {"name": "kind", "in": "path", "required": True, "schema": {"type": "string", "enum": ["b/c"]}},
                ],
                "responses": done("since"),
            }
        },
        "/#X-Target=A": {"post": {"operationId": "a", "parameters": [header("A")], "responses": done("a")}},
        "/#X-Target=B": {"post": {"operationId": "b", "parameters": [header("B")], "responses": done("b")}},
        "/people": {
            "post": {
                "operationId": "add",
                "requestBody": body("application/xml", {"type": "object", "properties": {"name": TEXT}}),
                "responses": done("add"),
            }
        },
        "/pictures": {
            "post": {
                "operationId": "draw",
                "requestBody": body(
                    "multipart/form-data",
                    {
                        "type": "object",
                        "properties": {
                            "n": {"type": "integer", "nullable": True},
                            "form": {"type": "string", "enum": ["round"], "nullable": True},
                            "m": {"type": "integer"},
                        },
                    },
                ),
                "responses": done("draw"),
            }
        },
        "/calls": {
            "post": {
                "operationId": "call",
                "requestBody": body("application/x-www-form-urlencoded", FORM),
                "responses": done("call"),
            }
        },
        "/messages": {
            "get": {
                "operationId": "messages",
                "parameters": [
                    {"name": "cursor", "in": "query", "schema": TEXT},
                    {"name": "limit", "in": "query", "schema": {"type": "integer"}},
                ],
                "responses": answer(LIST, example={"items": [{"id": "m1"}], "next_cursor": ""}),
            },
            "post": {
                "operationId": "send",
                "requestBody": body("application/json", {"type": "array", "items": ITEM}),
                "responses": answer({"type": "array", "items": ITEM}),
            },
        },
        "/messages/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
            "get": {"operationId": "message", "responses": answer(ITEM)},
        },
    },
}


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("foreign")
    (folder / "api.json").write_text(json.dumps(DOCUMENT), "utf-8")
    pipeline.generate(pipeline.Inputs(folder / "api.json"), folder / "out", ("python", "mock"))
    sys.path.insert(0, str(folder / "out/python"))
    try:
        with importlib.import_module("foreign_kit.mock.server").serve(token="") as mock:
            yield urlsplit(mock.base_url)
    finally:
        sys.path.remove(str(folder / "out/python"))


def ask(at: Any, method: str, target: str, content: str = "", **headers: str) -> tuple[int, Any]:
    """Status and value of the answer. The target is beneath the path that the document's server has."""
    connection = http.client.HTTPConnection(at.hostname, at.port, timeout=HANGS)
    try:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, "/api/v1" + target, content.encode() or None, sent)
        reply = connection.getresponse()
        return reply.status, json.loads(reply.read())
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("target", "name"),
    [("/work?cmd=start", "start"), ("/work?a=b&cmd=stop", "stop"), ("/work", "work"), ("/work?cmd=other", "work"),
     ("/work?of=a:b/c&since=7", "since"), ("/work?of=a%3Ab%2Fc&since=7", "since"), ("/work?since=7", "work")],
)  # fmt: skip
def test_a_path_may_say_what_its_query_holds(at: Any, target: str, name: str) -> None:
    assert ask(at, "POST", target) == (200, {"done": name})


def test_a_path_is_the_one_that_its_parameters_take(at: Any) -> None:
    rows = [("/pick/7", "by_id"), ("/pick/x", "by_slug"), ("/post/a.b.json", "post"), ("/post/12.x", "post")]
    rows += [("/My%20Path/%C3%BC%7C%c3%a9", "blank"), ("/My%20Path/%C3%BC|%C3%A9", "blank")]
    wrong = [
        (target, got)
        for target, name in rows
        if (got := ask(at, "PUT" if "pick" in target else "GET", target)) != (200, {"done": name})
    ]
    assert not wrong


@pytest.mark.parametrize("value", ["A", "B"])
def test_operations_of_one_path_are_told_apart_by_a_header(at: Any, value: str) -> None:
    assert ask(at, "POST", "/", X_Target=value) == (200, {"done": value.lower()})


def test_a_header_that_means_none_of_them_is_refused(at: Any) -> None:
    assert ask(at, "POST", "/", X_Target="C")[0] == 422


@pytest.mark.parametrize("name", XML)
def test_xml_is_one_element_whatever_its_schema(at: Any, name: str) -> None:
    """XML 1.0, 2.1: a well-formed document has one root element. Of a text that is a document, it is that."""
    with urllib.request.urlopen(f"http://{at.netloc}{at.path}/xml/{name}", timeout=HANGS) as answer:
        status, media, content = answer.status, answer.headers["Content-Type"], answer.read()
    found = ElementTree.fromstring(content)
    assert status == 200 and media.endswith("xml")
    expected = XML[name][1]
    assert expected is None or "".join(found.itertext()) == expected
    assert found.tag == ("note" if name == "whole" else "root")


def test_xml_is_taken_where_its_schema_is_an_object(at: Any) -> None:
    assert ask(at, "POST", "/people", "<a><name>x</name></a>", Content_Type="application/xml")[0] == 200


@pytest.mark.parametrize(
    ("part", "text", "status"),
    [
        ("n", "null", 200),
        ("form", "null", 200),
        ("n", "2", 200),
        ("n", "2.0", 200),
        ("n", "", 200),
        ("m", "", 422),
        ("form", "round", 200),
        ("m", "null", 422),
        ("n", "none", 422),
        ("form", "flat", 422),
    ],
)
def test_a_part_says_null_where_its_schema_takes_it(at: Any, part: str, text: str, status: int) -> None:
    """OAS 3.0.4, Encoding Object: a primitive is sent as text/plain; JSON's word for null is what implementations write."""
    content = f'--b\r\nContent-Disposition: form-data; name="{part}"\r\n\r\n{text}\r\n--b--\r\n'
    assert ask(at, "POST", "/pictures", content, Content_Type="multipart/form-data; boundary=b")[0] == status


def test_of_a_form_an_object_may_be_empty(at: Any) -> None:
    form = "application/x-www-form-urlencoded"  # which has no way to write an empty object (WHATWG URL, 5.2)
    assert ask(at, "POST", "/calls", "to=x", Content_Type=form)[0] == 200
    assert ask(at, "POST", "/calls", "extra[a]=x", Content_Type=form)[0] == 422


def test_a_call_may_make_several_at_once(at: Any) -> None:
    status, made = ask(at, "POST", "/messages", '[{"id":"x"}]', Content_Type="application/json")
    assert status == 200 and isinstance(made, list) and all(isinstance(each["id"], str) for each in made)


@pytest.mark.parametrize("query", ["", "?cursor=", "?cursor=written-down", "?cursor=W10=", "?limit=-5", "?limit=0"])
def test_a_list_begins_where_its_cursor_means_nothing(at: Any, query: str) -> None:
    # The document takes any text for a cursor, any integer for a limit, and describes no refusal.
    status, found = ask(at, "GET", f"/messages{query}")
    assert status == 200 and found["items"][0] == {"id": "m1"}


def told(at: Any, method: str, target: str, content: bytes | None, **headers: str) -> tuple[str, bytes]:
    request = urllib.request.Request(at.geturl() + target, content, headers, method=method)
    with urllib.request.urlopen(request, timeout=HANGS) as found:
        return found.headers["Content-Type"], found.read()


def test_the_representation_is_the_one_that_is_asked_for(at: Any) -> None:
    wrong = []
    for number, (_, accept, media, content) in enumerate(REPRESENTATIONS):
        if (found := told(at, "GET", f"/told/{number}", None, Accept=accept)) != (media, content):
            wrong.append((number, accept, found))
    json_ = {"Content-Type": "application/json"}
    for sent, media in ((b"{}", "application/json"), (b'{"stream":true}', "text/event-stream")):
        if (found := told(at, "POST", "/chat", sent, **json_))[0] != media:
            wrong.append((sent, found))
    assert not wrong


def test_xml_is_as_its_objects_say(at: Any) -> None:
    wrong = []
    for number, (_, inside) in enumerate(XML_OBJECTS):
        found = told(at, "GET", f"/object/{number}", None)[1].decode().partition("?>")[2]
        if found != f"<root>{inside}</root>":
            wrong.append((number, inside, found))
    person = told(at, "GET", f"/object/{len(XML_OBJECTS)}", None)[1].decode().partition("?>")[2]
    assert person == '<human id="1"><name>a&lt;b</name></human>' and not wrong


# Bodies of XML as which the schema of a row above is sent, and what the argument then is, or what is wrong (XML 1.0; XML
# Schema 1.1 Structures, 2.7.2: `nil`; the namespaces of what no schema names count for nothing).
BODIES: list[tuple[int, str, Any]] = [
    *((number, f"<root>{inside}</root>", {"animals": "v" if number < 3 else ["v"]}) for number, (_, inside) in enumerate(XML_OBJECTS)),
    (0, "<?xml version='1.0' encoding='utf-8'?><!-- c --><a:root xmlns:a='u'><a:animals><![CDATA[v]]></a:animals></a:root>", {"animals": "v"}),
    (3, "<root><animals>v</animals><animals>v</animals></root>", {"animals": ["v", "v"]}),
    (10, "<human id='1'><name>a&lt;b</name></human>", {"id": 1, "name": "a<b"}),
    (0, "<root><animal>v</animal></root>", "animals is required"),
    (1, "<root><animals>v</animals></root>", "animals is required"),
    (2, "<root><animals>v</animals></root>", "animals is required"),
    (2, "<root xmlns:sample='https://y.test'><sample:animals>v</sample:animals></root>", "animals is required"),
    (0, "<root><animals>w</animals></root>", "animals must be one of 'v'"),
    (0, "<root><animals><a/></animals></root>", "animals must be a string, not an object"),
    (7, "<root><animals><aliens>v</aliens></animals></root>", "must be called animal"),
    (3, "<root/>", "animals is required"),
    (0, "<root>v</root>", "must be an object, not a string"),
    (10, "<person id='1'><name>a</name></person>", "must be called human"),
    (10, "<human id='x'><name>a&lt;b</name></human>", "id must be an integer, not a string"),
    (10, "<human><id>1</id><name>a&lt;b</name></human>", "id is required"),
    (0, "<root><animals>v</root>", "The body is not XML"),
    (0, "<!DOCTYPE r [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><root><animals>&e;</animals></root>", "declares an entity"),
    (0, "<!DOCTYPE r [<!ENTITY % e 'x'>]><root/>", "declares an entity"),
    (0, "<root>" + "<a>" * 200 + "</a>" * 200 + "</root>", "levels"),
]  # fmt: skip


def test_a_body_of_xml_is_read_by_its_objects(at: Any) -> None:
    from email.message import Message

    requests, routes = (importlib.import_module(f"foreign_kit.mock.{name}") for name in ("requests", "routes"))
    loaded, wrong = routes.load(), []
    headers = Message()
    headers["Content-Type"] = "application/xml"
    for number, text, expected in BODIES:
        request = requests.Request("PUT", f"/object/{number}", "", headers, text.encode())
        route, path = loaded.find("PUT", request.path)
        try:
            requests.read(request, route, path, loaded.schemas)
            found: Any = request.arguments
        except Exception as error:  # noqa: BLE001 - told with the row
            found = str(error)
        if found != expected and not (isinstance(expected, str) and isinstance(found, str) and expected in found):
            wrong.append((number, text[:80], found))
    assert not wrong


def test_an_answer_has_the_headers_that_are_declared(at: Any) -> None:
    request = urllib.request.Request(at.geturl() + "/chat", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=HANGS) as found:
        assert {name: found.headers[name] for name in SENT} == SENT and found.headers["Last-Modified"]
