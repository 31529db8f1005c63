"""Where an answer leads elsewhere: RFC 9110, 15.4 (which are followed, with which method), 15.4.4 (303), 10.2.2 (Location
is resolved against the URL that answered); that no credential goes to another origin is RFC 6750, 5.3, and RFC 6265, 8.6.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import answering
import pytest
from hanging import HANGS
from lua_programs import interpreter
from misbehaving import Misbehaving, misbehaving, of_json, whole
from programs import needs
from streaming import environment

PLAIN = Path(__file__).parents[1] / "lua/plain.lua"
TOKEN = "told-secret"
ZIP = b"PK\x03\x04\0\xff"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with answering.made(tmp_path_factory) as out:
        yield out


@pytest.fixture
def server(made: Path) -> Iterator[Misbehaving]:
    with misbehaving() as running:
        yield running


@pytest.fixture
def other() -> Iterator[Misbehaving]:
    """Another port is another origin."""
    with misbehaving() as running:
        yield running


def to(location: str, status: str = "302 Found") -> Any:
    return lambda _: whole(b"<html>moved</html>", status, Location=location, Content_Type="text/html")


def both(server: Misbehaving, name: str, **options: Any) -> list[Any]:
    """What either client gives, or the class and the text of its error."""
    import told_kit as told

    arguments = {"prompt": "x"} if name == "submit" else {}
    given = {"base_url": server.base_url, "max_retries": 0, "headers": {"X-Mine": "1"}, **options}

    async def go() -> Any:
        async with told.AsyncTold(TOKEN, **given) as client:
            return await getattr(client.things, name)(**arguments)

    def wait() -> Any:
        with told.Told(TOKEN, **given) as client:
            return getattr(client.things, name)(**arguments)

    found = []
    for work in (wait, lambda: asyncio.run(go())):
        try:
            found.append(work())
        except told.Error as error:
            found.append((type(error).__name__, str(error)))
    return found


def test_within_the_origin(server: Misbehaving) -> None:
    server.answers["/things/new"] = lambda _: of_json({"n": 1})
    for status in ("301 Moved", "302 Found", "303 See", "307 Temporary", "308 Permanent"):
        for location in ("/v1/things/new", "things/new", f"{server.origin}/v1/things/new#part", "./x/../things/new"):
            server.answers["/moved"] = to(location, status)
            assert [row.n for row in both(server, "get_moved")] == [1, 1], (status, location)
    assert {each["authorization"] for each in server.headers} == {f"Bearer {TOKEN}"}
    assert {each["x-mine"] for each in server.headers} == {"1"}


def test_beyond_it_without_any_credential(server: Misbehaving, other: Misbehaving) -> None:
    server.answers["/archive"] = to(f"{other.origin}/v1/stored?signature=s")
    for media, body, wanted in (
        ("application/zip", ZIP, ZIP),
        ("text/plain; charset=utf-8", "gelöst".encode(), "gelöst"),
        ("application/json", b'{"a": 1}', {"a": 1}),
        ("", ZIP, ZIP),
    ):
        named = {"Content_Type": media} if media else {}
        other.answers["/stored"] = lambda _, body=body, named=named: whole(body, **named)
        assert both(server, "get_archive", headers={"X-Mine": "1", "Cookie": "mine=1"}) == [wanted, wanted]
    for each in other.headers:
        assert not each.keys() & {"authorization", "cookie", "x-mine", "referer"} and TOKEN not in json.dumps(each)
    assert {each["authorization"] for each in server.headers} == {f"Bearer {TOKEN}"}


def test_the_headers_of_a_call_go_with_it_within_the_origin_alone(server: Misbehaving, other: Misbehaving) -> None:
    import told_kit as told

    server.answers["/archive"] = to("/v1/next")
    server.answers["/next"] = to(f"{other.origin}/v1/stored")
    other.answers["/stored"] = lambda _: whole(ZIP)
    with told.Told(TOKEN, base_url=server.base_url) as client:
        own = {"X-Call": "2", "Cookie": "mine=1", "Accept": "application/zip", "Authorization": "Basic eDp5"}
        assert client.things.get_archive(headers=own) == ZIP
    assert [each.get("x-call") for each in server.headers] == ["2", "2"]
    assert {each["authorization"] for each in server.headers} == {"Basic eDp5"}
    (found,) = other.headers
    assert found["accept"] == "application/zip" and not found.keys() & {"x-call", "cookie", "authorization"}


def test_nor_when_it_leads_back(server: Misbehaving, other: Misbehaving) -> None:
    server.answers["/archive"] = to(f"{other.origin}/v1/back")
    other.answers["/back"] = to(f"{server.origin}/v1/things/new")
    server.answers["/things/new"] = lambda _: whole(ZIP)
    assert both(server, "get_archive") == [ZIP, ZIP]
    assert ["authorization" in each for each in server.headers] == [True, False] * 2


def test_see_other_after_post_is_a_get(server: Misbehaving) -> None:
    server.answers["/submit"] = to("/v1/done", "303 See Other")
    server.answers["/done"] = lambda _: of_json({"n": 2})
    assert [row.n for row in both(server, "submit")] == [2, 2]
    assert server.asked == ["POST /submit", "GET /done"] * 2
    assert all("content-type" not in each and "content-length" not in each for each in server.headers[1::2])
    # 15.4.8 and 15.4.9 keep the method: what was asked for is not sent a second time.
    for status in ("301 Moved", "302 Found", "307 Temporary", "308 Permanent"):
        server.answers["/submit"] = to("/v1/done", status)
        assert [kind for kind, _ in both(server, "submit")] == ["ApiError"] * 2


def test_what_was_not_declared_is_an_error(server: Misbehaving) -> None:
    server.answers["/report"] = to("/v1/done")
    assert [kind for kind, _ in both(server, "get_report")] == ["ApiError"] * 2
    assert "GET /done" not in server.asked


def test_round_and_round(server: Misbehaving) -> None:
    server.answers["/moved"] = to("/v1/moved", "301 Moved")
    found = both(server, "get_moved")
    assert [kind for kind, _ in found] == ["ResponseError"] * 2 and "again and again" in found[0][1]
    assert len(server.asked) <= 2 * 6


@pytest.mark.parametrize("location", ["ftp://told.invalid/x", "file:///etc/passwd", "javascript:1", "http://[", ""])
def test_where_nothing_is_fetched(server: Misbehaving, location: str) -> None:
    server.answers["/archive"] = to(location)
    wanted = ("ResponseError", "ApiConnectionError") if location else ("ApiError",)
    assert {kind for kind, _ in both(server, "get_archive")} <= {*wanted} and {*server.asked} == {"GET /archive"}


def test_from_https_to_http_is_refused(made: Path) -> None:
    from types import SimpleNamespace

    from told_kit import ResponseError
    from told_kit.operations import GET_ARCHIVE
    from told_kit.runtime.exchange import redirect

    def answered(origin: str, location: str) -> Any:
        request = SimpleNamespace(method="GET")
        headers = {"location": location}
        return redirect(GET_ARCHIVE, SimpleNamespace(status_code=302, headers=headers, url=origin, request=request))

    with pytest.raises(ResponseError, match="not safe to follow"):
        answered("https://told.invalid/v1/archive", "http://told.invalid/x")
    assert answered("http://told.invalid/a", "https://b.invalid/") == ("GET", "https://b.invalid/")
    assert answered("https://told.invalid/a", "//b.invalid/c") == ("GET", "https://b.invalid/c")


def test_not_modified_is_an_answer(server: Misbehaving) -> None:
    import told_kit as told

    server.answers["/report"] = lambda _: whole(b"", "304 Not Modified", ETag='"1"')
    with told.Told(TOKEN, base_url=server.base_url) as client:
        conditional = {"If-None-Match": '"1"'}
        assert client.things.get_report(headers=conditional) is None
        answer = client.things.with_raw_response.get_report(headers=conditional)
        assert (answer.status, answer.parse(), answer.headers["etag"]) == (304, None, '"1"')
    assert {each["if-none-match"] for each in server.headers} == {'"1"'} and len(server.asked) == 2


def test_the_command_line_and_envelopes(made: Path, server: Misbehaving, other: Misbehaving) -> None:
    import told_kit as told
    from told_kit import functions

    server.answers["/archive"] = to(f"{other.origin}/v1/stored")
    other.answers["/stored"] = lambda _: whole(ZIP, Content_Type="application/zip")
    done = subprocess.run(
        [sys.executable, "-m", "told_kit", "things", "get-archive"],
        env=environment(made, server), capture_output=True, stdin=subprocess.DEVNULL, timeout=HANGS, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, ZIP), done.stderr
    with told.Told(TOKEN, base_url=server.base_url) as client:
        data = functions.call(client, "told_get_archive", {})["data"]
        assert (data["content_type"], base64.b64decode(data["data"])) == ("application/zip", ZIP)
        other.answers["/stored"] = lambda _: whole(b"in words", Content_Type="text/plain")
        found = functions.call(client, "told_get_archive", {})
        assert (found["data"], found["meta"]["kind"]) == ("in words", "text")
    assert not any("authorization" in each for each in other.headers)


@pytest.mark.parametrize("lua", ["lua5.1", "lua5.4", "luajit"])
def test_plain_lua(made: Path, server: Misbehaving, other: Misbehaving, lua: str) -> None:
    needs(lua)
    with interpreter(lua, str(PLAIN), str(made / "lua"), server.base_url, TOKEN, "told_kit") as ask:
        call = lambda name: json.loads(
            ask(json.dumps([f"told_{name}", {"prompt": "x"} if name == "submit" else {}]) + "\n")
        )
        server.answers["/archive"] = to(f"{other.origin}/v1/stored")
        other.answers["/stored"] = lambda _: whole(ZIP, Content_Type="application/zip")
        assert call("get_archive") == {"hex": ZIP.hex()}
        assert "authorization" not in other.headers[0] and TOKEN not in json.dumps(other.headers)
        server.answers["/done"] = lambda _: of_json({"n": 2})
        for location in ("/v1/done", "done", "./x/../done", f"{server.origin}/v1/done"):
            server.answers["/submit"] = to(location, "303 See Other")
            server.answers["/moved"] = to(location, "307 Temporary")
            assert call("submit") == call("get_moved") == {"value": {"n": 2}}, location
        assert server.headers[-1]["authorization"] == f"Bearer {TOKEN}"
        server.answers["/moved"] = to("/v1/moved", "301 Moved")
        assert "again and again" in call("get_moved")["error"]["message"]
        server.answers["/archive"] = to("ftp://told.invalid/x")
        assert "not safe to follow" in call("get_archive")["error"]["message"]
        server.answers["/report"] = to("/v1/done")
        assert call("get_report")["error"]["status"] == 302
