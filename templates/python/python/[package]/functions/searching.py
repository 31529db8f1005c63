"""Which functions a text speaks of, the best first.

words       what means the same is one word
the index   BM25 over the texts of a function, by SQLite's FTS5 with Porter's stems; without FTS5 a plain count
this        of what the index finds the order: what does what is asked for, to what is asked for and to nothing more
"""

from __future__ import annotations

import heapq
import math
import re
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Protocol

from .info import FunctionInfo, all_functions
from .words import IDLE, LOOKING, READING, asked, indexed, stem, told, words

LONGEST = 1_000
"""Characters of a query."""
_COLUMNS = {"name": 4.0, "title": 3.0, "summary": 3.0, "path": 2.0, "description": 0.7, "arguments": 0.5}
"""What a word weighs in each text of a function."""
_DESCRIBED = 400
"""Characters of a description that are looked through: what a function is for stands at its beginning."""
_WHOSE = "me"
"""Tells whose something is, and not what it is."""
_CLOSE = 0.3
"""The share of the best one's weight that others are found with."""
_FEWEST = 5
"""Functions that are given whatever they weigh beside the best one, which a single rare word may have made so."""
_DOING = {
    "create": ("POST", "PUT"),
    "delete": ("DELETE",),
    "update": ("PATCH", "PUT", "POST"),
    "upload": ("POST", "PUT"),
}
"""The methods of what is done, the likeliest first."""
_MOST = 100
"""Functions that are put in order: those that have most of the words."""
_AFTER_VERBS = frozenset({"a", "all", "an", "another", "me", "my", "new", "somebody", "someone", "that", "the", "this"})
"""Words whose forerunner, where a sentence begins with it, tells what to do: `star a repository`."""
_AFTER_OTHERS = frozenset({"on", "to"})
"""The same where the forerunner is not many things: `reply to a comment`, and not `replies to a comment`."""
_RIGHT, _LIKELY, _WRONG = 1.35, 1.25, 0.65
"""How much it counts that a function does what is asked for, or something else."""
_KIND = 1.15
"""How much it counts that a function gives the list, or the one thing, that is asked for."""
_BESIDE = 0.5
"""The most that it counts against a function that it is about things that were not asked for."""

_END = 1.2
"""How much it counts that a path ends with what was asked for."""
_SAID = 1.4
"""How much it counts that the title or the summary says what was asked, in so many words."""
_THERE = 0.3
"""The most that it counts for a function that its path names the things that were asked for."""
_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?")


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
    meant = asked(text)
    if not meant:
        return list(given.values())
    added = [info for info in given.values() if info.own_schemas is not None]
    index = _index(tuple((info.name, *_texts(info)) for info in added))
    sought = index.known(_and_joined(meant))
    if not sought and IDLE.issuperset(words(text)):
        return list(given.values())
    weights = index.weights(sought) if sought else {}
    if others := [word for word in sought if word != _WHOSE]:
        # `my sites` are sites first: what is about me and no site was not asked for.
        about = index.weights(others)
        weights = {name: weight for name, weight in weights.items() if name in about}
    asking = _Asking(text, sought)
    likely = heapq.nlargest(_MOST, (name for name in weights if name in given), key=weights.__getitem__)
    found = {name: weights[name] * asking.share(given[name]) for name in likely}
    least = _CLOSE * max(found.values(), default=0.0)
    best = sorted((given[name] for name in found), key=lambda info: (-found[info.name], *_care(info)))
    return [info for place, info in enumerate(best) if place < _FEWEST or found[info.name] >= least]


def _care(info: FunctionInfo) -> tuple[bool, bool, int, str]:
    """Among equals: what reads before what writes, what destroys last, and the plain before the special."""
    return "destructive" in info.classes, info.type != "read", len(info.name), info.name


