"""The first sentence of a text that somebody else wrote: what stands for the whole where there is room for a line."""

from __future__ import annotations

import re
import unicodedata

from ..runtime.visible import unseen

_TAG = re.compile(
    r"</?(?:[apbiu]|br|code|div|em|h[1-6]|hr|li|ol|pre|small|span|strong|table|t[drh]|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""HTML that descriptions are laid out with; `<name>` in angle brackets is no such tag."""
_PARAGRAPH = re.compile(r"\n[ \t\r]*\n")
_SENTENCE = re.compile(r".+?[.!?](?=\s+[A-Z`\[*(]|$)")


def folded(text: str) -> str:
    """The text on one line, without what is not seen; empty where nothing is, or nothing but punctuation."""
    text = unseen().sub(lambda match: match[0] if match[0] in "\r\ufe0f" else "", text)
    return " ".join(text.split()) if any(unicodedata.category(each)[0] in "LNMS" for each in text) else ""


def first_sentence(text: str) -> str:
    """The first sentence of a description, on one line: without HTML tags, and without a mark that begins nothing."""
    paragraphs = (folded(_TAG.sub(" ", each)).lstrip("#:;,. ") for each in _PARAGRAPH.split(text))
    first = next(filter(None, paragraphs), "")
    match = _SENTENCE.match(first)
    return match.group() if match else first
