"""Every place of a document and a catalog that holds text, and documents made by filling it.

A `text` stands for itself. A `name` is a key, or what refers to one: it is renamed wherever it stands. What is left
(`word`) is a keyword, a reference or what a pattern of the catalog holds: with another text there the run may refuse.
"""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

import yaml

from generator.link.title import title_words
from generator.names import argument, words

HERE = Path(__file__).parent / "fixture"
Steps = tuple[str | int, ...]
Tree = dict[str, Any]
"""{"openapi": document, "catalog": catalog}"""
Filled = dict["Place", str]

_NAME = re.compile(r"nm[A-Z]\w*")
_WORDS = re.compile(
    r"/(openapi|\$ref|in|style|scheme|operationId|pattern|mapping/\w+|example)$"
    r"|/(type|type/\d+|required/\d+)$"
    r"|^/openapi/(servers|paths/.*/servers)/.*/url$|/variables/.*/(default|enum/\d+)$"
    r"|/encoding/\w+/contentType$|^/openapi/tags/\d+/name$|/externalDocs/url$"
    r"|^/catalog/api/(name|package|command|client|version|homepage|token_url|whoami|environment/\w+)$"
    r"|^/catalog/types/|^/catalog/(headers/\w+/(name|encoding)|references/\w+/form|runners/\w+/(function|named/\d+))$"
    r"|^/catalog/jobs/\w+/(poll|cancel|list|argument)$|^/catalog/(uploads|webhooks)/(?!events/)"
    r"|^/catalog/prompts/\w+/(text|arguments/.*/(function|form))$"
    r"|^/catalog/functions/\w+/(operation|type|page|job|files/.*|parameters/\w+/name)$"
)
_DATA = re.compile(
    r"/(format|contentMediaType|examples?|default|const|enum|arguments|result|value|links/\w+/parameters|terminal|successful|events)(/|$)"
)
_SHOWN = re.compile(r"/examples/\w+/(title|summary|description)$")
_EXAMPLE = re.compile(r"/examples?$")
_KEYS = ("text/plain", "application/x-odd", "application/problem+json", "200", "201", "default", "x-text", "filename", "/alone", "what", "ask", "start")  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a text can stand."""

    at: str
    """A pointer, or a name that is renamed everywhere, or a key after `key:`."""
    kind: Literal["text", "data", "name", "word", "key"]


@cache
def fixture() -> Tree:
    """The documents as they are written, without harm."""
    return {name: yaml.safe_load((HERE / f"{name}.yaml").read_text("utf-8")) for name in ("openapi", "catalog")}


@cache
def places() -> tuple[Place, ...]:
    """All of them, in the order in which they stand."""
    found: dict[Place, None] = {}
    alike: set[tuple[Any, ...]] = set()
    for steps, value in _strings(fixture()):
        pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)
        for name in _NAME.findall(f"{steps[-1]} {value}"):
            found[Place(name, "name")] = None
        if isinstance(steps[-1], str) and steps[-1] in _KEYS:
            found[Place(f"key:{steps[-1]}", "key")] = None
        if value is None or _NAME.search(value) and " " not in value:
            continue
        if _WORDS.search(pointer) and not (_EXAMPLE.search(pointer)):
            if steps[-2:] not in alike:  # the types of fifty schemas are one place
                alike.add(steps[-2:])
                found[Place(pointer, "word")] = None
        else:
            found[Place(pointer, "data" if _DATA.search(pointer) and not _SHOWN.search(pointer) else "text")] = None
    return tuple(found)


def _strings(value: Any, steps: Steps = ()) -> Iterator[tuple[Steps, str | None]]:
    """Every string with the steps to it, and every key with None."""
    if isinstance(value, dict):
        for key, each in value.items():
            if steps:
                yield (*steps, key), None
            yield from _strings(each, (*steps, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _strings(each, (*steps, index))
    elif isinstance(value, str):
        yield steps, value


def filled(texts: Mapping[Place, str]) -> Tree:
    """The documents with these texts in their places."""
    tree = deepcopy(fixture())
    names = {place.at: text for place, text in texts.items() if place.kind == "name"}
    for place, text in texts.items():
        if place.kind in ("text", "data", "word"):
            _put(tree, place.at, text)
        elif place.kind == "key":
            names[place.at.removeprefix("key:")] = text
    renamed = _Renamed(names)
    return {name: renamed.tree(part) for name, part in tree.items()} if names else tree


def _put(tree: Any, pointer: str, text: str) -> None:
    *way, last = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    for step in way:
        tree = tree[int(step) if isinstance(tree, list) else step]
    tree[int(last) if isinstance(tree, list) else last] = text


def _called(old: str, new: str) -> str:
    """What the catalog calls what a document calls by the new name: an argument, or a group."""
    return "_".join(words(new)) if old == "nmGroup" else argument(words(new))


class _Renamed:
    """Documents in which names are others, wherever they stand."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.arguments = {"_".join(words(old)): _called(old, new) for old, new in names.items() if _NAME.match(old)}
        """What the catalog calls them, by the words that they are made of."""

    def tree(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {self.word(str(key)): self.tree(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.tree(each) for each in value]
        return self.word(value) if isinstance(value, str) else value

    def word(self, text: str) -> str:
        """A key, or a text that may be a name, hold one in braces, refer to one or be a dotted path of them."""
        if found := self.names.get(text) or self.arguments.get(text):
            return found
        if text.startswith("#/components/") and (last := text.rpartition("/")[2]) in self.names:
            new = self.names[last].replace("~", "~0").replace("/", "~1")
            return text[: -len(last)] + quote(new.encode("utf-8", "surrogatepass"), safe="~")
        if " " in text or not ("nm" in text):
            return text
        if "{" in text:
            text = re.sub(r"\{(\w+)\}", lambda match: "{" + self.word(match[1]) + "}", text)
        for between in "/.":
            if between in text:
                return between.join(self.names.get(part, part) for part in text.split(between))
        return text


# A header of another name is left out, which its own test holds.
_SENT = ("nmHeader", "nmCookie", "nmKeyHeader")
_TOKEN = frozenset("!#$%&'*+-.^_`|~" + string.ascii_letters + string.digits)
_BLANKS = "".join(filter(str.isspace, map(chr, range(0x3001))))
_APART = {
    "nmTitle": "`",
    **dict.fromkeys(("nmId", "nmOwner", "nmName", "nmSegment", "nmRegion"), "{}/`"),
    **dict.fromkeys(
        (
            "nmGroup",
            "nmFiles",
            "nmList",
            "nmGet",
            "nmCreate",
            "nmDelete",
            "nmReplace",
            "nmDownload",
            "nmPatch",
            "nmForm",
        )
        + ("nmUpload", "nmOwned", "nmUrls", "nmStream", "nmGet_", "nmAlone", "nmStatus", "nmOutput")
        + ("nmLogs", "nmError", "nmNext", "nmItems", "nmPrevious", "nmSecret", "nmInput"),
        "./:{}" + _BLANKS,
    ),
}
"""What would make two of a name: braces and slashes in a path's template; what separates the parts of an operationId,
or makes a sentence of it."""


def hostile(place: Place, payload: str, turn: int) -> str:
    """The payload as it stands in a place. A name keeps its own beside it: two that become one are another matter."""
    if place.at.endswith("/nmSelf/description") and not "".join(_plain(c, "x", "", False) for c in payload).strip():
        return "plain"  # where nothing is seen of one that stands beside a reference, the other's is not shown either
    if place.kind != "name":
        # A text without a letter or a digit says nothing, and is not shown.
        return payload if place.kind != "text" or any(map(str.isalnum, payload)) else f"{payload} nm"
    payload = "".join(char for char in payload if char not in _APART.get(place.at, ""))
    if place.at in _SENT:
        payload = "".join(char for char in payload if char in _TOKEN)[:100]
    return payload + place.at if turn % 2 else place.at + payload


def harmless(place: Place, payload: str, turn: int, index: int) -> str:
    """A text of the same length, lines, spaces and code spans without any harm in it; of a name, its words."""
    payload = hostile(place, payload, turn) if place.kind != "name" else payload
    if place.kind != "name":
        letter = "bcdfghjkmnpqrstvwxz"[index % 19]
        keep = "`" if place.kind == "text" else ""
        text = payload.replace("\r\n", "\n").replace("\r", "\n")
        return "".join(_plain(char, letter, keep, place.kind == "data") for char in text)
    name = hostile(place, payload, turn)
    if name.isascii() and name.isidentifier():
        return name
    return f"-{'-'.join(title_words(name) if place.at == 'nmTitle' else words(name))}-"


def _plain(char: str, letter: str, keep: str, every: bool) -> str:
    if char.isascii() and char.isalnum() or char in " \n" or char in keep:
        return char
    if char in "\t\xa0\u2003\u3000":
        return letter if every else " "
    hidden = (
        unicodedata.category(char) in ("Cc", "Cf", "Cs", "Cn", "Zl", "Zp") or char in "\u3164\u115f\ufe01\U000e0101"
    )
    return letter if every or not hidden else ""


def texts(
    made: Callable[[Place, str, int, int], str], taken: tuple[Place, ...], payloads: tuple[str, ...], turn: int
) -> Filled:
    """A text for each place, another payload in each; over as many turns as there are payloads each meets all."""
    return {
        place: made(place, payloads[(index + turn) % len(payloads)], turn, index) for index, place in enumerate(taken)
    }
