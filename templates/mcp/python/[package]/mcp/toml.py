"""TOML changed as text, line by line: whoever wrote the file finds the rest of it, comments and all, as it was."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any


def edited(text: str, section: str, name: str, values: Mapping[str, Any]) -> str:
    """The text with these values in the table `section.name`, whose other lines stay where they are."""
    lines = text.splitlines(keepends=True)
    heads = {f"{section}.{key}" for key in (name, json.dumps(name), f"'{name}'")}
    start = next(
        (n for n, line in enumerate(lines) if line.partition("]")[0].strip().lstrip("[").strip() in heads), None
    )
    if start is None:
        rest = text.rstrip()
        return (rest + "\n\n" if rest else "") + table(section, name, values)
    missing, edited_, at = dict(values), lines[: start + 1], start + 1
    while at < len(lines) and not lines[at].lstrip().startswith("["):
        key = lines[at].partition("=")[0].strip()
        if key in missing:
            count, comment = _extent(lines[at:])
            edited_.append(_assignment(key, missing.pop(key)) + comment + "\n")
            at += count
        else:
            edited_.append(lines[at])
            at += 1
    edited_[start + 1 : start + 1] = [_assignment(key, value) + "\n" for key, value in missing.items()]
    return "".join(edited_ + lines[at:])


def _extent(lines: Sequence[str]) -> tuple[int, str]:
    """How many lines the assignment takes that begins here, and the comment behind it."""

    def whole(text: str) -> bool:
        try:
            return bool(tomllib.loads(text))
        except tomllib.TOMLDecodeError:
            return False

    for count in range(1, len(lines) + 1):
        before, last = "".join(lines[: count - 1]), lines[count - 1]
        if whole(before + last):
            hashes = (n for n, sign in enumerate(last) if sign == "#" and whole(before + last[:n]))
            comment = next((last[n:].rstrip() for n in hashes), "")
            return count, f"  {comment}" if comment else ""
    return 1, ""


def table(section: str, name: str, values: Mapping[str, Any]) -> str:
    """The table `section.name` as the only content of a file."""
    bare = name.isascii() and name.replace("-", "").replace("_", "").isalnum()
    lines = [_assignment(key, value) for key, value in values.items()]
    return f"[{section}.{name if bare else json.dumps(name)}]\n" + "\n".join(lines) + "\n"


def _assignment(key: str, value: Any) -> str:
    # A JSON string or list of strings is written in TOML as it is.
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"
