"""The one way in: every string of a spec enters a file through the escape of that file's language.

`Code` is text that is already safe where it is put. Templates can print nothing else (see `rendering`),
so a string that was not escaped fails the run instead of becoming code.
"""

from __future__ import annotations

import html
import json
import math
import re
from typing import Any

# The set of the generated packages' runtime/visible.py, but for U+FE0F, which makes an emoji of what stands before it.
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


class Code(str):
    """Text that is safe to stand in a file as it is."""

    __slots__ = ()


def visible(text: str) -> str:
    """The text without control, invisible and bidirectional characters and lone surrogates; people and models read what they see."""
    return _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def spelled_out(text: str) -> str:
    """The text with JSON's escape in place of every character that steers a terminal or is not seen."""
    return _INVISIBLE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def prose(text: str) -> str:
    """The visible text with its white space folded: one paragraph."""
    return " ".join(visible(text).split())


def first_sentence(text: str) -> str:
    """The first sentence of a description, on one line."""
    folded = prose(text.strip().split("\n\n")[0])
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
        # JSON's escapes are Python's, but for surrogates, which ascii() writes as \udXXX in both.
        return Code(ascii(str(value)) if "'" in value or not value.isascii() else json.dumps(str(value)))
    return Code(repr(value))


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
    if isinstance(value, (int, float)):
        return Code(repr(value))
    if isinstance(value, dict):
        inner = ", ".join(f"[{lua_literal(str(k))}] = {lua_literal(v)}" for k, v in value.items())
        return Code("{" + inner + "}")
    if isinstance(value, (list, tuple)):
        return Code("{" + ", ".join(lua_literal(v) for v in value) + "}")
    return Code('"' + "".join(_lua_char(c) for c in str(value)) + '"')


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
    return Code(json.dumps(value, indent=2, ensure_ascii=True))


def json_line(value: Any) -> Code:
    """A JSON document on one line, as short as it can be."""
    return Code(json.dumps(value, separators=(",", ":"), ensure_ascii=True))


def toml_literal(value: Any) -> Code:
    """A TOML basic string, number, boolean or array of these."""
    if isinstance(value, bool):
        return Code("true" if value else "false")
    if isinstance(value, (list, tuple)):
        return Code("[" + ", ".join(toml_literal(v) for v in value) + "]")
    if isinstance(value, str):
        return Code(json.dumps(value).replace("\x7f", "\\u007f"))
    return Code(repr(value))


def yaml_literal(value: Any) -> Code:
    """A YAML flow scalar or collection; JSON is one."""
    return json_line(value)


def xml(text: str) -> Code:
    """Text inside an XML element or a quoted attribute."""
    return Code(html.escape(prose(text)))


_MARKDOWN = re.compile(r"([\\`*_\[\]<>#|~$!&{}])")


def markdown(text: str) -> Code:
    """Text as text: nothing in it is markup, HTML or a link."""
    return Code(
        _MARKDOWN.sub(lambda m: f"&#{ord(m.group())};" if m.group() in "<>&{}|" else "\\" + m.group(), visible(text))
    )


def markdown_spans(text: str) -> Code:
    """Text in which `…` is code and everything else is not Markdown."""
    return Code(
        "".join(f"`{prose(part)}`" if index % 2 else markdown(part) for index, part in enumerate(text.split("`")))
    )


def markdown_code(text: str) -> Code:
    """Text as inline code, whatever back-ticks it holds."""
    folded = prose(text)
    longest = max((len(run) for run in re.findall(r"`+", folded)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if folded.startswith("`") or folded.endswith("`") else ""
    return Code(f"{fence}{pad}{folded}{pad}{fence}" if folded else "")


def markdown_fence(text: str, language: str) -> Code:
    """A fenced code block that its content cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return Code(f"{fence}{language}\n{text.rstrip()}\n{fence}")
