"""YAML and JSON with the place of every node; bounded in size, depth and number of values."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from ..errors import SpecError
from ..places import Place
from . import bounds, files
from .reading import Places, Reading, Unreadable

_LINE = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True)
class Source:
    """One file as written."""

    file: str
    """The path in messages: relative to the working directory if possible."""
    path: Path
    text: str = field(repr=False)
    reading: Reading = field(repr=False)
    data: bytes = field(default=b"", repr=False)
    """The bytes that were read."""
    left_out: dict[str, Any] = field(default_factory=dict, repr=False)
    """What was taken out of the value since, being of no kind that may stand there, by its pointer: a `$ref` may lead
    into it."""
    laid: tuple[tuple[int, Source], ...] = field(default=(), repr=False)
    """The overlays it was amended by: what begins at an offset from the number on stands in that file."""

    @property
    def value(self) -> Any:
        """The whole."""
        return self.reading.value

    @cached_property
    def _lines(self) -> list[int]:
        return [0, *(result.end() for result in _LINE.finditer(self.text))]

    def place(self, pointer: str) -> Place:
        """Where the node of this JSON pointer stands; where a step is missing, its nearest parent."""
        at: int = self.reading.start
        inside: Places | None = self.reading.places
        for step in steps(pointer):
            if isinstance(inside, dict) and step in inside:
                at, inside = inside[step]
            elif isinstance(inside, list) and is_index(step, len(inside)):
                at, inside = inside[int(step)]
            else:
                break
        return self.place_of(at, pointer)

    def place_of(self, at: int, pointer: str = "") -> Place:
        """Where an offset is: in this file, or in the overlay that it belongs to."""
        for base, overlay in reversed(self.laid):
            if at >= base:
                return Place(overlay.file, *overlay._position(at - base), pointer)
        return Place(self.file, *self._position(at), pointer)

    def _position(self, at: int) -> tuple[int, int]:
        line = bisect_right(self._lines, at)
        return line, at - self._lines[line - 1] + 1


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
        return SpecError(self.place, what, hint)


def escape(step: str) -> str:
    """One step of a JSON pointer."""
    return step.replace("~", "~0").replace("/", "~1") if "~" in step or "/" in step else step


def steps(pointer: str) -> list[str]:
    """The steps of a JSON pointer."""
    results = pointer.split("/")[1:]
    return [s.replace("~1", "/").replace("~0", "~") for s in results] if "~" in pointer else results


def is_index(step: str, length: int) -> bool:
    """Whether a step of a JSON pointer names an element of a list: RFC 6901 allows no sign and no leading zero."""
    plain = step.isascii() and step.isdigit() and len(step) < 10 and (step == "0" or step[0] != "0")
    return plain and int(step) < length


def beside(node: Node, name: str, root: Source, known: dict[Path, Source], inside: Path | None = None) -> Source:
    """The file that the `$ref` of a node names: inside the folder of the document `root`, read once, put into `known`.

    inside: a folder above that one, in which files may stand as well; but for hidden ones.
    SpecError where it cannot be read, or where the files of the document are too many or too large together.
    """
    folder = root.path.parent
    path = None
    if "://" not in name and not name.startswith(("/", "\\")):
        named = node.source.path.parent / unquote(name)
        path = files.below(folder, named) or (files.plain_below(inside, named) if inside is not None else None)
    if path is None:
        if inside is not None:
            what = f"$ref {name!r} is outside the root for references, or a hidden file"
            raise node.error(what, "reference a file below the root, or set another root with --root")
        hint = "reference a file next to the document, or set a folder above it with --root"
        raise node.error(f"$ref {name!r} is outside the folder of the document", hint)
    if path not in known:
        if len(known) >= bounds.FILES.value:
            what = f"$ref {name!r} exceeds the limit of {bounds.FILES.value:,} files"
            raise node.error(what, bounds.FILES.hint("combine some of them"))
        # Called by its way from the document, as people see it: two files of one name stay two.
        shown = posixpath.normpath(posixpath.join(posixpath.dirname(root.file), files.relative(folder, path)))
        try:
            data = files.content(path, shown)
        except SpecError as error:
            result = error.findings[0]
            raise node.error(f"$ref {name!r} refers to {shown}, which {result.what}", result.hint) from None
        if sum(len(source.data) for source in known.values()) + len(data) > bounds.BYTES.value:
            what = f"$ref {name!r}: with {shown} the document is larger than {bounds.BYTES.value:,} bytes"
            raise node.error(what, bounds.BYTES.hint("remove unneeded parts"))
        known[path] = parse(files.decoded(data, shown), shown, path, data)
    return known[path]


def load(path: Path) -> Source:
    """The file at a path. Raises SpecError where it cannot be read, is too large or is neither YAML nor JSON."""
    shown = _shown(path)
    data = files.content(path, shown)
    return parse(files.decoded(data, shown), shown, path, data)


def parse(text: str, name: str, path: Path, data: bytes = b"") -> Source:
    """A text as the file at a path, called `name` in errors. Raises SpecError where it is neither YAML nor JSON."""
    try:
        return Source(name, path, text, _read(text, path), data)
    except Unreadable as error:
        line = len(_LINE.findall(text, 0, error.offset)) + 1
        start = max(text.rfind("\n", 0, error.offset), text.rfind("\r", 0, error.offset)) + 1
        raise SpecError(Place(name, line, error.offset - start + 1, ""), error.what, error.hint) from None


def is_json(text: str) -> bool:
    """Whether a text looks like JSON: YAML in flow style does so too."""
    return text.lstrip()[:1] in ("{", "[")


def _read(text: str, path: Path) -> Reading:
    if not text.strip():
        raise Unreadable(0, "is empty", "add a document to it")
    if path.suffix == ".json":
        from . import json_reader

        return json_reader.read(text)
    if is_json(text):
        from . import json_reader

        try:
            return json_reader.read(text)
        except Unreadable as error:
            if not error.syntax:
                raise
    from . import yaml_reader

    return yaml_reader.read(text)


def _shown(path: Path) -> str:
    try:
        return path.resolve().relative_to(Path.cwd()).as_posix()
    except (ValueError, OSError, RuntimeError):
        return path.name
