"""What a person would call an operation that no catalog names: its group, its verb, and both in one.

The group is what its operationId says before a dot or a slash, or before `_` and a verb; else its tag; else the nouns of its
path. A tag says nothing where it is `default`, a version, the API's own name, or that of all of the API. The verb is what
the operationId says beside the group; where that is method and path in other words, the method says it: `list`, `get`,
`create`, `update`, `replace`, `delete`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..names import Words, words
from ..names.english import ALSO_NOUNS, LITTLE, VERBS, is_plural, is_verb, listed, one_of, singular
from ..read.openapi import Operation
from .nouns import Route, is_version, phrase, route

Group = tuple[Words, ...]

_DEEPEST = 3
"""Groups within one another, where the nouns of a path make them."""
_NOTHING = listed(
    "all api apis controller core default endpoint endpoints general index main misc none operation operations other others public"
    " rest resource resources root service services tag tags untagged v1 v2 v3 v4"
)
"""Tags that say nothing, and words that say nothing at the end of one."""
_ENDINGS = frozenset(["api", "apis", "controller", "endpoint", "endpoints", "operations"])
_METHODS = frozenset(["delete", "get", "head", "options", "patch", "post", "put", "query", "trace"])
_GETS = frozenset(["fetch", "find", "get", "read", "retrieve", "show"])
_WIDE = frozenset(["a", "all", "an", "new", "the"])
"""What may stand between a verb and its noun."""
_MANY = frozenset(["batch", "bulk", "mass", "multi", "partial"])
"""What comes before a verb."""
_CASED = re.compile(r"[a-z][A-Z]|-")
_GENERATED_VERBS = frozenset(["add", "create", "list", "remove", "replace", "update"])
"""What an operationId that is made from a path may begin with, beside the method."""
_GENERATED = re.compile(r"Using(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)(?:_[0-9]+)?\Z")
"""What springfox puts after the name of a method."""
_READ = 300
"""Characters of a summary that are looked at."""


@dataclass(frozen=True)
class Calling:
    """How an operation is called."""

    group: Group
    verb: Words
    name: Words
    """All of it, without the API's name: `create_model_prediction`."""


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
        for tag in _tags(operation)[:1]:
            firsts.setdefault(tag, []).append(found.steps[0].noun if found.steps else ())
    written = {one_of(noun): noun for noun in sorted(nouns) if one_of(noun) not in nouns}
    written |= {one_of(noun): noun for noun in sorted(collections)}
    tags = {tag: group for tag in sorted(firsts) if (group := _of_tag(tag, api, written))}
    # The only tag gives way where the paths bring operations together, in groups that are several.
    alone = len(firsts) == 1 and 1 < len(set(*firsts.values())) <= len(*firsts.values()) // 2
    return Usage(api, {} if alone else tags)


def calling(operation: Operation, document: Usage) -> Calling:
    """What an operation is called, as long as no other is."""
    found = route(operation.path, operation.method, document.api)
    tag = next((document.tags[each] for each in _tags(operation) if each in document.tags), ())
    key = _GENERATED.sub("", operation.id)
    own = words(key) if _says(key) else ()
    group, verb = _after_tag(key, tag, found)
    if not verb:
        group, verb = _spaced(key, document)
    spelled = not verb and (key.count("_") > 1 or "_" not in key) and not _CASED.search(key)
    if not verb and (spelled or "_" not in key) and _is_path(own, operation.method, found):
        return _of_path(operation, found, tag)
    if not verb:
        group, verb = _before_verb(key, document, found, tag)
    if verb:
        verb = _beside(verb, group[-1], found, document.api) or _does(operation, found)
        return Calling(group, verb, _whole(verb, group))
    own = _verb_first(_without_path(own, operation.method, found))
    if not own or _is_path(own, operation.method, found):
        return _of_path(operation, found, tag)
    flat = _joined(tag)
    if not tag:
        tag = _mentioned(own, found)
    elif len(chain := _chain(own, found)) > 1 and one_of(_joined(chain))[-len(flat) :] == one_of(flat):
        tag = chain
    if not tag:
        return Calling((), own, own)
    verb = _beside(own, _joined(tag), found, document.api)
    if verb == own and len(tag) > 1:
        verb = _beside(own, tag[-1], found, document.api)
    if not verb:
        verb = _does(operation, found)
        return Calling(tag, verb, _whole(verb, tag))
    if len(own) == 1 and own[0] in VERBS:
        return Calling(tag, verb, _whole(verb, tag))
    if verb[0] == "list" and own[0] in _GETS:
        return Calling(tag, verb, ("list", *(word for word in own[1:] if word != "all")))
    plain = (own[0], *own[2:]) if own[1:2] in (("a",), ("an",), ("the",)) and len(own) > 2 else own
    return Calling(tag, verb, plain)


