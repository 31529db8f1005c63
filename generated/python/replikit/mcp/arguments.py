"""The arguments that are the server's own, beside those of a function: what to show, from which account, whether to."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

from ..functions import FunctionInfo, Problem, check
from ..functions.derived import WORDS
from .options import Options

_SCHEMAS: dict[str, dict[str, Any]] = {
    "account": {"type": "string"},
    "dry_run": {"type": "boolean"},
    "images": {"type": "boolean"},
    "fields": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1},
    "cursor": {"type": "string"},
    "wait": {"type": "integer", "minimum": 0},
    **{name: {"type": "object"} for name in WORDS},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """What a caller wants of the server itself."""

    account: str = ""
    dry_run: bool = False
    images: bool = False
    """Show small output images, instead of linking to them."""
    fields: str = ""
    """Dotted paths to keep, joined by commas."""
    limit: int | None = None
    """Items of a list to show."""
    cursor: str = ""
    """The position to continue at: `next` of a list, or the one in `truncated`."""
    wait: int = 0
    """Seconds that a job which is got is waited for; it is given as it is then."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """The options of a function derived from another, beside its arguments."""


@cache
def known() -> dict[str, dict[str, Any]]:
    """The tools as they were written, one for each function, by name."""
    text = files(__package__ or "").joinpath("tools.json").read_text("utf-8")
    return {each["name"]: each for each in json.loads(text)["tools"]}


def accepted(info: FunctionInfo, options: Options) -> tuple[str, ...]:
    """The arguments of a function's tool that are no arguments of the function: what is not listed is not taken."""
    written = known().get(info.name)
    if written is None:
        from .derived import own

        names = own(info)
    else:
        names = tuple(written["inputSchema"]["properties"])
    names = (*names, "account") if options.accounts else names
    return tuple(name for name in names if name not in info.arguments)


def schemas(names: Iterable[str], options: Options) -> dict[str, Any]:
    """What fits the server's own arguments."""
    schemas_ = {name: _SCHEMAS[name] for name in names}
    return (
        {**schemas_, "account": {"type": "string", "enum": list(options.accounts)}}
        if "account" in schemas_
        else schemas_
    )


def read(arguments: Mapping[str, Any], options: Options) -> Own | Problem:
    """The server's own arguments, or the Problem of an invalid one."""
    problem = check(arguments, {"type": "object", "properties": schemas(arguments, options)})
    named = {("options" if name in WORDS else name): value for name, value in arguments.items()}
    return Own(**named) if problem is None else problem
