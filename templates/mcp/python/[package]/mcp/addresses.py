"""Addresses of what the API shows: the call that reads something, and the URI that stands for it.

SCHEME://api/PATH?QUERY          what the function that reads this path gives
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from .. import about
from ..functions import FunctionInfo
from ..runtime import paths
from .arguments import schemas
from .options import Options

SCHEME = about.NAME.replace("_", "-")
API = f"{SCHEME}://api"


def readable(options: Options) -> list[FunctionInfo]:
    """The functions that a URI can name: they read, and their path and query hold all arguments."""
    return [info for info in options.listed.values() if _is_readable(info)]


def templated(uri: str, options: Options) -> FunctionInfo | None:
    """The function behind a template."""
    path = uri.removeprefix(API).partition("{?")[0]
    return next((info for info in readable(options) if info.path == path and uri.startswith(API)), None)


def api_uri(info: FunctionInfo, arguments: Mapping[str, Any]) -> str:
    """The resource that reads what a call reads; empty where a call is more than its path and query."""
    if not _is_readable(info):
        return ""
    names = _path_names(info.name)
    if any(name not in arguments for name in names.values()):
        return ""
    path = paths.filled(info.path, {gap: quote(str(arguments[name]), safe="") for gap, name in names.items()})
    rest = {name: value for name, value in arguments.items() if name not in names.values()}
    return f"{API}{path}" + (f"?{urlencode(rest)}" if rest else "")


def matched(uri: str, options: Options) -> tuple[FunctionInfo, dict[str, Any]] | None:
    """The function that reads a URI, and its arguments. Of several matches, the path with fewer variables wins."""
    parts = urlsplit(uri)
    for info in sorted(readable(options), key=lambda info: info.path.count("{")):
        gaps = paths.match(info.path, paths.escaped(parts.path))
        if gaps is not None:
            names = _path_names(info.name)
            arguments: dict[str, Any] = {names[gap]: unquote(text) for gap, text in gaps.items()}
            known = {**schemas(wishes(info), options), **info.input_schema["properties"]}
            for name, text in parse_qsl(parts.query):
                arguments[name] = _integer(text) if known.get(name, {}).get("type") == "integer" else text
            return info, arguments
    return None


def _integer(text: str) -> int | str:
    """The number that a text is, or the text."""
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and digits.isascii() and len(digits) < 19 else text


def wishes(info: FunctionInfo) -> tuple[str, ...]:
    """What an URI may say beside the function's arguments: which part of a document is wanted."""
    names = ("fields", *(("limit", "cursor") if info.page else ())) if info.result_kind == "json" else ()
    return tuple(name for name in names if name not in info.arguments)


def query(info: FunctionInfo) -> str:
    """The query part of a function's template, as RFC 6570 writes it."""
    known = [name for name in info.arguments if name not in _path_names(info.name).values()]
    names = [*known, *wishes(info)]
    return "{?" + ",".join(names) + "}" if names else ""


def _is_readable(info: FunctionInfo) -> bool:
    from ..operations import OPERATIONS

    if info.derived is not None:
        return False
    places = {param.location for param in OPERATIONS[info.name].params}
    return info.classes == ("read",) and info.method == "GET" and places <= {"path", "query"}


@cache
def _path_names(function: str) -> dict[str, str]:
    """The arguments in a function's path, by what they are called there."""
    from ..operations import OPERATIONS

    return {param.wire: param.name for param in OPERATIONS[function].params if param.location == "path"}
