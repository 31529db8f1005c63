"""What the mock answers when a request cannot be served: RFC 9457's problem+json."""

from __future__ import annotations

import http
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .schema import Schema, Schemas

_DETAILS = ("message", "detail", "error_description", "description", "error", "errors", "title", "reason", "msg")
_STATUSES = ("status", "code", "status_code", "statusCode")


class Problem(Exception):
    """A refusal: its status, its detail, and the fields that are to blame."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        fields: list[dict[str, Any]] | None = None,
        headers: tuple[tuple[str, str], ...] = (),
        title: str = "",
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.fields = fields or []
        self.headers = headers
        self.title = title

    def document(self) -> dict[str, Any]:
        """The body of the answer."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": self.title or _phrase(self.status),
            "status": self.status,
            "detail": self.detail,
        }
        if self.fields:
            document["invalid_fields"] = self.fields
        return document


class RecordError(ValueError):
    """A recording that cannot be made or played; the message says why."""


def _phrase(status: int) -> str:
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:  # any number from 100 to 599 is a status, registered or not
        return f"Status {status}"


def told(document: Mapping[str, Any], schemas: Schemas, schema: Schema) -> Any:
    """The fields of an error in the form that the document describes, with text and status under their usual names."""
    made = schemas.sample(schema)
    if not isinstance(made, dict):
        return schemas.fitted(document["detail"], schema)
    known = schemas.properties(schema)
    for names, value in ((_DETAILS, document["detail"]), (_STATUSES, document["status"])):
        for name in names:
            if name in known and schemas.valid(value, known[name]):
                made[name] = value
    return schemas.fitted(made, schema)
