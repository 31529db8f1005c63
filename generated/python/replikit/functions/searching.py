"""Which functions a text speaks of, the best first."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache

from .info import FunctionInfo, all_functions

LONGEST = 1_000
"""Characters of a query."""
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
_BENT = 0.8
"""The share of its weight that a word keeps in another form."""
_CLOSE = 0.5
"""The share of the best one's weight that others are found with."""


class QueryError(ValueError):
    """A query that is too long to be searched for; the message says how long it may be."""


def search(text: str, infos: Iterable[FunctionInfo], longest: int = LONGEST) -> list[FunctionInfo]:
    """The functions that a text speaks of, the best first; all for a text that says nothing.

    A word weighs more the fewer functions have it. Words that none has are passed over, so that a whole sentence finds
    what a word of it would. QueryError for a text of more than `longest` characters.
    """
    if len(text) > longest:
        raise QueryError(f"the query has {len(text):,} characters; it may have {longest:,}")
    given = {info.name: info for info in infos}
    words = _words(text)
    asked = [word for word in words if word not in _SKIPPED] or words
    if not asked:
        return list(given.values())
    more = _index_of(info for info in given.values() if info.own_schemas is not None)
    index = _index()
    found: dict[str, float] = {}
    for word, times in Counter(asked).items():
        best: dict[str, float] = {}
        for form, share in (_forms(word) | _forms(_SAME.get(word, word))).items():
            both = {**index.get(form, {}), **more.get(form, {})}
            weights = {name: weight for name, weight in both.items() if name in given}
            rarity = share * math.log(1 + len(given) / len(weights)) if weights else 0.0
            for name, weight in weights.items():
                best[name] = max(best.get(name, 0.0), weight * rarity)
        for name, weight in best.items():
            found[name] = found.get(name, 0.0) + times * weight
    least = _CLOSE * max(found.values(), default=0.0)
    matched = [given[name] for name, weight in found.items() if weight >= least]
    return sorted(matched, key=lambda info: (-found[info.name], *_care(info)))


def _care(info: FunctionInfo) -> tuple[bool, bool, int, str]:
    """Among equals: what reads before what writes, what destroys last, and the plain before the special."""
    return "destructive" in info.classes, info.type != "read", len(info.name), info.name


@cache
def _index() -> dict[str, dict[str, float]]:
    return _index_of(all_functions().values())


def _index_of(infos: Iterable[FunctionInfo]) -> dict[str, dict[str, float]]:
    """What each form of a word weighs in each function that has it: form -> function -> weight."""
    index: dict[str, dict[str, float]] = {}
    for info in infos:
        for weight, text in (
            (_TOLD, f"{info.description} {' '.join(info.arguments)} {info.path}"),
            (_SAID, info.summary),
            (_CALLED, info.title),
            (_NAMED, f"{info.name} {info.operation_id} {' '.join(info.keywords)}"),
        ):
            for word in _words(text):
                for form, share in _forms(word).items():
                    weights = index.setdefault(form, {})
                    weights[info.name] = max(weights.get(info.name, 0.0), share * weight)
    return index


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _forms(word: str) -> dict[str, float]:
    """A word as it is and without its ending, which counts for a little less: `running` is not quite `run`."""
    return {_stem(word): _BENT, word: 1.0}


def _stem(word: str) -> str:
    """A word without its ending, as far as that tells `models` from `model` or `tuning` from `tune`."""
    for ending in ("ings", "ing", "ies", "es", "ed", "s", "e", "y"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            return word[:-1] if word[-1] == word[-2] and ending in ("ing", "ings", "ed") else word
    return word
