"""A function's name that is too long for a tool, in fewer words: whole ones as long as there are any.

First go the words that say nothing new: those that repeat the API's name or one another, filler, those that repeat
the group; then those that the path says as well, its placeholders before its earlier steps; then those in the middle.
Of two that would then be called alike, each is tried with the words that were dropped last.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import chain, combinations, islice, pairwise

from .. import names
from ..names import Words, words
from ..names.english import verb_size

_FILLER = frozenset(
    ["a", "an", "and", "api", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "using", "via"]
    + ["v1", "v2", "v3", "v4", "v5", "with"]
)
_LEADING = frozenset(
    ["and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "using", "via", "with"]
)
"""Fillers that belong to the word after them."""
_TRIES = 80
"""Ways in whole words, before letters go."""
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def fits(name: Words) -> bool:
    """Whether hosts take a tool of that name."""
    return len(names.SNAKE.spell(name)) <= names.TOOL


def shorter(name: Words, prefix: Words, group: Collection[str], path: str) -> Iterator[Words]:
    """The name as it is where it fits, and nothing else; else every way to shorten it, the most readable first."""
    if fits(name):
        yield name
        return
    head, rest = _lead(name[: len(prefix)]), name[len(prefix) :]
    order = _dropped_first(rest, head, group, path)
    plain, gone = _without(head, rest, order, ())
    if plain[len(head) :] == rest[: (verb := verb_size(rest))] != rest[:1]:
        # All that is done leaves no room for what it is done to: `create` has to do for `create or update`.
        yield from shorter((*name[: len(prefix)], rest[0], *rest[verb:]), prefix, group, path)
    yield plain
    late = list(reversed(gone))
    kept = chain(((place,) for place in late), combinations(late[:10], 2))
    ways = (_without(head, rest, order, each)[0] for each in kept)
    for result in chain(islice(ways, _TRIES // 2), islice(_fewest(head, rest, order, len(gone)), _TRIES // 2)):
        leads_on = result[-1] in _LEADING and rest[-1] not in _LEADING  # to a word that went
        stutters = any(one == other for one, other in pairwise(result[len(head) :]))
        if not leads_on and not stutters and (len(result) > len(head) + 1 or len(rest) < 3):
            yield result
    for letters in (8, 5, 3):
        yield _cut(head, [word[:letters] for word in rest])


def _dropped_first(rest: Words, head: Words, group: Collection[str], path: str) -> list[int]:
    """The places of the words, in the order in which they are dropped; the first word, mostly a verb, goes last, and what
    else is done before it: `create_update` would be neither."""
    placeholders = {word for each in _PLACEHOLDER.findall(path) for word in words(each)}
    *earlier, last = [step for step in path.split("/") if step and not _PLACEHOLDER.search(step)] or [""]
    steps = {word for step in earlier for word in words(step)} - set(words(last))
    api = {*head, "".join(head)}
    verb = verb_size(rest)

    def rank(place: int) -> tuple[int, int]:
        word = rest[place]
        if place < verb:
            return 9, -place
        if word in api or word in rest[:place]:
            return 0, place
        if word in _FILLER:
            return 1, -place
        if word in group:
            return 2, place
        if word in placeholders:
            return 3, place
        if word in steps:
            return 4, place
        return 5, abs(place - len(rest) // 2)

    return sorted(range(len(rest)), key=rank)


def _without(head: Words, rest: Words, order: Sequence[int], kept: Collection[int]) -> tuple[Words, list[int]]:
    """The name that is left when it fits, and the places of the words that went."""
    left, gone = set(range(len(rest))), []
    for place in order:
        if fits((*head, *(rest[each] for each in sorted(left)))) or len(left) == 1:
            break
        if place not in kept:
            left.discard(place)
            gone.append(place)
    while len(left) > 1 and rest[max(left)] in _LEADING and max(left) not in kept:
        gone.append(max(left))  # what it led to went
        left.discard(max(left))
    return _cut(head, [rest[place] for place in sorted(left)]), gone


def _fewest(head: Words, rest: Words, order: Sequence[int], count: int) -> Iterator[Words]:
    """What fits with so many words dropped, or one or two more, whichever these are."""
    for size in (count, count + 1, count + 2):
        for gone in combinations(order[:-1], size):
            name = (*head, *(word for place, word in enumerate(rest) if place not in gone))
            if fits(name):
                yield name


def _lead(prefix: Words) -> Words:
    """As much of the API's name as leaves half of the room to the function's own words."""
    kept: Words = ()
    for word in prefix:
        room = names.TOOL // 2 - len("_".join((*kept, "")))
        if len(word) > room:
            return kept or (word[:room],)
        kept = (*kept, word)
    return kept


def _cut(head: Words, rest: Sequence[str]) -> Words:
    """Words that still do not fit lose letters at their ends, the longest first, until few are left; then words go."""
    left = list(rest)
    while not fits((*head, *left)):
        longest = max(range(len(left)), key=lambda place: len(left[place]))
        over = len(names.SNAKE.spell((*head, *left))) - names.TOOL
        word = left[longest]
        if len(word) - over >= 6:
            left[longest] = word[: len(word) - over]
        elif len(left) > 2:
            del left[len(left) // 2]
        else:
            left[longest] = word[: max(1, len(word) - over)]
    return (*head, *left)
