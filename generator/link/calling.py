"""What a person would call an operation that no catalog names: its group, its verb, and both in one.

The group is what its operationId says before a dot or a slash, or before `_` and a verb; else its tag; else the nouns of its
path. A tag says nothing where it is `default`, a version, the API's own name, or that of all of the API. The verb is what
the operationId says beside the group; where that is method and path in other words, the method says it: `list`, `get`,
`create`, `update`, `replace`, `delete`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ..names import Words, words
from ..names.english import ALSO_NOUNS, LITTLE, VERBS, is_plural, is_verb, one_of, singular, verb_size
from ..read.openapi import Operation
from .grouping import (
    CASED,
    DEEPEST,
    Group,
    Usage,
    after_tag,
    alternative,
    before_verb,
    joined,
    mentioned,
    passed_through,
    says,
    spaced,
    tags_of,
)
from .nouns import Route, Step, is_version, phrase, route

_GETS = frozenset(["fetch", "find", "get", "read", "retrieve", "show"])
_METHODS = (("post",), ("put",), ("patch",))
"""Methods that are no word for what they do."""
_WIDE = frozenset(["a", "all", "an", "new", "the"])
"""What may stand between a verb and its noun."""
_MANY = frozenset(["batch", "bulk", "mass", "multi", "partial"])
"""What comes before a verb."""
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


def calling(operation: Operation, document: Usage) -> Calling:
    """What an operation is called, as long as no other is."""
    result = _route(operation.path, operation.method, document)
    other = alternative(operation.id, document)
    if other and (more := _further(result, _route(document.paths[other], operation.method, document))):
        made = calling(replace(operation, id=other), document)
        return Calling(made.group, (*made.verb, *more), (*made.name, *more))
    tag = next((document.tags[each] for each in tags_of(operation) if each in document.tags), ())
    key = _GENERATED.sub("", operation.id)
    own = words(key) if says(key) else ()
    group, verb = after_tag(key, tag, result)
    if not verb:
        group, verb = spaced(key, document)
    spelled = not verb and (key.count("_") > 1 or "_" not in key) and not CASED.search(key)
    if not verb and (spelled or "_" not in key) and _is_path(own, operation.method, result):
        return _of_path(operation, result, tag, document)
    if not verb:
        group, verb = before_verb(key, document, result, tag)
    if verb:
        verb = _beside(verb, group[-1], result, document.api) or _does(operation, result)
        return Calling(group, verb, _whole(verb, group))
    own = _verb_first(_without_path(own, operation.method, result))
    if not own or _is_path(own, operation.method, result):
        return _of_path(operation, result, tag, document)
    flat = joined(tag)
    if not tag:
        tag = mentioned(own, result)
    elif len(chain := passed_through(own, result)) > 1 and one_of(joined(chain))[-len(flat) :] == one_of(flat):
        tag = chain
    if not tag:
        return Calling((), own, own)
    verb = _beside(_in_full(own, tag, document), joined(tag), result, document.api)
    if verb == own and len(tag) > 1:
        verb = _beside(own, tag[-1], result, document.api)
    if verb == (operation.method.lower(),) in _METHODS:
        verb = ("create",) if operation.method == "POST" else _does(operation, result)
        own = (*verb[:1], *own[1:])
    if not verb:
        verb = _does(operation, result)
        return Calling(tag, verb, _whole(verb, tag))
    if len(own) == 1 and own[0] in VERBS:
        return Calling(tag, verb, _whole(verb, tag))
    if verb[0] == "list" and own[0] in _GETS:
        return Calling(tag, verb, ("list", *(word for word in own[1:] if word != "all")))
    bare = (own[0], *own[2:]) if own[1:2] in (("a",), ("an",), ("the",)) and len(own) > 2 else own
    return Calling(tag, verb, bare)


def _route(path: str, method: str, document: Usage) -> Route:
    """The path without the noun that all of them go through; what has items elsewhere is no verb, `load_balancers`."""
    result = route(path, method, document.api)
    if result.action in document.collections:
        result = replace(result, steps=(*result.steps, Step(result.action, item=False)), action=())
    leads = result.steps[1:] and result.steps[0] == Step(document.lead, item=True)
    return replace(result, steps=result.steps[1:]) if leads else result


def _further(result: Route, other: Route) -> Words:
    """Words that distinguish two paths to the same resource: `for_me`."""
    nouns = [step.noun for step in other.steps]
    more = [word for step in result.steps if step.noun not in nouns for word in one_of(step.noun)]
    return ("for", *more) if more else ()


def _in_full(own: Words, tag: Group, document: Usage) -> Words:
    """A phrase with an abbreviation of its group's noun, such as `repo` of `repositories`, written in full."""
    short = document.short.get(tag, ())
    return tuple(one_of(tag[0])[0] if (word,) == short else word for word in own)


def begins(operation: Operation) -> Words:
    """The first words of an operation's description, with the verb in the infinitive."""
    text = operation.node.text("summary") or operation.node.text("description")
    plain = re.sub(r"<[^<>]{0,80}>", " ", text[:_READ])
    first = re.findall(r"[A-Za-z]+", plain[:80])[:4]
    if not first:
        return ()
    verb = first[0].lower()
    return (verb if verb in VERBS else singular(verb), *(word.lower() for word in first[1:]))


