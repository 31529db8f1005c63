"""What a script may read without a call: the functions, their documentation, their schemas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .. import functions
from ..functions import failures

_SHOWN = ("name", "title", "type", "classes", "summary", "description", "input_schema", "examples")


def documented(op: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to `find` (the name of a function, from any of its names) or `docs` (`do`: list, search, read, schema)."""
    do = payload.get("do") if op == "docs" else op
    if do in ("list", "search"):
        return {"data": _found(str(payload.get("text") or "") if do == "search" else "")}
    if do not in ("find", "read", "schema"):
        return {"error": {"type": "protocol", "message": f"nothing is called {op}", "retryable": False}}
    try:
        info = functions.find(str(payload.get("name")))
    except functions.UnknownFunctionError as unknown:
        error = failures.unknown_function(unknown)
        return {"error": {key: value for key, value in error.items() if value is not None}}
    if do == "find":
        return {"data": info.name}
    return {"data": info.input_schema if do == "schema" else {name: getattr(info, name) for name in _SHOWN}}


def _found(text: str) -> list[dict[str, str]]:
    """The functions that have all words of a text in what is said about them."""
    words = text.lower().split()
    return [
        {"name": info.name, "type": info.type, "summary": info.summary}
        for info in functions.all_functions().values()
        if all(word in f"{info.name} {info.title} {info.summary} {info.description}".lower() for word in words)
    ]
