"""The policy classes beyond `read` and `write`: which of them an API has, and the sentences that explain them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...ir import Api, Class

EXTRA: tuple[Class, ...] = ("billed", "destructive", "secret")
_VERBS: Mapping[Class, str] = {
    "read": "reads",
    "write": "writes",
    "billed": "costs",
    "destructive": "destroys",
    "secret": "discloses",
}


def extra(api: Api) -> tuple[Class, ...]:
    """Those that a function of the API has: no text speaks of the others."""
    names = {each for function in api.functions for each in function.classes}
    return tuple(each for each in EXTRA if each in names)


def does(classes: Sequence[Class]) -> str:
    """What functions of these classes do, one or the other: `costs, destroys or discloses`."""
    return listed([_VERBS[each] for each in classes], "or")


def listed(words: Sequence[str], last: str) -> str:
    """The words as a sentence lists them."""
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
