"""The parts of forms as the Encoding Object says (OpenAPI 3.1.2, 4.15.2 and 4.15.4; 3.2.0, Encoding By Name, By Position)
and RFC 7578, 4.2 to 4.5, and RFC 2046, 5.1, say: written down by hand, over every writer, and back through the mock.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import Message
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from anyio.from_thread import start_blocking_portal
from forking import Forked, Forking
from hanging import HANGS
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from programs import needs
from recorder import Recorder, Seen, recorder

from generator import pipeline
from generator.surfaces.shared import calls

pytestmark = pytest.mark.long

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
FORM, MIXED, RELATED = "multipart/form-data", "multipart/mixed", "multipart/related"
URLENCODED = "application/x-www-form-urlencoded"
TEXT, JSON = "text/plain", "application/json"
STRING, OBJECT = {"type": "string"}, {
    "type": "object",
    "properties": {"r": {"type": "integer"}, "g": {"type": "integer"}},
}
STRINGS, EITHER = {"type": "array", "items": STRING}, {"oneOf": [STRING, OBJECT]}
FILE = {"type": "string", "format": "binary"}
FILE_OR_OBJECT = {"oneOf": [FILE, OBJECT]}
NAMED = 'form-data; name="part"'
RGB = {"r": 100, "g": 200}
GR = {"g": 200, "r": 100}


def parted(*texts: str, **more: str) -> list[Any]:
    """Parts of a form with these texts, without a media type of their own."""
    return [({"content-disposition": NAMED, **more}, text) for text in texts]


def of(media: str, value: Any, **more: str) -> list[Any]:
    return [({"content-disposition": NAMED, "content-type": media, **more}, value)]


def header(**schema: Any) -> dict[str, Any]:
    return {"headers": {"X-Kind": {"schema": {"type": "string", **schema}}}}


def member(name: str, text: str) -> Any:
    return {"content-disposition": f'form-data; name="{name}"'}, text


def disposed(name: str, **more: Any) -> dict[str, Any]:
    return {"headers": {"Content-Disposition": {"schema": {"const": f'form-data; name="{name}"'}}}, **more}


# The schema of the property, what the Encoding Object says of it, a value, and the parts that it becomes.
PARTS: list[tuple[dict[str, Any], dict[str, Any], Any, list[Any]]] = [
    # contentType, several: the one that the value is (3.1.2, 4.15.4).
    (STRING, {"contentType": "text/plain, application/json"}, "x", of(TEXT, "x")),
    (STRING, {"contentType": "application/json, text/plain"}, "x", of(TEXT, "x")),
    (STRING, {"contentType": "application/json, application/xml"}, "<a/>", of("application/xml", "<a/>")),
    (OBJECT, {"contentType": "text/plain, application/json"}, RGB, of(JSON, RGB)),
    (OBJECT, {"contentType": "application/xml, application/vnd.c+json"}, RGB, of("application/vnd.c+json", RGB)),
    (EITHER, {"contentType": "text/plain, application/json"}, RGB, of(JSON, RGB)),
    (EITHER, {"contentType": "application/json, text/plain"}, "x", of(TEXT, "x")),
    (STRING, {"contentType": "text/*"}, "x", of(TEXT, "x")),
    (STRING, {"contentType": "image/*, text/csv"}, "a,b", of("text/csv", "a,b")),
    (OBJECT, {"contentType": "*/*"}, RGB, of(JSON, RGB)),
    (STRING, {"contentType": "application/json"}, "x", of(JSON, "x")),
    # headers, where the document tells a value.
    (STRING, header(const="a; b"), "x", of(TEXT, "x", **{"x-kind": "a; b"})),
    (STRING, header(enum=["only"]), "x", of(TEXT, "x", **{"x-kind": "only"})),
    (STRING, header(default="usual"), "x", of(TEXT, "x", **{"x-kind": "usual"})),
    (STRING, header(type="integer", example=7), "x", of(TEXT, "x", **{"x-kind": "7"})),
    (OBJECT, header(examples=['say "hi"']), RGB, of(JSON, RGB, **{"x-kind": 'say "hi"'})),
    (STRING, {"headers": {"X-Kind": {"example": "e", "schema": STRING}}}, "x", of(TEXT, "x", **{"x-kind": "e"})),
    (STRING, {"headers": {"X-Kind": {"examples": {"a": {"value": "e"}}}}}, "x", of(TEXT, "x", **{"x-kind": "e"})),
    (STRING, {"headers": {"Content-Type": {"schema": {"const": "a/b"}}}}, "x", of(TEXT, "x")),
    (FILE_OR_OBJECT, {}, "data:image/png;base64,AAH/", [({"content-disposition": f'{NAMED}; filename="file"', "content-type": "image/png"}, b"\0\1\xff")]),
    (FILE, header(const="c"), "data:image/png;base64,AAH/", [({"content-disposition": f'{NAMED}; filename="file"', "content-type": "image/png", "x-kind": "c"}, b"\0\1\xff")]),
    # style, explode: as in a query, and nothing is percent-encoded; contentType does not count (3.1.2, 4.15.2).
    (STRINGS, {"style": "form"}, ["a b", "c&d"], parted("a b", "c&d")),
    (STRINGS, {"explode": False}, ["a b", "c&d"], parted("a b,c&d")),
    (STRINGS, {"style": "spaceDelimited"}, ["blue", "black"], parted("blue black")),
    (STRINGS, {"style": "pipeDelimited", "contentType": "text/csv"}, ["é", "black"], parted("é|black")),
    (OBJECT, {"style": "form"}, RGB, [member("r", "100"), member("g", "200")]),
    (OBJECT, {"style": "form", "explode": False}, RGB, parted("r,100,g,200")),
    (OBJECT, {"style": "deepObject", "explode": True}, RGB, [member("part[r]", "100"), member("part[g]", "200")]),
    (STRING, {"allowReserved": True, "contentType": "application/xml"}, "a/b%20c d", parted("a/b%20c d")),
    (STRING, {"style": "form", **header(const="c")}, "x=1", parted("x=1", **{"x-kind": "c"})),
]  # fmt: skip

# The same in a form of the web: the text that is sent (3.1.2, 4.15.3; RFC 6570, 3.2).
TEXTS: list[tuple[dict[str, Any], dict[str, Any], Any, str]] = [
    (OBJECT, {}, RGB, "part=%7B%22r%22%3A100%2C%22g%22%3A200%7D"),
    (EITHER, {}, RGB, "part=%7B%22r%22%3A100%2C%22g%22%3A200%7D"),
    (STRINGS, {}, ["a b", "c"], "part=a%20b&part=c"),
    (OBJECT, {"style": "form"}, RGB, "r=100&g=200"),
    (OBJECT, {"explode": False}, RGB, "part=r,100,g,200"),
    (OBJECT, {"style": "deepObject", "explode": True}, RGB, "part%5Br%5D=100&part%5Bg%5D=200"),
    (STRINGS, {"style": "pipeDelimited"}, ["a", "b"], "part=a%7Cb"),
    (STRING, {"allowReserved": True}, "a/b c", "part=a/b%20c"),
    (STRING, {"contentType": "application/json"}, "x", "part=%22x%22"),
    (STRING, {"contentType": "text/plain, application/json"}, "x", "part=x"),
]  # fmt: skip

# Parts in their order, without names: the media type, the schema, what is said beside it, a value, and the parts.
ORDERED: list[tuple[str, dict[str, Any], dict[str, Any], Any, list[Any]]] = [
    (MIXED, {"type": "array", "items": STRING}, {}, ["a", "b"], [({"content-type": TEXT}, "a"), ({"content-type": TEXT}, "b")]),
    (MIXED, {"type": "array", "items": OBJECT}, {}, [RGB], [({"content-type": JSON}, RGB)]),
    (MIXED, {"type": "array", "items": OBJECT}, {"itemEncoding": {"contentType": "application/vnd.c+json"}}, [RGB], [({"content-type": "application/vnd.c+json"}, RGB)]),
    (MIXED, {"type": "array", "items": {}}, {"prefixEncoding": [{"contentType": JSON}, {"contentType": "text/csv"}], "itemEncoding": {"contentType": TEXT}}, [RGB, "a,b", "c", "d"], [({"content-type": JSON}, RGB), ({"content-type": "text/csv"}, "a,b"), ({"content-type": TEXT}, "c"), ({"content-type": TEXT}, "d")]),
    # The headers of each, and of those that follow (3.2.0, Encoding By Position).
    (MIXED, {"type": "array", "items": STRING}, {"prefixEncoding": [header(const="first"), {}], "itemEncoding": {"contentType": "text/csv", **header(default="rest")}}, ["a", "b", "c", "d"], [({"content-type": TEXT, "x-kind": "first"}, "a"), ({"content-type": TEXT}, "b"), ({"content-type": "text/csv", "x-kind": "rest"}, "c"), ({"content-type": "text/csv", "x-kind": "rest"}, "d")]),
    (MIXED, {"type": "array", "items": OBJECT}, {"itemEncoding": {"headers": {"Content-Disposition": {"schema": {"const": "inline"}}}}}, [RGB, RGB], [({"content-type": JSON, "content-disposition": "inline"}, RGB)] * 2),
    (MIXED, {"type": "array", "items": STRING}, {"prefixEncoding": [header(const="only")]}, ["a", "b"], [({"content-type": TEXT, "x-kind": "only"}, "a"), ({"content-type": TEXT}, "b")]),
    # The names of the parts of a form, and their styles (3.2.0, Additional Encoding Approaches; RFC 7578, 4.2); of other
    # types no style counts.
    (FORM, {"type": "array", "items": STRINGS}, {"prefixEncoding": [disposed("a", explode=False), disposed("b", style="form"), disposed("c", style="pipeDelimited")], "itemEncoding": disposed("d")}, [["x", "y&z"], ["x", "y"], ["x", "y"], ["x"], ["y"]], [member("a", "x,y&z"), member("b", "x"), member("b", "y"), member("c", "x|y"), ({"content-disposition": 'form-data; name="d"', "content-type": JSON}, ["x"]), ({"content-disposition": 'form-data; name="d"', "content-type": JSON}, ["y"])]),
    (FORM, {"type": "array", "items": OBJECT}, {"prefixEncoding": [disposed("a", style="deepObject", explode=True)], "itemEncoding": disposed("b", explode=False)}, [GR, GR, GR], [member("a[g]", "200"), member("a[r]", "100"), member("b", "g,200,r,100"), member("b", "g,200,r,100")]),
    (FORM, {"type": "array", "items": STRING}, {"itemEncoding": disposed("a", allowReserved=True, contentType="text/csv")}, ["a/b c", "d"], [member("a", "a/b c"), member("a", "d")]),
    (MIXED, {"type": "array", "items": STRINGS}, {"itemEncoding": {"style": "form", "contentType": JSON}}, [["x"]], [({"content-type": JSON}, ["x"])]),
    (RELATED, {"type": "object", "properties": {"meta": OBJECT, "text": STRING}}, {}, {"meta": RGB, "text": "x"}, [({"content-type": JSON}, RGB), ({"content-type": TEXT}, "x")]),
    (MIXED, {"type": "object", "properties": {"text": STRING}}, {"encoding": {"text": {"headers": {"Content-Disposition": {"schema": {"const": "inline"}}}}}}, {"text": "x"}, [({"content-type": TEXT, "content-disposition": "inline"}, "x")]),
]  # fmt: skip


def document() -> dict[str, Any]:
    paths: dict[str, Any] = {}

    def add(name: str, media: str, content: dict[str, Any]) -> None:
        body = {"required": True, "content": {media: content}}
        operation = {
            "operationId": name,
            "tags": ["rows"],
            "requestBody": body,
            "responses": {"204": {"description": "ok"}},
        }
        paths[f"/{name}"] = {"post": operation}

    for kind, media, rows in (("part", FORM, PARTS), ("text", URLENCODED, TEXTS)):
        for number, (schema, encoding, *_) in enumerate(rows):
            whole = {
                "type": "object",
                "required": ["part"],
                "properties": {"part": schema},
                "additionalProperties": False,
            }
            add(f"{kind}{number}", media, {"schema": whole, **({"encoding": {"part": encoding}} if encoding else {})})
    for number, (media, schema, beside, *_) in enumerate(ORDERED):
        add(f"order{number}", media, {"schema": schema, **beside})
    return {"openapi": "3.2.0", "info": {"title": "Forms", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def server() -> Iterator[Recorder]:
    with recorder() as running:
        running.status, running.content = 204, b""
        yield running


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Any]]:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "openapi.json").write_text(json.dumps(document()), "utf-8")
    inputs = pipeline.Inputs(folder / "openapi.json")
    pipeline.generate(inputs, folder / "out")
    sys.path.insert(0, str(folder / "out/python"))
    yield folder / "out", pipeline.load(inputs)
    sys.path.remove(str(folder / "out/python"))


def environment(made: tuple[Path, Any], server: Recorder) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return {**kept, "FORMS_BASE_URL": server.base_url, "PYTHONPATH": str(made[0] / "python")}


def parts_of(seen: Seen) -> list[tuple[dict[str, str], bytes]]:
    """The headers and the content of each part, by RFC 2046, 5.1.1."""
    boundary = seen.media.partition("boundary=")[2].encode()
    pieces = (b"\r\n" + seen.raw).split(b"\r\n--" + boundary)
    assert pieces[0] == b"" and pieces[-1].strip() == b"--", seen.raw
    found = []
    for piece in pieces[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        if piece.startswith(b"\r\n\r\n"):
            head, content = b"", piece[4:]
        lines = (line.decode().partition(": ") for line in head.split(b"\r\n") if line)
        found.append(({name.lower(): text for name, _, text in lines}, content))
    return found


def same(found: list[tuple[dict[str, str], bytes]], expected: list[Any]) -> bool:
    """A part that names no media type is text/plain (RFC 7578, 4.4)."""
    if len(found) != len(expected):
        return False
    for (headers, content), (wanted, value) in zip(found, expected, strict=True):
        headers, wanted = {"content-type": TEXT, **headers}, {"content-type": TEXT, **wanted}
        if "filename=" in wanted.get("content-disposition", ""):  # its name is the caller's
            headers["content-disposition"] = headers.get("content-disposition", "").replace(
                'filename="part"', 'filename="file"'
            )
        if headers != wanted:
            return False
        meant = json.loads(content) if wanted["content-type"].endswith("json") else content
        if meant != (
            value.encode() if isinstance(value, str) and not wanted["content-type"].endswith("json") else value
        ):
            return False
    return True


def check(server: Recorder, call: Callable[[str, dict[str, Any]], Any], *, by_key: bool = False) -> None:
    """by_key: objects come in the order of their keys."""
    wrong: list[Any] = []
    for number, (_, encoding, value, expected) in enumerate(PARTS):
        call(f"forms_part{number}", {"part": value})
        found = parts_of(seen := server.one())
        by = (lambda part: part[0]["content-disposition"]) if by_key and len(expected) > 1 and value == RGB else None
        if by:
            found, expected = sorted(found, key=by), sorted(expected, key=by)
        if by_key and encoding.get("explode") is False and value == RGB:
            expected = parted("g,200,r,100")
        if not seen.media.startswith(FORM + ";") or not same(found, expected):
            wrong.append((number, encoding, value, found))
    for number, (_, encoding, value, text) in enumerate(TEXTS):
        call(f"forms_text{number}", {"part": value})
        sent = (seen := server.one()).raw.decode()
        if by_key and value == RGB:
            sent, text = "".join(sorted(sent)), "".join(sorted(text))
        if (seen.media, sent) != (URLENCODED, text):
            wrong.append(("text", number, encoding, seen.media, sent))
    for number, (media, schema, _, value, expected) in enumerate(ORDERED):
        call(f"forms_order{number}", value if schema["type"] == "object" else {"body": value})
        seen = server.one()
        if not seen.media.startswith(media + ";") or not same(parts_of(seen), expected):
            wrong.append(("order", number, seen.media, seen.raw))
    assert not wrong


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_python(server: Recorder, made: tuple[Path, Any], kind: str) -> None:
    import forms_kit as forms

    async def awaited(method: str, given: dict[str, Any]) -> None:
        async with forms.AsyncForms(base_url=server.base_url) as client:
            await getattr(client.rows, method)(**given)

    def call(name: str, given: dict[str, Any]) -> None:
        method = name.removeprefix("forms_")
        if kind == "async":
            return asyncio.run(awaited(method, given))
        with forms.Forms(base_url=server.base_url) as client:
            getattr(client.rows, method)(**given)

    check(server, call)


@pytest.fixture(scope="module")
def forking(made: tuple[Path, Any]) -> Iterator[Forking]:
    running = Forking("forms_kit", str(made[0] / "python"))
    yield running
    running.close()


def command(forking: Forking, made: tuple[Path, Any], server: Recorder, *words: str) -> str:
    pipe = subprocess.PIPE
    done = Forked(forking, list(words), env=environment(made, server), stdout=pipe, stderr=pipe)
    out, told = done.communicate(timeout=HANGS)
    assert done.returncode == 0, told
    return out if isinstance(out, str) else out.decode()


def test_command_line(server: Recorder, made: tuple[Path, Any], forking: Forking) -> None:
    check(server, lambda name, given: command(forking, made, server, "call", name, json.dumps(given)))
    # A file is given by its name where a part may be one.
    (made[0] / "a.png").write_bytes(b"\x89PNG\xff")
    number = next(number for number, row in enumerate(PARTS) if row[0] == FILE_OR_OBJECT)
    command(forking, made, server, "rows", f"part{number}", "--part", f"@{made[0]}/a.png")
    ((headers, content),) = parts_of(server.one())
    assert (headers["content-type"], content) == ("image/png", b"\x89PNG\xff")


def test_tool(server: Recorder, made: tuple[Path, Any]) -> None:
    words = ["-m", "forms_kit", "mcp", "serve", "--allow=all", "--write=allow"]
    started = StdioServerParameters(command=sys.executable, args=words, env=environment(made, server))
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(Client(started)) as client:
        tool = partial(portal.call, client.call_tool)

        def call(name: str, given: dict[str, Any]) -> None:
            answered = tool(name, given)
            assert not answered.is_error, (name, str(answered.structured_content or answered.content)[:300])

        check(server, call)


def test_script(server: Recorder, made: tuple[Path, Any]) -> None:
    import forms_kit as forms
    from forms_kit import functions, lua

    def call(name: str, given: dict[str, Any]) -> None:
        with forms.Forms(base_url=server.base_url) as client:
            script = calls.lua(made[1], made[1].function(name), given)
            done = lua.run(script, client=client, policy=functions.Policy(frozenset({"read", "write"})))
        assert done["success"], done

    check(server, call, by_key=True)


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(server: Recorder, made: tuple[Path, Any], lua: str) -> None:
    needs(lua)
    with ExitStack() as stack:
        ask = stack.enter_context(
            interpreter(lua, str(PLAIN), str(made[0] / "lua"), server.base_url, "token", "forms_kit")
        )

        def call(name: str, given: dict[str, Any]) -> None:
            answered = json.loads(ask(json.dumps([name, given]) + "\n"))
            assert "error" not in answered, answered

        check(server, call, by_key=True)


@pytest.mark.parametrize("of", ["the docs", "a dry run"])
def test_curl(server: Recorder, made: tuple[Path, Any], forking: Forking, of: str) -> None:
    needs("curl")
    api = made[1]

    def call(name: str, given: dict[str, Any]) -> None:
        if of == "the docs":
            line = calls.curl(api, api.function(name), given).replace(api.servers[0].url, server.base_url)
        else:
            line = command(forking, made, server, "call", name, json.dumps(given), "--curl")
        done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=HANGS, check=False)
        assert done.returncode == 0, (line, done.stderr)

    check(server, call)


def test_mock(made: tuple[Path, Any]) -> None:
    """The mock reads the parts as the value that they stand for."""
    from forms_kit.mock import requests
    from forms_kit.mock.routes import load

    routes = load()
    wrong: list[Any] = []

    def read(path: str, media: str, body: bytes, expected: Any) -> None:
        headers = Message()
        headers["Content-Type"] = media
        request = requests.Request("POST", path, "", headers, body)
        route, found = routes.find("POST", path)
        try:
            requests.read(request, route, found, routes.schemas)
        except Exception as error:  # noqa: BLE001 - told with the row
            wrong.append((path, expected, error))
        else:
            if request.arguments != expected:
                wrong.append((path, expected, request.arguments))

    def written(parts: list[Any]) -> bytes:
        body = b""
        for headers, value in parts:
            head = "".join(f"{name}: {text}\r\n" for name, text in headers.items())
            text = json.dumps(value) if headers.get("content-type", "").endswith("json") else value
            body += f"--mark\r\n{head}\r\n".encode() + (text if isinstance(text, bytes) else text.encode()) + b"\r\n"
        return body + b"--mark--\r\n"

    for number, (schema, _, value, parts) in enumerate(PARTS):
        read(
            f"/part{number}",
            f"{FORM}; boundary=mark",
            written(parts),
            {"part": "" if schema in (FILE, FILE_OR_OBJECT) else value},
        )
    for number, (schema, _, value, text) in enumerate(TEXTS):
        if schema == EITHER:
            continue  # a text that is JSON as well
        read(f"/text{number}", URLENCODED, text.encode(), {"part": value})
    for number, (media, schema, _, value, parts) in enumerate(ORDERED):
        meant = value if schema["type"] == "object" else {"body": value}
        read(f"/order{number}", f"{media}; boundary=mark", written(parts), meant)
    assert not wrong


def test_what_is_not_sent_is_told(tmp_path: Path) -> None:
    """3.0.4, 4.7.15: a style is none of multipart/form-data; what has no value cannot be sent."""
    told = document()
    told["openapi"] = "3.0.4"
    encoding = {"style": "form", "headers": {"X-Open": {"schema": STRING}, "Content-Disposition": {"schema": {"default": "inline"}}, "X-Line": {"schema": {"default": "a\nb"}}}}  # fmt: skip
    schema = {"type": "object", "properties": {"part": OBJECT}}
    body = {"content": {FORM: {"schema": schema, "encoding": {"part": encoding}}}}
    told["paths"] = {
        "/x": {"post": {"operationId": "x", "requestBody": body, "responses": {"204": {"description": "ok"}}}}
    }
    (tmp_path / "openapi.json").write_text(json.dumps(told), "utf-8")
    api = pipeline.load(pipeline.Inputs(tmp_path / "openapi.json"))
    (param,) = api.functions[0].params
    assert (param.style, param.media_type, param.headers) == ("", JSON, ())
    lost = sorted(loss.reason.partition(" of a part")[0] for loss in api.losses if "header" in loss.reason)
    assert lost == ["the header 'Content-Disposition'", "the header 'X-Line'", "the header 'X-Open'"]
