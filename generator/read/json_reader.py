"""JSON by RFC 8259, strictly, with the place of every member and element.

Goes through the text once, without recursion: nothing is nested too deeply for it before its depth is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from json import decoder
from typing import Any, cast

from . import bounds
from .reading import Places, Reading, Unreadable, number, repeated, too_deep, too_many

_SPACE = r"[ \t\n\r]*+"
_GAP = re.compile(_SPACE)
_KEY = re.compile(rf'"([^"\\\x00-\x1f]*+)"{_SPACE}:{_SPACE}')
_COLON = re.compile(rf"{_SPACE}:{_SPACE}")
_VALUE = re.compile(
    r'"([^"\\\x00-\x1f]*+)"' r"|(-?(?:0|[1-9][0-9]*+))(\.[0-9]++)?([eE][+-]?[0-9]++)?" r"|([{\[])" r"|(true|false|null)"
)
_NEXT = re.compile(rf"{_SPACE}([,\]}}]){_SPACE}")
_scanstring: Callable[[str, int, bool], tuple[str, int]] = decoder.scanstring  # type: ignore[attr-defined]
_CONSTANTS = {"true": True, "false": False, "null": None}
_LONE = re.compile("[\ud800-\udfff]")
_MEND = "correct the syntax there"


def read(text: str) -> Reading:
    """The value of a JSON text. Unreadable where it is none, or is beyond a bound."""
    return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.degraded: list[tuple[str, str]] = []
        self.open: list[tuple[Any, Any, str]] = []
        """The objects and lists around the one that is read: value, places, key."""

    def read(self) -> Reading:
        text, scan, separate = self.text, _VALUE.match, _NEXT.match
        deepest, most, count = bounds.DEPTH.value, bounds.VALUES.value, 0
        start = at = pos = self._skip(0)
        value: Any
        inside: Any = None  # the object or list that is being read; `places` are its places
        places: Any = None
        whole: tuple[Any, Places | None] = (None, None)
        key = ""
        while True:
            # A value begins at `pos`; `at` is where its entry does.
            inner: Places | None = None
            entered = False
            result = scan(text, pos)
            kind = result.lastindex if result else None
            if result is None or kind is None:
                value, pos = self._string(pos, inside, key)
            elif kind == 1:
                value, pos = result[1], result.end()
            elif kind == 5:
                value, inner = ({}, {}) if result[5] == "{" else ([], [])
                if len(self.open) >= deepest:
                    raise too_deep(pos, deepest)
                pos = self._skip(result.end())
                entered = text[pos : pos + 1] != ("}" if result[5] == "{" else "]")
                pos += not entered
            elif kind == 6:
                value, pos = _CONSTANTS[result[6]], result.end()
            else:
                value, pos = number(result[0], pos, whole=kind == 2), result.end()
            count += 1
            if count > most:
                raise too_many(at, most)
            if inside is None:
                whole = (value, inner)
            elif isinstance(inside, dict):
                inside[key] = value
                places[key] = (at, inner)
            else:
                inside.append(value)
                places.append((at, inner))
            if entered:
                self.open.append((inside, places, key))
                inside, places = value, inner
                at = pos
                if type(inside) is dict:
                    key, pos = self._key(pos, inside)
                continue
            while inside is not None:
                result = separate(text, pos)
                mark = result[1] if result else ""
                if mark == ",":
                    at = pos = result.end()  # type: ignore[union-attr]
                    if type(inside) is dict:
                        key, pos = self._key(pos, inside)
                    break
                closing = "}" if type(inside) is dict else "]"
                if mark != closing:
                    raise self._unexpected(self._skip(pos), f"',' or '{closing}'")
                pos = result.end()  # type: ignore[union-attr]
                inside, places, key = self.open.pop()
            if inside is None:
                break
        pos = self._skip(pos)
        if pos < len(text):
            raise self._unexpected(pos, "the end of the document")
        return Reading(whole[0], whole[1], start, self.degraded)

    def _skip(self, pos: int) -> int:
        return cast("re.Match[str]", _GAP.match(self.text, pos)).end()

    def _key(self, pos: int, inside: dict[str, Any]) -> tuple[str, int]:
        """The key of a member, and where its value begins."""
        result = _KEY.match(self.text, pos)
        if result:
            key, end = result[1], result.end()
        elif self.text[pos : pos + 1] == '"':
            key, end = self._scan(pos)
            colon = _COLON.match(self.text, end)
            if not colon:
                raise self._unexpected(self._skip(end), "':'")
            key, end = self._whole(key, inside, key), colon.end()
        else:
            raise self._unexpected(pos, "a key in double quotes")
        if key in inside:
            raise repeated(pos, key)
        return key, end

    def _string(self, pos: int, inside: Any, key: str) -> tuple[str, int]:
        """A string that holds escapes."""
        if self.text[pos : pos + 1] != '"':
            raise self._unexpected(pos, "a value")
        value, end = self._scan(pos)
        return self._whole(value, inside, key), end

    def _scan(self, pos: int) -> tuple[str, int]:
        try:
            return _scanstring(self.text, pos + 1, True)
        except decoder.JSONDecodeError as error:
            what = error.msg[:1].lower() + error.msg[1:].removesuffix(" at").removesuffix(" starting at")
            raise Unreadable(min(error.pos, len(self.text)), f"is not valid JSON: {what}", _MEND, syntax=True) from None

    def _whole(self, written: str, inside: Any, key: str) -> str:
        """The text with a mark for each half of a character: UTF-8 holds none, so that nothing could write it."""
        if written.isascii() or not (half := _LONE.search(written)):
            return written
        value = _LONE.sub("\ufffd", written)
        steps = [(around, name) for around, _, name in self.open[1:]] + [(inside, key)] if inside is not None else []
        pointer = "".join(
            (
                "/" + (value if name is written else name).replace("~", "~0").replace("/", "~1")
                if type(around) is dict
                else f"/{len(around) - (around is not inside)}"
            )
            for around, name in steps
        )
        code = f"\\u{ord(half[0]):04x}"
        self.degraded.append((pointer, f"{code} is an unpaired surrogate; it is read as U+FFFD"))
        return value

    def _unexpected(self, pos: int, wanted: str) -> Unreadable:
        there = self.text[pos : pos + 1]
        what = f"there is {there!r} instead of {wanted}" if there else f"it ends without {wanted}"
        return Unreadable(pos, f"is not valid JSON: {what}", _MEND, syntax=True)
