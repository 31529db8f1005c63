"""The runtime as ordinary code: against a real server on the loopback interface, in a package made for the test."""

from __future__ import annotations

import asyncio
import json
import socket
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import Server, op

pytestmark = pytest.mark.usefixtures("no_waiting", "library")


@pytest.fixture
def client(demo: Any, server: Server) -> Iterator[Any]:
    with demo.sync.client.SyncClient("secret", base_url=server.base_url) as made:
        yield made


def url(demo: Any, value: Any, **more: Any) -> str:
    param = demo.operation.Param("q", "q", **{"location": "query", **more})
    path = "/{q}" if param.location == "path" else "/"
    found = demo.requests.prepare(op(demo, "GET", path, param), {"q": value}, "http://h").url
    return str(found).removeprefix("http://h/")


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("simple", False, "a b/c?d#e%2F", "a%20b%2Fc%3Fd%23e%252F"),
        ("simple", False, "ü", "%C3%BC"),
        ("simple", False, [1, 2], "1,2"),
        ("simple", True, {"a": 1, "b": 2}, "a=1,b=2"),
        ("simple", False, {"a": 1, "b": 2}, "a,1,b,2"),
        ("label", False, 5, ".5"),
        ("label", True, [1, 2], ".1.2"),
        ("matrix", False, 5, ";q=5"),
        ("matrix", False, [1, 2], ";q=1,2"),
        ("matrix", True, [1, 2], ";q=1;q=2"),
        ("matrix", True, {"a": 1}, ";a=1"),
    ],
)
def test_path_styles(demo: Any, style: str, explode: bool, value: Any, expected: str) -> None:
    assert url(demo, value, location="path", style=style, explode=explode) == expected


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_a_path_parameter_cannot_change_the_path(demo: Any, value: str) -> None:
    with pytest.raises(demo.errors.ArgumentError, match="^q: "):
        url(demo, value, location="path", style="simple")


@pytest.mark.parametrize(
    ("style", "explode", "value", "expected"),
    [
        ("form", True, "a b&c=d+e", "?q=a%20b%26c%3Dd%2Be"),
        ("form", True, True, "?q=true"),
        ("form", True, [1, "b,c"], "?q=1&q=b%2Cc"),
        ("form", False, [1, "b,c"], "?q=1,b%2Cc"),
        ("form", True, {"a": 1, "b": "x"}, "?a=1&b=x"),
        ("form", False, {"a": 1, "b": "x"}, "?q=a,1,b,x"),
        ("spaceDelimited", False, [1, 2], "?q=1%202"),
        ("pipeDelimited", False, [1, 2], "?q=1%7C2"),
        ("deepObject", True, {"a": {"b": 1}, "c": [1, 2]}, "?q%5Ba%5D%5Bb%5D=1&q%5Bc%5D=1&q%5Bc%5D=2"),
        ("form", True, None, ""),
    ],
)
def test_query_styles(demo: Any, style: str, explode: bool, value: Any, expected: str) -> None:
    assert url(demo, value, style=style, explode=explode) == expected


def test_a_parameter_with_content_is_json(demo: Any) -> None:
    assert url(demo, {"a": 1}, media="application/json") == "?q=%7B%22a%22%3A1%7D"


@pytest.mark.parametrize(
    ("encoding", "value", "expected"),
    [("wait", 30, "wait=30"), ("wait", True, "wait"), ("duration", 90, "90s"), ("duration", "1h30m", "1h30m")],
)
def test_header_encodings(demo: Any, encoding: str, value: Any, expected: str) -> None:
    param = demo.operation.Param("w", "Prefer", "header", encoding=encoding, minimum=1, maximum=60)
    param = param if encoding == "wait" else demo.operation.Param("w", "Prefer", "header", encoding=encoding)
    assert ("Prefer", expected) in demo.requests.prepare(op(demo, "GET", "/", param), {"w": value}, "http://h").headers


