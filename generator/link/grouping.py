"""The nouns of an operation: from its operationId before a dot, a slash or a verb, its tag, or its path."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..names import Words, words
from ..names.english import VERBS, is_plural, is_verb, listed, one_of, singular
from ..read.openapi import Operation
from .nouns import Route, Step, is_version, route

Group = tuple[Words, ...]

DEEPEST = 3
"""Groups within one another, where the nouns of a path make them."""
_NOTHING = listed(
    "all api apis basics controller core default endpoint endpoints essentials general index main misc none operation operations"
    " other others public rest resource resources root service services tag tags untagged v1 v2 v3 v4"
)
"""Tags that say nothing, and words that say nothing at the end of one."""
_ENDINGS = frozenset(["api", "apis", "controller", "endpoint", "endpoints", "operations"])
_ACTIONS = frozenset(["action", "actions"])
"""What the tag of what is done with a noun ends with."""
_FEW = 3
"""OperationIds from which on what all of a tag begin with is a habit."""
_MANY, _FURTHER = 10, 4
"""Operations, and nouns behind the first, from which on that first noun holds all that there is."""
CASED = re.compile(r"[a-z][A-Z]|-")
_ALTERNATIVE = re.compile(r"(.{1,200}?)_?(?:[aA]lt_?[0-9]*|_[0-9]{1,2})\Z", re.DOTALL)


@dataclass(frozen=True)
class Usage:
    """What the operations of a document have in common."""

    api: Words
    tags: Mapping[str, Group] = field(default_factory=dict)
    """The group of each tag that names one."""
    short: Mapping[Group, Words] = field(default_factory=dict)
    """What the operationIds of a group begin with instead of its noun: `repo` of `repositories`."""
    lead: Words = ()
    """The noun that all paths go through first, one item of it: `accounts`."""
    collections: Collection[Words] = frozenset()
    """Nouns of paths that have items."""
    paths: Mapping[str, str] = field(default_factory=dict)
    """The path of each operationId."""


def usage(api: Words, operations: Sequence[Operation]) -> Usage:
    """Facts about all operations that naming each of them needs."""
    nouns: set[Words] = set()
    collections: set[Words] = set()
    firsts: dict[str, list[Words]] = {}
    for operation in operations:
        result = route(operation.path, operation.method, api)
        nouns.update(step.noun for step in result.steps)
        collections.update(step.noun for step in result.steps if step.item and is_plural(step.noun))
        for tag in tags_of(operation)[:1]:
            firsts.setdefault(tag, []).append(result.steps[0].noun if result.steps else ())
    written = {one_of(noun): noun for noun in sorted(nouns) if one_of(noun) not in nouns}
    written |= {one_of(noun): noun for noun in sorted(collections)}
    tags = {tag: group for tag in sorted(firsts) if (group := _of_tag(tag, api, written))}
    # The only tag gives way where the paths bring operations together, in groups that are several.
    alone = len(firsts) == 1 and 1 < len(set(*firsts.values())) <= len(*firsts.values()) // 2
    tags = {} if alone else tags
    paths = {operation.id: operation.path for operation in operations if operation.id}
    return Usage(api, tags, dict(_short(operations, tags)), _lead(operations, api), collections, paths)


def _short(operations: Sequence[Operation], tags: Mapping[str, Group]) -> Iterator[tuple[Group, Words]]:
    """Groups half of whose operationIds begin with the first letters of their noun."""
    begun: dict[Group, Counter[str]] = {}
    for operation in operations:
        group = next((tags[tag] for tag in tags_of(operation) if tag in tags), ())
        own = words(operation.id) if says(operation.id) else ()
        if len(group) == 1 and len(group[0]) == 1 and own:
            begun.setdefault(group, Counter())[own[0]] += 1
    for group, firsts in begun.items():
        word, count = firsts.most_common(1)[0]
        noun = one_of(group[0])[0]
        if len(noun) > len(word) > 2 and noun.startswith(word) and count >= max(_FEW, sum(firsts.values()) // 2):
            yield group, (word,)


def _lead(operations: Sequence[Operation], api: Words) -> Words:
    """The noun whose items hold all else that there is, as an account does; nothing where there is none such."""
    routes = [result for operation in operations if (result := route(operation.path, operation.method, api)).steps]
    if len(routes) < _MANY:
        return ()
    noun, count = Counter(outcome.steps[0].noun for outcome in routes).most_common(1)[0]
    behind = [value.steps[1].noun for value in routes if value.steps[0] == Step(noun, item=True) and value.steps[1:]]
    whole = count >= 0.95 * len(routes) and len(behind) >= 0.8 * len(routes)
    return noun if whole and len(set(behind)) >= _FURTHER else ()


def alternative(key: str, document: Usage) -> str:
    """The operationId that one with a number behind it is another of: `get_albums` of `get_albums_alt1`."""
    match = _ALTERNATIVE.fullmatch(key)
    return match[1] if match and match[1] in document.paths else ""


def tags_of(operation: Operation) -> list[str]:
    tags = operation.node.value.get("tags")
    return [tag for tag in tags if isinstance(tag, str) and says(tag)] if isinstance(tags, list) else []


def says(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _of_tag(tag: str, api: Words, written: Mapping[Words, Words]) -> Group:
    """The group of a tag; none where it says nothing. `admin.users` is one in another.

    written: nouns of paths, by their singulars.
    """
    if "\\" in tag:
        parts = tag.split("\\")
    elif re.fullmatch(r"[^\s.]+(?:\.[^\s.]+)+", tag):
        parts = tag.split(".")
    else:
        parts = [re.sub(r"\(([^()]*)\)\s*\Z", _initials(tag), tag)]
    steps: list[Words] = []
    for part in parts:
        if not says(part):
            continue
        declared = words(part)
        while declared and (
            is_version(declared[0]) or declared[0] in ("api", "".join(api)) or _is_release(declared[0])
        ):
            declared = declared[1:]
        while len(declared) > 1 and declared[: len(api)] == api and len(declared) > len(api):
            declared = declared[len(api) :]
        while len(declared) > 1 and (
            declared[-1] in _ENDINGS or (declared[-1] in _ACTIONS and one_of(declared[:-1]) in written)
        ):
            declared = declared[:-1]
        if steps and len(declared) > len(steps[-1]) and one_of(declared[: len(steps[-1])]) == one_of(steps[-1]):
            declared = declared[len(steps[-1]) :]
        if declared and "".join(declared) != "".join(api) and not (len(declared) == 1 and declared[0] in _NOTHING):
            steps.append(written.get(one_of(declared), declared))
    return tuple(steps)


def _is_release(word: str) -> bool:
    return re.fullmatch(r"[a-z]+[0-9]{6,8}", word) is not None


def _initials(tag: str) -> str:
    """What is left of what stands in brackets: nothing where it is the initials of what comes before."""
    before, _, inside = tag.rpartition("(")
    inside = inside.rstrip(") \t")
    capitals = "".join(word[0] for word in words(before)) if says(before) else ""
    kept = inside if inside.lower() not in (capitals, capitals[1:]) else ""
    return kept


def after_tag(key: str, tag: Group, result: Route) -> tuple[Group, Words]:
    """What an operationId says after the words of its tag and a `_`: `files_remote_info`; with the noun of the path
    that follows there, `dcim_cables_list`.
    """
    parts = [words(part) for part in key.split("_") if says(part)]
    if not tag or len(parts) < key.count("_") + 1:
        return (), ()
    for place in range(1, len(parts)):
        if joined(parts[:place]) == joined(tag):
            nouns = [step.noun for step in result.steps]
            further = parts[place : place + 1]
            if further[0] in nouns and any(part[0] in VERBS for part in parts[place + 1 : place + 2]):
                return (*tag, *further), joined(parts[place + 1 :])
            return tag, joined(parts[place:])
    return (), ()


def joined(group: Sequence[Words]) -> Words:
    return tuple(word for step in group for word in step)


def spaced(key: str, document: Usage) -> tuple[Group, Words]:
    """The group that an operationId names before a dot or a slash, and the rest of it; both empty if it has neither."""
    if not re.search(r"[\s{}]", key):
        for mark in (".", "/", "::"):
            *outer, own = key.split(mark)
            if outer and all(map(says, (*outer, own))) and (steps := _named(outer, document)):
                return steps, words(own)
    return (), ()


def before_verb(key: str, document: Usage, result: Route, tag: Group) -> tuple[Group, Words]:
    """The group that an operationId names before `_` and a verb, and the rest of it."""
    parts = key.split("_")
    if not all(map(says, parts)):
        return (), ()
    lines = [words(part) for part in parts]
    place = next((n for n, each in enumerate(lines) if each[0] in VERBS), 0)
    steps = _named(parts[:place], document)
    if not steps:
        return (), ()
    flat, own = joined(steps), joined(lines[place:])
    if tag and one_of(joined(tag)) == one_of(flat):
        return tag, own
    nouns = [step.noun for step in result.steps]
    aligned = [noun for step in steps for noun in nouns if one_of(noun) == one_of(step)]
    if len(aligned) == len(steps):
        return tuple(aligned), own
    return (steps if any(map(CASED.search, parts)) and len(steps) <= DEEPEST else (flat,)), own


def _named(parts: Sequence[str], document: Usage) -> Group:
    """The steps of a group that is written out, without versions and the API's name."""
    steps: list[Words] = []
    for part in parts:
        declared = words(part)
        declared = declared[:-1] if len(declared) > 1 and declared[-1] == "controller" else declared
        leads = (
            is_version(part)
            or "".join(declared) in ("api", "rest")
            or ("".join(declared) == "".join(document.api) and len(parts) > 1)
        )
        if not (leads and not steps):
            steps.append(declared)
    return tuple(steps)


def mentioned(own: Words, result: Route) -> Group:
    """The nouns of the path, as far as the operationId says them as well: at least the first."""
    declared = {singular(word) for word in own}
    group: list[Words] = []
    for step in result.steps[:DEEPEST]:
        if group and not all(singular(word) in declared for word in step.noun):
            break
        group.append(step.noun)
    return tuple(group)


def passed_through(own: Words, result: Route) -> Group:
    """The nouns of the path that a phrase goes through and says nothing else but: `list_usage_record_yearly`."""
    rest = tuple(singular(word) for word in own[1:])
    group = []
    for step in result.steps:
        noun = tuple(singular(word) for word in step.noun)
        if rest[: len(noun)] == noun:
            group.append(step.noun)
            rest = rest[len(noun) :]
    return tuple(group) if not rest and is_verb(own) else ()
