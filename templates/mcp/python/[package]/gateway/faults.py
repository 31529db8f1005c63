"""What goes wrong between a host and a member, as an error that a model and a person can act upon."""

from __future__ import annotations

from typing import Any


class MemberError(Exception):
    """A member failed to answer a request."""

    def __init__(self, type_: str, message: str, hint: str = "", *, retryable: bool = False, **more: Any) -> None:
        super().__init__(message)
        self.error = {"type": type_, "message": message, "retryable": retryable, **more}
        if hint:
            self.error["hint"] = hint

    @classmethod
    def of(cls, error: Any) -> MemberError:
        """The error that a member answered with; whatever it is, as much of it as is one."""
        known = error if isinstance(error, dict) else {}
        kind, text = known.get("type"), known.get("message")
        made = cls(str(kind)[:80] if kind else "member", str(text)[:2_000] if text else "it failed without a reason")
        made.error |= {key: value for key, value in known.items() if key not in ("type", "message")}
        return made


class UnaskedError(MemberError):
    """A call that needs a person's consent where nobody can be asked."""


def envelope(function: str, error: dict[str, Any], api: str = "") -> dict[str, Any]:
    """The envelope of a call that was not made."""
    meta = {"api": api} if api else {}
    return {"function": function, "success": False, "data": None, "error": error, "meta": meta, "duration_ms": 0}
