"""Texts that a pattern describes, for examples and for the mock's answers: the shortest, and the same every time.

Written by hand, since the libraries there are (rstr, exrex, sre_yield) read Python's regular expressions, not those of
ECMA-262 that JSON Schema speaks of, take the whole of what a `{1000}{1000}` asks for, and draw at random. Nothing is
matched here: a text is put together along the pattern, in a bounded number of steps.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

LONGEST = 1_000
"""Characters of a text."""
_LONGEST_PATTERN = 2_000
_DEEPEST = 50
_TURNS = 24
"""Texts that are tried for one of a certain length."""
_TIMES = (1, 2, 4, 8, 16, 32)
_PREFERRED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_. /:@,+=#%&!?~*;()[]{}<>'\"|^$\\`\té"
_DIGITS = "0123456789"
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_SPACE = " \t\n\r\f\v"
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "v": "\v", "0": "\0"}
_NO_END = -1


class _NotRead(Exception):
    """Not a regular expression, or one with a construct that is not supported here."""


@dataclass(frozen=True)
class _Chars:
    """One character of these."""

    options: str


@dataclass(frozen=True)
class _Sequence:
    parts: tuple[_Node, ...]
    group: int = 0


@dataclass(frozen=True)
class _Choice:
    options: tuple[_Node, ...]
    group: int = 0


@dataclass(frozen=True)
class _Repeat:
    node: _Node
    least: int
    most: int


@dataclass(frozen=True)
class _Back:
    """What a group before it took."""

    group: int


_Node = _Chars | _Sequence | _Choice | _Repeat | _Back


def texts(pattern: str, least: int = 0, most: int | None = None) -> Iterator[str]:
    """Texts of so many characters that the pattern describes, different ones; none where none is found.

    What looks around (`(?=…)`) is passed over: such a pattern may refuse what is made of it.
    """
    most = LONGEST if most is None else min(most, LONGEST)
    try:
        node = _Reading(pattern).whole()
    except (_NotRead, RecursionError):
        return
    reported = set()
    for turn in range(_TURNS):
        shortest = 0
        for more in (0, *_TIMES, least, least // 2, None):
            try:
                text = _Writing(turn, more or 0, least - shortest if more is None else 0).text(node)
            except _NotRead:
                break
            shortest = len(text) if more == 0 else shortest
            if least > len(text) and not pattern.endswith("$"):  # the pattern leaves open what follows
                text += "x" * (least - len(text))
            if least > len(text) and not pattern.startswith("^"):
                text = "x" * (least - len(text)) + text
            if least <= len(text) <= most and text not in reported:
                reported.add(text)
                yield text
                break


def text(pattern: str, least: int = 0, most: int | None = None) -> str | None:
    """The first of the texts."""
    return next(texts(pattern, least, most), None)


def some(pattern: str, count: int, least: int = 0, most: int | None = None) -> list[str]:
    """So many of the texts at most."""
    return list(islice(texts(pattern, least, most), count))


@dataclass
class _Writing:
    """One text: which of the options are taken, and how much oftener than needed what may be repeated is."""

    turn: int
    more: int
    missing: int = 0
    """Characters that what may be repeated adds besides, as early as it can: for a text of one length."""
    left: int = LONGEST * 4
    groups: dict[int, str] = field(default_factory=dict)

    def text(self, node: _Node) -> str:
        self.left -= 1
        if self.left < 0:
            raise _NotRead
        match node:
            case _Chars(options):
                return options[self.turn % len(options)]
            case _Sequence(parts):
                made = "".join(map(self.text, parts))
            case _Choice(options):
                made = self.text(options[self.turn % len(options)])
            case _Back(group):
                return self.groups.get(group, "")
            case _Repeat(inner, least, most):
                count = least + self.more if most == _NO_END else min(most, least + self.more)
                pieces, size = [], 0
                for _ in range(count):
                    pieces.append(self.text(inner))
                    size += len(pieces[-1])
                    if size > LONGEST:
                        raise _NotRead
                while self.missing > 0 and (most == _NO_END or len(pieces) < most):
                    pieces.append(self.text(inner))
                    self.missing -= max(1, len(pieces[-1]))
                return "".join(pieces)
        if node.group:
            self.groups[node.group] = made
        return made


class _Reading:
    def __init__(self, pattern: str) -> None:
        if len(pattern) > _LONGEST_PATTERN:
            raise _NotRead
        self.pattern, self.at, self.groups, self.depth = pattern, 0, 0, 0

    def whole(self) -> _Node:
        node = self._choice(0)
        if self.at < len(self.pattern):
            raise _NotRead
        return node

    def _next(self, count: int = 1) -> str:
        return self.pattern[self.at : self.at + count]

    def _take(self) -> str:
        if self.at >= len(self.pattern):
            raise _NotRead
        self.at += 1
        return self.pattern[self.at - 1]

    def _takes(self, mark: str) -> bool:
        if not self.pattern.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def _choice(self, group: int) -> _Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise _NotRead
        options = [self._sequence()]
        while self._takes("|"):
            options.append(self._sequence())
        self.depth -= 1
        return _Choice(tuple(options), group)

    def _sequence(self) -> _Node:
        parts = []
        while (mark := self._next()) and mark not in "|)":
            node = self._atom()
            if node is not None:
                parts.append(self._repeated(node))
        return _Sequence(tuple(parts))

    def _repeated(self, node: _Node) -> _Node:
        start = self.at
        mark = self._next()
        if mark and mark in "*+?":
            self.at += 1
            node = _Repeat(node, 1 if mark == "+" else 0, 1 if mark == "?" else _NO_END)
        elif mark == "{":
            inside, close, _ = self.pattern[start + 1 : start + 14].partition("}")
            low, comma, high = inside.partition(",")
            if not close or not low.isdecimal() or (high and not high.isdecimal()):
                return node
            self.at = start + len(inside) + 2
            node = _Repeat(node, int(low), int(high) if high else _NO_END if comma else int(low))
        else:
            return node
        self._takes("?") or self._takes("+")  # lazy or possessive: the texts are the same
        return node

    def _atom(self) -> _Node | None:
        """What one quantifier holds for; None for what takes no characters."""
        mark = self._take()
        if mark in "^$":
            return None
        if mark in "*+?":
            raise _NotRead
        if mark == "(":
            return self._group()
        if mark == "[":
            return _Chars(self._class())
        if mark == ".":
            return _Chars(_PREFERRED)
        return self._escape(inside=False) if mark == "\\" else _Chars(mark)

    def _group(self) -> _Node | None:
        number, looks = 0, False
        if self._takes("?"):
            if self._takes("=") or self._takes("!") or self._takes("<=") or self._takes("<!"):
                looks = True
            elif self._takes("<") or self._takes("P<"):
                while self._take() != ">":
                    pass
                self.groups += 1
                number = self.groups
            elif not self._takes(":"):
                while self._next().isalpha() or self._next() == "-":  # flags, which other dialects know
                    self.at += 1
                if self._takes(")"):
                    return None
                if not self._takes(":"):
                    raise _NotRead
        else:
            self.groups += 1
            number = self.groups
        node = self._choice(number)
        if not self._takes(")"):
            raise _NotRead
        return None if looks else node

    def _escape(self, inside: bool) -> _Node | None:
        mark = self._take()
        if mark in "bBAzZ" and not (inside and mark == "b"):
            return None
        if mark in "dDwWsS":
            known = {"d": _DIGITS, "w": _WORD, "s": _SPACE}[mark.lower()]
            return _Chars(known if mark.islower() else _without(known))
        if mark in "pP" and self._takes("{"):
            name = ""
            while (each := self._take()) != "}":
                name += each
            return _Chars(_property(name.removeprefix("^"), mark == "P" or name.startswith("^")))
        if mark in "xu":
            size = 2 if mark == "x" else 4
            digits = self._next(size)
            if mark == "u" and self._takes("{"):
                digits = self.pattern[self.at :].partition("}")[0]
                size = len(digits) + 1
            try:
                self.at += size
                return _Chars(chr(int(digits, 16)))
            except (ValueError, OverflowError):
                raise _NotRead from None
        if mark.isdecimal() and mark != "0" and not inside:
            return _Back(int(mark))
        return _Chars(_CONTROLS.get(mark, mark))

    def _class(self) -> str:
        """The characters of a class, those first that read well."""
        negated = self._takes("^")
        ranges: list[tuple[str, str]] = []
        many = ""
        while not self._takes("]"):
            low = self._member()
            if len(low) == 1 and self._next() == "-" and self._next(2) != "-]":
                self.at += 1
                high = self._member()
                if len(high) != 1 or high < low:
                    raise _NotRead
                ranges.append((low, high))
            else:
                many += low
        contents = [each for each in _PREFERRED if each in many or any(a <= each <= b for a, b in ranges)]
        if negated:
            result = "".join(each for each in _PREFERRED if each not in contents and each not in many)
        else:
            result = "".join(contents) or many or "".join(a for a, _ in ranges)
        if not result:
            raise _NotRead
        return result

    def _member(self) -> str:
        mark = self._take()
        if mark != "\\":
            return mark
        node = self._escape(inside=True)
        return node.options if isinstance(node, _Chars) else "\b"


def _without(known: str) -> str:
    return "".join(each for each in _PREFERRED if each not in known)


def _property(name: str, negated: bool) -> str:
    """The characters of a Unicode property, by the first letter of its general category."""
    value = name.rpartition("=")[2]
    tests: dict[str, Callable[[str], bool]] = {
        "L": str.isalpha,
        "Lu": str.isupper,
        "Ll": str.islower,
        "N": str.isdecimal,
        "Nd": str.isdecimal,
        "Z": str.isspace,
        "P": lambda each: not each.isalnum() and not each.isspace(),
    }
    test = tests.get(value) or tests.get(value[:1])
    result = "".join(each for each in _PREFERRED if test is not None and test(each) is not negated)
    if not result:
        raise _NotRead
    return result
