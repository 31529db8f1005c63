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

        ours: False if it comes from a third-party template, which may have statements over several lines: what
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
    results = [line]
    while not results[-1].endswith(_QUOTES) or (len(results) == 1 and len(line.strip()) < 2 * len(_QUOTES)):
        following = next(rest, None)
        if following is None:
            raise Unreadable("a docstring is not closed")
        results.append(following)
    return "\n".join(results)


def statement(text: str, depth: int) -> Line:
    """A statement, with the brackets that it could have."""
    result = leaves(text)
    first, kinds = result[0].value, [leaf.kind for leaf in result]
    if first in ("def", "async"):
        return Line(result, depth, "def")
    if first == "return":
        return Line(parenthesized(result, 1, len(result)), depth)
    if first == "if":
        return Line(parenthesized(result, 1, len(result) - 1), depth)
    equals = kinds.index("=") if "=" in kinds else len(result)
    if equals < len(result):
        result = parenthesized(result, equals + 1, len(result))
    if len(result) > 2 and kinds[1] == ":" and first.isidentifier():
        result = parenthesized(result, 2, equals)
    return Line(result, depth)


def _docstring(written: str, indent: str) -> str:
    """A docstring, indented as its block is and without white space around it."""
    if re.search(r"\\\s*\n", written):
        return written  # black leaves it alone: a backslash at the end of a line
    value = written.strip(" ")[len(_QUOTES) : -len(_QUOTES)]
    inner = _indented(value, indent) if "\n" in value else value.strip()
    if value and not inner:
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
    results = [first.strip()]
    for index, line in enumerate(others):
        stripped = line[least:].rstrip()
        results.append(indent + stripped if stripped or index == len(others) - 1 else "")
    return "\n".join(results)