class _Asking:
    """What a question is after, beside its words: something to be done, or to be seen; one thing, or all of them."""

    def __init__(self, text: str, sought: Sequence[str]) -> None:
        plain = words(text)
        self._stems = {stem(word) for word in sought}
        self._words = {*sought}
        self._reading = any(word in READING for word in plain[:1])
        self._doing = "" if self._reading else next((word for word in sought if word in _DOING), "")
        verb = len(plain) > 2 and (plain[1] in _AFTER_VERBS or (plain[1] in _AFTER_OTHERS and plain[0][-1] != "s"))
        self._telling = verb and not self._reading
        nouns = [word for word in plain if len(word) > 3 and not word.endswith("ss")]
        self._several = "all" in plain or "list" in plain or any(word.endswith("s") for word in nouns)

    def share(self, info: FunctionInfo) -> float:
        """What a function's weight is to be multiplied with."""
        return self._done(info) * self._kind(info) * self._plain(info) * (0.6 if info.deprecated else 1.0)

    def _done(self, info: FunctionInfo) -> float:
        if self._doing:
            methods = _DOING[self._doing]
            return _WRONG if info.method not in methods else _RIGHT if info.method == methods[0] else _LIKELY
        if self._reading or self._telling:
            return _RIGHT if (info.type == "read") == self._reading else _WRONG
        return 1.0

    def _kind(self, info: FunctionInfo) -> float:
        if info.type != "read":
            return 1.0
        return _KIND if (info.path.endswith("s") or info.page is not None) == self._several else 1 / _KIND

    def _plain(self, info: FunctionInfo) -> float:
        """Less the more a function is about that was not asked for."""
        steps = [step for step in info.path.split("/") if step and not step.startswith("{")]
        last = [stem(word) for word in indexed(" ".join(steps[-1:]))]
        said = dict.fromkeys(indexed(_name(info)))
        idle = {"me", "user"} if "me" in said else {"me"}
        named = [stem(word) for word in said if word not in READING - LOOKING and word not in idle]
        beside = [word for word in named if word not in self._stems and not _VERSION.fullmatch(word)]
        missed = len(beside) / len(named) if named else 0.0
        end = _END if last and self._stems.issuperset(last) else 1.0
        if self._words in ({*asked(info.title)}, {*asked(info.summary)}):
            end *= _SAID
        there = {stem(word) for word in indexed(" ".join(steps))}
        return end * (1 - _BESIDE * missed) * (1 + _THERE * len(self._stems & there) / len(self._stems))


def _name(info: FunctionInfo) -> str:
    """The name without the API's own, which all of them have."""
    return info.name.partition("_")[2]


def _texts(info: FunctionInfo) -> tuple[str, ...]:
    """What a function is found by, a text for each of the columns."""
    name = f"{_name(info)} {info.operation_id} {' '.join(info.keywords)}"
    prose = (info.title, info.summary, info.path, info.description[:_DESCRIBED], " ".join(info.arguments))
    return (" ".join(indexed(name)), *(" ".join(told(text)) for text in prose))


def _and_joined(meant: Sequence[str]) -> list[str]:
    """The words, each once, and what they may be written as: `config map` as one, `deploy`, of which Porter's stem is
    another, as `deployment`."""
    things = [f"{word}ment" for word in meant if word.endswith(("ay", "oy"))]
    return list(dict.fromkeys([*meant, *things, *(a + b for a, b in pairwise(meant))]))


class _Index(Protocol):
    def known(self, sought: Sequence[str]) -> list[str]:
        """Those of the words that any function has."""
        ...

    def weights(self, sought: Sequence[str]) -> dict[str, float]:
        """What each function weighs that has one of these words."""
        ...


@cache
def _index(added: tuple[tuple[str, ...], ...]) -> _Index:
    rows = [*((info.name, *_texts(info)) for info in all_functions().values()), *added]
    try:
        return _FullText(rows)
    except Exception as error:  # noqa: BLE001 - no module, or one that was built without the extension
        from ..runtime.logs import logger

        logger.debug("searching without FTS5: %s", type(error).__name__)
        return _Counted(rows)


class _FullText:
    """The index of SQLite, in memory."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        import sqlite3

        self._turn = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        columns = ", ".join(_COLUMNS)
        self._database.execute(f"CREATE VIRTUAL TABLE functions USING fts5(id UNINDEXED, {columns}, tokenize = porter)")
        places = ", ".join("?" * (len(_COLUMNS) + 1))
        self._database.executemany(f"INSERT INTO functions VALUES ({places})", rows)
        shares = ", ".join(str(weight) for weight in _COLUMNS.values())
        self._query = f"SELECT id, -bm25(functions, 0.0, {shares}) FROM functions WHERE functions MATCH ?"

    def known(self, sought: Sequence[str]) -> list[str]:
        query = "SELECT 1 FROM functions WHERE functions MATCH ? LIMIT 1"
        with self._turn:
            return [word for word in sought if self._database.execute(query, (f'"{word}"',)).fetchone()]

    def weights(self, sought: Sequence[str]) -> dict[str, float]:
        terms = " OR ".join(f'"{word}"' for word in sought)  # quoted, a word is data to the language of queries
        with self._turn:
            rows: list[tuple[str, float]] = self._database.execute(self._query, (terms,)).fetchall()
        return dict(rows)


class _Counted:
    """The same without SQLite: each word by its rarity and by the texts that have it."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self._all = len(rows)
        self._words: dict[str, dict[str, float]] = {}
        for name, *texts in rows:
            for weight, text in zip(_COLUMNS.values(), texts, strict=True):
                for word in text.split():
                    found = self._words.setdefault(stem(word), {})
                    found[name] = max(found.get(name, 0.0), weight)

    def known(self, sought: Sequence[str]) -> list[str]:
        return [word for word in sought if stem(word) in self._words]

    def weights(self, sought: Sequence[str]) -> dict[str, float]:
        total: dict[str, float] = {}
        for word in dict.fromkeys(map(stem, sought)):
            found = self._words[word]
            rarity = math.log(1 + self._all / len(found))
            for name, weight in found.items():
                total[name] = total.get(name, 0.0) + weight * rarity
        return total
