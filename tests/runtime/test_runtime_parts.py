"""Parts of the runtime by themselves: bodies in pieces, streams between two connections, credentials by scheme."""

from __future__ import annotations

import gzip
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest


def answer(status: int = 200, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=named, request=httpx.Request("GET", "https://a.test/x?key=secret"))


@pytest.mark.parametrize(
    ("pieces", "lines"),
    [
        ([b"a\nb\r\nc\rd"], ["a", "b", "c", "d"]),
        ([b"a\r", b"\nb", b"", b"c\n"], ["a", "bc"]),
        ([b"a\r", b"b\r"], ["a", "b"]),
        ([b"\n\n", b"\r\n"], ["", "", ""]),
        (["ä".encode()[:1], "ä".encode()[1:] + b"\n"], ["ä"]),
        ([b"a\xe2\x80\xa8b"], ["a", "b"]),
        ([b"12345\n", b"12345"], ["12345", "12345"]),
        ([], []),
        ([b""], []),
    ],
)
def test_lines(demo: Any, pieces: list[bytes], lines: list[str]) -> None:
    reader = demo.bodies.Lines(answer(content_type="text/plain; charset=utf-8"), 5)
    found = [line for piece in pieces for line in reader.feed(piece)]
    assert [*found, *reader.feed(b"", True)] == lines


def test_a_line_without_end(demo: Any) -> None:
    reader = demo.bodies.Lines(answer(x_request_id="r1"), 5)
    with pytest.raises(demo.errors.ResponseError) as caught:
        [*reader.feed(b"a\n123"), *reader.feed(b"456")]
    assert str(caught.value) == (
        "the answer to GET https://a.test/x (status 200, request r1) has a line of more than 5, the bound of "
        "max_response_bytes (in the environment DEMO_MAX_RESPONSE_BYTES)"
    )
    assert (caught.value.status, caught.value.request_id) == (200, "r1")


def test_pieces_of_one_size(demo: Any) -> None:
    for size, pieces, expected in (
        (3, [b"ab", b"cdefg", b"", b"h"], [b"abc", b"def", b"gh"]),
        (2, [b"abcd"], [b"ab", b"cd"]),
        (0, [b"ab"], [b"a", b"b"]),
        (4, [], []),
    ):
        chunks = demo.bodies.Chunks(size)
        found = [each for piece in pieces for each in chunks.feed(piece)]
        assert [*found, *chunks.rest()] == expected


def test_how_much_a_body_may_be(demo: Any) -> None:
    packed = gzip.compress(b"x" * 1000)
    twice = gzip.compress(packed)
    for headers, pieces, most, expected in (
        ({}, [b"abc", b"", b"de"], 5, b"abcde"),
        ({}, [b"abc", b"def"], 5, None),
        ({}, [b"abc", b"def"], None, b"abcdef"),
        ({"content_length": "5"}, [b"abcde"], 5, b"abcde"),
        ({"content_length": "6"}, [], 5, None),
        ({"content_length": "6"}, [b"abcdef"], None, b"abcdef"),
        ({"content_length": "many"}, [b"ab"], 5, b"ab"),
        ({"content_encoding": "gzip"}, [packed[:9], packed[9:]], 1000, b"x" * 1000),
        ({"content_encoding": "gzip"}, [packed], 999, None),
        ({"content_encoding": "gzip, gzip"}, [twice], 1000, b"x" * 1000),
        ({"content_encoding": "gzip, gzip"}, [twice], 999, None),
    ):
        case = (headers, most)
        try:
            body = demo.bodies.Body(answer(**headers), most)
            found = b"".join(part for piece in pieces for part in body.feed(piece))
            body.end()
        except demo.errors.ResponseError as error:
            assert expected is None and f"has more than {most:,} bytes, the bound of max_response_bytes" in str(
                error
            ), case
        else:
            assert found == expected, case
    for headers, pieces, what in (
        ({"content_encoding": "gzip"}, [packed[:20]], "ends in the middle of what was compressed"),
        ({"content_encoding": "gzip"}, [b"none"], "cannot be decompressed: "),
    ):
        body = demo.bodies.Body(answer(**headers), 9000)
        with pytest.raises(demo.errors.ResponseError, match=what):
            [part for piece in pieces for part in body.feed(piece)]
            body.end()
    nothing = demo.bodies.Body(answer(content_encoding="gzip"), 10)
    assert [*nothing.feed(b"")] == [] and nothing.end() is None