# ── groups ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _tags(operation: Operation) -> list[str]:
    tags = operation.node.value.get("tags")
    return [tag for tag in tags if isinstance(tag, str) and _says(tag)] if isinstance(tags, list) else []


def _says(text: str) -> bool:
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
        if not _says(part):
            continue
        said = words(part)
        while said and (is_version(said[0]) or said[0] in ("api", "".join(api)) or _is_release(said[0])):
            said = said[1:]
        while len(said) > 1 and said[: len(api)] == api and len(said) > len(api):
            said = said[len(api) :]
        while len(said) > 1 and said[-1] in _ENDINGS:
            said = said[:-1]
        if said and said != api and not (len(said) == 1 and said[0] in _NOTHING):
            steps.append(written.get(one_of(said), said))
    return tuple(steps)


def _is_release(word: str) -> bool:
    return re.fullmatch(r"[a-z]+[0-9]{6,8}", word) is not None


def _initials(tag: str) -> str:
    """What is left of what stands in brackets: nothing where it is the initials of what comes before."""
    before, _, inside = tag.rpartition("(")
    inside = inside.rstrip(") \t")
    capitals = "".join(word[0] for word in words(before)) if _says(before) else ""
    kept = inside if inside.lower() not in (capitals, capitals[1:]) else ""
    return kept.replace("\\", " ")


def _after_tag(key: str, tag: Group, found: Route) -> tuple[Group, Words]:
    """What an operationId says after the words of its tag and a `_`: `files_remote_info`; with the noun of the path
    that follows there, `dcim_cables_list`.
    """
    parts = [words(part) for part in key.split("_") if _says(part)]
    if not tag or len(parts) < key.count("_") + 1:
        return (), ()
    for place in range(1, len(parts)):
        if _joined(parts[:place]) == _joined(tag):
            nouns = [step.noun for step in found.steps]
            further = parts[place : place + 1]
            if further[0] in nouns and any(part[0] in VERBS for part in parts[place + 1 : place + 2]):
                return (*tag, *further), _joined(parts[place + 1 :])
            return tag, _joined(parts[place:])
    return (), ()


def _joined(group: Sequence[Words]) -> Words:
    return tuple(word for step in group for word in step)


def _spaced(key: str, document: Usage) -> tuple[Group, Words]:
    """The group that an operationId names before a dot or a slash, and what else it says; nothing where it has neither."""
    if not re.search(r"[\s{}]", key):
        for mark in (".", "/", "::"):
            *outer, own = key.split(mark)
            if outer and all(map(_says, (*outer, own))) and (steps := _named(outer, document)):
                return steps, words(own)
    return (), ()


def _before_verb(key: str, document: Usage, found: Route, tag: Group) -> tuple[Group, Words]:
    """The group that an operationId names before `_` and a verb, and what it says from there on."""
    parts = key.split("_")
    if not all(map(_says, parts)):
        return (), ()
    said = [words(part) for part in parts]
    place = next((n for n, each in enumerate(said) if each[0] in VERBS), 0)
    steps = _named(parts[:place], document)
    if not steps:
        return (), ()
    flat, own = _joined(steps), _joined(said[place:])
    if tag and one_of(_joined(tag)) == one_of(flat):
        return tag, own
    nouns = [step.noun for step in found.steps]
    aligned = [noun for step in steps for noun in nouns if one_of(noun) == one_of(step)]
    if len(aligned) == len(steps):
        return tuple(aligned), own
    return (steps if any(map(_CASED.search, parts)) and len(steps) <= _DEEPEST else (flat,)), own


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


