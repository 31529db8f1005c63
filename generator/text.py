"""The one way in: every string of a spec enters a file through the escape of that file's language.

`Code` is text that is already safe where it is put. Templates can print nothing else (see `rendering`),
so a string that was not escaped fails the run instead of becoming code.
"""

from __future__ import annotations

import json
import math
import re
import shlex
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from json.encoder import encode_basestring_ascii
from typing import Any

_NONCHARACTERS = "\ufdd0-\ufdef" + "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
)
# The set of the generated packages' runtime/visible.py, but for U+FE0F, which makes an emoji of what stands before it;
# and the noncharacters, which no format of text takes.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    f"\U0001d173-\U0001d17a\U000e0000-\U000e0fff{_NONCHARACTERS}]"
)
_CONTROLS = re.compile("[\0-\x08\x0b-\x1f\x7f]")
"""What of it is ASCII, which most texts are: a smaller set is sought ten times as fast."""
_TAG = re.compile(
    r"</?(?:[apbiu]|br|code|div|em|h[1-6]|hr|li|ol|pre|small|span|strong|table|t[drh]|ul)(?:\s[^<>]*)?/?>",
    re.IGNORECASE,
)
"""HTML that descriptions are laid out with; `<name>` in angle brackets is no such tag."""
PACED = 400_000
"""Characters of a JSON document that is still written with two spaces a level, for whoever reads it."""
_SCALAR = json.JSONEncoder(allow_nan=False)
_QUOTED = re.compile(rf'["\\\x7f]|[\n\r\t]|{_INVISIBLE.pattern}')


class Code(str):
    """Text that is safe to write into a file unchanged."""

    __slots__ = ()


