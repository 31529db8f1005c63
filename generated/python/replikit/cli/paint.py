"""How values look on a terminal: JSON with colours, tables that fit the width, YAML."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from ..runtime.visible import escaped, escaped_json, line, visible
from .streams import Shown, shown

KEY, TEXT, NUMBER, WORD, HEAD, GOOD, BAD, FAINT = "36", "32", "33", "35", "1", "32", "31", "2"
_TOKENS = re.compile(r'("(?:[^"\\]|\\.)*")(\s*:)?|\b(true|false|null)\b|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)')
_WIDEST, _NARROW = 48, 24


def styled(text: str, style: str, colour: bool = True) -> Shown:
    """The text, cleaned, in a style of the terminal, where there are colours."""
    clean = shown([text])
    return Shown(f"\x1b[{style}m{clean}\x1b[0m") if colour and clean else clean


def redrawn(height: int, lines: Sequence[str]) -> Shown:
    """These lines in place of the so many that were drawn last."""
    up = f"\x1b[{height}A" if height else ""
    return Shown(f"{up}\r\x1b[J" + "".join(f"{shown([text])}\n" for text in lines))


def dumps(value: Any, *, indent: int | None = None) -> str:
    """JSON that steers no terminal and loses nothing: in one line, or indented. What is not seen is an escape in it."""
    separators = None if indent else (",", ":")
    return visible(json.dumps(value, indent=indent, separators=separators, ensure_ascii=False), escaped_json)


def coloured(text: str) -> Shown:
    """JSON with its keys, strings, numbers and literals in styles of their own."""

    def paint(match: re.Match[str]) -> str:
        if match[1] is not None:
            return styled(match[1], KEY if match[2] else TEXT) + (match[2] or "")
        return styled(match[0], WORD if match[3] else NUMBER)

    return Shown(_TOKENS.sub(paint, shown([text])))


# ── YAML ──────────────────────────────────────────────────────────────────────────────────────────────

_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_/.+ -]*[A-Za-z0-9_/.+-]\Z|[A-Za-z_]\Z")
_FOREIGN = re.compile("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow."""
_MEANT_OTHERWISE = frozenset(("y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"))


def yaml(value: Any, depth: int = 0) -> str:
    """The value in YAML's block style, ending in a line break."""
    pad = "  " * depth
    if isinstance(value, Mapping) and value:
        return "".join(f"{pad}{_scalar(key)}:{_below(item, depth)}" for key, item in value.items())
    if isinstance(value, (list, tuple)) and value:
        return "".join(f"{pad}-{_item(item, depth)}" for item in value)
    return f"{pad}{_scalar(value)}\n"


def _below(value: Any, depth: int) -> str:
    if isinstance(value, (Mapping, list, tuple)) and value:
        return "\n" + yaml(value, depth + 1)
    return f" {_scalar(value)}\n"


def _item(value: Any, depth: int) -> str:
    if isinstance(value, (Mapping, list, tuple)) and value:
        # The first line of what is inside stands beside the dash.
        return " " + yaml(value, depth + 1)[2 * (depth + 1) :]
    return f" {_scalar(value)}\n"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and _PLAIN.match(value) and value.lower() not in _MEANT_OTHERWISE and " #" not in value:
        return value
    if isinstance(value, float) and "e" in repr(value):
        mantissa, _, power = repr(value).partition("e")
        # YAML 1.1 knows no number with a power but without a point or a sign.
        return f"{mantissa if '.' in mantissa else mantissa + '.0'}e{power if power[0] in '+-' else '+' + power}"
    # YAML reads the escapes of JSON, but spells a character beyond U+FFFF as one.
    return _FOREIGN.sub(lambda match: escaped(match[0]), visible(json.dumps(value, ensure_ascii=False)))


# ── Tables ────────────────────────────────────────────────────────────────────────────────────────────


def at(value: Any, path: str) -> Any:
    """The value at a dotted path; None if there is none."""
    for step in path.split("."):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def columns(rows: Sequence[Any]) -> list[str]:
    """The fields that a table shows of these rows: those that hold one plain value."""
    columns_: dict[str, bool] = {}
    for row in rows:
        for key, value in row.items() if isinstance(row, Mapping) else ():
            plain = not isinstance(value, (dict, list)) and not (isinstance(value, str) and "\n" in value)
            columns_[key] = columns_.get(key, True) and plain
    empty = {key for key in columns_ if all(isinstance(row, Mapping) and row.get(key) in (None, "") for row in rows)}
    shown = [key for key, plain in columns_.items() if plain and key not in empty]
    # Addresses are long and say little: they give way to what fits the width.
    return sorted(shown, key=lambda key: _address(rows, key)) or ["value"]


def _address(rows: Sequence[Any], key: str) -> bool:
    values = [row.get(key) for row in rows if isinstance(row, Mapping) and row.get(key)]
    return all(isinstance(value, str) and value.startswith(("http://", "https://")) for value in values)


def cell(value: Any, longest: int) -> str:
    """A value in a table: one line, no longer than its column."""
    text = value if isinstance(value, str) else "" if value is None else dumps(value)
    text = line(re.sub(r"[\t\r\n]+", " ", text))
    return text if width(text) <= longest else text[: longest - 1] + "…"


def width(text: str) -> int:
    """How many cells of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


class Table:
    """A table with columns fixed by its first rows, so that more rows can follow."""

    def __init__(self, rows: Sequence[Any], names: Sequence[str] | None, room: int | None, colour: bool) -> None:
        self.colour = colour
        self.names = list(names or columns(rows))
        self.heads = [cell(name.upper(), _WIDEST) for name in self.names]
        cells = [[width(self._cell(row, name)) for row in rows] for name in self.names]
        self.widths = [max(width(head), *sizes) if sizes else width(head) for head, sizes in zip(self.heads, cells)]
        self._cut = [_WIDEST] * len(self.names)
        if room and not names:
            self._fit(room)

    def _fit(self, room: int) -> None:
        """Make it as narrow as the room: long columns shorter, but for the first one, then the last ones gone."""
        while (over := sum(self.widths) + 2 * (len(self.widths) - 1) - room) > 0 and len(self.names) > 1:
            size = max(self.widths[1:])
            if size > _NARROW:
                column = self.widths.index(size, 1)
                self.widths[column] = self._cut[column] = max(_NARROW, size - over)
            else:
                self.names.pop()
                self.heads.pop()
                self.widths.pop()

    def head(self) -> Shown:
        """The line of names."""
        heads = [cell(head, size) for head, size in zip(self.heads, self.widths, strict=True)]
        return self._line([styled(head, HEAD, self.colour) for head in heads], heads)

    def rows(self, rows: Sequence[Any]) -> Shown:
        """A line for each row."""
        cut = list(zip(self.names, self._cut, strict=False))
        return shown(self._line(cells, cells) for row in rows for cells in [[self._cell(row, *c) for c in cut]])

    def _cell(self, row: Any, name: str, longest: int = _WIDEST) -> str:
        return cell(at(row, name) if isinstance(row, Mapping) else row, longest)

    def _line(self, texts: Sequence[str], plain: Sequence[str]) -> Shown:
        """The texts beside one another; `plain` is what they are without styles."""
        blanks = [" " * (size - width(bare) + 2) for bare, size in zip(plain, self.widths, strict=True)]
        padded = shown(part for pair in zip(texts, blanks, strict=True) for part in pair)
        return Shown(padded.rstrip() + "\n")
