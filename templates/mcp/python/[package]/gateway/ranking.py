"""Which functions of all APIs a text speaks of: BM25 over what hosts know of each, helped by each API's own search.

An API's own search knows its descriptions and paths; but what it gives is ranked among its own functions alone. So here
a word weighs more the fewer functions of all APIs have it, and what an API's own search put first gets a share on top.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..functions.words import of_name, of_prose, of_question, stem
from .contract import Record

K1, B = 1.2, 0.75
"""BM25's constants as they are mostly chosen: how soon a word's repetition stops to count, and how much length does."""
_NAMED, _TITLED = 3, 2
"""How often words of a name, and of a title or an API, count."""
_SHARE = 0.6
"""Of the best weight, what the first of an API's own search gets on top; the ones after it ever less."""

_UNSEEN = 3
"""Of an API's own search, how many are taken that no word of here finds."""
_CLOSE = 0.3
"""The share of the best one's weight that others are found with."""

Key = tuple[str, str]
"""An API and the name of a function."""


@dataclass(frozen=True)
class Ranking:
    """All functions of all APIs, counted once."""

    words: Mapping[Key, Counter[str]]
    having: Mapping[str, Sequence[Key]]
    average: float

    @classmethod
    def of(cls, apis: Iterable[tuple[str, str, Iterable[Record]]]) -> Ranking:
        """apis: the name and the title of each, and its functions."""
        words: dict[Key, Counter[str]] = {}
        having: dict[str, list[Key]] = {}
        for api, title, records in apis:
            about = _stems(of_name(f"{api} {title}"))
            for record in records:
                counted = Counter(about * _TITLED)
                counted.update(_stems(of_name(f"{record.short} {' '.join(record.keywords)}")) * _NAMED)
                counted.update(_stems(of_prose(record.title)) * _TITLED)
                counted.update(_stems(of_prose(f"{record.summary} {' '.join(record.arguments)}")))
                words[api, record.name] = counted
                for word in counted:
                    having.setdefault(word, []).append((api, record.name))
        total = sum(counted.total() for counted in words.values())
        return cls(words, having, total / len(words) if words else 1.0)

    def found(self, text: str, first: Mapping[str, Sequence[str]]) -> list[Key]:
        """The functions that a text speaks of, the best first. first: what each API's own search put first."""
        weights: defaultdict[Key, float] = defaultdict(float)
        for word, times in Counter(_stems(of_question(text))).items():
            keys = self.having.get(word, ())
            rarity = math.log(1 + (len(self.words) - len(keys) + 0.5) / (len(keys) + 0.5))
            for key in keys:
                often, length = self.words[key][word], self.words[key].total() / self.average
                weights[key] += times * rarity * often * (K1 + 1) / (often + K1 * (1 - B + B * length))
        best = max(weights.values(), default=1.0)
        for api, names in first.items():
            keys = [(api, name) for name in names if (api, name) in self.words]
            keys = [key for place, key in enumerate(keys) if key in weights or place < _UNSEEN]
            # Its own search knows more of an API than this one: the order is its own, only the weights are of here.
            ordered = sorted((weights[key] for key in keys), reverse=True)
            for place, (key, weight) in enumerate(zip(keys, ordered, strict=True)):
                weights[key] = weight + best * _SHARE / (1 + place)
        least = _CLOSE * max(weights.values(), default=0.0)
        near = (key for key, weight in weights.items() if weight >= least)
        return sorted(near, key=lambda key: (-weights[key], key))


def _stems(words: Iterable[str]) -> list[str]:
    return [stem(word) for word in words]
