"""Other words for commands: nouns in their other number, verbs of other command lines, and what the catalog lists.

A word that is a command keeps its meaning. What stands here is understood wherever a command is typed, and listed
nowhere a second time. What starts a job may be given a reference and inputs, as the command that runs by them is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from .. import about
from .commands import ALIASES, COMMANDS, GROUPS, RUNNERS
from .options import OPTIONS
from .table import Runner

Words = tuple[str, ...]

VERBS = {"ls": "list", "new": "create", "rm": "delete", "show": "get", "view": "get"}
_COMMANDS = frozenset(command.words for command in COMMANDS)
_FLAGS = {"--wait", "--detach"} | {f"--{name}" for name, _, declared in OPTIONS if declared.get("is_flag")}
_REFERENCE = re.compile(r"[^/=:@{]+/[^/=@]+(?:/[^/=@]+)?")
_PAIR = re.compile(r"[A-Za-z_]\w*(?:\[\w*\])*:?=")


def expanded(words: Sequence[str]) -> list[str]:
    """The words as the table of commands has them; what follows a command, and what is unknown, stays as it is."""
    path: Words = ()
    for index, word in enumerate(words):
        rest = words[index + 1 :]
        longer = (*path, word)
        if longer in _COMMANDS:
            return _command(longer, rest)
        if longer in GROUPS:
            path = longer
        elif longer in ALIASES:
            return [*ALIASES[longer], *rest]
        elif noun := _noun(path, word):
            path = (*path, noun)
        elif (*path, VERBS.get(word, "")) in _COMMANDS:
            return _command((*path, VERBS[word]), rest)
        else:
            return [*path, word, *rest]
    return [*path]


def _command(words: Words, rest: Sequence[str]) -> list[str]:
    return [*(_runner(words, rest) or words), *rest]


def _runner(words: Words, rest: Sequence[str]) -> Words:
    """The command that runs by a reference, where this one, which starts the same, is given a reference and inputs."""
    function = next(row.function for row in COMMANDS if row.words == words)
    row = next((row for row in RUNNERS if row.function == function and not row.stream), None)
    if row is None or any(word.partition("=")[0] in _named(row) for word in rest):
        return ()
    reference, *inputs = _placed(rest) or [""]
    return (row.word,) if _REFERENCE.fullmatch(reference) and inputs and all(map(_PAIR.match, inputs)) else ()


def _placed(rest: Sequence[str]) -> list[str]:
    """The words that are no options, and no values of one."""
    before = ["", *rest]
    return [
        word
        for option, word in zip(before, rest, strict=False)
        if word[:1] != "-" and (option[:2] != "--" or "=" in option or option in _FLAGS)
    ]


def _named(row: Runner) -> set[str]:
    """The options of the function that the reference resolves to; inputs may be passed to both commands."""
    return {f"--{name.replace('_', '-')}" for name in row.named if name != "input"}


def others(path: Words) -> dict[str, str]:
    """The other words that may follow these, and what each resolves to; nouns in their other number are left out."""
    commands = {words[-1]: " ".join((about.COMMAND, *meant)) for words, meant in ALIASES.items() if words[:-1] == path}
    for word, verb in VERBS.items():
        if (*path, verb) in _COMMANDS:
            commands.setdefault(word, verb)
    return {word: meant for word, meant in sorted(commands.items()) if (*path, word) not in _COMMANDS | GROUPS.keys()}


def nouns(path: Words) -> Iterator[str]:
    """The nouns that may follow these, in their other number."""
    for other in _other_numbers(noun for *above, noun in GROUPS if tuple(above) == path):
        if _noun(path, other):
            yield other


def _noun(path: Words, word: str) -> str:
    """The noun below these words of which this word is the other number; empty if none or several match."""
    known = [noun for *above, noun in GROUPS if tuple(above) == path]
    matches = [noun for noun in known if word in _other_numbers([noun])]
    return matches[0] if len(matches) == 1 else ""


def _other_numbers(words: Iterable[str]) -> Iterator[str]:
    """Plural and singular of English nouns; of a noun of several words the last one changes."""
    for noun in words:
        if noun.endswith("ies"):
            yield f"{noun[:-3]}y"
        elif noun.endswith(("ches", "shes", "sses", "xes", "zes")):
            yield noun[:-2]
        elif noun.endswith("s") and not noun.endswith(("ss", "us", "is")):
            yield noun[:-1]
        elif noun.endswith(("ch", "sh", "ss", "x", "z")):
            yield f"{noun}es"
        elif noun.endswith("y") and noun[-2:-1] not in tuple("aeiou"):
            yield f"{noun[:-1]}ies"
        else:
            yield f"{noun}s"
