"""Notes on arguments that look like a path where the content of a file, or its URL, is expected.

An agent's arguments are data: a path among them is never read. It is sent as the text that it is, and the answer
carries a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from .info import FunctionInfo
from .schemas import resolved

MOST = 5
"""Notes of one call."""
_DEEPEST, _MOST_VALUES = 12, 2000
_LONGEST = 1024
"""Characters of a path."""
_SHOWN = 60
_KNOWN = re.compile(
    "aac|avi|bin|bmp|csv|docx?|flac|gif|glb|gz|heic|jpe?g|jsonl?|m4a|md|mkv|mov|mp[34]|np[yz]|obj|ogg|parquet|pdf|png|pt"
    "|safetensors|stl|svg|tar|tgz|tiff?|tsv|txt|wav|webm|webp|xlsx?|xml|ya?ml|zip"
)
"""File extensions that are not confused with a word that has a dot in it."""
_ENDING = re.compile(r"\.([A-Za-z][A-Za-z0-9]{0,10})")
_PLACED = re.compile(r"(~|\.{1,2})?[/\\]|[A-Za-z]:[/\\]")


def looks_like_path(text: str) -> bool:
    """Whether a text is more likely the path of a file than anything else: `photo.png`, `~/x.wav`, `@photo.png`."""
    if len(text) > _LONGEST or not text.isprintable():
        return False
    bare = text.removeprefix("@")
    name = re.split(r"[/\\]", bare)[-1]
    stem, dot, _ = name.rpartition(".")
    ending = _ENDING.fullmatch(name[len(stem) :]) if dot and stem else None
    if ending is None or bare.startswith("//"):
        return False
    if " " in bare and not _PLACED.match(bare):
        return False  # a sentence that ends in a name of a file
    from ..runtime.files import is_url  # here, as most arguments are no paths

    return not is_url(text) and bool(_KNOWN.fullmatch(ending[1].lower()) or _PLACED.match(bare))


def notes(info: FunctionInfo, arguments: Mapping[str, Any]) -> list[dict[str, str]]:
    """Notes on a call's arguments: `at`, a JSON pointer into them, and a `note`."""
    schema = info.input_schema.get("properties") or {}
    matches = (
        each
        for name, value in arguments.items()
        for each in _paths(value, schema.get(name), name in info.files_in, f"/{_escaped(name)}", info.input_schema)
    )
    return [_note(place, text) for place, text in islice(matches, MOST)]


def notes_of_input(input: Any) -> list[dict[str, str]]:
    """The same for an input of free form, which may hold a file anywhere."""
    return [_note(place, text) for place, text in islice(_paths(input, None, True, "/input"), MOST)]


def _note(place: str, text: str) -> dict[str, str]:
    from ..runtime.visible import line

    shown = line(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")
    return {
        "at": line(place)[:200],
        "note": f"{shown!r} was sent as this text and not as a file: give a URL or a data: URL",
    }


def _paths(value: Any, schema: Any, file: bool, place: str, root: Any = None) -> Iterator[tuple[str, str]]:
    """(place, text) of each text that looks like a path where a file may stand."""
    left = [(value, schema, file, place, 0)]
    for _ in range(_MOST_VALUES):
        if not left:
            return
        value, schema, file, place, depth = left.pop()
        schema = resolved(schema, root)
        file = file or schema.get("format") in ("uri", "binary")
        if isinstance(value, str):
            if file and looks_like_path(value):
                yield place, value
        elif depth < _DEEPEST and isinstance(value, Mapping):
            known = schema.get("properties") or {}
            inner = [
                (item, known.get(key), file, f"{place}/{_escaped(str(key))}", depth + 1) for key, item in value.items()
            ]
            left += reversed(inner[:_MOST_VALUES])
        elif depth < _DEEPEST and isinstance(value, list):
            items = [
                (item, schema.get("items"), file, f"{place}/{n}", depth + 1)
                for n, item in enumerate(value[:_MOST_VALUES])
            ]
            left += reversed(items)


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
