"""What a script may read without a call: the functions, their documentation, their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import functions
from ..functions import FunctionInfo, failures
from .limits import remedy

_SHOWN = ("name", "title", "type", "classes", "summary", "description", "input_schema", "examples")


def documented(op: str, payload: Mapping[str, Any], longest: int) -> dict[str, Any]:
    """The answer to `find` (the name of a function, from any of its names) or `docs` (`do`: list, search, read, schema).

    longest: characters of what is searched for.
    """
    if op == "webhook":
        return _webhook(payload)
    do = payload.get("do") if op == "docs" else op
    known = functions.everything("lua").values() if do in ("list", "search") else ()
    match do:
        case "list":
            return {"data": list(map(_line, known))}
        case "search":
            try:
                return {"data": list(map(_line, functions.search(str(payload.get("text") or ""), known, longest)))}
            except functions.QueryError as error:
                return _error("invalid_arguments", f"docs.search: {error}", remedy("query"))
        case "find" | "read" | "schema":
            return _known(do, str(payload.get("name")))
    return _error("protocol", f"there is no {op}", "")


def _webhook(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a webhook that is signed with the secret."""
    from ..runtime import webhooks
    from ..runtime.errors import Error

    body, headers, secret = (payload.get(name) for name in ("body", "headers", "secret"))
    try:
        if not isinstance(headers, Mapping) or not isinstance(secret, str):
            return _error("invalid_arguments", "webhooks.verify needs the signing secret as a string", "")
        plain = {str(name): str(value) for name, value in headers.items()}
        return {"data": webhooks.payload(str(body), plain, secret=secret)}
    except (Error, ValueError) as problem:
        return _error("webhook", str(problem), "do not act upon it")


def _known(do: str, name: str) -> dict[str, Any]:
    try:
        info = functions.find(name, "lua")
    except functions.UnknownFunctionError as unknown:
        error = failures.unknown_function(unknown)
        return {"error": {key: value for key, value in error.items() if value is not None}}
    if do == "find":
        return {"data": info.name}
    return {"data": info.input_schema if do == "schema" else {name: getattr(info, name) for name in _SHOWN}}


def _line(info: FunctionInfo) -> dict[str, str]:
    return {"name": info.name, "type": info.type, "summary": info.summary}


def _error(kind: str, message: str, hint: str) -> dict[str, Any]:
    return {"error": {"type": kind, "message": message, "hint": hint, "retryable": False}}
