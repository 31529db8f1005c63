"""The nouns in the path of an operation, and the action at its end.

`/v1/charges/{charge}/capture` goes through charges to one of them, which is to be captured. Versions, `api`, `rest`
and the API's own name lead to everything alike, and name nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..names import Words, words
from ..names.english import ALSO_NOUNS, VERBS, is_plural, listed, one_of

_EXPRESSION = re.compile(r"\{[/?&#;.+][^{}]*\}")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_ITEM = "\0"
"""What stands for a placeholder while a path is read."""
_FILE = re.compile(
    r"\.(?:aspx?|atom|css|csv|do|gif|html?|ico|jpe?g|js|json|md|pdf|php|png|rss|svg|txt|wsdl|xml|ya?ml|zip)\Z",
    re.IGNORECASE,
)
_VERSION = re.compile(
    r"(?:v?[0-9]+(?:[._-][0-9]+)*(?:(?:alpha|beta|rc)[0-9]*)?|(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}(?:[._-]?[a-z]{1,16}[0-9]{0,2})?)\Z"
)
_LEADING = frozenset(["api", "apis", "beta", "public", "rest", "restapi", "rpc", "webapi"])
"""Steps that come before the first noun."""
_READS = listed(
    "autocomplete browse compare count download fetch find get list lookup predict preview query search suggest"
    " test validate verify"
)
"""What may be done at the end of a path by a GET: any other verb is a noun there."""
_ONE = frozenset(["add", "create", "delete", "get", "new", "remove", "replace", "update"])
"""What is done with one at a time."""
_HOLDERS = (("action",), ("actions",))
"""What stands before what is done: `/servers/{id}/actions/reboot`."""
_ALWAYS = frozenset(["count", "query", "search"])
"""What is done at the end of a path, whatever comes before it."""


@dataclass(frozen=True)
class Step:
    """A noun of a path."""

    noun: Words
    item: bool
    """Whether one of them is named after it."""


@dataclass(frozen=True)
class Route:
    """A path, read."""

    steps: tuple[Step, ...]
    action: Words
    """The action on the resource at the end of the steps; empty if the method names it."""
    static: Words
    """All its words but for placeholders."""
    placeholders: Words

    @property
    def item(self) -> bool:
        """Whether it ends at one of many."""
        return bool(self.steps) and self.steps[-1].item and not self.action


def is_version(step: str) -> bool:
    """Whether a step is a version and nothing else: `v1`, `2010-04-01`, `v1beta2`."""
    return _VERSION.match(step.lower()) is not None


def route(path: str, method: str, api: Words) -> Route:
    """The resources along a path. api: the words of the API's own name."""
    plain = _FILE.sub("", _EXPRESSION.sub("", path).partition("?")[0].partition("#")[0].rstrip("/"))
    placeholders = tuple(word for each in _PLACEHOLDER.findall(plain) if _names(each) for word in words(each))
    parts = [part for part in _PLACEHOLDER.sub(_ITEM, plain).split("/") if part]
    *before, last = parts or [""]
    last, _, done = last.partition(":")  # Google's way to spell what is no noun: `/v1/projects/{id}:undelete`
    parts = [part for part in (*before, last) if part]
    if not done and len([part for part in parts if _names(part)]) == 1 and "." in last:
        *parts, done = [each for part in parts for each in part.split(".") if each]  # remote calls: `/chat.postMessage`
    static = tuple(word for part in (*parts, done) if _names(part) for word in words(part.replace(_ITEM, " ")))
    steps = _steps(parts, api)
    action = words(done) if _names(done) else ()
    if not action and _is_held(steps, method):
        action, steps = steps[-1].noun, steps[:-2]
    if not action and steps and not steps[-1].item and _is_action(steps, method):
        action = steps.pop().noun
    return Route(tuple(steps), action, static, placeholders)


def _names(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _steps(parts: list[str], api: Words) -> list[Step]:
    steps: list[Step] = []
    for place, part in enumerate(parts):
        if not _names(part):
            if steps and _ITEM in part:
                steps[-1] = Step(steps[-1].noun, item=True)
            continue
        noun = words(part.replace(_ITEM, " "))
        own = "".join(noun)
        only = place == len(parts) - 1 and not steps
        if is_version(part) or (
            (own == "api" or (not steps and (own in _LEADING or own == "".join(api)))) and not only
        ):
            continue
        steps.append(Step(noun, item=_ITEM in part))
    return steps


def _is_held(steps: list[Step], method: str) -> bool:
    *before, holder, last = (Step((), False),) * 2 + tuple(steps)
    valid = holder.noun in _HOLDERS and not holder.item and not last.item
    return valid and before[-1].item and method in ("POST", "PUT", "PATCH")


def _is_action(steps: list[Step], method: str) -> bool:
    *before, last = steps
    verb, rest = last.noun[0], last.noun[1:]
    if verb not in VERBS or (not rest and is_plural(last.noun)):
        return False
    after_item = bool(before) and before[-1].item
    if verb == "list" and not rest:  # of one thing, `list` is a noun: that which it stands on
        return not after_item
    if verb in _ALWAYS:
        return method in ("GET", "HEAD", "POST", "PUT", "QUERY")
    if method in ("GET", "HEAD"):
        return verb in _READS and (verb not in ALSO_NOUNS or bool(rest))
    return method in ("POST", "PUT", "PATCH") and (verb not in ALSO_NOUNS or after_item)


def phrase(does: Words, result: Route) -> Words:
    """What is done and with what, in one: `create_model_prediction`, `list_model_versions`, `capture_charge`."""
    if not result.steps:
        return does
    *outer, last = result.steps
    several = not last.item and (
        does == ("delete", "all") or does[0] in ("list", "search") or (bool(result.action) and does[0] not in _ONE)
    )
    nouns = [*(one_of(step.noun) for step in outer), last.noun if several else one_of(last.noun)]
    flat = tuple(word for noun in nouns for word in noun)
    return (*does, *flat) if does[0] in VERBS or not result.action else (*flat, *does)
