"""Where the changes stand, for hosts that show them beside the lines of a file."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from .change import Change


@dataclass(frozen=True)
class Location:
    """A place in a file, by its path from the working directory, with forward slashes."""

    path: str
    line: int
    column: int

    @property
    def uri(self) -> str:
        """The path as a relative reference of a URI."""
        return quote(self.path)


def location(change: Change) -> Location | None:
    """Where it stands in the new input; nothing for what only the old one has, and for what is in no file."""
    place = change.place
    if place is None or change.gone or not place.line or "://" in place.file:
        return None
    return Location(place.file, place.line, max(place.column, 1))


def details(change: Change) -> str:
    """All that it does, a line each: what breaks, or else what there is to know."""
    effects = [effect for effect in change.judged if effect.breaking] or [e for e in change.judged if e.text]
    lines = dict.fromkeys(f"{effect.surface}: {effect.text}" for effect in effects if effect.text)
    if len({effect.text for effect in effects}) == 1:
        lines = dict.fromkeys(effect.text for effect in effects)
    return "\n".join(lines)