def test_what_httpx_reads_itself(demo: Any) -> None:
    for headers, watched, expected in (
        ({"content_length": "5"}, True, True),
        ({"content_length": "6"}, True, False),
        ({"content_length": "5"}, False, False),
        ({"content_length": "5", "content_encoding": "gzip"}, True, False),
        ({"content_length": "x"}, True, False),
        ({}, True, False),
    ):
        response = httpx.Response(
            200, headers={k.replace("_", "-"): v for k, v in headers.items()}, stream=httpx.ByteStream(b"")
        )
        assert demo.bodies.plain(response, 5, SimpleNamespace(watched=watched)) is expected, (headers, watched)
    read = httpx.Response(200, content=b"12345", request=httpx.Request("GET", "https://a.test/x"))
    assert demo.bodies.plain(read, 5, SimpleNamespace(watched=False)) is True
    with pytest.raises(demo.errors.ResponseError, match="has more than 4 bytes"):
        demo.bodies.plain(read, 4, SimpleNamespace(watched=True))


def test_pages_that_are_equal(demo: Any) -> None:
    listing = SimpleNamespace(page=None)
    one, same, other = (demo.pages.AnyPage({"results": [n]}, listing, None, "https://a.test/") for n in (1, 1, 2))
    assert one == same and one != other and one != {"results": [1]} and one.to_dict() == {"results": [1]}
    with pytest.raises(TypeError):
        hash(one)


def reading(demo: Any, last: str = "", until: tuple[str, ...] = (), failures: int = 2) -> Any:
    return demo.streams.Reading(last, until, None, failures, 1000)


def taken(stream: Any, text: str) -> list[str]:
    return [event.data for event in stream.events(text.encode())]


def test_between_two_connections(demo: Any) -> None:
    """The HTML standard, 9.2: the id of the last event is sent, and `retry` says when."""
    events = answer(content_type="Text/Event-Stream; charset=utf-8")
    lost = demo.errors.ApiConnectionError("lost")
    stream = reading(demo, "7")
    assert stream.headers() == [("Accept", "text/event-stream"), ("Cache-Control", "no-store"), ("Last-Event-ID", b"7")]
    stream.begin(events)
    assert taken(stream, "id: 7\ndata: old\n\nid: 8\ndata: a\n\nretry: 1500\n\nid: 9\ndata: b\n\ndata: half") == [
        "a",
        "b",
    ]
    assert stream.headers()[2] == ("Last-Event-ID", b"9")
    assert stream.again(lost) == 1.5
    stream.begin(events)
    assert taken(stream, "id: 8\ndata: a\n\nid: 9\ndata: b\n\nid: 10\ndata: c\n\n") == ["c"]
    assert stream.again(None) == 1.5  # an end before its time, for it has given something
    stream.begin(events)
    assert stream.again(None) is None  # and one that brought nothing is the end
    assert reading(demo).headers()[2:] == []
    bare = reading(demo)
    bare.begin(events)
    assert taken(bare, "data: a\n\ndata: a\n\n") == ["a", "a"]
    assert bare.again(None) is None
    with pytest.raises(demo.errors.ApiConnectionError):  # what came before it cannot be told from what comes again
        bare.again(lost)
    ended = reading(demo, until=("done",))
    ended.begin(events)
    assert taken(ended, "data: a\n\nevent: done\ndata: b\n\ndata: c\n\n") == ["a", "b"] and ended.over
    assert ended.again(lost) is None
    empty = reading(demo)
    empty.begin(answer(204))
    assert empty.over
    for kind, shown in (("text/html", "text/html"), ("", "something without a type")):
        with pytest.raises(demo.errors.ResponseError, match=f"a stream of events was expected, not {shown}"):
            reading(demo).begin(answer(content_type=kind))


def test_how_often_it_is_tried_again(demo: Any) -> None:
    stream = reading(demo, failures=3)
    assert [stream.again(demo.errors.ApiConnectionError("lost")) for _ in range(3)] == [0.5, 1.0, 2.0]
    with pytest.raises(demo.errors.ApiConnectionError):
        stream.again(demo.errors.ApiConnectionError("lost"))
    many = reading(demo, failures=9)
    assert [many.again(demo.errors.ApiConnectionError("lost")) for _ in range(9)][4:] == [8.0] * 5
    late = demo.streams.Reading("", (), 0.0, 1, 10)
    with pytest.raises(demo.errors.ApiTimeoutError, match="had not ended when the time was up"):
        late.seconds()
    assert reading(demo).seconds() is None


