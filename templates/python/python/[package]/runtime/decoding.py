"""Decodes bytes from servers as text and JSON: bounded, and with errors of our own.

What no text can hold becomes U+FFFD: bytes that are no characters, and halves of surrogate pairs, which JSON can write
and UTF-8 cannot. So whatever was read can be written again, everywhere. NaN and Infinity are not JSON.
"""

from __future__ import annotations

import codecs
import json
import re
from itertools import chain
from math import isfinite
from typing import Any, NoReturn

SHOWN_DEPTH = 128
"""`max_depth` of what is shown: by the command line, to a model, to a script."""
_NESTING = frozenset((dict, list))
_HALF = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)")
_ESCAPED = re.compile(r"\\u[dD][89a-fA-F]")
_UNFIT = frozenset(("idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape", "utf-7", "mbcs", "oem"))
"""Codecs that are no charsets of the web; some take a time that grows with the square of their input."""


def json_of(content: bytes | str, max_depth: int | None = None) -> Any:
    """The value of a JSON text. Raises ValueError, with the reason, where it is not JSON or is nested too deeply.

    max_depth: levels of nested arrays and objects; None for as many as Python's parser takes.
    """
    text = content if isinstance(content, str) else content.decode(json.detect_encoding(content), "replace")
    if "\\" in text and _ESCAPED.search(text):
        text = _HALF.sub(_whole, text)
    try:
        value = _DECODER.decode(text)
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    if max_depth is not None and deeper(value, max_depth):
        raise ValueError(f"it is nested more than {max_depth} levels deep, the bound of max_depth")
    return value


def deeper(value: Any, most: int) -> bool:
    """Whether arrays and objects are nested more than so many levels deep."""
    level = [value] if isinstance(value, (dict, list)) else []
    for _ in range(most + 1):
        if not level:
            return False
        children = chain.from_iterable([each.values() if type(each) is dict else each for each in level])
        level = [child for child in children if type(child) in _NESTING]
    return True


def text_of(content: bytes, charset: str | None) -> str:
    """Text in the charset that a server names; in UTF-8 where that is not a charset."""
    return content.decode(_charset(charset), "replace")


class Text:
    """The same for bytes that come in pieces."""

    def __init__(self, charset: str | None) -> None:
        self._decoder = codecs.getincrementaldecoder(_charset(charset))("replace")

    def decode(self, piece: bytes, final: bool = False) -> str:
        """The characters that are whole now."""
        return self._decoder.decode(piece, final)


def _charset(name: str | None) -> str:
    try:
        b"\0\0".decode(name or "utf-8", "replace")
        charset = codecs.lookup(name or "utf-8").name
    except (LookupError, ValueError):  # of no charset, or of a codec between bytes and bytes
        return "utf-8"
    return "utf-8" if charset.replace("_", "-") in _UNFIT else charset


def _whole(match: re.Match[str]) -> str:
    return r"\ufffd" if match[1] else match[0]


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _number(text: str) -> float:
    value = float(text)
    if not isfinite(value):
        raise ValueError(f"{text[:20]} is too large for a number")
    return value


_DECODER = json.JSONDecoder(parse_constant=_constant, parse_float=_number)
