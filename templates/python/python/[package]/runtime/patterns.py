"""The patterns of a document, matched in time linear in the text: by the engine of jsonschema-rs, where it is installed.

A pattern comes from a document or a server and the text from a caller, so an engine that backtracks must never see the
two together: `^(a|a)*$` takes it years for forty letters. The engine used here knows neither look-around nor
backreferences, and reads some things otherwise than ECMA-262, whose regular expressions JSON Schema speaks of. A pattern
that it cannot compile or would read otherwise is not checked: the server decides.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

LONGEST = 10_000
"""Characters of a pattern."""
LARGEST = 1 << 21
"""Bytes of a compiled pattern."""
WORK = 1 << 32
"""Characters of a text times bytes of the compiled pattern, all of which may have to be looked at for each of them."""
_MEMORY = 1 << 20
"""Bytes in which the engine may remember what it has met, for each pattern."""

_ESCAPES = frozenset("dDwWsStnvfruc")
"""Letters that mean the same after a backslash, whatever follows."""
_BRACED = ("\\p", "\\P", "\\u")
_COUNT = frozenset("0123456789,")


def matches(pattern: str, text: str) -> bool | None:
    """Whether the pattern describes a part of the text; None where that is not checked here."""
    # A power of two, so that texts of many lengths share few compiled patterns.
    size = 1 << (WORK // max(len(text), 1)).bit_length() >> 1
    compiled = _compiled(pattern, min(size, LARGEST))
    if compiled is None:
        return None
    try:
        return bool(compiled.is_valid(text))
    except ValueError:
        return None  # half of a surrogate pair: no UTF-8 can hold it


def checked(pattern: str) -> bool:
    """Whether a pattern is checked at all, with texts that are not too long for it."""
    return _compiled(pattern, LARGEST) is not None


def alike(schema: Any) -> bool:
    """Whether every name of `patternProperties` in a schema is a pattern that is checked."""
    todo = [schema]
    while todo:
        part = todo.pop()
        if isinstance(part, dict):
            named = part.get("patternProperties")
            if isinstance(named, dict) and not all(map(checked, named)):
                return False
            todo += part.values()
        elif isinstance(part, list):
            todo += part
    return True


def options(size: int = LARGEST) -> Any:
    """What has a validator of jsonschema-rs match by the engine that never backtracks, within the bounds."""
    import jsonschema_rs

    return jsonschema_rs.RegexOptions(size_limit=size, dfa_size_limit=_MEMORY)


@lru_cache(maxsize=256)
def _compiled(pattern: str, size: int) -> Any:
    """The pattern in at most so many bytes; None where that cannot be."""
    try:
        import jsonschema_rs
    except ImportError:
        return None
    if len(pattern) > LONGEST or not _alike(pattern):
        return None
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options(size))
    except ValueError:
        return None


def _alike(pattern: str) -> bool:
    """Whether ECMA-262 and the engine read a pattern alike; what neither can read may pass."""
    characters = iter(pattern)
    tokens = [each + next(characters, "") if each == "\\" else each for each in characters]
    at, before = 0, ""
    while at < len(tokens):
        token, rest = tokens[at], tokens[at + 1 : at + 3]
        at += 1
        if token[0] == "\\":
            if not _escape_alike(token[1:], rest[:1]):
                return False
            if token in _BRACED and rest[:1] == ["{"]:
                at = _index(tokens, "}", at) + 1
            before = "atom"
        elif token == "[":
            end = _index(tokens, "]", at)
            if not _class_alike(tokens[at:end]):
                return False
            at, before = end + 1, "atom"
        elif token == "?" and before == "quantifier":
            before = ""
        elif token in "*+?{":
            if before != "atom":
                return False
            if token == "{":
                end = _index(tokens, "}", at)
                if tokens[at : at + 1] == [","] or not set(tokens[at:end]) <= _COUNT:
                    return False
                at = end + 1
            before = "quantifier"
        elif token == "(" and rest[:1] == ["?"]:
            if rest[1:] not in ([":"], ["<"]):
                return False
            at, before = at + 2, ""
        else:
            before = "" if token in "(|^$" else "atom"
    return True


def _escape_alike(escaped: str, after: list[str]) -> bool:
    if escaped in ("x", "p", "P"):
        return (after == ["{"]) == (escaped != "x")
    if escaped.isalnum():
        return escaped in _ESCAPES
    # The engine takes these two for the edges of a word.
    return escaped.isascii() and escaped not in "<>"


def _class_alike(members: list[str]) -> bool:
    """Whether the members of a class are: the engine has classes within classes, and three operators between them."""
    if not members or members == ["^"]:
        return False
    for at, member in enumerate(members):
        if member == "[" or (member in ("&", "-", "~") and members[at + 1 : at + 2] == [member]):
            return False
        if member[0] == "\\" and not _escape_alike(member[1:], members[at + 1 : at + 2]):
            return False
    return True


def _index(tokens: list[str], token: str, at: int) -> int:
    try:
        return tokens.index(token, at)
    except ValueError:
        return len(tokens)
