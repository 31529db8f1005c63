"""YAML and JSON with the place of every node; bounded in size, depth and aliases.

A scalar is what JSON Schema means by it: `2024-01-01`, `on` and `NO` are strings, and so is every key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, cast

import yaml

from .errors import SpecError
from .ir import Place

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 200
MAX_NODES = 5_000_000

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Base):  # type: ignore[misc]
    """Resolves what JSON knows and nothing else."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}


_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(?:null|Null|NULL|~|)$"), ["n", "N", "~", ""])
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?[0-9]+$"), list("-+0123456789"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)
_SCALARS: dict[str, Callable[[str], Any]] = {
    "tag:yaml.org,2002:null": lambda text: None,
    "tag:yaml.org,2002:bool": lambda text: text[0] in "tT",
    "tag:yaml.org,2002:int": int,
    "tag:yaml.org,2002:float": float,
}


@dataclass(frozen=True)
class Source:
    """One file as written."""

    file: str
    """As people are told of it: relative to where they stand where it can be."""
    path: Path
    value: Any
    tree: Any
    """The composed YAML nodes, which know their lines."""

    def place(self, pointer: str) -> Place:
        """Where the node of this JSON pointer stands; where a step is missing, its nearest parent."""
        node, mark = self.tree, self.tree.start_mark
        for step in steps(pointer):
            found = None
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == step:
                        found, mark = value, key.start_mark
            elif isinstance(node, yaml.SequenceNode) and step.isdigit() and int(step) < len(node.value):
                found = node.value[int(step)]
                mark = found.start_mark
            if found is None:
                break
            node = found
        return Place(self.file, mark.line + 1, mark.column + 1, pointer)


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands. Reading below it keeps the place."""

    source: Source
    pointer: str
    value: Any

    @property
    def place(self) -> Place:
        return self.source.place(self.pointer)

    def get(self, key: str) -> Node | None:
        """The node under a key, or None."""
        if isinstance(self.value, dict) and key in self.value:
            return Node(self.source, f"{self.pointer}/{escape(key)}", self.value[key])
        return None

    def items(self) -> Iterator[tuple[str, Node]]:
        """The entries of a mapping; nothing for anything else."""
        if isinstance(self.value, dict):
            for key, value in self.value.items():
                yield key, Node(self.source, f"{self.pointer}/{escape(key)}", value)

    def elements(self) -> Iterator[Node]:
        """The elements of a sequence; nothing for anything else."""
        if isinstance(self.value, list):
            for index, value in enumerate(self.value):
                yield Node(self.source, f"{self.pointer}/{index}", value)

    def text(self, key: str) -> str:
        """A string under a key; empty where there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """True where `true` is written under a key."""
        return isinstance(self.value, dict) and self.value.get(key) is True

    def error(self, what: str, hint: str = "") -> SpecError:
        """An error that cites this place."""
        return SpecError(str(self.place), what, hint)


def escape(step: str) -> str:
    """One step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """The steps of a JSON pointer."""
    return [s.replace("~1", "/").replace("~0", "~") for s in pointer.split("/")[1:]]


def load(path: Path) -> Source:
    """The file at a path. Raises SpecError where it cannot be read, is too large or is not YAML."""
    name = _shown(path)
    try:
        size = path.stat().st_size
        data = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise SpecError(
            name, f"cannot be read: {error.strerror or error}", "name a file that exists and can be read"
        ) from None
    if size > MAX_BYTES:
        raise SpecError(
            name, f"is {size:,} bytes; at most {MAX_BYTES:,} are read", "split it, or remove what is not needed"
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise SpecError(f"{name}:{line}:1", "is not UTF-8", "save it as UTF-8") from None
    return parse(text, name, path)


def parse(text: str, name: str, path: Path) -> Source:
    """A text as the file at a path, called `name` in errors. Raises SpecError where it is not YAML."""
    if text.lstrip()[:1] == "{":
        text = _PAIR.sub(_joined, text)
    try:
        tree = cast(Any, yaml.compose(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name
        raise SpecError(
            where, f"is not valid YAML: {error.problem or error.context}", "mend the syntax at that place"
        ) from None
    except yaml.YAMLError as error:
        raise SpecError(
            name, f"is not valid YAML: {' '.join(str(error).split())}", "remove the character named"
        ) from None
    except RecursionError:
        raise SpecError(name, f"is nested deeper than {MAX_DEPTH} levels", "flatten it") from None
    if tree is None:
        raise SpecError(f"{name}:1:1", "is empty", "write a document into it")
    return Source(name, path, value_of(tree, name), tree)


_PAIR = re.compile(r"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
"""A character that JSON escapes in two halves, which YAML does not know."""


def _joined(match: re.Match[str]) -> str:
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))


def value_of(node: Any, name: str = "") -> Any:
    """The plain value of a composed node. Raises SpecError where it is nested too deep or too large."""
    return _Values(name).of(node, 0)


class _Values:
    """Plain values from composed nodes, counting every visit, so that aliases cannot multiply without bound."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.count = 0

    def of(self, node: Any, depth: int) -> Any:
        self.count += 1
        if depth > MAX_DEPTH:
            raise self.error(node, f"is nested deeper than {MAX_DEPTH} levels, or holds itself", "flatten it")
        if self.count > MAX_NODES:
            raise self.error(
                node, f"holds more than {MAX_NODES:,} values once its aliases are followed", "use fewer aliases"
            )
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                if not isinstance(key, yaml.ScalarNode):
                    raise self.error(key, "a key must be a scalar", "write a plain string")
                if key.value in found:
                    raise self.error(key, f"the key {key.value!r} stands here a second time", "keep one of the two")
                found[key.value] = self.of(value, depth + 1)
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self.of(value, depth + 1) for value in node.value]
        convert = _SCALARS.get(node.tag)
        if convert is not None:
            try:
                return convert(node.value)
            except (ValueError, IndexError):
                raise self.error(node, f"{node.value[:40]!r} is not what its tag says", "remove the tag") from None
        return str(node.value)

    def error(self, node: Any, what: str, hint: str) -> SpecError:
        return SpecError(f"{self.file}:{node.start_mark.line + 1}:{node.start_mark.column + 1}", what, hint)


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name
