"""YAML with the values of JSON, and the place of every member and element.

A scalar is what JSON Schema means by it: `2024-01-01`, `on` and `NO` are strings, and so is every key. The value is put
together from the parser's events and not from its nodes: composing recurses, and nothing would know the depth before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import yaml

from . import bounds
from .reading import Entry, Places, Reading, Unreadable, number, repeated, too_deep, too_many

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML 1.2 allows in no document (5.1): in a quoted scalar it is written as an escape."""
_DIRECTIVE = re.compile(r"(?:\A|[\n\r\x85\u2028\u2029])(%TAG)\b")
"""The parser compares each with every one before it: some thousands of them take hours. They only shorten tags."""
_TAG = "tag:yaml.org,2002:"
_INTEGER = re.compile(r"[-+]?[0-9]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_TYPES: dict[str, type] = {"null": type(None), "bool": bool, "int": int, "float": float}
"""What a value of each tag is."""
_WORDS = dict.fromkeys(["null", "Null", "NULL", "~", ""]) | {
    word: word[0] in "tT" for word in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_MERGE = "<<"


def read(text: str) -> Reading:
    """The value of a YAML document. Unreadable where it is none, or is beyond a bound."""
    if bad := _UNPRINTABLE.search(text):
        what = f"is not valid YAML: it contains the character U+{ord(bad[0]):04X}"
        raise Unreadable(bad.start(), what, f'remove it, or write "\\U{ord(bad[0]):08x}" in double quotes')
    if directive := _DIRECTIVE.search(text):
        raise Unreadable(directive.start(1), "the directive %TAG is not supported", "remove the tags")
    loader = _Loader(text)
    try:
        return _Builder(loader.get_event).document()
    except yaml.MarkedYAMLError as error:  # a parser raises no other, once no character is unprintable
        at = cast(yaml.Mark, error.problem_mark).index
        raise Unreadable(at, f"is not valid YAML: {error.problem}", "correct the syntax there") from None
    finally:
        loader.dispose()


@dataclass(slots=True)
class _Part:
    """A value with its places, and how much it is."""

    value: Any
    places: Places | None = None
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class _Open:
    """A mapping or sequence that is being read."""

    part: _Part
    at: int
    anchor: str | None
    key: str | None = None
    key_at: int = field(init=False)
    merging: bool = False
    """The key that was read last is `<<`."""
    merged: list[_Part] = field(default_factory=list)


class _Builder:
    def __init__(self, next_event: Callable[[], Any]) -> None:
        self.next_event = next_event
        self.open: list[_Open] = []
        self.anchors: dict[str, _Part | None] = {}
        """None while what it names is not complete."""
        self.count = 0
        self.deepest, self.most = bounds.DEPTH.value, bounds.VALUES.value

    def document(self) -> Reading:
        next_event = self.next_event
        next_event()  # the stream's start
        event = next_event()
        if type(event) is yaml.StreamEndEvent:
            raise Unreadable(0, "is empty", "add a document to it")
        while True:
            event = next_event()
            kind = type(event)
            at = event.start_mark.index
            if kind is yaml.ScalarEvent:
                done = self._scalar(event, at)
            elif kind is yaml.AliasEvent:
                done = self._alias(event, at)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._begin(event, at, {} if kind is yaml.MappingStartEvent else [])
                continue
            else:
                done, at = self._end()
            if not self.open:
                break
            self._add(done, at)
        next_event()  # the document's end
        event = next_event()
        if type(event) is not yaml.StreamEndEvent:
            raise Unreadable(event.start_mark.index, "contains more than one document", "keep one document per file")
        return Reading(done.value, done.places, at)

    def _scalar(self, event: Any, at: int) -> _Part:
        top = self.open[-1] if self.open else None
        if top is not None and top.key is None and type(top.part.value) is dict:
            if event.tag is not None:
                self._tagged(event, at)  # where it says that it is, say, a number: as a key it is a text all the same
            part = _Part(event.value)
            top.merging = event.value == _MERGE and event.implicit[0]
        else:
            self._counted(1, at)
            part = _Part(self._value(event, at))
        if event.anchor is not None:
            self.anchors[event.anchor] = part
        return part

    def _value(self, event: Any, at: int) -> Any:
        if event.tag is not None:
            return self._tagged(event, at)
        # Quoted, or a block of text, it is one.
        return _plain(event.value, at) if event.implicit[0] else event.value

    def _tagged(self, event: Any, at: int) -> Any:
        text: str = event.value
        tag = event.tag.removeprefix(_TAG)
        if tag in ("!", "str"):
            return text
        if tag not in _TYPES:
            raise _unknown(event.tag, at)
        if tag == "float" and _FLOAT.fullmatch(text):
            return number(text, at, whole=False)
        value = _plain(text, at)
        if type(value) is not _TYPES[tag]:
            raise Unreadable(at, f"{text[:40]!r} does not match its tag", "remove the tag")
        return value

    def _alias(self, event: Any, at: int) -> _Part:
        if event.anchor not in self.anchors:
            raise Unreadable(
                at, f"the alias *{event.anchor} refers to no anchor above it", f"define &{event.anchor} first"
            )
        part = self.anchors[event.anchor]
        if part is None:
            raise Unreadable(at, f"&{event.anchor} contains itself: the alias is inside its own anchor", "use a $ref")
        if len(self.open) + part.height > self.deepest:
            raise too_deep(at, self.deepest)
        self._counted(part.size, at)
        # A copy: what is read twice can be told apart, and costs what it counts for.
        return _Part(_copied(part.value), part.places, part.size, part.height)

    def _begin(self, event: Any, at: int, value: Any) -> None:
        if len(self.open) >= self.deepest:
            raise too_deep(at, self.deepest)
        if event.tag not in (None, "!", _TAG + ("map" if type(value) is dict else "seq")):
            raise _unknown(event.tag, at)
        self._counted(1, at)
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        self.open.append(_Open(_Part(value, {} if type(value) is dict else [], 1, 1), at, event.anchor))

    def _end(self) -> tuple[_Part, int]:
        top = self.open.pop()
        for other in top.merged:
            for key, value in other.value.items():
                if key not in top.part.value:
                    top.part.value[key] = value
                    cast("dict[str, Entry]", top.part.places)[key] = cast("dict[str, Entry]", other.places)[key]
        if top.anchor is not None:
            self.anchors[top.anchor] = top.part
        return top.part, top.at

    def _add(self, done: _Part, at: int) -> None:
        """Puts a complete value where it belongs: a key, its value, or an element."""
        top = self.open[-1]
        whole = top.part
        if type(whole.value) is list:
            whole.value.append(done.value)
            cast("list[Entry]", whole.places).append((at, done.places))
        elif top.key is None:
            if not isinstance(done.value, str):
                raise Unreadable(at, "a key must be a scalar", "use a plain string")
            if done.value in whole.value:
                raise repeated(at, done.value)
            top.key, top.key_at = done.value, at
            return
        elif top.merging:
            listed = done.value if isinstance(done.value, list) else [done.value]
            if not all(isinstance(each, dict) for each in listed):
                raise Unreadable(at, "`<<` merges mappings", "use an alias of a mapping, or a list of them")
            if isinstance(done.value, dict):
                top.merged.append(done)
            else:
                entries = cast("list[Entry]", done.places)
                top.merged += [_Part(each, inner) for each, (_, inner) in zip(listed, entries)]
            top.key, top.merging = None, False
        else:
            whole.value[top.key] = done.value
            cast("dict[str, Entry]", whole.places)[top.key] = (top.key_at, done.places)
            top.key = None
        whole.size += done.size
        whole.height = max(whole.height, done.height + 1)

    def _counted(self, size: int, at: int) -> None:
        self.count += size
        if self.count > self.most:
            raise too_many(at, self.most, " once its aliases are followed")


def _plain(text: str, at: int) -> Any:
    """The value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if not text[0].isalpha() and _FLOAT.fullmatch(text):
        return number(text, at, whole=_INTEGER.fullmatch(text) is not None)
    return text


def _unknown(tag: str, at: int) -> Unreadable:
    return Unreadable(at, f"the tag {tag!r} is not supported", "use the value without a tag")


def _copied(value: Any) -> Any:
    """A copy as deep as the value, whose depth is known."""
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if type(value) is list else value
