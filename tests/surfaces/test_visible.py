"""The characters that nobody is shown: by Unicode's own tables, and the same on every surface."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

import pytest

from generator import text as generator_text

# DerivedCoreProperties.txt of Unicode 16.0, Default_Ignorable_Code_Point.
DEFAULT_IGNORABLE = """
00AD 034F 061C 115F..1160 17B4..17B5 180B..180D 180E 180F 200B..200F 202A..202E 2060..2064 2065 2066..206F 3164
FE00..FE0F FEFF FFA0 FFF0..FFF8 1BCA0..1BCA3 1D173..1D17A E0000 E0001 E0002..E001F E0020..E007F E0080..E00FF
E0100..E01EF E01F0..E0FFF
"""
ANNOTATIONS = range(0xFFF9, 0xFFFC)
"""Interlinear annotation: Unicode asks for them to be left out of plain text (chapter 23.8)."""


def unseen() -> set[str]:
    found = {chr(code) for code in ANNOTATIONS}
    for entry in DEFAULT_IGNORABLE.split():
        first, _, last = entry.partition("..")
        found |= {chr(code) for code in range(int(first, 16), int(last or first, 16) + 1)}
    every = map(chr, range(sys.maxunicode + 1))
    return found | {c for c in every if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") and c not in "\t\n"}


def test_what_is_not_seen_is_what_unicode_says(demo: Any) -> None:
    ours = {c for c in map(chr, range(sys.maxunicode + 1)) if demo.visible.visible(c) != c}
    assert ours == unseen()


def test_the_generator_has_the_same_set() -> None:
    gone = {c for c in map(chr, range(sys.maxunicode + 1)) if generator_text.visible(c) == ""}
    gone -= {chr(c) for c in range(sys.maxunicode + 1) if 0xFDD0 <= c <= 0xFDEF or c & 0xFFFE == 0xFFFE}
    assert (
        gone | {"\r", "\ufe0f"} == unseen()
    ), "noncharacters go as well, \r becomes a line break, and U+FE0F belongs to emoji"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain \t\n text é 日本 😀", "plain \t\n text é 日本 😀"),
        ("\x1b]0;x\x07", "\\x1b]0;x\\x07"), ("\x9b2J", "\\x9b2J"), ("a\u200bb", "a\\u200bb"), ("\u202e", "\\u202e"),
        ("\U000e0041", "\\U000e0041"), ("\ud83d", "\\ud83d"), ("a\rb\r\nc", "a\\x0db\nc"), ("\x00\x08\x7f", "\\x00\\x08\\x7f"),
        # Sequences of Unicode's emoji-zwj-sequences.txt and emoji-variation-sequences.txt stay.
        ("👩\u200d💻", "👩\u200d💻"), ("🏳\ufe0f\u200d🌈", "🏳\ufe0f\u200d🌈"), ("❤\ufe0f", "❤\ufe0f"), ("1\ufe0f\u20e3", "1\ufe0f\u20e3"),
        ("👩🏽\u200d🚀", "👩🏽\u200d🚀"),
        # What only looks like one does not.
        ("a\u200d😀", "a\\u200d😀"), ("😀\u200da", "😀\\u200da"), ("a\ufe0f", "a\\ufe0f"), ("1\ufe0f2", "1\\ufe0f2"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f\\ufe0f"), ("\u200d", "\\u200d"), ("😀\u200d", "😀\\u200d"),
        ("🏴\U000e0067\U000e007f", "🏴\\U000e0067\\U000e007f"),
    ],
)  # fmt: skip
def test_how_a_text_is_shown(demo: Any, text: str, shown: str) -> None:
    assert demo.visible.lines(text) == shown


def test_a_line_is_one_line(demo: Any) -> None:
    assert demo.visible.line("a\r\nb\tc\u2028d") == "a\\nb\\tc\\u2028d"


def test_json_says_the_same_after_it(demo: Any) -> None:
    value = "".join(sorted(unseen() - {chr(code) for code in range(0xD800, 0xE000)}))
    written = demo.visible.visible(json.dumps(value, ensure_ascii=False), demo.visible.escaped_json)
    assert json.loads(written) == value and demo.visible.visible(written) == written
