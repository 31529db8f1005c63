"""Which nouns an operation belongs to: what its operationId says before a dot, a slash or a verb, its tag, its path."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..names import Words, words
from ..names.english import VERBS, is_plural, is_verb, listed, one_of, singular
from ..read.openapi import Operation
from .nouns import Route, is_version, route

Group = tuple[Words, ...]

DEEPEST = 3
"""Groups within one another, where the nouns of a path make them."""
_NOTHING = listed(
    "all api apis controller core default endpoint endpoints general index main misc none operation operations other others public"
    " rest resource resources root service services tag tags untagged v1 v2 v3 v4"
)
"""Tags that say nothing, and words that say nothing at the end of one."""
_ENDINGS = frozenset(["api", "apis", "controller", "endpoint", "endpoints", "operations"])
CASED = re.compile(r"[a-z][A-Z]|-")


@dataclass(frozen=True)
class Usage:
    """What the operations of a document have in common."""

    api: Words
    tags: Mapping[str, Group] = field(default_factory=dict)
    """The group of each tag that says something."""


def usage(api: Words, operations: Sequence[Operation]) -> Usage:
    """What is to be known of all of the operations before one of them is called anything."""
    nouns: set[Words] = set()
    collections: set[Words] = set()
    firsts: dict[str, list[Words]] = {}
    for operation in operations:
        found = route(operation.path, operation.method, api)
        nouns.update(step.noun for step in found.steps)
        collections.update(step.noun for step in found.steps if step.item and is_plural(step.noun))
        for tag in tags_of(operation)[:1]:
            firsts.setdefault(tag, []).append(found.steps[0].noun if found.steps else ())
    written = {one_of(noun): noun for noun in sorted(nouns) if one_of(noun) not in nouns}
    written |= {one_of(noun): noun for noun in sorted(collections)}
    tags = {tag: group for tag in sorted(firsts) if (group := _of_tag(tag, api, written))}
    # The only tag gives way where the paths bring operations together, in groups that are several.
    alone = len(firsts) == 1 and 1 < len(set(*firsts.values())) <= len(*firsts.values()) // 2
    return Usage(api, {} if alone else tags)


def tags_of(operation: Operation) -> list[str]:
    tags = operation.node.value.get("tags")
    return [tag for tag in tags if isinstance(tag, str) and says(tag)] if isinstance(tags, list) else []


def says(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _of_tag(tag: str, api: Words, written: Mapping[Words, Words]) -> Group:
    """The group of a tag; none where it says nothing. `admin.users` is one in another.

    written: nouns of paths, by their singulars.
    """
    parts = (
        tag.split(".")
        if re.fullmatch(r"[^\s.]+(?:\.[^\s.]+)+", tag)
        else [re.sub(r"\(([^()]*)\)\s*\Z", _initials(tag), tag)]
    )
    steps: list[Words] = []
    for part in parts:
        if not says(part):
            continue
        said = words(part)
        while said and (is_version(said[0]) or said[0] in ("api", "".join(api)) or _is_release(said[0])):
            said = said[1:]
        while len(said) > 1 and said[: len(api)] == api and len(said) > len(api):
            said = said[len(api) :]
        while len(said) > 1 and said[-1] in _ENDINGS:
            said = said[:-1]
        if said and "".join(said) != "".join(api) and not (len(said) == 1 and said[0] in _NOTHING):
            steps.append(written.get(one_of(said), said))
    return tuple(steps)


def _is_release(word: str) -> bool:
    return re.fullmatch(r"[a-z]+[0-9]{6,8}", word) is not None


def _initials(tag: str) -> str:
    """What is left of what stands in brackets: nothing where it is the initials of what comes before."""
    before, _, inside = tag.rpartition("(")
    inside = inside.rstrip(") \t")
    capitals = "".join(word[0] for word in words(before)) if says(before) else ""
    kept = inside if inside.lower() not in (capitals, capitals[1:]) else ""
    return kept.replace("\\", " ")


def after_tag(key: str, tag: Group, found: Route) -> tuple[Group, Words]:
    """What an operationId says after the words of its tag and a `_`: `files_remote_info`; with the noun of the path
    that follows there, `dcim_cables_list`.
    """
    parts = [words(part) for part in key.split("_") if says(part)]
    if not tag or len(parts) < key.count("_") + 1:
        return (), ()
    for place in range(1, len(parts)):
        if joined(parts[:place]) == joined(tag):
            nouns = [step.noun for step in found.steps]
            further = parts[place : place + 1]
            if further[0] in nouns and any(part[0] in VERBS for part in parts[place + 1 : place + 2]):
                return (*tag, *further), joined(parts[place + 1 :])
            return tag, joined(parts[place:])
    return (), ()


def joined(group: Sequence[Words]) -> Words:
    return tuple(word for step in group for word in step)


def spaced(key: str, document: Usage) -> tuple[Group, Words]:
    """The group that an operationId names before a dot or a slash, and what else it says; nothing where it has neither."""
    if not re.search(r"[\s{}]", key):
        for mark in (".", "/", "::"):
            *outer, own = key.split(mark)
            if outer and all(map(says, (*outer, own))) and (steps := _named(outer, document)):
                return steps, words(own)
    return (), ()


def before_verb(key: str, document: Usage, found: Route, tag: Group) -> tuple[Group, Words]:
    """The group that an operationId names before `_` and a verb, and what it says from there on."""
    parts = key.split("_")
    if not all(map(says, parts)):
        return (), ()
    said = [words(part) for part in parts]
    place = next((n for n, each in enumerate(said) if each[0] in VERBS), 0)
    steps = _named(parts[:place], document)
    if not steps:
        return (), ()
    flat, own = joined(steps), joined(said[place:])
    if tag and one_of(joined(tag)) == one_of(flat):
        return tag, own
    nouns = [step.noun for step in found.steps]
    aligned = [noun for step in steps for noun in nouns if one_of(noun) == one_of(step)]
    if len(aligned) == len(steps):
        return tuple(aligned), own
    return (steps if any(map(CASED.search, parts)) and len(steps) <= DEEPEST else (flat,)), own


def _named(parts: Sequence[str], document: Usage) -> Group:
    """The steps of a group that is written out, without versions and the API's name."""
    steps: list[Words] = []
    for part in parts:
        said = words(part)
        said = said[:-1] if len(said) > 1 and said[-1] == "controller" else said
        leads = is_version(part) or "".join(said) in ("api", "rest") or (said == document.api and len(parts) > 1)
        if not (leads and not steps):
            steps.append(said)
    return tuple(steps)


def mentioned(own: Words, found: Route) -> Group:
    """The nouns of the path, as far as the operationId says them as well: at least the first."""
    said = {singular(word) for word in own}
    group: list[Words] = []
    for step in found.steps[:DEEPEST]:
        if group and not all(singular(word) in said for word in step.noun):
            break
        group.append(step.noun)
    return tuple(group)


def passed_through(own: Words, found: Route) -> Group:
    """The nouns of the path that a phrase goes through and says nothing else but: `list_usage_record_yearly`."""
    rest = tuple(singular(word) for word in own[1:])
    group = []
    for step in found.steps:
        noun = tuple(singular(word) for word in step.noun)
        if rest[: len(noun)] == noun:
            group.append(step.noun)
            rest = rest[len(noun) :]
    return tuple(group) if not rest and is_verb(own) else ()