@pytest.mark.parametrize(
    ("encoding", "value"), [("wait", 600), ("wait", 0), ("wait", "x"), ("duration", "soon"), ("", "a\nb")]
)
def test_headers_that_cannot_be_sent(demo: Any, encoding: str, value: Any) -> None:
    param = demo.operation.Param("w", "Prefer", "header", encoding=encoding, minimum=1, maximum=60)
    with pytest.raises(demo.errors.ArgumentError, match="^w: "):
        demo.requests.prepare(op(demo, "GET", "/", param), {"w": value}, "http://h")


def test_unknown_and_missing_arguments_are_named(demo: Any) -> None:
    operation = op(demo, "GET", "/", demo.operation.Param("limit", "limit", "query", required=True))
    with pytest.raises(demo.errors.ArgumentError, match="lmit: do has no such argument; did you mean limit"):
        demo.requests.prepare(operation, {"lmit": 1}, "http://h")
    with pytest.raises(demo.errors.ArgumentError, match="limit: is required"):
        demo.requests.prepare(operation, {}, "http://h")


def test_json_body_keeps_null_only_where_it_means_something(demo: Any, client: Any, server: Server) -> None:
    P = demo.operation.Param
    operation = op(
        demo, "POST", "/things", P("a", "a", "field"), P("b", "B", "field", nullable=True), P("c", "c", "field"),
        body_kind="json", media_type="application/json", flattened=True, body_required=True,
    )  # fmt: skip
    client.call(operation, {"a": None, "b": None, "c": {"file": b"hi"}})
    assert server.requests[0].headers["content-type"] == "application/json"
    assert json.loads(server.requests[0].body) == {
        "B": None,
        "c": {"file": "data:application/octet-stream;base64,aGk="},
    }


def test_text_and_binary_bodies(demo: Any, client: Any, server: Server, tmp_path: Path) -> None:
    body = demo.operation.Param("body", "body", "body", required=True)
    client.call(op(demo, "QUERY", "/m", body, body_kind="text", media_type="text/plain"), {"body": 'a "b"'})
    (tmp_path / "x.bin").write_bytes(b"\0\1")
    binary = op(demo, "PUT", "/b", body, body_kind="binary", media_type="application/octet-stream")
    client.call(binary, {"body": tmp_path / "x.bin"})
    client.call(binary, {"body": "data:;base64,AAE="})
    client.call(binary, {"body": "../x.bin"})
    assert (server.requests[0].method, server.requests[0].body) == ("QUERY", b'a "b"')
    assert [r.body for r in server.requests[1:]] == [b"\0\1", b"\0\1", b"../x.bin"]


def test_form_and_multipart_bodies(demo: Any, client: Any, server: Server) -> None:
    P = demo.operation.Param
    params = (
        P("content", "content", "field", kind="binary"),
        P("metadata", "metadata", "field", media="application/json"),
        P("type", "type", "field"),
    )
    operation = op(demo, "POST", "/f", *params, body_kind="multipart", media_type="multipart/form-data", flattened=True)
    client.call(operation, {"content": ("a.txt", b"hello", "text/plain"), "metadata": {"k": 1}, "type": "t"})
    sent = server.requests[0]
    assert sent.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'name="content"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello' in sent.body
    assert b'name="metadata"\r\nContent-Type: application/json\r\n\r\n{"k":1}' in sent.body
    assert b'name="type"\r\n\r\nt' in sent.body
    form = op(
        demo, "POST", "/f", P("a", "a", "field", style="form", explode=True),
        body_kind="form", media_type="application/x-www-form-urlencoded", flattened=True,
    )  # fmt: skip
    client.call(form, {"a": ["x y", "&"]})
    assert server.requests[1].body == b"a=x%20y&a=%26"


