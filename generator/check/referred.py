"""A document as it is written, gone through part by part: each `$ref` followed, nothing fetched.

Only files are read that the document was read from. What a part says stands where its reference leads; where the part
stands is where the reference does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

from ..errors import SpecError
from ..ir import Place
from ..read.source import Source, escape, is_index, load, steps

_HOPS = 50
"""References that are followed one after the other."""


class Unfollowed(ValueError):
    """A reference that leads nowhere, or to what is not read."""


@dataclass(frozen=True, slots=True)
class Part:
    """A value of the document."""

    files: Files
    where: tuple[Source, str]
    """The file and the pointer at which it is used."""
    source: Source
    pointer: str
    """And at which it is written: where its references led."""
    value: Any

    def __contains__(self, key: str) -> bool:
        return isinstance(self.value, dict) and key in self.value

    def __truediv__(self, key: str | int) -> Part:
        """The part under a key or an index that is there. Unfollowed where its reference leads nowhere."""
        value, pointer = self.value[key], f"{self.pointer}/{escape(str(key))}"
        if type(value) is dict and isinstance(value.get("$ref"), str):
            return Part(self.files, (self.source, pointer), *self.files.followed(self.source, pointer, value))
        return Part(self.files, (self.source, pointer), self.source, pointer, value)

    def items(self) -> Iterator[tuple[str, Part]]:
        """The entries of a mapping; nothing for anything else."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield key, self / key

    def values(self) -> Iterator[Part]:
        """The values of a mapping; nothing for anything else."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield self / key

    def elements(self) -> Iterator[Part]:
        """The elements of a list; nothing for anything else."""
        for index in range(len(self.value) if isinstance(self.value, list) else 0):
            yield self / index

    def place(self, below: Iterable[Any] = ()) -> Place:
        """Where it is used, or where the value stands that this way leads to from it."""
        source, pointer = self.where
        at = self
        for step in below:
            source, pointer = at.source, f"{at.pointer}/{escape(str(step))}"
            try:
                at = at / step
            except (Unfollowed, LookupError, TypeError):
                at = Part(self.files, (source, pointer), source, pointer, None)
        return source.place(pointer)


class Files:
    """The files that a document was read from."""

    def __init__(self, source: Source, paths: Iterable[Path]) -> None:
        self.uri = source.path.resolve().as_uri()
        self._document = source
        self._paths = {path.resolve().as_uri(): path for path in paths}
        self._read: dict[str, Source] = {self.uri: source}
        self._uris: dict[int, str] = {id(source): self.uri}
        self._anchors: dict[int, dict[str, tuple[str, Any]]] = {}

    @property
    def root(self) -> Part:
        """The document itself."""
        return Part(self, (self._document, ""), self._document, "", self._document.value)

    def uri_of(self, source: Source) -> str:
        """What the references of a file are relative to."""
        return self._uris[id(source)]

    def source(self, uri: str) -> Source:
        """A file. Unfollowed for any that the document was not read from."""
        if uri not in self._read:
            if uri not in self._paths:
                raise Unfollowed(f"{urlsplit(uri).scheme or 'a file'} is not read: {uri[:80]}")
            try:
                self._read[uri] = load(self._paths[uri])
            except SpecError as error:
                raise Unfollowed(str(error)) from None
            self._uris[id(self._read[uri])] = uri
        return self._read[uri]

    def followed(self, source: Source, pointer: str, value: Any) -> tuple[Source, str, Any]:
        """What a value is when its references are followed: its file, its pointer there, and the value itself."""
        hops = 0
        while isinstance(value, dict) and isinstance(ref := value.get("$ref"), str):
            hops += 1
            if hops > _HOPS:
                raise Unfollowed(f"{ref[:80]!r} leads to itself, or too far")
            if ref[:1] == "#":
                fragment = ref[1:]
            else:
                uri, fragment = urldefrag(urljoin(self.uri_of(source), ref))
                source = self.source(uri)
            pointer, value = self._at(source, unquote(fragment), ref)
        return source, pointer, value

    def _at(self, source: Source, fragment: str, ref: str) -> tuple[str, Any]:
        if fragment and not fragment.startswith("/"):
            found = self._named(source).get(fragment)
            if found is None:
                raise Unfollowed(f"{ref[:80]!r} leads nowhere")
            return found
        value = source.value
        for step in steps(fragment):
            if isinstance(value, dict) and step in value:
                value = value[step]
            elif isinstance(value, list) and is_index(step, len(value)):
                value = value[int(step)]
            else:
                raise Unfollowed(f"{ref[:80]!r} leads nowhere")
        return fragment, value

    def _named(self, source: Source) -> dict[str, tuple[str, Any]]:
        """The schemas of a file that name themselves by `$anchor`, each with its pointer."""
        if id(source) not in self._anchors:
            found: dict[str, tuple[str, Any]] = {}
            todo: list[tuple[str, Any]] = [("", source.value)]
            while todo:
                pointer, value = todo.pop()
                if isinstance(value, dict):
                    for key in ("$anchor", "$dynamicAnchor"):
                        if isinstance(name := value.get(key), str):
                            found.setdefault(name, (pointer, value))
                    todo += [(f"{pointer}/{escape(str(key))}", inner) for key, inner in value.items()]
                elif isinstance(value, list):
                    todo += [(f"{pointer}/{index}", inner) for index, inner in enumerate(value)]
            self._anchors[id(source)] = found
        return self._anchors[id(source)]
