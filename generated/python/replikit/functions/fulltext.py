"""Scores how relevant each text of a function is to a word: BM25 by SQLite's FTS5 with Porter's stems, else a plain
count."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log
from typing import Protocol

from .words import stem

WEIGHTS = {"name": 4.0, "title": 3.0, "summary": 3.0, "path": 2.0, "description": 0.7, "arguments": 0.5}
"""The weight of a word in each text of a function."""
_REMEMBERED = 256
"""Words whose functions are cached."""


class Index(Protocol):
    """All functions, by the words of their texts."""

    size: int

    def having(self, word: str) -> Mapping[str, float]:
        """The functions that have a word, with their scores, which leave the rarity of the word out."""
        ...


def index(rows: Sequence[tuple[str, ...]]) -> Index:
    """rows: the name of each function, and a text for each of the weights."""
    try:
        return FullText(rows)
    except Exception as error:  # noqa: BLE001 - no module, or one that was built without the extension
        from ..runtime.logs import logger

        logger.debug("searching without FTS5: %s", type(error).__name__)
        return Counted(rows)


class FullText:
    """The index of SQLite, in memory."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        import sqlite3

        self.size = len(rows)
        self._turn = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        columns = ", ".join(WEIGHTS)
        self._database.execute(f"CREATE VIRTUAL TABLE functions USING fts5(id UNINDEXED, {columns}, tokenize = porter)")
        places = ", ".join("?" * (len(WEIGHTS) + 1))
        self._database.executemany(f"INSERT INTO functions VALUES ({places})", rows)
        weights = ", ".join(str(weight) for weight in WEIGHTS.values())
        self._query = f"SELECT id, -bm25(functions, 0.0, {weights}) FROM functions WHERE functions MATCH ?"
        self.having = lru_cache(_REMEMBERED)(self._having)

    def _having(self, word: str) -> Mapping[str, float]:
        with self._turn:  # quoted, a word is data to the language of queries
            rows: list[tuple[str, float]] = self._database.execute(self._query, (f'"{word}"',)).fetchall()
        if not rows:
            return {}
        # FTS5 counts a word that more than half of the functions have as good as nothing: its rarity is taken out, so
        # that the ranking can put in one that is never so small.
        rarity = max(log((self.size - len(rows) + 0.5) / (len(rows) + 0.5)), 1e-6)
        return {name: weight / rarity for name, weight in rows}


class Counted:
    """The same without SQLite: the weightiest of the texts that have a word."""

    def __init__(self, rows: Sequence[tuple[str, ...]]) -> None:
        self.size = len(rows)
        self._words: dict[str, dict[str, float]] = {}
        for name, *texts in rows:
            for weight, text in zip(WEIGHTS.values(), texts, strict=True):
                for word in text.split():
                    counts = self._words.setdefault(stem(word), {})
                    counts[name] = max(counts.get(name, 0.0), weight)

    def having(self, word: str) -> Mapping[str, float]:
        """The functions that have a word, with their scores."""
        return self._words.get(stem(word), {})