def test_results(demo: Any, client: Any, server: Server) -> None:
    server.queue({"id": "1", "class": "c", "owner": {"name": "Ann"}, "new": [1]})
    thing = client.call(op(demo, view="Thing"), {}, raw=False)
    assert (thing.id, thing.class_, thing.owner.name, thing.note) == ("1", "c", "Ann", None)
    assert thing["new"] == [1] and thing.to_dict()["class"] == "c"
    with pytest.raises(AttributeError, match="no field 'nope'"):
        thing.nope  # noqa: B018
    with pytest.raises(AttributeError, match="no setter"):
        thing.id = "2"
    server.queue(b"# text")
    server.queue(b"\0\xff")
    server.queue(None, 204)
    server.queue([{"name": "a"}, {"name": "b"}])
    assert client.call(op(demo, result="text"), {}) == "# text"
    assert client.call(op(demo, result="binary"), {}) == b"\0\xff"
    assert client.call(op(demo, "DELETE", result="empty"), {}) is None
    assert [owner.name for owner in client.call(op(demo, view="Owner", array=True), {}, raw=False)] == ["a", "b"]
    server.queue(b"<html>", content_type="text/html")
    with pytest.raises(demo.errors.ResponseError, match="is text/html that cannot be read as JSON"):
        client.call(op(demo), {})


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "BadRequestError"), (401, "AuthenticationError"), (403, "PermissionDeniedError"), (404, "NotFoundError"),
     (409, "ConflictError"), (418, "ApiError"), (422, "UnprocessableEntityError"), (501, "ServerError"),
     (302, "ApiError")],
)  # fmt: skip
def test_errors(demo: Any, client: Any, server: Server, status: int, kind: str) -> None:
    server.queue({"title": "No", "detail": "because", "invalid_fields": [1]}, status, x_request_id="r1", location="/x")
    with pytest.raises(demo.errors.ApiError) as caught:
        client.call(op(demo), {})
    error = caught.value
    assert type(error).__name__ == kind and error.status == status
    assert (error.title, error.detail, error.invalid_fields, error.request_id) == ("No", "because", [1], "r1")
    assert len(server.requests) == 1 and "secret" not in str(error)


def test_reads_are_tried_again_and_writes_are_not(
    demo: Any, client: Any, server: Server, no_waiting: list[float]
) -> None:
    server.queue({}, 503)
    server.queue({}, 429, retry_after="7")
    server.queue({"ok": True})
    assert client.call(op(demo), {}) == {"ok": True}
    assert no_waiting[1] == 7.0
    server.queue({}, 503)
    with pytest.raises(demo.errors.ServerError):
        client.call(op(demo, "POST"), {})
    assert len(server.requests) == 4
    server.queue({"retry_after": 3}, 429)
    assert client.call(op(demo, "POST"), {}) == {}
    assert no_waiting[2:] == [3.0]
    server.queue({}, 429, retry_after="86400")
    with pytest.raises(demo.errors.RateLimitError) as caught:
        client.call(op(demo), {})
    assert caught.value.retry_after == 86400


def test_retry_after_reads_dates(demo: Any) -> None:
    assert demo.errors.retry_after("Wed, 21 Oct 2015 07:28:00 GMT") == 0.0
    assert demo.errors.retry_after("nan", "soon") is None


