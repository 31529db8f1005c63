"""Which operations a key of the catalog's `operations` means: one, or all that a text with `*` describes.

    GET /admin/*    the method and the path; `*` for any method
    tag:billing     a tag
    repos/*         the operationId, the name or the group and the verb (`repos.list`), as they are without a catalog

`*` stands for any characters, none and `/` included; there is no other sign, and nothing is escaped.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..read.openapi import METHODS, Operation
from .identity import Identity

_TAG = "tag:"


@dataclass(frozen=True)
class Selector:
    """A key, taken apart."""

    text: str
    kind: str
    """tag, path or name."""

    @classmethod
    def of(cls, text: str) -> Selector:
        """What a key means."""
        method, space, path = text.partition(" ")
        spoken = method == "*" or method.lower() in METHODS or (method.isalpha() and method.isupper())
        if text.startswith(_TAG):
            return cls(text.removeprefix(_TAG), "tag")
        if space and spoken and path.lstrip().startswith(("/", "*")):
            return cls(f"{method.upper()} {path.strip()}", "path")
        return cls(text, "name")

    @property
    def exactness(self) -> tuple[bool, int]:
        """The greater, the more exact: a key that names one operation, then that with more characters beside `*`."""
        if "*" not in self.text and self.kind != "tag":
            return True, 0
        return False, len(self.text) - self.text.count("*")

    def means(self, operation: Operation, identity: Identity, prefix: str) -> bool:
        """Whether it describes an operation."""
        return any(matches(self.text, each) for each in self._texts(operation, identity, prefix))

    def _texts(self, operation: Operation, identity: Identity, prefix: str) -> Iterator[str]:
        if self.kind == "tag":
            tags = operation.node.value.get("tags")
            yield from (tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else ()
        elif self.kind == "path":
            yield f"{operation.method} {operation.path}"
        else:
            yield from called(operation, identity, prefix)


def called(operation: Operation, identity: Identity, prefix: str) -> tuple[str, ...]:
    """All names of an operation."""
    verb = ".".join("_".join(step) for step in (*identity.group, identity.verb))
    result = (operation.id, identity.key, identity.name, identity.name.removeprefix(f"{prefix}_"), verb)
    return tuple(dict.fromkeys(each for each in result if each))


def matches(pattern: str, text: str) -> bool:
    """Whether a text is what a pattern describes. Linear: each piece between two `*` is looked for once, from the left."""
    first, *rest = pattern.split("*")
    if not rest:
        return pattern == text
    *middle, last = rest
    if not text.startswith(first) or len(text) < len(first) + len(last) or not text.endswith(last):
        return False
    at, end = len(first), len(text) - len(last)
    for piece in middle:
        at = text.find(piece, at, end)
        if at < 0:
            return False
        at += len(piece)
    return True
