"""Values with the places at which they are written, put together anew: what is rewritten still knows where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .reading import Places, Reading
from .source import Source, escape


@dataclass(frozen=True, slots=True)
class Part:
    """A value, where in the text it begins, the places of what is in it, and its JSON pointer as it was read."""

    value: Any
    at: int
    inside: Places | None
    pointer: str

    @classmethod
    def of(cls, source: Source) -> Part:
        """The whole of a file."""
        return cls(source.value, source.reading.start, source.reading.places, "")

    def get(self, key: str) -> Part | None:
        """What stands under a key, or None."""
        return self._below(key) if isinstance(self.value, dict) and key in self.value else None

    def items(self) -> Iterator[tuple[str, Part]]:
        """The entries of a mapping; nothing for anything else."""
        for key in self.value if isinstance(self.value, dict) else ():
            yield key, self._below(key)

    def elements(self) -> Iterator[Part]:
        """The elements of a sequence; nothing for anything else."""
        for index, value in enumerate(self.value if isinstance(self.value, list) else ()):
            at, inside = self.inside[index] if isinstance(self.inside, list) else (self.at, None)
            yield Part(value, at, inside, f"{self.pointer}/{index}")

    def text(self, key: str) -> str:
        """A string under a key; empty where there is none."""
        result = self.value.get(key) if isinstance(self.value, dict) else None
        return result if isinstance(result, str) else ""

    def same(self, value: Any) -> Part:
        """A value without parts of its own, which stands where this one does."""
        return Part(value, self.at, None, self.pointer)

    def mapping(self, parts: Mapping[str, Part]) -> Part:
        """The mapping of these parts, which stands where this one does."""
        places: Places = {key: (part.at, part.inside) for key, part in parts.items()}
        return Part({key: part.value for key, part in parts.items()}, self.at, places, self.pointer)

    def sequence(self, parts: Sequence[Part]) -> Part:
        """The list of these parts, which stands where this one does."""
        return Part([part.value for part in parts], self.at, [(part.at, part.inside) for part in parts], self.pointer)

    def reading(self, degraded: list[tuple[str, str]]) -> Reading:
        """The part as a whole file."""
        return Reading(self.value, self.inside, self.at, degraded)

    def _below(self, key: str) -> Part:
        inside = self.inside
        at, places = inside[key] if isinstance(inside, dict) and key in inside else (self.at, None)
        return Part(self.value[key], at, places, f"{self.pointer}/{escape(key)}")
