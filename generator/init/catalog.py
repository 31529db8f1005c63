"""The text of a catalog: each function as it is derived, commented out, so that it stays derived until somebody edits it.

To change one thing about a function, its name and that line are uncommented; the others go on following the document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from ..errors import SpecError
from ..ir import Api, Function
from ..text import prose, yaml_literal
from .scalars import scalar

_HEAD = """\
# The catalog: what this API means where the document does not say it, or says it badly.
#
# Below stands each function as it is derived from the document, commented out. To change something, uncomment the line
# with the name of the function and the one to be changed; what stays a comment goes on following the document.
# `surfacegen init` adds the functions that are new, and changes nothing that stands here; what you delete stays away.
catalog: 1

functions:
"""
_NAME = re.compile(r"^  (?:# ?)?(?:\"([^\"]+)\"|([A-Za-z0-9_]+)):", re.MULTILINE)
_OPERATION = re.compile(r"^[ \t]*(?:# ?)?[ \t]*operation:[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s#]+))", re.MULTILINE)
_FUNCTIONS = re.compile(r"^functions:[ \t]*(.*)$", re.MULTILINE)
_NEXT = re.compile(r"^[^\s#]", re.MULTILINE)


def extended(before: str, api: Api, offered: Collection[str] = ()) -> tuple[str, tuple[Function, ...]]:
    """The catalog with the functions that it does not name, commented out; and those.

    before: its text; empty where there is none. It stays as it is, but for what is added at the end of its functions.
    offered: operations that it named before; one that it names no longer was taken out.
    """
    section = _FUNCTIONS.search(before)
    following = _NEXT.search(before, section.end()) if section else None
    named = before[section.end() : following.start() if following else len(before)] if section else ""
    known = {first or second for first, second in _NAME.findall(named)}
    known |= {*offered} if before else set()
    known |= {_unquoted(first) if first else second for first, second in _OPERATION.findall(before)}
    added = tuple(each for each in api.functions if each.name not in known and each.operation_id not in known)
    if not before:
        return _HEAD + _blocks(added), added
    if not added:
        return before, ()
    if section is None:
        end = "" if before.endswith("\n") else "\n"
        return f"{before}{end}\nfunctions:\n{_blocks(added)}", added
    if section[1].strip() and not section[1].strip().startswith("#"):
        what = "the functions are written on one line, to which none can be added"
        raise SpecError("the catalog", what, "write `functions:` on a line of its own")
    cut = len(before[: following.start() if following else len(before)].rstrip())
    # A comment that stands right above the next section belongs to that one; ours go before the blank line above it.
    blank = before.rfind("\n\n", section.end(), following.start()) if following else -1
    if blank >= 0 and all(not line or line.startswith("#") for line in before[blank:cut].splitlines()):
        cut = len(before[:blank].rstrip())
    newline = "\r\n" if "\r\n" in before else "\n"
    blocks = _blocks(added).rstrip("\n").replace("\n", newline)
    return f"{before[:cut]}{newline}{newline}{blocks}{before[cut:] or newline}", added


def guesses(function: Function) -> tuple[tuple[str, str], ...]:
    """What of a function was derived by a guess: the key of the catalog, and the reason."""
    results: tuple[tuple[str, str], ...] = getattr(function, "guesses", ())
    return results


def _blocks(functions: tuple[Function, ...]) -> str:
    return "\n".join("\n".join(_block(function)) + "\n" for function in functions)


def _block(function: Function) -> Iterator[str]:
    reasons = dict(guesses(function))
    yield f"  ## {prose(f'{function.method} {function.path}')}"
    yield f"  # {function.name}:"
    for key, value in _keys(function):
        reason = f"  # a guess: {prose(reasons[key])}" if key in reasons else ""
        yield f"  #   {key}: {value}{reason}"


def _keys(function: Function) -> Iterator[tuple[str, str]]:
    yield "operation", scalar(function.operation_id)
    if function.group:
        yield "group", scalar(function.group)
    yield "verb", scalar("_".join(function.verb))
    yield "type", function.access
    for flag in ("destructive", "billed", "secret"):
        if getattr(function, flag):
            yield flag, "true"
    for key in ("title", "summary"):
        if written := prose(getattr(function, key)):
            yield key, str(yaml_literal(written))


def _unquoted(written: str) -> str:
    import yaml

    try:
        return str(yaml.safe_load(f'"{written}"'))
    except yaml.YAMLError:
        return written
