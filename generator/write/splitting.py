"""One line of Python that is too long, split as black splits it.

black looks at brackets and at what stands between them, hardly ever at what the words mean. So a line is read into
brackets, commas, bars and words. Where Python allows brackets that nobody wrote (around what is returned, assigned,
imported or annotated), a pair without text stands, which a split may write out. The functions are named as black's own
are (its `linegen.py` and `lines.py`), which say why each rule is as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

WIDTH = 120
INDENT = 4
_TOKEN = re.compile(
    r"""(\ *)("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|[][(){},|:]|[^][(){},|:\ "']+)""",
    re.VERBOSE,
)
_KINDS = {**dict.fromkeys("([{", "open"), **dict.fromkeys(")]}", "close"), **{mark: mark for mark in ",|:="}}
_PAIRS = {")": "(", "]": "[", "}": "{"}
_SURELY = 2 * WIDTH
"""Leaves that fit on no line: few of them are brackets without text."""
_COMMA, _BAR = 2, 1
"""Delimiters: the higher one splits first."""


class Unreadable(ValueError):
    """Not a line of Python: a string that does not end, brackets that do not match."""


class _CannotSplit(Exception):
    pass


class Leaf:
    """A bracket, a delimiter, or a word or string between these."""

    __slots__ = ("atom", "kind", "mate", "space", "value")

    def __init__(self, space: str, value: str, kind: str) -> None:
        self.space, self.value, self.kind = space, value, kind
        self.mate: Leaf | None = None
        """Of a bracket: the one that belongs to it."""
        self.atom = True
        """Of a bracket: whether it holds a value, not what is called or subscripted."""


@dataclass(eq=False, slots=True)
class Line:
    """A statement, or a part of one that becomes a line."""

    leaves: list[Leaf]
    depth: int
    kind: str = ""
    """def, parameters (of a def), parameter, or any other"""
    inside: bool = False
    """Whether it stands inside brackets."""
    explode: bool = False
    """Whether it is split even where it fits."""
    tail: bool = False
    delimiters: dict[int, int] | None = None
    """What `_delimiters` gives, where it was asked already; without that of the last leaf."""
    written: str = ""
    """What `text` gives, where it was asked already."""

    @property
    def text(self) -> str:
        """The text of the line."""
        if not self.written:
            text = "".join([leaf.space + leaf.value for leaf in self.leaves])
            self.written = " " * (INDENT * self.depth) + text.lstrip(" ")
        return self.written

    @property
    def fits(self) -> bool:
        if len(self.leaves) > _SURELY:
            return False
        return len(self.text) <= WIDTH


@dataclass(frozen=True)
class _Split:
    head: Line
    body: Line
    tail: Line
    opening: Leaf
    closing: Leaf


def leaves(text: str) -> list[Leaf]:
    """The leaves of a line. Unreadable where it is none."""
    results: list[Leaf] = []
    opened: list[Leaf] = []
    length = 0
    last = ""
    for space, value in _TOKEN.findall(text):
        length += len(space) + len(value)
        kind = _KINDS.get(value) or ("string" if value[0] in "\"'" else "word")
        leaf = Leaf(space, value, kind)
        if kind == "open":
            leaf.atom = bool(space) or not (last == "close" or (last == "word" and results[-1].value[-1] not in "=*-"))
            opened.append(leaf)
        elif kind == "close":
            if not opened or opened[-1].value != _PAIRS[value]:
                raise Unreadable(f"nothing that {value!r} closes")
            leaf.mate = opened.pop()
            leaf.mate.mate, leaf.atom = leaf, leaf.mate.atom
        results.append(leaf)
        last = kind
    if length != len(text) or opened:
        raise Unreadable("a bracket or a quote is not closed")
    return results


def parenthesized(results: list[Leaf], start: int, end: int) -> list[Leaf]:
    """The leaves with brackets without text around some of them. A tuple has its own."""
    first = results[start]
    if first.value == "(" and first.mate is results[end - 1]:
        return results
    left, right = Leaf(first.space, "", "open"), Leaf("", "", "close")
    left.mate, right.mate = right, left
    first.space = ""
    return [*results[:start], left, *results[start:end], right, *results[end:]]


def transform_line(line: Line, forced: bool = False) -> list[Line]:
    """The lines that black makes of one. forced: brackets without text are always written out."""
    if not line.explode and line.fits:
        return [line]
    if line.kind == "parameter":
        line = Line(_annotated(line.leaves), line.depth, inside=True)
    ways: tuple[_Way, ...] = (_right_hand_split_with_omits,)
    if line.kind == "def":
        ways = (_left_hand_split,)
    elif line.inside:
        ways = (_delimiter_split, _right_hand_split_with_omits)
    for route in ways:
        try:
            return _run(route, line, forced)
        except _CannotSplit:
            continue
    return [line]


_Way = Callable[[Line, bool], list[Line]]


