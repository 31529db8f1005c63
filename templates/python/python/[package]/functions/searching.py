"""Which functions a text speaks of, the best first.

words       what means the same is one word, and what nearly does
questions   what a text asks for: what is to be done, and to what
fulltext    BM25 over the texts of each function
profiles    what a function does, and to what
this        puts in order what the index finds: what does what is asked for, to what is asked for and to nothing more
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache

from . import fulltext
from .info import FunctionInfo, all_functions
from .profiles import Common, Profile, own_name
from .questions import JOINED, Question
from .words import IDLE, of_name, of_prose, stem, words

LONGEST = 1_000
"""Characters of a query."""
_DESCRIBED = 400
"""Characters of a description that are looked through: what a function is for stands at its beginning."""
_WHOSE = "me"
"""Tells whose something is, and not what it is."""
_CLOSE = 0.3
"""The share of the best one's weight that others are found with."""
_FEWEST = 5
"""Functions that are given whatever they weigh beside the best one, which a single rare word may have made so."""
_MOST = 100
"""Functions that are put in order: those that have most of the words."""

_DOES = {
    "read": {"read": 1.2, "": 0.4},
    "create": {"create": 1.35, "act": 1.15, "put": 1.1, "store": 1.0, "patch": 0.8, "": 0.5},
    "update": {"patch": 1.35, "put": 1.3, "store": 1.3, "act": 1.0, "create": 0.8, "delete": 0.6, "": 0.5},
    "delete": {"delete": 1.35, "act": 1.0, "store": 0.8, "put": 0.8, "patch": 0.8, "create": 0.6, "": 0.5},
    "act": {"create": 1.4, "act": 1.35, "put": 1.2, "store": 1.1, "patch": 1.1, "delete": 0.8, "": 0.5},
}
"""How much it counts that a function does what is asked for (a row), or something else."""
_NUMBER = 1.1
"""How much it counts that a function is about the list, or the one thing, that is asked for."""
_END, _WHOLE_END, _NEAR_END = 1.2, 1.4, 1.25
"""How much it counts that a path ends with the thing that is asked for, with words of the question only, or with such that
nearly mean the same."""
_SENTENCE = 2.0
"""How much it counts that the title or the summary says what was asked, in so many words."""
_COVERED = 0.7
"""How steeply it counts against a function that it has not all of the words."""
_IN_PATH, _PAIRED = 0.3, 0.15
"""The most that it counts for a function that its path has the words, and for each of two pairs that stand together."""
_BESIDE, _PATH_BESIDE, _RESOURCE_BESIDE = 0.5, 0.1, 0.2
"""The most that it counts against a function that its name, its path or its resource has words that were not asked for."""
_ELSEWHERE = 0.85
"""How much it counts that neither name nor path has a word of what the thing belongs to."""
_PARAMETER = 0.96
"""How much each parameter of a path counts: the plainer is asked for more."""
_OUTDATED = 0.6


class QueryError(ValueError):
    """A query that is too long to be searched for; the message says how long it may be."""


def search(text: str, infos: Iterable[FunctionInfo], longest: int = LONGEST) -> list[FunctionInfo]:
    """The functions that a text speaks of, the best first; all for a text that says nothing.

    A word weighs more the fewer functions have it. Words that none has are passed over, so that a whole sentence finds
    what a word of it would. QueryError for a text of more than `longest` characters.
    """
    if len(text) > longest:
        raise QueryError(f"the query has {len(text):,} characters; it may have {longest:,}")
    named = {info.name: info for info in infos}
    question = Question(text)
    if not question.meant:
        return list(named.values())
    added = [info for info in named.values() if info.own_schemas is not None]
    functions = _functions(tuple((info.name, *_texts(info)) for info in added))
    ranking = _Ranking(functions, question)
    if not ranking.terms and IDLE.issuperset(words(text)):
        return list(named.values())
    weights = ranking.weights()
    likely = heapq.nlargest(_MOST, (name for name in weights if name in named), key=weights.__getitem__)
    ranked = {name: weights[name] * ranking.share(named[name]) for name in likely}
    least = _CLOSE * max(ranked.values(), default=0.0)
    best = sorted((named[name] for name in ranked), key=lambda info: (-ranked[info.name], *_care(info)))
    return [info for place, info in enumerate(best) if place < _FEWEST or ranked[info.name] >= least]


def _care(info: FunctionInfo) -> tuple[bool, bool, int, str]:
    """Among equals: what reads before what writes, what destroys last, and the plain before the special."""
    return "destructive" in info.classes, info.type != "read", len(info.name), info.name


class _Functions:
    """All functions: their index, and the profiles of those that were looked at."""

    def __init__(self, rows: Iterable[tuple[str, ...]]) -> None:
        infos = all_functions().values()
        self.index = fulltext.index([*((info.name, *_texts(info)) for info in infos), *rows])
        self._common = Common(infos)
        self._profiles: dict[str, Profile] = {}

    def profile(self, info: FunctionInfo) -> Profile:
        if info.name not in self._profiles:
            self._profiles[info.name] = Profile(info, self._common)
        return self._profiles[info.name]


