"""Names of files: what every file system takes, and no other file of the folder has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .spelling import Identifier, Words, snake

LONGEST = 100
"""Characters of a name that becomes a file's; file systems take 255 bytes, and endings and folders come on top."""
_DEVICES = frozenset(["con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))])
"""Names that Windows keeps, whatever comes after a dot."""


@dataclass(frozen=True)
class FileNames:
    """The names of files of one folder, by the keys of what they hold."""

    of: Mapping[str, Identifier]
    changed: Mapping[str, str]
    """key -> why its name differs from its spelling"""


def file_names(spelled: Mapping[str, str], taken: Iterable[str] = ()) -> FileNames:
    """A name for each, that every file system takes and that no other has, in upper case or lower.

    spelled: by key, as the convention has it; a dot stands between steps. taken: by files that are always there.
    """
    used = {name.lower() for name in taken}
    result: dict[str, Identifier] = {}
    changed: dict[str, str] = {}
    for key, name in spelled.items():
        plain = name if len(name) <= LONGEST else _cut(name)
        if plain.partition(".")[0].lower() in _DEVICES:
            plain = f"{plain}_"
        value, number = plain, 2
        while value.lower() in used:
            value, number = f"{plain}_{number}", number + 1
        if value != name:
            why = (
                "is too long for a file name"
                if len(name) > LONGEST
                else "is not a valid file name, or is already taken"
            )
            changed[key] = f"{name[:LONGEST]!r} {why}; the file is named {value!r}"
        used.add(value.lower())
        result[key] = Identifier(value)
    return FileNames(result, changed)


def _cut(name: str) -> str:
    """The words at the beginning and the end of a name, which tell one from another, as far as there is room."""
    room = LONGEST - len("_2000")
    head, tail = name[: room * 2 // 3], name[-(room // 3) :]
    head = head[: max(head.rfind("_"), head.rfind(".")) + 1] or head
    return f"{head.rstrip('_.')}_{tail[max(tail.find('_'), 0) :].strip('_.')}"


def shortened(name: Words) -> Words:
    """As many of the words as make a name for a file."""
    result = name[:1] if len(name[0]) <= LONGEST // 2 else (name[0][: LONGEST // 2],)
    for word in name[1:]:
        if len(snake((*result, word))) > LONGEST // 2:
            break
        result = (*result, word)
    return result
