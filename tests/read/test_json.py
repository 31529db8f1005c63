"""JSON is read as JSON: by the table of JSONTestSuite, and what the standard library reads of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from generator.errors import SpecError
from generator.read.files import decoded
from generator.read.source import Source, parse

CASES: dict[str, str] = json.loads(Path(__file__).with_name("json_test_suite.json").read_text("utf-8"))["cases"]
REFUSED = {
    # RFC 8259, 4: what becomes of a name that stands twice is "unpredictable"; nothing may be lost in silence.
    "y_object_duplicated_key": "more than once",
    "y_object_duplicated_key_and_value": "more than once",
    # 6: a reader may set limits; what a double cannot hold would be infinite in most.
    "i_number_huge_exp": "too large for a double",
    "i_number_neg_int_huge_exp": "too large for a double",
    "i_number_pos_double_huge_exp": "too large for a double",
    "i_number_real_neg_overflow": "too large for a double",
    "i_number_real_pos_overflow": "too large for a double",
    # 9: and on the depth.
    "i_structure_500_nested_arrays": "nested more deeply than 200 levels",
}
BYTES = {
    "n_string_invalid_utf8_after_escape": b'["\\\xe5"]',
    "n_number_invalid-utf-8-in-int": b"[0\xe5]",
    "n_array_invalid_utf8": b"[\xff]",
    "n_structure_single_eacute": b"\xe9",
    "n_structure_incomplete_UTF8_BOM": b"\xef\xbb{}",
    "i_string_UTF-16LE_with_BOM": b'\xff\xfe[\0"\0\xe9\0"\0]\0',
    "i_string_utf16BE_no_BOM": b'\0[\0"\0\xe9\0"\0]',
    "i_string_utf16LE_no_BOM": b'[\0"\0\xe9\0"\0]\0',
    "i_string_UTF8_surrogate_U+D800": b'["\xed\xa0\x80"]',
    "i_string_overlong_sequence_2_bytes": b'["\xc0\xaf"]',
    "i_string_truncated-utf-8": b'["\xe0\xff"]',
    "i_string_not_in_unicode_range": b'["\xf4\xbf\xbf\xbf"]',
}
"""RFC 8259, 8.1: a text is UTF-8."""


def read(text: str) -> Source:
    return parse(text, "x.json", Path("x.json"))


@pytest.mark.parametrize("name", CASES)
def test_suite(name: str) -> None:
    text = CASES[name].removeprefix("\ufeff")  # which a reader may ignore, and ours does while it decodes
    if name.startswith("n_") or name in REFUSED:
        with pytest.raises(SpecError, match=REFUSED.get(name, "is not valid JSON|is empty")) as caught:
            read(text)
        assert str(caught.value.findings[0].where).startswith("x.json:")
    else:
        got = read(text)
        expected = json.dumps(json.loads(text), ensure_ascii=False)
        shown = expected.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        assert json.dumps(got.value, ensure_ascii=False) == shown
        assert bool(got.reading.degraded) == (expected != shown)


@pytest.mark.parametrize("name", BYTES)
def test_bytes(name: str) -> None:
    with pytest.raises(SpecError, match=r"x\.json:1:1: is (UTF-16 or UTF-32, )?not UTF-8"):
        decoded(BYTES[name], "x.json")


def test_what_yaml_refuses() -> None:
    """As in the documents of DocuSign and SendGrid: legal in JSON, whatever the name of the file."""
    text = json.dumps({"k" * 5000: "\x7f\x80\x9f\u2028", "b": "\ud83d\ude00"}, ensure_ascii=False)
    assert parse(text, "x.yaml", Path("x.yaml")).value == json.loads(text)


def test_half_of_a_character_is_told() -> None:
    got = read(r'{"a/b": [1, ["\ud800x"]], "\udc00": "\ud83d\ude00"}')
    assert got.value == {"a/b": [1, ["\ufffdx"]], "\ufffd": "\U0001f600"}
    assert got.reading.degraded == [
        ("/a~1b/1/0", "\\ud800 is an unpaired surrogate; it is read as U+FFFD"),
        ("/\ufffd", "\\udc00 is an unpaired surrogate; it is read as U+FFFD"),
    ]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('{"a": 1,\n  "a": 2}', "2:3: the key 'a' is here more than once"),
        ('{"\\ud800": 1,\n "\\ud801": 2}', "2:2: the key '\ufffd' is here more than once"),
        ('{"a":\r\n  1e999}', "2:3: the number 1e999 is too large for a double"),
        ('{"a": [1, ' + "9" * 5000 + "]}", "1:11: the number 99999999999999999999… (5,000 characters) is too"),
        ('{"a": NaN}', "1:7: is not valid JSON: there is 'N' instead of a value"),
        ('{"a": [1, 2}', "1:12: is not valid JSON: there is '}' instead of ',' or ']'"),
        ('{"a": "b\n"}', "1:9: is not valid JSON: invalid control character"),
        ('{"a": 1} x', "1:10: is not valid JSON: there is 'x' instead of the end of the document"),
        ('{"a"', "1:5: is not valid JSON: it ends without ':'"),
    ],
)
def test_mistakes_have_a_place(text: str, where: str) -> None:
    with pytest.raises(SpecError) as caught:
        read(text)
    assert str(caught.value).startswith(f"x.json:{where}")


def test_numbers() -> None:
    got = read("[-0, -0.0, 1E3, 1e-999, 123456789012345678901234567890, 1.7976931348623157e308]").value
    assert repr(got) == "[0, -0.0, 1000.0, 0.0, 123456789012345678901234567890, 1.7976931348623157e+308]"


def test_places() -> None:
    got = read('{"a": {"b/c": [10,\n {"d": "\\u0041"}]},\n "e": 1}')
    expected = {
        "/a": (1, 2),
        "/e": (3, 2),
        "/a/b~1c": (1, 8),
        "/a/b~1c/0": (1, 16),
        "/a/b~1c/1": (2, 2),
        "/a/b~1c/1/d": (2, 3),
    }
    places = {pointer: got.place(pointer) for pointer in expected}
    assert {pointer: (place.line, place.column) for pointer, place in places.items()} == expected
    assert got.place("/a/nothing").column == 2 and got.place("/a/b~1c/-1").column == 8
