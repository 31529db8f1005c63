"""Names of operations that the catalog does not name: unique, and independent of the order of the operations.

An operation is called as `calling` has it. Where that is what another one is called as well, both take their next choice:
with the words of the path that tell the two apart; their operationId, and that with such words; method and path; those
with every sign and placeholder in words; those with every capital letter too. A name that is whole never gives
way to one that had to be shortened. Each that is not called as it is written stands in the ledger.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from .. import names
from ..ir import Words
from ..names import words
from ..names.english import LITTLE, singular
from ..read.openapi import Operation
from .calling import Calling, calling
from .context import Context
from .grouping import usage
from .shortening import shorter

_SIGNS = {
    "!": "bang", '"': "quote", "#": "hash", "$": "dollar", "%": "percent", "&": "ampersand",
    "'": "apostrophe", "(": "open", ")": "close", "*": "star", "+": "plus", ",": "comma", "-": "dash", ".": "dot",
    "/": "slash", ":": "colon", ";": "semicolon", "<": "less", "=": "equals", ">": "greater", "?": "question",
    "@": "at", "[": "bracket", "\\": "backslash", "]": "unbracket", "^": "caret", "_": "underscore", "`": "backtick",
    "{": "brace", "|": "bar", "}": "unbrace", "~": "tilde",
}  # fmt: skip

_CAPITALS = re.compile("[A-Z]+")
_CAPITAL_WORD = re.compile("[A-Z]+(?![a-z])|[A-Z]")
"""The capital letters that a word begins with, or is: of `HTTPServer` both."""
_PLAINEST = ("GET", "QUERY", "POST", "PATCH", "PUT", "DELETE")

C = TypeVar("C", bound=Hashable)


@dataclass(frozen=True)
class Identity:
    """Who an operation is."""

    key: str
    """What a catalog calls it: its operationId, or words where it has none of its own."""
    name: str
    """The function's."""
    group: tuple[Words, ...]
    verb: Words


@dataclass(frozen=True)
class _Choice:
    """One way to call an operation."""

    rank: int
    """0 for the plainest."""
    full: Words
    name: Words
    verb: Words
    whole: bool
    """Whether the name has all of its words."""
    method: str = ""
    wished: bool = False
    """Whether an extension of the document asks for it."""


@dataclass(frozen=True)
class Naming:
    """The name, group and verb that a catalog or an extension gives an operation."""

    name: str = ""
    group: tuple[Words, ...] | None = None
    verb: Words | None = None
    wished: Words | None = None
    """Its verb, where no other operation of its group has that."""


NOTHING = Naming()


def identities(
    context: Context, operations: Sequence[Operation], declared: Mapping[Operation, Naming] | None = None
) -> dict[Operation, Identity]:
    """The identity of every operation: declared names stay, and derived ones give way to them.

    declared: None to look at them as they are without a catalog; nothing is entered in the ledger then.
    """
    known = usage(words(context.name), operations)
    called = {operation: calling(operation, known) for operation in operations}
    declarations = [(declared or {}).get(operation, NOTHING) for operation in operations]
    groups = [
        _renamed(context, called[operation].group, declared is not None) if each.group is None else each.group
        for operation, each in zip(operations, declarations, strict=True)
    ]
    if declared is not None:
        context.tags = known.tags
    telling = (
        _telling(
            {operation: names.SNAKE.spell(prefixed(context.name, each.name)) for operation, each in called.items()}
        ),
        _telling({o: names.SNAKE.spell(prefixed(context.name, words(o.id))) for o in operations if o.id}),
    )
    choices = [
        _wished(
            _choices(context.name, operation, called[operation], *(ids.get(operation) for ids in telling)), each.wished
        )
        for operation, each in zip(operations, declarations, strict=True)
    ]
    order = sorted(range(len(operations)), key=lambda i: (operations[i].path, operations[i].method))

    def named(name: Words, spelled: str) -> Iterator[Hashable]:
        yield "name", spelled
        yield "class", names.PYTHON_CLASS.spell(without(context.name, name))

    def claims(index: int, choice: _Choice) -> Iterator[Hashable]:
        # Declared names stay: if two are equal, the rules cite both.
        if not declarations[index].name:
            yield from named(choice.name, names.SNAKE.spell(choice.name))
        if declarations[index].verb is None:
            yield from _members(groups[index], choice.verb)

    taken = {
        claim for group in groups for depth in range(len(group)) for claim in _members(group[:depth], group[depth])
    }
    for group, each in zip(groups, declarations, strict=True):
        if each.name:
            taken |= set(named(words(each.name), each.name))
        if each.verb is not None:
            taken |= set(_members(group, each.verb))
    chosen = apart(choices, claims, taken, order, _numbered, _strength)
    written = Counter(operation.id or fallback(operation) for operation in operations)
    keys = {key for key, count in written.items() if count == 1}
    result = {}
    for operation, group, choice, each in ((operations[i], groups[i], chosen[i], declarations[i]) for i in order):
        key = operation.id or fallback(operation)
        if written[key] > 1:
            key = _free("_".join(words(f"{operation.method} {operation.path}")), keys)
        name = each.name or str(names.SNAKE.spell(choice.name))
        result[operation] = Identity(key, name, group, choice.verb if each.verb is None else each.verb)
        if declared is not None and not each.name:
            _enter(context, operation, choice, name)
        elif declared is not None and each.verb is None and choice.rank:
            reason = (
                f"{name!r} has the same name in its group as another operation; named {'_'.join(choice.verb)!r} there"
            )
            context.lose(operation.at, "degraded", reason)
    return result


