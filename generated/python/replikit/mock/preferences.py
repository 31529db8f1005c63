"""The header `Prefer` (RFC 7240), by which a request asks the mock for another answer than the usual one.

    Prefer: code=429, delay=2
    Prefer: example=empty
    Prefer: dynamic=true
    Prefer: fault=reset

Its preferences are those of Prism, and `delay` and `fault` beside them. All others are the API's own, or nobody's: they
are left in the header, for a server ignores what it does not know (section 2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.message import Message

from .overrides import USUAL, Override, OverrideError, checked, merged, names
from .problems import Problem

APPLIED = "Preference-Applied"
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_WORD = re.compile(r'[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^\s,;"]*))')
_ESCAPED = re.compile(r"\\(.)")


def taken(headers: Message) -> Override:
    """What a request asks of the mock, which is taken out of its header. Problem 400 where a value is none that can be."""
    lines = headers.get_all("Prefer")
    if not lines:
        return USUAL
    ours: dict[str, str] = {}
    others = []
    for name, value, written in _preferences(",".join(lines)):
        if name in names():
            ours.setdefault(name, value)  # the first instance is the one that counts
        else:
            others.append(written)
    if not ours:
        return USUAL
    del headers["Prefer"]
    if others:
        headers["Prefer"] = ", ".join(others)
    try:
        return merged(USUAL, {name: checked(name, value) for name, value in ours.items()})
    except OverrideError as error:
        raise Problem(400, f"Prefer: {error}") from None


def applied(override: Override) -> str:
    """The value of `Preference-Applied` (section 3); empty if nothing was requested."""
    words = {
        "code": str(override.code or ""),
        "example": _word(override.example),
        "dynamic": "true" if override.dynamic else "",
        "delay": f"{override.delay:g}" if override.delay else "",
        "fault": override.fault,
    }
    return ", ".join(f"{name}={value}" for name, value in words.items() if value)


def _preferences(text: str) -> Iterator[tuple[str, str, str]]:
    """Name in lower case, value and source of each preference; anything else is ignored."""
    for element in _elements(text):
        written = element.strip()
        if token := _TOKEN.match(written):
            word = _WORD.match(written, token.end())
            quoted, plain = word.groups() if word else (None, "")
            yield token[0].lower(), plain if quoted is None else _ESCAPED.sub(r"\1", quoted), written


def _elements(text: str) -> Iterator[str]:
    """The elements of a list, cut at the commas that stand in no quoted text. One pass, however the quotes stand."""
    begin, quoted, escaped = 0, False, False
    for place, char in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and char == "\\":
            escaped = True
        elif char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            yield text[begin:place]
            begin = place + 1
    yield text[begin:]


def _word(text: str) -> str:
    """A text as a token where it is one, else in quotes; without what no header may hold."""
    if not text or _TOKEN.fullmatch(text):
        return text
    plain = "".join(each for each in text if each.isascii() and each.isprintable())
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"') + '"'
