"""Results as a model can take them: valid JSON of a bounded length, shortened by structure and never cut through."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .text import encode

LIMIT = 19_000
"""Characters of JSON; with the description of the rest and the mark they are 20,000 at most. Hosts refuse 25,000 tokens."""

_STRINGS = (16_000, 4_000, 1_000, 400, 120, 40)
_DEPTHS = (64, 8, 5, 3, 2)
"""Levels that are kept. Readers of JSON give up at 128 or 200, and with the result they would lose the frame."""
_ENOUGH = 10
"""Elements of a list worth more than the tails of long strings."""
_FIELDS = 60
_NOTES = 12
_URL = 500
"""Characters of a URL that are never cut: half a URL is of no use."""


def fit(document: dict[str, Any], rest: str = "", limit: int = LIMIT) -> dict[str, Any]:
    """The document itself where it fits, otherwise a shorter one whose `truncated` says what was left out and where.

    rest: how to get what was left out.
    """
    try:
        return _fitted(document, rest, limit)
    except RecursionError:
        return {"truncated": {"reason": "the result is nested too deeply to be shown"}}


def _fitted(document: dict[str, Any], rest: str, limit: int) -> dict[str, Any]:
    if len(encode(document)) <= limit and not deeper(document, _DEPTHS[0]):
        return document
    longest = _longest_list(document)
    best: dict[str, Any] | None = None
    for depth in _DEPTHS:
        for strings in _STRINGS:
            low, high, fitted = 0, longest, None
            while low <= high:
                middle = (low + high) // 2
                candidate = _Cut(limit, depth, strings, middle, rest).document(document)
                if len(encode(candidate)) <= limit:
                    fitted, low = candidate, middle + 1
                else:
                    high = middle - 1
            if fitted is not None and high >= min(_ENOUGH, longest):
                return fitted
            best = best or fitted
    return best or {"truncated": {"reason": f"the result does not fit into {limit} characters"}}


def deeper(value: Any, levels: int) -> bool:
    """Whether a value is nested more deeply than so many levels."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return levels < 0 or any(deeper(item, levels - 1) for item in inner)


def _longest_list(value: Any) -> int:
    if isinstance(value, dict):
        return max((_longest_list(item) for item in value.values()), default=0)
    if isinstance(value, list):
        return max(len(value), max((_longest_list(item) for item in value), default=0))
    return 0


@dataclass
class _Cut:
    """One way of shortening, and the note of what it left out."""

    limit: int
    depth: int
    strings: int
    items: int
    rest: str
    left_out: list[dict[str, Any]] = field(default_factory=list)
    count: int = 0

    def document(self, value: dict[str, Any]) -> dict[str, Any]:
        shorter: dict[str, Any] = self.cut(value, "", self.depth)
        note: dict[str, Any] = {
            "reason": f"the result was longer than {self.limit} characters, or nested too deeply",
            "left_out": self.left_out,
        }
        if self.rest:
            note["rest"] = self.rest
        if self.count > len(self.left_out):
            note["more_places"] = self.count - len(self.left_out)
        return {**shorter, "truncated": note}

    def cut(self, value: Any, path: str, depth: int) -> Any:
        if isinstance(value, str) and len(value) > self.strings and not _is_url(value):
            self.note(path, "characters", self.strings, len(value))
            return f"{value[: self.strings]}…"
        if isinstance(value, list):
            kept = value[: self.items if depth else 0]
            if len(kept) < len(value):
                self.note(path, "items", len(kept), len(value))
            return [self.cut(item, f"{path}/{index}", depth - 1) for index, item in enumerate(kept)]
        if isinstance(value, dict):
            names = list(value)[: _FIELDS if depth else 0]
            if len(names) < len(value):
                self.note(path, "fields", len(names), len(value))
            return {name: self.cut(value[name], f"{path}/{name}", depth - 1) for name in names}
        return value

    def note(self, path: str, unit: str, kept: int, of: int) -> None:
        self.count += 1
        if len(self.left_out) < _NOTES:
            self.left_out.append({"at": path[:200] or "/", "unit": unit, "kept": kept, "of": of})


def _is_url(text: str) -> bool:
    return len(text) <= _URL and text.startswith(("https://", "http://")) and " " not in text