def _wished(choices: Iterator[_Choice], verb: Words | None) -> Iterator[_Choice]:
    """The choices, after the first one with another verb."""
    if verb is not None:
        first = next(choices)
        yield replace(first, verb=verb, wished=True)
        yield first
    yield from choices


def _enter(context: Context, operation: Operation, choice: _Choice, name: str) -> None:
    shown = repr(operation.id) if operation.id else f"{operation.method} {operation.path}"
    if choice.rank:
        context.lose(operation.at, "degraded", f"{shown} has the same name as another operation; named {name!r}")
    elif choice.name != choice.full:
        context.lose(operation.at, "degraded", f"the name of {shown} is too long for a tool; named {name!r}")


def _free(wanted: str, taken: set[str]) -> str:
    number, key = 2, wanted
    while key in taken:
        key = f"{wanted}_{number}"
        number += 1
    taken.add(key)
    return key


def apart(
    choices: Sequence[Iterator[C]],
    claims: Callable[[int, C], Iterable[Hashable]],
    taken: set[Hashable],
    order: Sequence[int],
    numbered: Callable[[C, int], C],
    claim_of: Callable[[C], tuple[Any, ...]] = lambda choice: (),
) -> list[C]:
    """For each item the first of its choices whose claims nobody else makes.

    Where several make one, those that have moved on least take their next choice, all of them, so that the outcome does
    not depend on the order of the items; one whose claim is weaker gives way to one that has a stronger. Those that have
    no choice left are numbered, in the order given.
    """
    chosen = [next(each) for each in choices]
    coming: dict[int, C | None] = {}
    moved = [0] * len(chosen)
    owners: defaultdict[Hashable, set[int]] = defaultdict(set)

    def claim(index: int) -> set[Hashable]:
        made = set(claims(index, chosen[index]))
        for each in made:
            owners[each].add(index)
        return made

    def ahead(index: int) -> bool:
        if index not in coming:
            coming[index] = next(choices[index], None)
        return coming[index] is not None

    touched = {each for index in range(len(chosen)) for each in claim(index)}
    stuck: set[int] = set()
    while touched:
        moving: set[int] = set()
        for each in touched:
            rivals = owners[each]
            if len(rivals) < 2 and each not in taken:
                continue
            strongest = max((claim_of(chosen[index]) for index in rivals), default=())
            free = [index for index in rivals if ahead(index)]
            free = [index for index in free if claim_of(chosen[index]) < strongest] or free
            least = min((moved[index] for index in free), default=0)
            moving |= {index for index in free if moved[index] == least}
            stuck |= rivals if not free else set()
        left: set[Hashable] = set()  # whoever stays where one went may still be several
        for index in moving:
            for each in set(claims(index, chosen[index])):
                owners[each].discard(index)
                left.add(each)
            following = coming.pop(index)
            assert following is not None
            chosen[index] = following
            moved[index] += 1
        touched = left | {each for index in moving for each in claim(index)}
    numbers: Counter[C] = Counter()
    for index in (index for index in order if index in stuck):
        last = chosen[index]
        mine = set(claims(index, last))
        while any(each in taken or owners[each] - {index} for each in mine):
            numbers[last] = number = max(numbers[last], 1) + 1
            for each in mine:
                owners[each].discard(index)
            chosen[index] = numbered(last, number)
            mine = set(claims(index, chosen[index]))
            for each in mine:
                owners[each].add(index)
    return chosen


def _choices(
    prefix: str, operation: Operation, called: Calling, telling: Words | None, telling_id: Words | None
) -> Iterator[_Choice]:
    """All ways to call an operation, the plainest first."""
    lead = words(prefix)
    *outer, last = called.group or ((),)
    alone = len(called.verb) == 1 or called.verb[1] in LITTLE  # what it is done with is the group, and stays
    nouns = {each for step in (outer if alone else called.group) for word in step for each in (word, singular(word))}
    nouns -= {each for word in last for each in (word, singular(word)) if alone}
    for rank, spelled, verb in _spelled(operation, called, telling, telling_id):
        full = prefixed(prefix, spelled)
        for name in shorter(full, lead, nouns, operation.path):
            yield _Choice(rank, full, name, verb, name == full, operation.method)


def _spelled(
    operation: Operation, called: Calling, telling: Words | None, telling_id: Words | None
) -> Iterator[tuple[int, Words, Words]]:
    """How far from the plainest; what it may be called in the API, and in its group. Its own name again where only its
    rivals have more words.
    """
    yield 0, called.name, called.verb
    if telling is not None:
        yield int(telling != ()), (*called.name, *telling), (*called.verb, *telling)
    if operation.id:
        whole, own = words(operation.id), words(re.split("[./]", operation.id)[-1])
        yield 2, whole, own
        if telling_id is not None:
            yield 3, (*whole, *telling_id), (*own, *telling_id)
    rest = (words(f"{operation.method} {operation.path}"), *spellings(operation.path, operation.method))
    yield from ((rank, each, each) for rank, each in enumerate(rest, 4))


