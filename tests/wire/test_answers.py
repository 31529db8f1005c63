"""What an answer is, worked out by hand from RFC 9110 (8.3 Content-Type, 12.5.1 for what a media range holds and which of
several counts, 15.3.5 and 15.4.5 for statuses without a body), RFC 6839 (structured suffixes) and OpenAPI 3.1.1 (4.8.16
Responses Object: a status before its range before `default`; 4.8.17: the most specific media type counts), and held
against every surface: both clients, the command line's and the hosts' envelope, MCP, scripts, and plain Lua.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import answering
import anyio
import pytest
from hanging import HANGS
from lua_programs import interpreter
from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters
from misbehaving import Misbehaving, misbehaving, whole
from programs import needs

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
PNG = b"\x89PNG\r\n\x1a\n\0"
BYTES = b"\0\xff\xfe"


class Row(NamedTuple):
    """An answer, and what it is: a view's fields with its class, text, bytes or nothing."""

    path: str
    status: str
    media: str
    body: bytes
    value: Any
    view: str = ""


ROWS = [
    # Declared for the status itself.
    Row("/report", "200 OK", "application/json", b'{"n": 1}', {"n": 1}, "Row"),
    Row("/report", "200 OK", "Application/JSON ; Charset=UTF-8", b'{"n": 1}', {"n": 1}, "Row"),
    Row("/report", "200 OK", "text/csv", b"a,b\n1,2\n", "a,b\n1,2\n"),
    Row("/report", "200 OK", "text/csv; charset=iso-8859-1; header=present", b"\xe9\n", "é\n"),
    Row("/report", "200 OK", "application/xml", b"<row/>", "<row/>"),
    Row("/report", "200 OK", "image/png", PNG, PNG),
    # RFC 7303, 3: without a charset XML says itself how it is written.
    Row("/report", "200 OK", "application/xml", b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe9</a>",
        "<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>"),
    Row("/report", "200 OK", "text/xml", "<a>é</a>".encode("utf-16"), "<a>é</a>"),
    # Another body for another status, by its range, and by none of them.
    Row("/report", "202 Accepted", "application/vnd.told.later+json", b'{"job": "j"}', {"job": "j"}, "Later"),
    Row("/report", "206 Partial", "application/json", b'{"id": "c"}', {"id": "c"}, "Completion"),
    # RFC 6839, 3.1 and 4.8: a suffix says how it is read; what is declared of that kind is meant.
    Row("/report", "200 OK", "application/hal+json", b'{"n": 2}', {"n": 2}, "Row"),
    Row("/report", "200 OK", "application/atom+xml", b"<feed/>", "<feed/>"),
    Row("/report", "202 Accepted", "application/json", b'{"job": "k"}', {"job": "k"}, "Later"),
    # Not declared: JSON, text in its charset, bytes.
    Row("/report", "200 OK", "text/plain; charset=utf-16", "né".encode("utf-16"), "né"),
    Row("/report", "200 OK", "application/zip", BYTES, BYTES),
    Row("/picture", "200 OK", "application/problem+json", b'{"a": [1]}', {"a": [1]}),
    Row("/picture", "200 OK", "text/plain", b"none", "none"),
    Row("/file", "200 OK", "text/plain", b"a file", b"a file"),  # which any file is
    Row("/file", "200 OK", "application/json", b'{"a": 1}', b'{"a": 1}'),
    # Parameters make a media type more specific (12.5.1), and one that differs is another.
    Row("/versions", "200 OK", "application/json; charset=utf-8; version=2", b'{"job": "j"}', {"job": "j"}, "Later"),
    Row("/versions", "200 OK", 'application/json; version="1"', b'{"n": 3}', {"n": 3}, "Row"),
    Row("/versions", "200 OK", "application/json", b'{"id": "c"}', {"id": "c"}, "Completion"),
    Row("/versions", "200 OK", "application/json; version=3", b'{"id": "d"}', {"id": "d"}, "Completion"),
    # A range of everything is what it turns out to be.
    Row("/anything", "200 OK", "application/json", b"[1]", [1]),
    Row("/anything", "200 OK", "text/markdown", b"# x", "# x"),
    Row("/anything", "200 OK", "font/woff2", BYTES, BYTES),
    # No media type is what was declared; what is none is as well.
    Row("/report", "200 OK", "", b'{"n": 4}', {"n": 4}, "Row"),
    Row("/report", "200 OK", "json", b'{"n": 5}', {"n": 5}, "Row"),
    Row("/picture", "200 OK", "", PNG, PNG),
    # Nothing.
    Row("/report", "204 No Content", "", b"", None),
    Row("/report", "205 Reset", "application/json", b"", None),
    Row("/report", "304 Not Modified", "application/json", b"", None),
    Row("/report", "200 OK", "application/json", b"", None),
    # JSON that is called text, and text.
    Row("/moved", "200 OK", "text/plain; charset=utf-8", b'{"n": 6}', {"n": 6}, "Row"),
    Row("/moved", "200 OK", "text/plain", b"in words", "in words"),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory) as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


