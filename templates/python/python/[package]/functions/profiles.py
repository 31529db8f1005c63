"""What a function does, and to what, as its name, its method and its path tell: the structure that a ranking goes by."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from itertools import pairwise

from .info import FunctionInfo
from .words import LOOKING, READING, of_name, of_question, stem

_VERSION = re.compile(r"v\d+(?:(?:alpha|beta)\d*)?")
_ENDING = re.compile(r"\.\w{2,5}$")
_OFTEN = 0.4
"""The share of functions from which on a word of their paths tells nothing."""


class Common:
    """The words that tell the functions of one API apart from nothing, since all or most of them have them."""

    def __init__(self, infos: Collection[FunctionInfo]) -> None:
        names = [own_name(info).split("_") for info in infos]
        alike = [at[0] for at in zip(*names, strict=False) if len({*at}) == 1] if len(names) > 3 else []
        self.named = frozenset(stem(word) for word in of_name(" ".join(alike)))
        paths = Counter(word for info in infos for word in _stems(info.path))
        self.paths = frozenset(word for word, count in paths.items() if count > _OFTEN * len(names))


class Profile:
    """A function, as far as its structure tells what it is for. All words are stems."""

    def __init__(self, info: FunctionInfo, common: Common) -> None:
        steps = [step for step in info.path.split("/") if step]
        fixed = [_ENDING.sub("", step) for step in steps if "{" not in step and step != "json"]
        last = fixed[-1] if fixed else ""
        name = of_name(own_name(info))
        verb = of_name(info.verb.replace("_", " "))
        plural = last.endswith("s") and not last.endswith("ss")
        self.parameters = sum("{" in step for step in steps)
        self.one = bool(steps) and "{" in steps[-1]
        """Whether the path ends with the one thing that is meant."""
        self.does = _does(info, verb[0] if verb else "", self.one, plural)
        """`read`, `create`, `act` or `store` (a POST that makes, that does something or that changes), else `put`, `patch`
        or `delete`."""
        several = (plural and not self.one) or info.page is not None or "list" in verb
        self.several = True if several else False if self.one else None
        """Whether a list comes of it; None where nothing tells."""
        self.last = _stems(last)
        self.resource = _stems(fixed[-2] if len(fixed) > 1 and not self.one and not plural else last)
        """What the path names before what is done to it."""
        self.path = _stems(" ".join(fixed))
        self.beside = self.path - common.paths
        stems = dict.fromkeys(stem(word) for word in name if word not in READING - LOOKING)
        self.named = [word for word in stems if word not in common.named and not _VERSION.fullmatch(word)]
        side = [*name, "", *of_name(" ".join(fixed)), "", *of_name(info.title)]
        self.pairs = frozenset(pairwise(map(stem, side)))
        self.sentences = ({*of_question(info.title)}, {*of_question(info.summary)})
        self.outdated = info.deprecated or "deprecated" in info.summary.lower()


def own_name(info: FunctionInfo) -> str:
    """The name without the API's own, which all of them have."""
    return info.name.partition("_")[2]


def _stems(text: str) -> frozenset[str]:
    return frozenset(map(stem, of_name(text)))


def _does(info: FunctionInfo, verb: str, one: bool, plural: bool) -> str:
    if info.type == "read" or info.method in ("GET", "HEAD", "QUERY"):
        return "read"
    if verb in ("create", "delete"):
        return verb
    if info.method in ("PATCH", "PUT", "DELETE"):
        return info.method.lower()
    return "store" if one or verb == "update" else "create" if plural else "act"
