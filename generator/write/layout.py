"""Python as black lays it out: what templates give with every statement on one line, in lines that are not too long.

Templates write spaces and blank lines as black wants them, and the escapes of `text` write strings and numbers so.
What depends on width and on indentation is left: long statements, and docstrings.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from ..errors import GeneratorBug
from .splitting import INDENT, WIDTH, Line, Unreadable, leaves, parenthesized, transform_line

_QUOTES = '"""'
_IMPORTED = 88
"""Characters of an import on one line: longer ones are taken apart, so that linters with a width of their own agree."""
_COMPILED = 200_000
"""Characters of a page that are still compiled only to see that they can be."""


class Python:
    """Lays out the Python of one surface."""

    def __init__(self) -> None:
        self._compiled: set[str] = set()

    def laid_out(self, source: str, path: str, origin: str, *, ours: bool = True) -> str:
        """A page as black would leave it. GeneratorBug where it cannot be Python.

        ours: False where it comes of a template of others, who may have written statements over several lines: what
        is Python and cannot be laid out stays as it is.
        Of the pages of a template the first is compiled, where it is not long: to compile them all is a tenth of a
        run, and what else a page holds went through an escape.
        """
        try:
            laid = self._laid_out(source, ours)
            if origin not in self._compiled and len(laid) <= _COMPILED:
                compile(laid, path, "exec", dont_inherit=True)
                self._compiled.add(origin)
        except (SyntaxError, ValueError) as error:
            raise GeneratorBug(f"templates/{origin} does not produce valid Python for {path}: {error}") from error
        return laid

    def _laid_out(self, source: str, ours: bool) -> str:
        try:
            return laid_out(source)
        except Unreadable:
            if ours:
                raise
            return source


def laid_out(source: str) -> str:
    """The same Python, laid out. Unreadable where a line of it cannot be Python."""
    return "\n".join(_lines(iter(source.split("\n"))))


def _lines(source: Iterator[str]) -> Iterator[str]:
    begins = True  # a docstring is the first statement of its block
    for line in source:
        text = line.lstrip(" ")
        if text.startswith(_QUOTES):
            written = _string(line, source)
            yield _docstring(written, line[: len(line) - len(text)]) if begins else written
            begins = False
            continue
        if text.startswith("from ") and len(line) > _IMPORTED:
            yield from _import(line)
        elif len(line) <= WIDTH or text.startswith("#"):
            yield line
        else:
            depth = (len(line) - len(text)) // INDENT
            yield from (each.text for each in transform_line(statement(text, depth)))
        if text and not text.startswith("#"):
            begins = text.endswith(":")


def _import(line: str) -> Iterator[str]:
    """An import, a name a line."""
    indent = line[: len(line) - len(line.lstrip(" "))]
    head, _, names = line.partition(" import ")
    yield f"{head} import ("
    for name in names.split(", "):
        yield f"{indent}{' ' * INDENT}{name},"
    yield f"{indent})"


def _string(line: str, rest: Iterator[str]) -> str:
    """A string that is a statement, whole."""
    found = [line]
    while not found[-1].endswith(_QUOTES) or (len(found) == 1 and len(line.strip()) < 2 * len(_QUOTES)):
        following = next(rest, None)
        if following is None:
            raise Unreadable("a docstring is not closed")
        found.append(following)
    return "\n".join(found)


def statement(text: str, depth: int) -> Line:
    """A statement, with the brackets that it could have."""
    found = leaves(text)
    first, kinds = found[0].value, [leaf.kind for leaf in found]
    if first in ("def", "async"):
        return Line(found, depth, "def")
    if first == "return":
        return Line(parenthesized(found, 1, len(found)), depth)
    if first == "if":
        return Line(parenthesized(found, 1, len(found) - 1), depth)
    equals = kinds.index("=") if "=" in kinds else len(found)
    if equals < len(found):
        found = parenthesized(found, equals + 1, len(found))
    if len(found) > 2 and kinds[1] == ":" and first.isidentifier():
        found = parenthesized(found, 2, equals)
    return Line(found, depth)


def _docstring(written: str, indent: str) -> str:
    """A docstring, indented as its block is and without white space around it."""
    if re.search(r"\\\s*\n", written):
        return written  # black leaves it alone: a backslash at the end of a line
    given = written.strip(" ")[len(_QUOTES) : -len(_QUOTES)]
    inner = _indented(given, indent) if "\n" in given else given.strip()
    if given and not inner:
        inner = " "
    if inner.startswith('"'):
        inner = f" {inner}"
    if inner.endswith('"') or (len(inner) - len(inner.rstrip("\\"))) % 2:
        inner += " "
    last = inner.rpartition("\n")[2]
    own = "\n" in inner and len(last) + len(_QUOTES) > WIDTH
    return indent + _QUOTES + inner + ("\n" + indent if own else "") + _QUOTES


def _indented(inner: str, indent: str) -> str:
    first, *others = inner.split("\n")
    others = [re.sub(r"^[ \t]+(?=\S)", lambda white: white[0].expandtabs(INDENT), line) for line in others]
    least = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=sys.maxsize)
    found = [first.strip()]
    for index, line in enumerate(others):
        stripped = line[least:].rstrip()
        found.append(indent + stripped if stripped or index == len(others) - 1 else "")
    return "\n".join(found)
