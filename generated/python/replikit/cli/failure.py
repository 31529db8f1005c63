"""How a command ends when it does not end well: one error object, one exit code."""

from __future__ import annotations

import json
import os
import sys
from typing import Any, NoReturn

OK, FAILED, USAGE, JOB, REFUSED, NOT_FOUND, RATE_LIMITED, UNREACHABLE, TOO_LONG, INTERRUPTED = (
    0,
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    130,
)

_CODES = {
    "usage": USAGE,
    "invalid_arguments": USAGE,
    "unknown_function": USAGE,
    "missing_extra": USAGE,
    "job_failed": JOB,
    "policy": REFUSED,
    "confirmation_needed": REFUSED,
    "no_token": REFUSED,
    "authentication": REFUSED,
    "permission_denied": REFUSED,
    "not_found": NOT_FOUND,
    "rate_limited": RATE_LIMITED,
    "connection": UNREACHABLE,
    "server_error": UNREACHABLE,
    "timeout": TOO_LONG,
    "interrupted": INTERRUPTED,
}


class Failure(Exception):
    """Ends the command with this error object."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.error = error
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


def fail(error: dict[str, Any]) -> NoReturn:
    """Tell on stderr, for people on a terminal and as JSON elsewhere; then exit."""
    known = {key: value for key, value in error.items() if value is not None}
    if sys.stderr.isatty():
        lines = [f"error: {known['message']}"]
        if known.get("hint"):
            lines.append(f"  hint: {known['hint']}")
        for key in ("expected", "request_id"):
            if known.get(key):
                value = known[key]
                lines.append(f"  {key}: {value if isinstance(value, str) else json.dumps(value, ensure_ascii=True)}")
        text = "\n".join(lines)
    else:
        text = json.dumps({"error": known}, ensure_ascii=True)
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    raise SystemExit(exit_code(error))