def visible(text: str) -> str:
    """The text without control, invisible and bidirectional characters, noncharacters and lone surrogates.

    People and models read what they see; and no format that we write may hold all of these.
    """
    if text.isascii() and text.isprintable():
        return str(text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return (_CONTROLS if text.isascii() else _INVISIBLE).sub("", text)


def spelled_out(text: str) -> str:
    """The text with JSON's escape in place of every character that steers a terminal or is not seen."""
    return _INVISIBLE.sub(lambda result: json.dumps(result[0])[1:-1], text)


def prose(text: str) -> str:
    """The visible text with its white space folded: one paragraph."""
    return " ".join(visible(text).split())


def seen(text: str) -> str:
    """The text unchanged; empty if it has no visible character, or only punctuation."""
    return text if any(unicodedata.category(each)[0] in "LNMS" for each in visible(text)) else ""


@lru_cache(maxsize=4096)
def first_sentence(text: str) -> str:
    """The first sentence of a description, on one line: without HTML tags, and without a mark that begins nothing."""
    paragraphs = (prose(_TAG.sub(" ", each)).lstrip("#:;,. ") for each in re.split(r"\n[ \t\r]*\n", text))
    folded = next(filter(seen, paragraphs), "")
    match = re.match(r".+?[.!?](?=\s+[A-Z`\[*(]|$)", folded)
    return match.group() if match else folded


def python_literal(value: Any) -> Code:
    """A Python expression for a JSON value."""
    if isinstance(value, float) and not math.isfinite(value):
        return Code(f'float("{value}")')
    if isinstance(value, dict):
        inner = ", ".join(f"{python_literal(str(k))}: {python_literal(v)}" for k, v in value.items())
        return Code("{" + inner + "}")
    if isinstance(value, tuple):
        inner = ", ".join(python_literal(v) for v in value)
        return Code(f"({inner},)" if len(value) == 1 else f"({inner})")
    if isinstance(value, list):
        return Code("[" + ", ".join(python_literal(v) for v in value) + "]")
    if isinstance(value, str):
        return _python_string(str(value))
    return Code(repr(value).replace("e+", "e"))


def _python_string(value: str) -> Code:
    """Between double quotes or, as black has it, between single ones where these need fewer backslashes."""
    if value.isascii() and value.isprintable() and '"' not in value and "\\" not in value:
        return Code(f'"{value}"')
    quote = "'" if value.count('"') > value.count("'") else '"'
    escaped = value.encode("unicode_escape").decode().replace(quote, f"\\{quote}")
    return Code(f"{quote}{escaped}{quote}")


def python_docstring(text: str) -> Code:
    """The inside of a triple-quoted docstring: cannot end it, cannot escape. Keeps paragraphs."""
    safe = visible(text).replace("\\", "\\\\")
    safe = re.sub(r'"(?="|\Z)', r'\\"', safe)
    return Code(safe)


def line_comment(text: str, mark: str) -> Code:
    """One comment line of a language whose comments begin with `mark` and end with the line."""
    return Code(f"{mark} {prose(text)}")


def lua_literal(value: Any) -> Code:
    """A Lua expression for a JSON value; null is `json.null`, as scripts in code mode know it."""
    if value is None:
        return Code("json.null")
    if value is True or value is False:
        return Code("true" if value else "false")
    if isinstance(value, float) and not math.isfinite(value):
        return Code("(0/0)" if math.isnan(value) else "1e999" if value > 0 else "-1e999")
    if isinstance(value, (int, float)):
        return Code(repr(value))
    if isinstance(value, dict):
        inner = ", ".join(f"[{lua_literal(str(k))}] = {lua_literal(v)}" for k, v in value.items())
        return Code("{" + inner + "}")
    if isinstance(value, (list, tuple)):
        return Code("{" + ", ".join(lua_literal(v) for v in value) + "}")
    written = str(value)
    if written.isascii() and written.isprintable() and '"' not in written and "\\" not in written:
        return Code(f'"{written}"')
    return Code('"' + "".join(_lua_char(c) for c in written) + '"')


def _lua_char(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    if char == "\n":
        return "\\n"
    if 32 <= ord(char) < 127:
        return char
    return "".join(f"\\{byte:03d}" for byte in char.encode("utf-8", "surrogatepass"))


def json_literal(value: Any) -> Code:
    """A JSON document, two spaces a level, keys in the order given; no character outside ASCII."""
    return Code(_indented(value, "\n"))


def _indented(value: Any, line: str) -> str:
    """As `json.dumps(value, indent=2)` has it, which asks for the slow half of that module."""
    if isinstance(value, dict) and value:
        inner = line + "  "
        members = [f"{_key(key)}: {_indented(each, inner)}" for key, each in value.items()]
        return "{" + inner + f",{inner}".join(members) + line + "}"
    if isinstance(value, (list, tuple)) and value:
        inner = line + "  "
        return "[" + inner + f",{inner}".join([_indented(each, inner) for each in value]) + line + "]"
    return encode_basestring_ascii(value) if isinstance(value, str) else _SCALAR.encode(value)


def _key(key: Any) -> str:
    if isinstance(key, str):
        return encode_basestring_ascii(key)
    return _SCALAR.encode({key: 0})[1:-4]  # a number, or true, false or null: in quotes


def json_document(value: Mapping[str, Any]) -> Code:
    """A JSON object as people read it, or, where it is long, with an item of its members a line: that is written fast."""
    rows = json_rows(value)
    return rows if len(rows) > PACED else json_literal(value)


def json_rows(value: Mapping[str, Any]) -> Code:
    """A JSON object whose members, where they are arrays or objects, have an item a line."""
    return _braced({key: _items(inner) for key, inner in value.items()})


def json_members(value: Mapping[str, Any]) -> Code:
    """A JSON object with a member a line, so that any of them can be read without the others."""
    return _braced({key: json_line(inner) for key, inner in value.items()})


def _items(value: Any) -> Code:
    if isinstance(value, Mapping):
        return json_members(value)
    if not isinstance(value, (list, tuple)) or not value:
        return json_line(value)
    lines = ",\n".join(map(json_line, value))
    return Code(f"[\n{lines}\n]")


def _braced(members: Mapping[str, Code]) -> Code:
    lines = ",\n".join(f"{json_line(key)}: {inner}" for key, inner in members.items())
    return Code(f"{{\n{lines}\n}}" if lines else "{}")


def json_line(value: Any) -> Code:
    """A JSON document on one line."""
    return Code(json.dumps(value, ensure_ascii=True, allow_nan=False))


def toml_literal(value: Any) -> Code:
    """A TOML basic string, number, boolean or array of these."""
    if isinstance(value, bool):
        return Code("true" if value else "false")
    if isinstance(value, (list, tuple)):
        return Code("[" + ", ".join(toml_literal(v) for v in value) + "]")
    return _quoted(value) if isinstance(value, str) else Code(repr(value))


def yaml_literal(text: str) -> Code:
    """A YAML flow scalar that is a string in YAML 1.1 and 1.2."""
    return _quoted(text)


def _quoted(text: str) -> Code:
    """A double-quoted string as TOML and YAML both read it: letters as they are, escapes of whole characters.

    JSON's are none of theirs: it writes what lies beyond U+FFFF as two halves, and neither knows a half.
    """
    return Code(f'"{_QUOTED.sub(_escape, text)}"')


def _escape(match: re.Match[str]) -> str:
    char = match.group()
    if char in '"\\':
        return "\\" + char
    if "\ud800" <= char <= "\udfff":
        return "\ufffd"
    return _SHORT.get(char) or (f"\\u{ord(char):04x}" if char <= "\uffff" else f"\\U{ord(char):08x}")


_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def shell_literal(text: str) -> Code:
    """One word of a command in bash or zsh, on one line, without invisible characters."""
    if not _UNSEEN.search(text):
        return Code(shlex.quote(text))
    return Code("$'" + "".join(_shell_char(char) for char in text) + "'")


_UNSEEN = re.compile(rf"[\t\n\r]|{_INVISIBLE.pattern}")


def _shell_char(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if char == "\0" or not _UNSEEN.match(char):
        return char.strip("\0")  # no argument of a program can hold it
    return _SHORT.get(char) or "".join(f"\\x{byte:02x}" for byte in char.encode("utf-8", "surrogatepass"))


def xml(text: str) -> Code:
    """Text inside an XML element or a quoted attribute."""
    import html  # with all its entities: slow for a run that has nothing to do

    return Code(html.escape(prose(text)))


_MARKDOWN = re.compile(r"[\\`*_\[\]<>#|~$!&{}]")


def markdown(text: str) -> Code:
    """Text as text: nothing in it is markup, HTML or a link."""
    return Code(_MARKDOWN.sub(_markdown_char, visible(text)))


def _markdown_char(match: re.Match[str]) -> str:
    # Not every processor knows a backslash before each of them: Python-Markdown prints that of `\~` and `\$`.
    return f"&#{ord(match.group())};" if match.group() in "<>&{}|~$" else "\\" + match.group()


def markdown_url(url: str) -> Code:
    """The target of a link; the URL was checked (`urls`), so that it only must not end the link or begin markup."""
    return Code(re.sub(r"[^A-Za-z0-9/:.?=&%,;@+-]", _percent, url).replace("&", "&amp;"))


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match.group().encode("utf-8", "replace"))


def markdown_spans(text: str) -> Code:
    """Text in which `…` is code and everything else is not Markdown."""
    return Code(
        "".join(f"`{prose(part)}`" if index % 2 else markdown(part) for index, part in enumerate(text.split("`")))
    )


def markdown_code(text: str) -> Code:
    """Text as inline code, whatever back-ticks it holds."""
    folded = prose(text)
    if folded and "`" not in folded:
        return Code(f"`{folded}`")
    longest = max((len(run) for run in re.findall(r"`+", folded)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if folded.startswith("`") or folded.endswith("`") else ""
    return Code(f"{fence}{pad}{folded}{pad}{fence}" if folded else "")


def markdown_fence(text: str, language: str) -> Code:
    """A fenced code block that its content cannot close or leave."""
    text = visible(text)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Code(f"{fence}{language}\n{text.rstrip()}\n{fence}")
