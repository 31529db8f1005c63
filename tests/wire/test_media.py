"""What bodies and the parts of forms are: taken by hand from the Request Body and Encoding Objects (OpenAPI 3.1.1, 4.8.13
and 4.8.15; 3.2.1, Encoding By Name), RFC 7578 and RFC 9110, and held against the Python client, the plain Lua module, the
docs' lines for curl, and the mock.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hanging import HANGS
from lua_programs import interpreter
from programs import needs
from recorder import Recorder, recorder

from generator import pipeline
from generator.surfaces.docs import console
from generator.surfaces.shared import calls
from generator.surfaces.shared.metadata import metadata

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
TEXT, JSON = "text/plain", "application/json"
STRING = {"type": "string"}
FILE = {"type": "string", "format": "binary"}
URLENCODED = "application/x-www-form-urlencoded"
OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
PAIRS = {
    "type": "object",
    "properties": {"a": STRING, "n": {"type": "integer"}, "tags": {"type": "array", "items": STRING}},
}
Part = tuple[str, Any]
"""The media type and what is in it, of JSON the value; a file begins with `file:`."""

# A property, its encoding, a value, and the parts that it becomes.
ROWS: list[tuple[dict[str, Any], dict[str, Any], Any, list[Part]]] = [
    (STRING, {}, "é, \"x\" and = ;", [(TEXT, "é, \"x\" and = ;")]),
    (STRING, {}, "", [(TEXT, "")]),
    ({"type": "number"}, {}, 1.5, [(TEXT, "1.5")]),
    ({"type": "integer"}, {}, 7, [(TEXT, "7")]),
    ({"type": "boolean"}, {}, True, [(TEXT, "true")]),
    (OBJECT, {}, {"a": 1}, [(JSON, {"a": 1})]),
    ({"type": "array", "items": STRING}, {}, ["x", "y,z"], [(TEXT, "x"), (TEXT, "y,z")]),
    ({"type": "array", "items": {"type": "integer"}}, {}, [1, 2], [(TEXT, "1"), (TEXT, "2")]),
    ({"type": "array", "items": OBJECT}, {}, [{"a": 1}, {"a": 2}], [(JSON, {"a": 1}), (JSON, {"a": 2})]),
    ({"type": "array", "items": {"type": "array", "items": {"type": "integer"}}}, {}, [[1, 2], [3]], [(JSON, [1, 2]), (JSON, [3])]),
    ({"oneOf": [STRING, {"type": "integer"}]}, {}, "x", [(TEXT, "x")]),
    ({"oneOf": [STRING, {"type": "integer"}]}, {}, 3, [(TEXT, "3")]),
    ({"oneOf": [STRING, OBJECT]}, {}, {"a": 1}, [(JSON, {"a": 1})]),
    ({"oneOf": [STRING, {"type": "array", "items": STRING}]}, {}, ["x", "y"], [(TEXT, "x"), (TEXT, "y")]),
    ({"type": "array", "items": {"oneOf": [STRING, {"type": "integer"}]}}, {}, ["x", 3], [(TEXT, "x"), (TEXT, "3")]),
    (STRING, {"contentType": "application/xml"}, "<a/>", [("application/xml", "<a/>")]),
    ({"type": "array", "items": STRING}, {"contentType": "text/csv"}, ["a,b", "c"], [("text/csv", "a,b"), ("text/csv", "c")]),
    ({"type": "array", "items": OBJECT}, {"contentType": "application/vnd.x+json"}, [{"a": 1}], [("application/vnd.x+json", {"a": 1})]),
    # An object that is a form in a part (WHATWG URL, application/x-www-form-urlencoded; one pair an item of a list).
    (PAIRS, {"contentType": URLENCODED}, {"a": "x y&z=é", "n": 2, "tags": ["p", "q"]}, [(URLENCODED, "a=x+y%26z%3D%C3%A9&n=2&tags=p&tags=q")]),
    ({"type": "array", "items": PAIRS}, {"contentType": URLENCODED}, [{"n": 1}, {"n": 2}], [(URLENCODED, "n=1"), (URLENCODED, "n=2")]),
    (PAIRS, {"contentType": f"application/json, {URLENCODED}"}, {"n": 1}, [(JSON, {"n": 1})]),
    # XML is given as the text that it is, as a body of it is.
    (OBJECT, {"contentType": "text/xml"}, "<o><a>1</a></o>", [("text/xml", "<o><a>1</a></o>")]),
    (FILE, {}, "data:image/png;base64,AAH/", [("file:image/png", b"\0\x01\xff")]),
    # Either a file or something else: what is given as a file is one.
    ({"oneOf": [FILE, OBJECT]}, {}, "data:image/png;base64,AAH/", [("file:image/png", b"\0\x01\xff")]),
    ({"oneOf": [FILE, OBJECT]}, {}, {"a": 1}, [(JSON, {"a": 1})]),
    ({"oneOf": [{"type": "integer"}, FILE]}, {}, "data:image/png;base64,AAH/", [("file:image/png", b"\0\x01\xff")]),
    ({"anyOf": [{"type": "string", "format": "uri"}, FILE]}, {}, "data:;base64,AQ==", [(f"file:{TEXT}", b"\x01")]),
    ({"anyOf": [{"type": "string", "format": "uri"}, FILE]}, {}, "https://x.test/a", [(TEXT, "https://x.test/a")]),
    ({"type": "array", "items": {"anyOf": [STRING, FILE]}}, {}, ["data:image/png;base64,AAH/", "t"], [("file:image/png", b"\0\x01\xff"), (TEXT, "t")]),
    # Raw bytes have no type (3.1.2, 4.8.24.4, and 4.15.2, Basic Multipart Form), or are a string of a media type that is no text's.
    ({}, {}, "data:image/png;base64,AAH/", [("file:image/png", b"\0\x01\xff")]),
    ({"description": "A picture."}, {"contentType": "image/png"}, "\x01", [("file:image/png", b"\x01")]),
    ({"type": "array", "items": {}}, {}, ["data:image/png;base64,AAH/"], [("file:image/png", b"\0\x01\xff")]),
    ({"type": "string", "contentMediaType": "application/octet-stream"}, {}, "\x01", [("file:application/octet-stream", b"\x01")]),
    ({"anyOf": [FILE, {"type": "array", "items": FILE}]}, {}, "\x01", [("file:application/octet-stream", b"\x01")]),
    ({"anyOf": [FILE, {"type": "array", "items": FILE}]}, {}, ["\x01"], [("file:application/octet-stream", b"\x01")]),
    ({"type": "string", "contentMediaType": "text/csv"}, {}, "a,b", [(TEXT, "a,b")]),
    # Bytes as text (4.15.1, the default contentType of a string with contentEncoding; 3.0.4, of the format byte).
    ({"type": "string", "contentEncoding": "base64"}, {}, "AAH/", [("application/octet-stream", "AAH/")]),
    ({"type": "string", "contentEncoding": "base64url"}, {}, "AAH_", [("application/octet-stream", "AAH_")]),
    ({"type": "string", "format": "byte"}, {}, "AAH/", [("application/octet-stream", "AAH/")]),
]  # fmt: skip
FILES: list[tuple[dict[str, Any], dict[str, Any], list[str], list[Part]]] = [
    ({"type": "array", "items": FILE}, {}, ["data:image/png;base64,AA==", "data:;base64,AQ=="], [("file:image/png", b"\0"), (f"file:{TEXT}", b"\1")]),
]  # fmt: skip
"""Several files of one property."""


# What is offered, the schema, a value, and the media type and the body that are sent: RFC 9110, 8.3: a Content-Type is no range.
RANGES: list[tuple[list[str], dict[str, Any], Any, str, Any]] = [
    (["*/*"], OBJECT, {"a": 1}, JSON, {"a": 1}),
    (["*/*"], {}, [1], JSON, [1]),
    (["*/*"], STRING, "x", TEXT, b"x"),
    (["*/*"], FILE, "data:image/png;base64,AAH/", "image/png", b"\0\x01\xff"),
    (["image/*"], FILE, "data:image/png;base64,AAH/", "image/png", b"\0\x01\xff"),
    (["image/*"], FILE, "bytes", "application/octet-stream", b"bytes"),
    (["text/*"], STRING, "x", TEXT, b"x"),
    (["text/*"], {"type": "boolean"}, True, TEXT, b"true"),
    ([TEXT], {"type": "integer"}, 7, TEXT, b"7"),
    ([TEXT], {"$ref": "#/components/schemas/Level"}, 2.5, TEXT, b"2.5"),
    ([TEXT], {"$ref": "#/components/schemas/Mood"}, "calm", TEXT, b"calm"),
    (["application/*"], OBJECT, {"a": 1}, JSON, {"a": 1}),
    (["*/*", "application/json"], OBJECT, {"a": 1}, JSON, {"a": 1}),
    (["application/*+json"], OBJECT, {"a": 1}, JSON, {"a": 1}),
    (["application/*+xml"], STRING, "<a/>", "application/xml", b"<a/>"),
    (["application/x-www-form-urlencoded"], STRING, "a=1&b=%20c", "application/x-www-form-urlencoded", b"a=1&b=%20c"),
    (["text/json"], OBJECT, {"a": 1}, "text/json", b'{"a":1}'),
    # One after the other (3.2.0, 4.14.2; RFC 7464, 2.2).
    (["application/x-ndjson"], {"type": "array", "items": OBJECT}, [{"a": 1}, {"a": 2}], "application/x-ndjson", b'{"a":1}\n{"a":2}\n'),
    (["application/jsonl"], {"itemSchema": STRING}, ["x", "y\nz"], "application/jsonl", b'"x"\n"y\\nz"\n'),
    (["application/ndjson"], OBJECT, [{"a": 1}], "application/ndjson", b'{"a":1}\n'),
    (["application/geo+json-seq"], {"itemSchema": OBJECT}, [{"a": 1}, {}], "application/geo+json-seq", b'\x1e{"a":1}\n\x1e{}\n'),
    (["application/merge-patch+json"], OBJECT, {"a": 1}, "application/merge-patch+json", b'{"a":1}'),
]  # fmt: skip


LINK = {"type": "object", "required": ["url"], "properties": {"url": STRING, "about": OBJECT}}
EITHER = {"type": "object", "properties": {"url": STRING, "key": STRING}, "oneOf": [{"required": ["url"]}, {"required": ["key"]}]}  # fmt: skip
PHOTO = {"type": "object", "required": ["photo"], "properties": {"photo": FILE, "about": OBJECT}}
# JSON and a form of the same body whose properties differ (3.1.2, 4.8.13: one of `content` is chosen): what only the form
# has goes as one. The schema of the JSON, the arguments, and the body: the value of JSON or the parts.
BESIDE: list[tuple[dict[str, Any], dict[str, Any], Any]] = [
    (LINK, {"url": "https://x.test/a", "about": {"a": 1}}, {"url": "https://x.test/a", "about": {"a": 1}}),
    (LINK, {"photo": "\x01", "about": {"a": 1}}, [("about", None, JSON, b'{"a":1}'), ("photo", "file", "image/png", b"\x01")]),
    (EITHER, {"key": "k"}, {"key": "k"}),
    (EITHER, {"photo": "\x01"}, [("photo", "file", "image/png", b"\x01")]),
    (LINK, {"photo": "\x01", "of": "a"}, [("of", None, "text/plain", b"a"), ("photo", "file", "image/png", b"\x01")]),
]  # fmt: skip


# Of both, what is taken and what is not: what the one requires is not asked of the other.
# The last has two that only the form has: the one asks for the other. What is wrong says what would do in either case.
TWO = {**PHOTO, "required": ["photo", "of"], "properties": {**PHOTO["properties"], "of": STRING}}
REFUSED = [
    ("parted_beside0", {"about": {}}, "url", "is required and missing: give it, or photo"),
    ("parted_beside4", {}, "url", "is required and missing: give it, or photo or of"),
    ("parted_beside4", {"photo": "p"}, "of", "is required and missing"),
]
EITHER_TAKEN = [({"url": "u"}, True), ({"photo": "p"}, True), ({"about": {}}, False), ({}, False), ({"photo": "p", "about": {}}, True)]  # fmt: skip


def document() -> dict[str, Any]:
    paths = {}
    for number, (schema, *_) in enumerate(BESIDE):
        form = {"schema": TWO if number == 4 else PHOTO, "encoding": {"photo": {"contentType": "image/png"}}}
        body = {"required": True, "content": {JSON: {"schema": schema}, "multipart/form-data": form}}
        operation = {"operationId": f"beside{number}", "tags": ["rows"], "requestBody": body}
        paths[f"/beside{number}"] = {"post": {**operation, "responses": {"204": {"description": "ok"}}}}
    for number, (schema, encoding, *_) in enumerate([*ROWS, *FILES]):
        content: dict[str, Any] = {"schema": {"type": "object", "required": ["part"], "properties": {"part": schema}}}
        content |= {"encoding": {"part": encoding}} if encoding else {}
        body = {"required": True, "content": {"multipart/form-data": content}}
        paths[f"/row{number}"] = {
            "post": {
                "operationId": f"row{number}",
                "tags": ["rows"],
                "requestBody": body,
                "responses": {"204": {"description": "ok"}},
            }
        }
    for number, (offered, schema, *_) in enumerate(RANGES):
        described = schema if "itemSchema" in schema else {"schema": schema}
        body = {"required": True, "content": dict.fromkeys(offered, described)}
        paths[f"/range{number}"] = {
            "post": {"operationId": f"range{number}", "tags": ["rows"], "requestBody": body, "responses": {"204": {"description": "ok"}}}
        }  # fmt: skip
    schemas = {"Level": {"type": "number", "enum": [1, 2.5]}, "Mood": {"type": "string", "enum": ["calm", "wild"]}}
    return {
        "openapi": "3.2.0",
        "info": {"title": "Parted", "version": "1"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status, running.content = 204, b""
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("parted")
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json")
    pipeline.generate(inputs, folder / "out", ("python", "lua", "mock"))
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", pipeline.load(inputs)
    sys.path.remove(str(folder / "out/python"))


def check(server: Recorder, call: Callable[[str, dict[str, Any]], Any], rows: Any) -> None:
    wrong: list[Any] = []
    for number, (_, schema, value, media, body) in enumerate(RANGES):
        # Of an object that has fields each is an argument.
        call(f"parted_range{number}", value if schema is OBJECT and isinstance(value, dict) else {"body": value})
        seen = server.one()
        sent = seen.body if "json" not in media or media == JSON else seen.body.replace(b" ", b"")
        if (seen.headers.get("content-type"), sent) != (media, body):
            wrong.append((RANGES[number], seen.headers, seen.body))
    for number, (_, given, expected) in enumerate(BESIDE):
        call(f"parted_beside{number}", given)
        found = server.one().body
        if isinstance(found, list):  # a line for curl names the file as its property, and has blanks in its JSON
            found = [
                (name, filename and "file", media, content.replace(b" ", b""))
                for name, filename, media, content in found
            ]
        if found != expected:
            wrong.append((number, given, found))
    for number, (_, _, value, expected) in enumerate(rows):
        call(f"parted_row{number}", {"part": value})
        found = read(server.one().body)
        if sorted(found, key=repr) != sorted(expected, key=repr):
            wrong.append((number, value, expected, found))
    assert not wrong


def read(body: Any) -> list[Part]:
    """The parts, in the order of the recorder."""
    found: list[Part] = []
    for name, filename, media, content in body:
        assert name == "part"
        if filename is not None:
            found.append((f"file:{media}", content))
        else:
            found.append((media, json.loads(content) if media.endswith("json") else content.decode()))
    return found


def test_python(server: Recorder, made: tuple[Path, Any]) -> None:
    import parted_kit as parted

    with parted.Parted("token", base_url=server.base_url) as client:
        check(server, lambda name, given: getattr(client.rows, name.partition("_")[2])(**given), [*ROWS, *FILES])


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(server: Recorder, made: tuple[Path, Any], lua: str) -> None:
    needs(lua)
    with interpreter(lua, str(PLAIN), str(made[0] / "lua"), server.base_url, "token", "parted_kit") as ask:

        def call(name: str, given: dict[str, Any]) -> None:
            answered = json.loads(ask(json.dumps([name, given]) + "\n"))
            assert "error" not in answered, answered

        check(server, call, [*ROWS, *FILES])


def test_curl(server: Recorder, made: tuple[Path, Any]) -> None:
    needs("curl")
    api = made[1]

    def call(name: str, given: dict[str, Any]) -> None:
        line = calls.curl(api, api.function(name), given).replace(api.servers[0].url, server.base_url)
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        assert done.returncode == 0, (line, done.stderr)

    check(server, call, [*ROWS, *FILES])


def test_mock(made: tuple[Path, Any]) -> None:
    """The mock reads the parts as the value that they stand for."""
    from parted_kit.mock import requests
    from parted_kit.mock.routes import load

    routes = load()
    wrong = []
    for number, (_, _, value, parts) in enumerate(ROWS):
        if parts[0][0].startswith("file:") or 3 in (value if isinstance(value, list) else [value]):
            continue  # a file is kept aside; a number that may be a text as well is that on the wire
        written = "".join(
            f'--mark\r\nContent-Disposition: form-data; name="part"\r\nContent-Type: {media}\r\n\r\n'
            f"{json.dumps(content) if media.endswith('json') else content}\r\n"
            for media, content in parts
        )
        headers = Message()
        headers["Content-Type"] = "multipart/form-data; boundary=mark"
        request = requests.Request("POST", f"/row{number}", "", headers, f"{written}--mark--\r\n".encode())
        route, found = routes.find("POST", request.path)
        try:
            requests.read(request, route, found, routes.schemas)
        except Exception as error:  # noqa: BLE001 - told with the row
            wrong.append((number, value, error))
            continue
        if request.arguments != {"part": value}:
            wrong.append((number, value, request.arguments))
    for media, text, arguments in (
        (JSON, '{"url":"u"}', {"url": "u"}),
        ("multipart/form-data; boundary=mark", f"--mark\r\n{_PHOTO}\r\n--mark--\r\n", {"photo": ""}),
        ("multipart/form-data; boundary=mark", f"--mark\r\n{_ABOUT}\r\n--mark--\r\n", {"about": {"a": 1}}),
    ):
        headers = Message()
        headers["Content-Type"] = media
        request = requests.Request("POST", "/beside0", "", headers, text.encode())
        route, found = routes.find("POST", request.path)
        requests.read(request, route, found, routes.schemas)
        if request.arguments != arguments:
            wrong.append((media, text, request.arguments))
    assert not wrong


_PHOTO = 'Content-Disposition: form-data; name="photo"; filename="f"\r\nContent-Type: image/png\r\n\r\n\x01'
_ABOUT = 'Content-Disposition: form-data; name="about"\r\nContent-Type: application/json\r\n\r\n{"a":1}'


def test_console(made: tuple[Path, Any]) -> None:
    """The docs' form sends JSON, and a list whose items follow one another, as its page says."""
    api = made[1]
    sequences = [number for number, (media, *_) in enumerate(RANGES) if "jsonl" in media[0] or "seq" in media[0]]
    assert sequences and all(console.offered(api, api.function(f"parted_range{number}")) for number in sequences)
    function = api.function("parted_beside0")
    known = metadata(api)
    schema = known.closed(next(each for each in known.entries if each["name"] == function.name)["input_schema"])
    validator = jsonschema.Draft202012Validator(schema)
    assert [validator.is_valid(given) for given, _ in EITHER_TAKEN] == [right for _, right in EITHER_TAKEN]
    assert all(validator.is_valid(example.arguments) for example in function.examples)
    from parted_kit.functions.validate import check

    inputs = {each["name"]: known.closed(each["input_schema"]) for each in known.entries}
    for name, given, parameter, message in REFUSED:
        problem = check(given, inputs[name])
        assert problem is not None and (problem.parameter, problem.message) == (parameter, message), problem
    assert console.offered(api, function)
    shown = json.loads(str(console.page(api, function).document))
    assert [each["name"] for each in shown["parameters"]] == ["url", "about"] and "photo" not in shown["arguments"]