def test_no_server(demo: Any, no_waiting: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    # A port is given again: what has answered there before would be waited for.
    monkeypatch.setattr(demo.origins, "_origins", OrderedDict())
    with socket.socket() as held:  # bound, so that nobody else gets the port, and not listening
        held.bind(("127.0.0.1", 0))
        client = demo.sync.client.SyncClient("t", base_url=f"http://127.0.0.1:{held.getsockname()[1]}")
        with client, pytest.raises(demo.errors.ApiConnectionError):
            client.call(op(demo, "POST"), {})
    assert len(no_waiting) == 2


def test_the_token_goes_to_its_own_origin_only(demo: Any, client: Any, server: Server) -> None:
    other = Server()
    try:
        server.queue(None, 302, location=other.origin + "/signed?x=1")
        other.queue(b"data")
        assert client.call(op(demo, result="binary"), {}) == b"data"
        assert server.requests[0].headers["authorization"] == "Bearer secret"
        assert other.requests[0].headers["authorization"] is None
        server.queue({"results": [1], "next": other.origin + "/more"})
        page = client.call(op(demo, page=demo.operation.PageInfo("results", "next")), {}, raw=False)
        with pytest.raises(demo.errors.ResponseError, match="another server"):
            list(page)
        assert len(other.requests) == 1
    finally:
        other.close()


def test_pages_are_walked_and_a_cycle_ends(demo: Any, client: Any, server: Server) -> None:
    server.queue({"results": [{"name": "a"}], "next": server.base_url + "/things?cursor=2"})
    server.queue({"results": [{"name": "b"}], "next": "/v1/things?cursor=2"})
    operation = op(demo, page=demo.operation.PageInfo("results", "next"), view="Owner")
    page = client.call(operation, {}, raw=False)
    assert [owner.name for owner in page] == ["a", "b"]
    assert [r.path for r in server.requests] == ["/v1/things", "/v1/things?cursor=2"]
    assert server.requests[1].headers["authorization"] == "Bearer secret"
    assert page[0].name == "a" and len(page.results) == 1


def test_asynchronous_client(demo: Any, server: Server, no_waiting: list[float]) -> None:
    async def work() -> list[str]:
        async with demo.aio.client.AsyncClient("secret", base_url=server.base_url) as client:
            page = await client.call(
                op(demo, page=demo.operation.PageInfo("results", "next"), view="Owner"), {}, raw=False
            )
            with pytest.raises(demo.errors.NotFoundError):
                await client.call(op(demo, path="/none"), {})
            return [owner.name async for owner in page]

    server.queue({}, 503)
    server.queue({"results": [{"name": "a"}], "next": server.base_url + "/things?cursor=2"})
    server.queue({"detail": "no"}, 404)
    server.queue({"results": [{"name": "b"}], "next": None})
    assert asyncio.run(work()) == ["a", "b"]
    assert len(no_waiting) == 1


def test_a_client_of_either_library_can_be_passed_in(demo: Any, server: Server, library: Any) -> None:
    http = library
    with (
        http.Client() as given,
        demo.sync.client.SyncClient("t", base_url=server.base_url, http_client=given) as client,
    ):
        assert client.call(op(demo), {}) == {}
        client.close()
        assert not given.is_closed
        bad = demo.sync.client.SyncClient("t", base_url="http://127.0.0.1:1", http_client=given, max_retries=0)
        with pytest.raises(demo.errors.ApiConnectionError):
            bad.call(op(demo), {})


def test_configuration(demo: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DEMO_TOKEN", raising=False)
    monkeypatch.delenv("DEMO_BASE_URL", raising=False)
    with pytest.raises(demo.errors.ConfigError, match="set DEMO_TOKEN or pass token=…; get one at"):
        demo.sync.client.SyncClient(base_url="http://127.0.0.1:1").call(op(demo), {})
    assert demo.sync.client.SyncClient().base_url == "https://demo.invalid/v1"
    monkeypatch.setenv("DEMO_TOKEN", "hidden")
    monkeypatch.setenv("DEMO_BASE_URL", "http://env/")
    found = demo.config.load()
    assert (found.base_url, found.token) == ("http://env", "hidden") and "hidden" not in repr(found)
    with pytest.raises(demo.errors.ConfigError, match="must begin with"):
        demo.config.load(base_url="ftp://x")
    with pytest.raises(demo.errors.ConfigError, match="characters that no token has"):
        demo.config.load("a\nb")
    # Also where nothing was found to pass, as `tokn=os.environ.get(…)` of a variable that is not set.
    for kind in (demo.sync.client.SyncClient, demo.aio.client.AsyncClient):
        for mistyped, meant in (("tokn", "token"), ("base_ur", "base_url"), ("max_retrys", "max_retries")):
            with pytest.raises(TypeError, match=f"no argument '{mistyped}'; did you mean {meant}?"):
                kind(**{mistyped: None})


def test_clients_and_proxies_that_cannot_be_used(demo: Any, library: Any) -> None:
    with pytest.raises(demo.errors.ConfigError, match="http_client must be an httpx.AsyncClient, not Client"):
        demo.aio.client.AsyncClient("t", http_client=library.Client())
    with pytest.raises(demo.errors.ConfigError, match="http_client must be an httpx.Client, not str"):
        demo.sync.client.SyncClient("t", http_client="http")
    for bad in ("ftp://proxy", "no proxy"):
        client = demo.sync.client.SyncClient("t", base_url="http://h", proxy=bad)
        with client, pytest.raises(demo.errors.ConfigError, match="cannot be set up"):
            client.call(op(demo), {})
    client = demo.sync.client.SyncClient("t", base_url="http://h")
    with client, pytest.raises(demo.errors.ApiConnectionError, match="InvalidURL"):
        client.request("GET", "http://h:port/x")
    for bad in ("http://h:99999", "http://[h", "http://h:port"):
        with pytest.raises(demo.errors.ConfigError, match="base URL"):
            demo.sync.client.SyncClient("t", base_url=bad)


def test_whole_requests(demo: Any) -> None:
    """Every part of a request that was made of arguments: RFC 3986, 6570, 7464, 7578 and 9110."""
    P, O = demo.operation.Param, demo.operation.Operation
    path, query = P("id", "id", "path", style="simple", required=True), P("q", "q", "query", style="form", explode=True)
    wait = P("wait", "Prefer", "header", encoding="wait", minimum=1, maximum=60)
    header, cookie = P("h", "X-H", "header", nullable=True), P("c", "c", "cookie", style="form", explode=True)
    a, b = P("a", "A", "field", explode=True), P("b", "b", "field", explode=True, nullable=True)
    rest = P("more", "", "field", rest=True, explode=True, media="text/plain")
    body = P("body", "body", "body")
    photo = P("photo", "photo", "field", kind="binary", media="image/*", headers=(("X-P", "1"),))
    listed = P("tags", "t", "field", style="form", explode=False)
    get = O(
        "get", "get", "GET", "/a/{id}?v=1", (path, query, header, wait, cookie), headers=(("X-Own", "y"),), timeout=7.5
    )
    post = {"body_kind": "json", "media_type": "application/json", "flattened": True}
    form = {**post, "body_kind": "form", "media_type": "application/x-www-form-urlencoded"}
    multi = {**post, "body_kind": "multipart", "media_type": "multipart/form-data"}
    whole = {**post, "flattened": False}
    lines = {**whole, "media_type": "application/jsonl"}
    sequence = {**whole, "media_type": "application/json-seq"}
    text = {**whole, "body_kind": "text", "media_type": "text/plain"}
    any_file = {**whole, "body_kind": "binary", "media_type": "image/*"}
    json_, accept = ("Content-Type", "application/json"), ("Accept", "application/json")

    def posted(params: tuple[Any, ...], **more: Any) -> Any:
        return O("post", "post", "POST", "/b", params, **more)

    rows: list[tuple[Any, dict[str, Any], dict[str, Any]]] = [
        (get, {"id": "x/y", "q": [1, "b c"], "h": "v", "c": "k", "wait": 30}, {
            "method": "GET", "url": "http://h/r/a/x%2Fy?k=1&v=1&q=1&q=b%20c", "wait": 30.0, "timeout": 7.5,
            "headers": [accept, ("X-Own", "y"), ("X-H", "v"), ("Prefer", "wait=30"), ("Cookie", "c=k")]}),
        (get, {"id": 1, "h": None, "wait": True}, {
            "method": "GET", "url": "http://h/r/a/1?k=1&v=1", "wait": 60.0, "timeout": 7.5,
            "headers": [accept, ("X-Own", "y"), ("Prefer", "wait")]}),
        (posted((a, b), **post), {"a": 1, "b": None}, {"content": b'{"A":1,"b":null}', "headers": [accept, json_]}),
        (posted((a, b), **post), {}, {"headers": [accept]}),
        (posted((a, b), **post, body_required=True), {}, {"content": b"{}", "headers": [accept, json_]}),
        (posted((a, rest), **post), {"a": 1, "more": {"z": [2]}}, {"content": b'{"A":1,"z":[2]}', "headers": [accept, json_]}),
        (posted((a, listed), **form), {"a": "x y", "tags": ["p", "q"]}, {
            "content": b"A=x%20y&t=p,q", "headers": [accept, ("Content-Type", "application/x-www-form-urlencoded")]}),
        (posted((body,), **whole), {"body": [1, {"a": "u"}]}, {"content": b'[1,{"a":"u"}]', "headers": [accept, json_]}),
        (posted((body,), **lines), {"body": [1, "a"]}, {"content": b'1\n"a"\n', "headers": [accept, ("Content-Type", "application/jsonl")]}),
        (posted((body,), **lines), {"body": '{"raw": 1}'}, {"content": b'{"raw": 1}', "headers": [accept, ("Content-Type", "application/jsonl")]}),
        (posted((body,), **sequence), {"body": [1, 2]}, {
            "content": b"\x1e1\n\x1e2\n", "headers": [accept, ("Content-Type", "application/json-seq")]}),
        (posted((body,), **text, result="text"), {"body": "hi"}, {
            "content": b"hi", "headers": [("Accept", "*/*"), ("Content-Type", "text/plain")]}),
        (posted((body,), **any_file, accept="a/b"), {"body": b"\x00"}, {
            "content": b"\x00", "headers": [("Accept", "a/b"), ("Content-Type", "application/octet-stream")]}),
        (posted((a,), **post, stream="a", accept_events="text/event-stream", result="json"), {"a": True}, {
            "content": b'{"A":true}', "events": True, "headers": [("Accept", "text/event-stream"), json_]}),
        (posted((a,), **post, headers=(("ACCEPT", "x/y"),)), {"a": 1}, {"content": b'{"A":1}', "headers": [("ACCEPT", "x/y"), json_]}),
        (posted((a, photo), **post, multipart=True), {"a": 1}, {"content": b'{"A":1}', "headers": [accept, json_]}),
    ]  # fmt: skip
    wrong = []
    for operation, arguments, expected in rows:
        usual = {
            "method": "POST",
            "url": "http://h/r/b?k=1",
            "content": None,
            "parts": None,
            "wait": 0.0,
            "events": False,
        }
        made = demo.requests.prepare(operation, arguments, "http://h/r/?k=1")
        if made._asdict() != {**usual, "timeout": None, "first": None, **expected}:
            wrong.append((arguments, made._asdict()))
    assert not wrong, "\n".join(map(str, wrong))

    def parts(*params: Any, **given: Any) -> list[tuple[Any, ...]]:
        made = demo.requests.prepare(posted(params, **multi), given, "http://h")
        assert made.content is None and made.headers == [accept]
        return [(p.name, p.filename, p.content, p.content_type, tuple(p.headers)) for p in made.parts]

    object_, typed = P("o", "o", "field", explode=True), P("x", "x", "field", media="text/x-a", explode=True)
    assert parts(photo, photo=b"p") == [("photo", "file", b"p", "application/octet-stream", (("X-P", "1"),))]
    assert parts(listed, tags=["p", "q"]) == [("t", None, b"p,q", None, ())]
    assert parts(a, a=["p", 2]) == [("A", None, b"p", None, ()), ("A", None, b"2", None, ())]
    assert parts(object_, typed, o={"a": 1}, x=True) == [
        ("o", None, b'{"a":1}', "application/json", ()),
        ("x", None, b"true", "text/x-a", ()),
    ]


def test_requests_that_nothing_describes(demo: Any) -> None:
    described, error = demo.requests.described, demo.errors.ArgumentError
    operation, made = described("http://h/v1/", "get", "/a", {"q": [1, "é"]}, None, None)
    assert (operation.name, operation.method, operation.path, operation.result) == ("get", "GET", "/a", "json")
    assert made == (
        "GET",
        "http://h/v1/a?q=1&q=%C3%A9",
        [("Accept", "application/json")],
        None,
        None,
        0.0,
        False,
        None,
        None,
    )
    _, made = described("http://h", "POST", "https://other/x?y=1", {"z": 2}, {"a": 1}, None, "binary")
    assert made.url == "https://other/x?y=1&z=2" and made.content == b'{"a":1}'
    assert made.headers == [("Accept", "*/*"), ("Content-Type", "application/json")]
    _, made = described("http://h", "put", "x", None, None, b"raw", "events")
    assert (made.url, made.content, made.headers) == ("http://h/x", b"raw", [("Accept", "text/event-stream")])
    for method, access in (
        ("GET", "read"),
        ("head", "read"),
        ("OPTIONS", "read"),
        ("QUERY", "read"),
        ("POST", "write"),
    ):
        assert described("http://h", method, "/", None, None, None)[0].access == access
    for arguments, name in (
        (("a b", "/", None, None, None), "method"),
        (("GET", "/", None, 1, b"x"), "content"),
        (("GET", "/a b", None, None, None), "path"),
        (("GET", "/é", None, None, None), "path"),
        (("GET", "/a/../b", None, None, None), "path"),
        (("GET", "/%2E%2e/b", None, None, None), "path"),
        (("GET", "https://h/./b", None, None, None), "path"),
    ):
        with pytest.raises(error, match=f"^{name}: "):
            described("http://h", *arguments)
    assert demo.requests.checked_headers({"X-A": "b c"}) == {"X-A": "b c"} and demo.requests.checked_headers(None) == {}
    for headers in ({"X A": "b"}, {"": "b"}, {1: "b"}, {"X": "a\r\nb"}, {"X": "é"}, {"X": 1}):
        with pytest.raises(error, match="^headers: "):
            demo.requests.checked_headers(headers)
    assert repr(made) == "<Prepared PUT http://h/x>" and repr(demo.requests.OMIT) == "OMIT"


def test_requests_that_cannot_be_made(demo: Any) -> None:
    P, O = demo.operation.Param, demo.operation.Operation
    json_ = {"body_kind": "json", "media_type": "application/json", "flattened": True}
    rest = (P("a", "A", "field"), P("more", "", "field", rest=True))
    parts = {"body_kind": "multipart", "media_type": "multipart/form-data"}
    form = {"body_kind": "form", "media_type": "application/x-www-form-urlencoded"}
    long, body = "x" * 70_000, P("body", "body", "body")
    rows = [
        (rest, json_, {"more": {"A": 1}}, "more: 'A' is an argument of its own"),
        (rest, json_, {"more": {1: 1}}, "more: 1 is not a valid name of a property"),
        (rest, json_, {"more": 7}, "more: expected an object"),
        ((body,), form, {"body": 7}, "body: expected an object"),
        ((P("f", "f", "field", kind="binary", media="a/b\n"),), {**parts, "flattened": True}, {"f": b"x"}, "f: its media type"),
        ((P("s", "s", "query", style="form"), P("q", "q", "query", style="form")), {}, {"s": "a", "q": long}, "q: is too long for a URL"),
        ((P("p", "p", "path", style="simple"), P("q", "q", "query", style="form")), {}, {"p": "a", "q": "b", "r": 1}, "r: do has no such argument; it takes p, q"),
    ]  # fmt: skip
    for params, more, arguments, message in rows:
        with pytest.raises(demo.errors.ArgumentError) as caught:
            demo.requests.prepare(O("do", "do", "POST", "/", params, **more), arguments, "http://h")
        assert str(caught.value).startswith(message)
    with pytest.raises(demo.errors.ArgumentError, match="^q: do has no such argument; it takes none"):
        demo.requests.prepare(O("do", "do", "GET", "/"), {"q": 1}, "http://h")
