"""Words -> spelling.

A name is safe to stand in code by its type: `Identifier` is made here and nowhere else.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from ..errors import Finding
from ..ir import Place
from ..text import Code

Words = tuple[str, ...]

_UNACCENTED = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d"}
    | {"ẞ": "SS", "Æ": "Ae", "Œ": "Oe", "Ø": "O", "Ł": "L", "Đ": "D"}
)
"""Letters that no decomposition turns into ASCII and whose spelling without an accent is customary."""
_SIGNED = re.compile(r"(?:\A|\s)([+-])(?=[0-9]+\s*\Z)")
_BRANDS = re.compile(
    r"(?<![A-Z])(?:AtoZ|DevOps|DynamoDB|EBooks?|ETag|GraphQL|IoT|JavaScript|MariaDB|MySQL|NoSQL|OAuth[0-9]*|OpenAPI|PowerShell"
    r"|PubSub|QuickBooks|SQLite|SignalR|TypeScript|WebRTC|WhatsApp|YouTube)(?![a-z])"
    r"|(?<![A-Za-z])(?:eTag|eBooks?|iCal|iOS|macOS|mRNA|[Kk]8[Ss]|[A-Z][0-9][A-Z])(?![a-z])"
    r"|GitHub|GitLab|LinkedIn|MongoDB|PayPal|PostgreSQL|I[Pp]v[46]s?(?![a-z])"
    r"|(?<![A-Z])[A-Z]{2,}s(?![a-z])|(?<![0-9])[0-9]FA(?![0-9a-z]|[A-Z](?![a-z]))"
)
"""Words whose capital letters begin no other: names, acronyms with a digit, and plurals of acronyms."""
_BREAKS = re.compile(r"[^0-9A-Za-z]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


class Identifier(Code):
    """A name spelled for one language; letters, digits and that language's joiner only."""

    __slots__ = ()


@lru_cache(maxsize=1 << 16)
def words(text: str) -> Words:
    """The words of a name as written: `webhookEventsFilter` -> ("webhook", "events", "filter").

    Letters outside ASCII lose their accents; what has no ASCII letter at all is spelled by code point,
    so that two different names never become the same one by losing everything. A number keeps its sign: `+1` is
    ("plus", "1").
    """
    plain = _SIGNED.sub(lambda outcome: " plus " if outcome[1] == "+" else " minus ", text)
    if not plain.isascii():
        plain = unicodedata.normalize("NFKD", plain.translate(_UNACCENTED))
        plain = "".join(c for c in plain if not unicodedata.combining(c))
        plain = "".join(c if c.isascii() else f" u{ord(c):x} " for c in plain)
    whole = _BRANDS.sub(lambda result: f" {result[0].lower()} ", plain)
    return tuple(part.lower() for part in _BREAKS.split(whole) if part) or ("empty",)


def snake(parts: Words) -> str:
    return "_".join(parts)


def kebab(parts: Words) -> str:
    return "-".join(parts)


def pascal(parts: Words) -> str:
    return "".join(part[:1].upper() + part[1:] for part in parts)


def screaming(parts: Words) -> str:
    return "_".join(parts).upper()


def anchor(text: str) -> Identifier:
    """The part of a page that is about something of this name."""
    return Identifier(snake(words(text)))


@dataclass(frozen=True)
class Convention:
    """How one kind of name is spelled: a case, and the words that the language keeps for itself."""

    case: Callable[[Words], str]
    reserved: frozenset[str] = frozenset()
    suffix: str = "_"
    """What sets a reserved word apart: `from_`."""
    prefix: str = "n"
    """What a name that begins with a digit is given: `n3d`."""
    _spelled: dict[Words, Identifier] = field(default_factory=dict, init=False, repr=False, compare=False)
    """A cache of spellings: every surface spells the same names, on many pages."""

    def spell(self, name: Words) -> Identifier:
        """The spelling of these words. Always a valid name of the language, never a reserved word."""
        result = self._spelled.get(name)
        if result is None:
            result = self._spelled[name] = self._spell(name)
        return result

    def _spell(self, name: Words) -> Identifier:
        spelled = self.case(name)
        if not spelled[:1].isalpha():
            spelled = self.case((self.prefix, *name)) if spelled[:1].isdigit() else self.prefix + spelled
        return Identifier(spelled + self.suffix if spelled in self.reserved else spelled)


def collisions(convention: Convention, named: Iterable[tuple[Words, str, Place]]) -> list[Finding]:
    """Findings for names that are spelled alike; `named` gives (words, name as written, place)."""
    seen: dict[str, tuple[str, Place]] = {}
    results = []
    for name, written, place in named:
        spelled = str(convention.spell(name))
        if spelled in seen:
            other, there = seen[spelled]
            results.append(
                Finding(
                    place,
                    f"{written!r} is spelled {spelled!r}, as is {other!r} at {there}",
                    "rename one of them in the catalog",
                )
            )
        else:
            seen[spelled] = (written, place)
    return results