def answers(server: Misbehaving, row: Row) -> str:
    """Has the server give this answer; the function that asks for it."""
    named = {"Content_Type": row.media} if row.media else {}
    server.answers[row.path] = lambda _: whole(row.body, row.status, **named)
    return f"{'list' if row.path == '/versions' else 'get'}_{row.path[1:]}"


def plain(value: Any) -> Any:
    return value.to_dict() if hasattr(value, "to_dict") else value


def test_both_clients(server: Misbehaving) -> None:
    import told_kit as told

    wrong = []

    async def one(name: str) -> Any:
        async with told.AsyncTold("t", base_url=server.base_url, max_retries=0) as client:
            return await getattr(client.things, name)()

    with told.Told("t", base_url=server.base_url, max_retries=0) as client:
        for row in ROWS:
            name = answers(server, row)
            for found in (getattr(client.things, name)(), asyncio.run(one(name))):
                if (plain(found), type(found).__name__ if row.view else "") != (row.value, row.view):
                    wrong.append((row, found))
    assert not wrong


def test_what_is_asked_for(server: Misbehaving) -> None:
    """RFC 9110, 12.5.1: every media type as it is declared; those that the result is read as before all others."""
    import told_kit as told
    from told_kit.operations import OPERATIONS
    from told_kit.runtime.requests import prepare

    def accept(name: str, **given: Any) -> str:
        return str(dict(prepare(OPERATIONS[f"told_{name}"], given, "https://a.invalid").headers)["Accept"])

    assert accept("get_report") == (
        "application/json, application/vnd.told.later+json, text/csv;q=0.5, application/xml;q=0.5, image/*;q=0.5"
    )
    assert accept("list_versions") == "application/json, application/json; version=1, application/json; version=2"
    assert (accept("get_picture"), accept("get_archive")) == ("image/png", "*/*")
    assert (accept("get_moved"), accept("list_rows")) == ("application/json", "application/x-ndjson")
    assert accept("create_chat", prompt="x") == "application/json, text/event-stream;q=0.5"
    assert accept("create_chat", prompt="x", stream=True) == "text/event-stream, application/json;q=0.5"
    answers(server, ROWS[2])
    with told.Told("t", base_url=server.base_url) as client:
        assert client.things.get_report(headers={"Accept": "text/csv"}) == "a,b\n1,2\n"
    assert server.headers[-1]["accept"] == "text/csv"


def test_the_page_of_a_portal_is_no_answer(server: Misbehaving) -> None:
    import told_kit as told

    answers(server, Row("/moved", "200 OK", "text/html", b"<!DOCTYPE html><title>Log in", None))
    with (
        told.Told("t", base_url=server.base_url) as client,
        pytest.raises(told.ResponseError, match="begins with '<!DO"),
    ):
        client.things.get_moved()


def enveloped(value: Any, media: str) -> Any:
    """The data of an envelope: bytes as an object with their media type."""
    if not isinstance(value, bytes):
        return value
    kind = media or "image/png"
    return {"content_type": kind, "size": len(value), "data": base64.b64encode(value).decode()}