def _run(route: _Way, line: Line, forced: bool) -> list[Line]:
    outermost = None if forced or route is not _right_hand_split_with_omits else _outermost(line)
    result: list[Line] = []
    for part in route(line, forced):
        # Only a part that has all the leaves can read like the whole; to write both out is long where the whole is.
        if len(part.leaves) >= len(line.leaves) and part.text == line.text:
            raise _CannotSplit
        result += transform_line(part, forced)
    if outermost is None or any(leaf.value for leaf in outermost):
        return result
    texts = [each.text for each in result]  # of now: a second opinion writes brackets into the same leaves
    if len(texts[0]) <= WIDTH:
        return result
    second_opinion = _run(route, line, True)
    return second_opinion if all(each.fits for each in second_opinion) else result


def _outermost(line: Line) -> list[Leaf] | None:
    """The brackets without text that are in no others; None where the line has none at all, both ends of them."""
    if line.tail or all(leaf.value for leaf in line.leaves):
        return None
    result, some, depth = [], False, 0
    here = set(line.leaves)
    for leaf in line.leaves:
        if leaf.mate not in here:
            continue
        depth -= leaf.kind == "close"
        some = some or not leaf.value
        if not leaf.value and depth == 0:
            result.append(leaf)
        depth += leaf.kind == "open"
    return result if some else None


def _annotated(results: list[Leaf]) -> list[Leaf]:
    """A parameter whose annotation is a union: that may stand in brackets."""
    kinds = [leaf.kind for leaf in results]
    if ":" not in kinds:
        return results
    end = kinds.index("=") if "=" in kinds else len(kinds) - (kinds[-1] == ",")
    start = kinds.index(":") + 1
    return parenthesized(results, start, end) if _BAR in _delimiters(results[start:end]).values() else results


def _delimiters(results: list[Leaf]) -> dict[int, int]:
    """After which leaves a line may be split, by their index: after a comma, before a bar."""
    delimiters, depth = {}, 0
    for index, leaf in enumerate(results):
        kind = leaf.kind
        if kind == "open":
            depth += 1
        elif kind == "close":
            if depth:
                depth -= 1
        elif depth:
            continue
        elif kind == ",":
            delimiters[index] = _COMMA
        elif kind == "|" and index:
            delimiters[index - 1] = _BAR
    return delimiters


def _delimiter_split(line: Line, _: bool) -> list[Line]:
    delimiters = _delimiters(line.leaves) if line.delimiters is None else line.delimiters
    delimiters.pop(len(line.leaves) - 1, None)
    if not delimiters:
        raise _CannotSplit
    priority = max(delimiters.values())
    kind = "parameter" if line.kind == "parameters" else ""
    ends = [index + 1 for index, each in delimiters.items() if each == priority]
    parts = [line.leaves[start:end] for start, end in zip([0, *ends], [*ends, None], strict=True)]
    if priority == _COMMA and parts[-1][-1].kind != ",":
        parts[-1].append(Leaf("", ",", ","))
    return [Line(part, line.depth, kind, inside=True) for part in parts]


def _left_hand_split(line: Line, _: bool) -> list[Line]:
    """At the first brackets: those of the parameters."""
    start = next((index for index, leaf in enumerate(line.leaves) if leaf.value == "("), -1)
    if start < 0 or line.leaves[start].mate not in line.leaves:
        raise _CannotSplit
    opening = line.leaves[start]
    end = next(index for index, leaf in enumerate(line.leaves) if leaf is opening.mate)
    tail = line.leaves[end:]
    if len(tail) > 2 and tail[1].value == "->":
        tail = parenthesized(tail, 2, len(tail) - 1)
    body = _body(line.leaves[start + 1 : end], line, opening)
    body.kind = "parameters"
    return [Line(line.leaves[: start + 1], line.depth, "def"), body, Line(tail, line.depth, tail=True)]


def _body(results: list[Leaf], original: Line, opening: Leaf) -> Line:
    """What stands inside brackets, as a line."""
    added = original.kind == "def" and _COMMA not in _delimiters(results).values()
    if results and added and results[-1].kind != ",":
        results = [*results, Leaf("", ",", ",")]
    ended = bool(results) and results[-1].kind == ","
    delimiters = _delimiters(results[: len(results) - ended])
    several = bool(delimiters) and max(delimiters.values()) == _COMMA
    explode = several and (ended or opening.atom)
    return Line(results, original.depth + 1, inside=True, explode=explode, delimiters=delimiters)


def _right_hand_split_with_omits(line: Line, forced: bool) -> list[Line]:
    first = None
    for omit in _generate_trailers_to_omit(line):
        if omit and _too_long_before(line, omit):
            continue
        result = _right_hand_split(_first_right_hand_split(line, omit), line, forced, omit)
        if first is None and not omit:
            first = result
        if result[0].fits:
            return result
    return first or _right_hand_split(_first_right_hand_split(line, set()), line, forced, set())


