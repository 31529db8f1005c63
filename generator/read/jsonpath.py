"""What a JSONPath (RFC 9535) selects in a value, as locations; bounded in length and in what it looks at.

The reader is `python-jsonpath` in its strict mode. It passes the JSONPath Compliance Test Suite, needs no other package,
gives locations, and is released several times a year. Its twin `jsonpath-rfc9535` brings a C extension with a matcher that
backtracks, and its newer releases leave Python 3.11; `jsonpath-ng` reads a dialect of its own.

Two things are ours: `match` and `search` go to the matcher that the clients use, which never backtracks, and every
node that a query makes or visits is counted, those of queries inside its filters as well: `$..*..*..*` looks at a
document once for every chain of ancestors.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, cast

from jsonpath import JSONPathEnvironment, JSONPathError, JSONPathMatch
from jsonpath.filter import BaseExpression, FilterQuery
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.parse import Parser
from jsonpath.path import JSONPath
from jsonpath.stream import TokenStream

from . import bounds, patterns

Location = tuple[str | int, ...]
"""The way from the root to a node: keys and indexes."""
LONGEST = 2_000
"""Characters of a query."""
_DEEPEST = 60
"""Brackets of a query inside each other: more is read by recursion."""


class NotRead(Exception):
    """The query cannot be read, or looks at too much: why, and how to mend it."""

    def __init__(self, what: str, hint: str) -> None:
        super().__init__(what)
        self.what, self.hint = what, hint


class Selector:
    """Finds what queries select; all queries of one selector share one allowance."""

    def __init__(self) -> None:
        self._environment = _Environment()

    def find(self, query: str, value: Any) -> list[Location]:
        """The locations that a query selects, each once, in the order of the document. NotRead where it cannot be had."""
        if len(query) > LONGEST:
            raise NotRead(f"has {len(query):,} characters", f"use one of at most {LONGEST:,}")
        if query.count("[") + query.count("(") > _DEEPEST:
            raise NotRead(f"has more than {_DEEPEST} brackets", "split it into several actions")
        try:
            path = _Query(cast(JSONPath, self._environment.compile(query)))
            return list(dict.fromkeys(node.parts for node in path.finditer(value)))
        except JSONPathError as error:
            lines = " ".join(str(error).partition("\n")[0].split())
            raise NotRead(f"is not a JSONPath: {lines}", "use the syntax of RFC 9535") from None
        except RecursionError:
            raise NotRead("is nested too deeply", "split it into several actions") from None


class _Parser(Parser):
    """Counts the nodes of the queries in filters as well."""

    def parse_absolute_query(self, stream: TokenStream) -> BaseExpression:
        return _counted(super().parse_absolute_query(stream))

    def parse_relative_query(self, stream: TokenStream) -> BaseExpression:
        return _counted(super().parse_relative_query(stream))


class _Environment(JSONPathEnvironment):
    parser_class = _Parser

    def __init__(self) -> None:
        super().__init__(strict=True)
        self.most = self.left = bounds.SELECTED.value

    @property
    def max_recursion_depth(self) -> int:  # type: ignore[override]
        """The library reads this before it descends into a node, so it is the place to count nodes."""
        self.count()
        return bounds.DEPTH.value + 2

    def count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise NotRead(
                f"visits more than {self.most:,} values, including earlier queries",
                bounds.SELECTED.hint("use an explicit path instead of `..`"),
            )

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["match"] = _Pattern("^(?:", ")$")
        self.function_extensions["search"] = _Pattern("", "")


class _Pattern(FilterFunction):
    """`match` and `search` (RFC 9535, 2.4.6 and 2.4.7). A pattern that is not checked matches nothing."""

    arg_types: ClassVar[list[ExpressionType]] = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, before: str, after: str) -> None:
        self._before, self._after = before, after

    def __call__(self, value: object, pattern: object) -> bool:
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        return patterns.matches(f"{self._before}{_of_ecma(pattern)}{self._after}", value) is True


def _of_ecma(pattern: str) -> str:
    """A pattern of RFC 9485 as ECMA-262 has it: a dot is anything but the two that end a line (RFC 9485, 5.3)."""
    made: list[str] = []
    inside = escaped = False
    for char in pattern:
        made.append("[^\\n\\r]" if char == "." and not inside and not escaped else char)
        if not escaped and char in "[]":
            inside = char == "["
        escaped = char == "\\" and not escaped
    return "".join(made)


class _Node(JSONPathMatch):
    """A node that counts those below it, and spells no path for them."""

    __slots__ = ("_environment",)

    def __init__(self, environment: _Environment, obj: object, parts: Location, root: Any) -> None:
        self._environment = environment
        super().__init__(filter_context={}, obj=obj, parent=None, path="", parts=parts, root=root)

    def new_child(self, obj: object, key: int | str) -> _Node:
        self._environment.count()
        return _Node(self._environment, obj, (*self.parts, key), self.root)


class _Query(JSONPath):
    """A query whose nodes are counted."""

    def __init__(self, path: JSONPath) -> None:
        super().__init__(env=path.env, segments=path.segments)

    def finditer(self, data: Any, *, filter_context: Any = None) -> Iterable[JSONPathMatch]:
        nodes: Iterable[JSONPathMatch] = [_Node(cast(_Environment, self.env), data, (), data)]
        for segment in self.segments:
            nodes = segment.resolve(nodes)
        return nodes


def _counted(query: BaseExpression) -> BaseExpression:
    cast(FilterQuery, query).path = _Query(cast(FilterQuery, query).path)
    return query
