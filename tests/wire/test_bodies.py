"""The rest of a request, byte by byte: bodies, headers and what is refused, by RFC 8259, 7578, 9110, 7240 and 3986."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from conftest import op

URL = "https://h.test/v1"


def prepared(demo: Any, arguments: dict[str, Any], *params: Any, method: str = "POST", **more: Any) -> Any:
    return demo.requests.prepare(op(demo, method, "/things", *params, **more), arguments, URL)


def fields(demo: Any, *names: str, **more: Any) -> list[Any]:
    return [demo.operation.Param(name, name.upper(), "field", **more) for name in names]


JSON = {"body_kind": "json", "media_type": "application/json"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, b"null"),
        ([1, 2.5, "é", True], b'[1,2.5,"\\u00e9",true]'),
        ({"a": {"b": None}}, b'{"a":{"b":null}}'),
        ((1, 2), b"[1,2]"),
        ({3, 1}, b"[1,3]"),
        (date(2026, 1, 2), b'"2026-01-02"'),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), b'"2026-01-02T03:04:05+00:00"'),
        (b"hi", b'"data:application/octet-stream;base64,aGk="'),
        ("", b'""'),
        (0, b"0"),
        (False, b"false"),
    ],
)
def test_json_values(demo: Any, value: Any, expected: bytes) -> None:
    whole = demo.operation.Param("body", "body", "body", required=True, nullable=True)
    assert prepared(demo, {"body": value}, whole, **JSON, body_required=True).content == expected
    sent = prepared(demo, {"a": value}, *fields(demo, "a", nullable=True), **JSON, flattened=True)
    assert sent.content == b'{"A":' + expected + b"}" and sent.parts is None
    assert ("Content-Type", "application/json") in sent.headers


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object(), {"a": {1: object()}}])
def test_what_is_no_json_is_refused_by_name(demo: Any, value: Any) -> None:
    with pytest.raises(demo.errors.ArgumentError, match="^a: "):
        prepared(demo, {"a": value}, *fields(demo, "a"), **JSON, flattened=True)


def test_a_body_is_sent_where_there_is_one(demo: Any) -> None:
    a = fields(demo, "a")
    for required, expected in ((True, b"{}"), (False, None)):
        sent = prepared(demo, {}, *a, **JSON, flattened=True, body_required=required)
        assert sent.content == expected
        assert (("Content-Type", "application/json") in sent.headers) is required
    whole = demo.operation.Param("body", "body", "body")
    for kind in ("json", "text", "binary"):
        sent = prepared(demo, {}, whole, body_kind=kind, media_type="x/y", body_required=True)
        assert (sent.content, sent.parts, dict(sent.headers).get("Content-Type")) == (None, None, None)
    assert prepared(demo, {"a": 1}, demo.operation.Param("a", "a", "query"), method="GET").content is None


def test_forms(demo: Any) -> None:
    P = demo.operation.Param
    form = {"body_kind": "form", "media_type": "application/x-www-form-urlencoded"}
    given = [P("a", "a b", "field", style="form", explode=True), P("c", "c", "field", style="form"), P("d", "d", "field", style="deepObject", explode=True), P("n", "n", "field", nullable=True, style="form", explode=True)]  # fmt: skip
    values = {"a": ["x y", "é&="], "c": [1, True], "d": {"k": [1, 2], "l": {"m": "n"}, "o": None}, "n": None}
    sent = prepared(demo, values, *given, **form, flattened=True)
    assert sent.content == b"a%20b=x%20y&a%20b=%C3%A9%26%3D&c=1,true&d%5Bk%5D=1&d%5Bk%5D=2&d%5Bl%5D%5Bm%5D=n&n="
    whole = prepared(demo, {"body": {"a": [1, 2], "b": "x"}}, P("body", "body", "body"), **form)
    assert whole.content == b"a=1&a=2&b=x" and whole.parts is None
    with pytest.raises(demo.errors.ArgumentError, match="^body: expected an object"):
        prepared(demo, {"body": [1]}, P("body", "body", "body"), **form)


def test_parts(demo: Any) -> None:
    """RFC 7578: 4.2 a file has a name, 4.3 several files are several parts, 4.4 a type where it is not text."""
    P = demo.operation.Param
    given = [
        P("file", "file", "field", kind="binary", media="application/octet-stream"),
        P("image", "image", "field", kind="binary", media="image/png"),
        P("images", "images", "field", kind="binary", media="image/png, image/jpeg"),
        P("any", "any", "field", kind="binary", media="image/*"),
        P("text", "text", "field", media="text/plain"),
        P("plain", "plain", "field"),
        P("data", "data", "field", media="application/vnd.x+json; v=1"),
        P("free", "free", "field"),
        P("list", "list", "field"),
        P("when", "when", "field"),
    ]
    values = {
        "file": b"\0", "image": [b"1", b"2"], "images": b"3", "any": b"4", "text": "é", "plain": 1.5, "data": [1],
        "free": {"a": 1}, "list": ["x", True], "when": date(2026, 1, 2),
    }  # fmt: skip
    sent = prepared(demo, values, *given, body_kind="multipart", media_type="multipart/form-data", flattened=True)
    assert sent.content is None and "Content-Type" not in dict(sent.headers), "its boundary is not known yet"
    parts = [(part.name, part.filename, bytes(part.content), part.content_type) for part in sent.parts]
    assert parts == [
        ("file", "file", b"\0", "application/octet-stream"),
        ("image", "file", b"1", "image/png"),
        ("image", "file", b"2", "image/png"),
        ("images", "file", b"3", "application/octet-stream"),
        ("any", "file", b"4", "application/octet-stream"),
        ("text", None, "é".encode(), "text/plain"),
        ("plain", None, b"1.5", None),
        ("data", None, b"1", "application/vnd.x+json; v=1"),
        ("free", None, b'{"a":1}', "application/json"),
        ("list", None, b"x", None),
        ("list", None, b"true", None),
        ("when", None, b"2026-01-02", None),
    ]
    for media in ("text/plain\r\nX: y", "text/plain\x7f", "é/x"):
        with pytest.raises(demo.errors.ArgumentError, match="^text: its media type"):
            prepared(
                demo, {"text": "x"}, P("text", "text", "field", media=media), body_kind="multipart", flattened=True
            )


@pytest.mark.parametrize(
    ("result", "accept"), [("json", "application/json"), ("events", "text/event-stream"), ("text", "*/*"), ("binary", "*/*")]
)  # fmt: skip
def test_accept(demo: Any, result: str, accept: str) -> None:
    assert prepared(demo, {}, method="GET", result=result).headers == [("Accept", accept)]
    _, sent = demo.requests.described(URL, "get", "/x", None, None, None, result)
    assert (sent.headers, sent.wait, sent.parts) == ([("Accept", accept)], 0, None)


@pytest.mark.parametrize(
    ("limits", "value", "header", "seconds"),
    [
        ({"minimum": 1, "maximum": 60}, True, "wait", 60),
        ({}, True, "wait", 60),
        ({"maximum": 20}, True, "wait", 20),
        ({"minimum": 1, "maximum": 60}, 1, "wait=1", 1),
        ({"minimum": 1, "maximum": 60}, 60.0, "wait=60", 60),
        ({}, 3600, "wait=3600", 3600),
        ({"minimum": 0}, 0, "wait=0", 0),
        ({}, 0, "", 0),
        ({"minimum": 5}, 4, "", 0),
        ({"maximum": 60}, 61, "", 0),
        ({}, 1.5, "", 0),
        ({}, "5", "", 0),
        ({}, False, "", 0),
    ],
)
def test_prefer_wait(demo: Any, limits: dict[str, float], value: Any, header: str, seconds: float) -> None:
    """RFC 7240, 4.3: whole seconds."""
    param = demo.operation.Param("wait", "Prefer", "header", encoding="wait", **limits)
    if not header:
        with pytest.raises(demo.errors.ArgumentError, match="^wait: "):
            prepared(demo, {"wait": value}, param)
    else:
        sent = prepared(demo, {"wait": value}, param)
        assert (dict(sent.headers)["Prefer"], sent.wait) == (header, seconds)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (30, "30s"), (30.0, "30s"), (0, "0s"), (timedelta(minutes=2), "120s"), ("30", "30"), ("30s", "30s"), ("5m", "5m"),
        ("1h30m", "1h30m"), ("1h", "1h"), ("1h5", "1h5"), (1.5, ""), (-1, ""), (True, ""), ("", ""), ("h", ""), ("5x", ""),
        ("1m1h", ""), (None, "absent"),
    ],
)  # fmt: skip
def test_durations(demo: Any, value: Any, expected: str) -> None:
    param = demo.operation.Param("after", "Cancel-After", "header", encoding="duration")
    if expected:
        assert dict(prepared(demo, {"after": value}, param).headers).get("Cancel-After", "absent") == expected
    else:
        with pytest.raises(demo.errors.ArgumentError, match="^after: "):
            prepared(demo, {"after": value}, param)
    least = demo.operation.Param("after", "Cancel-After", "header", encoding="duration", minimum=5)
    with pytest.raises(demo.errors.ArgumentError, match="at least 5"):
        prepared(demo, {"after": 4}, least)


@pytest.mark.parametrize(
    ("base", "path", "query", "expected"),
    [
        ("https://h/v1", "/a", {}, "https://h/v1/a"),
        ("https://h/v1/", "a", {"b": [1, "x y"], "n": None}, "https://h/v1/a?b=1&b=x%20y"),
        ("https://h/v1", "/a?c=1", {"b": True}, "https://h/v1/a?c=1&b=true"),
        ("https://h/v1", "https://other/a", {}, "https://other/a"),
        ("https://h/v1", "http://other/a", {"b": {"c": "d"}}, "http://other/a?c=d"),
        ("https://h/v1", "/%2E%2e/a", {}, ""),
        ("https://h/v1", "/a/../b", {}, ""),
        ("https://h/v1", "/a/.", {}, ""),
        ("https://h/v1", "/a b", {}, ""),
        ("https://h/v1", "/é", {}, ""),
        ("https://h/v1", "/a\n", {}, ""),
        ("https://h/v1", "/a...b/.c", {}, "https://h/v1/a...b/.c"),
    ],
)
def test_requests_that_no_description_has(
    demo: Any, base: str, path: str, query: dict[str, Any], expected: str
) -> None:
    if not expected:
        with pytest.raises(demo.errors.ArgumentError, match="^path: "):
            demo.requests.described(base, "GET", path, query, None, None)
        return
    operation, sent = demo.requests.described(base, "get", path, query, None, None)
    assert (sent.method, sent.url, sent.content, operation.method) == ("GET", expected, None, "GET")


def test_what_a_method_does_is_known_without_a_description(demo: Any) -> None:
    """RFC 9110, 9.2.1; a method that is not known may do anything."""
    found = {}
    for method in ("GET", "head", "OPTIONS", "QUERY", "POST", "PUT", "PATCH", "DELETE", "PURGE"):
        operation, sent = demo.requests.described(URL, method, "/x", None, {"a": 1}, None)
        assert sent.content == b'{"a":1}' and ("Content-Type", "application/json") in sent.headers
        found[method] = operation.access
    assert {method for method in found if found[method] == "read"} == {"GET", "head", "OPTIONS", "QUERY"}
    _, sent = demo.requests.described(URL, "PUT", "/x", None, None, b"raw")
    assert sent.content == b"raw" and "Content-Type" not in dict(sent.headers)
    for wrong in ({"json": 1, "content": b""}, {"method": "GET /x"}, {"method": ""}):
        given = {"method": "POST", "json": None, "content": None, **wrong}
        with pytest.raises(demo.errors.ArgumentError):
            demo.requests.described(URL, given["method"], "/x", None, given["json"], given["content"])


@pytest.mark.parametrize(
    ("headers", "fine"),
    [
        ({"X-A": "b c"}, True), ({"x!#$%&'*+.^_`|~-": ""}, True), (None, True), ({"X A": "b"}, False), ({"": "b"}, False),
        ({"X:": "b"}, False), ({"X": "b\r\nY: z"}, False), ({"X": "é"}, False), ({"X": 1}, False), ({1: "b"}, False),
    ],
)  # fmt: skip
def test_headers_of_the_caller(demo: Any, headers: Any, fine: bool) -> None:
    """RFC 9110, 5.1 and 5.5."""
    if fine:
        assert demo.requests.checked_headers(headers) == (headers or {})
    else:
        with pytest.raises(demo.errors.ArgumentError, match="^headers: "):
            demo.requests.checked_headers(headers)


def test_arguments(demo: Any) -> None:
    P = demo.operation.Param
    a, b, c = P("a", "a", "query", required=True), P("b", "b", "query", nullable=True), P("c", "C", "cookie", style="form", explode=True)  # fmt: skip
    sent = prepared(demo, {"a": 1, "c": "x y"}, a, b, c, P("d", "D", "cookie"), method="GET")
    assert sent.url == URL + "/things?a=1" and dict(sent.headers)["Cookie"] == "C=x%20y"
    both = prepared(demo, {"a": 1, "c": "x", "d": "y"}, a, b, c, P("d", "D", "cookie"), method="GET")
    assert dict(both.headers)["Cookie"] == "C=x; D=y"
    OMIT = demo.requests.OMIT
    assert prepared(demo, {"a": "", "b": OMIT}, a, b, method="GET").url.endswith("?a=")
    for given, message in (({}, "a: is required"), ({"a": None}, "a: is required"), ({"a": OMIT}, "a: is required")):
        with pytest.raises(demo.errors.ArgumentError, match=message):
            prepared(demo, given, a, b)
    for name, hint in (("aa", "did you mean a?"), ("zzz", "it takes a, b")):
        with pytest.raises(demo.errors.ArgumentError) as caught:
            prepared(demo, {"a": 1, name: 2}, a, b)
        assert hint in str(caught.value) and str(caught.value).startswith(f"{name}: do has no such argument")
    with pytest.raises(demo.errors.ArgumentError, match="it takes none"):
        prepared(demo, {"a": 1})
    with pytest.raises(demo.errors.ArgumentError, match="a: a object cannot be sent here"):
        prepared(demo, {"a": object()}, a)
    with pytest.raises(demo.errors.ArgumentError, match="^a: holds half of a character"):
        prepared(demo, {"a": "\ud800"}, a)


def test_an_url_is_bounded_and_keeps_what_it_had(demo: Any) -> None:
    P = demo.operation.Param
    longest = demo.requests.LONGEST_URL
    start = len(URL + "/things?a=")
    assert len(prepared(demo, {"a": "x" * (longest - start)}, P("a", "a", "query")).url) == longest
    with pytest.raises(demo.errors.ArgumentError, match="^a: is too long"):
        prepared(demo, {"a": "x" * (longest - start + 1), "b": "y" * 9}, P("a", "a", "query"), P("b", "b", "query"))
    operation = op(demo, "GET", "/things", P("a", "a", "query"))
    assert demo.requests.prepare(operation, {"a": 1}, "https://h.test/?k=v").url == "https://h.test/things?k=v&a=1"
    dotted = op(demo, "GET", "/x/{p}/{q}", P("p", "p", "path"), P("q", "q", "path"))
    for p, q in (("..", "a"), ("a", "."), ("%2e", "a")):
        if p == "%2e":  # its sign is escaped: a name like any other
            assert demo.requests.prepare(dotted, {"p": p, "q": q}, URL).url.endswith("/x/%252e/a")
            continue
        with pytest.raises(demo.errors.ArgumentError, match="cannot be part of a path"):
            demo.requests.prepare(dotted, {"p": p, "q": q}, URL)


@pytest.mark.parametrize("place", ["query", "path", "header", "cookie", "field"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_is_not_sent(demo: Any, place: str, value: float) -> None:
    """RFC 8259, 6: JSON has no NaN and no infinity; nor has any style."""
    operation = op(demo, "POST", "/x/{a}" if place == "path" else "/x", demo.operation.Param("a", "a", place))
    for given in (value, [1.5, value]):
        with pytest.raises(demo.errors.ArgumentError, match="^a: "):
            form = {"body_kind": "form", "flattened": True} if place == "field" else {}
            demo.requests.prepare(replace(operation, **form), {"a": given}, URL)


def test_nothing_private_is_shown(demo: Any) -> None:
    sent = prepared(demo, {"a": "secret"}, demo.operation.Param("a", "a", "query"))
    assert repr(sent) == "<Prepared POST https://h.test/v1/things>" and repr(demo.requests.OMIT) == "OMIT"


def test_times_have_a_zone(demo: Any) -> None:
    """RFC 3339, 5.6: a time without one says nothing on the wire."""
    when = demo.operation.Param("when", "when", "header")
    sent = dict(prepared(demo, {"when": datetime(2026, 1, 2, 3, 4)}, when).headers)["when"]
    assert datetime.fromisoformat(sent).tzinfo is not None and sent.startswith("2026-01-02T03:04:00")
    body = prepared(demo, {"a": {"at": datetime(2026, 1, 2, 3, 4)}}, *fields(demo, "a"), **JSON, flattened=True)
    assert datetime.fromisoformat(json.loads(body.content)["A"]["at"]).tzinfo is not None


def test_headers_of_arguments(demo: Any) -> None:
    P = demo.operation.Param
    assert (
        dict(prepared(demo, {"h": {"a": [1]}}, P("h", "H", "header", media="application/json")).headers)["H"]
        == '{"a":[1]}'
    )
    for wrong in ("a\r\nb", "é", "\x00"):
        with pytest.raises(demo.errors.ArgumentError, match="^h: a header takes printable ASCII"):
            prepared(demo, {"h": wrong}, P("h", "H", "header"))


@pytest.mark.parametrize("value", [b"\0", [b"\0"]])
def test_json_or_multipart_by_what_is_given(demo: Any, value: Any) -> None:
    """Files have no form in JSON (RFC 8259, 3): where both media types are offered, they go as parts (RFC 7578, 4.3)."""
    both = {**JSON, "flattened": True, "multipart": True}
    given = fields(demo, "a", "n")
    assert prepared(demo, {"a": "x", "n": 1}, *given, **both).content == b'{"A":"x","N":1}'
    sent = prepared(demo, {"a": value, "n": 1}, *given, **both)
    assert sent.content is None and [(part.name, part.content) for part in sent.parts] == [("A", b"\0"), ("N", b"1")]
    assert "Content-Type" not in dict(sent.headers)


@pytest.mark.parametrize("location", ["query", "header", "cookie"])
def test_null_is_not_sent_beside_the_body(demo: Any, location: str) -> None:
    """RFC 6570, 2.3: null is undefined, and what is undefined is left out."""
    style = {"query": "form", "header": "simple", "cookie": "form"}[location]
    param = demo.operation.Param("a", "A", location, style=style, explode=True, nullable=True)
    sent = prepared(demo, {"a": None}, param, method="GET")
    assert sent.url == f"{URL}/things" and {"A", "Cookie"}.isdisjoint(dict(sent.headers))
