"""Which functions a text speaks of, the best first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from .info import FunctionInfo, all_functions

_SKIPPED = {
    *("a", "all", "am", "an", "and", "any", "can", "do", "does", "for", "from", "have", "how", "i", "in", "is", "it"),
    *("me", "my", "of", "on", "or", "that", "the", "to", "want", "what", "with"),
}
_SAME = {
    "abort": "cancel",
    "add": "create",
    "change": "update",
    "edit": "update",
    "fetch": "get",
    "make": "create",
    "new": "create",
    "read": "get",
    "remove": "delete",
    "retrieve": "get",
    "show": "get",
    "start": "create",
    "stop": "cancel",
}
"""Verbs that mean what another verb of HTTP's APIs is named by."""
_NAMED, _CALLED, _SAID, _TOLD = 4.0, 3.0, 2.0, 1.0
"""What a word weighs: in a name or a keyword, in the title, in the summary, in the rest."""
_CLOSE = 0.5
"""The share of the best one's weight that others are found with."""


def search(text: str, infos: Iterable[FunctionInfo]) -> list[FunctionInfo]:
    """The functions that a text speaks of, the best first; all for a text that says nothing.

    A word weighs more the fewer functions have it. Words that none has are passed over, so that a whole sentence finds
    what a word of it would.
    """
    given = list(infos)
    words = _words(text)
    asked = [word for word in words if word not in _SKIPPED] or words
    if not asked:
        return given
    known = {info.name: _weights(info.name) for info in given}
    rarity = Counter(word for weights in known.values() for word in weights)
    found: dict[str, float] = {}
    for word in asked:
        stems = {_stem(word), _stem(_SAME.get(word, word))} & rarity.keys()
        for name, weights in known.items():
            heard = [weights[stem] * math.log(1 + len(given) / rarity[stem]) for stem in stems if stem in weights]
            if heard:
                found[name] = found.get(name, 0.0) + max(heard)
    least = _CLOSE * max(found.values(), default=0.0)
    matched = [info for info in given if info.name in found and found[info.name] >= least]
    return sorted(matched, key=lambda info: (-found[info.name], *_care(info)))


def _care(info: FunctionInfo) -> tuple[bool, bool, int, str]:
    """Among equals: what reads before what writes, what destroys last, and the plain before the special."""
    return "destructive" in info.classes, info.type != "read", len(info.name), info.name


@cache
def _weights(name: str) -> dict[str, float]:
    """What each word of a function weighs there."""
    info = all_functions()[name]
    weights: dict[str, float] = {}
    for weight, text in (
        (_TOLD, f"{info.description} {' '.join(info.input_schema.get('properties', ()))} {info.path}"),
        (_SAID, info.summary),
        (_CALLED, info.title),
        (_NAMED, f"{info.name} {info.operation_id} {' '.join(info.keywords)}"),
    ):
        weights.update(dict.fromkeys(map(_stem, _words(text)), weight))
    return weights


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _stem(word: str) -> str:
    """A word without its ending, as far as that tells `models` from `model` or `tuning` from `tune`."""
    for ending in ("ings", "ing", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            return word[:-1] if word[-1] == word[-2] and ending in ("ing", "ings", "ed") else word
    return word