def scheme(demo: Any, key: str = "k", kind: str = "bearer", **more: Any) -> Any:
    return demo.schemes.Scheme(key=key, argument=f"{key}_argument", kind=kind, **more)


def test_what_satisfies_a_scheme(demo: Any) -> None:
    c, flow = demo.credentials, demo.schemes.Flow
    clients = (("client_id", "C"), ("client_secret", "S"), ("token", "T"))
    for each, ways, told in (
        (scheme(demo, parts=(("token", "T"),)), [("token",)], "set T or pass k_argument=…"),
        (scheme(demo), [("token",)], "pass k_argument=…"),
        (scheme(demo, kind="mutualTLS", parts=(("certificate", "P"), ("key", "K"))), [("certificate",)], "set P or pass k_argument=…"),
        (
            scheme(demo, kind="basic", parts=(("token", "T"), ("username", "U"), ("password", "W"))),
            [("token",), ("username",)],
            "set U and W or T or pass k_argument=…",
        ),
        (
            scheme(demo, kind="digest", parts=(("token", "T"), ("username", "U"), ("password", "W"))),
            [("token",), ("username", "password")],
            "set U and W or T or pass k_argument=…",
        ),
        (
            scheme(demo, kind="oauth2", parts=clients, flows=(flow("clientCredentials", token_url="/t"), flow("password"))),
            [("token",), ("client_id", "client_secret"), ("client_id", "refresh_token")],
            f"set T or C and S or pass k_argument=… or log in with `{c.login()}`",
        ),
        (
            scheme(demo, kind="oauth2", parts=(("token", "T"),), flows=(flow("password", token_url="/t"),)),
            [("token",), ("client_id", "username", "password")],
            "set T or pass k_argument=…",
        ),
        (
            scheme(demo, kind="openIdConnect", parts=(("token", "T"),), openid_url="/o"),
            [("token",), ("client_id", "client_secret")],
            "set T or pass k_argument=…",
        ),
    ):  # fmt: skip
        assert (c.alternatives(each), c.remedy(each)) == (ways, told), each


def test_what_is_taken_for_a_scheme(demo: Any, tmp_path: Path) -> None:
    c = demo.credentials
    basic = scheme(demo, kind="basic", parts=(("token", "T"), ("username", "U"), ("password", "W")))
    token = scheme(demo, parts=(("token", "T"),))
    files = scheme(demo, kind="mutualTLS", parts=(("certificate", "P"), ("key", "K")))
    for each, value, parts in (
        (token, "t", {"token": "t"}),
        (basic, ("u", "p"), {"username": "u", "password": "p"}),
        (basic, ["u", "p"], {"username": "u", "password": "p"}),
        (basic, {"username": "u"}, {"username": "u"}),
        (basic._replace(kind="digest"), ("u", "p"), {"username": "u", "password": "p"}),
        (files, {"certificate": tmp_path, "key": "k"}, {"certificate": str(tmp_path), "key": "k"}),
    ):
        assert c.parts_of(each, value) == parts
    for each, value, told in (
        (token, 3, "k_argument=… takes a text"),
        (token, ("a", "b"), "k_argument=… takes a text"),
        (basic, ("a", "b", "c"), "k_argument=… takes a mapping of token, username, password"),
        (files, "p", "k_argument=… takes a mapping of certificate, key"),
        (basic, {"user": "u"}, "k_argument=… has no part 'user': it takes token, username, password"),
        (basic, {"username": 3}, "k_argument=…: username must be a text"),
        (basic, {"username": tmp_path}, "k_argument=…: username must be a text"),
        (files, {"certificate": 3}, "k_argument=…: certificate must be a text"),
    ):
        with pytest.raises(demo.errors.ConfigError) as caught:
            c.parts_of(each, value)
        assert str(caught.value) == told