@cache
def _functions(added: tuple[tuple[str, ...], ...]) -> _Functions:
    return _Functions(added)


def _texts(info: FunctionInfo) -> tuple[str, ...]:
    """What a function is found by, a text for each of the weights."""
    name = f"{own_name(info)} {info.operation_id} {' '.join(info.keywords)}"
    prose = (info.title, info.summary, info.path, info.description[:_DESCRIBED], " ".join(info.arguments))
    return (" ".join(of_name(name)), *(" ".join(of_prose(text)) for text in prose))


class _Ranking:
    """The functions in the light of one question."""

    def __init__(self, functions: _Functions, question: Question) -> None:
        self._functions = functions
        self._question = question
        having = functions.index.having
        joined: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for word, whole in question.joined():
            if having(whole):
                joined[word][whole] = JOINED
        self.terms: list[tuple[str, float, Mapping[str, float], Mapping[str, float]]] = []
        """Each word that is known, with its rarity; how much functions speak of it, and how nearly."""
        self._stems = {stem(whole) for wholes in joined.values() for whole in wholes}
        self._near = {*self._stems}
        self._of: set[str] = set()
        for term in question.terms():
            parts: dict[str, float] = {}
            shares: dict[str, float] = {}
            for word, share in {**term.alternatives, **joined[term.word]}.items():
                for name, part in having(word).items():
                    parts[name] = max(parts.get(name, 0.0), part * share)
                    shares[name] = max(shares.get(name, 0.0), share)
            if not parts:
                continue
            self._near |= {stem(word) for word in (*term.alternatives, *joined[term.word])}
            known = len(having(term.word)) if term.word in term.alternatives else 0
            if known:
                self._stems.add(stem(term.word))
                if term.of:
                    self._of.add(stem(term.word))
            # As rare as the word itself: another one that is rarer is no better for it.
            count = known or len(parts)
            rarity = term.weight * math.log(1 + (functions.index.size - count + 0.5) / (count + 0.5))
            self.terms.append((term.word, rarity, parts, shares))
        self._total = sum(rarity for _, rarity, _, _ in self.terms)

    def weights(self) -> dict[str, float]:
        """What the texts of each function weigh that has one of the words."""
        total: defaultdict[str, float] = defaultdict(float)
        for _, rarity, parts, _ in self.terms:
            for name, part in parts.items():
                total[name] += part * rarity
        # `my sites` are sites first: what is about me and no site was not asked for.
        about = {name for word, _, parts, _ in self.terms if word != _WHOSE for name in parts}
        return {name: weight for name, weight in total.items() if name in about or not about}

    def share(self, info: FunctionInfo) -> float:
        """What a function's weight is to be multiplied with."""
        profile = self._functions.profile(info)
        covered = sum(rarity * shares.get(info.name, 0.0) for _, rarity, _, shares in self.terms) / self._total
        plain = math.pow(covered, _COVERED) * math.pow(_PARAMETER, profile.parameters)
        share = self._done(profile) * self._thing(profile) * self._beside(profile) * plain
        return share * (_OUTDATED if profile.outdated else 1.0)

    def _done(self, profile: Profile) -> float:
        """Whether it does what is asked for."""
        kinds = [_DOES[kind] for kind in self._question.doing]
        return max((kind.get(profile.does, kind[""]) for kind in kinds), default=1.0)

    def _thing(self, profile: Profile) -> float:
        """Whether it does so to what is asked for."""
        share = 1.0
        several, wanted = profile.several, self._question.several
        if profile.does in ("delete", "put", "patch"):
            several = not profile.one
        elif profile.does != "read":
            several = None
        if several is not None and wanted is not None:
            share *= _NUMBER if several == wanted else 1 / _NUMBER
        if profile.last:
            share *= _END if self._question.things & profile.last else 1.0
            share *= _WHOLE_END if profile.last <= self._stems else _NEAR_END if profile.last <= self._near else 1.0
        if {*self._question.meant} in profile.sentences:
            share *= _SENTENCE
        if self._stems:
            share *= 1 + _IN_PATH * len(self._stems & profile.path) / len(self._stems)
        if self._question.pairs:
            together = len(self._question.pairs & profile.pairs) / len(self._question.pairs)
            share *= 1 + _PAIRED * together * min(2, len(self._question.pairs))
        return share

    def _beside(self, profile: Profile) -> float:
        """Less the more it is about that was not asked for."""
        idle = {"me", "user"} if "me" in profile.named else {"me"}
        named = [word for word in profile.named if word not in idle]
        share = 1.0
        if named:
            share -= _BESIDE * sum(word not in self._near for word in named) / len(named)
        if profile.path:
            share *= 1 - _PATH_BESIDE * len(profile.beside - self._near) / len(profile.path)
        if profile.resource & self._near:
            share *= 1 - _RESOURCE_BESIDE * len(profile.resource - self._near) / len(profile.resource)
        if self._of and self._of.isdisjoint(profile.path | {*profile.named}):
            share *= _ELSEWHERE
        return share