def _does(operation: Operation, result: Route) -> Words:
    """The verb for a method on the resource at its path."""
    if result.action:
        return result.action
    method, declared = operation.method, begins(operation)
    last = result.steps[-1].noun if result.steps else ()
    several = bool(last) and not result.item and is_plural(last)
    message = declared[:1]
    if method == "GET":
        listed = several or (message == ("list",) or "list" in declared[:3]) and not result.item
        return ("list",) if listed and message not in (("get",),) or several else ("get",)
    if method == "POST":
        changes = message in (("update",), ("change",), ("edit",), ("modify",))
        return ("update",) if (result.item and message != ("create",)) or changes else ("create",)
    if method == "PUT":
        return ("update",) if message in (("update",), ("change",), ("edit",), ("modify",)) else ("replace",)
    if method == "DELETE":
        return ("delete", "all") if several else ("delete",)
    return {"PATCH": ("update",), "QUERY": ("search",)}.get(method, words(method))


def _of_path(operation: Operation, result: Route, tag: Group, document: Usage) -> Calling:
    """The group and verb of an operation whose operationId only repeats its method and path."""
    own = words(operation.id) if says(operation.id) else ()
    does = own[:1] if own[:1] != () and own[0] in _GENERATED_VERBS and not result.action else _does(operation, result)
    whole = phrase(does, result)
    nouns = [step.noun for step in result.steps]
    if not tag:
        group, further = tuple(nouns[:DEEPEST]), nouns[DEEPEST:]
        return Calling(group, (*does, *_flat(further, result, does)), whole)
    called = (one_of(joined(tag)), document.short.get(tag))
    place = next((n for n, noun in enumerate(nouns) if one_of(noun) in called), None)
    if place is None:
        return Calling(tag, (*does, *_flat(nouns, result, does)), whole)
    verb = (*does, *_flat(nouns[place + 1 :], result, does))
    if before := nouns[:place]:
        verb = (*verb, "for", *(word for noun in before for word in one_of(noun)))
    return Calling(tag, verb, whole)


def _flat(nouns: Sequence[Words], result: Route, does: Words) -> Words:
    if not nouns:
        return ()
    steps = result.steps[len(result.steps) - len(nouns) :]
    return phrase(does, Route(steps, result.action, (), ()))[len(does) :]


def _is_path(own: Words, method: str, result: Route) -> bool:
    """Whether words are those of the method and the path, and no others."""
    declared = {*map(singular, own)}
    whole = [(one,) if (one := singular("".join(step.noun))) in declared else step.noun for step in result.steps]
    nouns = [singular(word) for noun in whole for word in noun] + [*map(singular, result.action)]
    known = {*map(singular, (*result.static, *result.placeholders)), *nouns, "id"}
    for rest in _beside_method(own, method, named=bool(result.action)):
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


def _without_path(own: Words, method: str, result: Route) -> Words:
    """The name of a function before the path and the method, which FastAPI puts after it."""
    if len(own) > 2 and own[-1] == method.lower():
        both = own[:-1]
        whole = _path_words(result)
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


def _path_words(result: Route) -> Words:
    return (*result.static, *result.placeholders)


def _beside(own: Words, noun: Words, result: Route, api: Words) -> Words:
    """A phrase without the noun of its group; empty if nothing else is left."""
    own = _spaced_as(noun, own)
    ones = tuple(singular(word) for word in own)
    wanted = tuple(singular(word) for word in noun)
    size = len(wanted)
    if ones == wanted:
        return own if own[0] in VERBS else ()
    if ones[:size] == wanted and own[size] not in LITTLE and (own[0] not in VERBS or len(wanted) > 1):
        return own[size:]
    start = _verb_size(own)
    place = start
    while place < len(own) - 1 and (own[place] in _WIDE or own[place : place + 1] == api):
        place += 1
    if ones[place : place + size] == wanted and is_verb(own[start - 1 :]):
        rest = own[place + size :]
        collected = is_plural(own[place : place + size]) or "all" in own[start:place]
        if own[0] in _GETS and collected and not result.item and (not rest or rest[0] in LITTLE):
            return ("list", *rest)
        return (*own[:start], *rest)
    if len(own) > size + 1 and ones[-size:] == wanted and own[-size - 1] in LITTLE and is_verb(own):
        return own[: -size - 1]
    return own


def _spaced_as(noun: Words, own: Words) -> Words:
    """A phrase that has a noun of several words in one, as `rateplans` of `rate_plans`, with that as it is spaced."""
    together = "".join(one_of(noun))
    if len(noun) == 1:
        return own
    nouns = {together: one_of(noun), "".join(noun): noun}
    return tuple(part for word in own for part in nouns.get(word, (word,)))


def _verb_size(own: Words) -> int:
    """How many words say what is done, with how it is: `bulk_create`, `create_or_update`."""
    return 1 + verb_size(own[1:]) if own[0] in _MANY and is_verb(own[1:]) else verb_size(own)


def _whole(verb: Words, group: Group) -> Words:
    """A verb with the nouns of its group: `create_issue_comment`."""
    if not group:
        return verb
    *outer, last = group
    if not is_verb(verb):
        return verb if verb[: len(last)] == last else (*joined(group), *verb)
    size = 2 if verb[1:] == ("all",) else _verb_size(verb)
    rest = verb[size:]
    if rest and "".join(one_of(rest[-len(last) :])) == "".join(one_of(last)):
        return (*verb[:size], *(word for step in outer for word in one_of(step)), *rest)  # `get_available_rooms`
    many = verb[0] in ("list", "search") or (size == 2 and verb[0] != "partial")
    several = many and (not rest or rest[0] in LITTLE)
    if len(rest) == 1 and rest[0].endswith("ed"):  # `get_authenticated`: the authenticated user
        size = len(verb)
    nouns = [*(one_of(step) for step in outer), last if several else one_of(last)]
    return (*verb[:size], *(word for noun in nouns for word in noun), *verb[size:])
