"""What people and models may be shown of a text that came from elsewhere.

One set of characters for every surface: controls (ESC, CR, BEL, the C1 ones), what hides or reorders text (zero-width
and bidirectional characters, tags, variation selectors, fillers), other ends of a line, and halves of surrogate pairs.
That is Unicode's categories Cc, Zl, Zp and Cs, its property Default_Ignorable_Code_Point, and the annotation marks.

Line breaks and tabs stay. So do the two that make one emoji of several: U+FE0F right after an emoji, and U+200D between
two. Tag sequences (the flags of England, Scotland and Wales) do not: what they hide cannot be told from a message.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache


@cache  # a command that shows none of either set compiles none of them
def unseen() -> re.Pattern[str]:
    """Each character that is not seen, but for those that make an emoji of what stands around them."""
    return re.compile(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
        "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
        "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    )


@cache
def _emoji() -> re.Pattern[str]:
    return re.compile(
        "[\xa9\xae\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030"
        "\u303d\u3297\u3299\U0001f000-\U0001faff]"
    )


_JOINER, _AS_EMOJI, _KEYCAP = "\u200d", "\ufe0f", "\u20e3"


def escaped(char: str) -> str:
    r"""The character as Python spells it: \x1b, \u200b, \U000e0041."""
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def escaped_json(char: str) -> str:
    r"""The character as a JSON string spells it: \u001b, \u200b, \udb40\udc41."""
    units = char.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def visible(text: str, spell: Callable[[str], str] = escaped) -> str:
    """The text with `spell(character)` in place of every character that is not seen."""
    if text.isascii() and text.isprintable():
        return text
    return unseen().sub(lambda match: match[0] if _in_emoji(text, match.start()) else spell(match[0]), text)


def lines(text: str) -> str:
    """The text as a terminal may be given it, over as many lines as it has."""
    return visible(text.replace("\r\n", "\n"))


def line(text: str) -> str:
    """The same on one line: nothing in it can pass for a line of ours."""
    return lines(text).replace("\n", "\\n").replace("\t", "\\t")


def _in_emoji(text: str, at: int) -> bool:
    """Whether the character there makes an emoji of what stands around it."""
    before, after = text[max(at - 1, 0) : at], text[at + 1 : at + 2]
    if text[at] == _AS_EMOJI:
        return bool(_emoji().match(before)) or (before in tuple("#*0123456789") and after == _KEYCAP)
    if text[at] != _JOINER or not _emoji().match(after):
        return False
    if before == _AS_EMOJI:
        before = text[max(at - 2, 0) : at - 1]
    return bool(_emoji().match(before))