def _telling(spelled: Mapping[Operation, str]) -> dict[Operation, Words]:
    """For operations that are spelled alike: the words of its path and method that not all of them have.

    Those of the path alone where they do; none where even all of them leave two alike.
    """
    alike: defaultdict[str, list[Operation]] = defaultdict(list)
    for operation, name in spelled.items():
        alike[str(name)].append(operation)
    names_of: dict[Operation, Words] = {}
    for rivals in alike.values():
        if len(rivals) < 2:
            continue
        steps = [
            [s for s in each.path.split("/") if any(map(str.isalnum, s)) and not s.startswith("{")] for each in rivals
        ]
        plain = [tuple(word for step in own for word in words(step)) for own in steps]
        endpoints = [words(f"{each.method} {each.path}") for each in rivals]
        for every in (plain, endpoints):
            common = set[str].intersection(*map(set, every))
            own = [tuple(dict.fromkeys(word for word in each if word not in common)) for each in every]
            if len(set(own)) == len(own):
                names_of.update(zip(rivals, own, strict=True))
                break
    return names_of


def _strength(choice: _Choice) -> tuple[Any, ...]:
    """Of names that were shortened to the same one, the one that lost least keeps it: what comes later moves no other.

    Of whole ones that of the plainest method does: `search` is the GET beside the POST that searches as well.
    """
    if choice.whole:
        plainest = -_PLAINEST.index(choice.method) if choice.method in _PLAINEST else -len(_PLAINEST)
        return True, choice.wished, plainest
    lost = sum(map(len, choice.full)) - sum(map(len, choice.name))
    return False, -choice.rank, -lost, choice.full


def _numbered(choice: _Choice, number: int) -> _Choice:
    more = (str(number),)
    room = names.TOOL - len(more[0]) - 1
    name = choice.name
    while len(name) > 1 and len("_".join(name)) > room:
        name = name[:-1]
    return _Choice(choice.rank + number, (*choice.full, *more), (*name, *more), (*choice.verb, *more), False)


def _members(group: tuple[Words, ...], verb: Words) -> Iterator[Hashable]:
    """The names that a function or a group takes in the group that it belongs to."""
    key = ".".join("_".join(step) for step in group)
    yield "method", key, str(names.PYTHON.spell(verb))
    yield "command", key, str(names.FLAG.spell(verb))


def _renamed(context: Context, group: tuple[Words, ...], final: bool) -> tuple[Words, ...]:
    """A group that was derived, or one of those that it is in, by the name that the catalog gives it."""
    listed = context.catalog.groups if context.catalog and final else {}
    steps = ["_".join(step) for step in group]
    for depth in range(len(steps), 0, -1):
        key = ".".join(steps[:depth])
        if key in listed and listed[key].name:
            context.groups[listed[key].name] = key
            own = tuple(words(step) for step in listed[key].name.split("."))
            for further in range(depth + 1, len(steps) + 1):
                context.groups[".".join([listed[key].name, *steps[depth:further]])] = ".".join(steps[:further])
            return (*own, *group[depth:])
    return group


def fallback(operation: Operation) -> str:
    """The key of an operation without an operationId."""
    return "_".join((operation.method.lower(), *(w for w in re.findall(r"[A-Za-z0-9]+", operation.path))))


def spellings(text: str, *before: str) -> Iterator[Words]:
    """A path or a name in ever more words: with its signs; with every slash and its words' capital letters too; with
    each capital letter apart, which tells `Id` from `ID`."""
    lead = tuple(word for each in before for word in words(each))
    segments = re.sub(r"\{([^{}]*)\}", r" by \1 ", text)
    inner = segments.strip("/") if segments != "/" else segments
    signs = re.sub(r"(?<=[^/])/(?=[^/])", " ", inner) + ("/" if text.endswith("/") and len(text) > 1 else "")
    yield (*lead, *words(_signs_in_words(signs)))
    spelled = _signs_in_words(text)
    yield (*lead, *words(_CAPITAL_WORD.sub(lambda match: f" capital {match[0].lower()}", spelled)))
    yield (*lead, *words(_CAPITALS.sub(lambda match: f" capital {match[0].lower()} ", spelled)))


def _signs_in_words(text: str) -> str:
    return "".join(f" {_SIGNS[char]} " if char in _SIGNS else char for char in text)


def prefixed(prefix: str, name: Words) -> Words:
    """The name with the API's before it, once, also where that is written as one word."""
    lead = words(prefix)
    if len(name) > 1 and name[0] == "".join(lead):
        return (*lead, *name[1:])
    return name if name[: len(lead)] == lead else (*lead, *name)


def without(prefix: str, name: Words) -> Words:
    """The name without the API's before it."""
    lead = words(prefix)
    return name[len(lead) :] if name[: len(lead)] == lead and len(name) > len(lead) else name
