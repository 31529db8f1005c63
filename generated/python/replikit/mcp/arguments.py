"""The arguments that are the server's own, beside those of a function: what to show, from which account, whether to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..functions import FunctionInfo, Problem, check
from .options import Options

_SCHEMAS: dict[str, dict[str, Any]] = {
    "account": {"type": "string"},
    "dry_run": {"type": "boolean"},
    "images": {"type": "boolean"},
    "fields": {"type": "string"},
    "limit": {"type": "integer", "minimum": 1},
    "cursor": {"type": "string"},
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
    """Where to go on: `next` of a list, or what `truncated` told."""


def accepted(info: FunctionInfo, accounts: tuple[str, ...]) -> dict[str, Any]:
    """The schemas of what a function takes beside its own arguments. A name that it wants for itself is its own."""
    names = ["images"] if info.files_out or info.result_kind == "binary" else []
    names += ["dry_run"] if info.type == "write" else ["fields", "cursor", "limit", "dry_run"]
    own = {name: _SCHEMAS[name] for name in names}
    if accounts:
        own["account"] = {"type": "string", "enum": list(accounts)}
    return {name: schema for name, schema in own.items() if name not in info.input_schema["properties"]}


def declared(info: FunctionInfo, options: Options) -> dict[str, Any]:
    """What is listed because of how the server was started; what is always listed stands in tools.json."""
    own = accepted(info, options.accounts)
    names = {"account"} if options.accounts else set()
    if options.paging and info.type == "read" and info.result_kind == "json":
        names |= {"fields", *(["limit", "cursor"] if info.page else [])}
    return {name: schema for name, schema in own.items() if name in names}


def split(info: FunctionInfo, arguments: Mapping[str, Any], options: Options) -> tuple[Own, dict[str, Any]] | Problem:
    """The server's own arguments and the function's; the Problem of one of the former that does not fit."""
    schemas = accepted(info, options.accounts)
    given = {name: value for name, value in arguments.items() if name in schemas}
    problem = check(given, {"type": "object", "properties": schemas})
    if problem is not None:
        return problem
    return Own(**given), {name: value for name, value in arguments.items() if name not in schemas}
