"""The effect of an operation that no catalog classifies: it reads, writes or destroys.

The method decides, and words correct it: a POST that searches reads, a GET that revokes writes. Only the word that says
what is done counts: the first or the last of the operationId, the action at the end of the path. Where words disagree
it writes, which a host may refuse to agents; and what a PUT or a PATCH is called makes no reading of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ..names import Words, words
from ..names.english import ALSO_NOUNS, VERBS, is_plural, listed
from ..read.openapi import Operation
from .calling import begins
from .nouns import Route, route

_SAFE = frozenset(["GET", "HEAD", "OPTIONS", "QUERY", "TRACE"])
_READS = listed(
    "autocomplete browse compare count describe estimate find get list lookup preview query read retrieve search suggest"
    " validate"
)
_WRITES = listed(
    "activate add apply approve archive assign cancel clear close complete confirm create deactivate delete destroy disable"
    " enable erase exchange execute insert install invite kill logout move pay post provision publish purge put reboot refund"
    " register reject remove rename replace reset restart resume revoke rotate run save send set signout start stop subscribe suspend"
    " terminate trigger uninstall unsubscribe update upgrade upload upsert wipe"
)
_DESTROYS = listed("delete destroy erase expunge prune purge terminate truncate wipe")
_UNDOES = frozenset(["cancel", "undo"])
_UNSAFE = listed(
    "cancel create delete destroy erase exchange logout purge reboot remove revoke send signout start terminate"
    " trigger unsubscribe wipe"
)
"""What no GET should do, and some do."""
_MADE = listed(
    "access auth challenge code credential credentials key login nonce otp password secret session sessions signature token"
)
"""What is often made by what is called a `get`."""
_SAYS = "path says"
"""Of a step before the last placeholder, where nothing but what is done has several words and no plural."""
_MODIFIERS = frozenset(["batch", "bulk", "force", "mass", "multi", "multiple", "soft", "hard"])


@dataclass(frozen=True)
class Effect:
    """The effect of an operation, derived from the document alone."""

    access: Literal["read", "write"]
    destructive: bool
    idempotent: bool
    guesses: tuple[tuple[str, str], ...]
    """(key of a catalog, reason) of all that departs from the method."""


@dataclass(frozen=True)
class _Saying:
    """One word that names the action, and where it was found."""

    verb: str
    where: str
    others: Words


def effect(operation: Operation, api: Words) -> Effect:
    """What an operation does. api: the words of the API's own name."""
    method = operation.method
    results = list(_sayings(operation, route(operation.path, method, api)))
    access: Literal["read", "write"] = "read" if method in _SAFE else "write"
    guesses: list[tuple[str, str]] = []
    if method == "POST" and (saying := _reading(operation, results)):
        access = "read"
        guesses.append(("type", f"a POST whose {saying.where} `{saying.verb}`"))
    elif method in ("GET", "HEAD") and (saying := _writing(operation, results)):
        access = "write"
        guesses.append(("type", f"a {method} whose {saying.where} `{saying.verb}`"))
        guesses.append(("idempotent", f"a {method} that is assumed to write"))
    destructive = method == "DELETE"
    if not destructive and access == "write":
        destroying = next((each for each in results if each.verb in _DESTROYS and not _UNDOES & {*each.others}), None)
        if destroying is not None:
            destructive = True
            guesses.append(("destructive", f"a {method} whose {destroying.where} `{destroying.verb}`"))
    idempotent = (method in _SAFE and access == "read") or method in ("PUT", "DELETE")
    return Effect(access, destructive, idempotent, tuple(guesses))


def _sayings(operation: Operation, result: Route) -> Iterator[_Saying]:
    """The words that name the action: from the operationId, and from the end of the path."""
    named = operation.id.replace("/", ".").split(".")[-1]
    parts = [words(part) for part in named.split("_") if _says(part)]
    own = _without(tuple(word for part in parts for word in part), operation.method)
    inside = next((part for part in parts[1:] if part[0] in VERBS), ())
    if own and own[0] in VERBS:
        yield _Saying(own[0], "operationId begins with", own[1:])
    elif inside:
        yield _Saying(inside[0], "operationId says", inside[1:])
    elif own and own[-1] in VERBS:
        yield _Saying(own[-1], "operationId ends with", own[:-1])
    ends = result.action or _last(operation.path)
    while len(ends) > 1 and ends[0] in _MODIFIERS:
        ends = ends[1:]
    if ends and ends[0] in VERBS:
        yield _Saying(ends[0], "path ends with", ends[1:])
    elif before := _before_last(operation.path):
        yield _Saying(before[0], _SAYS, before[1:])


def _says(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _without(own: Words, method: str) -> Words:
    """A phrase without what comes before its verb: the method that a generator wrote there, `batch`."""
    if own[:1] == (method.lower(),) and method != "GET":
        own = own[1:]
    while len(own) > 1 and own[0] in _MODIFIERS:
        own = own[1:]
    return own


def _last(path: str) -> Words:
    """The last step of a path, where it is no placeholder."""
    last = path.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2]
    return words(last.split(":")[-1].split(".")[-1]) if "{" not in last and _says(last) else ()


def _before_last(path: str) -> Words:
    """What is done to what the last placeholder stands for: `addToGroup` of `/contacts/{id}/addToGroup/{group}`."""
    step = path.partition("?")[0].rstrip("/").rpartition("/")[0].rpartition("/")[2]
    own = words(step) if "{" not in step and _says(step) else ()
    return own if len(own) > 1 and own[0] in _WRITES - ALSO_NOUNS and not is_plural(own) else ()


def _reading(operation: Operation, results: list[_Saying]) -> _Saying | None:
    """The evidence that a POST only reads; none if anything suggests that it writes."""
    if not results or any(each.verb not in _READS for each in results):
        return None
    if results[0].verb == "list" and operation.path.endswith("}/list"):  # of one thing: to put it on a list
        return None
    declared = {word for each in results for word in each.others}
    if declared & (_WRITES | _MADE) or begins(operation)[:1] and begins(operation)[0] in _WRITES:
        return None
    return results[0]


def _writing(operation: Operation, results: list[_Saying]) -> _Saying | None:
    """The evidence that a GET writes; none if anything suggests that it only reads."""
    first = begins(operation)[:1]
    if any(each.verb in _READS for each in results):
        return None
    for each in results:
        if (each.verb in _UNSAFE or each.where == _SAYS) and not (first and first[0] in _READS | {"return", "check"}):
            return each
    if first and first[0] in _UNSAFE:
        return _Saying(first[0], "summary begins with", ())
    return None
