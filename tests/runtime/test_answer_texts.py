"""Answers as JSON and as text: what can be read, how deep it goes, and in which charset."""

from __future__ import annotations

import json
from typing import Any

import pytest
from answered import once
from conftest import Face, op
from misbehaving import Misbehaving, of_json, whole

pytestmark = pytest.mark.long


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "nested"),
        (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, "nested"),
        (b"[" * 100_000, "nested|JSON"),
        (b"9" * 5000, "digits"),
        (b'{"a": -' + b"9" * 5000 + b"}", "digits"),
        (b"NaN", "NaN is not JSON"),
        (b'{"a": [Infinity]}', "Infinity is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b"[1e999]", "1e999 is too large for a number"),
        (b"[-" + b"9" * 400 + b".0]", "too large"),
        (b'{"a": 1', "Expecting"),
        (b'"\x01"', "control character"),
        (b"{} {}", "Extra data"),
        (b"\0\0\0", "Expecting"),
    ],
)
def test_what_cannot_be_read_as_json(face: Face, bad: Misbehaving, text: bytes, reason: str) -> None:
    with pytest.raises(face.demo.errors.ResponseError, match=f"cannot be read as JSON: .*({reason})") as caught:
        once(face, bad, whole(text, Content_Type="application/json"))
    assert len(str(caught.value)) < 1000
    with pytest.raises(face.demo.errors.ServerError):
        once(face, bad, whole(text, "500 No"))


def test_depth(face: Face, bad: Misbehaving) -> None:
    for depth in (4, 5):
        for text in (
            "[" * depth + "]" * depth,
            '[1,{"":' * (depth // 2) + "[" * (depth % 2) + "2" + "]" * (depth % 2) + "}]" * (depth // 2),
        ):
            call = lambda text=text: once(face, bad, whole(text.encode()), max_depth=4)
            if depth == 4:
                assert call() == json.loads(text)
                continue
            with pytest.raises(face.demo.errors.ResponseError, match="more than 4 levels deep, the bound of max_depth"):
                call()
    # Brackets in a text are no levels.
    assert once(face, bad, of_json("[" * 50), max_depth=1) == "[" * 50


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (rb'"\ud800"', "\ufffd"),
        (rb'{"\udfff": "a\uD83Db"}', {"\ufffd": "a\ufffdb"}),
        (rb'"\ude00\ud83d"', "\ufffd\ufffd"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\\ud800 \\\ud800"', "\\ud800 \\\ufffd"),
        (b'"\xff\xed\xa0\x80"', "\ufffd\ufffd\ufffd\ufffd"),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "ü"}'.encode("utf-16"), {"a": "ü"}),
        (b"1" * 4000, int("1" * 4000)),
        (b"-0.0e-5", 0.0),
    ],
)
def test_json_that_is_read(face: Face, bad: Misbehaving, text: bytes, value: Any) -> None:
    found = once(face, bad, whole(text))
    assert found == value
    json.dumps(found, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "charset", ["zlib", "hex", "idna", "punycode", "utf-7", "unicode_escape", "no-such", "\x00", ""]
)
def test_a_charset_that_is_none(face: Face, bad: Misbehaving, charset: str) -> None:
    answer = whole("grün+AGE- \\x41\xff".encode(), Content_Type=f"text/plain; charset={charset}")
    if charset == "\x00":
        with pytest.raises(face.demo.errors.ApiConnectionError):
            once(face, bad, answer, op(face.demo, result="text"))
    else:
        assert once(face, bad, answer, op(face.demo, result="text")) == "grün+AGE- \\x41\xff"
    latin = whole(b"gr\xfcn", Content_Type="text/plain; charset=iso-8859-1")
    assert once(face, bad, latin, op(face.demo, result="text")) == "grün"