def _mentioned(own: Words, found: Route) -> Group:
    """The nouns of the path, as far as the operationId says them as well: at least the first."""
    said = {singular(word) for word in own}
    group: list[Words] = []
    for step in found.steps[:_DEEPEST]:
        if group and not all(singular(word) in said for word in step.noun):
            break
        group.append(step.noun)
    return tuple(group)


def _chain(own: Words, found: Route) -> Group:
    """The nouns of the path that a phrase goes through and says nothing else but: `list_usage_record_yearly`."""
    rest = tuple(singular(word) for word in own[1:])
    group = []
    for step in found.steps:
        noun = tuple(singular(word) for word in step.noun)
        if rest[: len(noun)] == noun:
            group.append(step.noun)
            rest = rest[len(noun) :]
    return tuple(group) if not rest and is_verb(own) else ()


# ── verbs ───────────────────────────────────────────────────────────────────────────────────────────────────────


def begins(operation: Operation) -> Words:
    """The first words of what the document says of an operation, its verb in the infinitive."""
    text = operation.node.text("summary") or operation.node.text("description")
    plain = re.sub(r"<[^<>]{0,80}>", " ", text[:_READ])
    first = re.findall(r"[A-Za-z]+", plain[:80])[:4]
    if not first:
        return ()
    verb = first[0].lower()
    return (verb if verb in VERBS else singular(verb), *(word.lower() for word in first[1:]))


def _does(operation: Operation, found: Route) -> Words:
    """What a method does with what its path leads to."""
    if found.action:
        return found.action
    method, said = operation.method, begins(operation)
    last = found.steps[-1].noun if found.steps else ()
    several = bool(last) and not found.item and is_plural(last)
    told = said[:1]
    if method == "GET":
        listed = several or (told == ("list",) or "list" in said[:3]) and not found.item
        return ("list",) if listed and told not in (("get",),) or several else ("get",)
    if method == "POST":
        changes = told in (("update",), ("change",), ("edit",), ("modify",))
        return ("update",) if (found.item and told != ("create",)) or changes else ("create",)
    if method == "PUT":
        return ("update",) if told in (("update",), ("change",), ("edit",), ("modify",)) else ("replace",)
    if method == "DELETE":
        return ("delete", "all") if several else ("delete",)
    return {"PATCH": ("update",), "QUERY": ("search",)}.get(method, words(method))


def _of_path(operation: Operation, found: Route, tag: Group) -> Calling:
    """The calling of an operation whose operationId says no more than its method and path."""
    own = words(operation.id) if _says(operation.id) else ()
    does = own[:1] if own[:1] != () and own[0] in _GENERATED_VERBS and not found.action else _does(operation, found)
    whole = phrase(does, found)
    nouns = [step.noun for step in found.steps]
    if not tag:
        group, further = tuple(nouns[:_DEEPEST]), nouns[_DEEPEST:]
        return Calling(group, (*does, *_flat(further, found, does)), whole)
    flat = _joined(tag)
    place = next((n for n, noun in enumerate(nouns) if one_of(noun) == one_of(flat)), None)
    if place is None:
        return Calling(tag, (*does, *_flat(nouns, found, does)), whole)
    verb = (*does, *_flat(nouns[place + 1 :], found, does))
    if before := nouns[:place]:
        verb = (*verb, "for", *(word for noun in before for word in one_of(noun)))
    return Calling(tag, verb, whole)


def _flat(nouns: Sequence[Words], found: Route, does: Words) -> Words:
    if not nouns:
        return ()
    steps = found.steps[len(found.steps) - len(nouns) :]
    return phrase(does, Route(steps, found.action, (), ()))[len(does) :]