def test_envelopes(server: Misbehaving) -> None:
    import told_kit as told
    from told_kit import functions

    wrong = []
    with told.Told("t", base_url=server.base_url, max_retries=0) as client:
        for row in ROWS:
            found = functions.call(client, f"told_{answers(server, row)}", {})
            wanted = enveloped(row.value, row.media)
            if (found["data"], found["meta"]["status"]) != (wanted, int(row.status[:3])):
                wrong.append((row, found))
    assert not wrong


def environment(made: Path, server: Misbehaving) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(made / "python"),
        "TOLD_BASE_URL": server.base_url,
        "TOLD_API_TOKEN": "t",
        "TOLD_KIT_CONFIG": os.devnull + ".none",
    }


def command(made: Path, server: Misbehaving, *words: str, **more: Any) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "told_kit", *words],
        env=environment(made, server),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=HANGS,
        check=False,
        **more,
    )


@pytest.mark.parametrize("number", [0, 2, 5, 8, 24])
def test_command_line(made: Path, server: Misbehaving, number: int) -> None:
    row = ROWS[number]
    done = command(made, server, "call", answers(server, row))
    assert done.returncode == 0, done.stderr
    if isinstance(row.value, (bytes, str)):
        assert done.stdout == (row.value if isinstance(row.value, bytes) else row.value.encode())
    else:
        assert json.loads(done.stdout) == row.value


def test_mcp(made: Path, server: Misbehaving) -> None:
    wrong: list[Any] = []

    async def check() -> None:
        start = StdioServerParameters(
            command=sys.executable, args=["-m", "told_kit", "mcp", "serve"], env=environment(made, server)
        )
        async with Client(start) as client:
            for row in ROWS:
                found = await client.call_tool(f"told_{answers(server, row)}", {})
                if found.is_error or shown(found, row) is not True:
                    wrong.append((row, found))
            sound = Row("/sound", "200 OK", "audio/mpeg", BYTES, BYTES)
            found = await client.call_tool(f"told_{answers(server, sound)}", {})
            (audio,) = [each for each in found.content if each.type == "audio"]
            assert (base64.b64decode(audio.data), audio.mime_type) == (BYTES, "audio/mpeg")
            # What is larger than a conversation bears is linked, and not given in part.
            large = sound._replace(body=b"\0" * 1_000_001)
            found = await client.call_tool(f"told_{answers(server, large)}", {})
            assert [each.type for each in found.content][1:-1] == ["resource_link"]
            assert found.structured_content["truncated"]["left_out"][0]["of"] == 1_000_001

    anyio.run(check)
    assert not wrong


def shown(found: Any, row: Row) -> bool:
    """Whether a host is shown it: objects as they are, other values as `result`, a picture as one, bytes embedded."""
    content = found.structured_content
    if isinstance(row.value, dict):
        return bool(content == row.value)
    if not isinstance(row.value, bytes):
        return bool(content == {"result": row.value})
    blocks = {each.type: each for each in found.content}
    if row.value == PNG:
        return bool(base64.b64decode(blocks["image"].data) == PNG and blocks["image"].mime_type == "image/png")
    blob = blocks["resource"].resource
    return bool(base64.b64decode(blob.blob) == row.value and blob.mime_type == row.media)


def test_scripts(server: Misbehaving) -> None:
    import told_kit as told
    from told_kit import lua

    wrong = []
    with told.Told("t", base_url=server.base_url, max_retries=0) as client:
        for row in ROWS[:6]:
            code = f"return app.integrations.told.{answers(server, row)}{{}}"
            found = lua.run(code, client=client)
            if found["result"] != enveloped(row.value, row.media):
                wrong.append((row, found))
    assert not wrong


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(made: Path, server: Misbehaving, lua: str) -> None:
    """A text is the bytes that came: Lua has no other."""
    needs(lua)
    wrong = []
    with interpreter(lua, str(PLAIN), str(made / "lua"), server.base_url, "t", "told_kit") as ask:
        for row in ROWS:
            answered = json.loads(ask(json.dumps([f"told_{answers(server, row)}", {}]) + "\n"))
            if row.value is None:
                wanted: Any = {"value": True}
            elif isinstance(row.value, (str, bytes)):
                wanted = {"hex": row.body.hex()}
            else:
                wanted = {"value": row.value}
            if answered != wanted:
                wrong.append((row, answered))
    assert not wrong
