"""How a command ends when it does not end well: one error object, one exit code."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

from ..runtime.visible import lines

OK, FAILED, USAGE, JOB, REFUSED, NOT_FOUND, RATE_LIMITED, UNREACHABLE, TOO_LONG = range(9)
INTERRUPTED = 130

_CODES = {
    "usage": USAGE,
    "invalid_arguments": USAGE,
    "unknown_function": USAGE,
    "missing_extra": USAGE,
    "job_failed": JOB,
    "policy": REFUSED,
    "confirmation_needed": REFUSED,
    "no_token": REFUSED,
    "config": REFUSED,
    "max_cost": REFUSED,
    "authentication": REFUSED,
    "permission_denied": REFUSED,
    "not_found": NOT_FOUND,
    "rate_limited": RATE_LIMITED,
    "connection": UNREACHABLE,
    "server_error": UNREACHABLE,
    "timeout": TOO_LONG,
    "job_timeout": TOO_LONG,
    "interrupted": INTERRUPTED,
}

_LONGEST = 2000
"""Longest message, in characters: it may quote what was typed."""
_chosen: str | None = None


def shape(format: str | None) -> None:
    """Tell in which format the command writes: its errors follow."""
    global _chosen
    _chosen = format


class Failure(Exception):
    """Ends the command with this error object, or with an envelope around it."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error
        self.envelope: dict[str, Any] | None = None
        super().__init__(error["message"])

    @classmethod
    def of(cls, type_: str, message: str, hint: str = "", **more: Any) -> Failure:
        """A failure of the command line itself."""
        return cls({"type": type_, "message": message, **({"hint": hint} if hint else {}), **more})


def usage(message: str, hint: str = "", **more: Any) -> Failure:
    """The failure of a command that was typed wrongly."""
    return Failure.of("usage", message, hint, **more)


def exit_code(error: dict[str, Any]) -> int:
    """The exit code of an error object."""
    return _CODES.get(error["type"], FAILED)


def as_text(error: dict[str, Any]) -> str:
    """An error for people. Text after a line break is indented further, where no line of ours begins."""
    import json  # here, as --help needs none

    shown = {"error": error["message"], "  hint": error.get("hint")}
    shown |= {f"  {key}": error.get(key) for key in ("expected", "request_id")}
    if error["type"] in ("error", "usage"):
        shown["  data"] = error.get("data")  # the result that could not be written, which may have been paid for
    texts = {key: v if isinstance(v, str) else json.dumps(v, ensure_ascii=True) for key, v in shown.items() if v}
    return "\n".join(f"{key}: {lines(text).strip()}".replace("\n", "\n      ") for key, text in texts.items())


def fail(failure: Failure) -> NoReturn:
    """Tell on stderr, as JSON where the output is JSON and in words for people elsewhere; then exit."""
    import json

    known = {key: value for key, value in failure.error.items() if value not in (None, "", [])}
    known["message"] = known["message"][:_LONGEST]
    words = sys.stdout.isatty() if _chosen is None else _chosen not in ("json", "jsonl") and sys.stderr.isatty()
    if failure.envelope is not None:
        text = json.dumps({**failure.envelope, "data": known.pop("data", None), "error": known}, ensure_ascii=True)
    else:
        text = as_text(known) if words else json.dumps({"error": known}, ensure_ascii=True)
    try:
        print(text, file=sys.stderr, flush=True)
    except (OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    raise SystemExit(exit_code(failure.error))