def _is_path(own: Words, method: str, found: Route) -> bool:
    """Whether words are those of the method and the path, and no others."""
    nouns = [singular(word) for step in found.steps for word in step.noun] + [*map(singular, found.action)]
    known = {*map(singular, (*found.static, *found.placeholders)), "id"}
    for rest in _beside_method(own, method, named=bool(found.action)):
        left = [singular(word) for word in rest if word not in ("by", "and") and not is_version(word)]
        if left and nouns and all(word in known for word in left) and _in_order(nouns, left):
            return True
    return False


def _beside_method(own: Words, method: str, named: bool) -> Iterator[Words]:
    """The phrase without the method; as it is where the path itself says what is done."""
    if named:
        yield own
    if "by" in own and own[0] in _GENERATED_VERBS:
        yield own[1:]
    if own[:1] == (method.lower(),):
        yield own[1:]
    if own[-1:] == (method.lower(),):
        yield own[:-1]


def _in_order(wanted: Sequence[str], among: Sequence[str]) -> bool:
    rest = iter(among)
    return all(word in rest for word in wanted)


def _without_path(own: Words, method: str, found: Route) -> Words:
    """The name of a function before the path and the method, which FastAPI puts after it."""
    if len(own) > 2 and own[-1] == method.lower():
        both = own[:-1]
        whole = _path_words(found)
        for size in range(1, len(both)):
            if sorted(both[size:]) == sorted(whole):
                return both[:size]
    return own


def _verb_first(own: Words) -> Words:
    """A phrase whose verb comes last, as `webinarPanelistCreate`, the other way round."""
    last = own[-1:]
    if len(own) > 1 and own[0] not in VERBS and last[0] in VERBS and (last == ("list",) or last[0] not in ALSO_NOUNS):
        return (*last, *own[:-1])
    return own


def _path_words(found: Route) -> Words:
    return (*found.static, *found.placeholders)


def _beside(own: Words, noun: Words, found: Route, api: Words) -> Words:
    """A phrase without the noun that the group is called by; empty where it says nothing else."""
    ones = tuple(singular(word) for word in own)
    wanted = tuple(singular(word) for word in noun)
    size = len(wanted)
    if ones == wanted:
        return own if own[0] in VERBS else ()
    if ones[:size] == wanted and own[size] not in LITTLE and (own[0] not in VERBS or len(wanted) > 1):
        return own[size:]
    start = 1
    if own[0] in _MANY and len(own) > 1 and own[1] in VERBS:
        start = 2
    place = start
    while place < len(own) - 1 and (own[place] in _WIDE or own[place : place + 1] == api):
        place += 1
    if ones[place : place + size] == wanted and is_verb(own[start - 1 :]):
        rest = own[place + size :]
        collected = is_plural(own[place : place + size]) or "all" in own[start:place]
        if own[0] in _GETS and collected and not found.item and (not rest or rest[0] in LITTLE):
            return ("list", *rest)
        return (*own[:start], *rest)
    if len(own) > size + 1 and ones[-size:] == wanted and own[-size - 1] in LITTLE and is_verb(own):
        return own[: -size - 1]
    return own


def _whole(verb: Words, group: Group) -> Words:
    """A verb with the nouns of its group: `create_issue_comment`."""
    if not group:
        return verb
    *outer, last = group
    if not is_verb(verb):
        return verb if verb[: len(last)] == last else (*_joined(group), *verb)
    lead = next((n for n, word in enumerate(verb) if word not in _MANY), 0)
    size = lead + 1 if is_verb(verb[lead:]) else 1
    size = 2 if verb[1:] == ("all",) else size
    rest = verb[size:]
    many = verb[0] in ("list", "search") or size > 1 and verb[0] != "partial"
    several = many and (not rest or rest[0] in LITTLE)
    if len(rest) == 1 and rest[0].endswith("ed"):  # `get_authenticated`: the authenticated user
        size = len(verb)
    nouns = [*(one_of(step) for step in outer), last if several else one_of(last)]
    return (*verb[:size], *(word for noun in nouns for word in noun), *verb[size:])