def _too_long_before(line: Line, omit: set[Leaf]) -> bool:
    """Whether the brackets that are to be split begin where no line reaches."""
    target = next((leaf.mate for leaf in reversed(line.leaves) if leaf.kind == "close" and leaf not in omit), None)
    if target is None or not target.value or target not in line.leaves:
        return False
    before = line.leaves[: line.leaves.index(target)]
    return INDENT * line.depth + sum(len(leaf.space) + len(leaf.value) for leaf in before) > WIDTH


def _generate_trailers_to_omit(line: Line) -> Iterator[set[Leaf]]:
    """Closing brackets at which not to split, so that a split before them is tried: more of them each time."""
    omit: set[Leaf] = set()
    yield omit
    length = INDENT * line.depth
    opening = closing = None
    inner: set[Leaf] = set()
    for index in range(len(line.leaves) - 1, -1, -1):
        leaf = line.leaves[index]
        length += len(leaf.space) + len(leaf.value)
        if length > WIDTH:
            return
        if opening is not None:
            if leaf is opening:
                opening = None
            elif leaf.kind == "close":
                inner.add(leaf)
        elif leaf.kind == "close":
            if index and line.leaves[index - 1].kind == "open":
                inner.add(leaf)
                continue
            if closing is not None:
                omit |= {closing, *inner}
                inner.clear()
                yield omit
            if leaf.value:
                opening, closing = leaf.mate, leaf


def _first_right_hand_split(line: Line, omit: set[Leaf]) -> _Split:
    """At the last brackets that hold something and are not to be omitted."""
    result = line.leaves
    for end in range(len(result) - 1, 0, -1):
        closing, opening = result[end], result[end].mate
        if closing.kind != "close" or closing in omit or opening is None or opening is result[end - 1]:
            continue
        start = next((index for index in range(end - 1, -1, -1) if result[index] is opening), -1)
        if start < 0:
            break
        head, tail = Line(result[: start + 1], line.depth, line.kind), Line(result[end:], line.depth, tail=True)
        return _Split(head, _body(result[start + 1 : end], line, opening), tail, opening, closing)
    raise _CannotSplit


def _right_hand_split(rhs: _Split, line: Line, forced: bool, omit: set[Leaf]) -> list[Line]:
    """black's `_maybe_split_omitting_optional_parens`."""
    unwritten = not rhs.opening.value and not rhs.closing.value
    if unwritten and not forced and _can_omit_invisible_parens(rhs.body):
        omit = {rhs.closing, *omit}
        try:
            without = _first_right_hand_split(line, omit)
            if _prefer_split_rhs_oop_over_rhs(without, rhs):
                return _right_hand_split(without, line, forced, omit)
        except _CannotSplit:
            if not _can_be_split(rhs.body) and not rhs.body.fits:
                raise
    if unwritten:
        rhs.opening.value, rhs.closing.value = "(", ")"
        for changed in (rhs.head, rhs.tail):
            changed.written = ""
    return [each for each in (rhs.head, rhs.body, rhs.tail) if each.leaves]


def _can_be_split(line: Line) -> bool:
    """A dotted name is a word here, and three for black."""
    only = line.leaves[0]
    return len(line.leaves) > 1 or (only.kind == "word" and not only.value.isidentifier() and not only.value.isdigit())


def _can_omit_invisible_parens(body: Line) -> bool:
    result = body.leaves
    delimiters = [*_delimiters(result).values()]
    if not delimiters:
        return True
    if delimiters.count(max(delimiters)) > 1:
        return False
    if result[0].kind == "open" and result[1].kind != "close" and _can_omit_opening_paren(body):
        return True
    last = result[-1]
    if last.kind != "close" or (last.value == "]" and not last.atom) or result[-2].kind == "open":
        return False
    return _can_omit_closing_paren(body)


def _can_omit_opening_paren(body: Line) -> bool:
    remainder, length = False, INDENT * body.depth
    for leaf in body.leaves:
        if leaf is body.leaves[0].mate:
            remainder = True
        if remainder:
            length += len(leaf.space) + len(leaf.value)
            if length > WIDTH:
                return False
            if leaf.kind == "open":
                remainder = False
    return True


def _can_omit_closing_paren(body: Line) -> bool:
    length, others = INDENT * body.depth, False
    for leaf in body.leaves:
        length += len(leaf.space) + len(leaf.value)
        if leaf is body.leaves[-1].mate:
            if others or length <= WIDTH:
                return True
        elif leaf.kind == "open":
            others = True
    return False


def _prefer_split_rhs_oop_over_rhs(without: _Split, rhs: _Split) -> bool:
    """Whether a split without the brackets that nobody wrote reads better."""
    head = rhs.head.leaves
    if len(head) < 2 or head[-2].kind != "=" or not any(leaf.kind in ("open", "close") for leaf in head[:-1]):
        return True
    if len(rhs.head.text) > WIDTH - 1:
        return True
    kinds = [leaf.kind for leaf in without.head.leaves]
    if "=" not in kinds:
        return "close" in kinds
    after = kinds[len(kinds) - kinds[::-1].index("=") :]
    return "close" in after or without.head.fits
