"""A YAML file made to hold another value, changing only the lines that must change: comments and layout stay.

Entries of block mappings are kept, replaced, removed or added one by one; anything written in flow style
(`{a: 1}`) is written anew as a whole. JSON stays JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ..errors import SpecError
from ..read.source import is_json, parse

WIDTH = 116
_WITHIN = re.compile(r" *#  +\S")
"""A comment whose text is indented: what is commented out below a key that is not."""
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def rewritten(text: str, value: Any) -> str:
    """The text, holding the value. A text that cannot be edited is written anew."""
    if is_json(text):
        return json.dumps(value, indent=_indent(text), ensure_ascii=False) + "\n"
    have = parse(text, "the file", Path()).value
    tree = yaml.compose(text, Loader=_Loader)  # of a text that was read, and so is not too deep
    if not isinstance(tree, yaml.MappingNode) or not isinstance(value, dict) or tree.flow_style:
        return _dumped(value, 0)
    lines = text.splitlines()
    edits = sorted(_Edits(lines).mapping(tree, have, value, len(lines)), key=lambda edit: (edit.start, edit.end))
    # From the last line to the first; of two that begin at one line, what was found first comes first in the text.
    for edit in reversed(edits):
        lines[edit.start : edit.end] = edit.lines
    result = "\n".join(lines) + "\n"
    # The value is what counts: a layout that the edits do not understand is not kept.
    return result if _holds(result, value) else _dumped(value, 0)


def _indent(text: str) -> int | None:
    """The indentation of a JSON text: that of its second line."""
    second = text.lstrip().partition("\n")[2][:40]
    return len(second) - len(second.lstrip(" ")) or None


@dataclass(frozen=True)
class _Edit:
    """Lines from `start` to before `end` give way to others."""

    start: int
    end: int
    lines: list[str]


class _Edits:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines

    def mapping(self, node: Any, have: dict[str, Any], value: dict[str, Any], end: int) -> Iterator[_Edit]:
        """The edits below a block mapping that holds `have` and ends before the line `end`."""
        entries = [(key.value, key, inner) for key, inner in node.value]
        column = node.start_mark.column
        last = node.start_mark.line
        for index, (name, key, inner) in enumerate(entries):
            start = key.start_mark.line
            below = entries[index + 1][1].start_mark.line if index + 1 < len(entries) else end
            stop = self._content_end(start, below, column)
            last = self._commented_end(stop, below, column)
            if name not in value:
                yield _Edit(start, last, [])
            elif have.get(name, self) != value[name]:
                yield from self._entry(name, key, inner, have.get(name), value[name], column, start, stop)
        added = {name: item for name, item in value.items() if name not in {entry[0] for entry in entries}}
        if added:
            yield _Edit(last, last, _dumped(added, column).splitlines())

    def _entry(
        self, name: str, key: Any, node: Any, have: Any, value: Any, column: int, start: int, end: int
    ) -> Iterator[_Edit]:
        block = not getattr(node, "flow_style", True) and node.start_mark.line > start
        if isinstance(have, dict) and isinstance(value, dict) and value and block:
            yield from self.mapping(node, have, value, end)
        elif isinstance(have, list) and isinstance(value, list) and value and block:
            yield from self._sequence(node, have, value, end)
        else:
            flow = getattr(node, "flow_style", False)
            yield _Edit(start, end, self._first(start, column, _dumped({name: value}, column, flow=flow)))

    def _sequence(self, node: Any, old: list[Any], value: list[Any], end: int) -> Iterator[_Edit]:
        """The edits of a block list: what is alike at both ends stays, what is between gives way."""
        most = min(len(old), len(value))
        head = next((i for i in range(most) if old[i] != value[i]), most)
        tail = next((i for i in range(most - head) if old[-1 - i] != value[-1 - i]), most - head)
        items, wanted = node.value[head : len(old) - tail], value[head : len(value) - tail]
        starts = [item.start_mark.line for item in node.value] + [end]
        column = node.start_mark.column
        if len(items) != len(wanted):
            last = head + len(items)
            stop = self._content_end(starts[last - 1], starts[last], column)
            lines = _dumped(wanted, column).splitlines() if wanted else []
            yield _Edit(starts[head] if items else stop, stop, lines)
            return
        for index, (item, have, new) in enumerate(zip(items, old[head:], wanted), head):
            stop = self._content_end(starts[index], starts[index + 1], column)
            first = item.value[0] if isinstance(item, yaml.MappingNode) and item.value and not item.flow_style else None
            # The first key of an item shares its line with the dash, and must stay as it is.
            if first and isinstance(new, dict) and new.get(first[0].value, self) == have.get(first[0].value):
                yield from self.mapping(item, have, new, stop)
            elif have != new:
                yield _Edit(starts[index], stop, _dumped([new], column).splitlines())

    def _first(self, start: int, column: int, text: str) -> list[str]:
        """Dumped lines, the first of them behind what stands before the key on its line (a dash)."""
        lines = text.splitlines()
        return [self.lines[start][:column] + lines[0][column:], *lines[1:]]

    def _content_end(self, start: int, below: int, column: int) -> int:
        """Where an entry ends: what stands above the next key without being deeper belongs to that key."""
        end = below
        while end > start + 1:
            line = self.lines[end - 1]
            indent = len(line) - len(line.lstrip())
            if line.strip() and not (line.lstrip().startswith("#") and indent <= column):
                break
            end -= 1
        return end

    def _commented_end(self, end: int, below: int, column: int) -> int:
        """Where the lines end that are commented out within an entry, as `init` writes them: `#   key: value` below it."""
        while end < below and _WITHIN.match(self.lines[end]) and self.lines[end].index("#") == column:
            end += 1
        return end


def _holds(text: str, value: Any) -> bool:
    try:
        return bool(parse(text, "", Path()).value == value)
    except SpecError:
        return False


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: Any, text: str) -> Any:
    style = ">" if len(text) > WIDTH - 40 and "\n" not in text and " " in text else "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)


def _dumped(value: Any, column: int, *, flow: bool | None = False) -> str:
    width = 10**6 if flow else WIDTH - column
    text = str(
        yaml.dump(value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=False)
        if not flow
        else "".join(
            f"{yaml.dump(key, Dumper=_Dumper).removesuffix(chr(10)).removesuffix('...').strip()}: "
            + yaml.dump(item, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=True)
            for key, item in value.items()
        )
    )
    return "".join(" " * column + line if line.strip() else line for line in text.splitlines(keepends=True))