def test_what_a_secret_cannot_hold(demo: Any) -> None:
    c = demo.credentials
    bearer, basic, digest = (scheme(demo, kind=kind) for kind in ("bearer", "basic", "digest"))
    cookie = scheme(demo, kind="apiKey", location="cookie")
    for each, part, text, found in (
        (bearer, "token", " t\n", "t"),
        (bearer, "client_secret", "s;", "s;"),
        (bearer, "certificate", " p\n", " p\n"),
        (bearer, "password", " ä:", " ä:"),
        (basic, "password", "a:b", "a:b"),
        (bearer, "username", "a:b", "a:b"),
        (cookie, "token", "a=b", "a=b"),
    ):
        assert c.checked(each, part, text, "here") == found
    for each, part, text, told in (
        (bearer, "token", "a\nb", "the token from here holds characters that no token has (a line break): copy it again"),
        (bearer, "client_secret", "ä", "the client secret from here holds characters that no token has (not all are printable ASCII): copy it again"),
        (bearer, "token", "a\x00b", "the token from here holds characters that no token has (not all are printable ASCII): copy it again"),
        (bearer, "password", "a\nb", "the password from here holds a character that it cannot have"),
        (basic, "username", "a:b", "the username from here holds a character that it cannot have"),
        (digest, "username", "a:b", "the username from here holds a character that it cannot have"),
        (cookie, "token", "a;b", "the token from here holds a semicolon, which no cookie can: copy it again"),
    ):  # fmt: skip
        with pytest.raises(demo.errors.NoTokenError) as caught:
            c.checked(each, part, text, "here")
        assert str(caught.value) == told


def test_which_of_several_is_sent(demo: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """OpenAPI 3.1.1, 4.8.30: one of several, each all of its schemes; RFC 7617, 2; RFC 7616, 3.4."""
    c = demo.credentials
    known = {
        "a": scheme(demo, "a", prefix="Bearer", parts=(("token", "A"),)),
        "b": scheme(
            demo, "b", "basic", prefix="Basic", name="X-B", parts=(("token", "B"), ("username", "U"), ("password", "W"))
        ),
        "q": scheme(demo, "q", "apiKey", location="query", name="key", parts=(("token", "Q"),)),
        "d": scheme(demo, "d", "digest", prefix="Digest", parts=(("username", "U"), ("password", "W"), ("token", "D"))),
        "t": scheme(demo, "t", "mutualTLS", location="", parts=(("certificate", "P"),)),
    }
    monkeypatch.setattr(c, "BY_KEY", known)
    monkeypatch.setattr(c, "SCHEMES", tuple(known.values()))

    def sent(parts: dict[str, dict[str, str]], *keys: str) -> list[tuple[str, str, str]]:
        return [*c.Credentials(parts).sent(tuple((key, ()) for key in keys), lambda *_: "fetched")]

    assert sent({"a": {"token": "x"}}, "a", "b") == [("header", "Authorization", "Bearer x")]
    assert sent({"b": {"username": "ü", "password": "p:q"}}, "b") == [("header", "X-B", "Basic w7w6cDpx")]
    assert sent({"b": {"username": "u"}}, "b") == sent({"b": {"token": "u"}}, "b") == [("header", "X-B", "Basic dTo=")]
    assert sent({"b": {"token": "u:p"}}, "b") == [("header", "X-B", "Basic dTpw")]
    assert sent({"q": {"token": "a b/&"}}, "q") == [("query", "key", "a%20b%2F%26")]
    assert sent({"d": {"username": "u", "password": "p"}, "t": {"certificate": "c"}}, "d", "t") == []
    for parts, pair in (
        ({"d": {"username": "u", "password": "p"}}, ("u", "p")),
        ({"d": {"token": "u:p:q"}}, ("u", "p:q")),
        ({"d": {"username": "u"}}, None),
        ({"b": {"username": "u", "password": "p"}}, None),
    ):
        assert c.Credentials(parts).pair((("b", ()), ("d", ()))) == pair
    held = c.Credentials({"a": {"token": "x", "client_secret": ""}, "b": {}})
    assert repr(held) == "<Credentials a>" and held.secrets == ("x",) and not held.certified
    (tmp_path / "key").write_bytes(b"k")
    tls = c.Credentials({"t": {"certificate": str(tmp_path / "none"), "key": str(tmp_path / "key")}})
    assert tls.certified and tls.private_keys == (b"k",)
    assert (
        c.Credentials({"t": {"certificate": str(tmp_path / "key")}}).private_keys == (b"k",)
        and c.Credentials({}).private_keys == ()
    )


def test_a_text_that_is_a_file(demo: Any) -> None:
    for texts, value, expected in (
        ("all", "x", True),
        ("data", "x", False),
        ("data", "data:,x", True),
        ("", "data:,x", False),
        ("all", b"x", False),
    ):
        param = demo.operation.Param("a", "a", "field", file_texts=texts)
        assert demo.requests._is_file_text(param, value) is expected, (texts, value)
